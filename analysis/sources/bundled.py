"""The embedded default: real data inside ``arch`` and ``linearmodels``, read as they stand.

The readers return the producers' units (French: per cent a month in arch, decimals in linearmodels;
yields in per cent a year). :mod:`analysis.panel` turns them into decimals.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import pandas as pd

from analysis.results import InputError

_FRENCH = "Fama and French, data library of Kenneth R. French, Tuck School, Dartmouth"

#: Who made what a package carries, as it is to be cited.
CITATIONS = {
    "arch.data.frenchdata": _FRENCH,
    "linearmodels.datasets.french": _FRENCH,
    "arch.data.default": "Moody's, through FRED (AAA, BAA)",
    "arch.data.core_cpi": "US Bureau of Labor Statistics, through FRED (CPILFESL)",
}


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
