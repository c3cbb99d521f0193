"""Rates, credit and the interest burden: planted truths, arithmetic by hand, nothing from later."""

import dataclasses
import itertools
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from analysis.checks.rate_drivers import cut_months, monthly_change, quarterly_sample
from analysis.checks.rate_grids import shift_correlations
from analysis.checks.rate_regressions import Slope, fit_rises_and_falls, fit_slope
from analysis.checks.rate_sensitivity import Parameters, study
from analysis.checks.rate_sensitivity.evidence import gap_changes, slope_on_change, slope_on_dollar
from analysis.checks.rate_sensitivity.interest_burden import (
    even_ladder,
    final_hit,
    implied_gap,
    interest_burden,
    needed_floating_share,
    needed_repricing,
    repriced_within_a_year,
    summed_floating_share,
    summed_repricing,
)
from analysis.checks.rate_sensitivity.interest_evidence import observed_gap, published_inputs

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.pages.charts import interest_calculator
from analysis.pages.charts import rate_sensitivity as draw
from analysis.pages.charts.renderer import MIME_TYPE, mimebundle
from analysis.panel import Dataset, load_dataset
from analysis.results import Evidence, InputError, Refusal

CLAIMS = {k: c for k, c in load_claims().items() if c.chapter == "rate_sensitivity"}
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")
FACTS = load_dataset("bundled").facts


def planted(rate=0.0, credit=0.0, dollar=0.0, gap=0.0, beta=0.0, noise=0.01, seed=1):
    """Latest-like data in which small minus large moves with each driver by a given slope."""
    rng = np.random.default_rng(seed)
    steps = pd.DataFrame(
        rng.normal(0, 0.004, (len(MONTHS), 3)), index=MONTHS, columns=["bill", "spread", "usd"]
    )
    market = rng.normal(0.005, 0.04, len(MONTHS)) - 2 * steps["bill"]
    funds = 0.05 + steps["bill"].cumsum()
    smb = rate * steps["bill"] + credit * steps["spread"] + dollar * steps["usd"]
    smb = smb + beta * market + rng.normal(0, noise, len(MONTHS))
    frame = pd.DataFrame(
        {
            "market_excess": market,
            "market": market,
            "smb": smb,
            "bill_rate": funds,
            "fed_funds": funds,
            "gs10": 0.06 + steps["usd"].cumsum(),
            "target": funds.round(4),
            "aaa": funds,
            "baa": funds + 0.02 + steps["spread"].cumsum(),
            "dollar": 100 * np.exp(steps["usd"].cumsum()),
            "lending_standards": rng.normal(0, 0.2, len(MONTHS)),
        },
        index=MONTHS,
    )
    junes = MONTHS[MONTHS.month == 6]
    level = gap * funds.loc[junes] + rng.normal(0, 0.01, len(junes))
    valuation = pd.DataFrame({"gap_june": level, "gap_december": level + 0.1}, index=junes)
    return Dataset(frame, FACTS, "latest", MONTHS[-1], valuation=valuation, snapshot="synthetic")


def verdicts(dataset):
    """Verdict of every claim on one data set."""
    found = study(dataset, CLAIMS, Parameters(data=dataset.data)).evidence
    return {
        name: decide(claim, found.get(name), data=dataset.data, as_of=str(dataset.as_of)).verdict
        for name, claim in CLAIMS.items()
    }


@pytest.fixture(scope="module")
def bundled():
    """The study of the bundled data."""
    return study(load_dataset("bundled"), CLAIMS, Parameters())


@pytest.fixture(scope="module")
def noise():
    """The study of data without any effect."""
    return study(planted(seed=3), CLAIMS, Parameters(data="latest"))


def test_claims_that_are_true_by_construction_are_supported():
    """A planted slope of the claimed sign on every driver is found."""
    found = verdicts(planted(rate=-2, credit=-2, dollar=-2, gap=4))
    names = ("rate-sensitive", "credit-gate", "floating-debt-benefit", "dollar")
    assert {found[name] for name in (*names, "debt-sensitivity-gap")} == {"supported"}


def test_claims_that_are_false_by_construction_are_contradicted():
    """A planted slope of the other sign is told apart too."""
    found = verdicts(planted(rate=2, credit=2, dollar=2, gap=-4))
    names = ("rate-sensitive", "credit-gate", "floating-debt-benefit", "dollar")
    assert {found[name] for name in (*names, "debt-sensitivity-gap")} == {"contradicted"}


