"""Exposure to rates, credit, the dollar and breadth: planted truths, sums by hand, refusals."""

import dataclasses
import functools
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset, load_dataset, loading
from analysis.panel.drivers import driver_series
from analysis.results import InputError

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.design == "exposure"}
CHANGES = ("rate-sensitive", "credit-gate", "dollar")
BREADTH = "breadth-helps-small"
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")


def planted(rate=0.0, credit=0.0, dollar=0.0, beta=0.0, noise=0.01, seed=1):
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
            "aaa": funds,
            "baa": funds + 0.02 + steps["spread"].cumsum(),
            "dollar": 100 * np.exp(steps["usd"].cumsum()),
            "lending_standards": rng.normal(0, 0.2, len(MONTHS)),
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


@functools.cache
def on_bundled(claim, as_of="newest"):
    """A claim's study on the bundled data."""
    return study_of(claim, load_dataset("bundled", as_of))


def verdict_on(claim, dataset):
    """Verdict on one claim from one data set."""
    found = study_of(claim, dataset).finding
    return decide(CLAIMS[claim], found, data=dataset.data, as_of=str(dataset.as_of)).verdict


@pytest.mark.parametrize(("slope", "verdict"), [(-2, "supported"), (2, "contradicted")])
@pytest.mark.parametrize("claim", CHANGES)
def test_a_planted_slope_is_found_whatever_its_sign(claim, slope, verdict):
    """A slope of the claimed sign supports the claim, one of the other sign contradicts it."""
    assert verdict_on(claim, planted(rate=slope, credit=slope, dollar=slope)) == verdict


def test_breadth_that_lifts_small_is_found_and_its_opposite_holds_by_construction():
    """Where small loses as gains spread, only the count of small portfolios still says so."""
    assert verdict_on(BREADTH, spreading(True)) == "supported"
    assert verdict_on(BREADTH, spreading(False)) == "true but uninformative"


def test_a_slope_that_is_only_the_markets_is_uninformative():
    """Small caps that merely swing with a rate-shy market say nothing about debt."""
    dataset = planted(rate=0.08, beta=0.5, noise=0.001)
    assert verdict_on("rate-sensitive", dataset) == "true but uninformative"


def test_without_any_effect_nothing_is_supported():
    """Noise is not evidence; what cannot be told apart says how small an effect could be."""
    dataset = planted(seed=3)
    for claim in CHANGES:
        found = study_of(claim, dataset).finding
        judged = decide(CLAIMS[claim], found, data="latest", as_of="2025-12")
        assert judged.verdict == "not distinguishable", claim
        assert found.mde > 0 and found.more_needed


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_measure_of_the_criterion_is_given(claim):
    """No criterion asks for a number that the finding lacks, and none is NaN."""
    measures = study_of(claim, spreading() if claim == BREADTH else planted()).finding.measures
    assert CLAIMS[claim].criterion.measures() <= set(measures)
    assert all(math.isfinite(value) for value in measures.values())


def test_the_headline_and_the_slope_beside_the_market_by_least_squares():
    """Both slopes are those of numpy's regression; `market: true` exchanges them."""
    dataset = planted(rate=-1, beta=0.2)
    frame = dataset.monthly.loc["1954-01":]
    change = dataset.monthly["bill_rate"].diff().loc["1954-01":]
    columns = [np.ones(len(frame)), change, frame["market_excess"]]
    alone = np.linalg.lstsq(np.column_stack(columns[:2]), frame["smb"], rcond=None)[0][1]
    beside = np.linalg.lstsq(np.column_stack(columns), frame["smb"], rcond=None)[0][1]
    found = study_of("rate-sensitive", dataset).finding
    assert found.estimate == pytest.approx(alone)
    assert found.measures["slope_with_market"] == pytest.approx(beside)
    controlled = study_of("rate-sensitive", dataset, market=True).finding
    assert controlled.estimate == controlled.measures["slope_with_market"] == pytest.approx(beside)
    assert f"without the market to {alone / 100:+.2%}" in controlled.finding


def test_the_recent_and_the_next_month_slope_by_hand():
    """The first uses months from the registered one on, the second returns a month later."""
    dataset = planted(rate=-1)
    change = dataset.monthly["bill_rate"].diff()
    late = pd.DataFrame({"x": change, "y": dataset.monthly["smb"]}).loc["1981-01":]
    measures = study_of("rate-sensitive", dataset).finding.measures
    assert measures["slope_recent"] == pytest.approx(np.polyfit(late["x"], late["y"], 1)[0])
    dataset = spreading()
    share = driver_series(dataset, "industries").iloc[:-1]
    after = dataset.monthly["smb"].shift(-1).iloc[:-1]
    measures = study_of(BREADTH, dataset).finding.measures
    assert measures["next_month_slope"] == pytest.approx(np.polyfit(share, after, 1)[0])


def test_a_bill_dated_late_is_aligned():
    """Against the change of the month itself the planted slope is found where it was planted."""
    dataset = planted(rate=-2, noise=0.001)
    moved = dataset.monthly.assign(bill_rate=dataset.monthly["bill_rate"].shift(1))
    late = study_of("rate-sensitive", dataclasses.replace(dataset, monthly=moved)).finding
    assert abs(late.estimate) < 0.5
    assert "against the change over the month itself it came to -1.99%" in late.finding
    funds = study_of("rate-sensitive", dataset, driver="fed_funds").finding
    assert "over the month itself" not in funds.finding


