"""Quality and value: planted truths, arithmetic by hand, every date, nothing from the future."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.checks import quality_value as chapter
from analysis.checks.mean_premia import era_table, mean_table, premium
from analysis.checks.quality_value.factor_alphas import alpha_table
from analysis.checks.quality_value.fund_peers import (
    fund_evidence,
    fund_growth,
    fund_table,
    lead_table,
)
from analysis.checks.quality_value.premium_grids import grid_test
from analysis.checks.quality_value.profit_screen import (
    best_month_words,
    screen_evidence,
    screened,
    weights_at_hand,
)
from analysis.checks.quality_value.value_cycles import (
    lead,
    recoveries,
    recovery_evidence,
    student_interval,
)
from analysis.checks.quality_value.value_tilt import tilt_evidence
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.pages.charts import quality_value as draw
from analysis.panel import Dataset, load_dataset
from analysis.panel.fund_returns import annualised, month_ends, monthly_returns
from analysis.results import InputError, Refusal

DRAWS = 100
FUNDS = ("AVUV", "VBR", "IJS", "SLYV", "IWN")


@pytest.fixture(scope="module")
def claims():
    """The chapter's claims."""
    return {k: c for k, c in load_claims().items() if c.chapter == "quality_value"}


def run(dataset, claims, **settings):
    """The study with few draws."""
    parameters = chapter.Parameters(data=dataset.data, draws=DRAWS, **settings)
    return chapter.study(dataset, claims, parameters)


def verdict(found, claims, name):
    """The verdict on one claim."""
    return decide(claims[name], found.evidence[name], data="latest", as_of="2026-04").verdict


def answer(dataset, claims, name, as_of="2026-04"):
    """The evidence on one claim and its verdict, without the rest of the study."""
    settings = {"block": 12, "draws": DRAWS, "seed": 1}
    claim, none = claims[name], Refusal("not asked for")
    if name == "quality-screen":
        found = screen_evidence(dataset, 1, 3, none, **settings)
    elif name == "value-tilt":
        found = tilt_evidence(dataset, claim, "s1v5", "s1v1", none, **settings)
    elif name == "avuv-vs-peers":
        found = fund_evidence(dataset, claim, pd.DataFrame(), **settings | {"block": 6})
    else:
        found = recovery_evidence(recoveries(dataset, claim, 12, 1), none, 12)
    return found, decide(claim, found, data=dataset.data, as_of=as_of).verdict


def latest_dataset(
    *, screen: float = 0.0, tilt: float = 0.0, lead_of_fund: float = 0.0, exact: bool = True
) -> Dataset:
    """A synthetic latest data set with planted monthly differences.

    `screen` is added to the three profitable fifths, `tilt` to value, `lead_of_fund` to AVUV.
    `exact` scales the funds' closes so that the printed returns come out.
    """
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    rng = np.random.default_rng(7)
    market = rng.normal(0.006, 0.045, len(months))

    def portfolio(extra: float = 0.0) -> np.ndarray:
        return market + extra + rng.normal(0, 0.004, len(months))

    columns = {
        "market_excess": market,
        "smb": rng.normal(0, 0.03, len(months)),
        "hml": rng.normal(0, 0.03, len(months)),
        "rmw": rng.normal(0, 0.02, len(months)),
        "cma": rng.normal(0, 0.02, len(months)),
    }
    for size in (1, 3, 5):
        for value in (1, 3, 5):
            columns[f"s{size}v{value}"] = portfolio(tilt if value == 5 else 0.0)
    for size in (1, 2, 3):
        for place in range(1, 6):
            columns[f"me{size}op{place}"] = portfolio(screen if place >= 3 else 0.0)
    monthly = pd.DataFrame(columns, index=months)
    bundled = load_dataset("bundled")
    return Dataset(
        monthly=monthly,
        facts=bundled.facts,
        data="latest",
        as_of=months[-1],
        funds=_closes(lead_of_fund, exact),
    )


