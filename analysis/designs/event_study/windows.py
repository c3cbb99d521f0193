"""What followed each month, and the months that count as events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.inference.windows import forward_sums
from analysis.panel import LEGS, Dataset, small_minus_large
from analysis.panel.eras import in_era
from analysis.panel.events import first_cuts, troughs
from analysis.panel.fund_returns import monthly_returns
from analysis.panel.recessions import recession_ahead

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
    chosen, known : ndarray of int
        Places in `values` of the events that count, and of the dates they were known from.
    linked, strata : Series of bool or None
        Whether a recession follows each month of the sample within the link, and within the link
        of the strata; None where nothing is registered.
    """

    spread: pd.Series
    values: pd.Series
    dates: pd.DataFrame
    chosen: np.ndarray
    known: np.ndarray
    linked: pd.Series | None
    strata: pd.Series | None

    @property
    def months(self) -> pd.PeriodIndex:
        """Months of every event by the date rule."""
        return pd.PeriodIndex(self.dates["month"], freq="M")

    @property
    def others(self) -> np.ndarray:
        """Places of the events that the claim does not count."""
        return np.setdiff1d(positions_of(self.months, self.values), self.chosen)

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
    if arguments.leg is not None:
        spread = small_minus_large(dataset.monthly, arguments.leg)
    else:
        spread = pair_return(dataset, str(arguments.long), str(arguments.short))
    spread = spread.loc[arguments.sample_start :]
    values = in_era(forward_sums(spread, arguments.horizon, arguments.start), arguments.era)
    linked = None if arguments.link == "all" else _state(dataset, arguments.link, spread)
    strata = arguments.strata_link
    state = None if strata is None else _state(dataset, strata, spread)
    dates = event_dates(dataset, arguments.date_rule)
    chosen = positions_of(pd.PeriodIndex(dates["month"], freq="M"), values)
    if linked is not None:
        follows = linked.reindex(values.index).to_numpy(dtype=bool)[chosen]
        chosen = chosen[follows == (arguments.followed_by == "recession")]
    known = arguments.known_from
    months = event_months(dataset, known) if known is not None else values.index[:0]
    return Windows(spread, values, dates, chosen, positions_of(months, values), linked, state)


def series_at_hand(
    dataset: Dataset, leg: str | None, long: str | None, short: str | None
) -> pd.Series:
    """Monthly return of a leg or a pair, decimal; without months where the data lack it."""
    if leg is None:
        return pair_return(dataset, str(long), str(short))
    if set(LEGS[leg].columns()) <= set(dataset.monthly.columns):
        return small_minus_large(dataset.monthly, leg)
    return pd.Series(dtype=float, index=dataset.monthly.index[:0])


def pair_return(dataset: Dataset, long: str, short: str) -> pd.Series:
    """One portfolio less another by month, decimal, without NaN.

    A gap inside leaves the months after it; no months where the data lack a side.
    """
    spread = (_side(dataset, long) - _side(dataset, short)).astype(float)
    first = spread.first_valid_index()
    if first is None:
        return spread.iloc[:0]
    spread = spread.loc[first : spread.last_valid_index()]
    gaps = spread.index[spread.isna()]
    return spread.loc[gaps[-1] + 1 :] if len(gaps) else spread


def _side(dataset: Dataset, name: str) -> pd.Series:
    """Return of a portfolio, a mean of some, or a fund; NaN where the data lack it."""
    parts, ticker = name.split("_"), name.upper()
    if set(parts) <= set(dataset.monthly.columns):
        return dataset.monthly[parts].mean(axis=1, skipna=False)
    if dataset.funds is not None and ticker in dataset.funds.columns:
        return monthly_returns(dataset.funds[[ticker]])[ticker].reindex(dataset.monthly.index)
    return pd.Series(np.nan, index=dataset.monthly.index)


def event_dates(dataset: Dataset, rule: str) -> pd.DataFrame:
    """Every event by one date rule: ``month`` and ``flag``, in words, in time order.

    Empty for the computed rule where the data hold no funds rate.
    """
    if rule in _TROUGHS:
        months = troughs(dataset.facts["nber_cycles"], _TROUGHS[rule])
        return pd.DataFrame({"month": months, "flag": ""})
    fed_funds = dataset.monthly.get("fed_funds")
    if rule == "zigzag" and fed_funds is None:
        return pd.DataFrame({"month": pd.PeriodIndex([], freq="M"), "flag": ""})
    found = first_cuts(dataset.facts["easing_cycles"], rule, fed_funds=fed_funds)
    return found[["month", "flag"]]


def event_months(dataset: Dataset, rule: str) -> pd.PeriodIndex:
    """Months of the events by one date rule."""
    return pd.PeriodIndex(event_dates(dataset, rule)["month"], freq="M")


def positions_of(months: pd.PeriodIndex, values: pd.Series) -> np.ndarray:
    """Places of the events that have an outcome in `values`."""
    inside = values.index.get_indexer(months)
    return np.unique(inside[inside >= 0])


def _state(dataset: Dataset, months: int, spread: pd.Series) -> pd.Series:
    """Whether a recession follows each month of the sample within some months."""
    ahead = recession_ahead(dataset.monthly["recession"], months)
    return ahead.loc[spread.index[0] :] if len(spread) else ahead.iloc[:0]
