"""Load a data set and cut it at a month, so that nothing later can be seen."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import pandas as pd

from analysis.panel.bundled import bundled_monthly
from analysis.panel.columns import REVISED
from analysis.panel.dataset import Dataset
from analysis.panel.own_leg import with_own_leg
from analysis.panel.recessions import recession_flags
from analysis.results import InputError
from analysis.sources import derived, facts, outlooks, public
from analysis.texts import MONTH

#: A verdict needs at least five years: the stand-in for the valuation gap looks back sixty months.
FIRST_AS_OF = pd.Period("1931-06", "M")

DATA_SETS = ("bundled", "latest")


def load_dataset(data: str = "bundled", as_of: str = "newest") -> Dataset:
    """A data set as it is, or cut at the end of the month `as_of`.

    ``"newest"`` cuts nothing: each table ends where it ends, and
    :attr:`analysis.panel.Dataset.reaches` says where. A month cuts every table, facts by the month
    they were known.

    Parameters
    ----------
    data : {"bundled", "latest"}
    as_of : str
        ``"newest"`` for all there is, or a month ``YYYY-MM``.

    Raises
    ------
    InputError
        For an unknown data set, a malformed month, or one outside the data.
    """
    if data not in DATA_SETS:
        raise InputError(f"unknown data set {data!r}; use 'bundled' or 'latest'")
    whole = _load_bundled() if data == "bundled" else _load_latest()
    return with_own_leg(whole if as_of == "newest" else _cut(whole, _parse_month(as_of)))


def build_panel(data: str = "bundled", as_of: str = "newest") -> pd.DataFrame:
    """The monthly frame of :func:`load_dataset`; its columns: :mod:`analysis.panel.columns`.

    Parameters
    ----------
    data : {"bundled", "latest"}
    as_of : str
        Last month seen, ``YYYY-MM``, or ``"newest"``.
    """
    return load_dataset(data, as_of).monthly


def newest_month(data: str = "bundled") -> pd.Period:
    """Last month of a data set.

    Parameters
    ----------
    data : {"bundled", "latest"}
    """
    return load_dataset(data).as_of


@functools.lru_cache(maxsize=1)
def _load_bundled() -> Dataset:
    monthly, every = bundled_monthly(), facts.load_facts(None)
    last = monthly.index[-1]
    vintage = derived.valuation_gap_vintage()
    return Dataset(
        monthly=_with_recessions(monthly, every["nber_cycles"]),
        facts=every,
        data="bundled",
        as_of=last,
        # part of this data set are the Junes up to its last month of returns, and no later one
        valuation=derived.load_valuation_gap(last),
        mixed=({} if vintage is None else {"valuation": vintage}) | _revised(),
        outlooks=_followed(),
    )


def _followed() -> dict[str, pd.DataFrame]:
    """The tables of the outlooks, with every June of the gap: outlooks are younger than returns."""
    gap = derived.load_valuation_gap()
    return outlooks.load_outlooks() | ({} if gap is None else {"valuation": gap.reset_index()})


def _revised() -> dict[str, str]:
    """Shipped series that are revised, by file, with the last month their copy has (``YYYYMM``)."""
    manifest = public.load_manifest()
    last = {f"data/public/{name}.csv": row["last"][:7] for name, row in manifest.items()}
    return {file: last[file].replace("-", "") for file in REVISED if file in last}


def _load_latest() -> Dataset:
    from analysis.panel.latest import load_latest

    return load_latest()


def _parse_month(as_of: str) -> pd.Period:
    if not isinstance(as_of, str) or not re.fullmatch(MONTH, as_of):
        raise InputError(f"as_of {as_of!r} is not a month; write it as YYYY-MM, e.g. 2007-12")
    return pd.Period(as_of, "M")


def _cut(whole: Dataset, as_of: pd.Period) -> Dataset:
    if as_of > whole.as_of:
        raise InputError(
            f"as_of {as_of} is after the last month of the {whole.data} data, {whole.as_of};"
            " give an earlier month" + (" or use --data latest" if whole.data == "bundled" else "")
        )
    if as_of < FIRST_AS_OF:
        raise InputError(
            f"as_of {as_of} is before {FIRST_AS_OF}, the first month with five years of returns"
        )
    seen = facts.load_facts(as_of)
    monthly = whole.monthly.loc[:as_of].drop(columns="recession", errors="ignore")
    # a column without a value by then is one that nobody had
    monthly = monthly.dropna(axis=1, how="all")
    end = as_of.to_timestamp(how="end")
    return Dataset(
        monthly=_with_recessions(monthly, seen["nber_cycles"]),
        facts=seen,
        data=whole.data,
        as_of=as_of,
        rates=None if whole.rates is None else whole.rates.loc[:as_of],
        daily=None if whole.daily is None else whole.daily.loc[:end],
        funds=None if whole.funds is None else whole.funds.loc[:end],
        valuation=None if whole.valuation is None else whole.valuation.loc[:as_of],
        snapshot=whole.snapshot,
        vintages=whole.vintages,
        left_out=_later_cycles(whole, seen),
        cut_at=as_of,
        mixed=whole.mixed,
        oddities=whole.oddities,
    )


def _later_cycles(whole: Dataset, seen: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    kept = set(seen["easing_cycles"]["cycle"])
    return tuple(name for name in whole.facts["easing_cycles"]["cycle"] if name not in kept)


def _with_recessions(monthly: pd.DataFrame, cycles: pd.DataFrame) -> pd.DataFrame:
    return monthly.assign(recession=recession_flags(monthly.index, cycles))
