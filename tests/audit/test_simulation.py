"""Simulated panels: as the real one in everything but what was planted."""

import numpy as np
import pandas as pd
import pytest

from analysis.audit.simulation import (
    BLOCK_MONTHS,
    NO_EFFECT,
    Effect,
    Simulator,
)
from analysis.audit.worlds import effect_of, load_worlds
from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.event_study import event_study
from analysis.designs.volatility_ratio import volatility_ratio
from analysis.inference.persistence import autoregression, half_life
from analysis.inference.predictive import ivx
from analysis.panel import gaps, load_dataset, small_minus_large
from analysis.panel.drivers import driver_series
from analysis.results import InputError, Refusal

SEEDS = range(10)


@pytest.fixture(scope="module")
def template():
    """The bundled data."""
    return load_dataset()


@pytest.fixture(scope="module")
def simulator(template):
    """Its simulator."""
    return Simulator(template)


@pytest.fixture(scope="module")
def spreads(simulator):
    """Small minus large of panels with no effect."""
    return [small_minus_large(simulator.draw(seed).monthly, "smb") for seed in SEEDS]


def _middle(spreads, measure):
    return float(np.median([measure(spread) for spread in spreads]))


def _clusters(spread):
    return (spread**2).autocorr(1)


def _january(spread):
    return spread[spread.index.month == 1].mean() - spread.mean()


def test_a_panel_has_the_shape_of_the_real_one(template, simulator):
    """Index, columns, missing months, rates, recessions and facts are the template's."""
    panel = simulator.draw(1)
    assert panel.monthly.index.equals(template.monthly.index)
    assert list(panel.monthly.columns) == list(template.monthly.columns)
    assert panel.monthly.isna().equals(template.monthly.isna())
    for name in ("bill_rate", "aaa", "recession"):
        pd.testing.assert_series_equal(panel.monthly[name], template.monthly[name])
    assert panel.facts is template.facts
    assert panel.valuation.index.equals(template.valuation.index)


def test_returns_keep_their_moments_tails_clusters_seasons_and_likeness(template, spreads):
    """Spread, kurtosis, volatility clusters and Januaries are near the real ones."""
    real = small_minus_large(template.monthly, "smb")
    assert _middle(spreads, np.std) == pytest.approx(real.std(), rel=0.15)
    assert _middle(spreads, pd.Series.kurt) > 5
    assert _middle(spreads, _clusters) == pytest.approx(_clusters(real), abs=0.12)
    assert _middle(spreads, _january) == pytest.approx(_january(real), rel=0.4)


def test_columns_keep_their_correlations(template, simulator):
    """A month is drawn whole, so the cross-section stays."""
    names = ["market", "smb", "hml", "s1v1", "s5v5"]
    real = template.monthly[names].corr().to_numpy()
    drawn = [simulator.draw(seed).monthly[names].corr().to_numpy() for seed in SEEDS]
    assert np.abs(np.median(drawn, axis=0) - real).max() < 0.12


def test_the_gap_keeps_its_persistence_and_its_tie_to_returns(template, simulator):
    """The gap the chapters build from a panel is as persistent as the real one."""
    real = gaps(template.monthly, template.valuation, "smb")["june"]
    drawn = []
    for seed in SEEDS:
        panel = simulator.draw(seed)
        gap = gaps(panel.monthly, panel.valuation, "smb")["june"]
        tie = np.corrcoef(panel.monthly["smb"].reindex(gap.index)[1:], np.diff(gap))[0, 1]
        drawn.append((autoregression(gap)[1], gap.std(), tie))
    rho, spread, tie = np.median(drawn, axis=0)
    shocks = np.corrcoef(template.monthly["smb"].reindex(real.index)[1:], np.diff(real))[0, 1]
    assert rho == pytest.approx(autoregression(real)[1], abs=0.004)
    assert spread == pytest.approx(real.std(), rel=0.35)
    assert tie == pytest.approx(shocks, abs=0.1)


def test_without_an_effect_nothing_follows_the_cuts(template, simulator):
    """Over many panels the year after the events is as any year."""
    events = pd.PeriodIndex(["1957-11", "1974-08", "1984-09", "1995-07", "2001-01"], freq="M")
    excess = []
    for seed in range(40):
        spread = small_minus_large(simulator.draw(seed).monthly, "smb")
        after = np.mean([spread.loc[month + 1 : month + 12].sum() for month in events])
        excess.append(after - 12 * spread.mean())
    error = np.std(excess) / np.sqrt(len(excess))
    assert abs(np.mean(excess)) < 3 * error


