"""One slope: statsmodels' numbers with either reference distribution, and refusals with reasons."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.inference.slopes import fit_rises_and_falls, fit_slope
from analysis.results import InputError

MONTHS = pd.period_range("1953-01", periods=300, freq="M", name="month")


def drawn(rows, seed):
    """Returns, a driver and the market, all noise."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.standard_t(4, (rows, 3)), columns=["spread", "driver", "market"])
    return frame.set_axis(MONTHS[:rows])


@pytest.mark.parametrize("small_sample", [True, False])
def test_a_slope_agrees_with_statsmodels(small_sample):
    """Coefficient, error, interval and p-value, by Student's t or by the normal distribution."""
    import statsmodels.api as sm

    frame = drawn(300, 5)
    frame["spread"] += 0.4 * frame["driver"] * frame["market"].abs()
    ours = fit_slope(frame, lags=6, market=True, small_sample=small_sample)
    fit = sm.OLS(frame["spread"], sm.add_constant(frame[["driver", "market"]])).fit(
        cov_type="HAC",
        cov_kwds={"maxlags": 6, "use_correction": small_sample},
        use_t=small_sample,
    )
    theirs = [fit.params["driver"], fit.bse["driver"], *fit.conf_int().loc["driver"]]
    np.testing.assert_allclose([ours.slope, ours.error, ours.low, ours.high], theirs, rtol=1e-10)
    assert ours.p_value == pytest.approx(fit.pvalues["driver"], rel=1e-9)
    assert (ours.n, ours.first, ours.last) == (300, "1953-01", "1977-12")


def test_student_is_the_reference_unless_told_otherwise():
    """The small sample is the rule, and its interval the wider."""
    frame = drawn(80, 3)
    assert fit_slope(frame, lags=3) == fit_slope(frame, lags=3, small_sample=True)
    normal = fit_slope(frame, lags=3, small_sample=False)
    assert fit_slope(frame, lags=3).high > normal.high


@pytest.mark.parametrize("market", [False, True])
def test_rises_and_falls_agree_with_statsmodels(market):
    """Two slopes and the test of their equality are those of the regression on both parts."""
    import statsmodels.api as sm

    frame = drawn(200, 6)
    ours = fit_rises_and_falls(frame, lags=3, market=market)
    driver = frame["driver"]
    columns = [driver.clip(lower=0), driver.clip(upper=0), *[frame["market"]] * market]
    parts = np.column_stack(columns)
    fit = sm.OLS(frame["spread"].to_numpy(), sm.add_constant(parts)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    assert market or ours == fit_rises_and_falls(frame, lags=3)
    assert [ours.rises.slope, ours.falls.slope] == pytest.approx(fit.params[1:3])
    assert ours.p_equal == pytest.approx(
        float(np.squeeze(fit.t_test([0, 1, -1, *[0] * market]).pvalue))
    )


def test_an_indicators_slope_is_the_difference_of_means():
    """Mean of the marked months less the mean of the others."""
    frame = drawn(120, 7).assign(driver=[1.0, 0.0, 0.0] * 40)
    means = frame.groupby("driver")["spread"].mean()
    assert fit_slope(frame, lags=6).slope == pytest.approx(means[1.0] - means[0.0])


def test_too_little_data_is_refused_and_missing_values_are_an_error():
    """Sixty months are the least; a driver that never moves has no slope."""
    frame = drawn(80, 0)
    assert fit_slope(frame[:59], lags=6).refusal.reason == "only 59 observations; 60 are needed"
    assert fit_slope(frame[:60], lags=6)
    assert "never moves" in fit_slope(frame.assign(driver=1.0), lags=6).refusal.reason
    upwards = fit_rises_and_falls(frame.assign(driver=frame["driver"].abs()), lags=6)
    assert "one way only" in upwards.refusal.reason and math.isnan(upwards.rises.slope)
    few = fit_rises_and_falls(frame[:59], lags=6)
    assert few.refusal.reason == "only 59 observations; 60 are needed"
    for falls, refused in ((1, True), (2, False)):
        rising = frame["driver"].abs()
        rising.iloc[:falls] *= -1.0
        found = fit_rises_and_falls(frame.assign(driver=rising), lags=6)
        assert (found.refusal is not None) == refused, falls
    with pytest.raises(InputError, match="missing values"):
        fit_slope(frame.mask(frame > 2), lags=6)


def test_years_that_would_detect_a_slope():
    """Four times the noise asks for sixteen times the years, and none are needed where enough."""
    frame = drawn(240, 8)
    weak = fit_slope(frame.assign(spread=frame["spread"] + 0.05 * frame["driver"]), lags=0)
    assert weak.mde == pytest.approx(2.8016 * weak.error, rel=1e-4)
    total = math.ceil((2.80159 * weak.error * math.sqrt(20) / weak.slope) ** 2)
    assert weak.more_needed().startswith(f"{total - 20} more years")
    assert replace(weak, slope=0.0).more_needed() == ""
    assert "more years" in replace(weak, slope=1.0, error=2.0).more_needed()
    strong = fit_slope(frame.assign(spread=frame["driver"]) + 1e-3 * drawn(240, 9), lags=0)
    assert strong.more_needed().startswith("none")
