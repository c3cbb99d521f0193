"""First cuts, recessions and their phases as months.

The fact tables come from :func:`analysis.sources.facts.load_facts`. Recession months follow the
convention of USREC: the month after the peak is the first, the trough is the last.
"""

from __future__ import annotations

import pandas as pd

from analysis.results import InputError

RULES = ("funds", "discount", "broad", "bank", "zigzag")
ZIGZAG_RISE = 0.01  # a rise of one point from the trough makes a tightening
ZIGZAG_FALL = 0.005  # a fall of half a point from its peak ends it
ROUNDING = 1e-9  # so that a move of exactly the threshold counts

EXPANSION, FIRST_HALF, SECOND_HALF, OPEN = "expansion", "first half", "second half", "open"


def first_cuts(
    cycles: pd.DataFrame,
    rule: str,
    as_of: pd.Period | None = None,
    fed_funds: pd.Series | None = None,
) -> pd.DataFrame:
    """Months of the first cut of each easing cycle under one date rule.

    Parameters
    ----------
    cycles : DataFrame
        The table ``easing_cycles``; excluded episodes are left out under every rule.
    rule : str
        ``"funds"``: the target rate, before 1982 the funds rate; cycles marked optional left out.
        ``"discount"``: the discount rate. ``"broad"``: the target rate where there is one, else
        the discount rate, optional cycles included. ``"bank"``: a published bank's list.
        ``"zigzag"``: computed from `fed_funds`, see :func:`zigzag_cuts`.
    as_of : pandas.Period or None
        Later dates are not seen, so that a "broad" event may stand at its discount date until the
        target moves too.
    fed_funds : Series, optional
        Monthly rate as a decimal by monthly period; needed by ``"zigzag"`` only.

    Returns
    -------
    DataFrame
        ``month`` (Period), ``cycle``, ``flag`` (words), ``linked`` ("yes", "no" or "open": a
        recession month within 12 months of the cycle's own first date, not of this rule's date;
        use :func:`linked` for another window), ``optional``; in time order.

    Raises
    ------
    InputError
        Unknown rule, or ``"zigzag"`` without its rate.
    """
    if rule not in RULES:
        raise InputError(f"date rule {rule!r} is unknown; choose one of {', '.join(RULES)}")
    if rule == "zigzag":
        if fed_funds is None:
            raise InputError("the date rule 'zigzag' needs the funds rate: pass fed_funds")
        rate = fed_funds if as_of is None else fed_funds[fed_funds.index <= as_of]
        return _computed(zigzag_cuts(rate))
    by_rule = ["target_month", "discount_month", "bank_list_month"]
    dates = cycles[by_rule] if as_of is None else cycles[by_rule].where(cycles[by_rule] <= as_of)
    target, discount, bank_list = (dates[column] for column in by_rule)
    months = {
        "funds": target.mask(cycles["optional"]),
        "discount": discount,
        "broad": target.fillna(discount),
        "bank": bank_list,
    }[rule]
    events = cycles.assign(month=months, linked=cycles["recession_linked"])
    events = events[events["month"].notna() & ~events["excluded"]]
    columns = ["month", "cycle", "flag", "linked", "optional"]
    return events.sort_values("month")[columns].reset_index(drop=True)


def _computed(months: pd.PeriodIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": pd.Series(months, dtype="period[M]"),
            "cycle": [str(month) for month in months],
            "flag": "computed from the funds rate",
            "linked": "open",
            "optional": False,
        }
    )


def zigzag_cuts(
    rate: pd.Series, rise: float = ZIGZAG_RISE, fall: float = ZIGZAG_FALL
) -> pd.PeriodIndex:
    """First months of easing, found in the rate alone and without looking ahead.

    A tightening stands once the rate is at least `rise` above its lowest level since the last
    event. The event is the first month in which the rate is then at least `fall` below its highest
    level since that trough. The search starts again from the level of that month.

    Parameters
    ----------
    rate : Series
        Monthly, decimal, by consecutive monthly periods, without gaps inside; missing months at
        either end are dropped.
    rise, fall : float
        Decimal; one and half a point unless told otherwise.

    Returns
    -------
    PeriodIndex
        The months in which each turn is first visible, at the end of the month.

    Notes
    -----
    The turning-point rule of Bry and Boschan (1971, NBER) in its plainest form: alternating peaks
    and troughs with a minimum swing. Unlike theirs it is causal: adding later months changes no
    earlier event.
    """
    rate = _checked_rate(rate)
    events, low, high, tightening = [], float("inf"), float("-inf"), False
    for month, level in rate.items():
        if not tightening:
            low = min(low, level)
            tightening = level >= low + rise - ROUNDING
            high = level
            continue
        high = max(high, level)
        if level <= high - fall + ROUNDING:
            events.append(month)
            low, tightening = level, False
    return pd.PeriodIndex(events, freq="M")


def _checked_rate(rate: pd.Series) -> pd.Series:
    _check_monthly(rate.index, "the funds rate")
    rate = rate.loc[rate.first_valid_index() : rate.last_valid_index()]
    if rate.isna().any():
        raise InputError("the funds rate has missing months inside; fill or cut them first")
    if rate.abs().max() > 1:
        raise InputError("the funds rate looks like percent; pass decimals, .05 for five percent")
    return rate


def _check_monthly(index: pd.Index, what: str) -> None:
    if not isinstance(index, pd.PeriodIndex) or index.freqstr != "M":
        raise InputError(f"{what} must be indexed by monthly periods")
    if len(index) > 1 and not (index.asi8[1:] - index.asi8[:-1] == 1).all():
        raise InputError(f"{what} must have consecutive months, in order, each once")


