"""The forecast rebuilt: planted predictability found, the criterion's words by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.return_forecast import finding_of, return_forecast
from analysis.designs.return_forecast.absolute import (
    absolute_bands,
    absolute_table,
    excluded,
    inflation,
    side_returns,
)
from analysis.designs.return_forecast.projections import (
    band_table,
    implied_gaps,
    r_squared_by_horizon,
)
from analysis.designs.return_forecast.reconstruction import (
    Reconstruction,
    detectable,
    more_windows,
    reconstruct,
    spreads,
)
from analysis.inference.joint_histories import Window, joint_regressions
from analysis.inference.null_r_squared import null_r_squared
from analysis.panel import Dataset, load_dataset
from analysis.panel.gaps import GapSample, gap_sample

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


def test_every_field_of_a_finding_is_that_of_the_basis_that_decides(planted, idle):
    """Interval, windows, months and null of the higher p-value; of each measure the worse one."""
    found, worst = judged({"june": planted, "december": idle}), idle
    assert worst.projection_p(0.04) > planted.projection_p(0.04)
    assert found.estimate == worst.band.estimate
    ends = worst.band.quantile([0.025, 0.975])
    assert (found.ci_low, found.ci_high) == tuple(float(end) for end in ends)
    assert (found.n, found.effective_n) == (worst.null.n, worst.null.effective_n)
    assert (found.sample_start, found.sample_end) == ("1940-01", "2014-12")
    assert found.mde == pytest.approx(float(detectable(*spreads(worst))))
    measures = found.measures
    assert measures["projection_p"] == found.p_value
    assert measures["chance_of_claim"] == worst.band.probability(0.08)
    null = worst.null
    given = [measures[f"r_squared{end}"] for end in ("", "_null_median", "_null_95")]
    assert given == [null.estimate, null.median, null.percentile_95]
    assert "over 2 years" in found.finding and f"{worst.band.estimate:+.1%} a year" in found.finding
    assert f"It rests on {int(null.effective_n)} separate windows" in found.finding
    for model in (planted, idle):
        side = "outside" if model.band.outside_sample else "inside"
        said = judged({"june": model}).finding
        assert f"{model.band.predictor_z:+.1f} standard deviations from its mean, {side}" in said


def test_spreads_of_a_window_and_of_the_line_by_hand(planted):
    """The line's variance is that of mean and slope; a window's is what the draws have beyond."""
    null, band = planted.null, planted.band
    away = planted.gap.iloc[-1] - planted.gap.iloc[:-24].mean()
    errors = null.mean_draws + (null.slope_draws - null.slope_draws.mean()) * away
    of_line = errors.std() / 2
    assert spreads(planted) == pytest.approx((np.sqrt(band.draws.var() - of_line**2), of_line))
    narrow = replace(planted, bands={v: replace(b, draws=0.0 * b.draws) for v, b in
                                     planted.bands.items()})  # fmt: skip
    assert spreads(narrow) == pytest.approx((0.0, of_line))


def test_windows_are_counted_until_the_claim_is_seen(planted):
    """None where it is seen already, the first number that suffices, or no number at all."""
    of_window, of_line = spreads(planted)
    windows, unit = planted.null.effective_n, 2.8015852
    seen = unit * np.hypot(of_window, of_line)
    assert more_windows(planted, seen + 1e-6).startswith("none: ")
    never = unit * of_window
    assert more_windows(planted, never) == (
        f"no number of windows: what a single one leaves unexplained, {of_window:.1%} a year,"
        f" hides {never:.0%}"
    )
    claimed = unit * np.hypot(of_window, of_line * np.sqrt(windows / (windows + 6.5)))
    assert more_windows(planted, claimed).startswith("7 more windows of 2 years before")


def test_sides_are_judged_by_themselves_and_told_in_words(planted, idle):
    """The outer ends of both bases beside each forecast; a refused side is left out."""
    sides = {("small", "june"): planted, ("small", "december"): idle}
    low = min(planted.band_low, idle.band_low)
    high = max(planted.band_high, idle.band_high)
    said = judged({"june": planted}, sides=sides).finding
    words = f"small caps {low:+.1%} to {high:+.1%} (forecast 9%). It rests"
    assert f"Bands of the returns themselves: {words}" in said
    assert "large caps 0" not in said
    refused = Reconstruction.refused("too short")
    both = sides | {("large", "june"): refused}
    assert judged({"june": planted}, sides=both).finding == said
    assert "Bands of" not in judged({"june": planted}, sides={("small", "june"): refused}).finding
    assert not excluded({("small", "june"): refused}, "small", 9.0, 0.9)


def test_the_table_of_sides_by_hand(planted):
    """Quantiles of each band; forecast and chance of less stand beside nominal returns alone."""
    bands = {("small", "june"): planted, ("large", "june"): Reconstruction.refused("too short")}
    table = absolute_table({"nominal": bands, "real": bands}, {"small": 0.09, "large": 0.01})
    assert table["return"].tolist() == ["small caps, nominal", "small caps, real"]
    assert table["basis"].tolist() == ["june", "june"]
    ends = np.quantile(planted.band.draws, [0.05, 0.5, 0.95])
    for row in table[["5%", "median", "95%"]].to_numpy():
        assert row == pytest.approx(ends)
    assert table["forecast"].tolist() == pytest.approx([0.09, np.nan], nan_ok=True)
    less = 1 - planted.band.probability(0.09)
    assert table["chance of less"].tolist() == pytest.approx([less, np.nan], nan_ok=True)
    assert list(absolute_table({}, {}).columns) == list(table.columns)


def test_sides_of_a_data_set_are_regressed_on_its_gap():
    """Each side's mean of three groups on each basis; the gap where there are returns."""
    made = sample(0.05)
    months = made.spread.index
    groups = {f"s{size}v{value}": made.spread * size + value / 100 for size in (1, 5)
              for value in (1, 3, 5)}  # fmt: skip
    monthly = pd.DataFrame(groups, index=months)
    monthly.iloc[:60, 0] = np.nan
    refused = GapSample.refused("no gap")
    found = absolute_bands(
        monthly, {"june": made, "december": refused}, 24, "ols", 0.9, FEW, "nominal"
    )
    assert list(found) == [("small", "june"), ("large", "june")]
    small = found["small", "june"]
    assert small.gap.index[0] == months[60] and found["large", "june"].gap.index[0] == months[0]
    alone = GapSample((made.spread + 0.03)[60:], made.gap[60:])
    twin = reconstruct(alone, 24, "ols", 0.9, FEW)
    assert small.band.estimate == pytest.approx(twin.band.estimate)
    assert (small.level, small.view) == (0.9, "ols")
    assert absolute_bands(monthly, {"june": made}, 24, "ols", 0.9, FEW, "real") == {}


