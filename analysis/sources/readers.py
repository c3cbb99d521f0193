"""Readers put to the catalogue: a file is read by its reader and held against its entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.results import InputError
from analysis.sources import french
from analysis.sources.catalog import Source
from analysis.sources.fred import read_fred
from analysis.sources.prices import read_prices
from analysis.sources.shiller import read_shiller
from analysis.sources.tables import AGAIN, check_range, date_words, load_bytes, quote


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Attributes
    ----------
    tables : dict of str to DataFrame
        Under the names the catalogue gives them.
    vintage : str
        ``YYYYMM`` of the CRSP database for French, the last date held (``YYYY-MM`` or
        ``YYYY-MM-DD``) for the others, whose files state none.
    first, last : str
        First and last date of the longest table.
    notes : tuple of str
        What is odd and was kept, each a line for the reader: dates without a value.
    ended : bool
        Whether the publisher ended the series, so that it does not go on with the others.
    """

    tables: dict[str, pd.DataFrame]
    vintage: str
    first: str
    last: str
    notes: tuple[str, ...] = ()
    ended: bool = False


def read_source(source: Source, file: Path | bytes, *, name: str | None = None) -> Reading:
    """Read a file with the reader of its source and hold it against what the source says.

    Raises
    ------
    InputError
        If the reader refuses the file, or a table is absent, has other columns, starts too late or
        holds a value outside its plausible range.
    """
    content, name = load_bytes(file, name or source.path)
    tables = _read(source, content, name)
    for key, expected in source.tables.items():
        where = f"{name}, table {key}" if len(source.tables) > 1 else name
        if key not in tables:
            raise InputError(f"{name} has no table {key}, only {quote(', '.join(tables))}; {AGAIN}")
        frame = tables[key]
        if tuple(frame.columns) != source.columns:
            odd = [column for column in source.columns if column not in frame.columns]
            what = (
                f"no column {odd[0]!r}" if odd else f"the columns {quote(', '.join(frame.columns))}"
            )
            raise InputError(f"{where} has {what}; {AGAIN}, or correct data/sources.yml")
        _check_start(frame, expected.first or source.first, where)
        if expected.complete:
            _check_complete(frame, where)
        check_range(frame, *expected.range, where)
        largest = frame.abs().max().max()
        if expected.reaches is not None and largest < expected.reaches:
            raise InputError(
                f"{where} holds nothing above {largest:.3g}, where {source.unit} go to"
                f" {expected.reaches:g} at least: it is in another unit; {AGAIN}"
            )
        for column, limits in expected.column_ranges.items():
            check_range(frame[[column]], *limits, where)
    longest = max((tables[key] for key in source.tables), key=len)
    first, last = (date_words(longest.index[at]) for at in (0, -1))
    vintage = french.read_vintage(content, name=name) if source.reader == "french" else last
    if source.last is not None and _month(longest.index[-1]) < source.last:
        raise InputError(
            f"{name} ends in {last}, earlier than {source.last}, its publisher's last month: it"
            f" lost its end; {AGAIN}"
        )
    return Reading(tables, vintage, first, last, _notes(tables), source.last is not None)


def _read(source: Source, content: bytes, name: str) -> dict[str, pd.DataFrame]:
    if source.reader == "french":
        return french.read_french(content, name=name)
    if source.reader == "fred":
        series = source.columns[0]
        frame = read_fred(
            content, series=series, frequency=source.frequency, blanks=source.blanks, name=name
        )
    elif source.reader == "shiller":
        frame = read_shiller(content, name=name)
    else:
        frame = read_prices(content, name=name)
    frame.attrs["unit"] = source.unit
    return {next(iter(source.tables)): frame}


def _check_complete(frame: pd.DataFrame, where: str) -> None:
    """Refuse a table with a missing cell where the publisher leaves none."""
    gaps = frame.isna()
    if gaps.to_numpy().any():
        column = str(gaps.any().idxmax())
        day = date_words(gaps.index[gaps[column].to_numpy().argmax()])
        raise InputError(
            f"{where} has no {column} for {day}, which a file of factors never leaves out; {AGAIN}"
        )


def _notes(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    blank = [date for frame in tables.values() for date in frame.attrs.get("blank", ())]
    if not blank:
        return ()
    shown = ", ".join(blank[:3]) + (f" and {len(blank) - 3} more" if len(blank) > 3 else "")
    return (f"no value for {shown}",)


def _check_start(frame: pd.DataFrame, first: str | None, where: str) -> None:
    if first is None:
        return
    start = frame.index[0]
    annual = isinstance(start, pd.Period) and start.freqstr.startswith("Y")
    # the first calendar year that is complete
    due = f"{int(first[:4]) + (first[5:] != '01')}" if annual else first
    begun = str(start.year) if annual else _month(start)
    if begun > due:
        raise InputError(f"{where} starts in {begun}, later than {due}: it lost its start; {AGAIN}")


def _month(when: pd.Period | pd.Timestamp) -> str:
    """The month of a date; of a quarter, its first."""
    if isinstance(when, pd.Period) and when.freqstr.startswith("Q"):
        return str(when.asfreq("M", "start"))
    return f"{when.year}-{when.month:02d}"
