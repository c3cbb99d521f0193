"""Exposure to rates, the dollar and breadth: planted truths, months that match, refusals."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset
from analysis.panel.drivers import driver_series
from analysis.results import InputError

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.design == "exposure"}
RATES, DOLLAR, BREADTH = "rate-sensitive", "dollar", "breadth-helps-small"
JUDGED = (RATES, DOLLAR)
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")


def planted(rate=0.0, dollar=0.0, beta=0.0, noise=0.01, seed=1):
    """Latest-like data in which small minus large moves with each driver by a given slope.

    The short rate moves in its month; the bill of a month shows the rate of the month before.
    """
    rng = np.random.default_rng(seed)
    steps = pd.DataFrame(
        rng.normal(0, 0.004, (len(MONTHS), 3)), index=MONTHS, columns=["short", "long", "usd"]
    )
    market = rng.normal(0.005, 0.04, len(MONTHS)) - 2 * steps["short"]
    short = 0.05 + steps["short"].cumsum()
    smb = rate * steps["short"] + dollar * steps["usd"]
    smb = smb + beta * market + rng.normal(0, noise, len(MONTHS))
    frame = pd.DataFrame(
        {
            "market_excess": market,
            "market": market,
            "smb": smb,
            "bill_rate": short.shift(1, fill_value=0.05),
            "fed_funds": short,
            "target": (short / 0.0025).round() * 0.0025,
            "gs10": 0.06 + steps["long"].cumsum(),
            "broad_dollar": 100 * np.exp(steps["usd"].cumsum()),
        },
        index=MONTHS,
    )
    return Dataset(frame, {}, "latest", MONTHS[-1], snapshot="synthetic")


def spreading(truth=True, count=400, seed=3):
    """Data in which small gains, or loses, when more industries beat the market."""
    rng = np.random.default_rng(seed)
    market, shared = rng.normal(0.008, 0.04, count), rng.normal(0.0, 0.02, count)
    smb = (1.0 if truth else -1.0) * shared + rng.normal(0, 0.01, count)
    columns = {"market": market, "market_excess": market - 0.002, "smb": smb}
    for number in range(12):
        columns[f"ind_{number}"] = market + shared + rng.normal(0, 0.02, count)
    for size, value in np.ndindex(3, 3):
        tilt = smb if size == 0 else 0.0
        name = f"s{2 * size + 1}v{2 * value + 1}"
        columns[name] = market + tilt + rng.normal(0, 0.025, count)
    months = pd.period_range("1950-01", periods=count, freq="M", name="month")
    return Dataset(pd.DataFrame(columns, index=months), {}, "bundled", months[-1])


def study_of(claim, dataset, **changes):
    """A claim's study with some arguments changed."""
    bound = bind(CLAIMS[claim], changes)
    return find_design("exposure")(dataset, bound, Sampling(1, 1))


def verdict_on(claim, dataset, **changes):
    """Verdict on one claim from one data set."""
    found = study_of(claim, dataset, **changes).finding
    return decide(CLAIMS[claim], found, data=dataset.data, as_of=str(dataset.as_of)).verdict


def cut(dataset, month):
    """The same data up to a month."""
    end = pd.Period(month, "M")
    return dataclasses.replace(dataset, monthly=dataset.monthly.loc[:end], as_of=end)


@pytest.mark.parametrize(("slope", "verdict"), [(-2, "supported"), (2, "contradicted")])
def test_a_planted_slope_on_rates_is_found_whatever_its_sign(slope, verdict):
    """A slope of the claimed sign supports the claim, one of the other sign contradicts it."""
    assert verdict_on(RATES, planted(rate=slope)) == verdict


@pytest.mark.parametrize("slope", [-2, 2])
def test_the_dollar_may_matter_either_way(slope):
    """The note gives no direction, so either sign supports it, and the sentence says which."""
    dataset = planted(dollar=slope)
    assert verdict_on(DOLLAR, dataset) == "supported"
    words = {-2: "did worse than large caps when the dollar rose", 2: "did better than large caps"}
    assert words[slope] in study_of(DOLLAR, dataset).finding.finding


def test_a_dollar_that_cannot_matter_contradicts():
    """Where the whole interval is below a tenth, 10% of the dollar come with less than a point.

    A slope beyond chance but that small is no support either.
    """
    still, tiny = planted(noise=0.001, seed=3), planted(dollar=0.05, noise=0.001)
    assert study_of(DOLLAR, still).finding.measures["slope_largest"] < 0.1
    assert verdict_on(DOLLAR, still) == "contradicted"
    found = study_of(DOLLAR, tiny).finding
    assert found.p_value < 0.05
    assert found.measures["slope_largest"] == max(abs(found.ci_low), abs(found.ci_high))
    assert found.measures["slope_largest"] > abs(found.estimate) > min(abs(found.ci_low), 0.1)
    assert verdict_on(DOLLAR, tiny) == "contradicted"


