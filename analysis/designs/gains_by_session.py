"""What two funds had gained by each session of a month, held against what a note gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Day, Ticker, Tolerance
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding, Result

MEASURES = {"small_error": "decimal return", "large_error": "decimal return"}

GAINS = ["session", "number", "small", "large", "lead"]


class GainsBySessionArguments(Arguments):
    """Two funds, the gains claimed of them, and the days they are claimed between."""

    small: Ticker
    large: Ticker
    claimed_small: Annotated[float, Field(description="gain the note gives, decimal")]
    claimed_large: Annotated[float, Field(description="gain the note gives, decimal")]
    start: Day
    end: Day
    tolerance: Tolerance


@dataclass(frozen=True)
class GainsBySession(Study):
    """The finding, and the gains of all sessions of the month.

    Attributes
    ----------
    gains : DataFrame
        ``session`` (day), ``number`` (sessions since the start), ``small, large`` (gains, decimals)
        and ``lead`` of the small over the large one; empty where refused.
    """

    gains: pd.DataFrame

    @property
    def session_table(self) -> pd.DataFrame:
        """`gains` as text, or what it would need."""
        if self.gains.empty:
            month = _month_after(self.specification.arguments.start)
            needed = f"needs the funds' closes of {month:%B %Y}"
            return pd.DataFrame({"no table": [needed]})
        texts = {name: self.gains[name].map("{:+.1%}".format) for name in GAINS[2:]}
        return self.gains.assign(**texts)


@dataclass(frozen=True)
class _Sessions(Result):
    gains: pd.DataFrame


@design(arguments=GainsBySessionArguments, measures=MEASURES, axes=("end",))
def gains_by_session(
    dataset: Dataset, specification: Specification[GainsBySessionArguments], sampling: Sampling
) -> GainsBySession:
    """Look up what two funds had gained by a day, and by the sessions around it."""
    sessions = _sessions(dataset, specification.arguments)
    return GainsBySession(
        specification,
        finding=_finding(sessions, specification),
        grid=_grid(sessions, specification),
        gains=sessions.gains.reindex(columns=GAINS),
    )


def _sessions(dataset: Dataset, arguments: GainsBySessionArguments) -> _Sessions:
    """Gains from the first day to each session of the month after it."""
    funds = [arguments.small, arguments.large]
    held = () if dataset.funds is None else dataset.funds.columns
    if lacking := [f"closes of {fund}" for fund in funds if fund not in held]:
        return _Sessions.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    start, end = pd.Timestamp(arguments.start), pd.Timestamp(arguments.end)
    if dataset.as_of < end.to_period("M"):
        return _Sessions.refused(
            f"needs closes to {end:%Y-%m-%d}; the data seen end {dataset.as_of}"
        )
    closes = pd.DataFrame(dataset.funds)[funds].dropna()
    before = closes.loc[:start]
    after = closes[closes.index.to_period("M") == _month_after(arguments.start)]
    if before.empty or after.empty:
        return _Sessions.refused(f"no sessions of {' and '.join(funds)} around {start:%Y-%m-%d}")
    gained = (after / before.iloc[-1] - 1.0).set_axis(["small", "large"], axis=1)
    return _Sessions(
        gained.assign(
            session=after.index.strftime("%Y-%m-%d"),
            number=np.arange(1, len(after) + 1),
            lead=gained["small"] - gained["large"],
        ).reset_index(drop=True)
    )


def _finding(sessions: _Sessions, specification: Specification[GainsBySessionArguments]) -> Finding:
    if sessions.refusal is not None:
        return Finding.refused(sessions.refusal)
    arguments, gains = specification.arguments, sessions.gains
    rows = gains[gains["session"] <= arguments.end]
    if rows.empty:
        return Finding.refused(f"no session from {arguments.start} to {arguments.end}")
    last = rows.iloc[-1]
    ends = [str(day) for day in specification.grid.get("end", ())]
    listed = "; ".join(
        f"{row.session} {row.small:+.1%} and {row.large:+.1%}"
        for row in gains[gains["session"].isin(ends)].itertuples()
    )
    return Finding(
        estimate=float(last["small"]),
        unit=f"gain of {arguments.small}, decimal",
        n=int(last["number"]),
        effective_n=1.0,
        null=f"the gains were {arguments.claimed_small:.1%} and {arguments.claimed_large:.1%}",
        sample_start=arguments.start[:7],
        sample_end=arguments.end[:7],
        finding=(
            f"By {last['session']}, session {last['number']} of the year, {arguments.small}"
            f" had gained {last['small']:+.1%} and {arguments.large} {last['large']:+.1%}."
        ),
        sensitivity=f"Around that day: {listed}.",
        measures={
            "small_error": abs(float(last["small"]) - arguments.claimed_small),
            "large_error": abs(float(last["large"]) - arguments.claimed_large),
        },
    )


def _grid(
    sessions: _Sessions, specification: Specification[GainsBySessionArguments]
) -> pd.DataFrame:
    """Gains by each registered last day, and whether both are within the tolerance."""
    arguments = specification.arguments
    ends = pd.DataFrame({"end": [str(day) for day in specification.grid.get("end", ())]})
    found = sessions.gains.reindex(columns=GAINS).rename(columns={"session": "end"})
    grid = ends.merge(found, on="end", how="left")
    off = pd.DataFrame(
        {
            "small": (grid["small"] - arguments.claimed_small).abs(),
            "large": (grid["large"] - arguments.claimed_large).abs(),
        }
    )
    return grid.assign(
        near=(off <= arguments.tolerance).all(axis=1),
        reason=np.where(grid["number"].notna(), "", "no session that day"),
    )


def _month_after(day: str) -> pd.Period:
    """The month of the day after."""
    return (pd.Timestamp(day) + pd.Timedelta(days=1)).to_period("M")
