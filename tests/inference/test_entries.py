"""Entering in stages, at once, or with less: by hand, and month by month in a loop."""

import functools

import numpy as np
import pytest

from analysis.inference.entries import average_exposure, enter, tail_gain_over_constant
from analysis.results import InputError


@functools.cache
def noise(seed: int, count: int = 480) -> np.ndarray:
    """Independent monthly returns without a mean."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.04, count)
    return drawn - drawn.mean()


def test_entries_by_hand():
    """Two stages over two months with bills at 1%: each half follows its own path."""
    found = enter(np.array([0.10, 0.20]), np.array([0.01, 0.01]), 2, 2)
    assert found.lump[0] == pytest.approx(1.1 * 1.2 - 1)
    assert found.staged[0] == pytest.approx(0.5 * 1.1 * 1.2 + 0.5 * 1.01 * 1.2 - 1)
    first, second = 0.75 * 0.10 + 0.25 * 0.01, 0.75 * 0.20 + 0.25 * 0.01
    assert found.constant[0] == pytest.approx((1 + first) * (1 + second) - 1)


@pytest.mark.parametrize(("stages", "horizon"), [(6, 12), (3, 24), (12, 12)])
def test_entries_equal_a_loop(stages, horizon):
    """Money moved month by month in a loop ends where the formula says, sample by sample."""
    small, bill = np.stack([noise(1, 60), noise(2, 60)]), np.full((2, 60), 0.002)
    found = enter(small, bill, stages, horizon)
    exposures = []
    for sample in range(2):
        for start in range(60 - horizon + 1):
            stocks, cash = 0.0, 1.0
            for month in range(horizon):
                if month < stages:
                    moved = 1.002**month / stages
                    stocks, cash = stocks + moved, cash - moved
                stocks, cash = stocks * (1 + small[sample, start + month]), cash * 1.002
                exposures.append(min(month + 1, stages) / stages)
            assert found.staged[sample, start] == pytest.approx(stocks + cash - 1)
    assert average_exposure(stages, horizon) == pytest.approx(np.mean(exposures))
    assert found.lump.shape == (2, 60 - horizon + 1)


def test_one_stage_is_the_lump_sum():
    """A single stage is all at once, and so is its constant mix."""
    found = enter(noise(1), np.full(480, 0.001), 1, 12)
    np.testing.assert_allclose(found.staged, found.lump, atol=1e-12)
    np.testing.assert_allclose(found.constant, found.lump, atol=1e-12)


def test_stages_must_fit_the_window():
    """More stages than months are an error that names the remedy."""
    with pytest.raises(InputError, match="use fewer stages"):
        enter(noise(1), noise(2), 13, 12)


def test_the_tail_statistic_is_a_difference_of_quantiles():
    """For one sample the statistic is the quantile of staging less that of the constant mix."""
    bill = np.full(480, 0.001)
    found = enter(noise(1), bill, 6, 12)
    by_hand = np.quantile(found.staged, 0.05) - np.quantile(found.constant, 0.05)
    assert tail_gain_over_constant(noise(1)[None], bill[None], 6, 12, 0.05)[0] == pytest.approx(
        by_hand
    )
