"""Gains of two funds by the middle of a month, beside what a note says they were."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

PERCENT = 100.0


def gains_by_session(dataset: Dataset, claim: Claim) -> pd.DataFrame | Refusal:
    """Gains of the two funds from the claim's first day to each session of the month after.

    Returns
    -------
    DataFrame
        ``session`` (day), ``number`` (sessions since the start), ``small``, ``large`` (decimal
        gains), ``lead``.
    """
    tickers = [str(claim.primary["small"]), str(claim.primary["large"])]
    refused = _unseen(dataset, tickers, pd.Timestamp(str(claim.primary["end"])))
    if refused is not None:
        return refused
    start = pd.Timestamp(str(claim.primary["start"]))
    closes = dataset.funds[tickers].dropna()
    month = (start + pd.Timedelta(days=1)).to_period("M")
    base = closes.loc[:start]
    after = closes[closes.index.to_period("M") == month]
    if base.empty or after.empty:
        return Refusal(f"no sessions of {' and '.join(tickers)} around {start:%Y-%m-%d}")
    gains = after / base.iloc[-1] - 1.0
    return pd.DataFrame(
        {
            "session": after.index.strftime("%Y-%m-%d"),
            "number": np.arange(1, len(after) + 1),
            "small": gains[tickers[0]].to_numpy(),
            "large": gains[tickers[1]].to_numpy(),
            "lead": (gains[tickers[0]] - gains[tickers[1]]).to_numpy(),
        }
    )


def january_gains(claim: Claim, gains: pd.DataFrame | Refusal) -> Evidence | Refusal:
    """Claim jan-58-12: what the two indices had gained by the day of the note."""
    if isinstance(gains, Refusal):
        return gains
    end = str(claim.primary["end"])
    rows = gains[gains["session"] <= end]
    if rows.empty:
        return Refusal(f"no session from {claim.primary['start']} to {end}")
    last = rows.iloc[-1]
    claimed = [float(figure.value) / PERCENT for figure in claim.figures]
    neighbours = gains[gains["session"].isin([str(day) for day in claim.grid["end"]])]
    listed = "; ".join(
        f"{row.session} {row.small:+.1%} and {row.large:+.1%}" for row in neighbours.itertuples()
    )
    return Evidence(
        claim="jan-58-12",
        estimate=float(last["small"]),
        unit=f"gain of {claim.primary['small']}, decimal",
        n=int(last["number"]),
        effective_n=1.0,
        null=f"the gains were {claimed[0]:.1%} and {claimed[1]:.1%}",
        sample_start=str(claim.primary["start"])[:7],
        sample_end=end[:7],
        finding=(
            f"By {last['session']}, session {last['number']} of the year, {claim.primary['small']}"
            f" had gained {last['small']:+.1%} and {claim.primary['large']} {last['large']:+.1%}."
        ),
        sensitivity=f"Around that day: {listed}.",
        measures={
            "small_error": abs(float(last["small"]) - claimed[0]),
            "large_error": abs(float(last["large"]) - claimed[1]),
        },
    )


def _unseen(dataset: Dataset, tickers: list[str], day: pd.Timestamp) -> Refusal | None:
    held = () if dataset.funds is None else dataset.funds.columns
    lacking = [f"closes of {name}" for name in tickers if name not in held]
    if lacking:
        return Refusal(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    if dataset.as_of < day.to_period("M"):
        return Refusal(f"needs closes to {day:%Y-%m-%d}; the data seen end {dataset.as_of}")
    return None
