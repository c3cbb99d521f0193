"""FRED's CSV: one series of the Federal Reserve Bank of St. Louis, in the units it is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.results import InputError
from analysis.sources.tables import AGAIN, date_index, load_lines, parse_cells, quote

# FRED has written either name over the dates, and either mark for a missing value
DATE_COLUMNS = ("observation_date", "DATE")
MISSING = ("", ".")

FEW_BLANK = 3
"""Dates without a value that a short file may have all the same."""

MOST_BLANK = 0.1
"""Share of dates without a value that no publisher leaves; holidays of a daily series are 4%."""


def read_fred(
    file: Path | bytes,
    *,
    series: str,
    frequency: str = "monthly",
    blanks: Sequence[str] = (),
    name: str | None = None,
) -> pd.DataFrame:
    """One series as FRED serves it.

    Parameters
    ----------
    file : Path or bytes
        The CSV as it is published.
    series : str
        Name of the series, which must stand over the values.
    frequency : {"monthly", "quarterly", "daily", "trading"}
        ``"daily"`` is every day of the calendar, ``"trading"`` the days a market is open.
    blanks : sequence of str
        Dates (``YYYY-MM`` or ``YYYY-MM-DD``) the publisher is known to have left blank, which no
        warning is given for.
    name : str, optional
        What errors call the file; the path by default.

    Returns
    -------
    DataFrame, shape (n, 1)
        Column `series`; NaN where the publisher left a date blank, as in a shutdown of the
        government. Monthly or quarterly ``PeriodIndex`` or days. ``attrs["blank"]`` has the blank
        dates that are not in `blanks`, but for days on which a market may have been closed.

    Raises
    ------
    InputError
        If a column has another name, a date is missing, twice or out of order, or a value is no
        number, or more than one in ten is blank.
    """
    (header, *rows), whole, name = load_lines(file, name)
    date, _, value = (part.strip().strip('"') for part in header.partition(","))
    if date not in DATE_COLUMNS or value != series:
        raise InputError(
            f"{name} opens with {quote(header)!r} in place of 'observation_date,{series}'; {AGAIN}"
        )
    empty = np.array(
        [row.partition(",")[2].strip() in MISSING and "," in row for row in rows], bool
    )
    known = np.array([row.startswith(tuple(blanks)) if blanks else False for row in rows], bool)
    new = [row.partition(",")[0] for row, gap in zip(rows, empty & ~known, strict=True) if gap]
    if rows and (empty.all() or len(new) > max(FEW_BLANK, MOST_BLANK * len(rows))):
        raise InputError(f"{name} has no value for {empty.sum()} of {len(rows)} dates; {AGAIN}")
    filled = [
        row.partition(",")[0] + ",0" if gap else row for row, gap in zip(rows, empty, strict=True)
    ]
    dates, values = parse_cells(filled, 1, name)
    values[empty] = np.nan
    frame = pd.DataFrame(
        values, index=date_index(dates, frequency, name, "%Y-%m-%d"), columns=[series]
    )
    if not whole:
        raise InputError(f"{name} ends in the middle of a line: it was cut short; {AGAIN}")
    frame.attrs["unit"] = "as published"
    # a market's holidays are no news
    frame.attrs["blank"] = () if frequency == "trading" else tuple(new)
    return frame
