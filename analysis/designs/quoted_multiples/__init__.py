"""Whether the multiples a claim quotes agree with its note, the other notes and with print.

:mod:`.multiples` holds what is registered and what follows from it, :mod:`.comparisons` sets
figures against each other, :mod:`.published` against print, :mod:`.agreement` makes the finding and
:mod:`.tables` what a reader sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.designs.quoted_multiples.agreement import (
    agreement_finding,
    agreement_of,
    conflict_grid,
)
from analysis.designs.quoted_multiples.multiples import (
    Multiple,
    QuotedMultiplesArguments,
    Quoting,
    quotations,
)
from analysis.designs.quoted_multiples.published import closed_figures, history
from analysis.designs.quoted_multiples.tables import (
    contradictions,
    forecast_table,
    implication_table,
    loss_maker_table,
    multiple_table,
    standing_table,
)
from analysis.designs.registry import Sampling, Study, design
from analysis.panel import Dataset

__all__ = ["QuotedMultiples", "QuotedMultiplesArguments", "quoted_multiples"]

MEASURES = {
    "conflict": "times what is allowed",
    "within_note": "relative difference",
    "between_notes": "relative difference",
    "against_published": "relative difference",
}


@dataclass(frozen=True)
class QuotedMultiples(Study):
    """The finding on one claim, and tables of all notes' multiples.

    The notes' own figures are the claim at any date; published figures are those seen by then. The
    grid has ``tolerance, conflict, reason``.

    Attributes
    ----------
    dataset : Dataset
    quoted : tuple of Multiple
        All notes, printed and implied.
    """

    dataset: Dataset = field(repr=False)
    quoted: tuple[Multiple, ...] = field(repr=False)

    @cached_property
    def multiples(self) -> pd.DataFrame:
        """Every multiple of the notes, printed and implied."""
        facts = self.dataset.facts["forward_pe"]["known_month"].dropna()
        return multiple_table(self.quoted, max([self.dataset.as_of, *facts]))

    @cached_property
    def implications(self) -> pd.DataFrame:
        """Relative P/E, discount, norm and the way back to it, by claim."""
        return implication_table(self.quoted)

    @cached_property
    def contradictions(self) -> pd.DataFrame:
        """Who contradicts whom, and what would reconcile them."""
        allowed = self.specification.arguments
        return contradictions(self.quoted, self._closed, allowed.rounding, allowed.tolerance)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Each printed figure among those published near its date."""
        allowed = self.specification.arguments
        return standing_table(self.quoted, self._closed, allowed.reach, allowed.tolerance)

    @cached_property
    def loss_makers(self) -> pd.DataFrame:
        """Share of profits loss-makers must take away."""
        return loss_maker_table(self.quoted)

    @cached_property
    def forward(self) -> pd.DataFrame:
        """Published forward P/Es of small-cap indices over time, by line."""
        return history(self._closed, "forward_pe")

    @cached_property
    def relative(self) -> pd.DataFrame:
        """Published relative forward P/Es over time, by line."""
        return history(self._closed, "relative_forward_pe")

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """Bank forecasts with the multiple they started from, dated near a note."""
        months = pd.PeriodIndex([multiple.month for multiple in self.quoted])
        facts = self.dataset.facts["bank_forecasts"]
        return forecast_table(facts, months, self.specification.arguments.reach)

    @cached_property
    def _closed(self) -> pd.DataFrame:
        return closed_figures(self.dataset.facts["forward_pe"])


@design(
    arguments=QuotedMultiplesArguments,
    measures=MEASURES,
    axes=("tolerance",),
    asks_for_peers=True,
)
def quoted_multiples(
    dataset: Dataset, specification: Quoting, sampling: Sampling
) -> QuotedMultiples:
    """Set a claim's multiples against its own note's, the other notes' and published ones."""
    claims = sorted((specification, *specification.peers), key=_place)
    quoted = quotations(claims)
    figures = closed_figures(dataset.facts["forward_pe"])
    agreement = agreement_of(specification, quoted, figures)
    return QuotedMultiples(
        specification,
        agreement_finding(specification, agreement, str(dataset.as_of)),
        conflict_grid(specification, agreement),
        dataset,
        quoted,
    )


def _place(quoting: Quoting) -> tuple[str, str]:
    """By note and claim: the order must not depend on whose study it is."""
    return quoting.arguments.note, quoting.claim
