"""Tables of the valuation-gap chapter: horizons, unit roots and wide spells."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.checks.valuation_gap.spells import wide_spells
from analysis.inference.null_r_squared import null_r_squared
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.persistence import unit_root_battery
from analysis.inference.predictive import ivx
from analysis.results import Refusal

HORIZONS = (1, 12, 36, 60, 120)


def horizon_table(
    spread: pd.Series, predictors: Mapping[str, pd.Series], draws: int, seed: int
) -> pd.DataFrame:
    """Predictive regressions at every horizon: usual tests, honest tests, and R² beside its null.

    Returns
    -------
    DataFrame
        One row a basis and horizon; slopes in decimal return over the horizon a log point.
    """
    rows = []
    for basis, gap in predictors.items():
        returns = spread.loc[gap.index[0] : gap.index[-1]]
        usable = [h for h in HORIZONS if len(gap) > 4 * h + 24]
        nulls = null_r_squared(returns, gap, usable, draws, seed) if usable else {}
        for horizon, null in ({} if isinstance(nulls, Refusal) else nulls).items():
            results = [newey_west(returns, gap, horizon), hodrick_1b(returns, gap, horizon)]
            wald = ivx(returns, gap, horizon)
            if any(isinstance(r, Refusal) for r in (null, wald, *results)):
                continue
            rows.append(
                {
                    "basis": basis,
                    "months": horizon,
                    "slope": null.slope,
                    "t, Newey-West": results[0].t_stat,
                    "t, Hodrick 1B": results[1].t_stat,
                    "p, IVX": wald.p_value,
                    "p, bootstrap": null.p_t,
                    "R²": null.estimate,
                    "R² null median": null.median,
                    "R² null 95%": null.percentile_95,
                    "windows": null.effective_n,
                }
            )
    return pd.DataFrame(rows)


def unit_root_table(predictors: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The battery of unit-root tests, each with its own null."""
    rows = []
    for basis, gap in predictors.items():
        for test in unit_root_battery(gap):
            if isinstance(test, Refusal):
                rows.append({"basis": basis, "test": "refused", "null": test.reason})
                continue
            rows.append(
                {
                    "basis": basis,
                    "test": test.name,
                    "statistic": test.statistic,
                    "p": test.p_value,
                    "null": test.null,
                }
            )
    return pd.DataFrame(rows)


def spell_table(predictors: Mapping[str, pd.Series], wide: float) -> pd.DataFrame:
    """Spells of a year or more with the gap above its own real-time percentile."""
    parts = [
        wide_spells(gap, wide).query("months >= 12").assign(basis=basis)
        for basis, gap in predictors.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.astype({"first": str, "last": str})[["basis", "first", "last", "months"]]
