"""Which series a claim's test reads, and which of them end before the returns.

Nothing is declared twice. What a claim registers (legs, drivers, portfolios, funds, regions) names
columns of the panel; what a design always reads stands as a name in its code, and the panel's
modules it imports name theirs. :data:`analysis.panel.columns.COLUMNS` knows where each comes from.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims import Claim
from analysis.files import CODE, code_of, parse_code
from analysis.panel import Dataset
from analysis.panel.columns import COLUMNS, REVISED, Column
from analysis.panel.drivers import DRIVERS, missing_driver, resolved
from analysis.panel.falling_rates import short_rate_column
from analysis.panel.fund_pairs import FUND_PAIRS
from analysis.panel.legs import EVERY_LEG
from analysis.panel.outlook_paths import CONDITIONS
from analysis.panel.portfolios import PORTFOLIOS
from analysis.panel.regions import REGIONS
from analysis.results import month_words

#: Months by which a series may end before the returns and still count as fresh.
FRESH_MONTHS = 1

#: Modules of the panel that name every column there is; a claim's arguments choose among them.
_REGISTRIES = frozenset(
    f"analysis.panel.{name}"
    for name in (
        *("bundled", "columns", "dataset", "drivers", "fund_pairs", "latest", "legs", "loading"),
        *("outlook_paths", "own_leg", "portfolios", "rates", "regions", "sizes", "vintage"),
    )
)

#: Rooms whose modules are looked into.
_ROOMS = ("analysis.designs.", "analysis.panel.")

#: Of the designs, what speaks of all of them.
_NOT_DESIGNS = frozenset(f"analysis.designs.{name}" for name in ("registry", "series"))

#: Arguments whose values are names of drivers.
_DRIVING = ("driver", "second", "contrast")

#: Arguments whose values are names of states, and states that ask whether the short rate fell.
_STATING = ("given", "condition")
_RATE_STATES = frozenset({"falling_rates", "both"})

_FUND = re.compile("[A-Z]{2,5}")
#: Written as tickers are, and none.
_FACTORS = frozenset({"SMB", "HML", "RMW", "CMA", "RF", "NBER", "OLS", "HAC", "AR"})
_TABLES = ("daily", "valuation")


def series_read(claim: Claim, data: str) -> tuple[str, ...]:
    """Where the series that a claim's test reads come from, sorted.

    Parameters
    ----------
    claim : Claim
    data : {"bundled", "latest"}

    Returns
    -------
    tuple of str
        Ids of ``data/sources.yml`` for the latest data (two that make one column stand together,
        by comma), names of packages' data or files of the project for the bundled; empty for a
        claim without a design.
    """
    if claim.design is None:
        return ()
    columns, tables, shapes, funds = _named_by_code(claim.design)
    regions = set(REGIONS.values())
    named, tickers = _named_by_arguments(claim)
    found = {
        one.sources[data]
        for one in COLUMNS
        if data in one.sources
        and (
            one.table in tables
            if one.table != "monthly"
            # of the regions a claim reads those it names
            else _is_named(one, named, ())
            or (one.sources.get("latest") not in regions and _is_named(one, columns, shapes))
        )
    }
    if data == "latest" and funds is not None:
        found |= {f"prices/{name}" for name in tickers | funds}
    return tuple(sorted(found))


def readers_of(claims: Iterable[Claim], data: str = "latest") -> dict[str, tuple[str, ...]]:
    """Designs that read a file, by its id; a file that nothing reads is not there."""
    found: dict[str, set[str]] = {}
    for claim in claims:
        for source in series_read(claim, data):
            for id in source.split(", "):
                found.setdefault(id, set()).add(str(claim.design))
    return {id: tuple(sorted(names)) for id, names in sorted(found.items())}


def cautions_on(claim: Claim, dataset: Dataset) -> dict[str, str]:
    """What is odd about the series a claim's test reads, by where they come from.

    A series that ends more than :data:`FRESH_MONTHS` months before the returns says so, and so
    does one that was kept although it was odd beside its peers.
    """
    read = series_read(claim, dataset.data)
    kept = {id: words for id, words in dataset.oddities.items() if id in read}
    stale = {
        name: words
        for name, words in dataset.once("stale", lambda: _stale(dataset)).items()
        if name in read
    }
    return kept | stale | drivers_taken(claim, dataset)


def mixed_on(claim: Claim, dataset: Dataset, read: frozenset[str] | None = None) -> dict[str, str]:
    """What a claim's verdict rests on that is of another vintage than the returns.

    Tables count where they were read, all by default; files where the claim's test reads them.

    Parameters
    ----------
    claim : Claim
    dataset : Dataset
    read : frozenset of str, optional
        Tables that were read, by their names in :attr:`analysis.panel.Dataset.reaches`.
    """
    files = {id for source in series_read(claim, dataset.data) for id in source.split(", ")}
    return {
        name: vintage
        for name, vintage in dataset.mixed.items()
        if (name in files if name in REVISED else read is None or name in read)
    }


def drivers_taken(claim: Claim, dataset: Dataset) -> dict[str, str]:
    """Which series stands for each driver that is the first one held of several.

    The same test, by its hash, reads another series where the data hold more; so the record of a
    verdict says which one it was.

    Returns
    -------
    dict of str to str
        By the driver, or the short rate where a claim asks whether rates fell: what it is made
        of, to follow it in a sentence.
    """
    if claim.design is None:
        return {}
    found: dict[str, str] = {}
    registered = {**claim.arguments, "grid": dict(claim.grid)}
    for key, name in _texts("", registered):
        chosen = key in _DRIVING and name in DRIVERS and DRIVERS[name].first_of
        if chosen and missing_driver(dataset, name) is None:
            held = DRIVERS[resolved(dataset, name)].columns
            found[f"The driver “{DRIVERS[name].words}”"] = _made_of(held, dataset.data)
    rate = short_rate_column(dataset.monthly)
    asked = {name for key, name in _texts("", registered) if key in _STATING}
    if rate is not None and asked & _RATE_STATES:
        found["The short rate that falls or does not"] = _made_of((rate,), dataset.data)
    return found


def _made_of(columns: Iterable[str], data: str) -> str:
    words = [
        f"{one.meaning} ({one.sources.get(data, 'no source')})"
        for name in columns
        for one in COLUMNS
        if one.table == "monthly" and name in one.names
    ]
    return f"is made of {' and '.join(words)}"


def _stale(dataset: Dataset) -> dict[str, str]:
    """Series that end before the returns, by where they come from, with the month in words."""
    reached: dict[str, pd.Period] = {}
    for one in COLUMNS:
        if one.table != "monthly" or dataset.data not in one.sources:
            continue
        lasts = [
            dataset.monthly[name].last_valid_index()
            for name in one.names
            if name in dataset.monthly
        ]
        known = [last for last in lasts if last is not None]
        if known:
            source = one.sources[dataset.data]
            reached[source] = max([*known, *([reached[source]] if source in reached else [])])
    newest = dataset.monthly.index[-1]
    return {
        source: f"ends in {month_words(str(last))}, {(newest - last).n} months before the returns"
        for source, last in reached.items()
        if (newest - last).n > FRESH_MONTHS
    }


def _is_named(one: Column, names: frozenset[str], shapes: tuple[str, ...]) -> bool:
    return any(
        name in names or any(re.fullmatch(shape, name) for shape in shapes) for name in one.names
    )


def _named_by_arguments(claim: Claim) -> tuple[frozenset[str], frozenset[str]]:
    """Columns of the monthly panel, and tickers of funds, that a claim registers."""
    columns: set[str] = set()
    funds: set[str] = set()
    registered: dict[str, Any] = {**claim.arguments, "grid": dict(claim.grid)}
    if claim.outlook is not None:
        registered["outlook"] = [*claim.outlook.legs, claim.outlook.benchmark]
    for key, value in _texts("", registered):
        if key in _DRIVING and value in DRIVERS:
            for name in (value, *DRIVERS[value].first_of):
                columns |= set(DRIVERS[name].columns)
                funds |= set(FUND_PAIRS.get(name, ()))
        elif key == "series" and value in CONDITIONS:
            columns |= _columns_of(value)
        elif key == "region" and value in (*REGIONS, "pooled"):
            columns |= {
                name for one in COLUMNS for name in one.names if name.endswith(_endings(value))
            }
        else:
            columns |= set(EVERY_LEG[value].columns()) if value in EVERY_LEG else {value}
            columns |= set(PORTFOLIOS[value].columns) if value in PORTFOLIOS else set()
            funds |= set(FUND_PAIRS.get(value, ()))
            funds |= {name for name in value.split("/") if _FUND.fullmatch(name)}
    return frozenset(columns), frozenset(funds)


def _endings(region: str) -> tuple[str, ...]:
    return tuple(f"_{name}" for name in (REGIONS if region == "pooled" else (region,)))


def _texts(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text of nested values, with the name it is given under."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(str(name), one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(key, one)
    elif isinstance(value, str):
        yield key, value


def _columns_of(condition: str) -> set[str]:
    """Columns that a series of a condition is made of, noted as it is made."""

    class Noting(dict):  # type: ignore[type-arg]
        def __missing__(self, name: str) -> pd.Series:
            self[name] = pd.Series([1.0] * 13)
            return self[name]

    noted = Noting()
    CONDITIONS[condition][1](noted)
    return set(noted)


@functools.cache
def _named_by_code(
    design: str,
) -> tuple[frozenset[str], frozenset[str], tuple[str, ...], frozenset[str] | None]:
    """Texts, tables, shapes of texts, and tickers that a design's code names.

    The tickers are those its own code names; None where it reads no closes of funds at all.
    """
    texts: set[str] = set()
    attributes: set[str] = set()
    shapes: set[str] = set()
    own: set[str] = set()
    for module, path in _modules_of(f"analysis.designs.{design}"):
        found, read, shaped = _names_in(path)
        attributes |= read
        if module in _REGISTRIES:
            continue
        texts |= found
        shapes |= shaped
        if module.startswith("analysis.designs."):
            own |= {text for text in found if _FUND.fullmatch(text)} - _FACTORS
    funds = frozenset(own) if "funds" in attributes else None
    tables = frozenset(name for name in _TABLES if name in attributes)
    return frozenset(texts), tables, tuple(sorted(shapes)), funds


def _modules_of(module: str) -> Iterator[tuple[str, Path]]:
    """A design's modules and those of designs and panel it imports; registries lead no further."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or name in _NOT_DESIGNS or not name.startswith(_ROOMS):
            continue
        seen.add(name)
        place = CODE / Path(*name.split("."))
        files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        for path in files:
            if not path.is_file():
                continue
            yield name, path
            if name not in _REGISTRIES:
                waiting += code_of(path).imports


@functools.cache
def _names_in(path: Path) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Texts, attributes, and shapes of columns made up as they are needed (``gap_…``)."""
    texts: set[str] = set()
    attributes: set[str] = set()
    shapes: set[str] = set()
    for node in ast.walk(parse_code(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Attribute):
            attributes.add(node.attr)
        elif isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "" for one in node.values]
            # a text of two letters or more with gaps in it, and no sentence
            if re.fullmatch("[a-z_]{2,}", "".join(map(str, parts))):
                shapes.add("".join(str(one) or "[a-z0-9_]+" for one in parts))
    return frozenset(texts), frozenset(attributes), frozenset(shapes)
