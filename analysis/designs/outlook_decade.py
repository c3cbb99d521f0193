"""Two returns forecast for ten years: what was made so far, what is still needed, how likely."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.claims.outlooks import Outlook, months_later
from analysis.designs.arguments import PortfolioName
from analysis.designs.outlook_studies import OutlookStudy, last_seen, the_outlook, unresolved
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.panel import Dataset
from analysis.panel.outlook_paths import fund_paths
from analysis.panel.portfolios import missing_portfolio, portfolio_returns
from analysis.results import Finding, month_words
from analysis.sources.outlooks import empty_outlooks

YEAR = 365.25
MONTHS_A_YEAR = 12

NEEDED = ["from", "side", "forecast", "gain so far", "needed a year", "share of windows"]

SIDES = ("small caps", "large caps", "small less large")

MEASURES = {
    "lead_a_year": "decimal return a year",
    "small_a_year": "decimal return a year",
    "large_a_year": "decimal return a year",
}

Rate = Annotated[float, Field(gt=-0.5, lt=0.5, description="forecast return a year, decimal")]


class OutlookDecadeArguments(Arguments):
    """The two forecasts, and the portfolios whose history says what is usual."""

    small_claimed: Rate
    large_claimed: Rate
    small_portfolio: PortfolioName
    large_portfolio: PortfolioName


@dataclass(frozen=True)
class OutlookDecade(OutlookStudy):
    """The paths, and what is still needed.

    Attributes
    ----------
    needed : DataFrame
        ``from, side, forecast, gain so far, needed a year, share of windows``: for the earliest
        and the latest first day, the gain so far (not a year's), the return a year that the rest of
        the horizon must bring, and the share of all windows of that length in which small caps
        brought at least, large caps at most so much; and for both, the share in which small led
        large by what the two needs ask.
    """

    needed: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @property
    def needed_shown(self) -> pd.DataFrame:
        """What is still needed, for reading; days in words."""
        return self.needed.assign(**{"from": self.needed["from"].map(month_words)})


@design(arguments=OutlookDecadeArguments, measures=MEASURES)
def outlook_decade(
    dataset: Dataset, specification: Specification[OutlookDecadeArguments], sampling: Sampling
) -> OutlookDecade:
    """Set the path so far against the path the forecast needs, and history against the rest."""
    outlook, arguments = the_outlook(specification), specification.arguments
    first, funds = outlook.first, [*outlook.legs, outlook.benchmark]
    paths = fund_paths(dataset, funds, first.earliest, first.latest)
    needed = _needed(dataset, paths, outlook, arguments)
    finding = _finding(dataset, outlook, paths, needed)
    seen, calls = last_seen(paths), empty_outlooks("calls")
    return OutlookDecade.of(dataset, specification, finding, seen, paths, calls, needed=needed)


def _needed(
    dataset: Dataset, paths: pd.DataFrame, outlook: Outlook, arguments: OutlookDecadeArguments
) -> pd.DataFrame:
    claimed = (arguments.small_claimed, arguments.large_claimed)
    funds = (outlook.legs[0], outlook.benchmark)
    rows = []
    for day in sorted(paths["first"].unique()):
        ends = [_last(paths, fund, day) for fund in funds]
        if any(end is None for end in ends):
            continue
        gains = [end[0] for end in ends if end is not None]
        total = outlook.horizons[-1] / MONTHS_A_YEAR
        left = max(total - max(end[1] for end in ends if end is not None), 0.0)
        needs = [rate_needed(g, rate, total, left) for g, rate in zip(gains, claimed, strict=True)]
        shares = _shares(dataset, arguments, needs, left)
        columns = [list(claimed), gains, needs]
        both = [(*pair, pair[0] - pair[1]) for pair in columns]
        rows += [(day, side, *values) for side, *values in zip(SIDES, *both, shares, strict=True)]
    return pd.DataFrame(rows, columns=NEEDED)


def rate_needed(gain: float, rate: float, total: float, left: float) -> float:
    """Return a year that the rest must bring for a rate over the whole; NaN where none is left.

    Parameters
    ----------
    gain : float
        So far, decimal.
    rate : float
        Forecast for the whole, decimal a year.
    total, left : float
        Years.
    """
    if left <= 0:
        return float("nan")
    return float(((1.0 + rate) ** total / (1.0 + gain)) ** (1.0 / left) - 1.0)


def _last(paths: pd.DataFrame, fund: str, day: str) -> tuple[float, float] | None:
    """Gain and years from a first day to the last one seen."""
    path = paths[(paths["series"] == fund) & (paths["first"] == day)]
    if path.empty:
        return None
    row = path.iloc[-1]
    return float(row["value"]), (row["day"] - pd.Timestamp(day)).days / YEAR


def _shares(
    dataset: Dataset, arguments: OutlookDecadeArguments, needs: list[float], left: float
) -> tuple[float, float, float]:
    """Shares of all windows as long as the rest: small at least, large at most, lead at least."""
    nothing = (float("nan"),) * 3
    names = (arguments.small_portfolio, arguments.large_portfolio)
    if left <= 0 or missing_portfolio(dataset.monthly, *names) is not None:
        return nothing
    months = max(round(left * MONTHS_A_YEAR), 1)
    held = {"small": names[0], "large": names[1]}
    returns = portfolio_returns(dataset.monthly, held).dropna()
    logs = np.log1p(returns).cumsum().to_numpy()
    if len(logs) <= months:
        return nothing
    rates = np.expm1((logs[months:] - logs[:-months]) * MONTHS_A_YEAR / months)
    lead = rates[:, 0] - rates[:, 1]
    return (
        float((rates[:, 0] >= needs[0]).mean()),
        float((rates[:, 1] <= needs[1]).mean()),
        float((lead >= needs[0] - needs[1]).mean()),
    )


def _finding(
    dataset: Dataset, outlook: Outlook, paths: pd.DataFrame, needed: pd.DataFrame
) -> Finding:
    why = unresolved(dataset, outlook, paths, _standing(needed))
    if why is not None:
        return Finding.refused(why)
    gains = needed.set_index(["from", "side"])["gain so far"].unstack()[list(SIDES[:2])]
    made = (1.0 + gains) ** (MONTHS_A_YEAR / outlook.horizons[-1]) - 1.0
    leads = made[SIDES[0]] - made[SIDES[1]]
    return Finding(
        estimate=float(leads.mean()),
        unit="decimal return a year, small less large",
        null="none: ten years are one draw",
        n=len(leads),
        effective_n=1.0,
        mde=float(abs(leads).max()),
        sample_start=outlook.first.earliest[:7],
        sample_end=months_later(outlook.first.latest, outlook.horizons[-1])[:7],
        finding=_standing(needed),
        measures={
            "lead_a_year": float(leads.min()),
            "small_a_year": float(made[SIDES[0]].mean()),
            "large_a_year": float(made[SIDES[1]].mean()),
        },
    )


def _standing(needed: pd.DataFrame) -> str:
    if needed.empty:
        return ""
    last = needed[needed["from"] == needed["from"].iloc[-1]].set_index("side")
    small, large = last.loc["small caps"], last.loc["large caps"]
    return (
        f"Counted from {month_words(str(small['from']))}, small caps have gained"
        f" {_rate(small['gain so far'])} and large caps {_rate(large['gain so far'])}; for the"
        f" forecasts to come true the rest must bring {_rate(small['needed a year'])} and"
        f" {_rate(large['needed a year'])} a year, which small caps reached in"
        f" {_share(small['share of windows'])} and large caps stayed within in"
        f" {_share(large['share of windows'])} of all windows as long."
    )


def _rate(value: float) -> str:
    return f"{100 * value:.2g}%".replace("-", "−")


def _share(value: float) -> str:
    return "an unknown share" if np.isnan(value) else f"{value:.0%}"
