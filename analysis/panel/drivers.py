"""What returns are set against: changes of rates, spreads and the dollar, breadth, recessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.panel.breadth import industry_columns, share_ahead, size_value_columns
from analysis.panel.columns import column_names
from analysis.panel.dataset import Dataset
from analysis.panel.fund_pairs import missing_pair, pair_spread
from analysis.results import InputError, Refusal, month_words, nearest

#: A fall counts when it reaches the bound but for rounding.
_ROUNDING = 1e-9

#: How the level of a driver is placed in time, by the name a claim registers.
#: ``own_month``: up to the end of the return's own month. A series that is published as a mean of
#: the month's days gives the change of these means, half of whose move fell in the month before.
#: ``between_means``: the level at a month's end is taken half-way between the means on both sides,
#: so a little of what it shows fell after the return.
ALIGNMENTS = ("own_month", "between_means")


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
    kind : {"rate", "credit", "currency", "breadth", "state", "volatility", "prices", "past"}
    measured : str
        How the series of a month is made. ``"change"``: change of a decimal rate a year over the
        month; ``"log change"``: change of a log level; ``"survey"``: what a survey by quarter says,
        in the month it is published; ``"survey change"``: the same less the survey before;
        ``"growth"``: growth over twelve months of a level, or of the ratio of two, as published by
        the end of the month; ``"growth change"``: its change; ``"past return"``: sum of the months
        before; ``"share ahead"``: share of portfolios ahead of the market; ``"fund spread"``:
        return of one fund less another's; ``"flag"``: 0 or 1; ``"first held"``: the first of some
        others that the data hold.
    columns : tuple of str
        Of the panel; the first less the second where there are two.
    unit : str
        What a slope is per.
    step : float
        The move a sentence speaks of, in the series' unit.
    step_words : str
    counted : str
        Whose share ahead of the market it is.
    timing : {"month end", "mean of the month", "release"}
        What its level of a month is; "release" stands from the month it is published.
    dated_late : int
        Months by which the panel dates the level late.
    rounding : float
        Widest error that the source's rounding leaves in a change.
    decided : bool
        Whether it moves only when somebody decides so: every fall then is a cut.
    first_of : tuple of str
        Drivers among which the first one held is taken.
    months : int
        Months over which a growth or a past return runs.
    """

    name: str
    words: str
    subject: str
    kind: Literal["rate", "credit", "currency", "breadth", "state", "volatility", "prices", "past"]
    measured: Literal[
        "change",
        "log change",
        "survey",
        "survey change",
        "growth",
        "growth change",
        "past return",
        "share ahead",
        "fund spread",
        "flag",
        "first held",
    ]
    columns: tuple[str, ...] = ()
    unit: str = "unit of rate"
    step: float = 0.0025
    step_words: str = "a quarter point"
    counted: str = ""
    timing: Literal["month end", "mean of the month", "release"] = "month end"
    dated_late: int = 0
    rounding: float = 0.0
    decided: bool = False
    first_of: tuple[str, ...] = ()
    months: int = 12

    @property
    def is_change(self) -> bool:
        """Whether its series is the change of a level by month."""
        return self.measured in ("change", "log change", "growth change")

    @property
    def is_survey(self) -> bool:
        """Whether it is known once a quarter only."""
        return self.measured in ("survey", "survey change")


def _rate(name: str, words: str, subject: str, **more: Any) -> Driver:
    return Driver(name, words, subject, "rate", "change", (name,), **more)


def _volatility(name: str, words: str, subject: str) -> Driver:
    return Driver(
        name,
        words,
        subject,
        "volatility",
        "change",
        (name,),
        unit="unit of volatility",
        step=0.1,
        step_words="ten points a year",
    )


def _inflation(name: str, words: str, column: str) -> Driver:
    return Driver(
        name,
        words,
        f"{words} as published",
        "prices",
        "growth change",
        (column,),
        unit="unit of inflation",
        step=0.005,
        step_words="half a point",
        timing="release",
    )


def _past(months: int) -> Driver:
    return Driver(
        f"past_{months}",
        f"small minus large of the past {months} months",
        f"the return of small less large over the past {months} months",
        "past",
        "past return",
        ("smb",),
        unit="unit of past return",
        step=0.1,
        step_words="ten points higher",
        months=months,
    )


def _share(name: str, words: str, counted: str) -> Driver:
    return Driver(
        name,
        words,
        f"the share of {words} ahead of the market",
        "breadth",
        "share ahead",
        unit="unit of breadth (0 to 1)",
        step=0.1,
        step_words="10 points higher",
        counted=counted,
    )


