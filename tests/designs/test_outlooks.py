"""Outlooks on made-up prices: won, lost, luck and state where they were planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.outlook_allocation import PORTFOLIO
from analysis.designs.outlook_decade import rate_needed
from analysis.designs.outlook_easing import base_rate, outlook_easing
from analysis.designs.outlook_studies import Stated, conditions_of
from analysis.panel import Dataset, load_dataset
from analysis.panel.outlook_paths import first_positions
from analysis.results import InputError
from analysis.sources.derived import load_valuation_gap

CLAIMS = load_claims()
ONCE = Sampling(1, 1)
DAYS = pd.bdate_range("2019-01-01", "2026-08-03")
FUNDS = ("BKLN", "HYG", "IEF", "IJR", "IWM", "IWN", "LQD", "QQQ", "SPY", "VB")
NOTE = "2026-01-20"
MONTHS = pd.period_range("2020-01", "2026-07", freq="M", name="month")


def closes(after=0.0, before=0.0, movers=("IWM", "IJR", "VB"), seed=5, noise=0.002):
    """Closes in which some funds gain so much a session since the note, and so much earlier."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0002, 0.01, len(DAYS))
    later = np.where(DAYS > NOTE, after, before)
    logs = {
        fund: market + rng.normal(0, noise, len(DAYS)) + (fund in movers) * later for fund in FUNDS
    }
    return pd.DataFrame(logs, index=DAYS).cumsum().pipe(np.exp) * 50


def panel():
    """A monthly panel with the series a condition may speak of."""
    frame = pd.DataFrame({"target": 0.0375, "lending_standards": 0.1}, index=MONTHS)
    return frame.assign(cpi=np.linspace(250, 330, len(MONTHS)), baa=0.06, aaa=0.05)


def data(prices, monthly=None, **changes):
    """A data set of the latest kind around some prices."""
    held = panel() if monthly is None else monthly
    return Dataset(held, {}, "latest", held.index[-1], funds=prices, **changes)


def run(claim, prices, monthly=None, changes=None, until=None):
    """The study of a claim on some prices, seen to a day."""
    seen = prices if until is None else prices.loc[:until]
    design = find_design(CLAIMS[claim].design)
    return design(data(seen, monthly), bind(CLAIMS[claim], changes), ONCE)


def verdict(claim, study):
    """The verdict on a study's finding."""
    return decide(CLAIMS[claim], study.finding, data="latest", as_of="newest").verdict


def test_an_outlook_that_comes_true_beyond_luck_is_supported_and_its_opposite_contradicted():
    """A lead far beyond every earlier one; and a lag."""
    won = run("outlook-000-near", closes(after=0.003))
    assert verdict("outlook-000-near", won) == "supported"
    assert won.state == "resolved" and won.days_open == 0
    lost = run("outlook-000-near", closes(after=-0.003))
    assert verdict("outlook-000-near", lost) == "contradicted"
    assert lost.finding.measures["largest_lead"] < 0


def test_what_comes_true_from_most_days_tells_nothing():
    """Small caps that always lead: the outlook came true, as it would have from any day."""
    study = run("outlook-000-near", closes(after=0.001, before=0.0015))
    assert study.finding.luck > 0.3
    assert verdict("outlook-000-near", study) == "true but uninformative"


def test_a_lead_at_one_horizon_and_a_lag_at_the_other_is_neither():
    """Ahead after three months, behind after six."""
    prices = closes(after=0.002)
    prices.loc["2026-05-01":, "IJR"] *= 0.6
    study = run("outlook-000-near", prices)
    assert list(study.calls["won"]) == ["yes", "no", "undecided"]
    assert verdict("outlook-000-near", study) == "not distinguishable"


def test_an_open_outlook_says_until_when_and_shows_what_has_passed():
    """One of two horizons is over: no verdict, one call, and the days that are left."""
    study = run("outlook-000-medium", closes(after=0.002))
    assert study.state == "open until 20 January 2027"
    assert study.finding.refusal.reason.startswith("open until 20 January 2027. By 3 August 2026:")
    assert list(study.calls["months"]) == ["6"] and study.calls["won"].iloc[0] == "yes"
    assert study.days_open == 170
    assert verdict("outlook-000-medium", study) is None