def test_a_lead_after_events_is_planted_to_the_month(simulator):
    """For a year after each event small earns the lead in every leg; no other month moves."""
    event = pd.Period("1984-09", "M")
    plain = simulator.draw(3).monthly
    moved = simulator.draw(3, Effect(after_events=0.06, events=(event,))).monthly
    for leg in ("smb", "s1_s5", "s1_market"):
        added = small_minus_large(moved, leg) - small_minus_large(plain, leg)
        np.testing.assert_allclose(added.loc[event + 1 : event + 12], 0.005, atol=1e-12)
        assert np.abs(added.drop(pd.period_range(event + 1, event + 12))).max() < 1e-12
    pd.testing.assert_series_equal(moved["market"], plain["market"])


def test_a_slope_is_planted_to_its_size(simulator):
    """The added return over the lagged gap is the slope, month by month."""
    plain, moved = (simulator.draw(4, Effect(slope=slope)) for slope in (0.0, 0.02))
    added = moved.monthly["smb"] - plain.monthly["smb"]
    junes = plain.valuation.dropna()
    both = junes[["gap_june", "gap_december"]].mean(axis=1)
    after = added.reindex(both.index + 1).to_numpy()
    assert np.polyfit(both, after, 1)[0] == pytest.approx(0.02, rel=1e-6)


@pytest.mark.slow
def test_a_half_life_is_planted(simulator):
    """The gap halves in the months asked, where prices correct it and where books renew it."""
    for months, through in ((12, True), (36, True), (12, False)):
        effect = Effect(half_life=months, through_returns=through)
        lives = []
        for seed in range(24):
            panel = simulator.draw(seed, effect)
            gap = gaps(panel.monthly, panel.valuation, "smb")["june"]
            lives.append(half_life(gap, step=12).estimate)
        assert np.median(lives) == pytest.approx(months, rel=0.25)


def test_the_last_gap_is_planted(simulator):
    """In the last month the gap stands above its mean by what was asked."""
    effect = Effect(gap_now=0.3, half_life=36)
    ends = [simulator.draw(seed, effect).valuation["gap_june"].dropna().iloc[-1] for seed in SEEDS]
    start = simulator._fits["june"].mean
    assert np.mean(ends) - start == pytest.approx(0.3, abs=0.08)


def test_a_premium_is_planted_in_expectation(simulator):
    """Both eras have the planted mean, with the error a mean has."""
    split = pd.Period("1981-01", "M")
    effect = Effect(premium_from=split, premium_before=0.003, premium=0.0)
    early, late = [], []
    for seed in range(40):
        spread = small_minus_large(simulator.draw(seed, effect).monthly, "smb")
        early.append(spread[spread.index < split].mean())
        late.append(spread[spread.index >= split].mean())
    for means, planted in ((early, 0.003), (late, 0.0)):
        error = np.std(means) / np.sqrt(len(means))
        assert np.std(means) > 0.0005
        assert abs(np.mean(means) - planted) < 3.5 * error


def test_the_same_seed_gives_the_same_panel(template, simulator):
    """Draws depend on the seed alone, and differ between seeds."""
    again = Simulator(template).draw(5)
    pd.testing.assert_frame_equal(simulator.draw(5, NO_EFFECT).monthly, again.monthly)
    pd.testing.assert_frame_equal(simulator.draw(5).valuation, again.valuation)
    assert not simulator.draw(6).monthly["smb"].equals(again.monthly["smb"])


def test_blocks_keep_the_calendar_month_and_their_length(template, simulator):
    """A month comes from its own calendar month, and blocks last as long as they should."""
    from analysis.audit.simulation import draw_months

    index = template.monthly.index
    source = draw_months(index, simulator.patterns, np.random.default_rng(1))
    assert (index.month.to_numpy()[source] == index.month.to_numpy()).all()
    follows = np.mean(np.diff(source) == 1)
    assert 1 / (1 - follows) == pytest.approx(BLOCK_MONTHS, rel=0.35)


def test_without_book_values_the_past_gap_carries_the_slope(template):
    """A panel without valuations plants the slope on past returns, and refuses a half-life."""
    from dataclasses import replace

    bare = replace(template, valuation=None)
    plain, moved = (
        Simulator(bare).draw(2, Effect(slope=slope)).monthly["smb"] for slope in (0, 0.01)
    )
    first = plain.iloc[:60]
    expected = 0.01 * (60 * plain.mean() - first.sum())
    assert (moved - plain).iloc[60] == pytest.approx(expected, abs=1e-12)
    with pytest.raises(InputError, match="book values"):
        Simulator(bare).draw(2, Effect(half_life=12))


