"""The catalogue of the latest data: ``data/sources.yml`` as validated models."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from pydantic import Field, ValidationError, model_validator

from analysis.files import CODE, load_yaml
from analysis.results import InputError
from analysis.texts import MONTH, Address, OneLine

CATALOGUE_FILE = CODE / "data" / "sources.yml"

_ENDINGS = {"french": "_CSV.zip", "fred": ".csv", "shiller": ".xls", "prices": ".csv"}
_TICKER = re.compile(r"prices/[A-Z0-9][A-Z0-9.-]{0,11}")


class Publisher(OneLine):
    """Who serves files, from which address and under what licence.

    Attributes
    ----------
    base : str or None
        Address the names of files are joined to; None where the user brings the files.
    """

    name: str
    base: Address | None
    home: Address | None
    licence: str


class Table(OneLine):
    """What one table of a file must look like.

    Attributes
    ----------
    range : tuple of float
        What its values may plausibly be.
    column_ranges : dict of str to tuple of float
        The same for single columns.
    first : str or None
        Month it must reach back to.
    complete : bool
        Whether the publisher leaves no cell of it missing.
    reaches : float or None
        What its largest number must reach, sign aside; less is another unit, such as decimals in
        place of per cent.
    """

    range: tuple[float, float]
    column_ranges: dict[str, tuple[float, float]] = Field(default_factory=dict)
    first: str | None = Field(default=None, pattern=f"^{MONTH}$")
    complete: bool = False
    reaches: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _check_ranges(self) -> Table:
        for low, high in (self.range, *self.column_ranges.values()):
            if low >= high:
                raise ValueError(f"range {low} to {high} is empty")
        return self


class Source(OneLine):
    """One file of a publisher and how it is read.

    Attributes
    ----------
    id : str
        Place in a mirror folder without the ending, such as ``french/25_Portfolios_5x5``.
    path : str
        Place in a mirror folder, such as ``french/25_Portfolios_5x5_CSV.zip``.
    file : str
        The publisher's name for the file, joined to the publisher's base address.
    link : str or None
        The file is the one with this name that the page at the address links to.
    columns : tuple of str
        Columns of every table, in order.
    tables : dict of str to Table
        Tables the file must hold.
    blanks : tuple of str
        Dates the publisher is known to have left without a value.
    required : bool
        Whether there is no snapshot without this file. Only the factors are: they give the panel
        its months. What needs another file that is absent is refused, with the reason.
    last : str or None
        Month its publisher ended it in; None where it goes on.
    public : bool
        Whether it is in the public domain and ships in ``data/public``.
    """

    id: str = Field(pattern=r"^[a-z]+/[A-Za-z0-9_.-]+$")
    title: str
    publisher: str
    file: str | None
    link: str | None = None
    reader: Literal["french", "fred", "shiller", "prices"]
    frequency: Literal["monthly", "quarterly", "daily", "trading"]
    unit: str
    licence: str
    citation: str
    columns: tuple[str, ...] = Field(min_length=1)
    tables: dict[str, Table] = Field(min_length=1)
    blanks: tuple[str, ...] = ()
    first: str | None = Field(default=None, pattern=f"^{MONTH}$")
    last: str | None = Field(default=None, pattern=f"^{MONTH}$")
    required: bool = False
    public: bool = False

    @property
    def path(self) -> str:
        """Where its file lies in a folder of raw files."""
        return self.id + _ENDINGS[self.reader]


class Prices(OneLine):
    """What every file of a fund's closes has in common, and the funds the book asks for."""

    title: str
    publisher: Literal["prices"]
    frequency: Literal["trading"]
    reader: Literal["prices"]
    unit: str
    citation: str
    columns: tuple[str, ...]
    tables: dict[str, Table]
    required: Literal[False]
    tickers: tuple[str, ...]


class Catalogue(OneLine):
    """Everything ``data/sources.yml`` says.

    Attributes
    ----------
    publishers : dict of str to Publisher
    sources : tuple of Source
        The funds the book asks for included.
    """

    publishers: dict[str, Publisher]
    sources: tuple[Source, ...]
    prices: Prices

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, raw: Any) -> Any:
        """Put named columns, named tables and the publishers' licences where sources use them."""
        raw = dict(raw)
        columns, tables = raw.pop("columns", {}), raw.pop("tables", {})
        filled = []
        for source in raw["sources"]:
            named, shared = source.get("columns"), source.get("tables")
            licence = raw["publishers"].get(source["publisher"], {}).get("licence")
            filled.append(
                {
                    "licence": licence,
                    **source,
                    "columns": columns.get(named) if isinstance(named, str) else named,
                    "tables": tables.get(shared) if isinstance(shared, str) else shared,
                }
            )
        return {**raw, "sources": filled}

    @model_validator(mode="after")
    def _check_ids(self) -> Catalogue:
        ids = [source.id for source in self.sources]
        if len(set(ids)) != len(ids):
            raise ValueError("two sources have the same id")
        for source in self.sources:
            if source.id.split("/")[0] != source.publisher or source.reader != source.publisher:
                raise ValueError(f"{source.id} does not begin with its publisher and reader")
            if source.publisher not in self.publishers:
                raise ValueError(f"{source.id} has the unknown publisher {source.publisher}")
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all publishers' files; funds come on top, one file a ticker."""
        return tuple(source.id for source in self.sources)

    def source(self, id: str) -> Source:
        """The source of that id; any ticker under ``prices/`` has one.

        Raises
        ------
        InputError
            If the catalogue does not know the id.
        """
        for source in self.sources:
            if source.id == id:
                return source
        if _TICKER.fullmatch(id):
            shared = self.prices.model_dump(exclude={"tickers"})
            licence = self.publishers["prices"].licence
            return Source(id=id, file=None, licence=licence, **shared)
        known = ", ".join(self.ids)
        raise InputError(f"no source is called {id!r}; choose one of {known} or prices/TICKER")

    def price_ids(self) -> tuple[str, ...]:
        """Ids of the funds the book asks for."""
        return tuple(f"prices/{ticker}" for ticker in self.prices.tickers)

    def address(self, source: Source) -> str | None:
        """The publisher's address of a file (of the page that links to it, if there is a link)."""
        base = self.publishers[source.publisher].base
        return None if base is None or source.file is None else urljoin(base, source.file)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """The catalogue in a file, ``data/sources.yml`` by default, validated.

    Raises
    ------
    InputError
        If the file is missing or does not describe a catalogue; the first fault is named.
    """
    return _load(path or CATALOGUE_FILE)


@functools.lru_cache(maxsize=8)
def _load(path: Path) -> Catalogue:
    raw = load_yaml(path)
    try:
        return Catalogue.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        where = _place(raw, first["loc"])
        raise InputError(f"{path}, {where or 'file'}: {said}; correct the entry") from error
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path} is no catalogue of sources ({error}); correct it") from error


def _place(raw: Mapping[str, Any], location: Sequence[int | str]) -> str:
    """Where in the file a fault is: a source by its id, the rest by its keys."""
    parts = list(location)
    if len(parts) > 1 and parts[0] == "sources" and isinstance(parts[1], int):
        parts[1] = str(raw["sources"][parts[1]].get("id", parts[1]))
    return ".".join(str(part) for part in parts)