def test_a_sentence_without_a_direction_gets_no_verdict_however_long_one_waits():
    """Its path is shown all the same."""
    study = run("outlook-002", closes(after=0.003))
    assert study.finding.refusal.reason.startswith("no direction given")
    assert set(study.paths["series"]) == {"IWM/SPY"} and len(study.calls)
    far = pd.bdate_range("2020-01-01", "2028-01-03")
    longer = pd.DataFrame({"IWM": np.linspace(50, 90, len(far)), "SPY": 50.0}, index=far)
    later = run("outlook-002", longer)
    assert later.state == "no direction given" and later.finding.refusal is not None


def test_nothing_is_seen_before_the_note():
    """Prices to the day before: not yet made, and empty tables of the right shape."""
    outlooks = [one.id for one in CLAIMS.values() if one.kind == "outlook"]
    assert outlooks
    for claim in outlooks:
        study = run(claim, closes(), monthly=panel().loc[:"2025-08"], until="2025-08-29")
        assert study.state == "not yet made", claim
        assert study.finding.refusal is not None and study.calls.empty and study.paths.empty
        assert len(study.shown) == 1


def test_a_close_just_before_the_note_is_no_first_day_while_nothing_later_is_seen():
    """On the 16th nothing of the 20th is known; a note of a Sunday begins at Friday's close."""
    assert run("outlook-000-near", closes(), until="2026-01-16").state == "not held"
    index = pd.bdate_range("2026-01-01", "2026-01-30")
    assert index[first_positions(index, "2026-01-18", "2026-01-18")[0]] == pd.Timestamp(
        "2026-01-16"
    )


def test_no_later_close_than_a_cut_shows_enters():
    """What is cut off does not change what is seen before it."""
    whole = closes(after=0.002)
    cut = run("outlook-004", whole, until="2026-05-29")
    other = whole.copy()
    other.loc["2026-06-01":] *= 3.0
    assert run("outlook-004", other, until="2026-05-29").calls.equals(cut.calls)
    assert list(cut.calls["months"]) == ["1", "3"]
    assert cut.paths["day"].max() == pd.Timestamp("2026-05-29")


def test_every_admissible_first_day_counts_and_a_range_is_not_over_before_its_last():
    """Six sessions from the 12th to the 20th of January; the smallest lead is of the worst."""
    prices = closes(after=0.002)
    study = run("outlook-004", prices)
    assert set(study.calls["starts"]) == {7}
    row = study.calls[study.calls["months"] == "3"].iloc[0]
    ratio = np.log(prices["IWM"] / prices["SPY"])
    leads = []
    for day in pd.bdate_range("2026-01-12", "2026-01-20"):
        end = prices.index[prices.index <= day + pd.DateOffset(months=3)][-1]
        leads.append(np.expm1(ratio[end] - ratio[day]))
    assert row["smallest"] == pytest.approx(min(leads))
    assert row["mean"] == pytest.approx(np.mean(leads))
    assert row["end"] == pd.Timestamp("2026-04-20")
    assert set(study.paths["first"]) == {"2026-01-12", "2026-01-20"}
    early = run("outlook-003", prices, until="2026-03-20")
    assert early.calls.empty and early.state == "open until 31 March 2027"


def test_stages_are_run_beside_all_at_once():
    """The grid has a row for each; nothing passed gives a reason."""
    study = run("outlook-003", closes(after=0.002))
    assert list(study.grid["stages"]) == [1, 6]
    assert set(study.grid["reason"]) == {"no horizon has passed"}
    far = pd.bdate_range("2020-01-01", "2027-04-02")
    prices = pd.DataFrame(
        {"IJR": np.exp(np.arange(len(far)) * 0.001), "VB": 1.0, "SPY": 1.0}, index=far
    )
    prices["VB"] = prices["IJR"]
    late = run("outlook-003", prices)
    assert late.grid["smallest"].is_monotonic_decreasing and (late.grid["reason"] == "").all()
    assert set(late.calls["key"]) == {"IJR+VB/SPY", "IJR+VB/SPY in 6 stages"}


