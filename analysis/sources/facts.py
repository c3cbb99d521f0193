"""The tables of public facts in ``data/facts``: read, checked, typed and cut at a date.

Every table is a CSV with one fact a row and its source beside it. Easing cycles, recessions,
changes of the target and tariff events are dates; the five other tables hold figures that others
published, as ranges (``value_low``, ``value_high``) whose open ends are missing.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import CODE, load_rows, load_yaml_list
from analysis.results import InputError
from analysis.sources.confirmation import confirm_facts
from analysis.texts import ADDRESS, MONTH, unseen

__all__ = ["FACTS_FOLDER", "confirm_facts", "load_facts", "load_known_answers"]

FACTS_FOLDER = CODE / "data" / "facts"
KNOWN_ANSWERS = FACTS_FOLDER.parent / "published" / "known_answers.yml"

QUALIFIERS = ("exact", "about", "derived", "worded", "range", "above", "below")
WITHOUT_VALUE = ("direction", "deviation")
LINKMONTHS = 12

_YEAR = "[0-9]{4}"
_DAY = MONTH + "-(0[1-9]|[12][0-9]|3[01])"
_PARTIAL = f"({_YEAR}|{MONTH}|{_DAY})"
_NUMBER = r"-?[0-9]+(\.[0-9]+)?"


def _optional(pattern: str) -> str:
    return rf"({pattern})?"


_PUBLISHED = {
    "id": r"[a-z0-9]+(-[a-z0-9]+)*",
    "date": _optional(rf"{_PARTIAL}(/{_PARTIAL})?"),
    "date_low": _optional(_DAY),
    "date_high": _optional(_DAY),
    "precision": "day|month|year|span|unknown",
    "index": ".+",
    "metric": ".+",
    "value_low": _optional(_NUMBER),
    "value_high": _optional(_NUMBER),
    "qualifier": "|".join((*QUALIFIERS, *WITHOUT_VALUE)),
    "direction": ".*",
    "unit": ".*",
    "published_on": _optional(_PARTIAL),
    "source_url": ADDRESS,
    "confidence": "high|medium|low",
    "superseded_by": ".*",
    "note": ".*",
}
_COLUMNS: dict[str, dict[str, str]] = {
    "easing_cycles": {
        "cycle": MONTH,
        "target_date": _optional(f"{MONTH}|{_DAY}"),
        "discount_date": _optional(f"{MONTH}|{_DAY}"),
        "peak_percent": _optional(_NUMBER),
        "peak_series": "(FEDFUNDS|DFEDTAR|DFEDTARU|discount)?",
        "first_move_bp": _optional(_NUMBER),
        "discount_move_bp": _optional(_NUMBER),
        "recession_linked": "yes|no|open",
        "linked_months": _optional("[0-9]+"),
        "bank_list_date": _optional(MONTH),
        "optional": "yes|no",
        "flag": ".*",
        "excluded": "yes|no",
        "reason": ".*",
        "source": ".+",
    },
    "nber_cycles": {
        "peak": MONTH,
        "trough": _optional(MONTH),
        "peak_announced": _optional(MONTH),
        "trough_announced": _optional(MONTH),
        "source": ".+",
    },
    "forward_pe": {
        **_PUBLISHED,
        "provider": ".+",
        "definition": ".*",
        "small_index": "(Russell 2000|S&P 600|Leuthold small caps)?",
        "large_index": "(S&P 500|Russell 1000|Russell Top 200|Leuthold large caps)?",
        "earnings": "(forward|trailing|not stated)?",
        "loss_makers": "(included|excluded|screened|not stated)?",
        "weighting": "(weighted|median|not stated)?",
        "percent_from_average": _optional(_NUMBER),
    },
    "bank_forecasts": {
        **_PUBLISHED,
        "bank": ".+",
        "size": "small|large|mid|small minus large",
        "horizon_low": _NUMBER,
        "horizon_high": _NUMBER,
        "real_or_nominal": "real|nominal",
        "price_or_total": "price|total|unspecified",
        "starting_forward_pe_low": _optional(_NUMBER),
        "starting_forward_pe_high": _optional(_NUMBER),
        "starting_relative_pe": _optional(_NUMBER),
        "percent_from_average": _optional(_NUMBER),
        "r_squared": _optional(_NUMBER),
    },
    "first_cut_studies": {
        **_PUBLISHED,
        "who": ".+",
        "sample": ".+",
        "sample_start": _optional(_YEAR),
        "events": "[0-9]*",
        "event_definition": ".+",
        "event_kind": ".+",
        "benchmark": ".*",
        "horizon_low": _optional(_NUMBER),
        "horizon_high": _optional(_NUMBER),
    },
    "interest_burden": {**_PUBLISHED, "provider": ".+"},
    "published_figures": {
        **_PUBLISHED,
        "topic": "active funds|domestic revenue|earnings growth|fund flows|fund weights"
        "|loan maturity|positions|price to book and sales",
        "window": ".*",
        "unit": ".+",
        "benchmark": ".*",
        "provider": ".+",
        "published_on": _PARTIAL,
    },
    "tariff_events": {
        "event": r"[a-z0-9]+(-[a-z0-9]+)*",
        "date": _DAY,
        "kind": "announce|escalate|retreat|court",
        "timing": "before open|during session|after close|outside US hours|weekend|takes effect"
        "|scheduled|not stated",
        "what": ".+",
        "source_url": ADDRESS,
        "confidence": "high|medium|low",
    },
    "target_changes": {
        "event": r"[a-z0-9]+(-[a-z0-9]+)*",
        "date": _DAY,
        "move_bp": r"-?[1-9][0-9]*",
        "upper_percent": _NUMBER,
        "meeting": "scheduled|unscheduled|not stated",
        "source_url": ADDRESS,
        "confidence": "high|medium|low",
        "note": ".*",
    },
}
_NUMBERS = (
    "move_bp",
    "upper_percent",
    "peak_percent",
    "first_move_bp",
    "discount_move_bp",
    "value_low",
    "value_high",
    "percent_from_average",
    "horizon_low",
    "horizon_high",
    "starting_forward_pe_low",
    "starting_forward_pe_high",
    "starting_relative_pe",
    "r_squared",
)
_SOURCES = ("source_url", "source")

#: What to do about a cell that does not hold what it should.
REMEDY = "correct it, or put the committed file back"
_COUNTS = ("linked_months", "events", "sample_start")
_YES_NO = ("optional", "excluded")


def load_facts(
    as_of: pd.Period | None = None, folder: Path = FACTS_FOLDER
) -> Mapping[str, pd.DataFrame]:
    """Read every table as a person could have known them at the end of `as_of`.

    Parameters
    ----------
    as_of : pandas.Period or None
        Last month seen; None keeps everything.
    folder : Path
        Where the CSV files are.

    Returns
    -------
    mapping of str to DataFrame
        ``easing_cycles``
            One row a cycle, by `cycle`. Adds ``target_month``, ``discount_month`` and
            ``bank_list_month`` (monthly periods, NaT where there is none or it lies after
            `as_of`). Rates in percent a year, moves in basis points. ``linked_months`` counts from
            the earlier policy date by the target rule, else the discount rule, to the first
            recession month. `flag` and `reason` are words written in hindsight: never compute
            with them.
        ``nber_cycles``
            ``peak, trough, peak_announced, trough_announced`` as monthly periods. A turn is seen
            from its announcement on, and from its date where nobody announced it (before 1980).
        ``target_changes``
            One row a change of the federal funds target since 1990: ``day`` (timestamp) of its
            announcement, ``move_bp`` and ``upper_percent`` by the upper end of the target,
            ``meeting``, ``known_month``.
        ``tariff_events``
            One row an announcement or retreat: ``day`` (timestamp), ``kind``, ``timing`` against
            the New York session, ``what`` (words), ``known_month``.
        ``forward_pe``, ``bank_forecasts``, ``first_cut_studies``, ``interest_burden``
            ``date_low, date_high`` as timestamps, numbers as floats, ``known_month``: the later of
            the fact's date and its publication. A row without any date is seen only when `as_of`
            is None. ``bank_forecasts`` adds ``starting_forward_pe``, the middle of the given range.
            A multiple in ``forward_pe`` has its definition in columns of their own: the side or
            both sides it measures (``small_index``, ``large_index``), ``earnings``,
            ``loss_makers`` (``screened``: the index admits only firms that earn money),
            ``weighting`` (``median``: of the companies). What a source only makes probable is
            ``not stated``; `definition` is the same in words, for a reader.

    Raises
    ------
    InputError
        Naming file, row and column, when a table does not hold what it should.
    """
    if as_of is not None and (not isinstance(as_of, pd.Period) or as_of.freqstr != "M"):
        raise InputError(f"as_of must be a monthly pandas Period or None, not {as_of!r}")
    tables = {name: table.copy() for name, table in _read_tables(folder).items()}
    if as_of is None:
        return tables
    cut = {n: _cut_published(t, as_of) for n, t in tables.items() if "known_month" in t}
    return {
        "easing_cycles": _cut_cycles(tables["easing_cycles"], as_of),
        "nber_cycles": _cut_recessions(tables["nber_cycles"], as_of),
        **cut,
    }


def load_known_answers(path: Path = KNOWN_ANSWERS) -> pd.DataFrame:
    """Figures of the literature this project must come near to, by `id`.

    Returns
    -------
    DataFrame
        ``name, value, bundled, unit, tolerance, reason, confidence, source``; `bundled` is missing
        where the bundled data are not known to differ from print.
    """
    return pd.DataFrame(load_yaml_list(path)).set_index("id")


@functools.lru_cache(maxsize=2)
def _read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {name: _read_table(folder / f"{name}.csv", name) for name in _COLUMNS}


def _read_table(path: Path, name: str) -> pd.DataFrame:
    head, rows = load_rows(path, REMEDY)
    raw = pd.DataFrame(rows, columns=head, dtype=str)
    _check_lines(raw, path.name)
    _check_columns(raw, path.name, _COLUMNS[name])
    table = _typed(raw, path.name)
    if "id" in table:
        _check_published(table, path.name)
    if "move_bp" in table:
        _check_moves(table, path.name)
    return table


def _check_columns(raw: pd.DataFrame, file: str, patterns: Mapping[str, str]) -> None:
    import pandera.pandas as pa

    if odd := set(raw.columns) ^ set(patterns):
        raise InputError(f"{file}: column {sorted(odd)[0]} is missing or not expected")
    columns = {
        column: pa.Column(str, pa.Check.str_matches(rf"(?:{pattern})\Z"))
        for column, pattern in patterns.items()
    }
    key = next(name for name in ("id", "cycle", "peak", "event") if name in patterns)
    columns[key] = pa.Column(str, pa.Check.str_matches(rf"(?:{patterns[key]})\Z"), unique=True)
    try:
        pa.DataFrameSchema(columns).validate(raw, lazy=True)
    except pa.errors.SchemaErrors as error:
        first = error.failure_cases.iloc[0]
        column, twice = first["column"], first["check"] == "field_uniqueness"
        what = _what_is_wrong(column, first["failure_case"], twice)
        raise _fault(file, int(first["index"]), column, what) from error


def _what_is_wrong(column: str, text: str, twice: bool) -> str:
    """What a cell holds that it should not, and the remedy."""
    if twice:
        return f"{text!r} stands twice; take one row out"
    if column in _SOURCES and not text:
        return "is empty, and a fact without a source is none; give its source, or take the row out"
    return f"{text!r} is not of the right form; {REMEDY}"


def _check_lines(raw: pd.DataFrame, file: str) -> None:
    """Every cell is one line that shows all it holds."""
    for column in raw:
        for position, text in enumerate(raw[column]):
            if (what := unseen(text)) is not None:
                raise _fault(file, position, str(column), f"holds {what}")


def _fault(file: str, position: int, column: str, what: str) -> InputError:
    """Rows are counted as a text editor counts lines: the header is line 1."""
    return InputError(f"{file}, line {position + 2}, column {column}: {what}")


def _typed(raw: pd.DataFrame, file: str) -> pd.DataFrame:
    table = raw.copy()
    for column in table.columns.intersection(_NUMBERS):
        table[column] = pd.to_numeric(raw[column].replace("", np.nan))
    for column in table.columns.intersection(_COUNTS):
        table[column] = pd.to_numeric(raw[column].replace("", np.nan)).astype("Int64")
    for column in table.columns.intersection(_YES_NO):
        table[column] = raw[column].eq("yes")
    if "cycle" in table:
        for column in ("target_date", "discount_date", "bank_list_date"):
            months = _months(raw[column], file, column)
            table[column.removesuffix("_date") + "_month"] = months
    for column in table.columns.intersection(
        ["peak", "trough", "peak_announced", "trough_announced"]
    ):
        table[column] = _months(raw[column], file, column)
    if "id" in table:
        for column in ("date_low", "date_high"):
            table[column] = _days(raw[column], file, column)
        published = raw["published_on"].where(
            raw["published_on"].str.len() != 4, lambda y: y + "-12"
        )
        months = pd.concat(
            [_months(published, file, "published_on"), table["date_high"].dt.to_period("M")], axis=1
        )
        table["known_month"] = months.max(axis=1).astype("period[M]")
    if "event" in table:
        table["day"] = _days(raw["date"], file, "date")
        table["known_month"] = table["day"].dt.to_period("M")
    if "starting_forward_pe_low" in table:
        ends = table[["starting_forward_pe_low", "starting_forward_pe_high"]]
        table["starting_forward_pe"] = ends.mean(axis=1)
    return table


def _days(text: pd.Series, file: str, column: str) -> pd.Series:
    # The pattern lets 31 February pass; the calendar does not.
    days = pd.to_datetime(text.where(text != ""), format="ISO8601", errors="coerce")
    wrong = days.isna() & (text != "")
    if wrong.any():
        position = int(np.flatnonzero(wrong)[0])
        raise _fault(file, position, column, f"{text.iloc[position]!r} is not in the calendar")
    return days


def _months(text: pd.Series, file: str, column: str) -> pd.Series:
    return _days(text, file, column).dt.to_period("M")


def _check_published(table: pd.DataFrame, file: str) -> None:
    low, high, kind = table["value_low"], table["value_high"], table["qualifier"]
    point = kind.isin(["exact", "about", "derived"])
    rules = {
        "value_high": {
            "lies below value_low": high < low,
            "differs from value_low though the figure is one number": point & ~(low == high),
            "must be empty for 'above'": (kind == "above") & high.notna(),
            "is missing": kind.isin(["below", "range", "worded"]) & high.isna(),
        },
        "value_low": {
            "must be empty for 'below'": (kind == "below") & low.notna(),
            "is missing": kind.isin(["above", "range", "worded"]) & low.isna(),
            "must be empty where no number was given": kind.isin(WITHOUT_VALUE) & low.notna(),
        },
        "direction": {"is missing": (kind == "direction") & (table["direction"] == "")},
        "date_high": {"lies before date_low": table["date_high"] < table["date_low"]},
        **_definition_rules(table),
        "superseded_by": {
            "names no id of this table": ~table["superseded_by"].isin([*table["id"], ""])
        },
    }
    for column, faults in rules.items():
        for what, wrong in faults.items():
            if wrong.any():
                raise _fault(file, int(np.flatnonzero(wrong)[0]), column, what)


def _check_moves(table: pd.DataFrame, file: str) -> None:
    """Days ascend, and each level is the one before and its move."""
    late = table["day"].diff() <= pd.Timedelta(0)
    off = (table["upper_percent"].diff() - table["move_bp"] / 100.0).abs() > 1e-9
    rules = {
        ("date", "does not lie after the one before it"): late,
        ("upper_percent", "is not the level before and the move"): off,
    }
    for (column, what), wrong in rules.items():
        if wrong.any():
            raise _fault(file, int(np.flatnonzero(wrong)[0]), column, what)


def _definition_rules(table: pd.DataFrame) -> dict[str, dict[str, pd.Series]]:
    """What a multiple's definition must hold; nothing for tables without multiples."""
    if "loss_makers" not in table:
        return {}
    sides = table[["small_index", "large_index"]].ne("").any(axis=1)
    screened = table[["small_index", "large_index"]].apply(lambda c: c.str.startswith("S&P"))
    russell = table[["small_index", "large_index"]].apply(lambda c: c.str.startswith("Russell"))
    only_screened = screened.any(axis=1) & ~russell.any(axis=1)
    return {
        "earnings": {"is missing for a multiple": sides & table["earnings"].eq("")},
        "loss_makers": {
            "is missing for a multiple": sides & table["loss_makers"].eq(""),
            "must be 'screened' for an index of S&P": only_screened
            & ~table["loss_makers"].eq("screened"),
            "cannot be 'screened' for an index of Russell": russell.any(axis=1)
            & table["loss_makers"].eq("screened"),
        },
        "weighting": {"is missing for a multiple": sides & table["weighting"].eq("")},
    }


