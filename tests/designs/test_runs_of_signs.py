"""Runs of winning sessions: planted truths, arithmetic by hand, and nothing from the future."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.runs_of_signs import RunsOfSigns, runs_of_signs
from analysis.designs.runs_of_signs.forward_returns import forward_returns, run_curve
from analysis.designs.runs_of_signs.run_counts import (
    WARM_UP,
    longest_run,
    run_arithmetic,
    runs_by_day,
    runs_by_decade,
)
from analysis.inference.resampling import event_randomization
from analysis.inference.runs_of_signs import fit_chain, run_probability
from analysis.inference.winning_runs import win_signs
from analysis.pages.charts import seasonality as draw
from analysis.pages.charts.sentences import Sentence
from analysis.panel import Dataset, load_dataset

CLAIM = load_claims()["streak-11"]
FEW = Sampling(draws=100, seed=20260101)


def study(dataset: Dataset, **changes) -> RunsOfSigns:
    return runs_of_signs(dataset, bind(CLAIM, changes), FEW)


def verdict_on(found: RunsOfSigns) -> str | None:
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def days(first: str, count: int) -> pd.DatetimeIndex:
    return pd.bdate_range(first, periods=count, name="day")


def streaky(drift: float, seed: int = 3) -> pd.Series:
    """Fifty years of days: runs of twelve wins every five years, then a year with `drift` a day."""
    count, rng = 252 * 50, np.random.default_rng(seed)
    noise = 0.005 * np.where(rng.random(count) < 0.5, 1.0, -1.0)
    noise[np.arange(count) % 6 == 0] = -0.005
    for start in range(252, count - 600, 1260):
        noise[start - 1] = -0.005
        noise[start : start + 12] = 0.001
        noise[start + 12 : start + 264] += drift
    return pd.Series(noise, index=days("1970-01-01", count), name="smb")


def made(daily: pd.Series, streak: int = 11) -> Dataset:
    """Daily small minus large, and a fund that wins the first sessions of January 2026."""
    index = pd.bdate_range("2015-12-01", "2026-04-30", name="day")
    gains = pd.Series(0.0, index=index)
    inside = index.year == 2026
    gains[inside] = np.where(np.arange(inside.sum()) < streak, 0.001, -0.001)
    funds = pd.DataFrame({"IWM": (1 + gains).cumprod(), "SPY": 1.0})
    monthly = pd.DataFrame({"smb": 0.0}, index=pd.period_range("1927-01", "2026-04", freq="M"))
    month = pd.Period("2026-04", "M")
    return Dataset(monthly, {}, "latest", month, daily=pd.DataFrame({"smb": daily}), funds=funds)


@pytest.mark.parametrize(
    ("drift", "streak", "expected"),
    [
        (0.002, 11, "supported"),
        (-0.002, 11, "true but uninformative"),
        (0.0, 11, "true but uninformative"),
        (0.0003, 11, "not distinguishable"),
        (0.002, 10, "contradicted"),
    ],
)
def test_a_planted_streak_gets_its_verdict(drift, streak, expected):
    """Leadership after runs; the opposite; clearly less than five points; too little to tell from
    either; a short run."""
    found = study(made(streaky(drift), streak))
    assert found.finding.measures["streak_sessions"] == streak
    assert verdict_on(found) == expected
    assert CLAIM.criterion.measures() <= set(found.finding.measures)


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ({"forward_excess": 0.01, "forward_p": 0.0499}, "supported"),
        ({"forward_excess": 0.01, "forward_p": 0.05}, "not distinguishable"),
        ({"forward_excess": -0.01, "forward_p": 0.01}, "not distinguishable"),
        ({"forward_p": 0.2, "forward_excess_high": 0.0499}, "true but uninformative"),
        ({"forward_p": 0.2, "forward_excess_high": 0.05}, "not distinguishable"),
        ({"forward_p": 0.01, "streak_sessions": 10}, "contradicted"),
    ],
)
def test_the_limits_are_those_of_the_words(measures, expected):
    """Eleven sessions, p below .05 in the claimed direction, an interval below five points."""
    finding = study(made(streaky(0.0))).finding
    wide = {"streak_sessions": 11, "forward_excess": 0.01, "forward_excess_high": 0.2}
    asked = {**finding.measures, **wide, **measures}
    # no run makes a difference
    changed = replace(finding, measures=asked, joint_p=0.9, without_one={"a run": {}})
    assert decide(CLAIM, changed, data="latest", as_of="2026-04").verdict == expected


def test_number_interval_error_and_p_are_of_one_two_sided_test():
    """All come from the circular shifts: the interval leaves zero out when p is below .05."""
    for drift in (-0.002, -0.0003, 0.0, 0.0003, 0.002):
        returns = streaky(drift)
        finding = study(made(returns)).finding
        shift = forward_returns(returns, 11, 252, 252).shift
        assert (finding.ci_low, finding.ci_high) == (shift.ci_low, shift.ci_high)
        assert finding.p_value == shift.p_value == finding.measures["forward_p"]
        assert finding.mde == pytest.approx(2.8015852 * shift.null_means.std())
        assert finding.usable_in_time == (shift.estimate > 0 and shift.p_value < 0.05)
        if not 0.04 < finding.p_value < 0.06:
            outside = finding.ci_low > 0 or finding.ci_high < 0
            assert outside == (finding.p_value < 0.05)


def test_the_joint_p_is_two_sided_too():
    """Twice the smaller tail of the median over all lengths, horizons and eras."""
    for drift in (0.002, -0.002):
        found = study(made(streaky(drift)))
        curve = run_curve(
            streaky(drift), found.specification.grid, gap=252, draws=FEW.draws, seed=FEW.seed
        )
        null = curve.null_median_effect
        tails = (null >= null[0] - 1e-12).mean(), (null <= null[0] + 1e-12).mean()
        assert found.finding.joint_p == pytest.approx(2 * min(tails))
    without = replace(bind(CLAIM), grid={})
    assert runs_of_signs(made(streaky(0.0)), without, FEW).finding.joint_p is None


def test_the_claimed_lead_is_that_of_the_criterion():
    """The lead that runs are counted for is the one the interval is held against."""
    [high] = [one for one in CLAIM.criterion.uninformative if one.measure == "forward_excess_high"]
    assert bind(CLAIM).arguments.claimed_lead == high.value


def test_the_longest_run_may_begin_before_its_month():
    """A run of three from December counts whole, one of January alone, and one of February not."""
    index = pd.bdate_range("2025-12-26", "2026-02-27", name="day")
    won = np.full(len(index), -1.0)
    won[index <= "2026-01-02"] = 1.0
    won[(index > "2026-02-02") & (index < "2026-02-12")] = 1.0
    closes = pd.DataFrame({"small": (1 + 0.01 * won).cumprod(), "large": 1.0}, index=index)
    sessions = len(index[(index > "2025-12-26") & (index <= "2026-01-02")])
    assert longest_run(closes, pd.Period("2026-01", "M")).sessions == sessions
    assert "2027-01" in longest_run(closes, pd.Period("2027-01", "M")).refusal.reason


def test_what_followed_is_the_sum_of_the_sessions_after():
    """The mean after events less the mean of all windows, by a loop."""
    returns = streaky(0.001)
    followed = forward_returns(returns, 11, 252, 252)
    values = returns.to_numpy()
    events = [252 + 10 + 1260 * k for k in range(len(followed.positions))]
    assert followed.positions.tolist() == events
    after = np.mean([values[e + 1 : e + 253].sum() for e in events])
    every = np.mean([values[t + 1 : t + 253].sum() for t in range(len(values) - 252)])
    assert followed.shift.estimate == pytest.approx(after - every)
    assert followed.shift.placements == len(followed.values)


def test_the_chain_is_fitted_to_the_days_before():
    """What the table expects is what a chain fitted before each session does, one by one."""
    returns = streaky(0.0).iloc[:900]
    table, signs = runs_by_decade(returns, 5), win_signs(returns)
    chains = [fit_chain(signs[:position]) for position in range(WARM_UP, 900)]
    each = [
        run_probability(5, 10, chain.p_stay_up, chain.p_stay_down, steps_per_year=1).per_decade / 10
        for chain in chains
    ]
    assert table.iloc[-1]["expected"] == pytest.approx(sum(each))


def test_a_coin_is_expected_as_it_falls():
    """Of a fair coin's runs of four about as many are seen as expected; the last row is the sum."""
    rng = np.random.default_rng(5)
    coin = pd.Series(rng.choice([-1.0, 1.0], 20_000), index=days("1930-01-01", 20_000))
    table = runs_by_decade(coin, 4)
    whole = table.iloc[-1]
    assert whole["runs"] == table["runs"].iloc[:-1].sum()
    assert whole["expected"] == pytest.approx(19_748 / 32, rel=0.03)
    assert whole["runs"] == pytest.approx(whole["expected"], rel=0.1)
    assert runs_by_decade(coin.iloc[:WARM_UP], 4).empty


