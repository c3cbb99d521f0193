"""The embedded default: real data inside ``arch`` and ``linearmodels``, read as they stand.

The readers return the producers' units (French: per cent a month in arch, decimals in linearmodels;
yields in per cent a year). :mod:`analysis.panel` turns them into decimals.
"""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.results import InputError


@dataclass(frozen=True)
class Series:
    """One row of the data dictionary of the bundled data.

    Attributes
    ----------
    column : str
        Name in the monthly panel.
    meaning : str
    unit : str
        Unit in the panel, after conversion.
    source : str
        Package and data set it is read from.
    citation : str
    """

    column: str
    meaning: str
    unit: str
    source: str
    citation: str


_FRENCH = "Fama and French, data library of Kenneth R. French, Tuck School, Dartmouth"
_RETURN = "decimal return a month"
_ARCH = "arch.data.frenchdata"
_LINEAR = "linearmodels.datasets.french"

_INDUSTRIES = {
    "NoDur": "non-durables",
    "Durbl": "durables",
    "Manuf": "manufacturing",
    "Enrgy": "energy",
    "Chems": "chemicals",
    "BusEq": "business equipment",
    "Telcm": "telecommunications",
    "Utils": "utilities",
    "Shops": "retail",
    "Hlth": "health care",
    "Money": "finance",
    "Other": "other industries",
}

_LEVEL = {
    "V": ("lowest", "middle", "highest", "BE/ME"),
    "M": ("worst", "middle", "best", "past return"),
}


def _portfolio(size: int, kind: str, level: int) -> Series:
    sizes = {1: "smallest fifth by size", 3: "middle fifth by size", 5: "largest fifth by size"}
    low, middle, high, measure = _LEVEL[kind]
    name = {1: low, 3: middle, 5: high}[level]
    return Series(
        f"s{size}{kind.lower()}{level}",
        f"{sizes[size]}, {name} fifth by {measure}",
        _RETURN,
        _LINEAR,
        _FRENCH,
    )


DICTIONARY: tuple[Series, ...] = (
    Series("market", "US stock market, total return", _RETURN, _ARCH, _FRENCH),
    Series("market_excess", "market less the one-month bill", _RETURN, _ARCH, _FRENCH),
    Series("bill", "one-month Treasury bill", _RETURN, _ARCH, _FRENCH),
    Series("smb", "small minus big, three-factor model", _RETURN, _ARCH, _FRENCH),
    Series("hml", "high minus low BE/ME", _RETURN, _ARCH, _FRENCH),
    Series("mom", "winners minus losers", _RETURN, _LINEAR, _FRENCH),
    *(_portfolio(s, kind, v) for kind in "VM" for s in (1, 3, 5) for v in (1, 3, 5)),
    *(
        Series(f"ind_{code.lower()}", f"industry: {name}", _RETURN, _LINEAR, _FRENCH)
        for code, name in _INDUSTRIES.items()
    ),
    Series(
        "aaa",
        "Moody's seasoned Aaa corporate bond yield",
        "decimal rate a year",
        "arch.data.default",
        "Moody's, through FRED (AAA)",
    ),
    Series(
        "baa",
        "Moody's seasoned Baa corporate bond yield",
        "decimal rate a year",
        "arch.data.default",
        "Moody's, through FRED (BAA)",
    ),
    Series("bill_rate", "twelve times the one-month bill", "decimal rate a year", _ARCH, _FRENCH),
    Series(
        "core_cpi",
        "consumer prices less food and energy",
        "index, 1982-84 = 100",
        "arch.data.core_cpi",
        "US Bureau of Labor Statistics, through FRED (CPILFESL)",
    ),
    Series(
        "recession",
        "NBER recession: 1 from the month after the peak to the trough",
        "0 or 1",
        "data/facts/nber_cycles.csv",
        "NBER Business Cycle Dating Committee",
    ),
)


@functools.lru_cache(maxsize=1)
def load_factors() -> pd.DataFrame:
    """French's three factors and the bill, 1926-07 to 2018-11, per cent a month.

    Returns
    -------
    DataFrame, shape (1109, 4), monthly PeriodIndex
        Columns ``Mkt-RF``, ``SMB``, ``HML``, ``RF``.
    """
    # not arch's own load(): under pandas 3 it reads the keys, such as 192607, as nanoseconds
    frame = _read("arch", "data/frenchdata/frenchdata.csv.gz")
    keys = frame.pop("Date").astype(str)
    return frame.set_axis(pd.PeriodIndex(keys.str[:4] + "-" + keys.str[4:], freq="M", name="month"))


@functools.lru_cache(maxsize=1)
def load_portfolios() -> pd.DataFrame:
    """Size × value, size × momentum and industry portfolios, 1949-01 to 2017-03, decimals a month.

    Returns
    -------
    DataFrame, shape (819, 35), monthly PeriodIndex
    """
    return _by_month(_read("linearmodels", "datasets/french/french.csv.bz2"), "dates")


@functools.lru_cache(maxsize=1)
def load_corporate_yields() -> pd.DataFrame:
    """Moody's Aaa and Baa yields, 1919-01 to 2018-12, per cent a year, shape (1200, 2)."""
    return _by_month(_read("arch", "data/default/default.csv.gz"), "Date")


@functools.lru_cache(maxsize=1)
def load_core_cpi() -> pd.DataFrame:
    """Core consumer prices, 1957-01 to 2018-11, index level, shape (743, 1)."""
    return _by_month(_read("arch", "data/core_cpi/core-cpi.csv.gz"), "Date")


def _read(package: str, path: str) -> pd.DataFrame:
    """A data file of an installed package, without the seconds that importing the package takes."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(f"the package {package} is not installed; run 'make book' or reinstall")
    file = Path(spec.origin).parent / path
    if not file.exists():
        raise InputError(f"{package} no longer holds {path}; install the version in the lock file")
    return pd.read_csv(file)


def _by_month(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    months = pd.PeriodIndex(pd.to_datetime(frame.pop(column)), freq="M", name="month")
    return frame.set_axis(months)
