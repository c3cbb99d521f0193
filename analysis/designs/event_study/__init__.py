"""What followed first cuts or troughs, against what follows any month."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.date_tests import (
    Schemes,
    by_scheme,
    comparison_table,
    date_tests,
    null_histograms,
    without_one,
)
from analysis.designs.event_study.findings import MEASURES, finding_of
from analysis.designs.event_study.joint_grid import joint_grid
from analysis.designs.event_study.windows import Windows, windows_of
from analysis.designs.event_study.wording import event_words, return_words
from analysis.designs.registry import Sampling, Specification, Study, design
from analysis.inference.curves import SpecificationCurve
from analysis.inference.windows import event_paths
from analysis.panel import Dataset

#: Months shown before and after each event.
PATH_BEFORE, PATH_AFTER = 12, 36

AXES = ("leg", "long", "short", "date_rule", "horizon", "start", "link", "era")


@dataclass(frozen=True)
class EventStudy(Study):
    """The finding, and what stands behind it.

    Attributes
    ----------
    windows : Windows
        Outcomes by month, and the events.
    joint : SpecificationCurve
        The joint test of the grid, over all circular shifts; may be refused.
    sampling : Sampling
        For the random dates that are shown.
    """

    windows: Windows = field(repr=False)
    joint: SpecificationCurve = field(repr=False)
    sampling: Sampling = field(repr=False)

    @property
    def events(self) -> pd.DataFrame:
        """Every event of the date rule: what followed it, or why it is left out.

        Month (YYYY-MM) under the name of the event, ``recession linked`` where a link is
        registered, the return (decimal over the window) and whether it was above zero under the
        names that the leg or pair gives them, and ``note``.
        """
        return _event_table(self.windows, self.specification.arguments)

    @property
    def complete(self) -> pd.DataFrame:
        """`events` with a complete window."""
        inside = self.windows.months.isin(self.windows.values.index)
        return self.events[inside].drop(columns="note").reset_index(drop=True)

    @property
    def base(self) -> dict[str, float]:
        """Mean of all windows, decimal, and the share above zero; empty without windows."""
        values = self.windows.values
        if values.empty:
            return {}
        return {"mean": float(values.mean()), "rate": float((values > 0).mean())}

    @property
    def paths(self) -> pd.DataFrame:
        """Cumulative return around each event: ``event, offset, cumulative, linked``."""
        windows = self.windows
        inside = [month for month in windows.months if month in windows.spread.index]
        paths = event_paths(windows.spread, inside, PATH_BEFORE, PATH_AFTER)
        state = windows.state
        linked = False if state is None else paths["event"].map(state).astype(bool)
        return paths.assign(linked=linked)

    @cached_property
    def schemes(self) -> Schemes:
        """The events against other dates by each way of picking them."""
        return by_scheme(self.windows, self.sampling)

    @property
    def tests(self) -> pd.DataFrame:
        """`schemes` as a table."""
        return comparison_table(self.schemes)

    @property
    def null_means(self) -> pd.DataFrame:
        """Histogram of the mean return after other dates, by scheme."""
        return null_histograms(self.schemes)

    @property
    def without_one(self) -> pd.DataFrame:
        """Mean and win rate with each event left out."""
        return without_one(self.windows)

    @property
    def curve(self) -> pd.DataFrame:
        """The specifications that are judged together, each with its own p-value."""
        return self.joint.table if self.joint else pd.DataFrame({"reason": []})


@design(
    arguments=EventStudyArguments,
    measures=MEASURES,
    axes=AXES,
    judged_by_grid=True,
    fewest_draws=999,
)
def event_study(
    dataset: Dataset, specification: Specification[EventStudyArguments], sampling: Sampling
) -> EventStudy:
    """Test whether returns after some dates differ from those after any date."""
    arguments = specification.arguments
    windows, every = windows_of(dataset, arguments), joint_grid(dataset, specification)
    tests = date_tests(windows, arguments, sampling)
    return EventStudy(
        specification,
        finding=finding_of(windows, tests, every.test, arguments),
        grid=every.rows,
        windows=windows,
        joint=every.test,
        sampling=sampling,
    )


def _event_table(windows: Windows, arguments: EventStudyArguments) -> pd.DataFrame:
    months, heads = windows.months, return_words(arguments)
    returns = windows.values.reindex(months).to_numpy()
    inside = ~np.isnan(returns)
    notes = zip(
        (windows.why_left_out(month) for month in months),
        windows.dates["flag"].fillna(""),
        strict=True,
    )
    table = pd.DataFrame(
        {
            event_words(arguments).one: months.astype(str),
            heads.head: returns,
            heads.won_head: np.where(inside, np.where(returns > 0, "yes", "no"), ""),
            "note": ["; ".join(filter(None, pair)) for pair in notes],
        }
    )
    state = windows.state
    if state is not None:
        known = state.reindex(months).map({True: "yes", False: "no"}).fillna("unknown")
        table.insert(1, "recession linked", known.to_numpy())
    return table
