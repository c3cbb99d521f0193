"""What followed first cuts or troughs, against what follows any month."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments, as_known
from analysis.designs.event_study.date_tests import (
    Schemes,
    by_scheme,
    comparison_table,
    date_tests,
    null_histograms,
    without_one,
)
from analysis.designs.event_study.findings import EPISODES, MEASURES, Sample, finding_of
from analysis.designs.event_study.joint_grid import joint_grid
from analysis.designs.event_study.windows import Windows, windows_of
from analysis.designs.event_study.wording import event_words
from analysis.designs.registry import Sampling, Specification, Study, design
from analysis.inference.curves import SpecificationCurve
from analysis.inference.windows import event_paths
from analysis.panel import Dataset

#: Months shown before and after each event.
PATH_BEFORE, PATH_AFTER = 12, 36

AXES = ("leg", "date_rule", "horizon", "start", "link", "era")


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

        Month (YYYY-MM) under the name of the event, ``recession linked`` and ``gap wide`` where
        those are registered, ``return`` (decimal over the window), ``small won`` and ``note``.
        """
        return _event_table(self.windows, self.specification.arguments)

    @property
    def groups(self) -> pd.DataFrame:
        """Events with a complete window by what sets them apart.

        ``first cuts`` (or ``ends of a recession``), ``number``, ``mean`` (decimal over the window)
        and ``won``, the share of them above zero; the last row is every window of the sample.
        """
        return _group_table(self.windows, self.specification.arguments)

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


@design(arguments=EventStudyArguments, measures=MEASURES, axes=AXES, episodes=EPISODES)
def event_study(
    dataset: Dataset, specification: Specification[EventStudyArguments], sampling: Sampling
) -> EventStudy:
    """Test whether returns after some dates differ from those after any date."""
    arguments = specification.arguments
    every = joint_grid(dataset, specification)
    sample = _sample(dataset, arguments)
    knowable = as_known(arguments)
    known = sample if knowable == arguments else _sample(dataset, knowable)
    return EventStudy(
        specification,
        finding=finding_of(sample, known, every.test),
        grid=every.rows,
        windows=sample.windows,
        joint=every.test,
        sampling=sampling,
    )


def _sample(dataset: Dataset, arguments: EventStudyArguments) -> Sample:
    windows = windows_of(dataset, arguments)
    return Sample(arguments, windows, date_tests(windows, arguments))


def _event_table(windows: Windows, arguments: EventStudyArguments) -> pd.DataFrame:
    months = windows.months
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
            "return": returns,
            "small won": np.where(inside, np.where(returns > 0, "yes", "no"), ""),
            "note": ["; ".join(filter(None, pair)) for pair in notes],
        }
    )
    marks = {"gap wide": windows.wide, "recession linked": windows.state}
    for head, state in marks.items():
        if state is not None:
            known = state.reindex(months).map({True: "yes", False: "no"}).fillna("unknown")
            table.insert(1, head, known.to_numpy())
    return table


def _group_table(windows: Windows, arguments: EventStudyArguments) -> pd.DataFrame:
    places, values = windows.dated, windows.values
    months, outcomes = values.index[places], values.to_numpy()[places]
    names = pd.Series("all", index=months)
    if windows.state is not None:
        ahead = windows.state.reindex(months)
        names = ahead.map({True: "a recession followed", False: "no recession followed"})
    if windows.wide is not None:
        wide = windows.wide.reindex(months)
        names = names + wide.map({True: ", the gap was wide", False: ", the gap was not wide"})
    groups = [(name, outcomes[names.to_numpy() == name]) for name in sorted(names.unique())]
    groups.append((f"any {arguments.horizon} months", values.to_numpy()))
    rows = [(name, len(part), part.mean(), (part > 0).mean()) for name, part in groups if len(part)]
    head = event_words(arguments.model_copy(update={"followed_by": "any", "wide_percentile": None}))
    return pd.DataFrame(rows, columns=[head.many, "number", "mean", "won"])