def test_without_any_effect_nothing_is_supported():
    """Noise is not evidence; what cannot be told apart says how small an effect could be."""
    dataset = planted(seed=2, noise=0.03)
    for claim in JUDGED:
        found = study_of(claim, dataset).finding
        judged = decide(CLAIMS[claim], found, data="latest", as_of="2025-12")
        assert judged.verdict == "not distinguishable", claim
        assert found.mde == pytest.approx(
            2.8016 * (found.ci_high - found.ci_low) / 2 / 1.9628, 1e-3
        )
        assert found.more_needed and found.usable_in_time is None


@pytest.mark.slow
def test_noise_supports_one_time_in_forty():
    """Two-sided at 5%, and only one side is claimed: over many histories 2.5% are supported."""
    verdicts, bound = [], dataclasses.replace(bind(CLAIMS[RATES]), grid={})
    for seed in range(1000, 1300):
        found = find_design("exposure")(planted(seed=seed), bound, Sampling(1, 1)).finding
        verdicts.append(decide(CLAIMS[RATES], found, data="latest", as_of="2025-12").verdict)
    assert verdicts.count("supported") / 300 < 0.05
    assert verdicts.count("contradicted") / 300 < 0.05


def test_breadth_is_context_and_never_a_verdict():
    """Whatever returns show, the note speaks of earnings: untestable openly, with the finding."""
    for truth in (True, False):
        dataset = spreading(truth)
        found = study_of(BREADTH, dataset).finding
        judged = decide(CLAIMS[BREADTH], found, data="bundled", as_of="1983-04")
        assert judged.verdict == "untestable openly" and judged.evidence == found
        assert np.sign(found.estimate) == (1 if truth else -1)
        assert found.measures["portfolio_slope"] > 0


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_measure_of_the_criterion_is_given(claim):
    """No criterion asks for a number that the finding lacks, and none is NaN."""
    dataset = spreading() if claim == BREADTH else moved_by("inflation", 0.0)
    measures = study_of(claim, dataset).finding.measures
    assert CLAIMS[claim].criterion.measures() <= set(measures)
    assert all(math.isfinite(value) for value in measures.values())


def test_the_bill_moves_in_the_month_before_it_is_earned():
    """The driver of a month is the rate the next month's bill shows less that of its own bill."""
    dataset = planted(rate=-2, noise=0.001)
    bill = dataset.monthly["bill_rate"]
    series = driver_series(dataset, "bill_rate")
    assert series["1990-05"] == pytest.approx(bill["1990-06"] - bill["1990-05"])
    assert math.isnan(series.iloc[-1])
    found = study_of(RATES, dataset).finding
    assert found.estimate == pytest.approx(-2, abs=0.05)
    assert found.sample_end == "2025-11"
    # set against the month before, as the bill is dated, there is nothing
    late = study_of(RATES, dataset, lag=1).finding
    assert abs(late.estimate) < 0.2 and "lag = 1" in bind(CLAIMS[RATES], {"lag": 1}).deviations[0]


def test_a_lag_sets_later_returns_against_the_driver():
    """With a lag of one a return meets the move of the month before, as it does in time."""
    dataset = planted()
    monthly = dataset.monthly
    short = monthly["fed_funds"].diff()
    later = dataclasses.replace(dataset, monthly=monthly.assign(smb=-2 * short.shift(1).fillna(0)))
    assert study_of(RATES, later, lag=1).finding.estimate == pytest.approx(-2)
    found = study_of(RATES, later).finding
    assert found.measures["later_slope"] == pytest.approx(-2)
    assert "the month after: there small caps lost 0.5 points to large caps" in found.in_time


@pytest.mark.parametrize(("after", "usable"), [(-2, True), (0, False), (2, False)])
def test_what_holds_is_usable_in_time_only_where_it_holds_afterwards(after, usable):
    """A rise that hurts in its own month and in the next can be acted on; else it cannot."""
    dataset = planted(rate=-2)
    short = dataset.monthly["fed_funds"].diff().shift(1).fillna(0)
    smb = dataset.monthly["smb"] + after * short
    moved = dataclasses.replace(dataset, monthly=dataset.monthly.assign(smb=smb))
    assert study_of(RATES, moved).finding.usable_in_time is usable


