"""Strict tables: what every reader refuses, whatever the publisher's format.

Frames leave the readers in the publisher's units, named in ``frame.attrs["unit"]``, with one of
four indices: a monthly, quarterly or annual ``PeriodIndex`` or a ``DatetimeIndex`` of days.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import open_regular
from analysis.results import InputError

MAX_FILE = 32 * 1024**2
"""Largest file read, bytes; the publishers' largest is under 2 MB."""

#: First bytes of what is no text, and what it is.
_PACKED = {b"\x1f\x8b": "packed by gzip", b"PK": "a zip", b"BZh": "packed by bzip2"}

MAX_CLOSED_DAYS = 12
"""Longest time between two trading days: the bank holiday of March 1933."""

AGAIN = "fetch it again; if that does not help, the publisher changed the file"

OWN_EXPORT = (
    "export one fund's daily adjusted closes again, as lines Date,Close under one header line, "
    "dates written YYYY-MM-DD, oldest first"
)
"""The remedy for a file that the user brings."""

_PER_YEAR = {"monthly": ("M", "month", 12), "quarterly": ("Q", "quarter", 4)}


def load_bytes(
    file: Path | bytes, name: str | None, limit: int = MAX_FILE, remedy: str = AGAIN
) -> tuple[bytes, str]:
    """Content of a file, and the name errors call it by.

    Parameters
    ----------
    file : Path or bytes
        A path, or content that was read already.
    name : str or None
        What errors call the file; the path by default.
    limit : int
        Largest size accepted, bytes.
    remedy : str
        What errors tell the reader to do.

    Raises
    ------
    InputError
        If there is no such file, or it is empty, too large, or a web page.
    """
    if isinstance(file, bytes):
        content, name = file, name or "the content given"
    else:
        name = name or str(file)
        try:
            with open_regular(file) as stream:
                content = stream.read(limit + 1)
        except OSError as error:
            raise InputError(f"{name} cannot be read ({error.strerror}); check the path") from error
    if len(content) > limit:
        raise InputError(f"{name} is larger than {limit} bytes, which no such file is; {remedy}")
    if not content.strip():
        raise InputError(f"{name} is empty; {remedy}")
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")) or b"<html" in head:
        raise InputError(
            f"{name} is a web page, not data: the address moved or asks for a login; {remedy}"
        )
    return content, name


def load_lines(
    file: Path | bytes, name: str | None, remedy: str = AGAIN
) -> tuple[list[str], bool, str]:
    """Lines of a text file, whether the last one is complete, and the name errors call it by.

    Raises
    ------
    InputError
        As :func:`load_bytes`, and for what is packed, in another encoding than UTF-8, or has the
        commas of its numbers where points belong.
    """
    content, name = load_bytes(file, name, remedy=remedy)
    packed = next((kind for start, kind in _PACKED.items() if content.startswith(start)), None)
    if packed is not None:
        raise InputError(f"{name} is {packed}, not text: unpack it and give the file inside")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:200]:
        raise InputError(f"{name} is text in UTF-16: save it as UTF-8; or {remedy}")
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    if "\n" not in text and "\r" in text:
        raise InputError(f"{name} has the line ends of an old Mac; {remedy}")
    lines = text.rstrip("\n").split("\n")
    if ";" in lines[0] and "," not in lines[0]:
        raise InputError(
            f"{name} was saved by a spreadsheet with semicolons between its cells; {remedy}"
        )
    if len(lines) > 1 and re.fullmatch(r"[^,]*,-?\d+,\d+", lines[1]):
        raise InputError(f"{name} has commas for the points of its numbers; {remedy}")
    return lines, text.endswith("\n"), name


