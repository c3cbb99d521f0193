"""The grids of the first-cut claims: legs, date rules, horizons, starts, links and eras at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.events import first_cuts
from analysis.results import Refusal

#: First month of the second era: the size premium was published in 1981.
ERA_BREAK = pd.Period("1981-01", "M")

#: A specification with fewer events than this is left out, with its reason.
FEWEST_EVENTS = 3

#: Months without an event that separate one easing episode from the next in the joint test.
EPISODE_GAP = 12


@dataclass(frozen=True)
class Sample:
    """The primary specification's outcomes and events.

    Attributes
    ----------
    spread : Series
        Monthly small minus large from the first month of the sample.
    values : Series
        Return of the window that belongs to each month.
    cuts : PeriodIndex
        First cuts by the date rule.
    linked : Series of bool
        Whether a recession month falls within the link of each month.
    """

    spread: pd.Series
    values: pd.Series
    cuts: pd.PeriodIndex
    linked: pd.Series


@dataclass(frozen=True)
class CurveFrames:
    """What :func:`analysis.inference.curves.specification_curve` is given for one claim.

    Attributes
    ----------
    outcomes, events, eras : DataFrame, one row a month
    specifications : DataFrame, one row a specification
    """

    outcomes: pd.DataFrame
    events: pd.DataFrame
    specifications: pd.DataFrame
    eras: pd.DataFrame


def recession_ahead(recession: pd.Series, months: int) -> pd.Series:
    """Whether an NBER recession month falls in t to t + `months`.

    Months after the end of the data count as no recession.

    Parameters
    ----------
    recession : Series of 0 and 1
    months : int

    Returns
    -------
    Series of bool, same index.
    """
    ahead = recession[::-1].rolling(months + 1, min_periods=1).max()[::-1]
    return ahead.astype(bool)


def eras_of(index: pd.PeriodIndex) -> pd.DataFrame:
    """Flags of the eras: the full sample, to 1980, from 1981."""
    flags = {"full": True, "to_1980": index < ERA_BREAK, "from_1981": index >= ERA_BREAK}
    return pd.DataFrame(flags, index=index)


def outcomes_of(dataset: Dataset, grid: Mapping[str, tuple], first: str) -> pd.DataFrame:
    """Window returns of every leg, horizon and start, one column each, NaN where incomplete.

    Returns
    -------
    DataFrame, shape (months, legs × horizons × starts)
        Columns ``leg/horizon/start``; decimal returns over the window.
    """
    calendar = dataset.monthly.loc[first:].index
    legs = [leg for leg in grid["leg"] if leg in legs_of(dataset.monthly)]
    columns = {}
    for leg in legs:
        spread = small_minus_large(dataset.monthly, leg)
        for horizon, start in itertools.product(grid["horizon"], grid["start"]):
            sums = forward_sums(spread, horizon, start)
            columns[f"{leg}/{horizon}/{start}"] = _placed(sums, calendar)
    return pd.DataFrame(columns, index=calendar)


def _placed(sums: pd.Series, calendar: pd.PeriodIndex) -> np.ndarray:
    """The sums on the calendar, NaN where there are none; both run month by month."""
    placed = np.full(len(calendar), np.nan)
    if len(sums) and len(calendar):
        ahead = (sums.index[0] - calendar[0]).n
        inside = sums.to_numpy()[max(-ahead, 0) :][: len(calendar) - max(ahead, 0)]
        placed[max(ahead, 0) :][: len(inside)] = inside
    return placed


def cut_flags(
    dataset: Dataset, grid: Mapping[str, tuple], calendar: pd.PeriodIndex
) -> pd.DataFrame:
    """Flags of the first cuts of every date rule and link, one column ``rule/link`` each."""
    flags = {}
    for rule in grid["date_rule"]:
        months = cut_months(dataset, rule)
        named = pd.Series(calendar.isin(months), index=calendar)
        for link in grid["link"]:
            linked = True if link == "all" else _linked(dataset, link).reindex(calendar)
            flags[f"{rule}/{link}"] = (named & linked).astype(bool)
    return pd.DataFrame(flags, index=calendar)


def cut_dates(dataset: Dataset, rule: str) -> pd.DataFrame:
    """First cuts by one date rule: ``month``, ``cycle``, ``flag``.

    Empty for the computed rule where the data hold no funds rate.
    """
    fed_funds = dataset.monthly.get("fed_funds")
    if rule == "zigzag" and fed_funds is None:
        return pd.DataFrame(columns=["month", "cycle", "flag"])
    return first_cuts(dataset.facts["easing_cycles"], rule, fed_funds=fed_funds)


def cut_months(dataset: Dataset, rule: str) -> pd.PeriodIndex:
    """Months of the first cuts by one date rule."""
    return pd.PeriodIndex(cut_dates(dataset, rule)["month"], freq="M")


def cut_curve(
    dataset: Dataset, claim: Claim, draws: int, seed: int
) -> SpecificationCurve | Refusal:
    """The whole grid of a first-cut claim under circular shifts of the calendar."""
    return _curve(cut_frames(dataset, claim), draws, seed)


def trough_curve(
    dataset: Dataset, claim: Claim, months: pd.PeriodIndex, draws: int, seed: int
) -> SpecificationCurve | Refusal:
    """The grid of the early-cycle claim: troughs dated by the NBER, under circular shifts."""
    return _curve(trough_frames(dataset, claim, months), draws, seed)


def cut_frames(dataset: Dataset, claim: Claim) -> CurveFrames:
    """Outcomes, first cuts, specifications and eras of a first-cut claim's grid."""
    outcomes = outcomes_of(dataset, claim.grid, str(claim.primary["sample_start"]))
    events = cut_flags(dataset, claim.grid, outcomes.index)
    return _frames(outcomes, events, claim, ("date_rule", "link"))


