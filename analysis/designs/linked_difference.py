"""Whether first cuts tied to a recession were followed by more than the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, Horizon, LegName, Month, Start
from analysis.designs.event_study.arguments import DateRule, EventStudyArguments
from analysis.designs.event_study.windows import event_months, windows_of
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.linked_windows import KindDifference, joint_kind_p, kind_difference
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, legs_of
from analysis.panel.eras import in_era
from analysis.panel.fund_pairs import leg_returns
from analysis.panel.recessions import recession_within
from analysis.results import Finding, InputError, p_words

AXES = ("leg", "date_rule", "horizon", "start", "link", "era")

ESTIMATES = ("difference", "low", "high", "p", "linked", "others")

MEASURES = {
    "difference": "decimal return over the window",
    "difference_p": "p-value",
    "difference_high": "decimal return over the window",
    "linked_mean": "decimal return over the window",
    "other_mean": "decimal return over the window",
}


class LinkedDifferenceArguments(Arguments):
    """Which cuts, what followed them, and how near a recession ties them to it."""

    leg: LegName
    date_rule: DateRule
    horizon: Horizon
    start: Start
    link: Annotated[int, Field(ge=0, le=60, description="months within which a recession follows")]
    era: EraName
    sample_start: Month


@dataclass(frozen=True)
class LinkedDifference(Study):
    """The finding, and every cut behind it.

    Attributes
    ----------
    events : DataFrame
        ``first cut`` (YYYY-MM), ``recession linked`` (yes or no), ``return`` (decimal over the
        window).
    """

    events: pd.DataFrame = field(repr=False)


@design(
    arguments=LinkedDifferenceArguments, measures=MEASURES, axes=AXES, episodes=("difference_p",)
)
def linked_difference(
    dataset: Dataset,
    specification: Specification[LinkedDifferenceArguments],
    sampling: Sampling,
) -> LinkedDifference:
    """Test whether linked cuts did better than the others, by giving the link to others of them."""
    arguments = specification.arguments
    months, outcomes, marked = _events(dataset, arguments)
    found = kind_difference(outcomes, marked, sampling.draws, sampling.seed)
    grid, parts = _grid(dataset, specification, sampling)
    joint = joint_kind_p(parts, sampling.draws, sampling.seed)
    events = pd.DataFrame(
        {
            "first cut": months.astype(str),
            "recession linked": np.where(marked, "yes", "no"),
            "return": outcomes,
        }
    )
    finding = _finding(found, months, arguments, joint)
    if finding.refusal is None:
        episodes = _without_each(months, outcomes, marked, sampling)
        finding = replace(finding, without_one=episodes)
    return LinkedDifference(specification, finding, grid, events)


def _without_each(
    months: pd.PeriodIndex, outcomes: np.ndarray, marked: np.ndarray, sampling: Sampling
) -> dict[str, dict[str, float]]:
    """What decides without each cut; NaN where too few of a kind are left."""
    found = {}
    for place, month in enumerate(months):
        rest = np.arange(len(months)) != place
        without = kind_difference(outcomes[rest], marked[rest], sampling.draws, sampling.seed)
        p_value = np.nan if without.refusal is not None else float(without.p_value or 0.0)
        found[str(month)] = {"difference_p": p_value}
    return found


def _events(
    dataset: Dataset, arguments: LinkedDifferenceArguments
) -> tuple[pd.PeriodIndex, np.ndarray, np.ndarray]:
    """Months of the cuts with a complete window, what followed each, and whether it is linked."""
    windows = windows_of(
        dataset,
        EventStudyArguments(
            leg=arguments.leg,
            events="first_cuts",
            date_rule=arguments.date_rule,
            strata_link=arguments.link,
            horizon=arguments.horizon,
            start=arguments.start,
            era=arguments.era,
            sample_start=arguments.sample_start,
            fewest_events=2,
            statistic="lead",
            claimed_lead=0.05,
        ),
    )
    months = pd.PeriodIndex(windows.values.index[windows.dated], freq="M")
    state = windows.strata
    marked = np.zeros(len(months), dtype=bool)
    if state is not None and len(months):
        marked = state.reindex(months).to_numpy(dtype=bool)
    return months, windows.values.to_numpy()[windows.dated], marked


class _Shared:
    """The events of many specifications of one data set, each part of them made once.

    The same as :func:`_events`, which lays every specification out on its own.
    """

    def __init__(self, dataset: Dataset, sample_start: str) -> None:
        self._dataset = dataset
        self._from = sample_start
        self._first = dataset.monthly.index[0].ordinal
        self._spread = cache(self._spread_of)
        self._windows = cache(self._windows_of)
        self._dates = cache(self._dates_of)
        self._ahead = cache(self._ahead_of)
        self._months = cache(self._months_of)

    def events(
        self, leg: str, date_rule: str, horizon: int, start: int, link: int, era: str
    ) -> tuple[pd.PeriodIndex, np.ndarray, np.ndarray]:
        """Months of the cuts with a complete window, what followed, and whether it is linked."""
        first, values = self._windows(leg, horizon, start, era)
        dates, months = self._months(date_rule, first, first + len(values))
        return months, values[dates - first], self._ahead(link)[dates - self._first]

    def _spread_of(self, leg: str) -> pd.Series:
        return leg_returns(self._dataset, leg).loc[self._from :]

    def _windows_of(self, leg: str, horizon: int, start: int, era: str) -> tuple[int, np.ndarray]:
        """Number of the first month with a complete window, and all of them from there on."""
        values = in_era(forward_sums(self._spread(leg), horizon, start), era)
        return (values.index[0].ordinal if len(values) else 0), values.to_numpy()

    def _dates_of(self, rule: str) -> np.ndarray:
        return np.unique(event_months(self._dataset, rule).asi8)

    def _months_of(self, rule: str, first: int, end: int) -> tuple[np.ndarray, pd.PeriodIndex]:
        """Dates of a rule from one month to before another, as numbers and as months."""
        dates = self._dates(rule)
        dates = dates[(dates >= first) & (dates < end)]
        return dates, pd.PeriodIndex.from_ordinals(dates, freq="M")

    def _ahead_of(self, link: int) -> np.ndarray:
        return recession_within(self._dataset, link).to_numpy()


def _grid(
    dataset: Dataset,
    specification: Specification[LinkedDifferenceArguments],
    sampling: Sampling,
) -> tuple[pd.DataFrame, list[tuple[pd.PeriodIndex, np.ndarray, np.ndarray]]]:
    held, parts = legs_of(dataset.monthly), []
    rows: list[tuple[dict[str, Any], Outcome]] = []
    shared = _Shared(dataset, specification.arguments.sample_start)
    for one in specification.combinations(*AXES):
        if one["leg"] not in held:
            rows.append((one, "the data set does not hold this leg"))
            continue
        part = shared.events(**one)
        found = kind_difference(part[1], part[2], sampling.draws, sampling.seed)
        if found.refusal is not None:
            rows.append((one, found.refusal))
            continue
        parts.append(part)
        numbers = (found.estimate, found.ci_low, found.ci_high, found.p_value)
        rows.append((one, (*numbers, found.marked, found.others)))
    return grid_table(AXES, ESTIMATES, rows), parts


def _finding(
    found: KindDifference,
    months: pd.PeriodIndex,
    arguments: LinkedDifferenceArguments,
    joint: float | None,
) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    spread = found.error * np.sqrt(found.n)
    return Finding(
        **found.headline()
        | {"unit": f"decimal return over {arguments.horizon} months, linked less the others"},
        mde=minimum_detectable(found.error),
        more_needed=_more(found, spread),
        null=found.null,
        sample_start=str(months[0]),
        sample_end=str(months[-1]),
        finding=(
            f"After the {found.marked} first cuts that a recession followed within {arguments.link}"
            f" months small minus large was {found.marked_mean:+.1%} over {arguments.horizon}"
            f" months, after the other {found.others} {found.other_mean:+.1%}: a difference of"
            f" {100 * found.estimate:+.1f} points (95% interval {100 * found.ci_low:+.1f} to"
            f" {100 * found.ci_high:+.1f}, p {p_words(float(found.p_value or 0))})."
        ),
        sensitivity="Whether a recession follows is known only afterwards.",
        measures={
            "difference": found.estimate,
            "difference_p": float(found.p_value or 0.0),
            "difference_high": found.ci_high,
            "linked_mean": found.marked_mean,
            "other_mean": found.other_mean,
        },
        joint_p=joint,
        usable_in_time=False,
        in_time="No recession was announced when its first cut was made.",
    )


def _more(found: KindDifference, spread: float) -> str:
    try:
        needed = more_events_needed(found.estimate, spread, found.n, unit="cuts")
    except InputError:
        return "no number of cuts"
    return f"{needed} to detect a difference of the size found"