def _closes(lead_of_fund: float, exact: bool) -> pd.DataFrame:
    """Month-end closes from September 2019 whose five years and a half give the printed returns."""
    days = pd.date_range("2019-09-30", "2026-04-30", freq="ME")
    rng = np.random.default_rng(3)
    printed = {"AVUV": 0.111, "VBR": 0.083, "IJS": 0.053, "SLYV": 0.053, "IWN": 0.055}
    span = np.arange(len(days))
    wobble = rng.normal(0, 0.04, len(days))
    closes = {}
    for name in FUNDS:
        own = rng.normal(0, 0.012 if name == "AVUV" else 0.0004, len(days))
        path = wobble + own * (5.0 if lead_of_fund == 0.0 else 0.1)
        path[[0, 67]] = 0.0  # the ends of the claim's period are exact
        rate = printed[name] + (0.0 if exact else 0.02)
        closes[name] = 20.0 * np.exp(path) * (1 + rate) ** (span / 12)
    return pd.DataFrame(closes, index=days)


@pytest.fixture(scope="module")
def true_study(claims):
    """The study of a world in which screen, tilt and fund lead."""
    return run(latest_dataset(screen=0.003, tilt=0.006, lead_of_fund=1.0), claims)


@pytest.fixture(scope="module")
def null_study(claims):
    """The study of a world in which nothing leads."""
    return run(latest_dataset(exact=False), claims)


@pytest.fixture(scope="module")
def bundled_study(claims):
    """The study of the bundled data."""
    return run(load_dataset("bundled"), claims)


def test_a_premium_is_twelve_times_the_mean_difference():
    """Sixty months of one per cent, alternating by a tenth, are twelve per cent a year."""
    months = pd.period_range("2000-01", periods=60, freq="M")
    long = pd.Series(0.01 + 0.001 * (-1.0) ** np.arange(60), index=months)
    found = premium(long, long * 0, block=12, draws=DRAWS, seed=1)
    assert found.annual == pytest.approx(0.12)
    assert found.low < 0.12 < found.high
    assert found.low > 0.1
    assert (found.n, found.blocks) == (60, 5.0)
    assert found.mde == pytest.approx(2.8016 * found.error, rel=1e-3)


def test_fewer_than_sixty_months_are_refused():
    """Five blocks of a year are the least a premium is read from; a gap leaves its month out."""
    months = pd.period_range("2000-01", periods=60, freq="M")
    long = pd.Series(np.linspace(0, 0.01, 60), index=months)
    long.iloc[3] = np.nan
    found = premium(long, long.fillna(0) * 0, block=12, draws=DRAWS, seed=1)
    assert isinstance(found, Refusal)
    assert "59 months" in found.reason


def test_the_table_of_eras_gives_the_numbers_of_single_premia(claims, bundled_study):
    """The table's shared draws are the very draws of the bootstrap of one difference."""
    measures = bundled_study.evidence["value-tilt"].measures
    rows = bundled_study.eras.set_index(["spread", "era"])
    whole, after = rows.loc[("smallest fifth", "full")], rows.loc[("smallest fifth", "from_1992")]
    assert whole["annual"] == pytest.approx(measures["premium"])
    assert whole["p"] == pytest.approx(measures["premium_p"])
    assert after["high"] == pytest.approx(measures["post_high"])
    assert after["p"] == pytest.approx(measures["post_p"])


def test_eras_are_cut_where_they_say():
    """An era holds its first and its last month, and a spread its own months."""
    months = pd.period_range("1970-01", "1995-12", freq="M")
    spreads = pd.DataFrame({"one": (months.year == 1981) * 1.0, "two": np.nan}, index=months)
    spreads["one"] += 0.001 * (-1.0) ** np.arange(len(months))
    table = era_table(spreads, block=12, draws=DRAWS, seed=1).set_index("era")
    assert table.loc["to_1980", "last"] == "1980-12"
    assert table.loc["from_1981", ["first", "months"]].tolist() == ["1981-01", 180]
    assert table.loc["from_1981", "annual"] == pytest.approx(12 * 12 / 180)
    assert set(table.index) == {"full", "to_1980", "from_1981"}
    assert mean_table(spreads[["two"]], block=12, draws=DRAWS, seed=1).empty


