"""A pulled file beside its peers: what no reader can see in one file alone.

A file that reads without a complaint may still be of another frequency, cut, unadjusted, older than
what it would replace, or months behind the others. Each such doubt names the file, the day and what
is wrong. A refused one ends the pull unless the user accepts the file by name; the others are notes
that the snapshot keeps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources.readers import Reading

FACTORS = "french/F-F_Research_Data_Factors"
SESSIONS = "french/F-F_Research_Data_Factors_daily"
PRICES = "prices/"

#: A fund's log move of one day that none of its peers comes within this of is a fault of the file:
#: the largest distance to the nearest peer in 23 funds since 1993 was .103, a split of six for five
#: is .182.
FAR_FROM_PEERS = 0.15

#: A fund that lags its three nearest peers by more than this a year ...
DIVIDENDS_A_YEAR = 0.01
#: ... by at least so many standard errors is quoted without its dividends.
DIVIDENDS_T = -4.0

#: Months that a comparison of mean returns needs.
FEWEST_MONTHS = 48

#: A last value so many times as far from the one before as 99 of 100 steps is a number cut short.
FAR_STEP = 10.0

#: Months the newest file may be ahead of one that is not called stale.
FRESH_MONTHS = 1

WITHOUT_DIVIDENDS = "closes without dividends"


@dataclass(frozen=True)
class Doubt:
    """Something odd about one file.

    Attributes
    ----------
    id : str
        The file, such as ``prices/IWM``.
    kind : str
        ``"calendar"``, ``"level"``, ``"dividends"``, ``"shorter"``, ``"older"``, ``"stale"``,
        ``"future"`` or ``"blank"``.
    words : str
        What is wrong, naming the day.
    refused : bool
        Whether it ends the pull unless the file is accepted by name.
    """

    id: str
    kind: str
    words: str
    refused: bool

    @property
    def caution(self) -> str:
        """What whoever uses the file is told."""
        return f"is a price return: it {self.words}" if self.kind == "dividends" else self.words

    def __str__(self) -> str:
        return f"{self.id}: {self.words}"


def doubts(
    readings: Mapping[str, Reading],
    earlier: Mapping[str, Reading] | None = None,
    today: dt.date | None = None,
) -> list[Doubt]:
    """Everything odd about the files of a pull, held against each other.

    Parameters
    ----------
    readings : mapping of str to Reading
        Every file of the snapshot to be, by id.
    earlier : mapping of str to Reading, optional
        The same files in the snapshot in force.
    today : date, optional
        The day of the pull: nothing is published before it happened.

    Returns
    -------
    list of Doubt
        In the order of the ids.
    """
    found = [
        Doubt(id, "blank", note, refused=False)
        for id, reading in readings.items()
        for note in reading.notes
    ]
    found += _against_earlier(readings, earlier or {})
    found += [
        Doubt(
            id, "future", f"ends {reading.last}, after the day of the pull, {today}", refused=True
        )
        for id, reading in readings.items()
        if today is not None and _month(reading.last) > pd.Period(today, "M")
    ]
    found += _staleness(readings)
    found += _fund_doubts(readings)
    found += [
        Doubt(id, "level", words, refused=True)
        for id, reading in readings.items()
        if id.startswith("fred/")
        for words in _last_step(reading)
    ]
    return sorted(found, key=lambda doubt: (doubt.id, not doubt.refused))


def _against_earlier(
    readings: Mapping[str, Reading], earlier: Mapping[str, Reading]
) -> Iterator[Doubt]:
    """A file that would replace a longer one, or one of a newer vintage."""
    for id, reading in readings.items():
        before = earlier.get(id)
        if before is None:
            continue
        if reading.vintage < before.vintage:
            yield Doubt(
                id,
                "older",
                f"of {reading.vintage}, older than the one in force, of {before.vintage}",
                refused=True,
            )
        elif reading.last < before.last:
            yield Doubt(
                id,
                "shorter",
                f"ends {reading.last}, the one in force ended {before.last}",
                refused=True,
            )
        elif reading.first > before.first:
            yield Doubt(
                id,
                "shorter",
                f"starts {reading.first}, the one in force started {before.first}",
                refused=True,
            )


def _staleness(readings: Mapping[str, Reading]) -> Iterator[Doubt]:
    """Files that end months before the factors."""
    if FACTORS not in readings:
        return
    newest = pd.Period(readings[FACTORS].last[:7], "M")
    for id, reading in readings.items():
        behind = (newest - _month(reading.last)).n
        if behind <= FRESH_MONTHS - id.startswith(PRICES) or reading.ended:
            continue
        yield Doubt(
            id,
            "stale",
            f"ends {reading.last}, {_months(behind)} before the factors ({newest})",
            refused=id.startswith(PRICES),
        )


def _months(count: int) -> str:
    return "one month" if count == 1 else f"{count} months"


def _month(last: str) -> pd.Period:
    return pd.Period(last[:7] if "Q" not in last else pd.Period(last, "Q").asfreq("M", "end"), "M")


def _last_step(reading: Reading) -> Iterator[str]:
    """A last value that no step of the series leads to: a number cut short."""
    [frame] = reading.tables.values()
    values = frame.iloc[:, 0].dropna()
    if len(values) < 100:
        return
    steps = values.diff().abs().to_numpy()[1:]
    usual = np.quantile(steps[:-1], 0.99)
    if usual > 0 and steps[-1] > FAR_STEP * usual:
        yield (
            f"jumps from {values.iloc[-2]:g} to {values.iloc[-1]:g} on its last date,"
            f" {values.index[-1]}: the number may be cut short"
        )


def _fund_doubts(readings: Mapping[str, Reading]) -> Iterator[Doubt]:
    closes = {
        id: reading.tables["Close"]["Close"]
        for id, reading in readings.items()
        if id.startswith(PRICES)
    }
    if not closes:
        return
    daily = readings.get(SESSIONS)
    market = None
    if daily is not None:
        table = daily.tables["daily"]
        market = np.log1p((table["Mkt-RF"] + table["RF"]) / 100.0)
    moves = pd.DataFrame({id: np.log(one).diff() for id, one in closes.items()}).sort_index()
    peers = moves if market is None else moves.assign(market=market.reindex(moves.index))
    misfits = set()
    for id, one in closes.items():
        for words in _calendar(one, id, closes, None if market is None else market.index):
            misfits.add(id)
            yield Doubt(id, "calendar", words, refused=True)
    sound = peers.drop(columns=list(misfits))
    for id in closes:
        if id in misfits:
            continue
        for words in _lonely_moves(sound, id):
            yield Doubt(id, "level", words, refused=True)
        for words in _dividends(sound, id):
            yield Doubt(id, "dividends", words, refused=True)


def _calendar(
    one: pd.Series,
    id: str,
    closes: Mapping[str, pd.Series],
    sessions: pd.DatetimeIndex | None,
) -> Iterator[str]:
    """Sessions a fund lacks, days that were none, and a last day that cuts a month."""
    others = [other.index for name, other in closes.items() if name != id]
    known = _sessions(sessions, others, one.index[-1])
    if not len(known):
        return
    inside = known[(known >= one.index[0]) & (known <= one.index[-1])]
    lacking, extra = inside.difference(one.index), one.index.difference(known)
    extra = extra[(extra >= known[0]) & (extra <= known[-1])]
    if len(lacking) > 0.5 * len(inside):
        yield (
            f"is not daily: it lacks {len(lacking):,} of {len(inside):,} sessions, the first on"
            f" {lacking[0].date()}; export daily closes"
        )
    elif len(lacking):
        yield f"lacks {_sessions_words(len(lacking))}, the first on {lacking[0].date()}"
    elif len(extra):
        yield f"has a close for {extra[0].date()}, when no market was open"
    else:
        month = one.index[-1].to_period("M")
        rest = known[(known > one.index[-1]) & (known <= month.end_time)]
        if sessions is not None and len(rest) and month <= sessions[-1].to_period("M"):
            yield f"ends on {one.index[-1].date()}, before the last session of that month"


def _sessions_words(count: int) -> str:
    return "one session" if count == 1 else f"{count:,} sessions"


def _sessions(
    sessions: pd.DatetimeIndex | None, others: list[pd.DatetimeIndex], last: pd.Timestamp
) -> pd.DatetimeIndex:
    """Days the market was open: the publisher's, and after them those two other funds share."""
    known = pd.DatetimeIndex([]) if sessions is None else sessions
    later = [days[days > known[-1]] if len(known) else days for days in others]
    if len(later) >= 2:
        counts = pd.Series(1, index=np.concatenate([days.to_numpy() for days in later]))
        shared = counts.groupby(level=0).sum()
        reach = min(max(days[-1] for days in later if len(days)), last) if len(shared) else last
        agreed = pd.DatetimeIndex(shared.index[(shared >= 2) & (shared.index <= reach)])
        known = known.append(agreed)
    return known


