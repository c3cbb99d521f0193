"""The forecast chapter: planted predictability found, the criterion's words by hand."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks import return_forecast
from analysis.checks.return_forecast import evidence as forecast_evidence
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import loading
from analysis.results import Evidence, Refusal

CLAIMS = {name: c for name, c in load_claims().items() if c.chapter == "return_forecast"}
CLAIM = "bofa-9-vs-1"
FEW = return_forecast.Parameters(draws=200)
LONG = 900
#: Shorter than the registered ten years, so that a planted effect shows in 75 years.
SHORT = FEW.model_copy(update={"horizon": 24})


def verdict(outcome) -> str | None:
    return decide(CLAIMS[CLAIM], outcome, data="bundled", as_of="2018-11").verdict


def rebuilt(slope, now=0.0, seed=4):
    """The regression rebuilt on a gap that moves the spread by `slope` a month, `now` wide."""
    rng = np.random.default_rng(seed)
    months = pd.period_range("1940-01", periods=LONG, freq="M")
    noise, own = rng.normal(0, 0.01, LONG), rng.normal(0, 0.03, LONG)
    gap, spread = np.zeros(LONG), np.zeros(LONG)
    for t in range(1, LONG):
        spread[t] = slope * gap[t - 1] + noise[t]
        gap[t] = 0.97 * gap[t - 1] + own[t] - 0.5 * noise[t]
    gap[-1] += now
    returns, predictor = pd.Series(spread, months), pd.Series(gap, months)
    return forecast_evidence.reconstruct(returns, predictor, 24, 0.9, 200, 1), returns


@pytest.fixture(scope="module")
def planted():
    """A gap that moves returns, and stands far above its mean now."""
    return rebuilt(0.05, now=0.4)


@pytest.fixture(scope="module")
def idle():
    """A gap of which returns know nothing."""
    return rebuilt(0.0)


def test_a_planted_forecast_is_found_and_its_absence_contradicts(planted, idle):
    """Supported from a wide gap that predicts; without, the band ends below the claim."""
    (model, spread), (empty, other) = planted, idle
    found = forecast_evidence.projected_gap({"june": model, "december": model}, spread, SHORT)
    assert verdict(found) == "supported"
    nothing = forecast_evidence.projected_gap({"june": empty}, other, SHORT)
    wide = SHORT.model_copy(update={"claimed_gap": 0.01})
    assert nothing.measures["band_low"] < 0
    assert verdict(nothing) in ("not distinguishable", "contradicted")
    assert nothing.mde > 0
    hopeless = forecast_evidence.projected_gap({"june": empty}, other, wide)
    assert hopeless.more_needed.startswith("no number of windows")


def test_the_less_favourable_basis_counts(planted, idle):
    """The smaller excess of R², the outer ends of the bands, and the higher p-value."""
    (good, spread), (bad, _) = planted, idle
    found = forecast_evidence.projected_gap({"june": good, "december": bad}, spread, SHORT)
    excess = [m.null.estimate - m.null.percentile_95 for m in (good, bad)]
    assert found.measures["r2_excess"] == min(excess)
    assert found.measures["band_low"] == min(good.band_low, bad.band_low)
    assert found.measures["band_high"] == max(good.band_high, bad.band_high)
    assert found.p_value == max(good.null.p_value, bad.null.p_value)
    assert CLAIMS[CLAIM].criterion.measures() <= set(found.measures)
    assert verdict(found) != "supported"


def test_r_squared_and_projection_by_hand(planted):
    """Least squares of the sums ahead; the slope less its mean under the null, times twelve."""
    model, spread = planted
    sums = spread.rolling(24).sum().shift(-24).dropna()
    seen = model.gap.loc[sums.index]
    assert model.null.estimate == pytest.approx(np.corrcoef(sums, seen)[0, 1] ** 2)
    slope = np.polyfit(seen, sums, 1)[0] - model.null.slope_draws.mean()
    projected = (sums.mean() + slope * (model.gap.iloc[-1] - seen.mean())) / 2
    assert model.corrected.estimate == pytest.approx(projected)
    ends = np.quantile(model.corrected.draws, [0.05, 0.95])
    assert (model.band_low, model.band_high) == pytest.approx(tuple(ends))
    reached = (model.null.r_squared_draws >= model.null.estimate).mean()
    assert model.null.p_value == pytest.approx(reached, abs=0.01)


def test_the_gap_the_claim_needs_gives_the_claim_back(planted):
    """From the implied gap the view's line projects exactly what was claimed."""
    model, _ = planted
    table = forecast_evidence.implied_gaps({"june": model}, 0.08).set_index("view")
    assert set(table.index) <= {"ols", "bias-corrected"}
    row, band = table.loc["bias-corrected"], model.corrected
    slope = band.slope * 12 / band.horizon
    needed = row["gap the claim needs"]
    assert band.estimate + slope * (needed - band.current) == pytest.approx(0.08)
    distance = (needed - model.gap.mean()) / model.gap.std()
    assert row["standard deviations from the mean"] == pytest.approx(distance)