def test_a_grid_of_one_is_its_own_test():
    """With one specification the joint test is the specification's, and that of the premium."""
    months = pd.period_range("1970-01", "1995-12", freq="M")
    values = np.random.default_rng(5).normal(0.002, 0.02, len(months))
    spreads = pd.DataFrame({"one": values}, index=months)
    rows = pd.DataFrame({"spread": ["one", "absent"], "era": ["full", "full"]})
    found = grid_test(spreads, rows, block=12, draws=DRAWS, seed=1)
    alone = premium(spreads["one"], spreads["one"] * 0, block=12, draws=DRAWS, seed=1)
    assert found.p_value == pytest.approx(alone.p_value)
    assert found.median == pytest.approx(alone.annual)
    assert (found.specifications, found.missing) == (1, 1)
    assert found.table["reason"].tolist() == ["", "only 0 months; 60 are needed"]


def test_a_grid_rejects_a_planted_mean_and_not_noise():
    """Ten related spreads with a mean of a standard error times five reject jointly."""
    months = pd.period_range("1970-01", "1999-12", freq="M")
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 0.02, len(months))
    noise = pd.DataFrame({f"{i}": shared + rng.normal(0, 0.01, len(months)) for i in range(10)})
    noise = (noise - noise.mean()).set_axis(months)
    rows = pd.DataFrame({"spread": noise.columns, "era": "full"})
    settings = {"block": 12, "draws": DRAWS, "seed": 1}
    assert grid_test(noise + 0.006, rows, **settings).p_value < 0.02
    assert grid_test(noise, rows, **settings).p_value > 0.5


def test_the_screen_weights_by_capitalisation_where_it_is_at_hand():
    """Three of five portfolios by hand: weights 1 to 5, returns 1 to 5 per cent."""
    months = pd.period_range("2000-01", periods=2, freq="M")
    returns = {f"me1op{i}": [i / 100, np.nan if i == 2 else 0.0] for i in range(1, 6)}
    monthly = pd.DataFrame(returns, index=months)
    assert weights_at_hand(monthly, 1) == "equal"
    equal = screened(monthly, 1, 3, "equal")
    assert equal.iloc[0].tolist() == pytest.approx([0.04, 0.03])
    assert len(equal) == 1
    caps = monthly.assign(**{f"cap_me1op{i}": float(i) for i in range(1, 6)})
    assert weights_at_hand(caps, 1) == "capitalisation"
    weighted = screened(caps, 1, 3, "capitalisation")
    assert weighted.iloc[0].tolist() == pytest.approx([50 / 12 / 100, 55 / 15 / 100])


def test_the_best_month_is_told_apart():
    """Three months of 1, 2 and 9 per cent: without the last they make 18 per cent a year."""
    months = pd.period_range("2020-11", periods=3, freq="M")
    sides = pd.DataFrame({"profitable": [0.01, 0.02, 0.09], "whole": 0.0}, index=months)
    words = best_month_words(sides)
    assert "2021-01, gives +9.0%" in words
    assert "+18.0% a year" in words


def test_the_screen_says_which_weights_it_used(claims):
    """The finding names the weights, and capitalisation changes the number."""
    dataset = latest_dataset(screen=0.003)
    caps = {f"cap_me{s}op{p}": 1.0 + 9.0 * (p < 3) for s in (1, 2, 3) for p in range(1, 6)}
    held = dataclasses.replace(dataset, monthly=dataset.monthly.assign(**caps))
    equal, weighted = (answer(d, claims, "quality-screen")[0] for d in (dataset, held))
    assert "equally" in equal.finding
    assert "by capitalisation" in weighted.finding
    assert equal.estimate == pytest.approx(12 * 0.003 * 2 / 5, abs=0.002)
    assert weighted.estimate == pytest.approx(12 * 0.003 * 20 / 23, abs=0.002)


