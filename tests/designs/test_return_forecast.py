"""The forecast rebuilt: planted predictability found, the criterion's words by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.return_forecast import finding_of, return_forecast
from analysis.designs.return_forecast.absolute import excluded, side_returns
from analysis.designs.return_forecast.projections import implied_gaps
from analysis.designs.return_forecast.reconstruction import detectable, reconstruct
from analysis.panel import load_dataset
from analysis.panel.gaps import GapSample

CLAIM = load_claims()["bofa-9-vs-1"]
FEW = Sampling(draws=200, seed=1)
LONG = 900
#: Shorter than the registered ten years, so that a planted effect shows in 75 years.
SHORT = bind(CLAIM, {"horizon": 24}).arguments


def verdict(finding) -> str | None:
    return decide(CLAIM, finding, data="bundled", as_of="2018-11").verdict


def judged(rebuilt, arguments=SHORT, sides=None):
    return finding_of(rebuilt, sides or {}, arguments)


def sample(slope, now=0.0, seed=4) -> GapSample:
    """A gap that moves the spread by `slope` a month, and stands `now` wider at the end."""
    rng = np.random.default_rng(seed)
    months = pd.period_range("1940-01", periods=LONG, freq="M")
    noise, own = rng.normal(0, 0.01, LONG), rng.normal(0, 0.03, LONG)
    gap, spread = np.zeros(LONG), np.zeros(LONG)
    for t in range(1, LONG):
        spread[t] = slope * gap[t - 1] + noise[t]
        gap[t] = 0.97 * gap[t - 1] + own[t] - 0.5 * noise[t]
    gap[-1] += now
    return GapSample(pd.Series(spread, months), pd.Series(gap, months))


def rebuilt(made, view="bias_corrected"):
    return reconstruct(made, 24, view, 0.9, FEW)


@pytest.fixture(scope="module")
def planted():
    """A gap that moves returns, and stands far above its mean now."""
    return rebuilt(sample(0.05, now=0.4))


@pytest.fixture(scope="module")
def idle():
    """A gap of which returns know nothing."""
    return rebuilt(sample(0.0))


@pytest.mark.slow
def test_a_planted_forecast_is_found_and_its_absence_contradicts(planted, idle):
    """Supported from a wide gap that predicts; without, it is not."""
    assert verdict(judged({"june": planted, "december": planted})) == "supported"
    nothing = judged({"june": idle})
    assert nothing.measures["band_low"] < 0
    assert verdict(nothing) in ("not distinguishable", "contradicted")
    assert nothing.mde > 0
    small = SHORT.model_copy(update={"claimed_gap": 0.01})
    assert judged({"june": idle}, small).more_needed.startswith("no number of windows")


def test_the_less_favourable_basis_counts(planted, idle):
    """The smaller excess of R², the outer ends of the bands, and the higher p-value."""
    found = judged({"june": planted, "december": idle})
    both = (planted, idle)
    excess = [one.null.estimate - one.null.percentile_95 for one in both]
    assert found.measures["r2_excess"] == min(excess)
    assert found.measures["band_low"] == min(one.band_low for one in both)
    assert found.measures["band_high"] == max(one.band_high for one in both)
    assert found.p_value == max(one.projection_p(0.04) for one in both)
    assert found.measures["projection"] == min(one.band.estimate for one in both)
    assert CLAIM.criterion.measures() <= set(found.measures)
    assert verdict(found) != "supported"


def test_r_squared_and_projection_by_hand(planted):
    """Least squares of the sums ahead; the slope less its mean under the null, times twelve."""
    sums = sample(0.05).spread.rolling(24).sum().shift(-24).dropna()
    seen = planted.gap.loc[sums.index]
    assert planted.null.estimate == pytest.approx(np.corrcoef(sums, seen)[0, 1] ** 2)
    slope = np.polyfit(seen, sums, 1)[0] - planted.null.slope_draws.mean()
    projected = (sums.mean() + slope * (planted.gap.iloc[-1] - seen.mean())) / 2
    assert planted.band.estimate == pytest.approx(projected)
    ends = np.quantile(planted.band.draws, [0.05, 0.95])
    assert (planted.band_low, planted.band_high) == pytest.approx(tuple(ends))
    reached = (planted.null.r_squared_draws >= planted.null.estimate).mean()
    assert planted.null.p_value == pytest.approx(reached, abs=0.01)


def test_the_registered_view_is_the_one_that_is_judged(planted):
    """By least squares the projection is the line's own, and the sentence says so."""
    made = sample(0.05, now=0.4)
    ols = rebuilt(made, "ols")
    assert ols.band.estimate == planted.bands["ols"].estimate != planted.band.estimate
    arguments = SHORT.model_copy(update={"view": "ols"})
    found = judged({"june": ols}, arguments)
    assert found.estimate == ols.band.estimate
    assert "by least squares, against the claimed 8% (90% band" in found.finding
    level = rebuilt(made, "no_predictability").band
    assert level.slope == 0


