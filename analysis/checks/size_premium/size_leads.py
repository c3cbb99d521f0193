"""Evidence for the claims on how far small caps have fallen behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.size_premium.tables import sides_of, ten_year_leads
from analysis.claims import Claim
from analysis.inference.long_run import mean_standard_error
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.pairs import FUND_PAIRS
from analysis.results import Evidence, Refusal

#: A lag is read over at least a year.
FEWEST_MONTHS = 12

#: A close this many days before the wanted day still counts as the last one before it.
STALE_DAYS = 7

#: Months of a gap within which Newey–West lags are taken, as for the premium itself.
LAGS = 6


@dataclass(frozen=True)
class Lead:
    """Gains of a large and a small fund between two days, decimals."""

    large: float
    small: float

    @property
    def difference(self) -> float:
        """Gain of large less that of small."""
        return self.large - self.small

    @property
    def ratio(self) -> float:
        """Final wealth of large over that of small, less one."""
        return (1.0 + self.large) / (1.0 + self.small) - 1.0


def lagging(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim lag-since-2021: small caps have lagged the largest companies since 2021."""
    needed = _missing(dataset, ("smb", "lo30", "hi30"), ("IWM", "SPY"))
    if needed is not None:
        return needed
    start = pd.Period(str(claim.primary["start"]), "M")
    readings = readings_since(dataset, start)
    if isinstance(readings, Refusal):
        return readings
    sides = sides_of(dataset.monthly, "lo30_hi30")
    gap = (sides["small"] - sides["large"]).loc[start:]
    behind = _share_behind(sides, len(gap))
    cumulative = readings["cumulative"]
    headline = float(cumulative["lo30_hi30"])
    return Evidence(
        claim="lag-since-2021",
        estimate=headline,
        unit=f"cumulative return of Lo30 less that of Hi30, {len(gap)} months",
        n=len(gap),
        effective_n=1.0,
        mde=minimum_detectable(mean_standard_error(gap.to_numpy(), LAGS)[0]) * len(gap),
        more_needed="one stretch of years is one event; its sign is a fact and not an estimate",
        null="small and large have grown alike since then",
        sample_start=str(start),
        sample_end=str(dataset.as_of),
        finding=(
            f"From {start} SMB compounded to {cumulative['smb']:+.1%} (to"
            f" {readings.loc['smb', 'last']}); Lo30's gain less Hi30's was {headline:+.1%} (to"
            f" {readings.loc['lo30_hi30', 'last']}), the fund IWM's less SPY's"
            f" {cumulative['iwm_spy']:+.1%} (to {readings.loc['iwm_spy', 'last']})."
            f" Since {sides.index[0]}, {behind:.0%} of all windows of {len(gap)} months ended with"
            " small behind."
        ),
        sensitivity=_other_starts(dataset, claim),
        measures={
            "highest_cumulative": float(cumulative.max()),
            "lowest_cumulative": float(cumulative.min()),
            "smb_cumulative": float(cumulative["smb"]),
            "lo30_hi30_cumulative": headline,
            "iwm_spy_cumulative": float(cumulative["iwm_spy"]),
            "base_rate_behind": behind,
        },
    )


def readings_since(dataset: Dataset, start: pd.Period) -> pd.DataFrame | Refusal:
    """Cumulative return of small less that of large from `start`, by three readings.

    Returns
    -------
    DataFrame, indexed by reading (``smb, lo30_hi30, iwm_spy``)
        ``cumulative`` (decimal) and ``last``, the last month each reading reaches.
    """
    if (dataset.as_of - start).n + 1 < FEWEST_MONTHS:
        return Refusal(f"needs a year of returns from {start}; the data seen end {dataset.as_of}")
    factor = dataset.monthly["smb"].loc[start:].dropna()
    sides = sides_of(dataset.monthly, "lo30_hi30").loc[start:]
    if min(len(factor), len(sides)) < FEWEST_MONTHS:
        return Refusal(f"needs a year of SMB, Lo30 and Hi30 from {start}")
    end = dataset.as_of.to_timestamp(how="end")
    funds = lead_between(dataset.funds, "SPY", "IWM", start.to_timestamp() - _A_DAY, end)
    if isinstance(funds, Refusal):
        return funds
    grown = (1.0 + sides).prod()
    values = [(1.0 + factor).prod() - 1.0, grown["small"] - grown["large"], -funds.difference]
    lasts = [str(factor.index[-1]), str(sides.index[-1]), str(dataset.as_of)]
    names = ["smb", "lo30_hi30", "iwm_spy"]
    return pd.DataFrame({"cumulative": values, "last": lasts}, index=names)


