"""Do the publishers' own series bear out the dates in the fact tables?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.results import InputError

CONFIRMED = "confirmed"
NOT_CONFIRMABLE = "not confirmable"
CONTRADICTED = "contradicted"
SERIES = ("FEDFUNDS", "DFEDTAR", "DFEDTARU", "USREC")
PEAK_WINDOW = 12  # months before a cut; the peak is sought from their lowest month on
ROUNDING = 0.005  # the published rates carry two decimals

_Finding = tuple[str, str, str]


def confirm_facts(
    facts: Mapping[str, pd.DataFrame], series: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """Hold every date of the easing cycles and recessions against the publishers' series.

    Parameters
    ----------
    facts : mapping
        As :func:`analysis.sources.facts.load_facts` returns it.
    series : mapping of str to Series
        Any of ``FEDFUNDS`` and ``USREC`` (monthly), ``DFEDTAR`` and ``DFEDTARU`` (daily), in the
        publishers' units, by date. What is absent confirms nothing.

    Returns
    -------
    DataFrame
        ``table, row, column, date, status, series, finding``; one line a fact. `status` is
        confirmed, not confirmable (no series given speaks of it) or contradicted.

    Notes
    -----
    A target cut is confirmed by a fall on its day or the day after (the range is dated when it
    takes effect, the decision the day before), of the stated size and from the stated peak. A cut
    known by month is confirmed by a monthly average below the month before. USREC turns 1 in the
    month after the peak and stays 1 to the trough.
    """
    if odd := set(series) - set(SERIES):
        raise InputError(f"series {sorted(odd)[0]!r} is not one of {', '.join(SERIES)}")
    given = {name: _by_period(values) for name, values in series.items()}
    lines = [*_cycle_lines(facts["easing_cycles"], given)]
    lines += _recession_lines(facts["nber_cycles"], given)
    columns = ["table", "row", "column", "date", "status", "series", "finding"]
    return pd.DataFrame(lines, columns=columns)


def _by_period(values: pd.Series) -> pd.Series:
    values = values.dropna()
    if isinstance(values.index, pd.PeriodIndex):
        return values
    monthly = bool((values.index.day == 1).all())
    return values.set_axis(values.index.to_period("M" if monthly else "D"))


def _cycle_lines(cycles: pd.DataFrame, given: Mapping[str, pd.Series]) -> Iterator[tuple[str, ...]]:
    for cycle in cycles.itertuples():
        checks = {
            "target_date": (cycle.target_date, lambda c: _check_target(c, given)),
            "discount_date": (cycle.discount_date, lambda c: _silent("no discount-rate series")),
            "bank_list_date": (cycle.bank_list_date, lambda c: _check_month(c, given)),
            "peak_percent": (cycle.cycle, lambda c: _check_peak(c, given)),
            "linked_months": (cycle.cycle, lambda c: _check_link(c, given)),
        }
        for column, (date, check) in checks.items():
            if date and not pd.isna(getattr(cycle, column)):
                yield ("easing_cycles", cycle.cycle, column, date, *check(cycle))


def _recession_lines(
    nber: pd.DataFrame, given: Mapping[str, pd.Series]
) -> Iterator[tuple[str, ...]]:
    for cycle in nber.itertuples():
        for column in ("peak", "trough", "peak_announced", "trough_announced"):
            month = getattr(cycle, column)
            if not pd.isna(month):
                found = (
                    _silent("no series of announcements")
                    if column.endswith("announced")
                    else _check_turn(month, column == "peak", given)
                )
                yield ("nber_cycles", str(cycle.peak), column, str(month), *found)


def _silent(why: str) -> _Finding:
    return NOT_CONFIRMABLE, "", why


def _said(agrees: bool, name: str, finding: str) -> _Finding:
    return (CONFIRMED if agrees else CONTRADICTED), name, finding


def _target(period: pd.Period, given: Mapping[str, pd.Series]) -> tuple[str, pd.Series] | None:
    """The daily target series that covers a day and its neighbours, if one was given."""
    for name in ("DFEDTAR", "DFEDTARU"):
        values = given.get(name)
        if values is not None and {period - 1, period, period + 1} <= set(values.index):
            return name, values
    return None


def _check_target(cycle: Any, given: Mapping[str, pd.Series]) -> _Finding:
    if len(cycle.target_date) == len("YYYY-MM"):
        return _fall_of_funds(pd.Period(cycle.target_date, "M"), given)
    day = pd.Period(cycle.target_date, "D")
    if (found := _target(day, given)) is None:
        return _silent("no target series reaches this day")
    name, values = found
    before, after = values[day - 1], values[day + 1]
    agrees = abs((after - before) * 100 - cycle.first_move_bp) < ROUNDING * 100
    return _said(agrees and before == cycle.peak_percent, name, f"{before:g} to {after:g} percent")


def _fall_of_funds(month: pd.Period, given: Mapping[str, pd.Series]) -> _Finding:
    funds = given.get("FEDFUNDS")
    if funds is None or not {month - 1, month} <= set(funds.index):
        return _silent("no funds rate for this month")
    before, after = funds[month - 1], funds[month]
    return _said(after < before, "FEDFUNDS", f"average {before:g} to {after:g} percent")


def _check_month(cycle: Any, given: Mapping[str, pd.Series]) -> _Finding:
    """A date known by month: did the target, else the funds rate, fall in it?"""
    month = cycle.bank_list_month
    first, last = month.asfreq("D", "start"), month.asfreq("D", "end")
    if _target(first, given) is None or (found := _target(last, given)) is None:
        return _fall_of_funds(month, given)
    name, values = found
    moves = values[first - 1 : last + 1].diff()
    return _said(bool((moves < 0).any()), name, f"{int((moves < 0).sum())} falls in the month")


def _check_peak(cycle: Any, given: Mapping[str, pd.Series]) -> _Finding:
    name = cycle.peak_series
    if name not in given:
        return _silent("no series of this rate")
    values = given[name]
    start = cycle.target_month if not pd.isna(cycle.target_month) else cycle.discount_month
    if values.index.freqstr == "D":
        start, window = pd.Period(cycle.target_date, "D"), 1
    else:
        window = PEAK_WINDOW
    before = values[start - window : start - 1]
    if len(before) < window:
        return _silent("the series begins too late")
    peak = before[before.idxmin() :].max()
    agrees = abs(peak - cycle.peak_percent) < ROUNDING
    return _said(agrees, name, f"highest before the cut {peak:g} percent")


def _check_link(cycle: Any, given: Mapping[str, pd.Series]) -> _Finding:
    flags = given.get("USREC")
    start = cycle.target_month if not pd.isna(cycle.target_month) else cycle.discount_month
    if flags is None or start + int(cycle.linked_months) not in flags.index:
        return _silent("no recession flags for these months")
    after = flags[start:]
    months = after.index[after == 1][0].ordinal - start.ordinal if (after == 1).any() else None
    return _said(months == cycle.linked_months, "USREC", f"first recession month after {months}")


def _check_turn(month: pd.Period, peak: bool, given: Mapping[str, pd.Series]) -> _Finding:
    flags = given.get("USREC")
    if flags is None or not {month, month + 1} <= set(flags.index):
        return _silent("no recession flags for this month")
    now, then = int(flags[month]), int(flags[month + 1])
    return _said((now, then) == ((0, 1) if peak else (1, 0)), "USREC", f"{now} then {then}")
