"""The profitable part of a size fifth against the whole of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pandas as pd

from analysis.checks.mean_premia import ERAS, Premium, era_table, premium
from analysis.checks.quality_value.premium_grids import GridTest, grid_test
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.panel.sizes import weighted_mean
from analysis.results import Evidence, Refusal

FIFTHS = (1, 2, 3, 4, 5)

#: First month after profitability was published as a factor (Novy-Marx 2013, JFE 108).
PUBLISHED = pd.Period("2013-07", "M")

NO_PORTFOLIOS = "needs the latest data: portfolios by size and profitability"


def fifth_columns(size: int, prefix: str = "") -> list[str]:
    """Columns of one size fifth, from the least to the most profitable."""
    return [f"{prefix}me{size}op{place}" for place in FIFTHS]


def weights_at_hand(monthly: pd.DataFrame, size: int) -> str:
    """``"capitalisation"`` where the panel holds it for the fifth, else ``"equal"``.

    Capitalisation is looked for in ``cap_me1op1`` and so on: number of firms times average size at
    the start of the month, million dollars.
    """
    held = set(fifth_columns(size, "cap_")) <= set(monthly.columns)
    return "capitalisation" if held else "equal"


def screened(monthly: pd.DataFrame, size: int, profit_from: int, weights: str) -> pd.DataFrame:
    """Monthly return of the profitable part and of the whole of a size fifth.

    Parameters
    ----------
    monthly : DataFrame
        The panel with ``me1op1 … me5op5``.
    size : int
        Size fifth, 1 the smallest.
    profit_from : int
        Lowest profitability fifth that passes.
    weights : {"capitalisation", "equal"}
        Of the portfolios within each side.

    Returns
    -------
    DataFrame, shape (months, 2)
        ``profitable``, ``whole``: decimals, only months in which all five portfolios have a return.
    """
    names = fifth_columns(size)
    returns = monthly[names].dropna()
    if weights == "capitalisation":
        caps = monthly[fifth_columns(size, "cap_")].set_axis(names, axis=1).reindex(returns.index)
    else:
        caps = pd.DataFrame(1.0, index=returns.index, columns=names)
    kept = names[profit_from - 1 :]
    sides = {
        "profitable": weighted_mean(returns[kept], caps[kept]),
        "whole": weighted_mean(returns, caps),
    }
    return pd.DataFrame(sides).dropna()


def profit_fifths(
    monthly: pd.DataFrame, size: int, *, block: float, draws: int, seed: int
) -> pd.DataFrame:
    """Each profitability fifth of a size fifth less the whole, by era.

    Returns
    -------
    DataFrame
        ``fifth`` (1 to 5) and the columns of :func:`analysis.checks.mean_premia.era_table` but
        ``spread``; empty where the panel lacks the portfolios.
    """
    names = fifth_columns(size)
    if not set(names) <= set(monthly.columns):
        return pd.DataFrame(columns=["fifth", "era", "annual", "low", "high"])
    whole = screened(monthly, size, 1, weights_at_hand(monthly, size))["whole"]
    spreads = monthly[names].sub(whole, axis=0).set_axis(FIFTHS, axis=1).dropna()
    table = era_table(spreads, block=block, draws=draws, seed=seed)
    return table.rename(columns={"spread": "fifth"})


def screen_grid(
    monthly: pd.DataFrame, claim: Claim, *, block: float, draws: int, seed: int
) -> GridTest | Refusal:
    """The grid of the claim: size fifth, profitability, weights and era."""
    grid = claim.grid
    columns, rows = {}, []
    for size, start, weights in itertools.product(
        grid["size_quintile"], grid["op_from"], grid["weights"]
    ):
        name = f"{size}/{start}/{weights}"
        if weights == "equal" or weights_at_hand(monthly, size) == weights:
            sides = screened(monthly, size, start, weights)
            columns[name] = sides["profitable"] - sides["whole"]
        rows += [
            {"size": size, "profit_from": start, "weights": weights, "era": era, "spread": name}
            for era in grid["era"]
            if era in ERAS
        ]
    return grid_test(pd.DataFrame(columns), pd.DataFrame(rows), block=block, draws=draws, seed=seed)


def screen_evidence(
    dataset: Dataset,
    size: int,
    profit_from: int,
    grid: GridTest | Refusal,
    *,
    block: float,
    draws: int,
    seed: int,
) -> Evidence | Refusal:
    """Claim quality-screen: profitable small caps do better than small caps as a whole."""
    monthly = dataset.monthly
    if not set(fifth_columns(size)) <= set(monthly.columns):
        return Refusal(NO_PORTFOLIOS, needs="latest")
    weights = weights_at_hand(monthly, size)
    sides = screened(monthly, size, profit_from, weights)
    settings = {"block": block, "draws": draws, "seed": seed}
    whole = premium(sides["profitable"], sides["whole"], **settings)
    since = sides.loc[PUBLISHED:]
    recent = premium(since["profitable"], since["whole"], **settings)
    if isinstance(whole, Refusal):
        return whole
    if isinstance(recent, Refusal):
        return Refusal(f"since {PUBLISHED}, after publication: {recent.reason}")
    found = _evidence(whole, recent, weights)
    words = [str(grid)] if isinstance(grid, GridTest) else []
    return replace(found, sensitivity=" ".join([*words, best_month_words(since)]))


def best_month_words(sides: pd.DataFrame) -> str:
    """How much of a mean difference hangs on its best month, which may be a single stock's.

    Parameters
    ----------
    sides : DataFrame, shape (months, 2)
        ``profitable``, ``whole``: decimals, at least two months.
    """
    difference = sides["profitable"] - sides["whole"]
    best = difference.idxmax()
    rest = 12.0 * difference.drop(best).mean()
    return (
        f"From {sides.index[0]} on the best month, {best}, gives {difference[best]:+.1%}; without"
        f" it the difference is {rest:+.1%} a year."
    )


def _evidence(whole: Premium, recent: Premium, weights: str) -> Evidence:
    how = (
        "by capitalisation"
        if weights == "capitalisation"
        else "equally, since the panel holds no capitalisation of them"
    )
    return Evidence(
        claim="quality-screen",
        estimate=whole.annual,
        unit="decimal return a year",
        ci_low=whole.low,
        ci_high=whole.high,
        p_value=whole.p_value,
        n=whole.n,
        effective_n=whole.blocks,
        mde=whole.mde,
        more_needed=whole.more_needed,
        null="profitable small firms return what all small firms return",
        sample_start=whole.first,
        sample_end=whole.last,
        finding=(
            f"Profitable small caps returned {whole.annual:+.1%} a year against all small caps (95%"
            f" interval {whole.low:+.1%} to {whole.high:+.1%}), and {recent.annual:+.1%} in the"
            f" {recent.n} months since {PUBLISHED} ({recent.low:+.1%} to {recent.high:+.1%})."
            f" The portfolios are weighted {how}."
        ),
        measures={
            "difference": whole.annual,
            "difference_p": whole.p_value,
            "difference_high": whole.high,
            "difference_recent": recent.annual,
        },
    )