def ten_year_lead(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim decade-130: the large index beat the small one by 130% in ten years."""
    small, large = FUND_PAIRS[str(claim.primary["pair"])]
    needed = _missing(dataset, (), (large, small))
    if needed is not None:
        return needed
    end = min(pd.Timestamp(str(claim.primary["end"])), dataset.as_of.to_timestamp(how="end"))
    end = end.normalize()
    lead = lead_between(dataset.funds, large, small, _ten_years_before(end), end)
    if isinstance(lead, Refusal):
        return lead
    claimed = float(claim.figures[0].value) / 100.0
    nearer = min((lead.difference, lead.ratio), key=lambda reading: abs(reading - claimed))
    return Evidence(
        claim="decade-130",
        estimate=nearer,
        unit="lead over ten years, decimal, the reading nearer to the claim",
        n=1,
        effective_n=1.0,
        null=f"the lead was {claimed:.0%}",
        sample_start=str(_ten_years_before(end).to_period("M")),
        sample_end=str(end.to_period("M")),
        finding=(
            f"In the ten years to {end:%Y-%m-%d} {large} gained {lead.large:+.0%} and {small}"
            f" {lead.small:+.0%}: {lead.difference:.0%} more of the starting sum, or"
            f" {lead.ratio:.0%} more final wealth."
        ),
        sensitivity=_other_ends(dataset, claim),
        measures={
            "nearest_error": abs(nearer - claimed),
            "difference_reading": lead.difference,
            "ratio_reading": lead.ratio,
        },
    )


def lead_between(
    funds: pd.DataFrame, large: str, small: str, start: pd.Timestamp, end: pd.Timestamp
) -> Lead | Refusal:
    """Gains of two funds between the last closes on or before two days.

    Parameters
    ----------
    funds : DataFrame
        Adjusted closes by day.
    large, small : str
        Tickers.
    start, end : Timestamp
        Refused where no common close lies within a week before either.
    """
    closes = funds[[large, small]].dropna()
    ends = []
    for day in (start, end):
        seen = closes.loc[:day]
        if seen.empty or (day.normalize() - seen.index[-1]).days > STALE_DAYS:
            return Refusal(f"no close of {large} and {small} in the week before {day:%Y-%m-%d}")
        ends.append(seen.iloc[-1])
    gains = ends[1] / ends[0] - 1.0
    return Lead(large=float(gains[large]), small=float(gains[small]))


_A_DAY = pd.Timedelta(days=1)


def _ten_years_before(end: pd.Timestamp) -> pd.Timestamp:
    return end - pd.DateOffset(years=10)


def _share_behind(sides: pd.DataFrame, months: int) -> float:
    """Share of all windows of that many months in which small grew less than large."""
    grown = np.log1p(sides).cumsum()
    windows = (grown - grown.shift(months, fill_value=0.0)).iloc[months - 1 :]
    return float((windows["small"] < windows["large"]).mean())


def _missing(
    dataset: Dataset, columns: tuple[str, ...], tickers: tuple[str, ...]
) -> Refusal | None:
    """What a data set lacks, or None."""
    lacking = [name for name in columns if name not in dataset.monthly.columns]
    held = () if dataset.funds is None else dataset.funds.columns
    lacking += [f"closes of {name}" for name in tickers if name not in held]
    if not lacking:
        return None
    return Refusal(f"needs the latest data: {', '.join(lacking)}", needs="latest")


def _other_starts(dataset: Dataset, claim: Claim) -> str:
    words = []
    for start in claim.grid["start"][1:]:
        readings = readings_since(dataset, pd.Period(str(start), "M"))
        if isinstance(readings, pd.DataFrame):
            low, high = readings["cumulative"].min(), readings["cumulative"].max()
            words.append(f"from {start} the readings run from {low:+.1%} to {high:+.1%}")
    return "; ".join(words)


def _other_ends(dataset: Dataset, claim: Claim) -> str:
    words = []
    for end in claim.grid["end"]:
        day = pd.Timestamp(str(end))
        if day <= dataset.as_of.to_timestamp(how="end"):
            small, large = FUND_PAIRS[str(claim.primary["pair"])]
            lead = lead_between(dataset.funds, large, small, _ten_years_before(day), day)
            if isinstance(lead, Lead):
                words.append(f"to {end} {lead.difference:.0%} and {lead.ratio:.0%}")
    return "; ".join([*words, *_by_size(dataset, claim)])


def _by_size(dataset: Dataset, claim: Claim) -> list[str]:
    """The same from Hi30 and Lo30, at the last of the grid's ends they reach."""
    if not {"lo30", "hi30"} <= set(dataset.monthly.columns):
        return []
    leads = ten_year_leads(sides_of(dataset.monthly, "lo30_hi30"))
    reached = [e for e in claim.grid["end"] if pd.Period(str(e), "M") in leads.index]
    if not reached:
        return []
    lead = leads.loc[pd.Period(str(reached[-1]), "M")]
    return [f"Hi30 against Lo30 to {reached[-1]} {lead['difference']:.0%} and {lead['ratio']:.0%}"]
