"""A user's own exports of a fund's adjusted closes: ``Date,Close``, one file a ticker."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.results import InputError
from analysis.sources.tables import OWN_EXPORT, date_index, load_lines, parse_cells, quote

HEADER = "Date,Close"

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d.*")

MAX_STEP = 0.4
"""Largest change of a broad fund in one day; the crash of October 1987 was .205, a split is .5."""


def read_prices(file: Path | bytes, *, name: str | None = None) -> pd.DataFrame:
    """Closes of one fund, adjusted for dividends and splits.

    Parameters
    ----------
    file : Path or bytes
        A CSV whose first line is ``Date,Close``, one trading day a line, oldest first.
    name : str, optional
        What errors call the file; the path by default.

    Returns
    -------
    DataFrame, shape (n, 1)
        Column ``Close``, dollars; ``DatetimeIndex`` of trading days.

    Raises
    ------
    InputError
        If the header differs, a day is twice, out of order or followed by too long a gap, a close
        is not positive, or a day's change is one only a split explains.
    """
    (header, *rows), whole, name = load_lines(file, name, OWN_EXPORT)
    if header.strip() != HEADER:
        raise InputError(f"{name} {_say_header(header, rows)}; {OWN_EXPORT}")
    dates, values = parse_cells(rows, 1, name, OWN_EXPORT)
    _check_dates(dates, name)
    index = date_index(dates, "trading", name, "%Y-%m-%d", OWN_EXPORT)
    closes = values[:, 0]
    if (closes <= 0).any():
        raise InputError(f"{name} has a close that is not positive; {OWN_EXPORT}")
    steps = np.abs(np.diff(np.log(closes)))
    if (steps > -np.log1p(-MAX_STEP)).any():
        day = index[int(steps.argmax()) + 1].date()
        raise InputError(f"{name} jumps on {day} as only an unadjusted split does; {OWN_EXPORT}")
    if not whole:
        raise InputError(f"{name} ends in the middle of a line: it was cut short; {OWN_EXPORT}")
    frame = pd.DataFrame(values, index=index, columns=["Close"])
    frame.attrs["unit"] = "dollars, adjusted"
    return frame


def _say_header(header: str, rows: list[str]) -> str:
    """What is wrong with the first line, as far as it can be told."""
    names = [part.strip().strip('"') for part in header.split(",")]
    second = rows[0].split(",")[0].strip().strip('"') if rows else ""
    if names[0] == "Price" and second == "Ticker":
        return (
            "has two header lines, as yfinance writes them: drop the lines Price and Ticker and"
            " keep the column of adjusted closes"
        )
    lower = [name.lower() for name in names]
    if lower[:2] == ["date", "close"] and len(names) == 2:
        return f"opens with {quote(header)!r} in place of {HEADER!r}"
    if lower and lower[0] in ("date", "datetime", "time") and len(names) > 2:
        return f"opens with {quote(header)!r}: keep the date and the adjusted close of it"
    return f"opens with {quote(header)!r} in place of {HEADER!r}"


def _check_dates(dates: list[str], name: str) -> None:
    """The two slips of exports that can be told apart: a time behind the date, newest first."""
    timed = next((date for date in dates if _TIME.fullmatch(date)), None)
    if timed is not None:
        raise InputError(f"{name} has a time behind its dates ({quote(timed)!r}); {OWN_EXPORT}")
    if len(dates) > 1 and all(one > other for one, other in pairwise(dates)):
        raise InputError(f"{name} has its newest day first; {OWN_EXPORT}")
