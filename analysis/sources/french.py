"""French's zips: every table of a file of the data library, in the units it is published in.

A file is one CSV text in a zip: a preamble, tables each under a title and a line that starts with
a comma, and a copyright line. Keys of six digits are months, four years, eight days.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.results import InputError
from analysis.sources.tables import AGAIN, MAX_FILE, date_index, load_bytes, parse_cells, quote

# French marks missing cells with any of these; a portfolio never lost just 99% in a month
MISSING = (-99.99, -99.0, -999.0)

_TITLES = {
    r"(average )?value weight(ed)? returns -- monthly": "vw_monthly",
    r"(average )?equal weight(ed)? returns -- monthly": "ew_monthly",
    r"(average )?value weight(ed)? returns -- daily": "vw_daily",
    r"(average )?equal weight(ed)? returns -- daily": "ew_daily",
    r"(average )?value weight(ed)? returns -- annual.*": "vw_annual",
    r"(average )?equal weight(ed)? returns -- annual.*": "ew_annual",
    r"number of firms in portfolios": "firms",
    r"average (market cap|firm size)": "size",
    r".*\bvalue weight average of be/me calculated .*me\(dec t-1\).*": "beme_december",
    r".*\bvalue weight average of be_fyt-1/me_june t calculated .*me\(jun t\).*": "beme_june",
    r".*\bvalue weight average of op calculated .*": "op",
    r".*\bvalue weight average of investment \(.*": "inv",
    r"annual factors:( january-december)?": "annual",
}

_UNITS = {
    "firms": "count",
    "size": "million dollars",
    "beme_december": "ratio",
    "beme_june": "ratio",
    "op": "ratio",
    "inv": "ratio",
}

_KEYS = {
    6: ("monthly", "%Y%m%d", "01"),
    4: ("annual", "%Y%m%d", "0101"),
    8: ("trading", "%Y%m%d", ""),
}
_VINTAGE = re.compile(
    r"created (?:by .{1,60} )?(?:by )?using the (\d{6}) (?:CRSP|Bloomberg) database", re.I
)
_DECILE = re.compile(r"(\d)-Dec")


def read_french(file: Path | bytes, *, name: str | None = None) -> dict[str, pd.DataFrame]:
    """Every table of one file of French's data library.

    Parameters
    ----------
    file : Path or bytes
        The zip as it is published.
    name : str, optional
        What errors call the file; the path by default.

    Returns
    -------
    dict of str to DataFrame
        Keys: ``vw_monthly``, ``ew_monthly``, ``vw_annual``, ``ew_annual`` (returns, percent),
        ``firms`` (count), ``size`` (average capitalisation, million dollars), ``beme_december``
        and ``beme_june`` (BE/ME by the capitalisation of each of the two months, ratio, monthly),
        ``op``, ``inv`` (ratio); for factors ``monthly``, ``annual`` or ``daily`` (percent). A table
        of any other title stands under that title. Missing cells are NaN; deciles are called
        ``Dec 2`` to ``Dec 9`` in every vintage. ``attrs["unit"]`` gives the unit.

    Raises
    ------
    InputError
        If the zip or a table is not what the format says, or the tables stop before the vintage
        the file states.
    """
    text, name = _unpack(file, name)
    vintage = _find_vintage(text, name)
    tables: dict[str, pd.DataFrame] = {}
    for title, header, rows in _split(text, name):
        key, frame = _parse_table(title, header, rows, name)
        if key in tables:
            raise InputError(f"{name} has the table {quote(key)} twice; {AGAIN}")
        tables[key] = frame
    if not tables:
        raise InputError(f"{name} holds no table; {AGAIN}")
    _check_vintage(tables, vintage, name)
    return tables


def read_vintage(file: Path | bytes, *, name: str | None = None) -> str:
    """Month of the CRSP database the file says it was made from, ``YYYYMM``."""
    return _find_vintage(*_unpack(file, name))


def to_decimal(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns in percent as decimals: 1.5 becomes .015.

    Raises
    ------
    InputError
        If the frame is not in percent, for instance because it was converted before.
    """
    if frame.attrs.get("unit") != "percent":
        unit = frame.attrs.get("unit", "no unit")
        raise InputError(f"a table in {unit} is no table of returns; convert those in percent only")
    decimal = frame / 100
    decimal.attrs = {**frame.attrs, "unit": "decimal"}
    return decimal


