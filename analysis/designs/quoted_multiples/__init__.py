"""Whether the multiples a claim quotes agree with its note, the other notes and with print.

Like is held against like: the same index, earnings, treatment of loss-makers and date.
:mod:`.registered` holds what a claim registers, :mod:`.multiples` what follows from it;
:mod:`.comparisons` sets the notes' figures against each other, :mod:`.standing` against what
:mod:`.published` reads from the facts; :mod:`.agreement` makes the finding, :mod:`.tables` what a
reader sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.designs.quoted_multiples.agreement import (
    agreement_finding,
    agreement_of,
    tolerance_grid,
)
from analysis.designs.quoted_multiples.comparisons import Allowance, Comparison, compare_all
from analysis.designs.quoted_multiples.multiples import Multiple, quotations
from analysis.designs.quoted_multiples.published import (
    Published,
    closed_figures,
    history,
    published_multiples,
)
from analysis.designs.quoted_multiples.registered import (
    TRAILING,
    QuotedMultiplesArguments,
    Quoting,
)
from analysis.designs.quoted_multiples.standing import MATCHED, standing_of
from analysis.designs.quoted_multiples.tables import (
    contradiction_table,
    forecast_table,
    implication_table,
    loss_maker_table,
    match_table,
    multiple_table,
    reconcilable_table,
)
from analysis.designs.registry import Sampling, Study, design
from analysis.panel import Dataset
from analysis.results import number_word

__all__ = ["QuotedMultiples", "QuotedMultiplesArguments", "quoted_multiples"]

MEASURES = {
    "conflicts": "count",
    "contradicted_figures": "count",
    "matched_figures": "count",
    "unpublished_figures": "count",
    "luck": "share",
}


@dataclass(frozen=True)
class QuotedMultiples(Study):
    """The finding on one claim, and tables of all notes' multiples.

    The notes' own figures are the claim at any date; published figures are those seen by then. The
    grid has ``tolerance, conflicts, contradicted, unpublished, luck, reason``.

    Attributes
    ----------
    dataset : Dataset
    quoted : tuple of Multiple
        All notes, stated and implied.
    published : tuple of Published
    """

    dataset: Dataset = field(repr=False)
    quoted: tuple[Multiple, ...] = field(repr=False)
    published: tuple[Published, ...] = field(repr=False)

    @cached_property
    def multiples(self) -> pd.DataFrame:
        """Every multiple of the notes by index, definition and date."""
        facts = self.dataset.facts["forward_pe"]["known_month"].dropna()
        return multiple_table(self.quoted, max([self.dataset.as_of, *facts]))

    @property
    def answer(self) -> str:
        """How far the notes lie apart, and how much of it is left like with like."""
        forward = [m for m in self.quoted if m.printed and m.is_small and m.earnings != TRAILING]
        notes, left = len({m.note for m in self.quoted}), len(self.contradictions)
        once = "pair contradicts itself" if left == 1 else "pairs contradict each other"
        return (
            f"The {number_word(notes)} notes price small caps at {min(m.low for m in forward):.1f}"
            f" to {max(m.high for m in forward):.1f} times expected earnings. Once the index, the"
            " earnings and the treatment of firms that lose money are the same, only"
            f" {number_word(left)} {once}; {len(self.reconcilable)} more differ because their"
            " definitions or dates do, or are not said."
        )

    @cached_property
    def implications(self) -> pd.DataFrame:
        """Relative P/E, discount, norm and the way back to it, by claim."""
        return implication_table(self.quoted)

    @cached_property
    def contradictions(self) -> pd.DataFrame:
        """Who contradicts whom, like held against like."""
        return contradiction_table(self._comparisons)

    @cached_property
    def reconcilable(self) -> pd.DataFrame:
        """Figures that differ because definitions or dates do, or are not said."""
        return reconcilable_table(self._comparisons)

    @cached_property
    def matches(self) -> pd.DataFrame:
        """Each figure of the notes beside print of the same definition and dates."""
        tolerance = self.specification.arguments.tolerance
        return match_table(
            standing_of(m, self.published, tolerance) for m in self.quoted if m.stated
        )

    @property
    def unmatched(self) -> pd.DataFrame:
        """Figures that print of their dates does not confirm, with the nearest of any date."""
        columns = ["figure", "definition", "dates", "print", "nearest at any date"]
        return self.matches.loc[self.matches["print"].ne(MATCHED), columns].reset_index(drop=True)

    @cached_property
    def loss_makers(self) -> pd.DataFrame:
        """Share of profits loss-makers must take away."""
        return loss_maker_table(self.quoted)

    @cached_property
    def forward(self) -> pd.DataFrame:
        """Published forward P/Es of small-cap indices over time, by line."""
        return history(closed_figures(self.dataset.facts["forward_pe"]), "forward_pe")

    @cached_property
    def relative(self) -> pd.DataFrame:
        """Published relative forward P/Es over time, by line."""
        return history(closed_figures(self.dataset.facts["forward_pe"]), "relative_forward_pe")

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """Bank forecasts with the multiple they started from, of the notes' dates."""
        return forecast_table(self.dataset.facts["bank_forecasts"], self.quoted)

    @cached_property
    def _comparisons(self) -> list[Comparison]:
        arguments = self.specification.arguments
        return compare_all(self.quoted, Allowance(arguments.tolerance, arguments.monthly_move))


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
    published = published_multiples(closed_figures(dataset.facts["forward_pe"]))
    agreement = agreement_of(specification, quoted, published)
    grid = tolerance_grid(specification, quoted, published)
    return QuotedMultiples(
        specification,
        agreement_finding(specification, agreement, grid),
        grid,
        dataset,
        quoted,
        published,
    )


def _place(quoting: Quoting) -> tuple[str, str]:
    """By note and claim: the order must not depend on whose study it is."""
    return quoting.arguments.note, quoting.claim
