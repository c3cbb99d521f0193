"""The breadth chapter: planted truths, small sums by hand, and nothing seen after as_of."""

import functools
import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks import breadth
from analysis.checks.breadth.arithmetic import (
    arithmetic_table,
    highest_share,
    lead_needed,
    share_beating,
    spread_needed,
)
from analysis.checks.breadth.evidence import industry_table
from analysis.checks.breadth.grids import (
    dispersion_ratio,
    known_rows,
    ratio_of_means,
    shift_medians,
)
from analysis.checks.breadth.measures import (
    CLAIMED_INDUSTRIES,
    INDUSTRY_WORDS,
    breadth_series,
    dispersion,
    fund_spread,
    industry_lead,
    share_ahead,
)
from analysis.checks.breadth.tables import index_lead, yearly_returns, yearly_shares
from analysis.checks.eras import in_era
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import Dataset, load_dataset, loading
from analysis.results import Evidence, InputError, Refusal

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.chapter == "breadth"}
TESTED = [key for key, claim in CLAIMS.items() if not claim.untestable]
SIZES = [f"s{s}{kind}{v}" for s, kind, v in itertools.product((1, 3, 5), "vm", (1, 3, 5))]


def months(count: int, start: str = "1950-01") -> pd.PeriodIndex:
    """A calendar of months."""
    return pd.period_range(start, periods=count, freq="M", name="month")


def panel(count: int = 400, *, truth: bool, seed: int = 3) -> pd.DataFrame:
    """A panel in which all three tested claims are true, or the opposite of each."""
    rng = np.random.default_rng(seed)
    sign = 1.0 if truth else -1.0
    market, shared = rng.normal(0.008, 0.04, count), rng.normal(0.0, 0.02, count)
    columns = {"market": market, "bill": 0.002, "smb": sign * shared + rng.normal(0, 0.01, count)}
    for name in INDUSTRY_WORDS:
        pull = 1.5 if name in CLAIMED_INDUSTRIES else 0.5
        columns[f"ind_{name}"] = market + pull * shared + rng.normal(0, 0.02, count)
    for name in SIZES:
        wide = (0.03 if truth else 0.02) if name[1] == "1" else 0.025
        tilt = columns["smb"] if name[1] == "1" else 0.0
        columns[name] = market + tilt + rng.normal(0, wide, count)
    return pd.DataFrame(columns, index=months(count))


def dataset_of(monthly: pd.DataFrame, **more) -> Dataset:
    """A data set with that panel and no facts."""
    return Dataset(monthly, {}, more.pop("data", "bundled"), monthly.index[-1], **more)


@functools.cache
def study_of(truth: bool) -> breadth.BreadthStudy:
    """The chapter on the planted panel."""
    return breadth.study(dataset_of(panel(truth=truth)), CLAIMS, breadth.Parameters(draws=200))


@functools.cache
def earlier(as_of: str) -> breadth.BreadthStudy:
    """The chapter on the bundled data as of a month."""
    return breadth.study(load_dataset("bundled", as_of), CLAIMS, breadth.Parameters(draws=100))


def verdict_on(claim: str, truth: bool) -> str | None:
    """The verdict on one claim from the planted panel."""
    study = study_of(truth)
    return decide(CLAIMS[claim], study.evidence[claim], data="bundled", as_of="1983-04").verdict


@pytest.mark.parametrize("claim", TESTED)
def test_a_planted_truth_is_supported(claim):
    """Where the claim is built into the panel, the verdict says so."""
    assert verdict_on(claim, True) == "supported"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("breadth-helps-small", "true but uninformative"),
        ("dispersion-wide", "contradicted"),
        ("sectors-lead", "contradicted"),
    ],
)
def test_the_opposite_is_not_supported(claim, verdict):
    """Where the opposite is built in, only what holds by construction is left of the claim."""
    assert verdict_on(claim, False) == verdict


def test_every_criterion_finds_its_measures():
    """The evidence holds every measure that a criterion names."""
    study = study_of(True)
    for claim in TESTED:
        assert CLAIMS[claim].criterion.measures() <= set(study.evidence[claim].measures)
    assert set(study.evidence) == set(CLAIMS)


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_the_chapter_runs_as_of_earlier_months(as_of):
    """Earlier months give a finite result for every claim, none of it from later data."""
    for evidence in earlier(as_of).evidence.values():
        assert isinstance(evidence, Evidence)
        assert evidence.sample_end <= as_of
        assert all(math.isfinite(value) for value in evidence.measures.values())


def test_wild_values_after_as_of_change_nothing(monkeypatch):
    """Returns after the cut can be anything; the evidence as of the cut stays the same."""
    whole = load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["1996-01":] = 0.5
    before = earlier("1995-12").evidence
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
    cut = load_dataset("bundled", "1995-12")
    again = breadth.study(cut, CLAIMS, breadth.Parameters(draws=100)).evidence
    assert {k: e.measures for k, e in again.items()} == {k: e.measures for k, e in before.items()}


