"""How long the gap lasts: planted persistence found, and the criterion's words."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.mean_reversion import examine, finding_of, mean_reversion
from analysis.inference.persistence import half_life, half_life_confidence
from analysis.panel import Dataset, load_dataset
from analysis.panel.gaps import GapSample

CLAIM = load_claims()["cheap-stays-cheap"]
ARGUMENTS = bind(CLAIM).arguments
LONG = 720


def verdict(finding) -> str | None:
    return decide(CLAIM, finding, data="bundled", as_of="2018-11").verdict


def reverting(rho, length=LONG, seed=5) -> GapSample:
    """A gap of persistence `rho`, and returns that know nothing of it."""
    rng = np.random.default_rng(seed)
    noise, own = rng.normal(0, 0.01, length), rng.normal(0, 0.03, length)
    gap = np.zeros(length)
    for t in range(1, length):
        gap[t] = rho * gap[t - 1] + own[t] - 0.5 * noise[t]
    months = pd.period_range("1940-01", periods=length, freq="M", name="month")
    return GapSample(pd.Series(noise, months), pd.Series(gap, months))


def found(**lasting):
    return finding_of(lasting, ARGUMENTS)


@pytest.fixture(scope="module")
def fast():
    """A gap with a half-life of three months."""
    return examine(reverting(0.8), ARGUMENTS, "monthly")


def test_a_slow_gap_stays_cheap_and_a_fast_one_does_not(fast):
    """A decade spent wide, and a half-life of three months, give the claim and its opposite."""
    sample = reverting(0.99)
    sample.gap.iloc[450:600] += np.sin(np.linspace(0, np.pi, 150))
    slow = examine(sample, ARGUMENTS, "monthly")
    long, short = found(june=slow), found(june=fast)
    assert verdict(long) == "supported"
    assert verdict(short) == "contradicted"
    assert long.p_value < 0.05 < short.p_value
    assert long.ci_low < slow.half_life.ci_low
    both = found(june=slow, december=fast)
    assert both.p_value == max(slow.short_p, fast.short_p) == fast.short_p > slow.short_p
    assert both.measures == {
        "half_life_low": fast.half_life.ci_low,
        "half_life_high": slow.half_life.ci_high,
        "short_p": fast.short_p,
        "longest_wide_months": fast.longest_wide,
    }
    assert verdict(both) == "not distinguishable"


@pytest.mark.parametrize(("low", "expected"), [(12.0, "not distinguishable"), (12.1, "supported")])
def test_the_interval_alone_decides_against_the_registered_months(fast, low, expected):
    """Above twelve months and not at them; however short the spells were."""
    decay = replace(fast.half_life, ci_low=low, ci_high=math.inf)
    found_one = found(june=replace(fast, half_life=decay, longest_wide=0))
    assert verdict(found_one) == expected


@pytest.mark.parametrize(
    ("high", "expected"), [(12.0, "not distinguishable"), (11.9, "contradicted")]
)
def test_a_whole_interval_below_the_registered_months_contradicts(fast, high, expected):
    """Below twelve months and not at them."""
    assert verdict(found(june=replace(fast, half_life=replace(fast.half_life, ci_high=high)))) == (
        expected
    )


def test_a_spell_that_has_not_ended_is_said_to_go_on(fast):
    """Where the longest spell is the one the gap is in."""
    assert (
        "lasted 9 months and goes on"
        in found(june=replace(fast, longest_wide=9, still_wide=9)).finding
    )
    assert "goes on" not in found(june=replace(fast, longest_wide=9, still_wide=3)).finding


def dataset_of(sample) -> Dataset:
    junes = sample.gap[sample.gap.index.month == 6].rename_axis("june")
    valuation = pd.DataFrame({"gap_june": junes, "gap_december": junes})
    monthly = pd.DataFrame({"smb": sample.spread})
    return Dataset(monthly, {}, "bundled", monthly.index[-1], valuation=valuation)


@pytest.mark.slow
def test_the_whole_grid_has_one_p_value():
    """Gaps that halve in years against gaps that halve in three months."""
    assert CLAIM.not_run == ()
    specification, p_values = bind(CLAIM), {}
    for rho in (0.8, 0.99):
        study = mean_reversion(dataset_of(reverting(rho)), specification, Sampling(99, 1))
        assert set(study.ran["sampling"]) == {"monthly", "june"}
        p_values[rho] = study.finding.joint_p
    assert p_values[0.99] < 0.05 < 0.5 < p_values[0.8]


def test_past_returns_are_no_measure_of_a_half_life():
    """Without book values the claim is refused: a sum of sixty months lasts by itself."""
    dataset = replace(dataset_of(reverting(0.99)), valuation=None)
    study = mean_reversion(dataset, bind(CLAIM), Sampling(99, 1))
    assert "no book-to-market" in study.finding.refusal.reason


def test_a_half_life_without_limit_has_a_detectable_effect_without_limit(fast):
    """An infinite estimate gives infinity, never NaN."""
    decay = replace(fast.half_life, estimate=math.inf, ci_low=math.inf)
    endless = found(june=replace(fast, half_life=decay))
    assert endless.mde == math.inf
    assert "without limit" in endless.finding


def test_a_short_gap_is_refused_with_its_length():
    """239 months are too few to judge a half-life."""
    refused = examine(reverting(0.97, length=239), ARGUMENTS, "monthly")
    assert "239 months; 240" in refused.refusal.reason
    assert found(june=refused).refusal == refused.refusal


def test_the_p_value_is_the_confidence_in_a_half_life_no_longer_than_called_long(fast):
    """At the median-unbiased half-life itself the confidence is one half; it rises with months."""
    gap, decay = reverting(0.97).gap, half_life(reverting(0.97).gap, 0.9, 12)
    assert half_life_confidence(gap, decay.estimate, 12) == pytest.approx(0.5, abs=0.01)
    assert half_life_confidence(gap, decay.ci_low, 12) == pytest.approx(0.05, abs=0.01)
    assert fast.short_p == half_life_confidence(fast.gap, ARGUMENTS.long_months, 12)


def test_by_junes_the_half_life_is_in_months_too():
    """The yearly autoregression of June values, its half-life times twelve."""
    sample = reverting(0.97)
    yearly = examine(sample, ARGUMENTS, "june")
    junes = sample.gap[sample.gap.index.month == 6].iloc[1:]
    years = half_life(junes.to_numpy(), 0.9, 1)
    assert yearly.half_life.estimate == pytest.approx(12 * years.estimate)
    assert yearly.half_life.ci_low == pytest.approx(12 * years.ci_low)
    assert yearly.longest_wide == examine(sample, ARGUMENTS, "monthly").longest_wide


def test_the_sentence_names_the_share_that_is_wide(fast):
    """The eightieth percentile leaves the widest fifth, the ninetieth the widest tenth."""
    assert "the widest fifth lasted" in found(june=fast).finding
    for percentile, words in ((0.9, "widest tenth"), (0.85, "widest 15%")):
        changed = ARGUMENTS.model_copy(update={"wide_percentile": percentile})
        assert words in finding_of({"june": fast}, changed).finding


def test_the_battery_stands_beside_every_basis():
    """Six tests a basis; a gap of ten months gives refusals in words, not a crash."""
    dataset = load_dataset("bundled", "1932-12")
    study = mean_reversion(dataset, replace(bind(CLAIM), grid={}), Sampling(99, 1))
    assert study.finding.refusal is not None
    table = study.unit_roots
    assert table.groupby("basis").size().to_dict() == {"december": 6, "june": 6}
    short = replace(study, samples={"june": reverting(0.9, length=10)})
    assert set(short.unit_roots["test"]) == {"refused"}