def test_planted_leads_are_supported(claims, true_study):
    """Screen, tilt and fund are supported where they lead."""
    for name in ("quality-screen", "value-tilt", "avuv-vs-peers"):
        assert verdict(true_study, claims, name) == "supported", name


def test_without_a_lead_nothing_is_supported(claims, null_study):
    """No claim is supported where nothing leads, and wrong figures are contradicted."""
    assert verdict(null_study, claims, "quality-screen") == "not distinguishable"
    assert verdict(null_study, claims, "value-tilt") == "not distinguishable"
    assert verdict(null_study, claims, "avuv-vs-peers") == "contradicted"
    assert verdict(null_study, claims, "small-value-leads") != "supported"


def test_a_screen_that_loses_is_contradicted(claims):
    """Profitable firms that fall behind in every era contradict the claim."""
    dataset = latest_dataset(screen=-0.003, tilt=-0.006)
    assert answer(dataset, claims, "quality-screen")[1] == "contradicted"
    assert answer(dataset, claims, "value-tilt")[1] == "contradicted"


def test_printed_figures_that_hold_with_a_noisy_lead_are_uninformative(claims):
    """The same printed returns with a fund that wanders give no support."""
    found, given = answer(latest_dataset(lead_of_fund=0.0), claims, "avuv-vs-peers")
    assert found.measures["largest_error"] < 1e-9
    assert given == "true but uninformative"


def test_a_recovery_effect_is_found_when_planted(claims):
    """Value that leads only in the year after a trough is supported; a steady lead is not."""
    dataset = latest_dataset()
    monthly = dataset.monthly.copy()
    for trough in dataset.facts["nber_cycles"]["trough"].dropna():
        monthly.loc[trough + 1 : trough + 12, "s1v5"] += 0.02
    planted = dataclasses.replace(dataset, monthly=monthly)
    assert answer(planted, claims, "small-value-leads")[1] == "supported"
    steady, losing = latest_dataset(tilt=0.006), latest_dataset(tilt=-0.006)
    assert answer(steady, claims, "small-value-leads")[1] == "true but uninformative"
    assert answer(losing, claims, "small-value-leads")[1] == "contradicted"


def test_recoveries_by_hand(claims, bundled_study):
    """The lead after November 2001 is the sum of twelve monthly leads from December on."""
    monthly = load_dataset("bundled").monthly.loc["2001-12":"2002-11"]
    by_hand = (monthly["s1v5"] - (monthly["s1v1"] + monthly["s1v3"]) / 2).sum()
    rows = bundled_study.recoveries.set_index("trough")
    assert rows.loc["2001-11", "lead"] == pytest.approx(by_hand)
    evidence = bundled_study.evidence["small-value-leads"]
    assert evidence.measures["early_win_rate"] == pytest.approx((rows["lead"] > 0).mean())
    assert evidence.estimate == pytest.approx(rows["lead"].mean() - bundled_study.base["mean"])


def test_the_student_interval_by_hand():
    """Two events of 0 and .2: mean .1, half width 12.706 standard errors of .1."""
    low, high = student_interval(np.array([0.0, 0.2]))
    assert (low, high) == pytest.approx((0.1 - 1.2706, 0.1 + 1.2706), abs=1e-3)


def test_funds_stand_in_for_portfolios(claims):
    """A lead may be a fund less a mean of portfolios; without prices there is none."""
    dataset = latest_dataset()
    found = lead(dataset, "vbr", "s1v1_s1v3")
    month = pd.Period("2020-03", "M")
    fund = monthly_returns(dataset.funds)["VBR"]
    by_hand = fund[month] - dataset.monthly.loc[month, ["s1v1", "s1v3"]].mean()
    assert found[month] == pytest.approx(by_hand)
    assert lead(dataclasses.replace(dataset, funds=None), "vbr", "s1v1") is None


