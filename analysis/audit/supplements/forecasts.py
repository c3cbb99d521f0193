"""The two absolute forecasts in bands of their own, and how recursive forecasts have done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.return_forecast.absolute import NOMINAL, REAL, SIDES, absolute_bands
from analysis.inference.out_of_sample import out_of_sample
from analysis.panel import Dataset
from analysis.panel.gaps import gap_samples
from analysis.results import first_refusal

#: Design whose forecasts are drawn.
FORECAST = "return_forecast"

SAMPLING = Sampling(draws=999, seed=20260101)

#: Horizons of the recursive forecasts, months.
HORIZONS = (60, 120)

#: Overlapping windows that the first recursive forecast has behind it, in months of starts.
FIRST_STARTS = 120

BANDS = [*("side", "kind", "basis", "last", "low", "middle", "high", "forecast", "chance_of_less")]
ERRORS = ["basis", "month", "horizon", "gain"]

#: Months between two that are kept, counted back from the last.
STEP = 3


def absolute_forecasts(dataset: Dataset) -> pd.DataFrame:
    """Bands of small and of large caps' own return, nominal and real, beside the bank's forecasts.

    Returns
    -------
    DataFrame
        :data:`BANDS`, decimals a year; the forecasts are nominal, so in real terms they stand
        beside the band without a chance.
    """
    arguments = _registered()
    if arguments is None:
        return pd.DataFrame(columns=BANDS)
    samples = gap_samples(dataset, arguments.leg, basis=arguments.basis, era=arguments.era)
    claimed = {"small": arguments.small_claimed, "large": arguments.large_claimed}
    rows = []
    for kind in (NOMINAL, REAL):
        bands = absolute_bands(
            dataset.monthly,
            samples,
            arguments.horizon,
            arguments.view,
            arguments.band,
            SAMPLING,
            kind,
        )
        for (side, basis), one in bands.items():
            if first_refusal(one) is not None:
                continue
            less = 1.0 - one.band.probability(claimed[side]) if kind == NOMINAL else np.nan
            ends = (float(end) for end in one.band.quantile([0.05, 0.5, 0.95]))
            last = str(one.gap.index[-1])
            rows.append((side, kind, basis, last, *ends, claimed[side], less))
    order = {side: place for place, side in enumerate(SIDES)}
    rows.sort(key=lambda row: (order[str(row[0])], str(row[1])))
    return pd.DataFrame(rows, columns=BANDS)


def forecast_errors(dataset: Dataset) -> pd.DataFrame:
    """Cumulative squared-error difference of recursive forecasts against the expanding mean.

    The forecast of a month uses windows that had ended by then, of which the first has
    :data:`FIRST_STARTS` behind it. A rising line: the gap forecast better than the mean did.

    Returns
    -------
    DataFrame
        :data:`ERRORS`, every third month; ``month`` is that in which the forecast was made, the
        returns are a year.

    References
    ----------
    Goyal, A. and I. Welch (2008), "A Comprehensive Look at the Empirical Performance of Equity
    Premium Prediction", Review of Financial Studies 21.
    """
    arguments, parts = _registered(), []
    leg = "smb" if arguments is None else arguments.leg
    for basis, sample in gap_samples(dataset, leg).items():
        for horizon in HORIZONS:
            if sample.refusal is not None or len(sample.gap) <= horizon + FIRST_STARTS:
                continue
            first = sample.gap.index[horizon + FIRST_STARTS - 1]
            found = out_of_sample(sample.returns, sample.gap, horizon, first, expected_sign=1)
            if found.refusal is not None:
                continue
            yearly = 12.0 / horizon
            errors = (found.targets - found.benchmark) ** 2 - (found.targets - found.forecasts) ** 2
            parts.append(
                pd.DataFrame(
                    {
                        "basis": basis,
                        "month": sample.gap.index[found.origins].astype(str),
                        "horizon": horizon,
                        "gain": np.cumsum(errors) * yearly**2,
                    }
                ).iloc[(len(errors) - 1) % STEP :: STEP]
            )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=ERRORS)


def _registered() -> Any:
    """The registered arguments of the forecast; None where no claim is of that design."""
    for claim in load_claims().values():
        if claim.design == FORECAST:
            return bind(claim).arguments
    return None