def test_a_gap_says_nothing_where_nothing_is_planted(simulator):
    """What follows a gap in the real data must not come along with its blocks.

    The IVX test at sixty months rejects about one time in twenty; with blocks whose deviations
    kept their signs it rejected one time in six.
    """
    rejected = []
    for seed in range(60):
        panel = simulator.draw(seed)
        spread = small_minus_large(panel.monthly, "smb")
        gap = gaps(panel.monthly, panel.valuation, "smb")["december"]
        result = ivx(spread.loc[gap.index[0] : gap.index[-1]], gap, 60)
        rejected.append(result.p_value < 0.05)
    assert np.mean(rejected) <= 0.10


CLAIMS = load_claims()
WORLDS = load_worlds(CLAIMS).worlds


def _plant(template, name):
    effect = effect_of(WORLDS[name], template, CLAIMS)
    assert isinstance(effect, Effect)
    return effect


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "signs"), [("wide cuts", 0.0), ("wide cuts matter", 1.0), ("wide cuts hurt", -1.0)]
)
def test_the_gap_is_wide_before_soft_landings_and_the_rule_is_judged(template, world, signs):
    """In nearly every panel three such cuts or more; without the plant, in one of ten."""
    simulator, effect = Simulator(template), _plant(template, world)
    specification = bind(CLAIMS["widest-soft-landing"])
    assert len(effect.wide_before) >= 5 and np.sign(effect.after_events) == signs
    judged = [
        event_study.judge_only(simulator.draw(seed, effect), specification, Sampling(99, 1))
        for seed in SEEDS
    ]
    assert sum(finding.refusal is None for finding in judged) >= 9


def test_only_linked_cuts_lead_where_only_they_are_to(template):
    """Months after cuts that no recession followed are as they were."""
    every, linked = _plant(template, "cuts matter"), _plant(template, "linked cuts matter")
    assert 4 < len(linked.events) < len(every.events) and set(linked.events) < set(every.events)


def test_a_driver_s_deviation_earns_what_is_planted(template, simulator):
    """The slope on standard deviations is the planted return a month, to a hundredth of it."""
    effect = _plant(template, "inflation matters")
    arguments = bind(CLAIMS["inflation-hurts"]).arguments
    driver = driver_series(template, arguments.driver, arguments.alignment)
    deviations = ((driver - driver.mean()) / driver.std()).dropna()
    moved = simulator.draw(1, effect).monthly["smb"] - simulator.draw(1).monthly["smb"]
    assert np.polyfit(deviations, moved[deviations.index], 1)[0] == pytest.approx(-0.05 / 12)


def test_the_own_past_earns_what_is_planted(template, simulator):
    """Over many panels the slope on the past year's return is near the planted one."""
    effect = _plant(template, "momentum matters")
    slopes = []
    for seed in SEEDS:
        smb = simulator.draw(seed, effect).monthly["smb"]
        past = smb.rolling(12).sum().shift(1).dropna()
        slopes.append(np.polyfit(past, smb[past.index], 1)[0])
    assert np.mean(slopes) == pytest.approx(effect.past_slope, abs=0.02)
    assert effect.past_slope > 0.02


def test_a_slope_in_a_state_works_there_alone(template, simulator):
    """Returns differ from those without it only in months after a month of the state."""
    effect = _plant(template, "gap matters in easing")
    moved = simulator.draw(1, effect).monthly["smb"] - simulator.draw(1).monthly["smb"]
    after = effect.slope_in.reindex(moved.index, fill_value=False).shift(1, fill_value=False)
    assert (moved[~after].abs() < 1e-12).all() and (moved[after].abs() > 1e-12).all()


@pytest.mark.parametrize("world", ["equal volatility", "higher volatility", "lower volatility"])
def test_columns_are_moved_until_the_claim_shows_the_measure(template, simulator, world):
    """On the real months exactly, and in the mean of panels nearly."""
    effect, wanted = _plant(template, world), WORLDS[world].plant.value
    specification = bind(CLAIMS["higher-volatility"])
    found = [
        volatility_ratio.judge_only(simulator.draw(seed, effect), specification, Sampling(99, 1))
        for seed in SEEDS
    ]
    ratios = [finding.measures["volatility_ratio"] for finding in found]
    assert np.mean(ratios) == pytest.approx(wanted, rel=0.05)


def test_blocks_alone_have_no_signs(template, simulator):
    """Every month of a panel is a month of the record."""
    panel = simulator.draw(3, _plant(template, "blocks alone")).monthly
    assert set(panel["smb"].round(6).dropna()) <= set(template.monthly["smb"].round(6).dropna())


def test_what_a_template_cannot_carry_is_refused_with_its_reason(template):
    """Columns and drivers that only the latest data hold."""
    for name, said in (
        ("premium abroad", "smb_europe"),
        ("concentration matters", "firms by tenth of size"),
    ):
        refusal = effect_of(WORLDS[name], template, CLAIMS)
        assert isinstance(refusal, Refusal) and said in refusal.reason
