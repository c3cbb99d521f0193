"""A user's own exports of a fund's adjusted closes: ``Date,Close``, one file a ticker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.results import InputError
from analysis.sources.tables import AGAIN, date_index, load_bytes, parse_cells, quote

HEADER = "Date,Close"

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
    content, name = load_bytes(file, name)
    lines = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").rstrip("\n")
    header, *rows = lines.split("\n")
    if header.strip() != HEADER:
        raise InputError(
            f"{name} opens with {quote(header)!r} in place of {HEADER!r}; export adjusted closes "
            "with these two columns"
        )
    dates, values = parse_cells(rows, 1, name)
    index = date_index(dates, "trading", name, "%Y-%m-%d")
    closes = values[:, 0]
    if (closes <= 0).any():
        raise InputError(f"{name} has a close that is not positive; {AGAIN}")
    steps = np.abs(np.diff(np.log(closes)))
    if (steps > -np.log1p(-MAX_STEP)).any():
        day = index[int(steps.argmax()) + 1].date()
        raise InputError(
            f"{name} jumps on {day} as only an unadjusted split does; export adjusted closes"
        )
    frame = pd.DataFrame(values, index=index, columns=["Close"])
    frame.attrs["unit"] = "dollars, adjusted"
    return frame
