"""The spread over the years of operating profitability."""

import numpy as np
import pandas as pd

from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.profitability_spread import profitability_spread, spread_over_years
from analysis.panel import load_dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "profitability_spread"]


def test_profitability_takes_one_value_a_year():
    """July of each year, and nothing where the column is not held."""
    months = pd.period_range("2000-01", "2002-12", freq="M")
    frame = pd.DataFrame(
        {"op_small": np.where(months.month == 7, months.year - 2000.0, 99.0)}, months
    )
    row = spread_over_years(frame, "op_small").iloc[0]
    assert (row["years"], row["median"]) == (3, 1.0)
    assert spread_over_years(frame, "op_big").empty


def test_the_bundled_data_hold_none_of_it():
    """An empty table, and no finding anywhere."""
    study = profitability_spread(load_dataset(), bind(CLAIM), Sampling(1, 1))
    assert study.profitability.empty and study.finding.refusal is not None
