"""Two planted regimes come back; few years have none."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.regimes import switching_regimes


def test_two_planted_regimes_are_found():
    """Thirty years of a high mean and thirty of a low one come back, the high one first."""
    rng = np.random.default_rng(1)
    yearly = np.concatenate([rng.normal(0.10, 0.03, 30), rng.normal(-0.05, 0.03, 30)])
    index = pd.period_range("1931-01", periods=720, freq="M")
    regimes = switching_regimes(pd.Series(np.repeat(yearly / 12, 12), index=index))
    assert regimes.table["mean a year"].tolist() == pytest.approx([0.10, -0.05], abs=0.02)
    high = regimes.path.set_index("year")["high"]
    assert high.loc[:1958].min() > 0.9
    assert high.loc[1963:].max() < 0.1


def test_few_years_have_no_regimes():
    """Two regimes are not fitted to a handful of years; an incomplete year does not count."""
    index = pd.period_range("1931-01", periods=12 * 29 + 11, freq="M")
    spread = pd.Series(0.01 * (-1.0) ** np.arange(len(index)), index=index)
    regimes = switching_regimes(spread)
    assert regimes.refusal.reason.startswith("29 full years")
    assert regimes.table.empty