def test_returns_of_a_fund_by_hand():
    """A price that doubles in two years returns the square root of two less one a year."""
    days = pd.DatetimeIndex(["2019-09-27", "2019-09-30", "2019-10-31", "2021-09-29"])
    closes = pd.DataFrame({"X": [1.0, 10.0, 11.0, 20.0]}, index=days)
    span = pd.Period("2019-09", "M"), pd.Period("2021-09", "M")
    assert annualised(closes, *span)["X"] == pytest.approx(np.sqrt(2) - 1)
    returns = monthly_returns(closes)["X"]
    assert returns[pd.Period("2019-10", "M")] == pytest.approx(0.1)
    assert returns.notna().sum() == 1
    with pytest.raises(InputError, match="above zero"):
        month_ends(closes - 1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: dataclasses.replace(d, funds=None), "needs the latest data"),
        (lambda d: dataclasses.replace(d, funds=d.funds.drop(columns="IJS")), "lacks IJS"),
        (lambda d: dataclasses.replace(d, funds=d.funds.loc["2020":]), "do not cover"),
        (lambda d: dataclasses.replace(d, as_of=pd.Period("2025-03", "M")), "ends in 2025-04"),
    ],
)
def test_prices_that_cannot_answer_are_refused(claims, change, words):
    """Missing prices refuse the fund's claim and leave the printed figures on the page."""
    dataset = change(latest_dataset())
    refused, _ = answer(dataset, claims, "avuv-vs-peers")
    assert isinstance(refused, Refusal)
    assert words in refused.reason
    table = fund_table(dataset, claims["avuv-vs-peers"])
    assert table["fund"].tolist() == ["AVUV", "DFSVX", "VBR", "IJS"]
    assert table["recomputed"].isna().all()
    assert fund_growth(dataset, claims["avuv-vs-peers"]).empty


def test_an_alpha_is_what_the_factors_leave():
    """A difference of two per cent a year plus half the market has that alpha and that beta."""
    months = pd.period_range("1990-01", periods=240, freq="M")
    rng = np.random.default_rng(1)
    market = pd.Series(rng.normal(0.005, 0.04, 240), index=months)
    monthly = pd.DataFrame({"market_excess": market}, index=months)
    noise = rng.normal(0, 1e-5, 240)
    table = alpha_table({"x": 0.02 / 12 + 0.5 * market + noise}, monthly, lags=6)
    row = table.iloc[0]
    assert table["model"].tolist() == ["market"]
    assert row["alpha"] == pytest.approx(0.02, abs=1e-4)
    assert row["market beta"] == pytest.approx(0.5, abs=1e-3)
    assert row["low"] < row["alpha"] < row["high"]
    with pytest.raises(InputError, match="lags"):
        alpha_table({}, monthly, lags=-1)


def test_the_alpha_of_the_fund_stands_in_its_evidence(true_study):
    """The sensitivity quotes the model with the most factors."""
    assert "five factors" in true_study.evidence["avuv-vs-peers"].sensitivity


def test_value_premium_as_published(bundled_study):
    """HML's mean of .40 per cent a month, 1963-07 to 1991-12: Fama and French (1993), Table 2."""
    hml = load_dataset("bundled").monthly["hml"].loc["1963-07":"1991-12"]
    found = premium(hml, hml * 0, block=12, draws=DRAWS, seed=1)
    assert 100 * found.annual / 12 == pytest.approx(0.40, abs=0.03)
    assert found.low > 0


def test_every_measure_is_there(claims, true_study):
    """The evidence of every claim holds finite numbers for all conditions of its criterion."""
    assert set(true_study.evidence) == set(claims)
    for name, evidence in true_study.evidence.items():
        for measure in claims[name].criterion.measures():
            assert np.isfinite(evidence.measures[measure]), (name, measure)
        assert evidence.mde > 0
        assert evidence.more_needed


@pytest.mark.parametrize("as_of", ["1931-06", "1955-06", "1995-12", "2007-12"])
def test_every_date_gives_evidence_or_a_reason(claims, as_of):
    """No date breaks the study or its charts, and every claim is answered or refused in words."""
    found = run(load_dataset("bundled", as_of), claims)
    for name, claim in claims.items():
        given = decide(claim, found.evidence[name], data="bundled", as_of=as_of)
        assert given.verdict or given.reason
    for chart in (draw.by_era, draw.running_lead, draw.after_troughs):
        drawn = chart(found)
        assert drawn is None or drawn.to_dict()["description"]
    assert draw.profit_fifths(found) is draw.fund_growth(found) is draw.fund_leads(found) is None


