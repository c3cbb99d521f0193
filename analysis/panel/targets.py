"""The upper end of the Federal Reserve's target range, by month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.rates import published_rates
from analysis.results import Result


@dataclass(frozen=True)
class UpperTarget(Result):
    """Upper end of the target range at the end of each month, decimal a year, without NaN.

    It goes on where it was published for later months than the returns.
    """

    rates: pd.Series


def upper_target(dataset: Dataset) -> UpperTarget:
    """The target as the latest data hold it; refused on the bundled ones."""
    published = published_rates(dataset)
    if dataset.data != "latest" or "target" not in published:
        return UpperTarget.refused(
            "needs the latest data: the upper end of the federal funds target", needs="latest"
        )
    rates = published["target"].dropna()
    if rates.empty:
        return UpperTarget.refused("no target is seen by this date", needs="latest")
    return UpperTarget(rates)