def test_conditions_are_read_from_the_month_behind_the_note_to_the_end():
    """A fall is lower, what stands is not higher, and what is not at hand is left out."""
    fall = np.where(MONTHS >= "2026-03", 0.035, 0.0375)
    later = np.where(MONTHS >= "2026-06", 0.2, 0.1)
    monthly = panel().assign(target=fall, lending_standards=later)
    study = run("outlook-000-near", closes(), monthly)
    table = study.conditions.set_index("condition")
    assert list(table["met"]) == ["yes", "no", "yes"]
    target = table.loc["the Fed's target rate not higher"]
    assert (target["from"], target["to"]) == ("2025-12", "2026-07")
    assert (target["before"], target["after"]) == (0.0375, 0.035)
    assert study.met == "2 of 3 parts"
    outlook = CLAIMS["outlook-003"].outlook
    stated = [Stated(series=name, change="lower") for name in ("target", "broad_dollar")]
    table, _ = conditions_of(data(closes(), monthly), outlook, stated)
    assert list(table["met"]) == ["yes"]


def test_a_condition_and_the_year_s_cuts_go_on_where_the_returns_end():
    """Returns to April, a target to July: its fall in June is seen, and nothing after a cut."""
    months = pd.period_range("2000-01", "2026-07", freq="M", name="month")
    target = pd.Series(np.where(months >= "2026-06", 0.0350, 0.0375), index=months, name="target")
    returns, rates = panel().loc[:"2026-04"].assign(target=0.0375), target.to_frame()
    whole = data(closes(), returns, rates=rates)
    stated = [Stated(series="target", change="lower")]
    table, _ = conditions_of(whole, CLAIMS["outlook-000-near"].outlook, stated)
    assert list(table["met"]) == ["yes"] and list(table["to"]) == ["2026-07"]
    for last, made in (("2026-07", 1), ("2026-05", 0)):
        seen = data(closes(), returns, rates=rates.loc[:last])
        study = outlook_easing(seen, bind(CLAIMS["easing-2026"]), ONCE)
        assert study.seen[:7] == last
        assert f"fell by {made} of 3 expected steps" in study.finding.refusal.reason


def test_what_stands_still_is_not_higher_and_not_lower():
    """The edge of each change."""
    stated = [Stated(series="target", change=c) for c in ("lower", "not higher", "higher")]
    table, _ = conditions_of(data(closes()), CLAIMS["outlook-000-near"].outlook, stated)
    assert list(table["met"]) == ["no", "yes", "no"]


def test_a_condition_reads_nothing_after_the_outlook_ends():
    """The target of August does not count for an outlook to 20 July; that of July does."""
    months = pd.period_range("2025-12", "2026-12", freq="M", name="month")
    monthly = panel().reindex(months).assign(target=np.where(months >= "2026-08", 0.01, 0.0375))
    table, _ = conditions_of(
        data(closes(), monthly),
        CLAIMS["outlook-000-near"].outlook,
        [Stated(series="target", change="lower")],
    )
    assert list(table["met"]) == ["no"] and list(table["to"]) == ["2026-07"]


def test_views_are_scored_by_hand():
    """Each against the equal mix of six; the mix of two funds is their mean."""
    prices = closes(after=0.002, movers=("IWM", "IWN"))
    study = run("views-000", prices)
    calls = study.calls[study.calls["key"].eq(study.calls["key"].iloc[0])]
    row = calls[calls["months"] == "3"].set_index("call")
    end = prices.loc["2026-04-20"] / prices.loc["2026-01-20"] - 1
    gains = [
        end["IWM"],
        end["SPY"],
        end["LQD"],
        end[["HYG", "BKLN"]].mean(),
        end["IWN"],
        end["IEF"],
    ]
    mix = np.mean(gains)
    assert row["mean"].iloc[0] == pytest.approx(gains[0] - mix)
    weights = np.array([1.5, 1, 1, 0.5, 1.5, 1]) / 6.5
    assert row.loc[PORTFOLIO, "mean"] == pytest.approx(weights @ gains - mix)
    assert row.loc["US small caps: over", "won"] == "yes"
    assert row.loc["high yield and bank loans: under", "won"] == "yes"
    assert row.loc["US mega caps: neutral", "won"] == "no"
    neutral = calls[calls["call"].str.endswith("neutral")]["base_rate"]
    assert neutral.to_numpy() == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [-0.002, 0.0, 0.002])
