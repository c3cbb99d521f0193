"""The supplementary tables: small cases by hand, and what is shown where."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit import supplements
from analysis.audit.kept import KEPT_MAKERS, figures, tested_legs
from analysis.audit.supplements import (
    fifths,
    forecasts,
    indices,
    policy,
    record,
    rotation,
    size,
    studies,
)
from analysis.audit.supplements.spreads import log_spread, spread, words_of
from analysis.claims import load_claims
from analysis.panel import Dataset
from analysis.results import InputError
from analysis.runs import supplement_tables
from analysis.sources import supplements as kept_tables
from analysis.sources.facts import load_facts

MONTHS = pd.period_range("2000-01", "2019-12", freq="M", name="month")


def made(seed: int = 1, **columns: object) -> Dataset:
    """A small data set of SMB, both sides of a leg and a flag of recessions."""
    rng = np.random.default_rng(seed)
    monthly = pd.DataFrame(index=MONTHS)
    monthly["smb"] = rng.normal(0.002, 0.03, len(MONTHS))
    monthly["recession"] = 0
    for name in [f"s{fifth}v{value}" for fifth in (1, 5) for value in (1, 3, 5)]:
        monthly[name] = rng.normal(0.01, 0.05, len(MONTHS))
    days = pd.bdate_range("2000-01-03", "2019-12-31", name="day")
    daily = pd.DataFrame(
        {"smb": rng.normal(0, 0.005, len(days)), "market": rng.normal(0, 0.01, len(days))}, days
    )
    return Dataset(
        monthly=monthly.assign(**columns),
        facts=load_facts(None),
        data="latest",
        as_of=MONTHS[-1],
        daily=daily,
    )


def closes(dataset: Dataset, beta: float = 0.7) -> pd.DataFrame:
    """Month-end closes of three funds: small is large and a share of SMB."""
    ends = [month.end_time.normalize() for month in MONTHS]
    large = pd.Series(0.01, index=MONTHS)
    small = large + beta * dataset.monthly["smb"]
    paths = pd.DataFrame({"SPY": large, "IWM": small, "IJR": small}).add(1).cumprod() * 100
    return paths.set_axis(pd.DatetimeIndex(ends))


def test_a_path_is_zero_at_the_cut_and_sums_the_months_after():
    """Each cut of the sample has its months before and after, where the data hold them."""
    dataset = made()
    table = record.cut_paths(dataset)
    assert set(table["cut"]) == {"2001-01", "2007-09", "2019-07"} and set(table["leg"]) == {"smb"}
    one = table[table["cut"] == "2007-09"].set_index("offset")["cumulative"]
    assert one[0] == 0 and one.index.min() == -12 and one.index.max() == 36
    after = dataset.monthly["smb"].loc["2007-10":"2007-12"].sum()
    assert one[3] == pytest.approx(after)


def test_years_and_windows_are_counted():
    """A factor's year is the sum of its months, that of two funds the difference of their years."""
    dataset = made()
    dataset = replace(dataset, funds=closes(dataset))
    years = record.calendar_years(dataset).set_index(["leg", "year"])
    months = dataset.monthly["smb"].loc["2004"]
    assert years.loc[("smb", 2004), "lead"] == pytest.approx(months.sum())
    grown = (1.01 + 0.7 * months).prod() - 1.01**12
    assert years.loc[("iwm_spy", 2004), "lead"] == pytest.approx(grown)
    assert years.loc[("iwm_spy", 2000), "months"] == 11
    won = record.windows_won(dataset).set_index(["leg", "years"])
    sums = np.log1p(dataset.monthly["smb"]).rolling(24).sum().dropna()
    assert won.loc[("smb", 2), "won"] == pytest.approx((sums >= 0).mean())
    assert won.loc[("smb", 2), "windows"] == len(sums)
    assert 25 not in won.loc["smb"].index


def test_a_change_on_a_day_without_trading_meets_the_next_session():
    """And the means are those of the sessions, each less the mean of all sessions of its year."""
    dataset = made()
    table = dataset.facts["target_changes"].iloc[-12:].copy()
    table["day"] = pd.date_range("2015-01-03", periods=12, freq="28D")  # Saturdays
    table["move_bp"] = [-25.0] * 8 + [25.0] * 4
    dataset = replace(dataset, facts={**dataset.facts, "target_changes": table})
    days = policy.policy_days(dataset)
    assert days["session"].iloc[0] == pd.Timestamp("2015-01-05") and len(days) == 12
    year = dataset.daily["smb"].loc["2015"]
    assert days["smb"].iloc[0] == pytest.approx(year.loc["2015-01-05"] - year.mean())
    means = policy.policy_means(dataset).set_index(["leg", "kind"])
    cuts = year.reindex(days["session"].iloc[:8])
    assert means.loc[("smb", "all cuts"), "mean"] == pytest.approx(cuts.mean() - year.mean())
    assert ("smb", "all rises") not in means.index  # four days are too few


