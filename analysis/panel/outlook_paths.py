"""Paths that outlooks are held against: of funds, and of what a condition speaks of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.lead_windows import Positions, path_with_fan
from analysis.panel.dataset import Dataset
from analysis.panel.fund_gains import STALE_DAYS
from analysis.panel.rates import published_rates
from analysis.results import Result
from analysis.sources.outlooks import COLUMNS, empty_outlooks, typed_outlooks

#: Sessions between two points of a path that is drawn.
STEP = 5


@dataclass(frozen=True)
class Logs(Result):
    """Logs of funds, or of one over another, by day, one column a series; no NaN."""

    values: pd.DataFrame

    @property
    def index(self) -> pd.DatetimeIndex:
        """The sessions that every series has."""
        return pd.DatetimeIndex(self.values.index)


def logs_of(dataset: Dataset, series: Sequence[str]) -> Logs:
    """Logs of funds (``IWM``) or of pairs (``IWM/SPY``) on the days all of them have a close.

    Unlike monthly returns, closes are taken as far as the data set holds them.
    """
    funds = list(dict.fromkeys(fund for one in series for fund in one.split("/")))
    if dataset.data != "latest" or dataset.funds is None:
        return Logs.refused(f"needs the latest data: closes of {', '.join(funds)}", "latest")
    missing = [fund for fund in funds if fund not in dataset.funds.columns]
    if missing:
        return Logs.refused(f"the snapshot holds no closes of {', '.join(missing)}", "latest")
    logs = np.log(dataset.funds[funds].dropna())
    made = {}
    for one in series:
        held, _, against = one.partition("/")
        made[one] = logs[held] - logs[against] if against else logs[held]
    return Logs(pd.DataFrame(made))


def first_positions(index: pd.DatetimeIndex, earliest: str, latest: str) -> Positions:
    """Positions of the first days admitted; of a single day the last session up to it."""
    if not len(index) or index[-1] < pd.Timestamp(earliest):
        return np.empty(0, dtype=np.int64)
    if earliest == latest:
        at = int(index.searchsorted(pd.Timestamp(latest), side="right")) - 1
        stale = at < 0 or (pd.Timestamp(latest) - index[at]).days > STALE_DAYS
        return np.empty(0, dtype=np.int64) if stale else np.array([at], dtype=np.int64)
    inside = (index >= pd.Timestamp(earliest)) & (index <= pd.Timestamp(latest))
    return np.flatnonzero(inside)


def fund_paths(dataset: Dataset, series: Sequence[str], earliest: str, latest: str) -> pd.DataFrame:
    """Each series from the earliest and from the latest first day, with its fan.

    From closes where the data set holds them, else from the tables computed beforehand. The
    columns are those of :data:`analysis.sources.outlooks.COLUMNS`; no rows where a day is not seen.
    """
    logs = logs_of(dataset, series)
    if logs.refusal is not None:
        kept = dataset.outlooks.get("paths", empty_outlooks("paths"))
        chosen = kept[kept["series"].isin(series) & kept["first"].between(earliest, latest)]
        outermost = [chosen["first"].min(), chosen["first"].max()]
        return chosen[chosen["first"].isin(outermost)].reset_index(drop=True)
    firsts = first_positions(logs.index, earliest, latest)
    ends = sorted({int(firsts[0]), int(firsts[-1])}) if len(firsts) else []
    return _stacked([_path(logs, one, origin, earliest) for one in series for origin in ends])


def _path(logs: Logs, series: str, origin: int, earliest: str) -> pd.DataFrame:
    after = len(logs.index) - 1 - origin
    sessions = np.unique(np.append(np.arange(0, after + 1, STEP), after)).astype(np.int64)
    table = path_with_fan(logs.values[series].to_numpy(), origin, sessions)
    first = max(logs.index[origin].strftime("%Y-%m-%d"), earliest)
    days = logs.index[origin + table["session"].to_numpy()]
    return table.assign(series=series, first=first, day=days)


#: What a condition may speak of: words, and the series of the published rates behind it.
CONDITIONS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "target": ("the Fed's target rate", lambda rates: rates["target"]),
    "standards": (
        "the share of banks that tightened lending standards",
        lambda rates: rates["lending_standards"],
    ),
    "inflation": (
        "inflation over twelve months",
        lambda rates: rates["cpi"].pct_change(12, fill_method=None),
    ),
    "spread": (
        "the yield of BAA over AAA bonds",
        lambda rates: rates["baa"] - rates["aaa"],
    ),
    "ten_year": ("the ten-year yield", lambda rates: rates["gs10"]),
    "broad_dollar": ("the broad dollar", lambda rates: rates["broad_dollar"]),
}


def monthly_path(dataset: Dataset, series: str, since: str) -> pd.DataFrame:
    """A series of :data:`CONDITIONS` by month end, from the last month that a day has behind it.

    It goes on as far as it is published, later than the returns too. Columns as
    :func:`fund_paths`, without a fan; ``session`` counts months.
    """
    if dataset.data != "latest":
        kept = dataset.outlooks.get("paths", empty_outlooks("paths"))
        return kept[kept["series"].eq(series) & kept["first"].eq(since)].reset_index(drop=True)
    try:
        values = CONDITIONS[series][1](published_rates(dataset)).dropna()
    except KeyError:
        return empty_outlooks("paths")
    begin = month_behind(since)
    values = values.loc[begin:]
    if values.empty:
        return empty_outlooks("paths")
    table = pd.DataFrame({"value": values.to_numpy()})
    months = [month.ordinal - begin.ordinal for month in values.index]
    days = values.index.to_timestamp(how="end").normalize()
    return _stacked([table.assign(series=series, first=since, session=months, day=days)])


def month_behind(day: str) -> pd.Period:
    """The last month that is over at the end of a day."""
    moment = pd.Timestamp(day)
    return moment.to_period("M") - (0 if moment.is_month_end else 1)


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    if not tables:
        return empty_outlooks("paths")
    made = pd.concat(tables, ignore_index=True)
    return typed_outlooks(made.reindex(columns=list(COLUMNS["paths"])))