def test_the_gap_the_claim_needs_gives_the_claim_back(planted):
    """From the implied gap the view's line projects exactly what was claimed."""
    table = implied_gaps({"june": planted}, 0.08).set_index("view")
    assert set(table.index) <= {"ols", "bias-corrected"}
    row, band = table.loc["bias-corrected"], planted.band
    slope = band.slope * 12 / band.horizon
    needed = row["gap the claim needs"]
    assert band.estimate + slope * (needed - band.current) == pytest.approx(0.08)
    distance = (needed - planted.gap.mean()) / planted.gap.std()
    assert row["standard deviations from the mean"] == pytest.approx(distance)


def test_more_windows_shrink_the_line_s_error_alone():
    """With nothing unexplained in a window the need falls with the root of the windows."""
    assert detectable(0.0, 0.01) == pytest.approx(2.8016 * 0.01, rel=1e-4)
    assert detectable(0.03, 0.04) == pytest.approx(2.8016 * 0.05, rel=1e-4)


def test_each_forecast_is_held_to_the_band_of_its_own_return(planted):
    """A forecast is excluded outside the band on both bases, and on the same side of it."""
    low, high = planted.band.quantile([0.05 / 6, 1 - 0.05 / 6])
    level = 1 - 0.05 / 3
    both = {("small", "june"): planted, ("small", "december"): planted}
    assert excluded(both, "small", high + 1e-6, level)
    assert excluded(both, "small", low - 1e-6, level)
    assert not excluded(both, "small", high - 1e-6, level)
    assert not excluded(both, "large", 9.0, level)
    far = replace(planted, bands={v: replace(b, draws=b.draws + 9.0) for v, b in
                                  planted.bands.items()})  # fmt: skip
    assert not excluded({**both, ("small", "december"): far}, "small", high + 1e-6, level)


def test_the_p_value_is_that_of_half_the_claim(planted):
    """At the projection itself one half, far below it small, far above it near one."""
    at = planted.band.estimate
    assert planted.projection_p(at) == pytest.approx(0.5, abs=0.1)
    assert planted.projection_p(at - 1.0) == pytest.approx(1 / 201)
    assert planted.projection_p(at + 1.0) == 1.0
    assert CLAIM.arguments["least_gap"] == pytest.approx(CLAIM.arguments["claimed_gap"] / 2)
    flat = rebuilt(sample(0.05, now=-0.4))
    assert verdict(judged({"june": flat})) != "supported"


def test_one_excluded_forecast_contradicts_the_bank(planted):
    """The difference alone does not save it; inside all bands it is not contradicted."""
    inside = {"small_claimed": planted.band.estimate, "large_claimed": planted.band.estimate}
    inside["claimed_gap"] = planted.band.estimate
    sides = {
        (side, basis): planted for side in ("small", "large") for basis in ("june", "december")
    }
    both = {"june": planted, "december": planted}
    fine = judged(both, SHORT.model_copy(update=inside), sides)
    assert fine.measures["forecasts_excluded"] == 0
    assert verdict(fine) != "contradicted"
    for name in inside:
        wrong = judged(both, SHORT.model_copy(update=inside | {name: 0.9}), sides)
        assert wrong.measures["forecasts_excluded"] == 1
        assert verdict(wrong) == "contradicted"