def _lonely_moves(peers: pd.DataFrame, id: str) -> Iterator[str]:
    """A day's move that no peer shares: a split left unadjusted, a close of another fund."""
    own, others = peers[id], peers.drop(columns=id)
    distance = others.sub(own, axis=0).abs().min(axis=1)
    if (distance > FAR_FROM_PEERS).any():
        day = distance.idxmax()
        nearest = others.loc[day].iloc[int((others.loc[day] - own[day]).abs().argmin())]
        yield (
            f"moves by {np.expm1(own[day]):+.1%} on {day.date()}, its nearest peer by"
            f" {np.expm1(nearest):+.1%}: a split left unadjusted, or a close that is not the fund's"
        )


def _dividends(peers: pd.DataFrame, id: str) -> Iterator[str]:
    """Closes without dividends fall behind what moves with them, by the dividends."""
    months = peers.groupby(peers.index.to_period("M")).sum(min_count=15).iloc[1:]
    alike = months.corr(min_periods=FEWEST_MONTHS)[id].drop(id).dropna().nlargest(3)
    alike = alike[alike > 0.95]
    known = months[[id, *alike.index]].dropna()
    if alike.empty or len(known) < FEWEST_MONTHS:
        return
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools import add_constant

    fit = OLS(known[id], add_constant(known[list(alike.index)])).fit()
    lag, t = 12.0 * fit.params["const"], fit.tvalues["const"]
    if lag < -DIVIDENDS_A_YEAR and t < DIVIDENDS_T:
        named = ", ".join(name.removeprefix(PRICES) for name in alike.index)
        yield (
            f"falls behind {named} by {-lag:.1%} a year from {known.index[0]} to"
            f" {known.index[-1]}, as {WITHOUT_DIVIDENDS} do; export adjusted closes"
        )