def test_cuts_of_a_wild_year_are_set_against_that_year():
    """Returns three times as wide in the year of every cut widen the interval three times."""
    dataset = made()
    table = dataset.facts["target_changes"].iloc[-20:].copy()
    table["day"] = pd.bdate_range("2010-01-04", periods=20, freq="10B")
    table["move_bp"] = -25.0

    def half(scale):
        daily = dataset.daily.copy()
        daily.loc["2010", "smb"] *= scale
        facts = {**dataset.facts, "target_changes": table}
        row = policy.policy_means(replace(dataset, daily=daily, facts=facts)).set_index("kind")
        return float(row.loc["all cuts", "high"] - row.loc["all cuts", "mean"])

    assert half(3.0) == pytest.approx(3 * half(1.0))


def test_a_planted_move_on_days_of_cuts_is_found_and_none_is_not():
    """Half a per cent on each of thirty days is seen; rises, with nothing planted, are not."""
    dataset = made()
    table = dataset.facts["target_changes"].iloc[-60:].copy()
    table["day"] = pd.bdate_range("2010-01-04", periods=60, freq="20B")
    table["move_bp"] = [-25.0, 25.0] * 30
    daily = dataset.daily.copy()
    daily.loc[table["day"][table["move_bp"] < 0], "smb"] += 0.005
    dataset = replace(dataset, daily=daily, facts={**dataset.facts, "target_changes": table})
    found = policy.policy_means(dataset).set_index("kind")
    assert found.loc["all cuts", "p"] < 0.01 and found.loc["all cuts", "low"] > 0
    assert found.loc["all rises", "p"] > 0.05


def test_without_daily_returns_there_is_no_policy_day():
    """No rows, and no error."""
    dataset = replace(made(), daily=None)
    assert policy.policy_days(dataset).empty and policy.policy_means(dataset).empty


def test_beta_and_correlation_of_what_can_be_bought():
    """Funds that hold seven tenths of SMB have that beta; a reader's own leg stands beside."""
    dataset = made()
    rng = np.random.default_rng(3)
    own = 0.5 * dataset.monthly["smb"] + rng.normal(0, 0.01, len(MONTHS))
    dataset = made(own=own)
    dataset = replace(dataset, funds=closes(dataset))
    table = indices.index_exposures(dataset).set_index(["leg", "against"])
    funds, mine = table.loc[("iwm_spy", "smb")], table.loc[("own", "smb")]
    assert funds["beta"] == pytest.approx(0.7) and funds["correlation"] == pytest.approx(1)
    slope, intercept = np.polyfit(dataset.monthly["smb"], own, 1)
    assert mine["beta"] == pytest.approx(slope) and mine["left"] == pytest.approx(12 * intercept)
    assert mine["low"] < slope < mine["high"]
    expected = np.sqrt(12) * (own - dataset.monthly["smb"]).std()
    assert mine["tracking"] == pytest.approx(expected)
    assert words_of("ijr_spy") == "IJR less SPY"


def test_the_registered_rule_is_run_with_each_leg(monkeypatch):
    """A rule on SMB alone gives SMB's verdict, over the funds' months and with the funds."""
    dataset = made()
    dataset = replace(dataset, funds=closes(dataset))
    [claim] = [one for one in load_claims().values() if one.design == "premium_before_after"]
    monkeypatch.setattr(tested_legs, "central_claims", lambda: iter([claim]))
    table = tested_legs.index_verdicts(dataset).set_index("leg")
    assert list(table.index) == ["smb", "smb, months of IWM", "iwm_spy", "ijr_spy"]
    whole, same, funds = table.loc["smb"], table.loc["smb, months of IWM"], table.loc["iwm_spy"]
    assert whole["reason"] or whole["verdict"]
    if not funds["reason"]:
        assert funds["estimate"] == pytest.approx(0.7 * same["estimate"], abs=1e-6)