def test_real_returns_are_less_consumer_prices():
    """The nominal mean of three value groups, less the growth of prices; nothing without them."""
    months = pd.period_range("2000-01", periods=3, freq="M")
    monthly = pd.DataFrame({"s1v1": 0.01, "s1v3": 0.02, "s1v5": 0.03}, index=months)
    assert side_returns(monthly, "small").to_list() == pytest.approx([0.02] * 3)
    assert side_returns(monthly, "large").empty
    assert side_returns(monthly, "small", "real").empty
    prices = monthly.assign(cpi=[100.0, 101.0, 101.0])
    real = side_returns(prices, "small", "real")
    assert real.to_list() == pytest.approx([0.02 - np.log(1.01), 0.02])


def test_a_gap_too_short_for_the_horizon_is_refused():
    """Two ten-year windows make no regression, and the claim says so."""
    whole = sample(0.05)
    short = GapSample(whole.spread[:200], whole.gap[:200])
    refused = reconstruct(short, 120, "bias_corrected", 0.9, FEW)
    assert "windows" in refused.refusal.reason
    assert judged({"june": refused}).refusal == refused.refusal
    assert implied_gaps({"june": refused}, 0.08).empty


def test_an_era_the_sample_does_not_reach_is_refused():
    """As of 1975 nothing lies after 1981, in the finding as in the grid."""
    dataset = load_dataset("bundled", "1975-12")
    late = replace(bind(CLAIM, {"era": "from_1981"}), grid={"era": ("from_1981",)})
    study = return_forecast(dataset, late, FEW)
    assert "no month" in study.finding.refusal.reason
    assert study.grid["reason"].str.contains("no month").all()
    assert study.by_horizon.empty


def test_the_claimed_gap_is_that_of_the_note_s_figures():
    """Nine less one per cent a year, over the horizon the note gives."""
    small, large, years = (figure.value for figure in CLAIM.figures)
    assert CLAIM.arguments["claimed_gap"] == pytest.approx((small - large) / 100)
    assert CLAIM.arguments["horizon"] == 12 * years
    assert CLAIM.arguments["small_claimed"] == pytest.approx(small / 100)
    assert CLAIM.arguments["large_claimed"] == pytest.approx(large / 100)


@pytest.mark.slow
def test_the_grid_gives_each_view_its_projection():
    """Views and horizons of one basis, from the same regression as the finding."""
    dataset = load_dataset("bundled", "1975-12")
    study = return_forecast(dataset, bind(CLAIM), FEW)
    first = study.grid[study.grid["leg"].eq("smb") & study.grid["predictor"].eq("gap")]
    first = first[first["era"].eq("full")]
    at = first.set_index(["basis", "horizon", "view"]).loc
    june = study.rebuilt["june"]
    for name, view in (("ols", "ols"), ("bias_corrected", "bias-corrected")):
        assert at["june", 120, name]["projection"] == june.bands[view].estimate
    assert at["june", 120, "ols"]["R²"] == june.null.estimate
    assert at["june", 60, "ols"]["R²"] != june.null.estimate
    assert 0 < study.finding.joint_p <= 1
    assert {name for name, _ in study.sides} == {"small", "large"}
    # the portfolios begin in 1963: too few windows for a band of ten years
    assert study.absolute.empty
    assert not any(study.sides.values())
    halves = replace(bind(CLAIM), grid={"leg": ("halves",), "basis": ("june",)})
    [row] = return_forecast(dataset, halves, FEW).grid.to_dict("records")
    assert "does not hold this leg" in row["reason"]


@pytest.mark.slow
def test_before_the_bank_published_there_is_no_line():
    """As of 1995 both lines are refused, no forecast is scored, and nothing fails."""
    study = return_forecast(load_dataset("bundled", "1995-12"), bind(CLAIM), FEW)
    assert not any(study.bank.lines.values())
    assert study.scores.empty
    assert not study.by_horizon.isna().any(axis=None)
    assert not study.bands.isna().any(axis=None)
