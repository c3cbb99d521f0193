"""What followed each month, and the months that count as events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.events import first_cuts, troughs
from analysis.panel.fund_pairs import leg_returns
from analysis.panel.gaps import gap_samples
from analysis.panel.recessions import recession_within
from analysis.panel.spells import real_time_percentile

_TROUGHS = {"trough": "date", "announcement": "announcement"}


@dataclass(frozen=True)
class Windows:
    """The outcomes an event study draws from, and its events.

    Attributes
    ----------
    spread : Series
        Monthly return, decimal, from the first month of the sample, without NaN.
    values : Series
        Return of the window that belongs to each month of the era; complete windows only.
    dates : DataFrame
        Every event by the date rule: ``month``, ``flag`` (words).
    chosen : ndarray of int
        Places in `values` of the events that count.
    linked, strata : Series of bool or None
        Whether a recession follows each month of the sample within the link, and within the link
        of the strata; None where nothing is registered.
    wide : Series of bool or None
        Whether the gap was wide at the end of the month before; None where nothing is registered.
    """

    spread: pd.Series
    values: pd.Series
    dates: pd.DataFrame
    chosen: np.ndarray
    linked: pd.Series | None
    strata: pd.Series | None
    wide: pd.Series | None

    @property
    def months(self) -> pd.PeriodIndex:
        """Months of every event by the date rule."""
        return pd.PeriodIndex(self.dates["month"], freq="M")

    @property
    def dated(self) -> np.ndarray:
        """Places in `values` of every event with a complete window, whether it counts or not."""
        return positions_of(self.months, self.values)

    @property
    def outcomes(self) -> np.ndarray:
        """Return of the window after each event that counts."""
        return self.values.to_numpy()[self.chosen]

    @property
    def state(self) -> pd.Series | None:
        """The link that tells events apart: their own, else that of the strata."""
        return self.strata if self.linked is None else self.linked

    def why_left_out(self, month: pd.Period) -> str:
        """Why an event has no return, in words; empty where it has one."""
        if month in self.values.index:
            return ""
        if self.values.empty:
            return "left out: no window of the sample is complete"
        first, last = self.values.index[0], self.values.index[-1]
        if month < first:
            return f"left out: before the sample's first month, {first}"
        return f"left out: the window is not complete; the last complete one begins {last}"

    @property
    def incomplete(self) -> list[str]:
        """Events without a complete window in the sample."""
        return [str(month) for month in self.months if month not in self.values.index]


def windows_of(dataset: Dataset, arguments: EventStudyArguments) -> Windows:
    """The windows and events of one specification.

    Raises
    ------
    InputError
        For a leg this data set has no columns for.
    """
    spread = leg_returns(dataset, arguments.leg).loc[arguments.sample_start :]
    values = in_era(forward_sums(spread, arguments.horizon, arguments.start), arguments.era)
    linked = None if arguments.link == "all" else _state(dataset, arguments.link, spread)
    strata = arguments.strata_link
    state = None if strata is None else _state(dataset, strata, spread)
    dates = event_dates(dataset, arguments.date_rule)
    chosen = positions_of(pd.PeriodIndex(dates["month"], freq="M"), values)
    if linked is not None:
        follows = linked.reindex(values.index).to_numpy(dtype=bool)[chosen]
        chosen = chosen[follows == (arguments.followed_by == "recession")]
    wide = wide_before(dataset, arguments)
    if wide is not None:
        chosen = chosen[wide.reindex(values.index, fill_value=False).to_numpy()[chosen]]
    return Windows(spread, values, dates, chosen, linked, state, wide)


def wide_before(dataset: Dataset, arguments: EventStudyArguments) -> pd.Series | None:
    """Whether the gap was wide at the end of the month before each month, on every basis.

    None where no gap is registered; months without enough history count as not wide.
    """
    percentile, history, basis = (
        arguments.wide_percentile,
        arguments.history_months,
        arguments.basis,
    )
    if percentile is None or history is None or basis is None:
        return None
    samples = gap_samples(dataset, arguments.leg, basis=basis).values()
    ranks = [real_time_percentile(sample.gap, history) > percentile for sample in samples]
    every = pd.concat(ranks, axis=1).reindex(dataset.monthly.index, fill_value=False)
    return every.all(axis=1).shift(1, fill_value=False)


def event_dates(dataset: Dataset, rule: str) -> pd.DataFrame:
    """Every event by one date rule: ``month`` and ``flag``, in words, in time order.

    Empty for the computed rule where the data hold no funds rate.
    """
    if rule in _TROUGHS:
        nber = dataset.facts["nber_cycles"]
        return dataset.once(("event dates", rule), lambda: _troughs(nber, rule))
    fed_funds = dataset.monthly.get("fed_funds")
    if rule == "zigzag" and fed_funds is None:
        return pd.DataFrame({"month": pd.PeriodIndex([], freq="M"), "flag": ""})
    cycles = dataset.facts["easing_cycles"]
    return dataset.once(
        ("event dates", rule),
        lambda: first_cuts(cycles, rule, fed_funds=fed_funds)[["month", "flag"]],
    )


def _troughs(nber: pd.DataFrame, rule: str) -> pd.DataFrame:
    return pd.DataFrame({"month": troughs(nber, _TROUGHS[rule]), "flag": ""})


def event_months(dataset: Dataset, rule: str) -> pd.PeriodIndex:
    """Months of the events by one date rule."""
    return pd.PeriodIndex(event_dates(dataset, rule)["month"], freq="M")


def positions_of(months: pd.PeriodIndex, values: pd.Series) -> np.ndarray:
    """Places of the events that have an outcome in `values`."""
    inside = values.index.get_indexer(months)
    return np.unique(inside[inside >= 0])


def _state(dataset: Dataset, months: int, spread: pd.Series) -> pd.Series:
    """Whether a recession follows each month of the sample within some months."""
    ahead = recession_within(dataset, months)
    return ahead.loc[spread.index[0] :] if len(spread) else ahead.iloc[:0]