def test_run_arithmetic_of_a_coin():
    """A coin begins a run of eleven with probability 1/4096 a session: .615 in 2520 sessions."""
    table = run_arithmetic((11,)).set_index("p stay")
    assert table.loc[0.5, "a decade"] == pytest.approx(2520 / 4096)
    assert table["a decade"].is_monotonic_increasing


def test_events_say_whether_they_count():
    """A run soon after another is left out, one near the end has no window."""
    returns = streaky(0.0)
    returns.iloc[400:411] = 0.001
    returns.iloc[-50:-38] = 0.001
    rows = runs_by_day(returns, 11, 252, 252)
    assert rows["counted"].tolist()[:2] == ["yes", "within 252 sessions of one before"]
    assert rows["counted"].iloc[-1] == "window not complete"
    assert rows["followed"].isna().sum() == 1


def test_the_gap_between_events_is_registered():
    """With a gap of one session the second run of a year counts too, in finding and paths."""
    returns = streaky(0.001)
    returns.iloc[400:411] = 0.001
    kept, every = study(made(returns)), study(made(returns), gap_sessions=1)
    assert every.finding.n == kept.finding.n + 1
    assert every.paths["event"].nunique() == kept.paths["event"].nunique() + 1
    assert (every.events["counted"] == "yes").all()