def test_too_few_months_are_refused():
    """Four years of months are refused with a reason, for every claim."""
    study = breadth.study(dataset_of(panel(48, truth=True)), CLAIMS, breadth.Parameters(draws=100))
    assert all(isinstance(found, Refusal) and found.reason for found in study.evidence.values())
    assert study.slopes.empty and study.industries.empty


def test_latest_data_without_industries_say_what_is_missing():
    """Without industries the tested claims are refused; the record of the count still stands."""
    monthly = panel(truth=True)
    kept = [name for name in monthly if not name.startswith("ind_") and "m" not in name[1:3]]
    study = breadth.study(
        dataset_of(monthly[[*kept, "smb"]].T.drop_duplicates().T, data="latest"),
        CLAIMS,
        breadth.Parameters(draws=100),
    )
    for claim in TESTED:
        assert "hold no" in study.evidence[claim].reason
    assert "size and value portfolios" in study.evidence["breadth-19"].finding
    assert not study.ratios.empty


def test_share_ahead_counts_by_hand():
    """Two of three portfolios ahead give two thirds; a tie is not ahead; a gap is left out."""
    index = months(3)
    returns = pd.DataFrame(
        {"a": [0.02, 0.01, 0.0], "b": [0.03, 0.01, 0.0], "c": [0.0, 0.02, np.nan]}, index=index
    )
    share = share_ahead(returns, pd.Series([0.01, 0.01, 0.0], index=index))
    assert list(share.round(6)) == [0.666667, 0.333333]


def test_portfolio_breadth_does_not_count_industries_or_momentum():
    """Nine size and value portfolios are counted, and nothing else."""
    monthly = panel(80, truth=True)
    ahead = [name for name in SIZES if "v" in name]
    expected = monthly[ahead].gt(monthly["market"], axis=0).sum(axis=1) / 9
    found = breadth_series(dataset_of(monthly), "size_value_portfolios")
    np.testing.assert_allclose(found, expected)


def test_dispersion_by_hand():
    """Three returns of 0, 1 and 2% are one point apart with the divisor number less one."""
    monthly = pd.DataFrame({"s1v1": [0.0], "s1v3": [0.01], "s1v5": [0.02]}, index=months(1))
    assert dispersion(monthly, "s1", "value").iloc[0] == pytest.approx(0.01)
    assert isinstance(dispersion(monthly, "s5", "value"), Refusal)


def test_ratio_is_one_for_equal_scatter_and_scales():
    """Small three times as scattered gives a ratio of three; draws are rows."""
    large = np.array([[0.01, 0.02, 0.03]])
    assert ratio_of_means(3 * large, large) == pytest.approx([3.0])
    rng = np.random.default_rng(0)
    both = pd.DataFrame(rng.uniform(0.01, 0.02, (200, 2)), columns=["small", "large"])
    ratio = dispersion_ratio(both.set_axis(months(200)), 12, 400, 1)
    assert ratio.ci_low < 1 < ratio.ci_high
    assert ratio.estimate == pytest.approx(both["small"].mean() / both["large"].mean())


def test_the_lead_is_a_difference_of_means():
    """The lead equals twelve times the mean when small wins less the mean when it does not."""
    monthly = panel(truth=True)
    table = industry_table(dataset_of(monthly), "smb", 6).set_index("code")
    ahead = monthly["ind_enrgy"] - monthly["market"]
    won = monthly["smb"] > 0
    by_hand = 12 * (ahead[won].mean() - ahead[~won].mean())
    assert table.loc["enrgy", "lead"] == pytest.approx(by_hand)
    assert set(table[table["named"].astype(bool)].index) == set(CLAIMED_INDUSTRIES)


def test_sets_of_three_rank_the_claim():
    """With the named three strongest by far, only their own set leads as much."""
    study = study_of(True)
    assert study.evidence["sectors-lead"].measures["sets_of_three_as_good"] == pytest.approx(
        1 / math.comb(12, 3)
    )


def test_shifted_medians_equal_a_loop():
    """Turning the driver in a loop gives the same median correlations."""
    rng = np.random.default_rng(5)
    index = months(90, "1976-01")
    frame = pd.DataFrame(rng.normal(size=(90, 2)), index=index, columns=["spread", "driver"])
    specs = [(frame, "full"), (frame, "to_1980"), (frame * [2.0, -1.0], "from_1981")]
    found = shift_medians(specs)
    for shift in (0, 1, 40):
        each = []
        for part, era in specs:
            turned = part.assign(driver=np.roll(part["driver"], shift))
            each.append(in_era(turned, era).corr().iloc[0, 1])
        assert found[shift] == pytest.approx(np.median(each))


