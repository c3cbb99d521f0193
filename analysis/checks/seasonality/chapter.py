"""Seasonality: January, the strongest January in years, and runs of winning sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.seasonality.january_evidence import (
    fund_januaries,
    gains_by_session,
    january_fits,
    january_gains,
    strongest_january,
)
from analysis.checks.seasonality.january_tables import (
    RestOfYear,
    after_strongest,
    january_table,
    month_means,
    rest_of_year,
    years_of,
)
from analysis.checks.seasonality.settings import Parameters
from analysis.checks.seasonality.streak_evidence import lasting_streak
from analysis.checks.seasonality.streak_runs import (
    SESSIONS_A_YEAR,
    event_rows,
    reach_positions,
    run_arithmetic,
    runs_by_decade,
    streak_curve,
    thinned,
)
from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve
from analysis.panel import Dataset, small_minus_large
from analysis.results import Evidence, Refusal

#: Sessions between two points of a path that is drawn.
PATH_STEP = 6

_GAINS = ["session", "number", "small", "large", "lead"]


@dataclass(frozen=True)
class SeasonalityStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    januaries : DataFrame
        January against the other months, by era.
    months : DataFrame
        Mean of each calendar month before and since 1981.
    years : DataFrame, by year
        January, the rest of the year, and whether it was the strongest of eleven.
    fit : RestOfYear or Refusal
        The rest of the year on January.
    fits : DataFrame
        The same for every leg and era.
    strongest : DataFrame
        The rest of the year after the strongest January of eleven, against all years.
    gains : DataFrame
        Gains of the two funds by session of January 2026; empty on the bundled data.
    fund : DataFrame
        Gain of the small-cap fund in eleven Januaries; empty on the bundled data.
    arithmetic : DataFrame
        Runs a decade that chains of given stickiness make.
    decades : DataFrame
        Runs by decade, seen and expected; empty on the bundled data.
    events : DataFrame
        Every run of the chosen length; empty on the bundled data.
    paths : DataFrame
        ``event, sessions, cumulative``: small minus large after each counted run.
    curve : DataFrame
        One row a specification of the claim on the run.
    """

    evidence: Mapping[str, Evidence | Refusal]
    januaries: pd.DataFrame
    months: pd.DataFrame
    years: pd.DataFrame
    fit: RestOfYear | Refusal
    fits: pd.DataFrame
    strongest: pd.DataFrame
    gains: pd.DataFrame
    fund: pd.DataFrame
    arithmetic: pd.DataFrame
    decades: pd.DataFrame
    events: pd.DataFrame
    paths: pd.DataFrame
    curve: pd.DataFrame

    @property
    def shares(self) -> tuple[str, ...]:
        """Columns of `januaries` that are returns or shares."""
        return tuple(name for name in self.januaries if name not in ("era", "Januaries", "p"))

    @property
    def session_table(self) -> pd.DataFrame:
        """`gains` as text, or why there are none."""
        texts = {name: self.gains[name].map("{:+.1%}".format) for name in _GAINS[2:]}
        return _or_words(self.gains.assign(**texts), "the funds' closes of January 2026")

    @property
    def decade_table(self) -> pd.DataFrame:
        """`decades`, or why there are none."""
        return _or_words(self.decades, "daily returns")

    @property
    def event_table(self) -> pd.DataFrame:
        """`events` with returns as text, or why there are none."""
        if self.events.empty:
            return _or_words(self.events, "daily returns with runs of this length")
        words = [f"{value:+.1%}" if pd.notna(value) else "" for value in self.events["followed"]]
        return self.events.assign(followed=words)


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> SeasonalityStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    best, streak = claims["best-january-decade"], claims["streak-11"]
    spread = small_minus_large(dataset.monthly, parameters.leg).dropna()
    years = years_of(spread)
    gains = gains_by_session(dataset, claims["jan-58-12"])
    fund = fund_januaries(dataset, best)
    run, horizon = parameters.run, parameters.horizon_sessions
    curve = _curve(dataset, streak, parameters)
    daily = None if dataset.daily is None else dataset.daily["smb"].dropna()
    return SeasonalityStudy(
        evidence={
            "jan-58-12": january_gains(claims["jan-58-12"], gains),
            "best-january-decade": strongest_january(dataset, best, fund, spread),
            "streak-11": lasting_streak(dataset, streak, run, horizon, curve),
        },
        januaries=january_table(spread),
        months=month_means(spread),
        years=years,
        fit=rest_of_year(years),
        fits=january_fits(dataset, best),
        strongest=after_strongest(years),
        gains=_shown(gains, _GAINS),
        fund=_shown(fund, ["year", "gain", "month"]),
        arithmetic=run_arithmetic(tuple(streak.grid["run"])),
        decades=_or_empty(daily, lambda r: runs_by_decade(r, run)),
        events=_or_empty(daily, lambda r: event_rows(r, run, horizon)),
        paths=_or_empty(daily, lambda r: _paths(r, run, horizon)),
        curve=curve.table if isinstance(curve, SpecificationCurve) else pd.DataFrame(),
    )


def _curve(dataset: Dataset, claim: Claim, parameters: Parameters) -> SpecificationCurve | Refusal:
    if dataset.daily is None:
        return Refusal("needs the latest data: daily SMB", needs="latest")
    returns = dataset.daily["smb"].dropna()
    return streak_curve(returns, claim.grid, parameters.draws, parameters.seed)


def _paths(returns: pd.Series, run: int, horizon: int) -> pd.DataFrame:
    """Small minus large added up after each counted run, from zero at its last session."""
    reached = thinned(reach_positions(returns, run), SESSIONS_A_YEAR)
    reached = reached[reached < len(returns) - horizon]
    sums = np.concatenate([[0.0], np.cumsum(returns.to_numpy())])
    offsets = np.arange(0, horizon + 1, PATH_STEP)
    paths = sums[reached[:, None] + 1 + offsets] - sums[reached + 1][:, None]
    days = returns.index[reached].strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "event": np.repeat(days, len(offsets)),
            "sessions": np.tile(offsets, len(reached)),
            "cumulative": paths.ravel(),
        }
    )


def _shown(found: pd.DataFrame | Refusal, columns: list[str]) -> pd.DataFrame:
    return found if isinstance(found, pd.DataFrame) else pd.DataFrame(columns=columns)


def _or_empty(daily: pd.Series | None, table) -> pd.DataFrame:
    return pd.DataFrame() if daily is None else table(daily)


def _or_words(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """The frame, or one cell that says what it would need."""
    return pd.DataFrame({"no table": [f"needs {what}"]}) if frame.empty else frame
