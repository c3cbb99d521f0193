"""Tables this project computed from publishers' data and keeps in ``data/derived``."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import CODE, load_rows
from analysis.results import InputError

DERIVED_FOLDER = CODE / "data" / "derived"

REMEDY = "run `smallcap derive`, or put the committed file back"
_VINTAGE = re.compile(r"^# .*vintage (\d{6})", re.MULTILINE)

_GAPS = ("gap_june", "gap_december")
_PERCENTILES = ("percentile_june", "percentile_december")


def load_valuation_gap(
    as_of: pd.Period | None = None, folder: Path = DERIVED_FOLDER
) -> pd.DataFrame | None:
    """Read the yearly valuation gap of small against large firms.

    Parameters
    ----------
    as_of : pandas.Period or None
        Last month seen; None keeps everything.
    folder : Path
        Where ``valuation_gap.csv`` is.

    Returns
    -------
    DataFrame or None
        By June (monthly period index ``june``): ``gap_june`` and ``gap_december``, log BE/ME of
        small firms minus that of large ones on both bases; ``percentile_june`` and
        ``percentile_december``, the share of earlier and present Junes at or below, 0 to 1. None
        where the file does not exist or holds no June up to `as_of`.

    Raises
    ------
    InputError
        Naming file and column, when the table does not hold what it should.
    """
    path = folder / "valuation_gap.csv"
    if not path.exists():
        return None
    head, rows = load_rows(path, REMEDY)
    table = _checked(pd.DataFrame(rows, columns=head, dtype=str), path.name)
    table = table if as_of is None else table[table.index <= as_of]
    return None if table.empty else table


def valuation_gap_vintage(folder: Path = DERIVED_FOLDER) -> str | None:
    """Month (``YYYYMM``) of the database behind the yearly valuation gap; None without a table."""
    path = folder / "valuation_gap.csv"
    return stated_vintage(path.read_text(encoding="utf-8")) if path.is_file() else None


def stated_vintage(text: str) -> str | None:
    """The vintage that the header of a derived table states; None where it states none."""
    found = _VINTAGE.search(text)
    return found[1] if found else None


def _checked(raw: pd.DataFrame, file: str) -> pd.DataFrame:
    for column in ("june", *_GAPS, *_PERCENTILES):
        if column not in raw:
            raise InputError(f"{file}: column {column} is missing")
    junes = raw["june"]
    if not junes.str.fullmatch("[0-9]{4}-06").all():
        raise InputError(f"{file}, column june: every entry must be a June, YYYY-06")
    numbers = {column: _numbers(raw[column], file) for column in (*_GAPS, *_PERCENTILES)}
    table = pd.DataFrame(numbers).set_axis(pd.PeriodIndex(junes, freq="M", name="june"))
    if not table.index.is_monotonic_increasing or table.index.has_duplicates:
        raise InputError(f"{file}, column june: the Junes must ascend, each once")
    for column in _PERCENTILES:
        if not table[column].dropna().between(0, 1).all():
            raise InputError(f"{file}, column {column}: a percentile lies outside 0 to 1")
    return table


def _numbers(texts: pd.Series, file: str) -> pd.Series:
    """A column as numbers; an empty cell is a missing one."""
    try:
        numbers = pd.to_numeric(texts.replace("", np.nan)).astype(float)
    except ValueError as error:
        raise InputError(
            f"{file}, column {texts.name}: holds something that is not a number; {REMEDY}"
        ) from error
    if np.isinf(numbers).any():
        raise InputError(f"{file}, column {texts.name}: holds an infinite number; {REMEDY}")
    return numbers
