"""Small value against small growth: the whole sample, and since the premium was published."""

from __future__ import annotations

import itertools

import pandas as pd

from analysis.checks.mean_premia import ERAS, era_table, premium
from analysis.checks.quality_value.premium_grids import GridTest, grid_test
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: Names in the claim's grid for portfolios by size and profitability.
PROFIT_NAMES = {"me1_high_op": "me1op5", "me1_low_op": "me1op1"}

#: Value less growth by size of firm, and the published factor.
SPREADS = {
    "smallest fifth": ("s1v5", "s1v1"),
    "middle fifth": ("s3v5", "s3v1"),
    "largest fifth": ("s5v5", "s5v1"),
}


def value_spreads(monthly: pd.DataFrame) -> pd.DataFrame:
    """Value less growth by month for three size fifths, and HML; decimals."""
    spreads = {name: monthly[long] - monthly[short] for name, (long, short) in SPREADS.items()}
    return pd.DataFrame(spreads).assign(HML=monthly["hml"])


def value_by_era(monthly: pd.DataFrame, *, block: float, draws: int, seed: int) -> pd.DataFrame:
    """Value less growth by size fifth and era, as :func:`.mean_premia.era_table` gives it."""
    return era_table(value_spreads(monthly), block=block, draws=draws, seed=seed)


def running_lead(monthly: pd.DataFrame) -> pd.DataFrame:
    """Running sum of value less growth at the end of each quarter.

    Returns
    -------
    DataFrame
        ``month`` (YYYY-MM), ``spread``, ``lead`` (decimal sum from each spread's first month).
    """
    running = value_spreads(monthly)[["smallest fifth", "HML"]].dropna().cumsum()
    quarters = running[running.index.month % 3 == 0].rename_axis("month").reset_index()
    quarters["month"] = quarters["month"].astype(str)
    return quarters.melt("month", var_name="spread", value_name="lead")


def tilt_grid(
    monthly: pd.DataFrame, claim: Claim, *, block: float, draws: int, seed: int
) -> GridTest | Refusal:
    """The grid of the claim: every long side less every short side in every era."""
    columns, rows = {}, []
    for long, short in itertools.product(claim.grid["long"], claim.grid["short"]):
        pair = [PROFIT_NAMES.get(name, name) for name in (long, short)]
        name = f"{long}/{short}"
        if set(pair) <= set(monthly.columns):
            columns[name] = monthly[pair[0]] - monthly[pair[1]]
        rows += [
            {"long": long, "short": short, "era": era, "spread": name}
            for era in claim.grid["era"]
            if era in ERAS
        ]
    return grid_test(pd.DataFrame(columns), pd.DataFrame(rows), block=block, draws=draws, seed=seed)


def tilt_evidence(
    dataset: Dataset,
    claim: Claim,
    long: str,
    short: str,
    grid: GridTest | Refusal,
    *,
    block: float,
    draws: int,
    seed: int,
) -> Evidence | Refusal:
    """Claim value-tilt: value does better than growth among small caps, since publication too."""
    published = str(claim.primary["published"])
    pair = dataset.monthly[[long, short]].dropna()
    settings = {"block": block, "draws": draws, "seed": seed}
    whole = premium(pair[long], pair[short], **settings)
    after = pair.loc[published:]
    since = premium(after[long], after[short], **settings)
    if isinstance(whole, Refusal):
        return whole
    if isinstance(since, Refusal):
        return Refusal(f"since {published}, after publication: {since.reason}")
    return Evidence(
        claim="value-tilt",
        estimate=whole.annual,
        unit="decimal return a year",
        ci_low=whole.low,
        ci_high=whole.high,
        p_value=whole.p_value,
        n=whole.n,
        effective_n=whole.blocks,
        mde=whole.mde,
        more_needed=whole.more_needed,
        null="small value returns what small growth returns",
        sample_start=whole.first,
        sample_end=whole.last,
        finding=(
            f"Small value beat small growth by {whole.annual:+.1%} a year (95% interval"
            f" {whole.low:+.1%} to {whole.high:+.1%}); since {published}, after publication, by"
            f" {since.annual:+.1%} ({since.low:+.1%} to {since.high:+.1%}, p {since.p_value:.3f}),"
            f" where {since.mde:.1%} would have been found four times out of five."
        ),
        sensitivity=str(grid) if isinstance(grid, GridTest) else "",
        measures={
            "premium": whole.annual,
            "premium_p": whole.p_value,
            "post_premium": since.annual,
            "post_p": since.p_value,
            "post_high": since.high,
        },
    )
