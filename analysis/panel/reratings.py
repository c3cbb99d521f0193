"""Whether small caps have come to be valued more highly since a day, by book-to-market a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.gaps import PRICED_BEFORE
from analysis.panel.outlook_paths import month_behind
from analysis.results import month_words

COLUMNS = ["basis", "june", "priced", "gap", "place"]

#: Where a reading stands: before the day's own, the day's own, after it.
BEFORE, START, SINCE = "before", "start", "since"

#: Fewer earlier stretches give no base rate.
FEWEST_STRETCHES = 30


def no_readings() -> pd.DataFrame:
    """A table of :func:`readings` without rows."""
    return pd.DataFrame(columns=COLUMNS)


def followed_gap(dataset: Dataset) -> pd.DataFrame | None:
    """The yearly valuation gap as far as outlooks are followed: beyond the returns, if need be.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame or None
        By June, as ``dataset.valuation``.
    """
    if "valuation" in dataset.outlooks:
        return dataset.outlooks["valuation"].set_index("june")
    return dataset.valuation


def first_june(since: str, basis: str) -> pd.Period:
    """The June whose portfolios carry the last market values priced up to a day.

    Parameters
    ----------
    since : str
        YYYY-MM-DD.
    basis : {"june", "december"}

    Returns
    -------
    Period, monthly

    Examples
    --------
    >>> [str(first_june("2026-01-20", basis)) for basis in ("june", "december")]
    ['2025-06', '2026-06']
    """
    return last_june(month_behind(since) + PRICED_BEFORE[basis])


def last_june(month: pd.Period) -> pd.Period:
    """The last June up to a month."""
    return pd.Period(year=month.year - (month.month < 6), month=6, freq="M")


def readings(
    valuation: pd.DataFrame | None, since: str, until: str, bases: Sequence[str]
) -> pd.DataFrame:
    """The valuation gap at a day, and of each June after it up to another day.

    Parameters
    ----------
    valuation : DataFrame or None
        By June, columns ``gap_june`` and ``gap_december`` in log points, as a data set holds it.
    since, until : str
        YYYY-MM-DD. Portfolios formed in a June after `until` do not count.
    bases : sequence of {"june", "december"}

    Returns
    -------
    DataFrame
        ``basis``; ``june``, the formation, and ``priced``, the month of its market values, both
        YYYY-MM; ``gap``, log points; ``place``. Of each basis all readings from the day's own on;
        where that is not at hand yet the last before it, marked :data:`BEFORE`.
    """
    if valuation is None:
        return no_readings()
    rows = []
    for basis in bases:
        held = valuation[f"gap_{basis}"].dropna().loc[: last_june(month_behind(until))]
        start = first_june(since, basis)
        shown = held.loc[start:] if start in held.index else held.loc[:start].iloc[-1:]
        for june, gap in shown.items():
            place = START if june == start else SINCE if june > start else BEFORE
            rows.append((basis, str(june), str(june - PRICED_BEFORE[basis]), float(gap), place))
    return pd.DataFrame(rows, columns=COLUMNS) if rows else no_readings()


def narrowings(
    valuation: pd.DataFrame | None, since: str, until: str, bases: Sequence[str]
) -> pd.Series:
    """By how much the gap narrowed from a day to the last June up to another, by basis.

    Parameters
    ----------
    valuation, since, until, bases
        As in :func:`readings`.

    Returns
    -------
    Series, log points, by basis
        Above zero where small caps came to be valued more highly against large ones; empty unless
        both readings of every basis are at hand.
    """
    found = {}
    for basis in bases:
        start, end = _stretch(since, until, basis)
        gap = pd.Series(dtype=float) if valuation is None else valuation[f"gap_{basis}"].dropna()
        if start not in gap.index or end not in gap.index:
            return pd.Series(dtype=float)
        found[basis] = float(gap[start] - gap[end])
    return pd.Series(found, dtype=float)


def narrowing_luck(
    valuation: pd.DataFrame, since: str, until: str, bases: Sequence[str]
) -> tuple[float, int]:
    """How often the gap narrowed as much over earlier stretches as long, and their number.

    Every basis keeps its length and its distance from the others; the smallest narrowing over the
    bases counts, as it does of the stretch itself. A stretch is over by the June of the day.

    Parameters
    ----------
    valuation, since, until, bases
        As in :func:`readings`; the stretch itself is at hand.

    Returns
    -------
    (float, int)
        The share is NaN below :data:`FEWEST_STRETCHES`.
    """
    observed = float(narrowings(valuation, since, until, bases).min())
    first, _ = _stretch(since, until, bases[0])
    columns = {}
    for basis in bases:
        start, end = _stretch(since, until, basis)
        gap = valuation[f"gap_{basis}"].dropna()
        gap = gap.reindex(pd.period_range(gap.index[0], gap.index[-1], freq="M")[::12])
        ahead, years = (start - first).n // 12, (end - start).n // 12
        columns[basis] = gap.shift(-ahead) - gap.shift(-ahead - years)
        over = gap.index + 12 * (ahead + years)
        columns[basis] = columns[basis][over <= first]
    smallest = pd.DataFrame(columns).dropna().min(axis=1)
    if len(smallest) < FEWEST_STRETCHES:
        return float("nan"), len(smallest)
    return float(np.mean(smallest.to_numpy() >= observed)), len(smallest)


def _stretch(since: str, until: str, basis: str) -> tuple[pd.Period, pd.Period]:
    return first_june(since, basis), last_june(month_behind(until))


def readings_words(table: pd.DataFrame) -> str:
    """The readings in one sentence, as ratios of book-to-market; empty without any.

    Parameters
    ----------
    table : DataFrame
        As :func:`readings`.
    """
    parts = [_words(basis, own) for basis, own in table.groupby("basis", sort=False)]
    if not parts:
        return ""
    return f"Small caps' book-to-market against large caps': {'; '.join(parts)}."


def _words(basis: Any, own: pd.DataFrame) -> str:
    first, last = own.iloc[0], own.iloc[-1]
    said = f"by {basis.capitalize()} market values {_times(first)}"
    if first["place"] == BEFORE:
        return f"{said}, the last before the note's own, which is not at hand yet"
    later = f", and {_times(last)}" if last["place"] == SINCE else ", none later at hand"
    return f"{said}, the note's own{later}"


def _times(row: pd.Series) -> str:
    return f"{np.exp(row['gap']):.2f} times in {month_words(row['priced'])}"
