"""Everything a check may see, as one value, and how far each table of it reaches."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import pandas as pd

from analysis.results import NEWEST

#: Tables of a data set beside its facts, as readers know them.
TABLES = {
    "monthly": "monthly returns and rates",
    "rates": "rates and consumer prices",
    "daily": "daily returns",
    "funds": "fund prices",
    "valuation": "the yearly valuation gap",
}

#: Stands before the name of a table of facts.
FACTS = "facts/"

#: Stands before the name of a table of outlooks.
OUTLOOKS = "outlooks/"

Made = TypeVar("Made")


@dataclass(frozen=True)
class Dataset:
    """Everything a check may see.

    Attributes
    ----------
    monthly : DataFrame
        Monthly PeriodIndex without gaps; decimals.
    facts : mapping of str to DataFrame
    data : str
        ``"bundled"`` or ``"latest"``.
    as_of : Period
        Last month of `monthly`.
    rates : DataFrame or None
        The columns of :func:`analysis.panel.rates.monthly_rates` as far as their publishers have
        them, later months than the returns too; None where `monthly` holds all there is.
    daily, funds, valuation : DataFrame or None
    snapshot : str or None
        Name of the snapshot; None for data that are in none.
    vintages : mapping of str to str
        Id of each of French's files in ``data/sources.yml`` and the month (``YYYYMM``) of the CRSP
        database behind it; empty for the bundled data.
    left_out : tuple of str
        Easing cycles that lie after `as_of` and are not seen.
    cut_at : Period or None
        The month every table is cut at; None where nothing is cut.
    mixed : mapping of str to str
        Tables whose vintage (``YYYYMM``) is another than that of the returns beside them, and the
        files of :data:`analysis.panel.columns.REVISED`, with their last month.
    outlooks : mapping of str to DataFrame
        What became of the outlooks, ``paths``, ``calls`` and ``scores``, computed beforehand from
        closes of funds that the data set does not hold, and ``valuation``, the gap of every June
        there is, later ones than the returns too; empty where it holds the closes.
    oddities : mapping of str to str
        Id of each file that was kept although it was odd beside its peers, and what is odd.
    own : str
        What the leg ``own`` is made of, in words; empty where the data hold no returns of a reader.
    """

    monthly: pd.DataFrame
    facts: Mapping[str, pd.DataFrame]
    data: str
    as_of: pd.Period
    rates: pd.DataFrame | None = None
    daily: pd.DataFrame | None = None
    funds: pd.DataFrame | None = None
    valuation: pd.DataFrame | None = None
    snapshot: str | None = None
    vintages: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    cut_at: pd.Period | None = None
    mixed: Mapping[str, str] = field(default_factory=dict)
    outlooks: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    oddities: Mapping[str, str] = field(default_factory=dict)
    own: str = ""
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What several designs ask of these tables, made when it is first asked for.

        Parameters
        ----------
        key : hashable
            Names what is made, and all it is made from besides the tables.
        make : callable
            Whoever makes it reads its tables before, so that a watched data set notes them.
        """
        if key not in self._made:
            self._made[key] = make()
        found: Made = self._made[key]
        # writing into a copy leaves the original: pandas copies on write
        return found.copy(deep=False) if isinstance(found, pd.Series | pd.DataFrame) else found

    @property
    def asked(self) -> str:
        """The month everything is cut at, ``YYYY-MM``, or ``"newest"``."""
        return NEWEST if self.cut_at is None else str(self.cut_at)

    @property
    def reaches(self) -> dict[str, str]:
        """Last month (``YYYY-MM``) or day of each table that holds anything.

        Tables of facts stand as ``facts/NAME``; they reach to the month their last row was known.
        Tables of outlooks stand as ``outlooks/NAME``.
        """
        return dict(self.once("reaches", self._reached))

    def _reached(self) -> dict[str, str]:
        found = {name: _last_of(getattr(self, name)) for name in TABLES}
        found |= {f"{FACTS}{name}": _last_known(self.facts[name]) for name in self.facts}
        found |= {f"{OUTLOOKS}{n}": _last_known(table) for n, table in self.outlooks.items()}
        return {name: last for name, last in found.items() if last}

    def watched(self) -> tuple[Dataset, set[str]]:
        """The same data, and the names of its tables that are read, filled as they are read.

        Names as in :attr:`reaches`.
        """
        read: set[str] = set()
        values = {one.name: getattr(self, one.name) for one in fields(Dataset) if one.init}
        watched = {
            "facts": _WatchedTables(self.facts, FACTS, read),
            "outlooks": _WatchedTables(self.outlooks, OUTLOOKS, read),
        }
        copy = _Watched(**values | watched)
        object.__setattr__(copy, "_read", read)
        object.__setattr__(copy, "_made", self._made)
        return copy, read


class _Watched(Dataset):
    """A data set that notes which of its tables are read."""

    def __getattribute__(self, name: str) -> Any:
        if name in TABLES:
            vars(self).get("_read", set()).add(name)
        return super().__getattribute__(name)


class _WatchedTables(Mapping[str, pd.DataFrame]):
    """Tables of one kind that note which of them are read."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], kind: str, read: set[str]) -> None:
        self._tables, self._kind, self._read = tables, kind, read

    def __getitem__(self, name: str) -> pd.DataFrame:
        self._read.add(f"{self._kind}{name}")
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _last_of(table: pd.DataFrame | None) -> str:
    """Last month or day of a table by time; nothing where it is empty."""
    if table is None or table.empty:
        return ""
    last = table.index.max()
    return f"{last:%Y-%m-%d}" if isinstance(last, pd.Timestamp) else str(last)


def _last_known(table: pd.DataFrame) -> str:
    """Last month in which a row of a table of facts was known, else that any row names.

    A row that says no more than its year does not say how far the table reaches.
    """
    if "precision" in table:
        dated = table["precision"].isin(["day", "month"]) | (table["published_on"].str.len() > 4)
        columns = [table.loc[dated, "known_month"].dropna()]
    else:
        columns = [table[name].dropna() for name in table if _holds_dates(table[name])]
    months = [
        column.max() if isinstance(column.dtype, pd.PeriodDtype) else column.max().to_period("M")
        for column in columns
        if len(column)
    ]
    return str(max(months)) if months else ""


def _holds_dates(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(column)