def test_a_slope_that_is_only_the_markets_is_uninformative():
    """Small caps that merely swing with a rate-shy market say nothing about debt."""
    dataset, claim = planted(rate=0.08, beta=0.5, noise=0.001), CLAIMS["rate-sensitive"]
    settings, no_grid = Parameters(data="latest"), pd.DataFrame({"reason": [], "slope": []})
    none = Refusal("not joined")
    found = slope_on_change(dataset, claim, settings, "bill_rate", no_grid, none)
    verdict = decide(claim, found, data="latest", as_of="2025-12").verdict
    assert verdict == "true but uninformative"


def test_without_any_effect_nothing_is_supported(noise):
    """Noise is not evidence; what cannot be told apart says how small an effect could be."""
    names = ("rate-sensitive", "credit-gate", "floating-debt-benefit", "dollar")
    found = noise.evidence
    for name in (*names, "debt-sensitivity-gap"):
        verdict = decide(CLAIMS[name], found[name], data="latest", as_of="2025-12")
        assert verdict.verdict == "not distinguishable", name
        assert found[name].mde > 0 and found[name].more_needed


def test_every_measure_of_every_criterion_is_there(noise):
    """No criterion asks for a number that the evidence lacks, and none is NaN."""
    found = noise.evidence
    for name, claim in CLAIMS.items():
        if not claim.untestable:
            assert isinstance(found[name], Evidence), name
            assert claim.criterion.measures() <= set(found[name].measures), name
            assert all(math.isfinite(value) for value in found[name].measures.values()), name


def test_a_slope_agrees_with_statsmodels():
    """Coefficient, error, interval and p-value are those of statsmodels' HAC with t intervals."""
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.standard_t(4, (300, 3)), columns=["spread", "driver", "market"])
    frame.index = MONTHS[:300]
    frame["spread"] += 0.4 * frame["driver"] * frame["market"].abs()
    ours = fit_slope(frame, lags=6, market=True)
    fit = sm.OLS(frame["spread"], sm.add_constant(frame[["driver", "market"]])).fit(
        cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": True}, use_t=True
    )
    theirs = [fit.params["driver"], fit.bse["driver"], *fit.conf_int().loc["driver"]]
    np.testing.assert_allclose([ours.slope, ours.error, ours.low, ours.high], theirs, rtol=1e-10)
    assert ours.p_value == pytest.approx(fit.pvalues["driver"], rel=1e-9)


