"""Small minus large on the days on which the Federal Reserve's target moved, from 1990 on.

Shown beside the claims on first cuts and on rates and part of no registered grid: whole sessions by
day, cuts and rises apart, each against sessions picked at random from its own calendar year. Large
cuts came in the wild years 2001 and 2008, and sessions of quiet years would be no likeness of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.audit.supplements.spreads import FUNDS
from analysis.inference.premia import two_sided_p
from analysis.inference.signed_days import FEWEST, SignedDays, signed_returns
from analysis.panel import Dataset

#: Sets of random sessions, and their seed.
DRAWS, SEED = 4999, 20260101

LEGS = ("smb", "iwm_spy")

#: Kinds of days, by what they ask of a row.
KINDS: Mapping[str, str] = {
    "all cuts": "move_bp < 0",
    "cuts of 50 or more": "move_bp <= -50",
    "scheduled cuts": "move_bp < 0 and meeting == 'scheduled'",
    "unscheduled cuts": "move_bp < 0 and meeting == 'unscheduled'",
    "all rises": "move_bp > 0",
}

MEANS = ["leg", "kind", "first", "last", "days", "mean", "low", "high", "p"]


def policy_days(dataset: Dataset) -> pd.DataFrame:
    """Every change of the target with the return of the session it met first.

    A change announced on a day without trading meets the next session.

    Returns
    -------
    DataFrame
        ``session, move_bp, meeting, smb, iwm_spy``, each return beyond its mean over all sessions
        of the same calendar year; no rows without daily returns.
    """
    columns = ["session", "move_bp", "meeting", *LEGS]
    if dataset.daily is None:
        return pd.DataFrame(columns=columns)
    returns = daily_spreads(dataset)
    table = dataset.facts["target_changes"]
    places = returns.index.searchsorted(pd.DatetimeIndex(table["day"]))
    inside = (places > 0) & (places < len(returns))
    kept = table.loc[inside, ["move_bp", "meeting"]].reset_index(drop=True)
    beyond = returns - returns.groupby(pd.DatetimeIndex(returns.index).year).transform("mean")
    met = beyond.iloc[places[inside]].rename_axis("session").reset_index()
    whole = pd.concat([met, kept], axis=1)[columns]
    # two changes on one session, were there any, would be one event of their sum
    return whole.groupby("session", as_index=False).agg(
        {"move_bp": "sum", "meeting": "first", **dict.fromkeys(LEGS, "first")}
    )


def policy_means(dataset: Dataset) -> pd.DataFrame:
    """Mean of small minus large on each kind of day, beyond the mean of the sessions of its year.

    Returns
    -------
    DataFrame
        :data:`MEANS`; the interval is the mean ± 1.96 standard deviations of the means on random
        sessions, of which each calendar year gives as many as it has events. A kind with fewer than
        :data:`analysis.inference.signed_days.FEWEST` days is left out.

    References
    ----------
    MacKinlay, A. C. (1997), "Event Studies in Economics and Finance", Journal of Economic
    Literature 35; the null by random sessions of the same year in place of a normal one.
    """
    days = policy_days(dataset)
    if days.empty:
        return pd.DataFrame(columns=MEANS)
    returns = daily_spreads(dataset)
    return pd.DataFrame(
        [row for leg in LEGS for row in _means_of(leg, returns[leg].dropna(), days)], columns=MEANS
    )


def _means_of(leg: str, returns: pd.Series, days: pd.DataFrame) -> list[tuple[object, ...]]:
    span = returns.loc[str(days["session"].iloc[0].year) :]
    ways, told = [], []
    for kind, asks in KINDS.items():
        sessions = pd.DatetimeIndex(days.query(asks)["session"])
        places = span.index.get_indexer(sessions[sessions.isin(span.index)])
        if len(places) >= FEWEST:
            ways.append(SignedDays(span.to_numpy(float), places, np.ones(len(places))))
            told.append((kind, span.index[places[0]], span.index[places[-1]]))
    found = signed_returns(ways, DRAWS, SEED, pd.DatetimeIndex(span.index).year.to_numpy())
    if found.refusal is not None:
        return []
    p_values = two_sided_p(found.null_means, found.means)
    rows: list[tuple[object, ...]] = []
    for place, (kind, first, last) in enumerate(told):
        mean, half = float(found.means[place]), 1.96 * found.error_of(place)
        ends = (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
        count = len(ways[place].places)
        p_value = float(p_values[place])
        rows.append((leg, kind, *ends, count, mean, mean - half, mean + half, p_value))
    return rows


def daily_spreads(dataset: Dataset) -> pd.DataFrame:
    """Small minus large by session: SMB, and IWM less SPY where their closes are at hand."""
    daily = dataset.daily[["smb"]] if dataset.daily is not None else pd.DataFrame({"smb": []})
    small, large = FUNDS["iwm_spy"]
    if dataset.funds is None or not {small, large} <= set(dataset.funds.columns):
        return daily.assign(iwm_spy=np.nan)
    moved = dataset.funds[[small, large]].dropna().pct_change(fill_method=None)
    return daily.assign(iwm_spy=(moved[small] - moved[large]).reindex(daily.index))
