"""A reader's own small minus large, put beside the project's legs as the leg ``own``."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.legs import OWN
from analysis.results import InputError
from analysis.sources.own_returns import VARIABLE, OwnReturns, load_own_returns

#: Months that own returns must share with the data set, as for every verdict.
FEWEST_MONTHS = 60

#: A month of daily returns is whole when its first row is no later than the one day and its last
#: no earlier than the other.
FIRST_DAY, LAST_DAY = 7, 22


def with_own_leg(dataset: Dataset) -> Dataset:
    """The data set with own returns where a run was given some, and as it is otherwise.

    Raises
    ------
    InputError
        For a file that is refused, and one that shares too few months with the data set.
    """
    spec = os.environ.get(VARIABLE)
    if not spec:
        return dataset
    own = _loaded(spec, _changed(spec))
    spread = monthly_spread(own)
    shared = spread.reindex(dataset.monthly.index)
    held = shared.dropna()
    if len(held) < FEWEST_MONTHS:
        raise InputError(
            f"{own.file}: {len(held)} months between {dataset.monthly.index[0]} and"
            f" {dataset.as_of}, where these data end; at least {FEWEST_MONTHS} are needed"
        )
    monthly = dataset.monthly.assign(**{OWN.name: shared})
    return replace(dataset, monthly=monthly, own=_words(own, spread, held))


def own_state() -> str:
    """What a run with a reader's own returns depends on: columns, name and bytes of the file.

    Returns
    -------
    str
        Empty where no file is given.
    """
    spec = os.environ.get(VARIABLE)
    if not spec:
        return ""
    own = _loaded(spec, _changed(spec))
    return f"{own.file} {list(own.values.columns)} {own.closes} {own.digest}"


def monthly_spread(own: OwnReturns) -> pd.Series:
    """Small less large by month.

    Days are compounded, each column by itself, over whole months: a month that begins or ends
    within the file is left out at either end.

    Returns
    -------
    Series, decimal return a month, by PeriodIndex.
    """
    values = own.values
    if own.frequency == "daily":
        months = values.index.to_period("M")
        first, last = values.index[0], values.index[-1]
        whole = pd.Series(True, index=months.unique())
        whole.iloc[0] = first.day <= FIRST_DAY
        whole.iloc[-1] = whole.iloc[-1] and last.day >= LAST_DAY
        values = values.add(1).groupby(months).prod().sub(1)[whole]
    small = values.iloc[:, 0]
    spread = small if values.shape[1] == 1 else small - values.iloc[:, 1]
    return spread.rename(OWN.name)


def _changed(spec: str) -> int:
    file = spec[: spec.lower().index(".csv") + len(".csv")] if ".csv" in spec.lower() else spec
    path = Path(file)
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _loaded(spec: str, changed: int) -> OwnReturns:
    return load_own_returns(spec)


def _words(own: OwnReturns, spread: pd.Series, held: pd.Series) -> str:
    """What the page says of the file: columns, kind, months, how much is seen, and its digest."""
    names = list(own.values.columns)
    columns = f"column {names[0]}" + (f" less column {names[1]}" if len(names) > 1 else "")
    kind = f"{own.frequency} {'closes' if own.closes else 'returns'}"
    span = f"{held.index[0]:%B %Y} to {held.index[-1]:%B %Y}"
    unseen = len(spread) - len(held)
    return (
        f"{own.file}, {columns}, {kind}, seen from {span}"
        + (f" ({unseen} months outside the data set are not seen)" if unseen else "")
        + f", SHA-256 {own.digest[:16]}"
    )