def test_prices_of_a_month_that_was_not_published_are_shared_out():
    """The growth over two months is halved; nothing is made up before or after the index."""
    months = pd.period_range("2000-01", periods=5, freq="M")
    growth = inflation(pd.Series([np.nan, 100.0, np.nan, 121.0, np.nan], index=months))
    assert growth.tolist() == pytest.approx(
        [np.nan, np.nan, np.log(1.1), np.log(1.1), np.nan], nan_ok=True
    )


def test_tables_of_bands_and_of_r_squared_by_hand(planted):
    """Every view of every basis, and every horizon that has three windows and two years."""
    table = band_table({"june": planted}, 0.08).set_index("view")
    assert set(table.index) == set(planted.bands) and (table["basis"] == "june").all()
    for view, band in planted.bands.items():
        row = table.loc[view]
        assert row[["5%", "median", "95%"]].tolist() == pytest.approx(
            np.quantile(band.draws, [0.05, 0.5, 0.95])
        )
        assert row["share at or above the claim"] == band.probability(0.08)
    whole = sample(0.05)
    length = 3 * 24 + 24
    for months, horizons in ((length + 1, [1, 12, 24]), (length, [1, 12])):
        short = GapSample(whole.spread[:months], whole.gap[:months])
        rows = r_squared_by_horizon({"june": short}, FEW)
        assert rows["months"].tolist() == horizons
        null = null_r_squared(short.returns, short.gap, 12, FEW.draws, FEW.seed)
        told = rows.set_index("months").loc[12]
        assert told["R²"] == pytest.approx(null.estimate)
        assert told["windows"] == null.effective_n
        assert [told["null median"], told["null 95%"], told["p"]] == pytest.approx(
            [null.median, null.percentile_95, null.p_value]
        )


def test_the_gap_the_claim_needs_beside_the_widest_there_was(planted):
    """The gap now and the widest; a slope of zero or below needs none."""
    table = implied_gaps({"june": planted}, 0.08)
    assert table["gap now"].tolist() == [planted.gap.iloc[-1]] * len(table)
    assert table["widest gap in the sample"].tolist() == [planted.gap.max()] * len(table)
    assert table["basis"].eq("june").all()
    flat = {v: replace(b, slope=0.0) for v, b in planted.bands.items()}
    assert implied_gaps({"june": replace(planted, bands=flat)}, 0.08).empty


