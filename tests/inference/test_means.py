import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.means import equivalence, mean_before_after
from analysis.results import InputError

CHANCE = settings(derandomize=True, max_examples=15, deadline=None)


def test_equivalence_is_statsmodels_two_one_sided_test():
    """Without lags the p-values equal those of statsmodels' ttost_mean."""
    from statsmodels.stats.weightstats import DescrStatsW

    values = np.random.default_rng(0).normal(0.02, 1, 80)
    result = equivalence(values, 0.3, lags=0)
    p, low, high = DescrStatsW(values).ttost_mean(-0.3, 0.3)
    assert result.p_value == pytest.approx(p)
    assert (result.p_low, result.p_high) == pytest.approx((low[1], high[1]))


def test_equivalence_by_hand():
    """Sixteen values ±1 have mean 0 and s.e. 1/√15, so a margin of 1 is √15 errors away."""
    from scipy.stats import t

    result = equivalence(np.tile([1.0, -1.0], 8), 1.0, lags=0)
    assert result.p_value == pytest.approx(t.sf(np.sqrt(15), 15))
    assert result.equivalent


@CHANCE
@given(st.integers(0, 1000), st.floats(0.01, 1))
def test_equivalent_exactly_when_the_interval_is_inside(seed, margin):
    """The 90% interval lies within the margins exactly when the test says so."""
    values = np.random.default_rng(seed).normal(0.05, 1, 60)
    result = equivalence(values, margin)
    assert result.equivalent == (-margin <= result.ci_low and result.ci_high <= margin)
    turned = equivalence(-values * 3, margin * 3)
    assert turned.p_value == pytest.approx(result.p_value)


def test_bootstrap_and_hac_errors_agree():
    """On independent data the bootstrapped test says nearly the same as the HAC one."""
    values = np.random.default_rng(1).normal(0, 1, 300)
    one, two = equivalence(values, 0.15), equivalence(values, 0.15, method="bootstrap", seed=2)
    assert two.ci_high - two.ci_low == pytest.approx(one.ci_high - one.ci_low, rel=0.15)


def test_undetected_is_not_equivalent():
    """Few noisy months detect nothing and yet prove nothing to be small."""
    values = np.random.default_rng(2).normal(0, 1, 12)
    assert not equivalence(values, 0.1).equivalent


def test_before_and_after_by_hand():
    """±1 around 0, then around 2: difference 2, s.e. √(2/9), p far below 5%."""
    values = np.concatenate([np.tile([1.0, -1.0], 5), np.tile([3.0, 1.0], 5)])
    result = mean_before_after(values, 10, lags=0)
    assert result.estimate == 2.0
    reach = 1.959964 * np.sqrt(2 / 9)
    assert (result.ci_low, result.ci_high) == pytest.approx((2 - reach, 2 + reach))
    assert result.before.estimate == 0 and result.after.estimate == 2
    assert result.before.n == result.after.n == 10


def test_split_by_month_is_split_by_position():
    """A period label splits where that month begins."""
    months = pd.period_range("1980-01", periods=48, freq="M")
    values = pd.Series(np.random.default_rng(0).normal(size=48), index=months)
    one = mean_before_after(values, pd.Period("1981-07", "M"))
    assert one == mean_before_after(values.to_numpy(), 18)


def test_bad_input_is_named_and_short_sides_are_refused():
    """NaN, reversed margins, an unknown method and constants raise; short samples are refused."""
    values = np.random.default_rng(0).normal(size=40)
    for call, named in [
        (lambda: equivalence([np.nan] * 20, 1.0), "values"),
        (lambda: equivalence(values, -1.0), "margin"),
        (lambda: equivalence(values, 1.0, alpha=0.6), "alpha"),
        (lambda: equivalence(values, 1.0, method="x"), "method"),
        (lambda: equivalence(np.ones(20), 1.0), "constant"),
        (lambda: mean_before_after(np.r_[np.ones(20), values], 20), "constant"),
    ]:
        with pytest.raises(InputError, match=named):
            call()
    assert not equivalence(values[:5], 1.0)
    assert not mean_before_after(values, 5)
