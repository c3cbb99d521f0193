"""What funds and portfolios are worth on the days they are valued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.fund_gains import is_stale
from analysis.panel.portfolios import PORTFOLIOS, missing_portfolio, portfolio_returns
from analysis.results import Refusal, Result


@dataclass(frozen=True)
class Holdings(Result):
    """Values with dividends put back, one column a holding, on the days all of them have one.

    Adjusted closes of funds by trading day; of portfolios one dollar grown, at month ends.
    """

    values: pd.DataFrame


def holding_values(dataset: Dataset, names: Sequence[str], end: str) -> Holdings:
    """Values of some holdings that reach `end`, or why there are none.

    Parameters
    ----------
    dataset : Dataset
    names : sequence of str
        Tickers, or keys of :data:`analysis.panel.portfolios.PORTFOLIOS`; not both. One given twice
        counts once.
    end : str
        Last day needed, YYYY-MM-DD.
    """
    wanted = list(dict.fromkeys(names))
    portfolios = set(wanted) <= set(PORTFOLIOS)
    lacking = _lacking_portfolio(dataset, wanted) if portfolios else _lacking(dataset, wanted)
    if lacking is not None:
        return Holdings.refused(lacking)
    if dataset.as_of.end_time < pd.Timestamp(end):
        return Holdings.refused(f"this run sees nothing after {dataset.as_of}; {end} is needed")
    values = _grown(dataset, wanted) if portfolios else pd.DataFrame(dataset.funds)[wanted]
    words = "returns" if portfolios else "closes"
    if short := [name for name in wanted if is_stale(values[name].dropna(), pd.Timestamp(end))]:
        return Holdings.refused(f"the {words} of {', '.join(short)} do not reach {end}", "latest")
    return Holdings(values.dropna())


def _lacking(dataset: Dataset, funds: list[str]) -> Refusal | None:
    if dataset.data != "latest" or dataset.funds is None:
        return Refusal(f"needs the latest data: adjusted closes of {', '.join(funds)}", "latest")
    missing = [fund for fund in funds if fund not in dataset.funds.columns]
    if missing:
        return Refusal(f"the snapshot holds no closes of {', '.join(missing)}", "latest")
    return None


def _lacking_portfolio(dataset: Dataset, names: list[str]) -> Refusal | None:
    missing = missing_portfolio(dataset.monthly, *names)
    if missing is None:
        return None
    words = ", ".join(PORTFOLIOS[name].words for name in names)
    if dataset.data == "bundled":
        return Refusal(f"needs the latest data: returns of {words}", "latest")
    return missing


def _grown(dataset: Dataset, names: list[str]) -> pd.DataFrame:
    """One dollar at the end of the month before the first return, grown to each month's end."""
    returns = portfolio_returns(dataset.monthly, {name: name for name in names})
    grown = (1.0 + returns).cumprod()
    if not returns.empty:
        grown.loc[returns.index[0] - 1] = 1.0
    grown = grown.sort_index()
    return grown.set_axis(grown.index.to_timestamp(how="end").normalize())
