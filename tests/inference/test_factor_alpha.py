"""Alpha beyond factors: by hand, by statsmodels, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis.inference.factor_alpha import factor_alpha
from analysis.results import InputError

MONTHS = pd.period_range("1970-01", periods=400, freq="M")


def made(alpha=0.03, noise=0.01):
    rng = np.random.default_rng(4)
    factors = pd.DataFrame(rng.normal(0.004, 0.03, (400, 2)), MONTHS, ["market_excess", "rmw"])
    drawn = rng.normal(0, noise, 400)
    spread = alpha / 12 + factors @ [0.3, -0.5] + drawn
    return spread, factors


def test_the_intercept_is_twelve_months_of_what_is_left():
    """Without noise exactly; with noise the series left has the alpha as its mean."""
    spread, factors = made(noise=1e-9)
    found = factor_alpha(spread, factors, 6)
    assert found.estimate == pytest.approx(0.03, abs=1e-6)
    assert found.betas == pytest.approx((0.3, -0.5), abs=1e-6)
    noisy = factor_alpha(*made(), 6)
    assert 12 * noisy.left.mean() == pytest.approx(noisy.estimate)
    assert noisy.ci_low < 0.03 < noisy.ci_high and noisy.p_value < 0.05
    assert noisy.raw == pytest.approx(12 * made()[0].mean())


def test_without_alpha_none_is_found():
    assert factor_alpha(*made(0.0), 6).p_value > 0.05


def test_it_agrees_with_the_table_of_models():
    from analysis.inference.alphas import alpha_table

    spread, factors = made()
    table = alpha_table({"d": spread}, factors[["market_excess"]], 6).iloc[0]
    found = factor_alpha(spread, factors[["market_excess"]], 6)
    assert (found.estimate, found.ci_low) == pytest.approx((table["alpha"], table["low"]))
    assert (found.ci_high, found.p_value) == pytest.approx((table["high"], table["p"]))
    assert found.betas == pytest.approx((table["market beta"],))
    assert found.ci_high - found.estimate == pytest.approx(t.ppf(0.975, 398) * found.error)
    assert (found.n, found.effective_n) == (400, 400.0)


def test_months_without_a_factor_are_left_out():
    """The series left has the months that were used, and no others."""
    spread, factors = made()
    holed = factors.copy()
    holed.iloc[5, 1] = np.nan
    found = factor_alpha(spread, holed, 0)
    assert found.n == 399 and found.left.index.equals(MONTHS.drop(MONTHS[5]))
    by_hand = (spread - factors @ np.array(found.betas)).drop(MONTHS[5])
    assert found.left.to_numpy() == pytest.approx(by_hand.to_numpy())


def test_bad_input_and_too_little():
    spread, factors = made()
    with pytest.raises(InputError, match="lags: -1"):
        factor_alpha(spread, factors, -1)
    with pytest.raises(InputError, match="factors: 0"):
        factor_alpha(spread, factors[[]], 6)
    assert factor_alpha(spread[:120], factors, 0).n == 120
    assert factor_alpha(spread, factors[["rmw"]], 0).refusal is None
    assert (
        "only 119 months; 120 are needed" in factor_alpha(spread[:119], factors, 6).refusal.reason
    )
