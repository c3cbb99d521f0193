"""Regressions of one sample at several horizons, from one bootstrap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.designs.predictive_regression.regressions import (
    PredictiveRegressionArguments,
    shown_horizons,
)
from analysis.designs.registry import Sampling, Specification
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.predictive import ivx
from analysis.panel.gaps import SAMPLINGS, GapSample
from analysis.results import first_refusal

ESTIMATES = (
    *("slope", "t, Newey-West", "t, Hodrick 1B", "p, IVX", "p, bootstrap"),
    *("R²", "R² null median", "R² null 95%", "windows"),
)


def horizon_table(
    samples: Mapping[str, GapSample],
    specification: Specification[PredictiveRegressionArguments],
    sampling: Sampling,
) -> pd.DataFrame:
    """Regressions of the registered sample at every horizon of the grid that could be run.

    Returns
    -------
    DataFrame
        One row a basis and horizon: ``basis``, ``months`` and :data:`ESTIMATES`; slopes in decimal
        return over the horizon a log point.
    """
    frequency = specification.arguments.sampling
    rows = [
        {"basis": basis, **row}
        for basis, sample in samples.items()
        for row in regress(sample, frequency, shown_horizons(specification), sampling)
        if not row["reason"]
    ]
    table = pd.DataFrame(rows, columns=["basis", "horizon", *ESTIMATES])
    return table.rename(columns={"horizon": "months"})


def regress(
    sample: GapSample, frequency: str, horizons: Iterable[int], sampling: Sampling
) -> list[dict[str, Any]]:
    """Regressions of one sample at several horizons, from one bootstrap.

    Parameters
    ----------
    sample : GapSample
    frequency : str
        A key of :data:`analysis.panel.gaps.SAMPLINGS`.
    horizons : iterable of int
        Months.
    sampling : Sampling

    Returns
    -------
    list of dict
        ``horizon``, the columns of :data:`ESTIMATES` where it was run, and ``reason``, empty then.
    """
    period, months = SAMPLINGS[frequency], len(sample.gap)
    returns, gap = sample.sampled(frequency)
    fit = [h for h in horizons if h % period == 0 and months > 4 * h + 24]
    nulls = drawn_nulls(returns, gap, (h // period for h in fit), sampling.draws, sampling.seed)
    rows = []
    for horizon in horizons:
        if horizon not in fit:
            short = f"{months} months are too few, or no whole number of periods"
            rows.append({"horizon": horizon, "reason": short})
            continue
        null, periods = nulls[horizon // period], horizon // period
        usual, robust = newey_west(returns, gap, periods), hodrick_1b(returns, gap, periods)
        wald = ivx(returns, gap, periods)
        refusal = first_refusal(null, usual, robust, wald)
        if refusal is not None:
            rows.append({"horizon": horizon, "reason": refusal.reason})
            continue
        numbers = (
            *(null.slope, usual.t_stat, robust.t_stat, wald.p_value, null.p_t),
            *(null.estimate, null.median, null.percentile_95, null.effective_n),
        )
        found = dict(zip(ESTIMATES, numbers, strict=True))
        rows.append({"horizon": horizon, **found, "reason": ""})
    return rows