def test_rises_and_falls_agree_with_statsmodels():
    """Two slopes and the test of their equality are those of the regression on both parts."""
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=["spread", "driver", "market"])
    frame.index = MONTHS[:200]
    ours = fit_rises_and_falls(frame, lags=3)
    parts = np.column_stack([frame["driver"].clip(lower=0), frame["driver"].clip(upper=0)])
    fit = sm.OLS(frame["spread"].to_numpy(), sm.add_constant(parts)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    assert [ours.rises.slope, ours.falls.slope] == pytest.approx(fit.params[1:])
    assert ours.p_equal == pytest.approx(float(np.squeeze(fit.t_test([0, 1, -1]).pvalue)))


def test_too_little_data_is_refused_and_missing_values_are_an_error():
    """Sixty months are the least; a driver that never moves has no slope."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 3)), index=MONTHS[:80])
    frame.columns = ["spread", "driver", "market"]
    assert isinstance(fit_slope(frame[:59], lags=6), Refusal)
    assert isinstance(fit_slope(frame[:60], lags=6), Slope)
    assert "never moves" in fit_slope(frame.assign(driver=1.0), lags=6).reason
    with pytest.raises(InputError, match="missing values"):
        fit_slope(frame.mask(frame > 2), lags=6)


def test_a_month_counts_as_a_cut_from_the_bound_on():
    """A fall of exactly ten points counts though its decimals do not add up, a smaller not."""
    levels = pd.DataFrame({"bill_rate": [0.051, 0.050, 0.0491, 0.06]}, index=MONTHS[:4])
    flags = cut_months(monthly_change(levels, "bill_rate"), 0.001)
    assert math.isnan(flags.iloc[0])
    assert flags.iloc[1:].tolist() == [1, 0, 0]


def test_changes_of_spread_and_dollar_by_hand():
    """The credit spread is BAA less AAA; the dollar changes in logs."""
    levels = {"baa": [0.05, 0.07], "aaa": [0.04, 0.05], "dollar": [100.0, 101.0]}
    frame = pd.DataFrame(levels, index=MONTHS[:2])
    assert monthly_change(frame, "baa_aaa").iloc[1] == pytest.approx(0.01)
    assert monthly_change(frame, "dollar").iloc[1] == pytest.approx(math.log(1.01))


def test_a_quarters_survey_stands_beside_the_sum_of_its_months():
    """Returns add up over complete quarters, standards are those known at the quarter's end."""
    months = pd.period_range("2000-01", "2000-08", freq="M")
    returns = pd.DataFrame({"spread": np.arange(8.0), "market": 1.0}, index=months)
    made = quarterly_sample(returns, pd.Series(np.arange(8.0) / 10, index=months))
    assert made["spread"].tolist() == [3, 12]
    assert made["driver"].tolist() == pytest.approx([0.2, 0.5])


def test_shifted_correlations_agree_with_a_loop():
    """The Fourier transform gives what turning the driver month by month gives."""
    rng = np.random.default_rng(7)
    driver, era = rng.normal(size=40), np.arange(40) >= 15
    freed = np.zeros(40)
    freed[era] = rng.normal(size=25)
    freed[era] -= freed[era].mean()
    loop = [np.corrcoef(freed[era], np.roll(driver, s)[era])[0, 1] for s in range(40)]
    np.testing.assert_allclose(shift_correlations(freed, driver, era), loop, atol=1e-12)


def test_gap_changes_run_from_june_to_june():
    """Both the gap and the rate are differenced over the same twelve months; a hole is no year."""
    dataset = planted(gap=1)
    holed = dataclasses.replace(dataset, valuation=dataset.valuation.drop(pd.Period("1980-06")))
    rate = dataset.monthly["fed_funds"]
    changes = gap_changes(holed)
    assert changes.loc["1979-06", "fed_funds"] == pytest.approx(rate["1979-06"] - rate["1978-06"])
    assert pd.Period("1981-06", "M") not in changes.index
    assert gap_changes(load_dataset("bundled")).empty


def test_a_burden_by_hand():
    """Debt of 4 times, a quarter floating, rates up 2 then 1 points, a third of the rest due."""
    burden = interest_burden(4, 0.25, [1 / 3, 1 / 3], [0.02, 0.01], 2)
    assert burden.yearly == pytest.approx([4 * (0.005 + 0.005), 4 * (0.0025 + 0.005 + 0.0025)])
    assert burden.repriced == pytest.approx([0.5, 0.75])
    assert burden.cumulative == pytest.approx([0.04, 0.08])
    assert (burden.last_year, burden.average) == pytest.approx((0.04, 0.04))


@pytest.mark.parametrize("ladder", [[0.5, 0.1], [0.0, 0.6], [0.2, 0.2, 0.2]])
def test_the_last_year_does_not_depend_on_the_order_of_maturities(ladder):
    """With a constant gap only what has matured by then counts: the registered formula."""
    burden = interest_burden(5, 0.4, ladder, [0.03] * 3, 3)
    assert burden.last_year == pytest.approx(final_hit(5, 0.03, 0.4, 0.6))
    assert burden.last_year == pytest.approx(5 * 0.03 * (0.4 + 0.6 * 0.6))


def test_repricing_and_its_inverse_agree():
    """The floating share that gives a repriced share gives it back, in one year and added up."""
    for floating, maturing in itertools.product((0.0, 0.3, 1.0), (0.0, 0.5, 0.9)):
        repriced = floating + (1 - floating) * maturing
        assert needed_floating_share(repriced, maturing) == pytest.approx(floating)
        total = summed_repricing(floating, maturing, 5)
        years = interest_burden(1, floating, even_ladder(maturing, 5), [1.0] * 5, 5)
        assert total == pytest.approx(years.repriced.sum())
        assert summed_floating_share(total, maturing, 5) == pytest.approx(floating)
    assert needed_floating_share(1.2, 0.5) is None
    assert needed_floating_share(0.2, 0.5) is None


def test_the_identity_of_the_two_quoted_figures():
    """32 over 2 are sixteen steps of a quarter point: four points, and eight times repriced."""
    assert implied_gap(0.32, 0.02) == pytest.approx(0.04)
    assert needed_repricing(0.32, 8, 0.04) == pytest.approx(1.0)
    with pytest.raises(InputError, match="hit_per_step"):
        implied_gap(0.32, 0)


def test_a_year_reprices_one_over_twice_the_duration():
    """Loans of two years' duration reprice a quarter a year, very short debt all of it."""
    assert repriced_within_a_year(2) == 0.25
    assert repriced_within_a_year(0.1) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"floating_share": 1.2}, "floating_share"),
        ({"maturities": [0.7, 0.7]}, "maturities add up"),
        ({"maturities": [-0.1]}, "maturities"),
        ({"rate_path": [0.01]}, "rate_path"),
        ({"horizon": 0}, "horizon"),
        ({"debt_to_earnings": float("nan")}, "debt_to_earnings"),
    ],
)
def test_an_impossible_debt_structure_is_refused_by_name(change, named):
    """Shares above one, negative maturities or too short a path cannot be priced."""
    good = {
        "debt_to_earnings": 4,
        "floating_share": 0.4,
        "maturities": [0.2, 0.2],
        "rate_path": [0.01, 0.01],
        "horizon": 2,
    }
    with pytest.raises(InputError, match=named):
        interest_burden(**(good | change))