def test_the_arithmetic_agrees_with_a_drawn_market():
    """Half a million lognormal members, with weights that follow returns, give the same share."""
    rng = np.random.default_rng(11)
    spread, weight_spread, correlation = 0.3, 1.0, 0.4
    z = rng.standard_normal((2, 500_000))
    logs = 0.05 + spread * z[0]
    weights = np.exp(weight_spread * (correlation * z[0] + math.sqrt(1 - correlation**2) * z[1]))
    index = np.average(np.exp(logs), weights=weights)
    lead = correlation * weight_spread * spread
    assert np.log(index / np.exp(logs).mean()) == pytest.approx(lead, abs=0.01)
    assert (np.exp(logs) > index).mean() == pytest.approx(
        float(share_beating(spread, lead)), abs=4e-3
    )


def test_the_arithmetic_runs_backwards():
    """The spread and the lead needed give the share they were asked for; the bound is reached."""
    assert float(share_beating(spread_needed(0.19))) == pytest.approx(0.19)
    assert float(share_beating(0.2, lead_needed(0.19, 0.2))) == pytest.approx(0.19)
    assert highest_share(0.1) == pytest.approx(share_beating(np.linspace(0.05, 2, 4000), 0.1).max())
    assert highest_share(0.0) == pytest.approx(0.5)
    assert highest_share(-0.1) == 1.0


def test_the_arithmetic_falls_with_spread_and_lead():
    """Wider returns and a stronger index leave fewer members ahead."""
    table = arithmetic_table().pivot(index="spread", columns="lead", values="share")
    assert (table[0.0].diff().dropna() < 0).all()
    assert (table.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    with pytest.raises(InputError, match="above zero"):
        share_beating([0.0])


def test_years_are_whole_and_compounded():
    """A year of 1% months compounds; eleven months are no year."""
    monthly = pd.DataFrame({"market": 0.01, "s1v1": 0.02}, index=months(23))
    yearly = yearly_returns(monthly)
    assert list(yearly.index) == [1950]
    assert yearly.loc[1950, "market"] == pytest.approx(1.01**12 - 1)
    shares = yearly_shares(monthly)
    assert shares.to_dict("records") == [
        {"year": 1950, "portfolios": "size and value portfolios", "share": 1.0}
    ]


def test_funds_give_months_and_the_lead_of_a_year():
    """Closes at month ends give monthly spreads; year ends give the lead of the index fund."""
    days = pd.to_datetime(["2023-12-15", "2023-12-29", "2024-01-31", "2024-12-31"])
    closes = pd.DataFrame({"RSP": [99.0, 100.0, 105.0, 110.0], "SPY": [90.0, 100, 102, 121]}, days)
    dataset = dataset_of(panel(60, truth=True), data="latest", funds=closes)
    assert fund_spread(dataset, "rsp_spy").iloc[0] == pytest.approx(0.05 - 0.02)
    assert index_lead(dataset, 2024) == pytest.approx(math.log(1.21 / 1.10))
    assert index_lead(dataset, 2022) is None
    assert isinstance(fund_spread(dataset, "iwm_spy"), Refusal)
    assert fund_spread(dataset_of(panel(60, truth=True)), "rsp_spy").needs == "latest"


def test_the_record_names_the_lead_of_the_index_where_funds_are_at_hand():
    """With closes of both funds the finding gives the bound that their lead sets."""
    days = pd.date_range("2023-12-29", "2024-12-31", freq="B")
    closes = pd.DataFrame({"RSP": 1.0, "SPY": np.linspace(1.0, math.exp(0.1), len(days))}, days)
    dataset = dataset_of(panel(truth=True), data="latest", funds=closes)
    study = breadth.study(dataset, CLAIMS, breadth.Parameters(draws=100))
    assert "the lead that year was 0.10" in study.evidence["breadth-19"].finding
    assert f"at most {highest_share(0.1):.0%}" in study.evidence["breadth-19"].finding


def test_rows_without_a_result_are_left_out_of_the_tables():
    """The tables on the page hold no empty rows, and the sentence counts what is left out."""
    study = study_of(True)
    assert not study.slopes.isna().any(axis=None)
    assert "left out with a reason" in study.evidence["breadth-helps-small"].sensitivity
    assert "reason" not in known_rows(pd.DataFrame({"slope": [1.0], "reason": [""]}))


def test_industries_are_compared_with_the_market():
    """The lead series is the mean of the named industries less the market."""
    monthly = panel(70, truth=True)
    named = monthly[["ind_money", "ind_enrgy"]].mean(axis=1) - monthly["market"]
    pd.testing.assert_series_equal(
        industry_lead(monthly, ("money", "enrgy")), named, check_names=False
    )


def test_an_unknown_era_is_an_error():
    """A misspelt era is refused, naming those there are."""
    with pytest.raises(InputError, match="from_1981"):
        in_era(pd.Series(1.0, index=months(3)), "modern")