def test_the_bundled_data_ask_for_the_latest(bundled_study):
    """What the bundled data lack is named."""
    for name in ("quality-screen", "avuv-vs-peers"):
        refused = bundled_study.evidence[name]
        assert refused.needs == "latest"
        assert refused.reason.startswith("needs the latest data: ")


def test_charts_of_the_latest_data_say_what_they_show(true_study):
    """Every chart has a description built from results."""
    for chart in (draw.by_era, draw.profit_fifths, draw.fund_growth, draw.fund_leads):
        description = chart(true_study).to_dict()["description"]
        assert any(sign.isdigit() for sign in description)


def test_later_months_change_nothing(claims):
    """Wild closes after the cut leave evidence, tables and charts as they were."""
    dataset = latest_dataset(screen=0.003)
    before = pd.Period("2025-06", "M")
    facts = load_dataset("bundled").facts
    cut = dataclasses.replace(
        dataset, monthly=dataset.monthly.loc[:before], as_of=before, facts=facts
    )
    wild = cut.funds.copy()
    wild.loc["2025-07":] *= 5.0
    tame = dataclasses.replace(cut, funds=cut.funds.loc[:"2025-06-30"])
    rough = dataclasses.replace(cut, funds=wild)
    name, settings = "avuv-vs-peers", {"block": 6, "draws": DRAWS, "seed": 1}
    assert answer(tame, claims, name) == answer(rough, claims, name)
    pd.testing.assert_frame_equal(
        lead_table(tame, claims[name], **settings), lead_table(rough, claims[name], **settings)
    )
    pd.testing.assert_frame_equal(fund_growth(tame, claims[name]), fund_growth(rough, claims[name]))
    for other in ("iwn", "vbr"):
        pd.testing.assert_series_equal(lead(tame, other, "s1v1"), lead(rough, other, "s1v1"))


def test_parameters_reach_the_study(claims):
    """Another value side and window give other numbers."""
    early = load_dataset("bundled", "2007-12")
    other = run(early, claims, value_long="s3v5", value_short="s3v1", horizon=24)
    assert other.horizon == 24
    middle = other.eras.query("spread == 'middle fifth' and era == 'full'")["annual"].item()
    assert other.evidence["value-tilt"].estimate == pytest.approx(middle)
    assert other.evidence["small-value-leads"].unit == "decimal return over 24 months"


def test_the_recent_difference_begins_in_july_2013(claims):
    """What the screen earned since publication is the mean of those months alone."""
    dataset = latest_dataset(screen=0.003)
    monthly = dataset.monthly.copy()
    monthly.loc["2013-07":, ["me1op3", "me1op4", "me1op5"]] -= 0.006
    found, given = answer(dataclasses.replace(dataset, monthly=monthly), claims, "quality-screen")
    fifths = monthly.loc["2013-07":, [f"me1op{i}" for i in range(1, 6)]].mean(axis=0)
    by_hand = 12 * (fifths[-3:].mean() - fifths.mean())
    assert found.measures["difference_recent"] == pytest.approx(by_hand)
    assert found.measures["difference"] > 0 > by_hand
    assert given == "not distinguishable"


def test_a_gap_in_the_prices_leaves_the_months_after_it(claims):
    """A month without a close breaks a fund's returns; what is summed has no hole."""
    dataset = latest_dataset()
    holed = dataclasses.replace(dataset, funds=dataset.funds.drop(pd.Timestamp("2020-06-30")))
    assert lead(dataset, "vbr", "s1v1").index[0] == pd.Period("2019-10", "M")
    assert lead(holed, "vbr", "s1v1").index[0] == pd.Period("2020-08", "M")
    assert isinstance(answer(holed, claims, "avuv-vs-peers")[0], Refusal)