def trough_frames(dataset: Dataset, claim: Claim, months: pd.PeriodIndex) -> CurveFrames:
    """Outcomes, troughs, specifications and eras of the early-cycle claim's grid."""
    outcomes = outcomes_of(dataset, claim.grid, str(claim.primary["sample_start"]))
    events = pd.DataFrame({"trough": outcomes.index.isin(months)}, index=outcomes.index)
    return _frames(outcomes, events, claim, ("date_rule",))


def _frames(
    outcomes: pd.DataFrame, events: pd.DataFrame, claim: Claim, event_choices: tuple[str, ...]
) -> CurveFrames:
    rows = []
    for leg, horizon, start in itertools.product(
        *(claim.grid[k] for k in ("leg", "horizon", "start"))
    ):
        outcome = f"{leg}/{horizon}/{start}"
        if outcome not in outcomes.columns:
            continue
        for chosen, era in itertools.product(events.columns, claim.grid["era"]):
            choices = dict(zip(event_choices, chosen.split("/"), strict=True))
            base = {"leg": leg, "horizon": horizon, "start": start, **choices}
            rows.append({**base, "era": era, "outcome": outcome, "events": chosen})
    return CurveFrames(outcomes, events, pd.DataFrame(rows), eras_of(outcomes.index))


def _curve(frames: CurveFrames, draws: int, seed: int) -> SpecificationCurve | Refusal:
    return specification_curve(
        frames.outcomes,
        frames.events,
        frames.specifications,
        eras=frames.eras,
        min_gap=EPISODE_GAP,
        draws=max(draws, len(frames.outcomes)),
        seed=seed,
        min_events=FEWEST_EVENTS,
    )


def _linked(dataset: Dataset, link: int) -> pd.Series:
    return recession_ahead(dataset.monthly["recession"], link)


def positions_of(months: pd.PeriodIndex, values: pd.Series) -> np.ndarray:
    """Positions of the events that have an outcome in `values`."""
    inside = values.index.get_indexer(months)
    return np.unique(inside[inside >= 0])
