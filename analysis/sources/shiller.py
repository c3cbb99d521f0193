"""Shiller's workbook: monthly prices, dividends, earnings and CAPE of the S&P index.

Prices are averages of a month's daily closes, so no return made of them goes together with returns
from month end to month end; the last months are estimates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.results import InputError
from analysis.sources.tables import AGAIN, date_index, load_bytes, quote
from analysis.sources.workbooks import read_sheet

SHEET = "Data"

# heading, read from the eight heading rows downwards, to our name
COLUMNS = {
    "S&P Comp. P": "price",
    "Dividend D": "dividend",
    "Earnings E": "earnings",
    "Consumer Price Index CPI": "cpi",
    "Long Interest Rate GS10": "gs10",
    "Real Price": "real_price",
    "Real Dividend": "real_dividend",
    "Real Total Return Price": "real_total_return_price",
    "Real Earnings": "real_earnings",
    "Cyclically Adjusted Price Earnings Ratio P/E10 or CAPE": "cape",
    "Cyclically Adjusted Total Return Price Earnings Ratio TR P/E10 or TR CAPE": "tr_cape",
}

#: Our names of columns that workbooks before 2018 have not.
SINCE_2018 = ("real_total_return_price", "tr_cape")

#: Another heading that a column has had.
_FORMERLY = {
    "Cyclically Adjusted Price Earnings Ratio P/E10 or CAPE": (
        "Cyclically Adjusted Price Earnings Ratio P/E10"
    )
}


def read_shiller(file: Path | bytes, *, name: str | None = None) -> pd.DataFrame:
    """The sheet ``Data`` of Shiller's workbook.

    Parameters
    ----------
    file : Path or bytes
        The workbook (``.xls`` or ``.xlsx``) as it is published.
    name : str, optional
        What errors call the file; the path by default.

    Returns
    -------
    DataFrame, shape (months, 11)
        Columns ``price``, ``dividend``, ``earnings`` (index points, nominal), ``cpi``, ``gs10``
        (percent a year), ``real_price``, ``real_dividend``, ``real_total_return_price``,
        ``real_earnings`` (dollars of the last month), ``cape``, ``tr_cape`` (ratios). NaN where
        ten years of earnings are not there yet, at the end where a figure is not out yet, and for
        a column of :data:`SINCE_2018` that an older workbook has not.

    Raises
    ------
    InputError
        If it is no workbook, lacks the sheet or a column, or a month is missing, twice or out of
        order, or a figure is missing between others.
    """
    content, name = load_bytes(file, name)
    rows = _load_rows(content, name)
    heads = [at for at, row in enumerate(rows[:30]) if row and _text(row[0]) == "Date"]
    if len(heads) != 1:
        raise InputError(f"{name} has no single row headed Date in its sheet {SHEET}; {AGAIN}")
    places = _find_columns(rows[: heads[0] + 1], name)
    body = rows[heads[0] + 1 :]
    dated = [isinstance(row[0], float) for row in body]
    count = dated.index(False) if False in dated else len(dated)
    if count == 0 or any(dated[count:]):
        raise InputError(f"{name} has a row without a date between the months; {AGAIN}")
    index = date_index([_month(row[0]) for row in body[:count]], "monthly", name, "%Y-%m-%d")
    values = np.array(
        [
            [np.nan if at is None else _number(row[at], name) for at in places]
            for row in body[:count]
        ]
    )
    frame = pd.DataFrame(values, index=index, columns=list(COLUMNS.values()))
    held = [column for column, at in zip(frame, places, strict=True) if at is not None]
    _check_gaps(frame[held], name)
    frame.attrs["unit"] = "as published"
    return frame


def _load_rows(content: bytes, name: str) -> list[list[Any]]:
    try:
        return read_sheet(content, SHEET)
    except Exception as error:  # broken workbooks meet their readers with errors of every kind
        raise InputError(
            f"{name} is no workbook with a sheet {SHEET} "
            f"({type(error).__name__}: {quote(error)}); {AGAIN}"
        ) from error


def _find_columns(head: list[list[Any]], name: str) -> list[int | None]:
    """Place of each of :data:`COLUMNS`; None for one that the workbook is too old to have."""
    width = max(len(row) for row in head)
    titles = [
        " ".join(" ".join(_text(row[at]) for row in head[1:] if at < len(row)).split())
        for at in range(width)
    ]
    places: list[int | None] = []
    for title, ours in COLUMNS.items():
        known = next((t for t in (title, _FORMERLY.get(title, title)) if t in titles), title)
        if known not in titles and ours in SINCE_2018:
            places.append(None)
        elif titles.count(known) != 1:
            raise InputError(f"{name} has no single column headed {title!r}; {AGAIN}")
        else:
            places.append(titles.index(known))
    return places


def _month(date: float) -> str:
    # 1871.1 is October: the decimals are the month in two digits
    hundredths = round(date * 100) if abs(date) < 1e5 else 0
    return f"{hundredths // 100:04d}-{hundredths % 100:02d}-01"


def _number(cell: Any, name: str) -> float:
    if isinstance(cell, float) and np.isfinite(cell):
        return cell
    if isinstance(cell, str) and cell.strip() in ("", "NA"):
        return np.nan
    raise InputError(f"{name} has {quote(cell)!r} in place of a number; {AGAIN}")


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _check_gaps(frame: pd.DataFrame, name: str) -> None:
    """Figures may be missing before a column starts and after it ends, not between."""
    for column in frame:
        there = frame[column].notna().to_numpy()
        first, last = there.argmax(), len(there) - there[::-1].argmax()
        if not there.any() or not there[first:last].all():
            raise InputError(f"{name} has no {column} for a month between others; {AGAIN}")
