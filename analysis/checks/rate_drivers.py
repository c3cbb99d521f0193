"""What small minus large is set against: changes in rates, spreads and the dollar, by month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.panel import Dataset, small_minus_large

#: Columns of the panel each driver is made of.
COLUMNS: dict[str, tuple[str, ...]] = {
    "bill_rate": ("bill_rate",),
    "fed_funds": ("fed_funds",),
    "target": ("target",),
    "gs10": ("gs10",),
    "baa_aaa": ("baa", "aaa"),
    "lending_standards": ("lending_standards",),
    "dollar": ("dollar",),
}

#: Drivers as a reader knows them.
WORDS: dict[str, str] = {
    "bill_rate": "one-month bill rate",
    "fed_funds": "federal funds rate",
    "target": "funds rate target",
    "gs10": "10-year yield",
    "baa_aaa": "BAA less AAA",
    "lending_standards": "lending standards",
    "dollar": "dollar",
}

#: First and last month of each era; the first era of a claim also bounds the others.
ERAS: dict[str, tuple[str | None, str | None]] = {
    "full": (None, None),
    "from_1954": ("1954-01", None),
    "to_1980": (None, "1980-12"),
    "from_1981": ("1981-01", None),
    "from_2006": ("2006-01", None),
}

#: A fall counts when it reaches the bound but for rounding.
_ROUNDING = 1e-9


def missing_columns(monthly: pd.DataFrame, driver: str) -> tuple[str, ...]:
    """Columns a driver needs that the panel does not hold, or holds no value of."""
    return tuple(
        name for name in COLUMNS[driver] if name not in monthly or monthly[name].notna().sum() == 0
    )


def monthly_change(monthly: pd.DataFrame, driver: str) -> pd.Series:
    """Change of a driver over each month, NaN where unknown.

    Returns
    -------
    Series
        Change of a decimal rate a year; for the dollar its log change.

    Notes
    -----
    French's bill rate of a month is the yield at which the bill was bought at the end of the month
    before, so its change is the move of the market rate during the month before; the funds rate
    and the bond yields are means of the month's days.
    """
    level = monthly[COLUMNS[driver][0]]
    if driver == "baa_aaa":
        level = level - monthly["aaa"]
    elif driver == "dollar":
        level = np.log(level)
    return level.diff().rename("driver")


def cut_months(change: pd.Series, fall: float) -> pd.Series:
    """1 in a month whose rate falls by at least `fall` (decimal), 0 in others, NaN if unknown."""
    return (change <= -fall + _ROUNDING).astype(float).where(change.notna())


def returns_of(dataset: Dataset, leg: str) -> pd.DataFrame:
    """Small minus large and the market in excess of the bill: ``spread, market``, decimals."""
    spread = small_minus_large(dataset.monthly, leg)
    return pd.DataFrame({"spread": spread, "market": dataset.monthly["market_excess"]})


def sample_of(
    returns: pd.DataFrame, driver: pd.Series, era: str = "full", within: str = "full"
) -> pd.DataFrame:
    """Small minus large, one driver and the market, in the months in which all are known.

    Parameters
    ----------
    returns : DataFrame
        As :func:`returns_of` gives it.
    driver : Series by month
    era, within : str
        Keys of :data:`ERAS`; a month has to lie in both.

    Returns
    -------
    DataFrame, columns ``spread, market, driver``
        Without NaN.
    """
    return in_era(in_era(returns.assign(driver=driver), within), era).dropna()


def quarterly_sample(
    returns: pd.DataFrame, standards: pd.Series, era: str = "full"
) -> pd.DataFrame:
    """Small minus large and the market summed over each quarter, beside that quarter's survey.

    The survey's net share of banks that tightened is a change of standards already, so it is not
    differenced.

    Parameters
    ----------
    returns : DataFrame
        As :func:`returns_of` gives it.
    standards : Series by month
        Net share of banks that tightened, as known at the end of each month.
    era : str

    Returns
    -------
    DataFrame, columns ``spread, market, driver``, by quarter; complete quarters only.
    """
    months = in_era(returns, era)
    sums = months.groupby(months.index.asfreq("Q")).sum(min_count=3)
    survey = standards.groupby(standards.index.asfreq("Q")).last()
    return sums.assign(driver=survey).dropna()


def in_era(frame: pd.DataFrame, era: str) -> pd.DataFrame:
    """The months of one era."""
    first, last = ERAS[era]
    return frame.loc[first:last]
