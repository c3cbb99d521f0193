"""What returns are set against: changes of rates, spreads and the dollar, breadth, recessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.panel.breadth import industry_columns, share_ahead, size_value_columns
from analysis.panel.dataset import Dataset
from analysis.panel.fund_pairs import missing_pair, pair_spread
from analysis.results import Refusal

#: A fall counts when it reaches the bound but for rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Driver:
    """One thing that returns may move with.

    Attributes
    ----------
    name : str
    words : str
        For tables and axes.
    subject : str
        In a sentence.
    kind : {"rate", "credit", "dollar", "breadth", "state"}
    measured : {"change", "log change", "quarterly survey", "share ahead", "fund spread", "flag"}
        How the series of a month is made: change of a decimal rate a year over the month; change
        of a log level; a level by quarter; share of portfolios ahead of the market; return of one
        fund less another's; 0 or 1.
    columns : tuple of str
        Of the panel; the first less the second where there are two.
    unit : str
        What a slope is per.
    step : float
        The move a sentence speaks of, in the series' unit.
    step_words : str
    counted : str
        Whose share ahead of the market it is.
    dated_late : str
        Where the series of a month is the move of the month before, why that is so.
    """

    name: str
    words: str
    subject: str
    kind: Literal["rate", "credit", "dollar", "breadth", "state"]
    measured: Literal[
        "change", "log change", "quarterly survey", "share ahead", "fund spread", "flag"
    ]
    columns: tuple[str, ...] = ()
    unit: str = "unit of rate"
    step: float = 0.01
    step_words: str = "one point"
    counted: str = ""
    dated_late: str = ""

    @property
    def is_change(self) -> bool:
        """Whether its series is the change of a level by month."""
        return self.measured in ("change", "log change")


def _rate(name: str, words: str, subject: str, *, dated_late: str = "") -> Driver:
    return Driver(name, words, subject, "rate", "change", (name,), dated_late=dated_late)


def _share(name: str, words: str, counted: str) -> Driver:
    return Driver(
        name,
        words,
        f"a share of the {words} ahead of the market",
        "breadth",
        "share ahead",
        unit="unit of breadth (0 to 1)",
        step=0.1,
        step_words="10 points higher",
        counted=counted,
    )


#: Every driver by name. French's bill rate of a month is the yield at which the bill was bought at
#: the end of the month before, so its change is the market's move during the month before; the
#: funds rate and the bond yields are means of the month's days.
DRIVERS: dict[str, Driver] = {
    driver.name: driver
    for driver in (
        _rate(
            "bill_rate",
            "one-month bill rate",
            "the bill rate",
            dated_late=(
                "A month's bill is bought at the end of the month before, so its rate moved a month"
                " earlier"
            ),
        ),
        _rate("fed_funds", "federal funds rate", "the funds rate"),
        _rate("target", "funds rate target", "the funds rate target"),
        _rate("gs10", "10-year yield", "the 10-year yield"),
        Driver(
            "baa_aaa",
            "BAA less AAA",
            "the spread of BAA over AAA",
            "credit",
            "change",
            ("baa", "aaa"),
            step=0.001,
            step_words="a tenth of a point",
        ),
        Driver(
            "lending_standards",
            "lending standards",
            "the net share of banks that tightened",
            "credit",
            "quarterly survey",
            ("lending_standards",),
            unit="unit of the share",
            step=0.1,
            step_words="10 points higher",
        ),
        Driver(
            "dollar",
            "dollar",
            "the dollar",
            "dollar",
            "log change",
            ("dollar",),
            unit="log point of the dollar",
            step_words="1%",
        ),
        _share("industries", "twelve industries", "industries"),
        _share("size_value_portfolios", "size and value portfolios", "size and value portfolios"),
        Driver(
            "rsp_spy",
            "equal less capital weights (RSP less SPY)",
            "the return of equal less capital weights",
            "breadth",
            "fund spread",
            unit="unit of return",
            step_words="one point higher",
        ),
        Driver(
            "recession",
            "NBER recession",
            "an NBER recession",
            "state",
            "flag",
            ("recession",),
            unit="recession month",
            step=1.0,
            step_words="one",
        ),
    )
}

#: Portfolios whose share ahead of the market is counted, by driver.
_COUNTED: dict[str, Callable[[pd.DataFrame], list[str]]] = {
    "industries": industry_columns,
    "size_value_portfolios": size_value_columns,
}

#: What is missing, where the driver's own words do not say it.
_SOUGHT = {
    "baa_aaa": "yields of BAA and AAA bonds",
    "dollar": "the trade-weighted dollar (column dollar), which no default source brings",
}


def missing_driver(dataset: Dataset, name: str) -> Refusal | None:
    """Why a data set has no series of a driver; None where it has one."""
    driver = DRIVERS[name]
    if driver.measured == "fund spread":
        return missing_pair(dataset, name)
    if driver.measured == "share ahead":
        if _COUNTED[name](dataset.monthly):
            return None
        return Refusal(f"the {dataset.data} data hold no {driver.words}")
    held = dataset.monthly
    if all(column in held and held[column].notna().any() for column in driver.columns):
        return None
    what = _SOUGHT.get(name, f"the {driver.words}")
    if dataset.data == "bundled":
        return Refusal(f"needs the latest data: {what}", needs="latest")
    return Refusal(f"the data set does not hold {what}")


def driver_level(monthly: pd.DataFrame, name: str) -> pd.Series:
    """Level of a driver that has one: a decimal rate a year, a difference of two, or a log."""
    driver = DRIVERS[name]
    level = monthly[driver.columns[0]]
    for column in driver.columns[1:]:
        level = level - monthly[column]
    return np.log(level) if driver.measured == "log change" else level


def driver_series(dataset: Dataset, name: str) -> pd.Series:
    """A driver as :attr:`Driver.measured` says, by month, named ``driver``; NaN where unknown."""
    driver = DRIVERS[name]
    if driver.measured == "fund spread":
        series = pair_spread(dataset, name)
    elif driver.measured == "share ahead":
        columns = _COUNTED[name](dataset.monthly)
        series = share_ahead(dataset.monthly[columns], dataset.monthly["market"])
    else:
        level = driver_level(dataset.monthly, name)
        series = level.diff() if driver.is_change else level
    return series.rename("driver")


def fall_months(change: pd.Series, fall: float) -> pd.Series:
    """1 in a month whose rate falls by at least `fall` (decimal), 0 in others, NaN if unknown."""
    return (change <= -fall + _ROUNDING).astype(float).where(change.notna())


def by_quarter(months: pd.DataFrame, survey: pd.Series) -> pd.DataFrame:
    """Returns summed over each quarter, and that quarter's survey as ``driver``.

    The survey's net share of banks that tightened is a change of standards already, so it is not
    differenced.

    Parameters
    ----------
    months : DataFrame
        Returns by month.
    survey : Series by month
        As known at the end of each month.

    Returns
    -------
    DataFrame by quarter; complete quarters only.
    """
    sums = months.groupby(months.index.asfreq("Q")).sum(min_count=3)
    return sums.assign(driver=survey.groupby(survey.index.asfreq("Q")).last()).dropna()