def quote(foreign: object, most: int = 80) -> str:
    """Text out of a file or of another library, fit for one line of an error: short, printable."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(foreign)[: most + 1])
    return text if len(text) <= most else f"{text[:most]}…"


def parse_cells(
    rows: Sequence[str], width: int, where: str, remedy: str = AGAIN
) -> tuple[list[str], np.ndarray]:
    """Keys and numbers of comma-separated rows, each a key and `width` finite numbers.

    Returns
    -------
    keys : list of str, length n
    values : ndarray, shape (n, width)
    """
    if not rows:
        raise InputError(f"{where} has no rows; {remedy}")
    cells = [row.partition(",") for row in rows]
    # numpy passes over blank rows
    empty = next((key for key, _, rest in cells if not rest.strip()), None)
    if empty is not None:
        raise InputError(f"{where} has no number after {quote(empty)!r}; {remedy}")
    try:
        values = np.loadtxt(
            [rest for _, _, rest in cells], delimiter=",", comments=None, ndmin=2, dtype=float
        )
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{where} holds a cell that is no number ({quote(error)}); {remedy}"
        ) from error
    if values.shape != (len(rows), width):
        raise InputError(f"{where} does not have {width} numbers in each row; {remedy}")
    if not np.isfinite(values).all():
        raise InputError(f"{where} holds an infinite or undefined number; {remedy}")
    return [key.strip() for key, _, _ in cells], values


def date_index(
    dates: Sequence[str], frequency: str, where: str, layout: str, remedy: str = AGAIN
) -> pd.Index:
    """Index of dates, checked: real dates, in order, none twice, none left out.

    Parameters
    ----------
    dates : sequence of str
        Days written as `layout`; for months and quarters the first day of each.
    frequency : {"monthly", "quarterly", "annual", "daily", "trading"}
        ``"daily"`` is every day of the calendar, ``"trading"`` the days a market is open.
    where : str
        What errors call the table.
    layout : str
        Format for :func:`pandas.to_datetime`.
    remedy : str
        What errors tell the reader to do.
    """
    days = pd.to_datetime(pd.Series(list(dates), dtype=str), format=layout, errors="coerce")
    shape = len(pd.Timestamp(2000, 1, 1).strftime(layout))
    texts = pd.Series(list(dates), dtype=str)
    # pandas takes digits of any script
    wrong = (days.isna() | (texts.str.len() != shape) | ~texts.map(str.isascii)).to_numpy()
    if wrong.any():
        raise InputError(f"{where} has {quote(dates[int(wrong.argmax())])!r} for a date; {remedy}")
    if not days.dt.year.between(1700, 2300).all():
        raise InputError(f"{where} has a year before 1700 or after 2300; {remedy}")
    if frequency in ("daily", "trading"):
        return _day_index(days, frequency, where, remedy)
    if frequency == "annual":
        return _period_index(days, days.dt.year.to_numpy(), "Y", "year", where, remedy)
    code, noun, per_year = _PER_YEAR[frequency]
    months = days.dt.month.to_numpy() - 1
    if (days.dt.day != 1).any() or (months % (12 // per_year) != 0).any():
        raise InputError(f"{where} has a date that does not open a {noun}; {remedy}")
    numbers = days.dt.year.to_numpy() * per_year + months // (12 // per_year)
    return _period_index(days, numbers, code, noun, where, remedy)


def _period_index(
    days: pd.Series, numbers: np.ndarray, code: str, noun: str, where: str, remedy: str
) -> pd.PeriodIndex:
    index = pd.PeriodIndex(days, freq=code, name=noun)
    _check_steps(np.diff(numbers), 1, index, noun, where, remedy)
    return index


def _day_index(days: pd.Series, frequency: str, where: str, remedy: str) -> pd.DatetimeIndex:
    index = pd.DatetimeIndex(days.to_numpy(), name="day")
    longest = 1 if frequency == "daily" else MAX_CLOSED_DAYS
    steps = np.diff(days.to_numpy().astype("datetime64[D]").astype(int))
    _check_steps(steps, longest, index, "day", where, remedy)
    return index


def _check_steps(
    steps: np.ndarray, longest: int, index: pd.Index, noun: str, where: str, remedy: str
) -> None:
    if (steps == 0).any():
        twice = index[int((steps == 0).argmax())]
        raise InputError(f"{where} has the {noun} {date_words(twice)} twice; {remedy}")
    if (steps < 0).any():
        late = index[int((steps < 0).argmax()) + 1]
        raise InputError(f"{where} has the {noun} {date_words(late)} out of order; {remedy}")
    if (steps > longest).any():
        at = int((steps > longest).argmax())
        raise InputError(
            f"{where} leaves out what lies between {date_words(index[at])} and "
            f"{date_words(index[at + 1])}; {remedy}"
        )


def date_words(when: pd.Period | pd.Timestamp) -> str:
    """A month or a day as an error names it: ``2001-09``, ``2001-09-17``."""
    return str(when.date()) if isinstance(when, pd.Timestamp) else str(when)


def check_range(frame: pd.DataFrame, low: float, high: float, where: str) -> None:
    """Refuse a frame with a value outside ``[low, high]``, naming column, date and value."""
    values = frame.to_numpy()
    outside = (values < low) | (values > high)
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise InputError(
            f"{where} has {values[row, column]:g} for {frame.columns[column]} in "
            f"{date_words(frame.index[row])}, outside its plausible range {low:g} to {high:g}; "
            f"{AGAIN}, or data/sources.yml needs a wider range"
        )
