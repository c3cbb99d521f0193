"""Evidence for the claims on January 2026: the gains, and the strongest January in years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.checks.seasonality.january_tables import (
    JANUARY,
    OF_ELEVEN,
    RestOfYear,
    after_strongest,
    era_of,
    rest_of_year,
    years_of,
)
from analysis.claims import Claim
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset, legs_of, small_minus_large
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


def fund_januaries(dataset: Dataset, claim: Claim) -> pd.DataFrame | Refusal:
    """Gain of the small-cap fund over the first sessions of every January, to the claim's.

    Returns
    -------
    DataFrame
        ``year, gain`` (over the claim's number of sessions), ``month`` (over all of January).
    """
    fund, last = str(claim.primary["fund"]), pd.Period(str(claim.primary["month"]), "M")
    refused = _unseen(dataset, [fund], last.to_timestamp(how="end").normalize())
    if refused is not None:
        return refused
    closes, sessions = dataset.funds[fund].dropna(), int(claim.primary["sessions"])
    rows = []
    for year in range(last.year - int(claim.primary["years"]), last.year + 1):
        before = closes.loc[: f"{year - 1}-12-31"]
        january = closes[(closes.index.year == year) & (closes.index.month == JANUARY)]
        if before.empty or len(january) < sessions:
            return Refusal(f"{fund} has no {sessions} sessions in January {year}")
        base = before.iloc[-1]
        rows.append((year, january.iloc[sessions - 1] / base - 1.0, january.iloc[-1] / base - 1.0))
    return pd.DataFrame(rows, columns=["year", "gain", "month"])


def strongest_january(
    dataset: Dataset, claim: Claim, januaries: pd.DataFrame | Refusal, spread: pd.Series
) -> Evidence | Refusal:
    """Claim best-january-decade: the rank of the January, and what a strong one says.

    Parameters
    ----------
    dataset : Dataset
    claim : Claim
    januaries : DataFrame or Refusal
        Of :func:`fund_januaries`.
    spread : Series
        Small minus large, decimal a month.
    """
    if isinstance(januaries, Refusal):
        return januaries
    years = years_of(spread)
    fit = rest_of_year(years)
    if isinstance(fit, Refusal):
        return fit
    latest, earlier = januaries.iloc[-1], januaries.iloc[:-1]
    stronger = int((earlier["gain"] > latest["gain"]).sum())
    whole = int((earlier["month"] > latest["month"]).sum())
    return Evidence(
        claim="best-january-decade",
        estimate=fit.slope,
        unit="return over February to December per unit of January's",
        ci_low=fit.low,
        ci_high=fit.high,
        p_value=fit.p_value,
        n=fit.n,
        effective_n=float(fit.n),
        mde=minimum_detectable(fit.error),
        more_needed=_more_years(fit),
        null="January says nothing about the rest of the year",
        sample_start=f"{years.index[0]}-01",
        sample_end=f"{years.index[-1]}-12",
        finding=(
            f"{stronger} of the {len(earlier)} Januaries before {latest['year']:.0f} were stronger"
            f" over the first {claim.primary['sessions']} sessions ({claim.primary['fund']}"
            f" {latest['gain']:+.1%}); one in {OF_ELEVEN} is the strongest of {OF_ELEVEN} anyway."
            f" A January stronger by one point came before a rest of the year stronger by"
            f" {fit.slope:+.2f} points (p = {fit.p_value:.2f}, {fit.n} years).{_after(years)}"
        ),
        sensitivity=(
            f"Over the whole month {whole} of the {len(earlier)} were stronger."
            f" {_other_fits(dataset, claim)}"
        ),
        measures={"stronger_januaries": stronger, "slope": fit.slope, "slope_p": fit.p_value},
    )


def january_fits(dataset: Dataset, claim: Claim) -> pd.DataFrame:
    """The rest of the year on January, for every leg and era of the claim the data hold.

    Returns
    -------
    DataFrame
        ``leg, era, years, slope, low, high, p``.
    """
    rows = []
    for leg in claim.grid["leg"]:
        if leg not in legs_of(dataset.monthly):
            continue
        spread = small_minus_large(dataset.monthly, leg).dropna()
        for era in claim.grid["era"]:
            fit = rest_of_year(years_of(era_of(spread, era)))
            if isinstance(fit, RestOfYear):
                rows.append((leg, era, fit.n, fit.slope, fit.low, fit.high, fit.p_value))
    return pd.DataFrame(rows, columns=["leg", "era", "years", "slope", "low", "high", "p"])


def _other_fits(dataset: Dataset, claim: Claim) -> str:
    fits = january_fits(dataset, claim)
    if fits.empty:
        return ""
    return (
        f"Over {len(fits)} legs and eras the slope runs from {fits['slope'].min():+.2f} to"
        f" {fits['slope'].max():+.2f}, its p-value from {fits['p'].min():.2f} to"
        f" {fits['p'].max():.2f}."
    )


def _after(years: pd.DataFrame) -> str:
    table = after_strongest(years)
    if len(table) < 2:
        return ""
    best, every = table.iloc[0], table.iloc[1]
    return (
        f" After the {best['number']:.0f} Januaries that were the strongest of eleven small won the"
        f" rest of the year {best['small won']:.0%} of the time (base rate of all years"
        f" {every['small won']:.0%})."
    )


def _more_years(fit: RestOfYear) -> str:
    if abs(fit.slope) < 1e-9:
        return "no slope was found: no number of years detects one of this size"
    needed = fit.n * (minimum_detectable(fit.error) / fit.slope) ** 2
    return f"{max(0.0, needed - fit.n):.0f} more years to detect a slope of the size found"


def _unseen(dataset: Dataset, tickers: list[str], day: pd.Timestamp) -> Refusal | None:
    held = () if dataset.funds is None else dataset.funds.columns
    lacking = [f"closes of {name}" for name in tickers if name not in held]
    if lacking:
        return Refusal(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    if dataset.as_of < day.to_period("M"):
        return Refusal(f"needs closes to {day:%Y-%m-%d}; the data seen end {dataset.as_of}")
    return None