def test_levels_between_means_are_half_way():
    """A month's end lies between two means; a series known at the month's end has no such level."""
    dataset = planted()
    rate = dataset.monthly["gs10"]
    series = driver_series(dataset, "gs10", "between_means")
    assert series["1990-05"] == pytest.approx((rate["1990-06"] - rate["1990-04"]) / 2)
    grid = study_of(RATES, dataset).grid
    between = grid[grid["alignment"] == "between_means"]
    assert set(between.loc[between["reason"] == "", "driver"]) == {"fed_funds", "gs10"}
    reason = between.loc[between["driver"] == "target", "reason"].iloc[0]
    assert "no mean of a month" in reason
    refused = study_of(RATES, dataset, alignment="between_means").finding.refusal
    assert "no mean of a month" in refused.reason


@pytest.mark.slow
def test_means_of_a_month_find_less_than_month_ends():
    """With a rate that moves day by day, its means show a slope less often than its month ends."""
    found = {"bill_rate": 0, "gs10": 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        days = rng.normal(0, 0.0008, (len(MONTHS), 21))
        level = 0.05 + days.ravel().cumsum().reshape(days.shape)
        smb = -0.35 * days.sum(axis=1) + rng.normal(0, 0.028, len(MONTHS))
        frame = pd.DataFrame(
            {"smb": smb, "market_excess": 0.0, "gs10": level.mean(axis=1)}, index=MONTHS
        ).assign(bill_rate=pd.Series(level[:, -1], MONTHS).shift(1))
        dataset = Dataset(frame, {}, "latest", MONTHS[-1], snapshot="synthetic")
        for name in found:
            changed = {"driver": name, "market": None}
            bound = dataclasses.replace(bind(CLAIMS[RATES], changed), grid={})
            estimate = find_design("exposure")(dataset, bound, Sampling(1, 1)).finding
            found[name] += estimate.p_value < 0.05 and estimate.estimate < 0
    assert found["gs10"] < 0.75 * found["bill_rate"]


def test_the_headline_and_the_slope_controlling_for_the_market_by_least_squares():
    """Both slopes are those of numpy's regression; `market: true` exchanges them."""
    dataset = planted(rate=-1, beta=0.2)
    frame = dataset.monthly.loc["1954-01":"2025-11"]
    change = dataset.monthly["bill_rate"].diff().shift(-1).loc["1954-01":"2025-11"]
    columns = [np.ones(len(frame)), change, frame["market_excess"]]
    alone = np.linalg.lstsq(np.column_stack(columns[:2]), frame["smb"], rcond=None)[0][1]
    beside = np.linalg.lstsq(np.column_stack(columns), frame["smb"], rcond=None)[0][1]
    found = study_of(RATES, dataset).finding
    assert found.estimate == pytest.approx(alone)
    assert found.measures["slope_with_market"] == pytest.approx(beside)
    controlled = study_of(RATES, dataset, market=True).finding
    assert controlled.estimate == controlled.measures["slope_with_market"] == pytest.approx(beside)
    assert "Without controlling for the market" in controlled.finding


def test_the_market_decides_nothing():
    """A slope that is the market's alone supports the claim and is shown controlled for it."""
    dataset = planted(rate=0.08, beta=0.5, noise=0.001)
    assert verdict_on(RATES, dataset) == "supported"
    assert study_of(RATES, dataset).finding.measures["slope_with_market"] > 0


def test_estimate_interval_p_and_smallest_effect_are_of_one_regression():
    """Interval and p-value agree on zero, and the sentence gives the estimate's own interval."""
    found = study_of(RATES, planted(rate=-0.2)).finding
    half = (found.ci_high - found.ci_low) / 2
    assert found.estimate == pytest.approx((found.ci_high + found.ci_low) / 2)
    assert (found.p_value < 0.05) == (abs(found.estimate) > half)
    assert found.measures["slope_p"] == found.p_value
    effect = f"{100 * 0.0025 * abs(found.estimate):.2g}"
    assert f"rose by a quarter point they lost {effect} points to large caps" in found.finding


def test_the_grid_runs_every_specification_and_says_why_not():
    """A row for each combination; what the data do not hold is named, the rest is a regression."""
    dataset = planted(rate=-1)
    study = study_of(RATES, dataset)
    grid, registered = study.grid, CLAIMS[RATES].grid
    assert len(grid) == math.prod(len(values) for values in registered.values())
    ran = grid[grid["reason"] == ""]
    assert set(ran["leg"]) == {"smb"} and len(ran) == (4 + 2) * 2 * 3
    assert "hold no leg halves" in grid.query("leg == 'halves'")["reason"].iloc[0]
    chosen = ran.query(
        "driver == 'gs10' and era == 'from_1981' and not market and alignment == 'own_month'"
    ).iloc[0]
    change = dataset.monthly["gs10"].diff().loc["1981-01":]
    slope = np.polyfit(change, dataset.monthly["smb"].loc["1981-01":], 1)[0]
    assert (chosen["slope"], chosen["n"]) == (pytest.approx(slope), len(change))
    assert study.finding.specifications == len(ran)
    assert f"Of {len(ran)} specifications ({len(grid) - len(ran)} left out" in (
        study.finding.sensitivity
    )


def test_every_specification_that_ran_is_joined():
    """One joint p for the whole grid, late series too; breadth by construction stays out."""
    dataset = planted(rate=-1)
    gs10 = dataset.monthly["gs10"].where(pd.Period("1962-01", "M") <= MONTHS)
    late = dataclasses.replace(dataset, monthly=dataset.monthly.assign(gs10=gs10))
    study = study_of(RATES, late)
    assert study.joint.specifications == study.finding.specifications == 36
    assert study.finding.joint_p == study.joint.p_value < 0.05
    breadth = study_of(BREADTH, spreading())
    legs, long_enough = {"smb", "s1_s5", "s3_s5"}, {"full", "to_1980"}
    assert breadth.joint.specifications == len(legs) * len(long_enough)
    assert not breadth.slopes.isna().any(axis=None)
    assert list(breadth.slopes.columns) == ["leg", "breadth", "era", "slope", "p", "months"]


def test_the_table_by_era_is_part_of_the_grid():
    """Returns for a quarter point are that part of the grid's slopes, in the same months."""
    study = study_of(RATES, planted(rate=-1))
    table = study.by_era
    assert len(table) == 4 * 3 * 2
    row = table.query("driver == '10-year yield' and era == 'since 1981'").iloc[0]
    same = study.grid.query(
        "driver == 'gs10' and era == 'from_1981' and not market and alignment == 'own_month'"
    ).iloc[0]
    assert row["slope"] == pytest.approx(0.0025 * same["slope"])
    assert (row["months"], row["step"]) == (same["n"], "a quarter point")


def test_rises_and_falls_are_told_apart():
    """A return that answers to rises alone has no effect of falls."""
    dataset = planted(noise=0.001)
    rises = dataset.monthly["fed_funds"].diff().clip(lower=0).fillna(0.0)
    monthly = dataset.monthly.assign(smb=dataset.monthly["smb"] - 3 * rises)
    study = study_of(RATES, dataclasses.replace(dataset, monthly=monthly))
    row = study.rises_and_falls.iloc[0]
    assert row["rises"] == pytest.approx(-0.0075, abs=0.0005)
    assert row["falls"] == pytest.approx(0.0, abs=0.0005)
    assert row["p equal"] < 0.001


def test_months_by_share_add_up():
    """Every month stands under the share of portfolios ahead in it, once for each count."""
    dataset = spreading()
    table = study_of(BREADTH, dataset).by_share
    assert set(table["counted"]) == {"industries", "size and value portfolios"}
    assert table.groupby("counted")["months"].sum().tolist() == [400, 400]
    of_industries = table[table["counted"] == "industries"]
    total = (of_industries["mean"] * of_industries["months"]).sum()
    assert total == pytest.approx(dataset.monthly["smb"].sum())
    assert study_of(RATES, planted()).by_share.empty


def test_what_is_missing_is_named_by_either_data_set():
    """The dollar can be absent from either data set; neither sends for what the other lacks too."""
    dataset = planted()
    without = dataclasses.replace(dataset, monthly=dataset.monthly.drop(columns="broad_dollar"))
    refused = study_of(DOLLAR, without).finding.refusal
    assert refused.reason == "the latest data do not hold the broad dollar by December 2025"
    assert refused.needs is None
    bundled = dataclasses.replace(without, data="bundled", as_of=pd.Period("1970-12", "M"))
    refused = study_of(DOLLAR, bundled).finding.refusal
    assert refused.reason == "the bundled data do not hold the broad dollar by December 1970"
    assert refused.needs is None


def test_without_industries_the_claim_on_breadth_says_what_is_missing():
    """The count over size and value portfolios still runs."""
    dataset = spreading()
    kept = [name for name in dataset.monthly if not name.startswith("ind_")]
    study = study_of(BREADTH, dataclasses.replace(dataset, monthly=dataset.monthly[kept]))
    assert "hold no twelve industries" in study.finding.refusal.reason
    assert not study.slopes.empty


def test_too_few_months_are_refused():
    """Four years of months are refused with a reason, and no table holds a row."""
    study = study_of(BREADTH, spreading(count=48))
    assert study.finding.refusal.reason and study.slopes.empty
    assert "no specification of the grid could be run" in study.joint.refusal.reason


@pytest.mark.parametrize("as_of", ["1955-01", "1962-12", "1995-12"])
@pytest.mark.parametrize("claim", JUDGED)
def test_every_claim_has_an_answer_at_earlier_dates(claim, as_of):
    """A finding without NaN that ends by then, or a refusal with its reason."""
    found = study_of(claim, cut(planted(), as_of)).finding
    if found.refusal is None:
        assert math.isfinite(found.estimate) and found.sample_end <= as_of
    else:
        assert found.refusal.reason


def test_nothing_after_as_of_is_seen():
    """A bill that is not yet known leaves its month out; wild later values change nothing."""
    dataset = planted(rate=-1)
    wild = dataset.monthly.copy()
    wild.loc["1996-01":] = 0.5
    before = study_of(RATES, cut(dataset, "1995-12"))
    after = study_of(RATES, cut(dataclasses.replace(dataset, monthly=wild), "1995-12"))
    assert after.finding == before.finding and before.finding.sample_end == "1995-11"
    pd.testing.assert_frame_equal(after.grid, before.grid)
    pd.testing.assert_frame_equal(after.by_era, before.by_era)


def test_unknown_drivers_and_alignments_are_refused_by_name():
    """A recession is tested as a state; a misspelt way of placing it in time has no meaning."""
    for name in ("recession", "gold"):
        with pytest.raises(InputError, match=r"field arguments\.driver"):
            bind(CLAIMS[RATES], {"driver": name})
    with pytest.raises(InputError, match=r"field arguments\.alignment"):
        bind(CLAIMS[RATES], {"alignment": "as_dated"})
    with pytest.raises(InputError, match="unknown alignment 'own_mnth'; did you mean"):
        driver_series(planted(), "gs10", "own_mnth")


def moved_by(column, truth, seed=11):
    """Latest-like data in which small minus large moves with what one column shows."""
    dataset = planted(noise=0.015)
    frame, rng = dataset.monthly.copy(), np.random.default_rng(seed)
    count = len(frame)
    frame["realised_volatility"] = 0.16 + rng.normal(0, 0.03, count)
    frame["cpi"] = np.exp(np.cumsum(0.003 + rng.normal(0, 0.002, count)))
    frame["hourly_earnings"] = frame["cpi"] * np.exp(np.cumsum(rng.normal(0.001, 0.002, count)))
    driver = driver_series(dataclasses.replace(dataset, monthly=frame), column)
    return dataclasses.replace(
        dataset, monthly=frame.assign(smb=frame["smb"] + (truth * driver).fillna(0.0))
    )


@pytest.mark.parametrize(
    ("claim", "driver", "size"),
    [
        ("volatility-hurts", "realised_volatility", -0.1),
        ("inflation-hurts", "inflation", -1.5),
        ("real-wages-help", "real_wages", 0.8),
    ],
)
def test_volatility_prices_and_wages_are_told_by_their_sign(claim, driver, size):
    """The planted effect, its opposite, and none."""
    assert verdict_on(claim, moved_by(driver, size)) == "supported"
    assert verdict_on(claim, moved_by(driver, -size)) == "contradicted"
    assert verdict_on(claim, moved_by(driver, 0.0)) == "not distinguishable"


def test_a_lead_that_goes_on_confirms_and_one_that_reverses_contradicts():
    """Small minus large that follows its own past year, or goes against it."""

    def trending(pull):
        dataset, noise = planted(), np.random.default_rng(6).normal(0, 0.02, len(MONTHS))
        smb = np.zeros(len(MONTHS))
        for t in range(len(MONTHS)):
            smb[t] = noise[t] + pull * smb[max(0, t - 12) : t].sum()
        return dataclasses.replace(dataset, monthly=dataset.monthly.assign(smb=smb))

    assert verdict_on("confirmation-first", trending(0.05)) == "supported"
    assert verdict_on("confirmation-first", trending(-0.05)) == "contradicted"
    assert verdict_on("confirmation-first", trending(0.0)) == "not distinguishable"


def test_without_its_series_a_claim_waits_for_the_latest_data():
    """Daily returns are in no bundled series; hourly earnings are, and lack in these data alone."""
    bundled = dataclasses.replace(planted(), data="bundled")
    assert study_of("volatility-hurts", bundled).finding.refusal.needs == "latest"
    assert study_of("real-wages-help", bundled).finding.refusal.needs is None
