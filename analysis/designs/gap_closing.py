"""Whether the valuation gap closes: the share gone over some years, against a random walk's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    Horizon,
    LegName,
    WidePercentile,
    each_basis,
)
from analysis.designs.gap_windows import (
    begins_window,
    months_of,
    too_few,
    window_headline,
    window_numbers,
)
from analysis.designs.grids import grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.closing import Closing, closing
from analysis.inference.joint_histories import Window
from analysis.panel import Dataset
from analysis.panel.gaps import PAST, GapSample, bases_of, gap_sample
from analysis.panel.spells import independent_episodes, wide_spells
from analysis.results import Finding, p_words

AXES = ("leg", "basis", "era", "horizon")

ESTIMATES = ("closed", "low", "high", "p", "windows")

EPISODES = (
    "basis", "wide from", "gap", "usual", "change", "through returns", "through book values",
)  # fmt: skip

MEASURES = {
    "closed_share": "share",
    "closing_p": "p-value",
    "closed_high": "share",
    "returns_share": "share",
    "books_share": "share",
    "wide_episodes_complete": "count",
}


class GapClosingArguments(Arguments):
    """Whose gap is followed, for how long, and what is wide."""

    leg: LegName
    basis: BasisName
    era: EraName
    horizon: Horizon
    wide_percentile: WidePercentile
    history_months: HistoryMonths


@dataclass(frozen=True)
class GapClosing(Study):
    """The finding, and what each wide gap did afterwards.

    Attributes
    ----------
    samples : mapping of str to GapSample
        By basis.
    slower : str
        The basis whose closing is less sure; it counts.
    """

    samples: Mapping[str, GapSample] = field(repr=False)
    slower: str

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Separate wide gaps in log points, and what the horizon's months made of each.

        ``usual`` is the median known then; ``change`` is the sum of the two columns after it.
        The last three are empty where the months have not passed.
        """
        arguments, rows = self.specification.arguments, []
        for basis, sample in self.samples.items():
            if sample.refusal is None:
                rows += _episodes(sample, basis, arguments)
        return pd.DataFrame(rows, columns=list(EPISODES))


@design(arguments=GapClosingArguments, measures=MEASURES, axes=AXES)
def gap_closing(
    dataset: Dataset, specification: Specification[GapClosingArguments], sampling: Sampling
) -> GapClosing:
    """Test whether a gap closes faster than a random walk seems to; the slower basis counts."""
    arguments = specification.arguments
    own: list[dict[str, Any]] = [
        {"leg": arguments.leg, "basis": basis, "era": arguments.era, "horizon": arguments.horizon}
        for basis in bases_of(arguments.basis)
    ]
    chosen = list(each_basis(specification.combinations(*AXES)))
    samples: dict[str, GapSample] = {}
    windows: list[Window] = []
    places, reasons = [], []
    for one in own + chosen:
        name = f"{one['leg']}/{one['basis']}"
        if name not in samples:
            samples[name] = gap_sample(dataset, one["leg"], "gap", one["basis"], "full")
        starts, reason = _starts(samples[name], one)
        reasons.append(reason)
        places.append(len(windows) if not reason else None)
        if not reason:
            windows.append(Window(name, starts, int(one["horizon"])))
    used = {window.pair for window in windows}
    gaps = {name: samples[name].gap for name in samples if name in used}
    found = closing(gaps, windows, sampling.draws, sampling.seed)
    by_basis = {one["basis"]: samples[f"{one['leg']}/{one['basis']}"] for one in own}
    outcomes = (
        reason if place is None else window_numbers(found, place, windows[place])
        for place, reason in zip(places[len(own) :], reasons[len(own) :], strict=True)
    )
    grid = grid_table(AXES, ESTIMATES, zip(chosen, outcomes, strict=True))
    tried = {one["basis"]: p for one, p in zip(own, places, strict=False) if p is not None}
    slower = max(tried or by_basis, key=lambda basis: found.p_of(tried[basis]) if tried else 0.0)
    finding = _finding(
        by_basis, slower, places[: len(own)], reasons, windows, found, arguments, chosen
    )
    return GapClosing(specification, finding, grid, by_basis, slower)


