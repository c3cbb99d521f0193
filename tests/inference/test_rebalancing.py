"""A core with a sleeve: by hand, and month by month in a loop."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.rebalancing import rebalance
from analysis.results import InputError


@functools.cache
def noise(seed: int, count: int) -> np.ndarray:
    """Independent monthly returns without a mean."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.04, count)
    return drawn - drawn.mean()


def test_a_mix_by_hand():
    """Two months, half and half, reset at the end of the second at 1% of what is traded."""
    found = rebalance(np.array([0.0, 0.0]), np.array([0.10, 0.10]), 0.5, 2, 0.01)
    value = 0.5 + 0.5 * 1.21
    traded = 2 * (0.605 / value - 0.5)
    assert found.returns[0] == pytest.approx(0.05)
    assert found.returns[1] == pytest.approx(value / 1.05 * (1 - 0.01 * traded) - 1)
    assert found.traded == pytest.approx([0.0, traded])


def test_a_mix_equals_a_loop():
    """A portfolio kept month by month in a loop has the same value and trades as much."""
    core, sleeve, cost, weight, every = noise(1, 50), noise(2, 50), 0.003, 0.3, 7
    held = np.array([1 - weight, weight])
    values, trades = [], []
    for month in range(50):
        held = held * (1 + np.array([core[month], sleeve[month]]))
        traded = 0.0
        if (month + 1) % every == 0:
            target = held.sum() * np.array([1 - weight, weight])
            traded = np.abs(target - held).sum()
            trades.append(traded / held.sum())
            held = (held.sum() - cost * traded) * np.array([1 - weight, weight])
        values.append(held.sum())
    found = rebalance(core, sleeve, weight, every, cost)
    np.testing.assert_allclose(np.cumprod(1 + found.returns), values)
    np.testing.assert_allclose(found.traded[every - 1 :: every], trades)
    assert np.count_nonzero(found.traded) == len(trades)


@given(weight=st.sampled_from([0.0, 1.0]), every=st.integers(1, 30), cost=st.floats(0, 0.05))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_a_mix_of_one_asset_is_that_asset(weight, every, cost):
    """Weights of 0 and 1 give core and sleeve themselves, without turnover."""
    found = rebalance(noise(1, 40), noise(2, 40), weight, every, cost)
    np.testing.assert_allclose(found.returns, noise(2, 40) if weight else noise(1, 40), atol=1e-12)
    assert found.traded == pytest.approx(np.zeros(40), abs=1e-10)


@pytest.mark.parametrize(("weight", "every", "cost"), [(1.2, 12, 0), (0.2, 0, 0), (0.2, 12, -0.1)])
def test_impossible_mixes_are_errors(weight, every, cost):
    """A weight above one, no month between resets and a negative cost are refused."""
    with pytest.raises(InputError, match="not a portfolio"):
        rebalance(noise(1, 40), noise(2, 40), weight, every, cost)