def test_the_range_of_the_burden_by_hand(bundled):
    """The ends follow from the registered inputs; the verdict is that almost anything fits."""
    found = bundled.evidence["interest-32"].measures
    assert found["hit_lowest"] == pytest.approx(3.5 * 0.02 * (0.33 + 0.67 * 0.65))
    assert found["hit_highest"] == pytest.approx(7 * 0.0525 * (0.51 + 0.49 * 0.85))
    assert found["hit_ratio"] == pytest.approx(found["hit_highest"] / found["hit_lowest"])


def test_registered_ranges_are_those_of_the_published_facts(bundled):
    """Floating share, debt due and leverage in the criterion stand in the table of facts."""
    primary, inputs = CLAIMS["interest-32"].primary, bundled.inputs.groupby("input")
    low, high = inputs["low"].min(), inputs["high"].max()
    floating = "share of debt at floating rates"
    assert (low[floating], high[floating]) == (
        100 * primary["floating_low"],
        100 * primary["floating_high"],
    )
    assert low["share of debt due by 2029"] == pytest.approx(
        50 * (primary["maturing_low"] + primary["maturing_high"])
    )
    assert low.iloc[0] == primary["leverage_low"]


def test_undated_figures_are_not_inputs():
    """A forum post without a date or source does not widen the range."""
    providers = set(published_inputs(FACTS["interest_burden"])["provider"])
    assert "forum post" not in providers and "Goldman Sachs" in providers


def test_the_observed_gap_by_hand():
    """A rate of 1% for five years and of 5% in September 2025 fits the implied four points."""
    dataset = planted()
    funds = pd.Series(0.01, index=MONTHS).mask(MONTHS.year * 100 + MONTHS.month >= 202203, 0.05)
    high = dataclasses.replace(dataset, monthly=dataset.monthly.assign(fed_funds=funds))
    flat = dataclasses.replace(dataset, monthly=dataset.monthly.assign(fed_funds=0.01))
    claim = CLAIMS["interest-2pp"]
    found = [observed_gap(dataset, claim, 0.32) for dataset in (high, flat)]
    assert found[0].measures == pytest.approx({"observed_gap": 0.04, "implied_gap": 0.04})
    judged = [decide(claim, one, data="latest", as_of="2025-12").verdict for one in found]
    assert judged == ["supported", "inconsistent"]


def test_the_bundled_data_name_what_is_missing(bundled):
    """A claim that needs the latest data is refused with that reason, not silently."""
    for name in ("interest-2pp", "debt-sensitivity-gap", "dollar"):
        refused = bundled.evidence[name]
        assert isinstance(refused, Refusal) and refused.needs == "latest"
        assert "needs the latest data: the" in refused.reason


def test_latest_data_without_the_dollar_say_so():
    """The dollar is an optional source; without it there is a reason."""
    dataset = planted()
    without = dataclasses.replace(dataset, monthly=dataset.monthly.drop(columns="dollar"))
    empty = pd.DataFrame()
    refused = slope_on_dollar(without, CLAIMS["dollar"], Parameters(data="latest"), empty)
    assert "column dollar" in refused.reason and refused.needs is None


@pytest.mark.parametrize("as_of", ["1955-01", "1995-12", "2007-12"])
def test_every_claim_has_an_answer_at_earlier_dates(as_of):
    """Evidence without NaN, or a refusal with its reason."""
    found = study(load_dataset("bundled", as_of), CLAIMS, Parameters(as_of=as_of))
    for outcome in found.evidence.values():
        assert isinstance(outcome, Refusal) or math.isfinite(outcome.estimate)


