"""Quality and value among small caps: the screen, the tilt, recoveries, and one fund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.quality_value.factor_alphas import alpha_table
from analysis.checks.quality_value.fund_peers import (
    fund_evidence,
    fund_growth,
    fund_lead,
    fund_table,
    lead_table,
)
from analysis.checks.quality_value.premium_grids import GridTest
from analysis.checks.quality_value.profit_screen import (
    NO_PORTFOLIOS,
    fifth_columns,
    profit_fifths,
    screen_evidence,
    screen_grid,
    screened,
    weights_at_hand,
)
from analysis.checks.quality_value.settings import Parameters
from analysis.checks.quality_value.value_cycles import (
    recoveries,
    recovery_curve,
    recovery_evidence,
    recovery_table,
)
from analysis.checks.quality_value.value_tilt import (
    running_lead,
    tilt_evidence,
    tilt_grid,
    value_by_era,
)
from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve
from analysis.inference.resampling import EventRandomization
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

PROFIT, TILT, FUND, LEADS = "quality-screen", "value-tilt", "avuv-vs-peers", "small-value-leads"

#: How the fund's lead is called in the table of alphas.
FUND_WORDS = "AVUV less the mean of VBR and IJS"


@dataclass(frozen=True)
class QualityValueStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    eras : DataFrame
        Value less growth by size fifth and era, and HML; decimals a year.
    running : DataFrame
        ``month, spread, lead``: running sum of small value less small growth, and of HML.
    published : str
        First month after the value premium was published.
    grids : dict of str to GridTest or Refusal
        By claim: quality-screen, value-tilt.
    curve : SpecificationCurve or Refusal
        Of the claim on recoveries.
    recoveries : DataFrame
        One row a trough.
    base : dict of str to float
        ``mean`` and ``rate`` of all windows; empty where the event study is refused.
    horizon : int
        Months in a window.
    fifths : DataFrame
        Each profitability fifth less the whole size fifth; empty on the bundled data.
    weights : str
        How portfolios are weighted in the screen.
    funds, fund_leads, fund_growth : DataFrame
        Printed and recomputed returns, leads over each peer, value of a dollar; empty on the
        bundled data.
    alphas : DataFrame
        Factor alphas of every difference of the chapter.
    """

    evidence: Mapping[str, Evidence | Refusal]
    eras: pd.DataFrame
    running: pd.DataFrame
    published: str
    grids: Mapping[str, GridTest | Refusal]
    curve: SpecificationCurve | Refusal
    recoveries: pd.DataFrame
    base: Mapping[str, float]
    horizon: int
    fifths: pd.DataFrame
    weights: str
    funds: pd.DataFrame
    fund_leads: pd.DataFrame
    fund_growth: pd.DataFrame
    alphas: pd.DataFrame


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> QualityValueStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    monthly, size = dataset.monthly, parameters.size_fifth
    drawn = {"draws": parameters.draws, "seed": parameters.seed}
    blocks = {"block": parameters.block_months, **drawn}
    fund_blocks = {"block": parameters.fund_block_months, **drawn}
    grids = _grids(dataset, claims, blocks)
    found = recoveries(dataset, claims[LEADS], parameters.horizon, parameters.start)
    curve = recovery_curve(dataset, claims[LEADS], parameters.start, **drawn)
    alphas = _alphas(dataset, claims[FUND], parameters)
    of_fund = alphas[alphas["difference"] == FUND_WORDS]
    return QualityValueStudy(
        evidence={
            PROFIT: screen_evidence(dataset, size, parameters.profit_from, grids[PROFIT], **blocks),
            TILT: tilt_evidence(
                dataset,
                claims[TILT],
                parameters.value_long,
                parameters.value_short,
                grids[TILT],
                **blocks,
            ),
            FUND: fund_evidence(dataset, claims[FUND], of_fund, **fund_blocks),
            LEADS: recovery_evidence(found, curve, parameters.horizon),
        },
        eras=value_by_era(monthly, **blocks),
        running=running_lead(monthly),
        published=str(claims[TILT].primary["published"]),
        grids=grids,
        curve=curve,
        recoveries=recovery_table(found),
        base=_base(None if isinstance(found, Refusal) else found.shift),
        horizon=parameters.horizon,
        fifths=profit_fifths(monthly, size, **blocks),
        weights=weights_at_hand(monthly, size),
        funds=fund_table(dataset, claims[FUND]),
        fund_leads=lead_table(dataset, claims[FUND], **fund_blocks),
        fund_growth=fund_growth(dataset, claims[FUND]),
        alphas=alphas,
    )


def _grids(
    dataset: Dataset, claims: Mapping[str, Claim], blocks: Mapping[str, int]
) -> dict[str, GridTest | Refusal]:
    monthly, sizes = dataset.monthly, claims[PROFIT].grid["size_quintile"]
    wanted = {name for size in sizes for name in fifth_columns(int(size))}
    lacking = not wanted <= set(monthly.columns)
    return {
        PROFIT: Refusal(NO_PORTFOLIOS, needs="latest")
        if lacking
        else screen_grid(monthly, claims[PROFIT], **blocks),
        TILT: tilt_grid(monthly, claims[TILT], **blocks),
    }


def _alphas(dataset: Dataset, claim: Claim, parameters: Parameters) -> pd.DataFrame:
    monthly, size = dataset.monthly, parameters.size_fifth
    long, short = parameters.value_long, parameters.value_short
    spreads = {f"{long.upper()} less {short.upper()}": monthly[long] - monthly[short]}
    if set(fifth_columns(size)) <= set(monthly.columns):
        sides = screened(monthly, size, parameters.profit_from, weights_at_hand(monthly, size))
        spreads["profitable less all small"] = sides["profitable"] - sides["whole"]
    fund = fund_lead(dataset, claim)
    if fund is not None:
        spreads[FUND_WORDS] = fund
    return alpha_table(spreads, monthly, parameters.hac_lags)


def _base(shift: EventRandomization | Refusal | None) -> dict[str, float]:
    if not isinstance(shift, EventRandomization):
        return {}
    return {"mean": shift.base_mean, "rate": shift.base_rate}