def _unpack(file: Path | bytes, name: str | None) -> tuple[str, str]:
    """Text of the one CSV in the zip."""
    content, name = load_bytes(file, name)
    if content.lstrip(b"\xef\xbb\xbf").startswith(b"This file was created"):
        raise InputError(f"{name} is the text itself: put the publisher's zip in its place")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, name)
            with archive.open(members[0]) as stream:
                raw = stream.read(MAX_FILE + 1)
    except InputError:
        raise
    except Exception as error:  # zipfile lets a dozen kinds of errors of broken zips through
        raise InputError(
            f"{name} is no complete zip ({quote(error)}): it was cut short; {AGAIN}"
        ) from error
    if len(raw) > MAX_FILE:
        raise InputError(f"{name} unpacks to more than {MAX_FILE} bytes; {AGAIN}")
    # the preambles hold a few typographic characters, the tables none
    return raw.decode("utf-8", errors="replace"), name


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) != 1:
        raise InputError(f"{name} holds {len(members)} files in place of one; {AGAIN}")
    inside = members[0].orig_filename
    if not re.fullmatch(r"[\w.+-]+\.csv", inside, re.I) or inside.startswith("."):
        raise InputError(f"{name} holds {quote(inside)!r}, which is no plain CSV file; {AGAIN}")
    if members[0].file_size > MAX_FILE:
        raise InputError(
            f"{name} would unpack to {members[0].file_size} bytes, more than {MAX_FILE}; {AGAIN}"
        )


def _find_vintage(text: str, name: str) -> str:
    found = _VINTAGE.search(text[:500])
    if found is None:
        raise InputError(f"{name} does not open with the vintage it was made from; {AGAIN}")
    return found[1]


def _check_vintage(tables: dict[str, pd.DataFrame], vintage: str, name: str) -> None:
    """Tables reach the month of the vintage, annual ones the last year that was complete then."""
    year, month = int(vintage[:4]), int(vintage[4:])
    for key, frame in tables.items():
        last = frame.index[-1]
        annual = getattr(frame.index, "freqstr", "") == "Y-DEC"
        due = (year if month == 12 else year - 1) if annual else (year, month)
        if (last.year if annual else (last.year, last.month)) != due:
            raise InputError(
                f"{name}, table {quote(key)}, ends in {str(last)[:7]} but the file states "
                f"the vintage {vintage}; {AGAIN}"
            )


def _split(text: str, name: str) -> list[tuple[str, str, list[str]]]:
    """Title, header line and rows of each table.

    A table runs from a line that starts with a comma to the next blank line, so that a damaged row
    cannot end it early; numbers outside a table are refused. Files of older years, and those of
    other regions, carry no copyright line: that a file is whole is shown by its tables, which must
    reach the month of its vintage, and by its last line being complete.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    filled = [line.strip() for line in lines]
    padded = sum(bool(line) and not line.strip(",") for line in filled)
    if padded and any(line.startswith("Copyright") and line.endswith(",") for line in filled):
        raise InputError(
            f"{name} was saved again by a spreadsheet, which padded its lines with commas; put the"
            " publisher's own file in its place"
        )
    if filled[-1] and not filled[-1].startswith("Copyright"):
        raise InputError(f"{name} ends in the middle of a line: it was cut short; {AGAIN}")
    blanks = [at for at, line in enumerate(filled) if not line] + [len(lines)]
    tables, start = [], 0
    for blank in blanks:
        block = lines[start:blank]
        heads = [at for at, line in enumerate(block) if line.startswith(",")]
        if len(heads) > 1:
            raise InputError(f"{name} has two header lines in one table; {AGAIN}")
        body = block[heads[0] + 1 :] if heads else []
        stray = block[: heads[0]] if heads else block
        if any(re.match(r"\s*\d{4,8}\s*,", line) for line in stray):
            raise InputError(f"{name} has numbers outside a table near line {start + 1}; {AGAIN}")
        if heads:
            tables.append((" ".join(" ".join(stray).split()), block[heads[0]], body))
        start = blank + 1
    return tables


def _parse_table(title: str, header: str, rows: list[str], name: str) -> tuple[str, pd.DataFrame]:
    columns = [_DECILE.sub(r"Dec \1", column.strip()) for column in header.split(",")[1:]]
    where = f"{name}, table {quote(title) or 'without a title'}"
    if len(set(columns)) != len(columns) or not all(columns):
        raise InputError(f"{where} has a column without a name or the same name twice; {AGAIN}")
    keys, values = parse_cells(rows, len(columns), where)
    width = len(keys[0])
    if width not in _KEYS or not all(len(key) == width and key.isdecimal() for key in keys):
        raise InputError(f"{where} has a row that does not start with its date; {AGAIN}")
    frequency, layout, rest = _KEYS[width]
    index = date_index([key + rest for key in keys], frequency, where, layout)
    values[np.isin(values, MISSING)] = np.nan
    key = _canonical(title) or ("daily" if frequency == "trading" else frequency)
    frame = pd.DataFrame(values, index=index, columns=columns)
    frame.attrs["unit"] = _UNITS.get(key, "percent")
    return key, frame


def _canonical(title: str) -> str:
    for pattern, key in _TITLES.items():
        if re.fullmatch(pattern, title.lower()):
            return key
    return title