def test_charts_without_data_say_so():
    """Before any regression can be run the charts give the reason in words."""
    found = study(load_dataset("bundled", "1931-06"), CLAIMS, Parameters(as_of="1931-06"))
    words = [mimebundle(chart.to_dict(validate=False))["text/plain"] for chart in _charts(found)]
    assert sum(text.startswith("No chart: ") for text in words) == 4


def test_nothing_after_as_of_is_seen():
    """Wild values after the month change neither evidence nor tables."""
    dataset = planted(rate=-1)
    end = pd.Period("1999-12", "M")
    wild = dataset.monthly.copy()
    wild.loc[end + 1 :] = 7.0
    runs = [
        study(
            dataclasses.replace(
                dataset,
                monthly=frame.loc[:end],
                as_of=end,
                valuation=dataset.valuation.loc[:end],
            ),
            CLAIMS,
            Parameters(data="latest"),
        )
        for frame in (dataset.monthly, wild)
    ]
    assert runs[0].evidence == runs[1].evidence
    pd.testing.assert_frame_equal(runs[0].slopes, runs[1].slopes)


def _charts(found):
    drawn = [draw.slopes(found), draw.asymmetry(found), draw.ranges(found)]
    drawn += [draw.specifications(found, "rate-sensitive"), draw.gap_and_rate(found)]
    return [*drawn, interest_calculator.calculator(found)]


def test_every_chart_speaks_and_stays_small(bundled):
    """Each chart has a description, and all together weigh little."""
    made = [mimebundle(chart.to_dict()) for chart in _charts(bundled)]
    assert all(bundle["text/plain"] for bundle in made)
    assert sum(len(json.dumps(bundle[MIME_TYPE])) for bundle in made) < 100_000


def test_the_sliders_arithmetic_is_that_of_the_calculator():
    """On a grid of slider values the Vega expressions and the Python function agree."""
    years = 5
    yearly = [interest_calculator.hit_expression(str(t), years) for t in range(1, years + 1)]
    summed, step = (
        interest_calculator.sum_expression(years),
        interest_calculator.step_expression(years),
    )
    assert re.fullmatch(r"[a-z0-9 .+*/()-]+", "".join([*yearly, summed, step]))
    grid = itertools.product((0, 3.5, 12), (0, 42, 100), (0, 75, 100), (0, 3.625), (0, 4))
    for debt, floating, maturing, gap, cuts in grid:
        values = dict(debt=debt, floating=floating, maturing=maturing, gap=gap, cuts=cuts)
        ladder = even_ladder(maturing / 100, years)

        def burden(steps, debt=debt, floating=floating, gap=gap, ladder=ladder):
            path = [gap / 100 - 0.0025 * steps] * years
            return interest_burden(debt, floating / 100, ladder, path, years)

        ours, fewer = burden(cuts), burden(cuts + 1)
        assert [_value(text, values) for text in yearly] == pytest.approx(ours.yearly)
        assert _value(summed, values) == pytest.approx(ours.cumulative[-1])
        assert _value(step, values) == pytest.approx(ours.last_year - fewer.last_year)


def _value(expression, values):
    return eval(expression, {"__builtins__": {}}, values)


@pytest.mark.parametrize("chosen", [(5.25, 42, 75, 3.625, 0), (8, 100, 0, 5, 4)])
def test_vega_draws_what_python_computes(bundled, chosen):
    """Drawn by Vega itself, the chart shows the calculator's numbers and what they meet."""
    import vl_convert

    spec = interest_calculator.calculator(bundled).to_dict()
    for param, value in zip(spec["params"], chosen, strict=True):
        param["value"] = value
    text = re.sub(r"<[^>]+>", "\n", vl_convert.vegalite_to_svg(json.dumps(spec)))
    debt, floating, maturing, gap, cuts = chosen
    ladder, rate = even_ladder(maturing / 100, 5), gap / 100 - 0.0025 * cuts
    burden = interest_burden(debt, floating / 100, ladder, [rate] * 5, 5)
    relief = debt * burden.repriced[-1] * 0.25
    assert f"Year 5: {burden.last_year:.1%} of operating earnings" in text
    assert f"Each 25bp: {relief:.2f} points" in text
    assert f"All 5 years added up: {burden.cumulative[-1]:.0%} of one year" in text
    reached = "reached" if burden.last_year >= 0.32 - 1e-12 else "not reached"
    assert f"32% quoted (dashed): {reached}" in text
    met = "met" if 1.5 <= relief <= 2.5 else "not met"
    assert f"About 2 points quoted: {met}" in text
    assert all(f"{hit:.1%}" in text for hit in burden.yearly)