def test_a_neutral_view_is_right_in_the_middle_third_by_plain_loops(drift):
    """Below it and above it wrong, by the differences from all earlier days."""
    prices = closes(after=drift, movers=("IEF",))
    study = run("views-000", prices)
    row = study.calls[study.calls["call"].eq("duration: neutral")].iloc[0]
    here, end = DAYS.get_loc("2026-01-20"), DAYS.get_loc("2026-04-20")
    differences = []
    for start in [*range(here - (end - here) + 1), here]:
        gain = prices.iloc[start + end - here] / prices.iloc[start] - 1
        six = [*gain[["IWM", "SPY", "LQD", "IWN", "IEF"]], gain[["HYG", "BKLN"]].mean()]
        differences.append(gain["IEF"] - np.mean(six))
    *earlier, now = differences
    low, high = np.quantile(earlier, [1 / 3, 2 / 3])
    assert row["won"] == ("yes" if low < now < high else "no")
    assert row["mean"] == pytest.approx(now)
    assert drift == 0 or row["won"] == "no"


def test_views_turn_with_the_market():
    """Where small caps and value lag, the overweights are wrong and the tilted mix loses."""
    study = run("views-000", closes(after=-0.002, movers=("IWM", "IWN")))
    portfolio = study.calls[study.calls["call"] == PORTFOLIO]
    assert (portfolio["mean"] < 0).all() and set(portfolio["won"]) == {"no"}
    assert set(study.grid["tilt"]) == {0.25, 0.5, 1.0}
    assert study.state == "open until 20 January 2027"
    assert study.finding.refusal.reason.count("of 6 views were right")


def test_views_get_their_verdict_after_a_year():
    """Supported where the tilted mix gained more than from any earlier day."""
    far = pd.bdate_range("2020-01-01", "2027-02-01")
    rng = np.random.default_rng(1)
    logs = pd.DataFrame(rng.normal(0, 0.003, (len(far), len(FUNDS))), far, FUNDS)
    for sign, label in ((1, "supported"), (-1, "contradicted")):
        made = logs.copy()
        made.loc["2026-01-21":, ["IWM", "IWN"]] += sign * 0.003
        study = run("views-000", np.exp(made.cumsum()))
        assert verdict("views-000", study) == label
        assert study.finding.measures["calls_won"] >= 0


def test_what_the_rest_of_a_decade_must_bring():
    """Nothing made so far leaves more to be made; the whole made leaves nothing."""
    assert rate_needed(0.0, 0.09, 10, 10) == pytest.approx(0.09)
    assert rate_needed(1.09**10 - 1, 0.09, 10, 5) == pytest.approx(0.0)
    assert np.isnan(rate_needed(0.5, 0.09, 10, 0))
    bundled = load_dataset("bundled")
    latest = replace(bundled, data="latest", funds=closes(after=0.001), outlooks={})
    claim = CLAIMS["outlook-001"]
    study = find_design(claim.design)(latest, bind(claim), ONCE)
    assert study.state == "open until 31 December 2035"
    assert list(study.needed["side"]) == ["small caps", "large caps", "small less large"] * 2
    assert study.needed["share of windows"].between(0, 1).all()
    small = study.needed.iloc[0]
    assert small["gain so far"] > 0 and small["from"] == "2025-09-01"


def test_ten_years_are_judged_by_both_first_days():
    """Small caps at 9% and large at 1% are supported, the reverse contradicted."""
    far = pd.bdate_range("2025-08-29", "2036-01-02")
    years = (far - far[0]).days.to_numpy() / 365.25
    for small, large, label in ((0.09, 0.01, "supported"), (0.01, 0.09, "contradicted"),
                                (0.09, 0.07, "not distinguishable")):  # fmt: skip
        prices = pd.DataFrame({"IWM": (1 + small) ** years, "SPY": (1 + large) ** years}, far)
        study = run("outlook-001", prices)
        assert verdict("outlook-001", study) == label, (small, large)