def _survey(
    name: str, words: str, subject: str, column: str, measured: Literal["survey", "survey change"]
) -> Driver:
    return Driver(
        name,
        words,
        subject,
        "credit",
        measured,
        (column,),
        unit="unit of the share",
        step=0.1,
        step_words="10 points higher" if measured == "survey" else "10 points",
        timing="release",
    )


#: Every driver by name. French's bill of a month is bought at the end of the month before, so its
#: rate is the level of that month's end, known to a hundredth of a point a month, .0012 a year. The
#: funds rate and the bond yields are means of the month's days; so is the dollar, which joins the
#: broad index of today to the discontinued one by growth rates
#: (:func:`analysis.panel.rates.spliced_dollar`).
DRIVERS: dict[str, Driver] = {
    driver.name: driver
    for driver in (
        _rate("bill_rate", "one-month bill rate", "the bill rate", dated_late=1, rounding=0.0012),
        _rate("fed_funds", "federal funds rate", "the funds rate", timing="mean of the month"),
        _rate("target", "funds rate target", "the funds rate target", decided=True),
        _rate("gs10", "10-year yield", "the 10-year yield", timing="mean of the month"),
        Driver(
            "policy_rate",
            "policy rate: the target, else the bill",
            "the policy rate",
            "rate",
            "first held",
            first_of=("target", "bill_rate"),
        ),
        Driver(
            "high_yield",
            "high-yield spread",
            "the high-yield spread",
            "credit",
            "change",
            ("high_yield",),
            step=0.01,
            step_words="one point",
        ),
        Driver(
            "baa_aaa",
            "BAA less AAA",
            "the spread of BAA over AAA",
            "credit",
            "change",
            ("baa", "aaa"),
            step=0.001,
            step_words="a tenth of a point",
            timing="mean of the month",
        ),
        Driver(
            "credit_spread",
            "credit spread: high yield, else BAA less AAA",
            "the credit spread",
            "credit",
            "first held",
            first_of=("high_yield", "baa_aaa"),
        ),
        _survey(
            "lending_standards",
            "lending standards",
            "the net share of banks that tightened",
            "lending_standards",
            "survey",
        ),
        _survey(
            "lending_standards_small",
            "lending standards for small firms",
            "the net share of banks that tightened for small firms",
            "lending_standards_small",
            "survey",
        ),
        _survey(
            "lending_shift",
            "change of lending standards",
            "the net share of banks that tightened",
            "lending_standards",
            "survey change",
        ),
        Driver(
            "broad_dollar",
            "broad dollar",
            "the dollar",
            "currency",
            "log change",
            ("broad_dollar",),
            unit="log point of the dollar",
            step=0.01,
            step_words="1%",
            timing="mean of the month",
        ),
        _volatility("realised_volatility", "realised volatility", "the market's volatility"),
        _volatility("vix", "VIX", "the VIX"),
        _inflation("cpi_inflation", "inflation", "cpi"),
        _inflation("core_inflation", "core inflation", "core_cpi"),
        Driver(
            "inflation",
            "inflation: all prices, else core prices",
            "inflation as published",
            "prices",
            "first held",
            first_of=("cpi_inflation", "core_inflation"),
        ),
        Driver(
            "real_wages",
            "growth of real hourly earnings",
            "the growth of real hourly earnings as published",
            "prices",
            "growth",
            ("hourly_earnings", "cpi"),
            unit="unit of growth",
            step=0.01,
            step_words="one point higher",
            timing="release",
        ),
        _past(6),
        _past(12),
        _share("industries", "twelve industries", "industries"),
        _share("size_value_portfolios", "size and value portfolios", "size and value portfolios"),
        Driver(
            "rsp_spy",
            "equal less capital weights (RSP less SPY)",
            "the return of equal less capital weights",
            "breadth",
            "fund spread",
            unit="unit of return",
            step=0.01,
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
    "real_wages": "hourly earnings and consumer prices",
    "realised_volatility": "the market's daily returns",
    "baa_aaa": "yields of BAA and AAA bonds",
    "lending_shift": "the lending standards",
    "lending_standards_small": "the lending standards for small firms",
}


def resolved(dataset: Dataset, name: str) -> str:
    """A driver's own name, or that of the first one held among those it stands for."""
    choices = DRIVERS[name].first_of
    held = (one for one in choices if missing_driver(dataset, one) is None)
    return next(held, choices[-1]) if choices else name


def missing_driver(dataset: Dataset, name: str, alignment: str = "own_month") -> Refusal | None:
    """Why a data set has no series of a driver, placed in time so; None where it has one."""
    if DRIVERS[name].first_of:
        return missing_driver(dataset, resolved(dataset, name), alignment)
    driver = DRIVERS[name]
    if alignment == "between_means" and driver.timing != "mean of the month":
        return Refusal(f"the {driver.words}: no mean of a month, so nothing lies between means")
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
    if dataset.data == "bundled" and not set(driver.columns) <= set(column_names("bundled")):
        return Refusal(f"needs the latest data: {what}", needs="latest")
    until = month_words(str(dataset.as_of))
    return Refusal(f"the {dataset.data} data do not hold {what} by {until}")


def driver_level(monthly: pd.DataFrame, name: str) -> pd.Series:
    """Level of a driver by the month it belongs to: a decimal, a difference of two, or a log.

    A level that the panel dates late is moved back, so that its last month is not known.
    """
    driver = DRIVERS[name]
    level = monthly[driver.columns[0]]
    if driver.measured == "past return":
        return level.rolling(driver.months).sum().shift(1)
    if driver.measured in ("growth", "growth change"):
        logs = np.log(monthly[list(driver.columns)])
        ratio = logs.iloc[:, 0] - logs.iloc[:, 1:].sum(axis=1, skipna=False)
        # prices and wages of a month are published in the middle of the next
        return (ratio - ratio.shift(driver.months)).shift(1)
    for column in driver.columns[1:]:
        level = level - monthly[column]
    if driver.dated_late:
        level = level.shift(-driver.dated_late)
    return np.log(level) if driver.measured == "log change" else level


def driver_series(dataset: Dataset, name: str, alignment: str = "own_month") -> pd.Series:
    """A driver as :attr:`Driver.measured` says, by month, named ``driver``; NaN where unknown.

    Parameters
    ----------
    dataset : Dataset
    name : str
        A key of :data:`DRIVERS`, held by the data set.
    alignment : str
        One of :data:`ALIGNMENTS`.

    Raises
    ------
    InputError
        For an unknown alignment.
    """
    if alignment not in ALIGNMENTS:
        raise InputError(f"unknown alignment {alignment!r}{nearest(alignment, ALIGNMENTS)}")
    name = resolved(dataset, name)
    driver = DRIVERS[name]
    if driver.measured == "fund spread":
        series = pair_spread(dataset, name)
    elif driver.measured == "share ahead":
        columns = _COUNTED[name](dataset.monthly)
        series = share_ahead(dataset.monthly[columns], dataset.monthly["market"])
    else:
        level = driver_level(dataset.monthly, name)
        if alignment == "between_means":
            level = (level + level.shift(-1)) / 2
        series = level.diff() if driver.is_change else level
    return series.rename("driver")


def cut_months(dataset: Dataset, name: str, fall: float) -> pd.Series:
    """1 in a month in which a rate was cut, 0 in others, NaN where unknown.

    Parameters
    ----------
    dataset : Dataset
    name : str
        A rate. Every fall of one that is decided is a cut; another has to fall by `fall`.
    fall : float
        Decimal.
    """
    change = driver_series(dataset, name)
    bound = 2 * _ROUNDING if DRIVERS[resolved(dataset, name)].decided else fall
    return (change <= -bound + _ROUNDING).astype(float).where(change.notna())


def by_release(months: pd.DataFrame, survey: pd.Series, *, change: bool = False) -> pd.DataFrame:
    """Returns of the three months from each release of a survey on, and the survey as ``driver``.

    The survey of a quarter is published in its second month and stands until the next one: it is
    set against the returns of February to April, and so on. Its net share of banks that tightened
    is a change of standards already.

    Parameters
    ----------
    months : DataFrame
        Returns by month.
    survey : Series by month
        As known at the end of each month.
    change : bool
        Set the returns against the change from the survey before.

    Returns
    -------
    DataFrame by the last month of each three; only those with all their returns and a survey.
    """
    known = survey[survey.index.month % 3 == 2]
    moved = known.diff() if change else known
    own = months.index - (months.index.month - 2) % 3
    grouped = months.groupby(own)
    sums = grouped.sum(min_count=3)[grouped.size() == 3]
    made = sums.assign(driver=moved.reindex(sums.index)).dropna()
    return made.set_axis(made.index + 2)
