"""Estimators where there is nothing to estimate: a refusal with its reason, and never a number."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.inference.breaks import sup_wald
from analysis.inference.mean_grids import mean_grid
from analysis.inference.persistence import half_life
from analysis.inference.premia import premium
from analysis.inference.sharpe import sharpe_difference

MONTHS = pd.period_range("1950-01", periods=600, freq="M")
LATER = np.arange(600) >= 300
RNG = np.random.default_rng(0)
NOISE = pd.Series(RNG.normal(0.01, 0.04, 600), MONTHS)


@pytest.mark.parametrize("first", [0.0, 0.02])
def test_a_break_beside_a_constant_side_is_refused(first):
    """A side without any error would make every break certain, or be no side at all."""
    one = sup_wald(NOISE.where(LATER, first), lags=6)
    other = sup_wald(NOISE.where(~LATER, first), lags=6)
    both = sup_wald(pd.Series(np.where(LATER, 1.0, first), MONTHS), lags=6)
    for found in (one, other, both):
        assert "all the same" in found.refusal.reason
    assert sup_wald(NOISE, lags=6).refusal is None


def test_proportional_returns_have_one_sharpe_ratio():
    """Twice the stake has the same ratio, so there is nothing to test; the reverse has one."""
    assert "multiple of the other" in sharpe_difference(NOISE, 2 * NOISE).refusal.reason
    assert sharpe_difference(NOISE, -NOISE, draws=99).refusal is None


def test_blocks_of_more_than_a_third_of_a_sample_are_refused():
    """At a third it runs, one month more is refused, whatever is resampled."""
    other = pd.Series(RNG.normal(0, 0.04, 600), MONTHS)
    choices = pd.DataFrame({"leg": ["smb"]})
    for block, refused in ((200, False), (201, True)):
        found = [
            sharpe_difference(NOISE, other, block_length=block, draws=99),
            paired_stationary_bootstrap(NOISE, other, block_length=block, draws=99),
            premium(NOISE, block=block, draws=99, seed=1),
            mean_grid([NOISE], choices, block=block, draws=99, seed=1),
        ]
        for one in found:
            assert (one.refusal is not None) == refused, one
            assert not refused or "more than a third" in one.refusal.reason


def test_what_turns_over_every_month_has_no_half_life():
    """An autoregression with −.6 does not fade by halves; with +.6 it does, in 1.4 months."""
    shocks, series = np.random.default_rng(1).normal(size=600), {}
    for rho in (-0.6, 0.6):
        values = [0.0]
        for shock in shocks:
            values.append(rho * values[-1] + shock)
        series[rho] = half_life(np.array(values))
    assert "negative" in series[-0.6].refusal.reason
    assert series[0.6].estimate == pytest.approx(1.357, abs=0.3)