def recession_months(nber: pd.DataFrame, index: pd.PeriodIndex | None = None) -> pd.Series:
    """True in recessions: from the month after the peak to the trough, as USREC has it.

    Parameters
    ----------
    nber : DataFrame
        The table ``nber_cycles``. A recession whose trough is not (yet) known runs to the end.
    index : PeriodIndex, optional
        Consecutive months wanted; by default from the first peak to the last date of the table.

    Returns
    -------
    Series of bool, by month

    Raises
    ------
    InputError
        When `index` begins before the first peak of the table, where nothing is known.
    """
    if index is None:
        last = max(nber["peak"].max() + 1, nber["trough"].dropna().max())
        index = pd.period_range(nber["peak"].min(), last, freq="M")
    _check_monthly(index, "the index of recession months")
    if len(index) and index[0] < nber["peak"].min():
        raise InputError(f"recessions are known from {nber['peak'].min()}, not from {index[0]}")
    turns = _turns(nber["peak"] + 1, nber["trough"] + 1)
    return _state(turns, index).rename("recession")


def recession_known(nber: pd.DataFrame, index: pd.PeriodIndex | None = None) -> pd.Series:
    """True while the committee's latest announcement was a peak: what one knew at each month's end.

    Parameters
    ----------
    nber : DataFrame
        The table ``nber_cycles``; recessions without announcements are passed over.
    index : PeriodIndex, optional
        By default from the first announcement to the last; earlier months cannot be asked for.

    Returns
    -------
    Series of bool, by month
    """
    turns = _turns(nber["peak_announced"], nber["trough_announced"])
    if turns.empty:
        raise InputError("the recession table holds no announcement; there were none before 1980")
    if index is None:
        index = pd.period_range(turns.index[0], turns.index[-1], freq="M")
    _check_monthly(index, "the index of announced recessions")
    if len(index) and index[0] < turns.index[0]:
        raise InputError(f"announcements begin in {turns.index[0]}, not in {index[0]}")
    return _state(turns, index).rename("recession_known")


def _turns(begins: pd.Series, ends: pd.Series) -> pd.Series:
    """+1 in the month a state begins, -1 in the first month after it; by month."""
    marks = pd.concat(
        [
            pd.Series(1, index=pd.PeriodIndex(begins.dropna(), freq="M")),
            pd.Series(-1, index=pd.PeriodIndex(ends.dropna(), freq="M")),
        ]
    )
    return marks.groupby(level=0).sum().sort_index()


def _state(turns: pd.Series, index: pd.PeriodIndex) -> pd.Series:
    running = turns.cumsum().to_numpy()
    last = turns.index.asi8.searchsorted(index.asi8, side="right") - 1
    return pd.Series((last >= 0) & (running[last] > 0), index=index)


def linked(
    event_months: pd.PeriodIndex,
    nber: pd.DataFrame,
    months: int,
    known_to: pd.Period | None = None,
) -> pd.Series:
    """Does a recession month fall in [t, t + months] of each event?

    Parameters
    ----------
    event_months : PeriodIndex
    nber : DataFrame
        The table ``nber_cycles``.
    months : int
        Width of the window, 0 or more.
    known_to : pandas.Period, optional
        Last month whose state is known. An event without a recession month whose window reaches
        further is missing, neither linked nor not.

    Returns
    -------
    Series of pandas boolean, by event month
    """
    if isinstance(months, bool) or not isinstance(months, int) or months < 0:
        raise InputError(f"the link window must be a whole number of months, not {months!r}")
    events = pd.PeriodIndex(event_months, freq="M")
    starts = (nber["peak"] + 1).to_numpy()[None, :]
    known = nber["trough"].notna().to_numpy()[None, :]
    ends = nber["trough"].fillna(nber["peak"] + 1).to_numpy()[None, :]
    window = events.to_numpy()[:, None]
    overlap = (starts <= window + months) & ((ends >= window) | ~known)
    answer = pd.Series(overlap.any(axis=1), index=events, dtype="boolean", name="linked")
    if known_to is None:
        return answer
    return answer.mask(~answer.to_numpy(dtype=bool) & (events + months > known_to))


def troughs(nber: pd.DataFrame, by: str = "date") -> pd.PeriodIndex:
    """Months of the troughs, or of their announcements, which few could act before.

    Parameters
    ----------
    nber : DataFrame
        The table ``nber_cycles``.
    by : {"date", "announcement"}
    """
    columns = {"date": "trough", "announcement": "trough_announced"}
    if by not in columns:
        raise InputError(f"troughs are known by 'date' or by 'announcement', not by {by!r}")
    return pd.PeriodIndex(nber[columns[by]].dropna(), freq="M")


def recession_phases(nber: pd.DataFrame, index: pd.PeriodIndex | None = None) -> pd.Series:
    """Expansion, first half or second half of a recession; hindsight, like every trough.

    The middle month of a recession of odd length counts to the first half. Months of a recession
    whose trough is not known are ``"open"``.

    Parameters
    ----------
    nber : DataFrame
        The table ``nber_cycles``.
    index : PeriodIndex, optional
        As for :func:`recession_months`.

    Returns
    -------
    Series of str, by month
    """
    recession = recession_months(nber, index)
    phase = pd.Series(EXPANSION, index=recession.index, name="phase", dtype=object)
    ended = nber[nber["trough"].notna()]
    length = ended["trough"].astype("int64") - ended["peak"].astype("int64")
    middle = ended["peak"] + (length + 1) // 2
    first = _state(_turns(ended["peak"] + 1, middle + 1), recession.index)
    second = _state(_turns(middle + 1, ended["trough"] + 1), recession.index)
    phase[recession] = OPEN
    phase[first] = FIRST_HALF
    phase[second] = SECOND_HALF
    return phase
