"""The monthly frame of the bundled data: units change here, and only here."""

from __future__ import annotations

import pandas as pd

from analysis.panel import rates
from analysis.sources import bundled, public


def bundled_monthly() -> pd.DataFrame:
    """Monthly frame of the bundled data, uncut.

    Returns
    -------
    DataFrame, shape (months, columns)
        Monthly PeriodIndex without gaps from 1926-07 to 2018-11; columns of
        :mod:`analysis.panel.columns` except ``recession``; returns and rates in decimals. Series
        of ``data/public`` that go on are cut where the returns end.
    """
    frame = market_and_factors(bundled.load_factors() / 100.0)
    parts = [frame, _portfolios(), bundled.load_corporate_yields() / 100.0]
    joined = pd.concat([*parts, bundled.load_core_cpi()], axis=1)
    joined = joined.rename(columns={"AAA": "aaa", "BAA": "baa", "CPILFESL": "core_cpi"})
    held = rates.monthly_rates(public.load_public())
    return joined.loc[frame.index].join(held.reindex(frame.index))


def market_and_factors(known: pd.DataFrame) -> pd.DataFrame:
    """French's three factors, decimal a month, by the panel's names; ``bill_rate`` is annual."""
    return pd.DataFrame(
        {
            "market": known["Mkt-RF"] + known["RF"],
            "market_excess": known["Mkt-RF"],
            "bill": known["RF"],
            "smb": known["SMB"],
            "hml": known["HML"],
            "bill_rate": 12.0 * known["RF"],
        }
    )


def _portfolios() -> pd.DataFrame:
    """Momentum, size × value, size × momentum and industry portfolios under the panel's names."""
    frame = bundled.load_portfolios().drop(columns=["MktRF", "SMB", "HML", "RF"])
    sorts = [name for name in frame.columns if name[0] == "S" and name[1].isdigit()]
    names = {name: name.lower() for name in [*sorts, "Mom"]}
    industries = {name: f"ind_{name.lower()}" for name in frame.columns if name not in names}
    return frame.rename(columns=names | industries)