def test_cuts_are_counted_from_the_end_of_the_year_before():
    """Two of three so far is open; three by December is judged beside earlier years."""
    months = pd.period_range("2000-01", "2026-12", freq="M", name="month")
    target = pd.Series(0.05, index=months)
    target.loc["2026-03":] = 0.045
    frame = pd.DataFrame({"target": target})
    claim = "easing-2026"
    study = run(claim, closes(), frame.loc[:"2026-07"])
    assert study.state == "open until 31 December 2026"
    assert "fell by 2 of 3 expected steps, to 4.50%" in study.finding.refusal.reason
    assert verdict(claim, run(claim, closes(), frame)) == "not distinguishable"
    frame.loc["2026-10":, "target"] = 0.0425
    done = run(claim, closes(), frame)
    assert done.finding.measures == {"cuts_made": 3.0, "luck": 0.0}
    assert verdict(claim, done) == "supported"
    frame.loc["2026-12":, "target"] = 0.05
    assert verdict(claim, run(claim, closes(), frame)) == "contradicted"


def test_the_base_rate_of_cuts_by_hand():
    """One fall of a point: twelve stretches hold it, and none reaches past the first day."""
    months = pd.period_range("2010-01", "2026-12", freq="M", name="month")
    rates = pd.Series(np.where(months >= "2015-01", 0.04, 0.05), index=months)
    rates.loc["2026-02":] = 0.0
    arguments = bind(CLAIMS["easing-2026"]).arguments
    share, count = base_rate(rates, "2025-12-31", 12, arguments)
    assert count == 192 - 12 and share == pytest.approx(12 / count)


def test_recorded_growth_settles_the_growth_spurt_once_both_years_are_there():
    """Open while its time runs; refused without figures; then judged by them."""
    claim = CLAIMS["growth-spurt"]
    study = run("growth-spurt", closes())
    assert study.state == "open until 18 March 2028" and len(study.recorded) == 3
    later = closes()
    later.index = later.index + pd.DateOffset(years=2)
    later = later[~later.index.duplicated()]
    waiting = run("growth-spurt", later)
    assert "is not recorded for both sides" in waiting.finding.refusal.reason
    form = claim.outlook.facts[0]
    made = [
        form.model_copy(update={"what": what, "value": value, "status": "realised"})
        for what, value in zip(
            ("earnings growth of the Russell 2000", "earnings growth of the S&P 500") * 2,
            (20.0, 8.0, 12.0, 10.0), strict=True,
        )
    ]  # fmt: skip
    outlook = claim.outlook.model_copy(update={"facts": tuple(made)})
    specification = replace(bind(claim), outlook=outlook)
    done = find_design("outlook_record")(data(later), specification, ONCE)
    assert done.finding.measures == {"lead_a_year": 7.0, "small_a_year": 16.0}
    assert verdict("growth-spurt", done) == "supported"


def test_a_figure_published_later_is_not_seen():
    """In January 2026 only what was published by then."""
    study = run("growth-spurt", closes(), panel().loc[:"2026-03"], until="2026-03-31")
    assert len(study.recorded) == 2


def test_a_design_of_outlooks_needs_an_outlook():
    """Bound to another claim it says what is missing."""
    specification = replace(bind(CLAIMS["outlook-002"]), outlook=None)
    with pytest.raises(InputError, match="give it kind: outlook"):
        find_design("outlook_lead")(data(closes()), specification, ONCE)


def test_a_short_history_gives_no_base_rate():
    """A year of closes before the note: too few windows of six months."""
    study = run("outlook-000-near", closes().loc["2025-01-02":])
    assert study.finding.refusal.reason.endswith("earlier windows as long; 250 are needed")
    assert study.state == "resolved" and verdict("outlook-000-near", study) is None


def test_a_fund_that_is_not_held_gives_a_reason():
    """Not a crash."""
    study = run("outlook-000-near", closes().drop(columns="IJR"))
    assert study.finding.refusal.reason == "the data of this run hold no closes of IJR/SPY"
    assert study.state == "not held"