def test_central_claims_are_those_of_the_files():
    """Core claims on SMB, whatever they are called."""
    chosen = list(tested_legs.central_claims())
    assert chosen and all(one.kind == "core" for one in chosen)
    assert all(one.arguments["leg"] == "smb" for one in chosen)


def test_markets_that_move_as_one_are_one_market():
    """Three copies of a market pooled have its own error, not one a root of three smaller."""
    rng = np.random.default_rng(2)
    one = pd.Series(rng.normal(0.001, 0.02, len(MONTHS)), MONTHS)
    dataset = made(smb_europe=one, smb_japan=one, smb_asia_pacific=one)
    table = size.size_abroad(dataset).set_index("markets")
    single, pooled = table.loc["Europe"], table.loc["the three others pooled"]
    assert pooled["premium"] == pytest.approx(single["premium"])
    widths = [row["high"] - row["low"] for row in (single, pooled)]
    assert widths[0] == pytest.approx(widths[1], rel=0.01)
    assert pooled["rows"] == 3 * pooled["months"]
    # by hand: Cameron and Miller's sum over clusters, with statsmodels' two small-sample factors
    values = 36 * one.to_numpy()
    groups, rows = len(one), 3 * len(one)
    scale = groups / (groups - 1) * (rows - 1) / (rows - 1)
    error = np.sqrt(scale * ((values - values.mean()) ** 2).sum()) / rows
    assert widths[1] == pytest.approx(2 * 1.959964 * error, rel=1e-6)


def test_junk_is_told_from_size_by_era():
    """SMB that is minus RMW has no premium left once RMW is held still."""
    rng = np.random.default_rng(4)
    rmw = pd.Series(rng.normal(0.003, 0.02, len(MONTHS)), MONTHS)
    noise = rng.normal(0, 0.004, len(MONTHS))
    market = rng.normal(0.005, 0.04, len(MONTHS))
    dataset = made(
        rmw=rmw, hml=rng.normal(0, 0.02, len(MONTHS)), market_excess=market, smb=-rmw + noise
    )
    table = size.size_and_junk(dataset)
    whole = table[table["era"] == "whole sample"].set_index("controls")
    assert whole.loc["the market", "alpha"] < -0.02
    assert abs(whole.loc["the market and profitability", "alpha"]) < 0.01
    # these months begin in 2000: the eras from 1981 and 1992 are the whole sample again
    assert set(table["era"]) == {"whole sample", "since July 2013"} or len(set(table["era"])) == 1


def test_recursive_errors_add_up_by_brute_force(monkeypatch):
    """The sum at a month is that of the forecasts made up to it, each from windows then over."""
    rng = np.random.default_rng(6)
    index = pd.period_range("1960-01", periods=420, freq="M")
    gap = pd.Series(rng.normal(0, 1, 420), index).rolling(12, min_periods=1).mean()
    returns = pd.Series(rng.normal(0.001, 0.02, 420), index)

    class Sample:
        refusal = None

    one = Sample()
    one.gap, one.returns = gap, returns
    monkeypatch.setattr(forecasts, "gap_samples", lambda dataset, leg: {"june": one})
    table = forecasts.forecast_errors(made())
    table = table[table["horizon"] == 60].reset_index(drop=True)
    first = 60 + forecasts.FIRST_STARTS - 1
    made_in = [str(month) for month in index[first : 420 - 60]]
    assert table["month"].tolist() == made_in[(len(made_in) - 1) % 3 :: 3]
    total, gains = 0.0, table.set_index("month")["gain"]
    for t in range(first, first + 7):
        y = np.array([returns.iloc[s + 1 : s + 61].sum() for s in range(t - 59)]) / 5
        x = gap.to_numpy()[: len(y)]
        slope, intercept = np.polyfit(x, y, 1)
        realised = returns.iloc[t + 1 : t + 61].sum() / 5
        total += (realised - y.mean()) ** 2 - (realised - intercept - slope * gap.iloc[t]) ** 2
        if str(index[t]) in gains.index:
            assert gains[str(index[t])] == pytest.approx(total)


def test_the_largest_loss_is_from_a_peak_within_the_window():
    """By brute force, for each fifth of the gap."""
    rng = np.random.default_rng(9)
    returns = pd.Series(
        rng.normal(0.005, 0.05, 90), pd.period_range("2000-01", periods=90, freq="M")
    )
    place = pd.Series(rng.random(90), returns.index)
    lost: dict[int, list[float]] = {}
    for start in range(90 - fifths.FALL):
        wealth = np.cumprod([1.0, *(1 + returns.iloc[start + 1 : start + 1 + fifths.FALL])])
        fall = (1 - wealth / np.maximum.accumulate(wealth)).max()
        lost.setdefault(max(int(np.ceil(place.iloc[start] * 5)), 1), []).append(fall)
    found = fifths.losses_by_fifth(returns, place)
    assert found.to_dict() == pytest.approx({fifth: np.mean(all_) for fifth, all_ in lost.items()})


