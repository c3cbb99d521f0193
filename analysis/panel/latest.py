"""The latest data: a snapshot of the publishers' files as one panel, each series of one vintage."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from analysis.panel import rates, sizes, valuation
from analysis.panel.bundled import market_and_factors
from analysis.panel.dataset import Dataset
from analysis.panel.recessions import recession_flags
from analysis.panel.regions import REGIONS, region_factors
from analysis.panel.volatility import realised_volatility
from analysis.sources import facts
from analysis.sources.french import to_decimal
from analysis.sources.snapshots import Snapshot, load_snapshot, read_tables

Tables = Mapping[str, pd.DataFrame]

FACTORS = "french/F-F_Research_Data_Factors"
FIVE_FACTORS = "french/F-F_Research_Data_5_Factors_2x3"
DAILY = "french/F-F_Research_Data_Factors_daily"
SIZE_VALUE = "french/25_Portfolios_5x5"
SIZE_PROFIT = "french/25_Portfolios_ME_OP_5x5"
HALVES = "french/6_Portfolios_2x3"
SIZES = "french/Portfolios_Formed_on_ME"
SHILLER = "shiller/ie_data"

#: Files the monthly frame is made of.
MONTHLY_FILES = (
    FACTORS,
    FIVE_FACTORS,
    SIZE_VALUE,
    SIZE_PROFIT,
    HALVES,
    SIZES,
    SHILLER,
    DAILY,
    *REGIONS.values(),
    *(f"fred/{name}" for name in rates.SERIES),
)


def load_latest(snapshot: str | None = None) -> Dataset:
    """The latest data: monthly series up to the newest month the factor file holds.

    Parameters
    ----------
    snapshot : str or None
        Name of a snapshot; None for the one in force.

    Returns
    -------
    Dataset
        Nothing is cut: rates, daily returns and fund prices go on where they reach further than
        ``as_of``, the last month of returns. A monthly series that ends earlier is NaN from there
        on.

    Raises
    ------
    InputError
        If there is no such snapshot, or it lacks a file or its contents were changed.
    """
    chosen = load_snapshot(snapshot)
    held = set(chosen.ids())
    tables = {id: read_tables(chosen, id) for id in MONTHLY_FILES if id in held}
    published = rates.monthly_rates(rate_series(tables))
    monthly = monthly_frame(tables, published)
    newest = monthly.index[-1]
    seen = facts.load_facts(None)
    return Dataset(
        monthly=monthly.assign(recession=recession_flags(monthly.index, seen["nber_cycles"])),
        facts=seen,
        data="latest",
        as_of=newest,
        rates=None if published.empty else published,
        daily=daily_frame(read_tables(chosen, DAILY)) if DAILY in held else None,
        funds=funds_frame(chosen),
        valuation=_valuation(tables, newest),
        snapshot=chosen.name,
        vintages=vintages_of(chosen),
        oddities=chosen.oddities,
    )


def rate_series(tables: Mapping[str, Tables]) -> dict[str, pd.Series]:
    """FRED's series among the tables, by their names there."""
    return {n: tables[f"fred/{n}"][n][n] for n in rates.SERIES if f"fred/{n}" in tables}


def monthly_frame(
    tables: Mapping[str, Tables], published: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Monthly frame of the latest data, without ``recession``.

    Parameters
    ----------
    tables : mapping of str to mapping of str to DataFrame
        For each of :data:`MONTHLY_FILES` that is at hand, its tables as the readers give them; the
        columns of one that is not are left out.
    published : DataFrame, optional
        Rates as :func:`analysis.panel.rates.monthly_rates` makes them of these tables; made here
        by default.

    Returns
    -------
    DataFrame, shape (months, columns)
        Monthly PeriodIndex without gaps, from the first to the last month of the factor file, the
        newest complete month; decimals; the columns of
        :mod:`analysis.panel.columns`.
    """
    factors = factor_returns(tables[FACTORS], tables.get(FIVE_FACTORS))
    makers: dict[str, tuple[Callable[[Tables], pd.DataFrame], ...]] = {
        SIZE_VALUE: (
            lambda t: sizes.sorted_returns(t, sizes.sort_names("s", "v")),
            valuation.group_returns,
            valuation.characteristics,
        ),
        HALVES: (sizes.half_returns, valuation.half_characteristics),
        SIZES: (sizes.size_returns, sizes.size_counts, sizes.top_share),
        DAILY: (lambda t: realised_volatility(daily_frame(t)["market"]).to_frame(),),
        SIZE_PROFIT: (
            lambda t: sizes.sorted_returns(t, sizes.sort_names("me", "op")),
            lambda t: sizes.capitalisation(t).set_axis(
                [f"cap_{name}" for name in sizes.sort_names("me", "op")], axis=1
            ),
        ),
    }
    parts = [make(tables[id]) for id, chosen in makers.items() if id in tables for make in chosen]
    parts += [region_factors(tables[id], name) for name, id in REGIONS.items() if id in tables]
    parts.append(rates.monthly_rates(rate_series(tables)) if published is None else published)
    if SHILLER in tables:
        parts.append(tables[SHILLER]["data"][["cape"]])
    frame = pd.concat([factors, *(part.reindex(factors.index) for part in parts)], axis=1)
    return frame if "cape" in frame else frame.assign(cape=np.nan)


def _valuation(tables: Mapping[str, Tables], newest: pd.Period) -> pd.DataFrame | None:
    if SIZE_VALUE not in tables:
        return None
    return valuation.derive_valuation(valuation.characteristics(tables[SIZE_VALUE]).loc[:newest])


def factor_returns(three: Tables, five: Tables | None) -> pd.DataFrame:
    """Market, bill and factors, decimal a month; ``bill_rate`` is annual.

    SMB and HML are those of the three-factor model; ``rmw`` and ``cma`` come from the five factors,
    where they are at hand.
    """
    known = to_decimal(three["monthly"])
    frame = market_and_factors(known)
    if five is None:
        return frame
    more = to_decimal(five["monthly"]).reindex(known.index)
    return frame.assign(rmw=more["RMW"], cma=more["CMA"])


def daily_frame(tables: Tables) -> pd.DataFrame:
    """``market``, ``smb`` and ``bill`` by trading day, decimal returns."""
    known = to_decimal(tables["daily"])
    return pd.DataFrame(
        {"market": known["Mkt-RF"] + known["RF"], "smb": known["SMB"], "bill": known["RF"]}
    )


def funds_frame(snapshot: Snapshot) -> pd.DataFrame | None:
    """Adjusted closes by trading day, one column a ticker; None where no prices were given."""
    ids = [id for id in snapshot.ids() if id.startswith("prices/")]
    if not ids:
        return None
    closes = {id.partition("/")[2]: read_tables(snapshot, id)["Close"]["Close"] for id in ids}
    return pd.DataFrame(closes).sort_index()


def vintages_of(snapshot: Snapshot) -> dict[str, str]:
    """Id of each of French's files and the month (``YYYYMM``) of the database behind it."""
    return {e.id: e.vintage for e in snapshot.entries if e.id.startswith("french/")}