def test_more_windows_shrink_the_line_s_error_alone():
    """With nothing unexplained in a window the need falls with the root of the windows."""
    assert forecast_evidence._detectable(0.0, 0.01) == pytest.approx((1.6449 + 0.8416) * 0.01)
    assert forecast_evidence._detectable(0.05, 0.0) == pytest.approx(1.6449 * 0.05)


def test_a_gap_too_short_for_the_horizon_is_refused(planted):
    """Two ten-year windows make no regression, and the claim says so."""
    model, spread = planted
    refused = forecast_evidence.reconstruct(spread[:200], model.gap[:200], 120, 0.9, 200, 1)
    assert isinstance(refused, Refusal)
    assert "windows" in refused.reason
    assert forecast_evidence.projected_gap({"june": refused}, spread, FEW) is refused
    assert forecast_evidence.implied_gaps({"june": refused}, 0.08).empty


def test_the_defaults_are_the_registered_specification():
    """Leg, horizon, band and claimed gap are those of the claim."""
    defaults, primary = return_forecast.Parameters(), CLAIMS[CLAIM].primary
    for key in ("leg", "horizon", "band", "claimed_gap"):
        assert getattr(defaults, key) == primary[key]
    assert primary["view"] == "bias_corrected"
    small, large = (figure.value for figure in CLAIMS[CLAIM].figures[:2])
    assert (small - large) / 100 == pytest.approx(defaults.claimed_gap)


@pytest.fixture(scope="module")
def early():
    """The study of the bundled data as of 1995-12."""
    return return_forecast.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)


def expect_nothing_later(study, as_of):
    """Evidence with finite measures from samples that end in time, and tables without holes."""
    found = study.evidence[CLAIM]
    assert isinstance(found, Evidence)
    assert found.sample_end <= as_of
    assert not any(math.isnan(value) for value in found.measures.values())
    verdict(found)
    assert not study.by_horizon.isna().any(axis=None)
    assert not study.bands.isna().any(axis=None)
    assert (study.bank_points["date"] <= f"{as_of}-31").all()


def test_1995_runs_and_sees_nothing_later(early):
    """On the bundled data as of 1995-12; the bank had published nothing."""
    expect_nothing_later(early, "1995-12")
    assert not any(early.bank.values())
    assert early.scores.empty


def test_2007_runs_and_sees_nothing_later():
    """On the bundled data as of 2007-12."""
    study = return_forecast.study(loading.load_dataset("bundled", "2007-12"), CLAIMS, FEW)
    expect_nothing_later(study, "2007-12")


def test_wild_values_after_the_date_change_nothing(early, monkeypatch):
    """Returns and gaps gone mad after 1995 leave every result of 1995-12 as it was."""
    whole = loading.load_dataset("bundled")
    wild, mad = whole.monthly.copy(), whole.valuation.copy()
    wild.loc["1996-01":] = 10.0
    mad.loc["1996-01":] = -7.0
    changed = replace(whole, monthly=wild, valuation=mad)
    monkeypatch.setattr(loading, "_load_bundled", lambda: changed)
    after = return_forecast.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)
    assert after.evidence == early.evidence
    pd.testing.assert_frame_equal(after.targets, early.targets)
    pd.testing.assert_frame_equal(after.implied, early.implied)