def study(**changes: object) -> pd.DataFrame:
    """One published study as a table of facts."""
    row = load_facts(None)["first_cut_studies"].query("metric == 'mean outperformance'").iloc[[0]]
    base = {"event_kind": "first cut", "index": "small caps", "benchmark": "large caps"}
    plain = {"horizon_low": 12.0, "horizon_high": 12.0, "sample_start": pd.NA, "events": pd.NA}
    known = {"known_month": pd.Period("2024-09", "M"), "unit": "points"}
    values = {"value_low": 3.0, "value_high": 3.0}
    return row.assign(**{**base, **plain, **known, **values, **changes})


@pytest.mark.parametrize(
    ("changes", "cuts", "begins", "months"),
    [
        ({}, ["2001-01", "2007-09"], 1, 12),
        ({"known_month": pd.Period("2008-08", "M")}, ["2001-01"], 1, 12),
        ({"sample_start": 2005}, ["2007-09"], 1, 12),
        ({"events": 1}, ["2007-09"], 1, 12),
        ({"event_kind": "before first cut", "horizon_high": -6.0}, "all", -6, 6),
    ],
)
def test_a_study_is_repeated_by_its_own_definition(changes, cuts, begins, months):
    """Its years, its number of events, its horizon; windows that end after it are not known."""
    dataset = made()
    dataset = replace(dataset, facts={**dataset.facts, "first_cut_studies": study(**changes)})
    [row] = studies.study_comparison(dataset).to_dict("records")
    held = dataset.monthly["smb"]
    chosen = ["2001-01", "2007-09", "2019-07"] if cuts == "all" else cuts
    sums = []
    for cut in chosen:
        first = pd.Period(cut, "M") + begins
        sums.append(held.loc[first : first + months - 1].sum())
    assert row["found"] == pytest.approx(np.mean(sums)) and row["events"] == len(chosen)
    assert row["published_low"] == pytest.approx(0.03)


def test_cuts_of_fifty_points_are_those_of_the_table():
    """Whether first or not, each month once; their windows overlap, so no interval is given."""
    dataset = made()
    table = study(event_kind="50bp cut", known_month=pd.Period("2010-12", "M"))
    dataset = replace(dataset, facts={**dataset.facts, "first_cut_studies": table})
    [row] = studies.study_comparison(dataset).to_dict("records")
    cuts = dataset.facts["target_changes"].query("move_bp <= -50")
    months = sorted(set(cuts["day"].dt.to_period("M")))
    held = dataset.monthly["smb"]
    inside = [m for m in months if m in held.index and m + 12 <= pd.Period("2010-12", "M")]
    sums = [held.loc[m + 1 : m + 12].sum() for m in inside]
    assert row["events"] == len(inside) and row["found"] == pytest.approx(np.mean(sums))
    assert pd.isna(row["low"])


def test_other_events_have_no_counterpart_and_a_reason():
    """A study of whole spans of easing is shown without a number of ours."""
    dataset = made()
    table = study(event_kind="easing span")
    dataset = replace(dataset, facts={**dataset.facts, "first_cut_studies": table})
    [row] = studies.study_comparison(dataset).to_dict("records")
    assert pd.isna(row["found"]) and "no first cuts" in row["comparison"]


def test_following_the_side_that_led():
    """By hand: the side is known before the month, and a change of side trades twice all."""
    sides = pd.DataFrame(
        {"small": [0.02, 0.02, -0.03, -0.03, 0.05], "large": [0.0] * 5},
        index=pd.period_range("2000-01", periods=5, freq="M"),
    )
    held = rotation.followed(sides, 2)
    # after +.02 +.02 small is held, after +.02 −.03 large, after −.03 −.03 large
    assert held["lead"].tolist() == pytest.approx([-0.015, 0.015, -0.025])
    assert held["traded"].tolist() == [0.0, 2.0, 0.0]