def test_the_expected_lead_has_the_error_of_the_line_alone(planted):
    """The share of the line's errors that reach the projection less the bound, over two years."""
    null, band = planted.null, planted.band
    away = planted.gap.iloc[-1] - planted.gap.iloc[:-24].mean()
    errors = null.mean_draws + (null.slope_draws - null.slope_draws.mean()) * away
    least = band.estimate - 0.5 * errors.std()
    reached = (1 + (errors >= (band.estimate - least) * 2 - 1e-12).sum()) / (1 + len(errors))
    assert planted.projection_p(least) == pytest.approx(reached, abs=1e-9)
    assert 0.05 < reached < 0.6
    level = replace(planted, view="no_predictability")
    reached = (1 + (null.mean_draws >= (level.band.estimate - least) * 2).sum()) / 201
    assert level.projection_p(least) == pytest.approx(reached, abs=1e-9)
    assert planted.excess == null.estimate - null.percentile_95
    assert planted.p_value == null.p_value


def made_dataset() -> Dataset:
    """Small minus large by month, and a gap of each June on two bases, from 1930 to 2004."""
    made, months = sample(0.02), pd.period_range("1930-01", periods=LONG, freq="M", name="month")
    path = pd.Series(made.gap.to_numpy(), months)
    junes = path[path.index.month == 6].rename_axis("june")
    valuation = pd.DataFrame({"gap_june": junes, "gap_december": junes.shift(1).fillna(0.0)})
    monthly = pd.DataFrame({"smb": made.spread.to_numpy()}, months)
    return Dataset(monthly, {}, "bundled", months[-1], valuation=valuation)


def test_the_grid_and_its_joint_p_are_the_regressions_of_every_sample():
    """Each row is rebuilt on its own gap and era, under its view; one p-value of all regressions
    that have three windows."""
    dataset, few = made_dataset(), Sampling(40, 3)
    axes = {"leg": ("smb", "halves"), "predictor": ("gap", "past_return"),
            "basis": ("december",), "era": ("full", "from_1992"), "horizon": (24, 60),
            "view": ("ols", "no_predictability")}  # fmt: skip
    study = return_forecast(dataset, replace(bind(CLAIM, {"horizon": 24}), grid=axes), few)
    grid = study.grid.set_index(list(axes))
    assert len(grid) == 2**5
    assert grid.loc["halves"]["reason"].eq("the data set does not hold this leg").all()
    pairs, windows = {}, []
    for predictor, era in itertools.product(("gap", "past_return"), ("full", "from_1992")):
        one = gap_sample(dataset, "smb", predictor, "december", era)
        for horizon, view in itertools.product((24, 60), ("ols", "no_predictability")):
            row = grid.loc[("smb", predictor, "december", era, horizon, view)]
            model = reconstruct(one, horizon, view, 0.9, few, (24, 60))
            if not model:
                assert row["reason"] == model.refusal.reason and "windows" in row["reason"]
                continue
            null, band = model.null, model.band
            ends = [band.estimate, model.band_low, model.band_high]
            told = [*ends, band.probability(0.08), null.estimate, null.percentile_95, ""]
            assert row.tolist() == pytest.approx(told)
        name, whole = predictor, gap_sample(dataset, "smb", predictor, "december", "full")
        pairs[name] = (whole.returns, whole.gap)
        first = 0 if era == "full" else whole.gap.index.get_loc(pd.Period("1992-07", "M"))
        for horizon in (24, 60):
            if len(whole.gap) - first >= 3 * horizon:
                windows.append(Window(name, np.arange(first, len(whole.gap) - horizon), horizon))
    assert len(windows) == 6
    joint = joint_regressions(pairs, windows, 40, 3)
    assert study.finding.joint_p == pytest.approx(joint.p_value)
    assert 0 < joint.p_value < 1
    arguments = {"horizon": 24, "basis": "june"}
    bare = return_forecast(dataset, replace(bind(CLAIM, arguments), grid={}), few)
    assert bare.finding.joint_p is None and bare.grid.empty


def test_a_row_of_the_grid_takes_no_more_than_499_draws():
    """Of 600 the finding takes all; the rows have those of 499."""
    dataset, arguments = made_dataset(), {"horizon": 24, "basis": "june"}
    axes = {"basis": ("june",), "horizon": (24,), "view": ("bias_corrected",)}
    bound = replace(bind(CLAIM, arguments), grid=axes)
    study = return_forecast(dataset, bound, Sampling(600, 1))
    [row] = study.grid.to_dict("records")
    assert len(study.rebuilt["june"].null.slope_draws) == 600
    one = gap_sample(dataset, "smb", "gap", "june", "full")
    few = reconstruct(one, 24, "bias_corrected", 0.9, Sampling(499, 1), (24,))
    assert row["projection"] == pytest.approx(few.band.estimate)
    assert row["projection"] != study.rebuilt["june"].band.estimate