def junes(last, narrower=0.0):
    """The valuation gap by June since 1950; the last is narrower than the others by so much."""
    index = pd.PeriodIndex([f"{year}-06" for year in range(1950, last + 1)], freq="M", name="june")
    table = pd.DataFrame({"gap_june": 1.3, "gap_december": 1.1}, index=index)
    table.iloc[-1] -= narrower
    return table


def rerated(after, narrower, last=2028):
    """The study of the re-rating on closes to its end and gaps to a June."""
    days = pd.bdate_range("2014-01-01", "2029-02-01")
    rng = np.random.default_rng(3)
    lead = rng.normal(0, 0.002, len(days)) + (days > NOTE) * after
    prices = pd.DataFrame({"IWM": np.exp(lead.cumsum()), "SPY": 1.0}, index=days)
    held = data(prices, panel(), valuation=junes(last, narrower))
    return find_design("outlook_lead")(held, bind(CLAIMS["outlook-000-long"]), ONCE)


@pytest.mark.parametrize(
    ("after", "narrower", "expected"),
    [
        (0.001, 0.2, "supported"),
        (0.001, -0.2, "not distinguishable"),
        (-0.001, 0.2, "not distinguishable"),
        (-0.001, -0.2, "contradicted"),
    ],
)
def test_a_re_rating_has_to_hold_in_return_and_in_valuation(after, narrower, expected):
    """Supported by both readings, contradicted by both, and told apart by neither alone."""
    study = rerated(after, narrower)
    assert study.state == "resolved"
    assert verdict("outlook-000-long", study) == expected
    measures = study.finding.measures
    assert measures["smallest_narrowing"] == pytest.approx(narrower)
    assert measures["narrowing_luck"] == (0.0 if narrower > 0 else 1.0)
    change = "−18%" if narrower > 0 else "+22%"
    assert f"changed by {change} by June market values" in study.finding.finding


def test_a_re_rating_is_refused_without_the_last_june():
    """The closes reach the end, the book values do not."""
    study = rerated(0.001, 0.2, last=2027)
    assert study.finding.refusal.reason == "the valuation gap is not at hand to the last June"
    assert verdict("outlook-000-long", study) is None


def test_an_open_re_rating_shows_the_valuation_at_the_note_and_since():
    """As a table for reading, and in the sentence on how it stands; others have none."""
    prices = closes()
    held = data(prices, valuation=junes(2026, 0.1))
    study = find_design("outlook_lead")(held, bind(CLAIMS["outlook-000-long"]), ONCE)
    assert study.state == "open until 20 January 2029"
    assert list(study.valuations_shown["reading"]) == ["at the note", "since", "at the note"]
    assert list(study.valuations_shown["market values of"]) == [
        "June 2025", "June 2026", "December 2025"
    ]  # fmt: skip
    assert study.valuations_shown.iloc[0, 2] == round(np.exp(1.3), 2)
    assert "3.67 times in June 2025, the note's own" in study.finding.refusal.reason
    other = run("outlook-000-medium", prices)
    assert other.valuations.empty and "no table" in other.valuations_shown


def test_no_valuation_is_shown_before_the_note():
    """What is seen ends in 2025: the gap of the June before is not the outlook's yet."""
    held = data(closes().loc[:"2025-08-29"], panel().loc[:"2025-08"], valuation=junes(2025))
    study = find_design("outlook_lead")(held, bind(CLAIMS["outlook-000-long"]), ONCE)
    assert study.state == "not yet made" and study.valuations.empty


def test_the_bundled_data_see_the_valuation_at_the_note():
    """Their returns end years before it; the derived table of Junes does not. A cut has none."""
    bound = bind(CLAIMS["outlook-000-long"])
    study = find_design("outlook_lead")(load_dataset("bundled"), bound, ONCE)
    first = study.valuations.iloc[0]
    kept = load_valuation_gap()["gap_june"]
    assert (first["basis"], first["priced"], first["place"]) == ("june", "2025-06", "start")
    assert first["gap"] == kept[pd.Period("2025-06", "M")]
    assert "outlooks/valuation" in load_dataset("bundled").reaches
    cut = find_design("outlook_lead")(load_dataset("bundled", "2018-10"), bound, ONCE)
    assert cut.state == "not yet made" and cut.valuations.empty