def test_costs_take_what_is_traded():
    """Net is gross less cost times turnover, and nothing is left at the cost that breaks even."""
    table = rotation.rotation_costs(made())
    one = table[(table["leg"] == "s1_s5") & (table["past"] == 12)]
    assert one["net"].to_numpy() == pytest.approx(one["gross"] - one["cost"] * one["turnover"])
    left = one["gross"] - one["break_even"] * one["turnover"]
    assert left.to_numpy() == pytest.approx(0.0)


def test_dated_claims_are_those_whose_design_draws_by_date():
    """By what the design returns, not by a list of names."""
    names = figures.dated_claims()
    assert names and all(one.design is not None for one in names.values())


@pytest.fixture
def small_tables(monkeypatch):
    """One table, made by hand."""
    frame = pd.DataFrame({"month": ["2020-01"], "june": [0.5], "december": [0.25]})
    monkeypatch.setattr(supplements, "MAKERS", {"gap_by_month": lambda dataset: frame})
    return frame


def test_the_bundled_data_show_what_was_kept_and_others_compute(small_tables, tmp_path):
    """Cut, latest, or without a file: computed from what the data set holds."""
    text = supplement_tables.supplement_text("gap_by_month", small_tables.assign(june=0.75))
    (tmp_path / kept_tables.file_of("gap_by_month")).write_text(text, encoding="utf-8")
    bundled = replace(made(), data="bundled")
    cut = replace(bundled, cut_at=pd.Period("2010-01", "M"))
    shown = [
        supplements.supplement(one, "gap_by_month", tmp_path)["june"].iloc[0]
        for one in (bundled, cut, made())
    ]
    assert shown == [0.75, 0.5, 0.5]
    assert supplements.supplement(bundled, "gap_by_month", tmp_path / "none")["june"].iloc[0] == 0.5
    with pytest.raises(InputError, match="gap_by_month"):
        supplements.supplement(bundled, "gap_by_mnth", tmp_path)


def test_what_rests_on_every_chapter_is_only_kept(tmp_path):
    """The same on both data sets, and nothing where a month is asked for or no file is there."""
    bands = pd.DataFrame({"claim": ["a"], "figure": ["SPY"], "claimed": [0.2]})
    text = supplement_tables.supplement_text(
        "figure_bands", bands.assign(low=0.19, high=float("inf"))
    )
    (tmp_path / kept_tables.file_of("figure_bands")).write_text(text, encoding="utf-8")
    latest = made()
    for one in (latest, replace(latest, data="bundled")):
        assert supplements.supplement(one, "figure_bands", tmp_path)["high"].tolist() == [np.inf]
        cut = replace(one, cut_at=pd.Period("2010-01", "M"))
        assert supplements.supplement(cut, "figure_bands", tmp_path).empty
    assert supplements.supplement(latest, "figure_bands", tmp_path / "none").empty


def test_a_readers_own_returns_are_added_to_what_was_kept(monkeypatch, tmp_path):
    """The kept rows stay; those of the own leg are computed."""
    rows = pd.DataFrame(
        {"leg": ["iwm_spy", "own"], "against": "smb", "first": "2000-01", "last": "2019-12"}
    ).assign(months=240, correlation=0.9, beta=1.0, low=0.9, high=1.1, left=0.0, tracking=0.05)
    monkeypatch.setattr(supplements, "MAKERS", {"index_exposures": lambda dataset: rows})
    text = supplement_tables.supplement_text("index_exposures", rows.iloc[:1].assign(beta=0.8))
    (tmp_path / kept_tables.file_of("index_exposures")).write_text(text, encoding="utf-8")
    mine = replace(made(), data="bundled", own="returns of mine")
    shown = supplements.supplement(mine, "index_exposures", tmp_path)
    assert shown.set_index("leg")["beta"].to_dict() == {"iwm_spy": 0.8, "own": 1.0}


def test_the_spread_of_a_leg_that_is_not_held_is_empty():
    """Rather than an error: a table then has no row of it."""
    dataset = made()
    assert spread(dataset, "iwm_spy").empty and log_spread(dataset, "ijr_spy").empty
    assert spread(dataset, "halves").empty and len(spread(dataset, "smb")) == len(MONTHS)


def test_every_table_has_a_maker_and_a_layout():
    """And no file that nobody makes."""
    kept = {name for name, layout in kept_tables.LAYOUTS.items() if layout.kept_only}
    assert set(KEPT_MAKERS) == kept
    assert set(supplements.MAKERS) == set(kept_tables.LAYOUTS) - kept
    for layout in kept_tables.LAYOUTS.values():
        assert set(layout.keys) <= set(layout.columns)