def _starts(sample: GapSample, one: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """Places of the months a gap is followed from, and why there are too few; empty if not."""
    none = np.empty(0, dtype=np.int64)
    if sample.refusal is not None:
        return none, sample.refusal.reason
    months, horizon = sample.gap.index, int(one["horizon"])
    if not len(months_of(months, one["era"])):
        return none, "the gap has no month in this era"
    starts = np.flatnonzero(begins_window(months, one["era"], horizon))
    return starts, too_few(starts, horizon)


def _finding(
    samples: Mapping[str, GapSample],
    slow: str,
    places: list[int | None],
    reasons: list[str],
    windows: list[Window],
    found: Closing,
    arguments: GapClosingArguments,
    chosen: list[dict[str, Any]],
) -> Finding:
    if any(place is None for place in places):
        return Finding.refused(next(filter(None, reasons)))
    own = {basis: int(place or 0) for basis, place in zip(samples, places, strict=True)}
    place, sample, years = own[slow], samples[slow], arguments.horizon / 12
    share, window = found.corrected(place)[0], windows[place]
    through = _through_returns(sample, window)
    observed = float(found.shares[place])
    complete = [
        sum(1 for row in _episodes(one, basis, arguments) if math.isfinite(row["change"]))
        for basis, one in samples.items()
    ]
    return Finding(
        **window_headline(found, place, window, sample.gap.index),
        unit=f"share of a gap closed in {arguments.horizon} months beyond a random walk's",
        null="the gap goes nowhere: a random walk with the same shocks",
        finding=(
            f"Over {years:g} years {observed:.0%} of a gap's distance from its mean went, where a"
            f" gap that goes nowhere would seem to lose {observed - share:.0%}"
            f" (p {p_words(found.p_of(place))}). Of the {observed:.0%},"
            f" {through:.0%} came through returns and {observed - through:.0%} through new book"
            " values."
        ),
        sensitivity=_sensitivity(own, found),
        measures={
            "closed_share": share,
            "closing_p": found.p_of(place),
            "closed_high": max(found.corrected(one)[2] for one in own.values()),
            "returns_share": through,
            "books_share": observed - through,
            "wide_episodes_complete": min(complete),
        },
        joint_p=found.joint_p if chosen else None,
    )


def _through_returns(sample: GapSample, window: Window) -> float:
    """Share of a gap that closes because small caps return more: the same slope, of returns."""
    moved = np.concatenate([[0.0], np.cumsum(np.log1p(sample.returns.to_numpy(float)))])
    won = moved[window.starts + window.horizon + 1] - moved[window.starts + 1]
    gap = sample.gap.to_numpy(float)[window.starts]
    gap = gap - gap.mean()
    return float(gap @ won / (gap @ gap))


def _episodes(
    sample: GapSample, basis: str, arguments: GapClosingArguments
) -> list[dict[str, Any]]:
    gap, horizon = sample.gap, arguments.horizon
    won = np.log1p(sample.returns)
    spells = wide_spells(gap, arguments.wide_percentile, arguments.history_months)
    rows = []
    for first in independent_episodes(spells, horizon):
        last = first + horizon
        change = through = float("nan")
        if last in gap.index:
            change = float(gap[last] - gap[first])
            through = -float(won.loc[first + 1 : last].sum())
        usual = float(gap.loc[:first].median())
        numbers = (float(gap[first]), usual, change, through, change - through)
        rows.append(dict(zip(EPISODES, (basis, str(first), *numbers), strict=True)))
    return rows


def _sensitivity(own: Mapping[str, int], found: Closing) -> str:
    parts = "; ".join(
        f"{basis} basis: {found.corrected(place)[0]:.0%} beyond a random walk's,"
        f" p {p_words(found.p_of(place))}"
        for basis, place in own.items()
        if basis != PAST
    )
    return f"{parts}."