def test_the_grid_runs_every_specification_and_says_why_not():
    """A row for each combination; what the data do not hold is named, the rest is a regression."""
    dataset = planted(rate=-1)
    study = study_of("rate-sensitive", dataset)
    grid, registered = study.grid, CLAIMS["rate-sensitive"].grid
    assert len(grid) == math.prod(len(values) for values in registered.values())
    ran = grid[grid["reason"] == ""]
    assert set(ran["leg"]) == {"smb"} and len(ran) == 3 * 2 * 3
    assert "hold no leg halves" in grid.query("leg == 'halves'")["reason"].iloc[0]
    chosen = ran.query("driver == 'gs10' and era == 'from_1981' and not market").iloc[0]
    change = dataset.monthly["gs10"].diff().loc["1981-01":]
    slope = np.polyfit(change, dataset.monthly["smb"].loc["1981-01":], 1)[0]
    assert (chosen["slope"], chosen["n"]) == (pytest.approx(slope), len(change))
    assert study.finding.specifications == len(ran)
    assert f"Of {len(ran)} specifications (0 left out with a reason)" in study.finding.sensitivity


def test_breadth_by_construction_is_never_joined():
    """The joint test counts the specifications over industries alone."""
    study = study_of(BREADTH, spreading())
    legs, long_enough = {"smb", "s1_s5", "s3_s5"}, {"full", "to_1980"}
    assert study.joint.specifications == len(legs) * len(long_enough)
    assert "left out with a reason" in study.finding.sensitivity
    assert not study.slopes.isna().any(axis=None)
    assert list(study.slopes.columns) == ["leg", "breadth", "era", "slope", "p", "months"]


def test_late_series_and_surveys_by_quarter_are_not_joined():
    """A rate that begins years after the others is in the grid and not in the joint test."""
    dataset = planted(rate=-1)
    gs10 = dataset.monthly["gs10"].where(pd.Period("1962-01", "M") <= MONTHS)
    late = dataclasses.replace(dataset, monthly=dataset.monthly.assign(gs10=gs10))
    assert study_of("rate-sensitive", dataset).joint.specifications == 3 * 2 * 3
    study = study_of("rate-sensitive", late)
    assert study.joint.specifications == 2 * 2 * 3
    assert (study.grid["reason"] == "").sum() == 3 * 2 * 3
    assert study_of("credit-gate", dataset).joint.specifications == 1 * 2 * 3


def test_a_survey_by_quarter_can_be_the_headline():
    """Lending standards are set against quarterly returns, in the words of quarters."""
    found = study_of("credit-gate", planted(), driver="lending_standards").finding
    assert found.n == len(MONTHS) // 3
    assert found.unit == "quarterly return per unit of the share"
    assert found.finding.startswith("With the net share of banks that tightened 10 points higher")


def test_the_table_by_era_is_part_of_the_grid():
    """Returns for a point are a hundredth of the grid's slopes, in the same months."""
    study = study_of("rate-sensitive", planted(rate=-1))
    table = study.by_era
    assert len(table) == 3 * 3 * 2
    row = table.query("driver == '10-year yield' and era == 'since 1981'").iloc[0]
    same = study.grid.query("driver == 'gs10' and era == 'from_1981' and not market").iloc[0]
    assert 100 * row["slope"] == pytest.approx(same["slope"])
    assert row["months"] == same["n"]


def test_rises_and_falls_are_told_apart():
    """A return that answers to rises alone has no effect of falls."""
    dataset = planted(noise=0.001)
    rises = dataset.monthly["bill_rate"].diff().clip(lower=0).fillna(0.0)
    monthly = dataset.monthly.assign(smb=dataset.monthly["smb"] - 3 * rises)
    study = study_of("rate-sensitive", dataclasses.replace(dataset, monthly=monthly))
    row = study.rises_and_falls.iloc[0]
    assert row["rises"] == pytest.approx(-0.03, abs=0.002)
    assert row["falls"] == pytest.approx(0.0, abs=0.002)
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
    assert study_of("rate-sensitive", planted()).by_share.empty


def test_the_bundled_data_say_what_is_missing_and_the_latest_too():
    """The dollar is an optional source; without it there is a reason on either data set."""
    refused = on_bundled("dollar").finding.refusal
    assert refused.needs == "latest" and "needs the latest data: the" in refused.reason
    dataset = planted()
    without = dataclasses.replace(dataset, monthly=dataset.monthly.drop(columns="dollar"))
    refused = study_of("dollar", without).finding.refusal
    assert "column dollar" in refused.reason and refused.needs is None


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
    assert "only 48 months for the joint test" in study.joint.refusal.reason


@pytest.mark.parametrize("as_of", ["1931-06", "1955-01", "1995-12", "2007-12"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_an_answer_at_earlier_dates(claim, as_of):
    """A finding without NaN, or a refusal with its reason."""
    found = on_bundled(claim, as_of).finding
    if found.refusal is None:
        assert math.isfinite(found.estimate) and found.sample_end <= as_of
    else:
        assert found.refusal.reason


@pytest.mark.parametrize("claim", ["rate-sensitive", BREADTH])
def test_nothing_after_as_of_is_seen(claim, monkeypatch):
    """Wild values after the month change neither finding nor tables."""
    whole = load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["1996-01":] = 0.5
    before = on_bundled(claim, "1995-12")
    monkeypatch.setattr(loading, "_load_bundled", lambda: dataclasses.replace(whole, monthly=wild))
    after = study_of(claim, load_dataset("bundled", "1995-12"))
    assert after.finding == before.finding
    pd.testing.assert_frame_equal(after.grid, before.grid)
    pd.testing.assert_frame_equal(after.by_era, before.by_era)


def test_a_state_is_no_driver_of_an_exposure():
    """A recession is tested as a state, and an unknown driver is refused by name."""
    for name in ("recession", "gold"):
        with pytest.raises(InputError, match=r"field arguments\.driver"):
            bind(CLAIMS["rate-sensitive"], {"driver": name})