def test_an_era_cuts_the_daily_returns():
    """From 1981 on, fewer runs are left, and the sample says so; the grid keeps its own eras."""
    whole, late = study(made(streaky(0.001))), study(made(streaky(0.001)), era="from_1981")
    assert late.finding.sample_start == "1981-01"
    assert late.finding.n < whole.finding.n
    pd.testing.assert_frame_equal(late.grid, whole.grid)


def test_the_grid_runs_every_length_horizon_and_era():
    """One row each; the sentence counts what was run and what was left out."""
    found = study(made(streaky(0.001)))
    assert len(found.grid) == 5 * 4 * 3
    ran = found.grid["reason"].eq("").sum()
    assert found.finding.specifications == ran
    assert f"Over {ran} lengths, horizons and eras" in found.finding.sensitivity
    assert "joint p" in found.finding.sensitivity


def test_the_page_shows_runs_and_paths():
    """Tables and charts of made data say something, and no chart says nan."""
    found = study(made(streaky(0.001)))
    assert len(found.paths) and len(found.decades)
    _charts_speak(found)


@pytest.mark.parametrize("as_of", ["1931-06", "1995-12", "2007-12", "newest"])
def test_the_bundled_run_refuses_with_what_is_missing(as_of):
    """Without daily returns and funds the claim is refused, and every cell says what it needs."""
    found = study(load_dataset("bundled", as_of))
    assert found.finding.refusal.needs == "latest"
    assert found.finding.refusal.reason.endswith("closes of IWM, closes of SPY, daily SMB")
    assert (found.grid["reason"] != "").all() and len(found.grid) == 60
    _charts_speak(found)


def test_before_the_note_the_latest_data_refuse_too():
    """At the end of 2007 nobody had seen January 2026."""
    early = replace(made(streaky(0.0)), as_of=pd.Period("2007-12", "M"))
    refusal = study(early).finding.refusal
    assert "2007-12" in refusal.reason and refusal.needs is None


def _charts_speak(found: RunsOfSigns) -> None:
    for chart in (draw.run_arithmetic, draw.runs_by_decade, draw.after_runs):
        drawn = chart(found)
        words = str(drawn) if isinstance(drawn, Sentence) else drawn.to_dict()["description"]
        assert words and "nan" not in words.lower()
    for table in (found.decade_table, found.event_table):
        assert len(table)


def test_each_run_is_left_out_in_turn():
    """As many entries as runs, each what circular shifts give for the runs that are left."""
    returns = streaky(0.002)
    finding = study(made(returns)).finding
    followed = forward_returns(returns, 11, 252, 252)
    assert len(finding.without_one) == len(followed.positions) == finding.n
    place = followed.positions[2]
    rest = followed.positions[followed.positions != place]
    twin = event_randomization(followed.values, rest, "shift", draws=len(followed.values))
    left = finding.without_one[f"{followed.values.index[place]:%Y-%m-%d}"]
    assert left == {"forward_excess": twin.estimate, "forward_p": twin.p_value}
    assert left["forward_excess"] != finding.measures["forward_excess"]