def _cut_published(table: pd.DataFrame, as_of: pd.Period) -> pd.DataFrame:
    return table[table["known_month"] <= as_of].reset_index(drop=True)


def _cut_cycles(table: pd.DataFrame, as_of: pd.Period) -> pd.DataFrame:
    start = table["target_month"].fillna(table["discount_month"])
    first = table[["target_month", "discount_month"]].min(axis=1)
    seen = table.copy()
    for name in ("target", "discount", "bank_list"):
        late = table[f"{name}_month"] > as_of
        seen[f"{name}_month"] = table[f"{name}_month"].mask(late)
        seen[f"{name}_date"] = table[f"{name}_date"].mask(late, "")
    for name, what in (("discount", "discount_move_bp"), ("target", "first_move_bp")):
        seen[what] = table[what].mask(table[f"{name}_month"] > as_of)
    age = (as_of.ordinal - start.astype("int64")).astype("Int64")
    unseen = (table["linked_months"].isna() | (table["linked_months"] > age)).astype(bool)
    seen["linked_months"] = table["linked_months"].mask(unseen)
    verdict = pd.Series(np.where(age >= LINKMONTHS, "no", "open"), index=table.index)
    seen["recession_linked"] = table["recession_linked"].mask(
        unseen & (table["recession_linked"] != "open"), verdict
    )
    return seen[first <= as_of].reset_index(drop=True)


def _cut_recessions(table: pd.DataFrame, as_of: pd.Period) -> pd.DataFrame:
    """Turns as they were known: announced by then, or dated where nobody announced them."""
    peak_known = table["peak_announced"].fillna(table["peak"])
    trough_known = table["trough_announced"].fillna(table["trough"])
    seen = table.assign(
        trough=table["trough"].mask(trough_known > as_of),
        trough_announced=table["trough_announced"].mask(trough_known > as_of),
    )
    return seen[peak_known <= as_of].reset_index(drop=True)
