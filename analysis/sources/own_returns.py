"""A reader's own returns from a CSV file: dates in the first column, one column a series.

A file is named with its columns, ``FILE.csv:SMALL-LARGE``: two columns of total returns, or one
that is small less large already. ``:closes`` at the end says that the columns hold closes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.files import digest_file, load_rows
from analysis.results import InputError

#: Names the file and columns in use; the command line sets it for the kernels it starts.
VARIABLE = "SMALLCAP_LEG"

#: A typical return beyond which a column must be in per cent: no index moves so every month or day.
PER_CENT = {"monthly": 0.25, "daily": 0.10}

#: Calendar days that a daily file may leave out; exchanges never closed longer since 1914.
LONGEST_BREAK = 12

_SPEC = re.compile(
    r"(?P<file>.+?\.csv)"
    r"(?::(?!(?:returns|closes)$)(?P<columns>[^:]+))?"
    r"(?::(?P<kind>returns|closes))?",
    re.IGNORECASE,
)
#: No leg of the project's own holds any of these.
_FILE_LIKE = re.compile(r"[:/\\]|\.\w")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_REMEDY = "correct the file"


@dataclass(frozen=True)
class OwnReturns:
    """Own series as the file has them.

    Attributes
    ----------
    values : DataFrame, shape (dates, one or two columns)
        Decimal total returns; PeriodIndex of months or DatetimeIndex of days. With two columns the
        first is small caps, the second large caps; one column is small less large already.
    frequency : {"monthly", "daily"}
    file : str
        Name of the file, without its folder.
    closes : bool
        Whether the returns were made from closes.
    digest : str
        SHA-256 of the file, 64 hex digits.
    """

    values: pd.DataFrame
    frequency: str
    file: str
    closes: bool
    digest: str


def is_file_spec(text: str) -> bool:
    """Whether a leg is named by a file, rightly or not, and is none of the project's own."""
    return _FILE_LIKE.search(text) is not None


def absolute(spec: str) -> str:
    """The same file and columns, whatever folder a process works in."""
    match = _parsed(spec)
    return str(Path(match["file"]).resolve()) + spec[match.end("file") :]


def load_own_returns(spec: str) -> OwnReturns:
    """Read and check a file of returns or closes.

    Parameters
    ----------
    spec : str
        ``FILE.csv``, ``FILE.csv:COLUMN`` or ``FILE.csv:SMALL-LARGE``, with ``:closes`` at the end
        where the columns hold closes.

    Raises
    ------
    InputError
        In one line that names file, line or column, and the remedy: no such file or column, a
        column twice, a date that is text, dates out of order or twice, another frequency than
        monthly or daily, a month or a stretch of days left out, an empty cell, a cell that is no
        number, returns in per cent, a loss of everything, a close that is not positive.
    """
    match = _parsed(spec)
    path, closes = Path(match["file"]), (match["kind"] or "").lower() == "closes"
    if not path.is_file():
        raise InputError(f"{match['file']}: no such file; name a CSV file of your returns")
    head, rows = load_rows(path, _REMEDY)
    if len(head) < 2 or not rows:
        raise InputError(f"{path.name}: needs a column of dates, a column of returns, and rows")
    columns = _columns(path.name, head[1:], match["columns"])
    index, frequency = _dates(path.name, [row[0].strip() for row in rows])
    table = {
        name: [
            _number(path.name, name, at, row[head.index(name)]) for at, row in enumerate(rows, 2)
        ]
        for name in columns
    }
    values = pd.DataFrame(table, index=index)
    if closes:
        values = _from_closes(path.name, values)
    for name in columns:
        _check_returns(path.name, name, values[name], frequency)
    return OwnReturns(values, frequency, path.name, closes, digest_file(path))


def _parsed(spec: str) -> re.Match[str]:
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise InputError(
            f"leg {spec!r} names no columns of a CSV file; write FILE.csv:SMALL-LARGE or"
            " FILE.csv:COLUMN, with :closes at the end where they hold closes"
        )
    return match


def _columns(file: str, there: list[str], named: str | None) -> tuple[str, ...]:
    """The one or two columns that are named; a name may hold a hyphen itself."""
    if named is None:
        if len(there) == 1:
            return (there[0],)
        raise InputError(
            f"{file}: holds {', '.join(there)}; say which, {file}:COLUMN or {file}:SMALL-LARGE"
        )
    if named in there:
        return (named,)
    for at, sign in enumerate(named):
        pair = (named[:at], named[at + 1 :])
        if sign == "-" and set(pair) <= set(there):
            if pair[0] == pair[1]:
                raise InputError(f"{file}: {named}: small and large are the same column; name two")
            return pair
    raise InputError(f"{file}: no columns {named!r}; it holds {', '.join(there)}")


def _dates(file: str, texts: list[str]) -> tuple[pd.PeriodIndex | pd.DatetimeIndex, str]:
    for line, text in enumerate(texts, 2):
        if not (_MONTH.fullmatch(text) or _DAY.fullmatch(text)):
            raise InputError(
                f"{file}, line {line}: {text!r} is no month or day; write YYYY-MM or YYYY-MM-DD"
            )
    try:
        days = pd.to_datetime(texts, format="ISO8601")
    except ValueError as error:
        raise InputError(f"{file}: a day that is in no calendar; {_REMEDY}") from error
    for line, (before, after) in enumerate(pairwise(texts), 3):
        if after <= before:
            what = "stands twice" if after == before else f"comes after {before}"
            raise InputError(f"{file}, line {line}: {after} {what}; sort the dates, each once")
    months = days.to_period("M")
    if months.is_unique:
        _check_months(file, months)
        return months, "monthly"
    _check_days(file, days)
    return days, "daily"


def _check_months(file: str, months: pd.PeriodIndex) -> None:
    for before, after in pairwise(months):
        if after != before + 1:
            raise InputError(
                f"{file}: no row for {before + 1}, between {before} and {after}; every month from"
                " the first to the last is needed"
            )


def _check_days(file: str, days: pd.DatetimeIndex) -> None:
    steps = pd.Series(days).diff().dt.days.dropna()
    if steps.median() > 3:
        raise InputError(
            f"{file}: rows lie {steps.median():.0f} days apart; give monthly or daily returns"
        )
    if steps.max() > LONGEST_BREAK:
        at = int(steps.idxmax())
        raise InputError(
            f"{file}: no row between {days[at - 1]:%Y-%m-%d} and {days[at]:%Y-%m-%d}; every session"
            " from the first to the last is needed"
        )


def _number(file: str, column: str, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        said = "is empty" if not text.strip() else f"holds {text.strip()!r}, which is no number"
        raise InputError(f"{file}, line {line}: column {column} {said}; {_REMEDY}")
    return value


def _from_closes(file: str, closes: pd.DataFrame) -> pd.DataFrame:
    for name in closes:
        if (closes[name] <= 0).any():
            raise InputError(f"{file}: column {name}: a close that is not positive; {_REMEDY}")
    return closes.pct_change().iloc[1:]


def _check_returns(file: str, name: str, values: pd.Series, frequency: str) -> None:
    typical = float(values.abs().median())
    if typical > PER_CENT[frequency]:
        hint = "; or say :closes where they are prices" if values.gt(0).all() else ""
        raise InputError(
            f"{file}: column {name}: a typical {frequency} value of {typical:.2g} looks like per"
            f" cent; divide by 100, so that 0.01 is one per cent{hint}"
        )
    if values.le(-1).any():
        raise InputError(
            f"{file}: column {name}: a return of {values.min():g} loses everything or more;"
            " give decimal returns, 0.01 for one per cent"
        )
