from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.power import (
    more_events_needed,
    more_years_needed,
    normal_power,
    power_of_event_study,
    power_of_mean,
    power_of_proportion,
    years_to_detect,
)
from analysis.inference.resampling import event_randomization
from analysis.results import InputError

CHANCE = settings(derandomize=True, max_examples=20, deadline=None)


def test_textbook_sample_sizes():
    """(1.960 + .842)² = 7.849: 32 for half a standard deviation, 785 for a tenth."""
    assert more_events_needed(0.5, 1.0, 12).total == 32
    assert more_events_needed(0.5, 1.0, 12).more == 20
    assert more_events_needed(-0.1, 1.0, 0).total == 785
    assert more_events_needed(0.5, 1.0, 40).more == 0


def test_mean_by_hand():
    """Hundred values ±1: s.e. 1/√99, MDE 2.8016 of them, found with 80%."""
    values = np.tile([1.0, -1.0], 50)
    result = power_of_mean(values, effect=2.80159 / np.sqrt(99), lags=0)
    assert result.mde == pytest.approx(2.80159 / np.sqrt(99), rel=1e-5)
    assert result.power == pytest.approx(0.8, abs=1e-4)


def test_power_of_a_mean_is_what_simulation_finds():
    """Simulated z-tests reject as often as the formula says, at no effect too."""
    rng = np.random.default_rng(0)
    draws = rng.normal(0.3, 1, size=(20_000, 50)).mean(axis=1)
    rejected = (np.abs(draws) > 1.959964 / np.sqrt(50)).mean()
    assert normal_power(0.3, 1 / np.sqrt(50)) == pytest.approx(rejected, abs=0.015)
    assert normal_power(0.0, 1.0) == pytest.approx(0.05)


def test_overlap_costs_power():
    """Twelve-month sums need a larger effect than independent values of the same spread."""
    rng = np.random.default_rng(1)
    overlapping = np.convolve(rng.normal(size=611), np.ones(12), "valid")
    naive, honest = power_of_mean(overlapping, lags=0), power_of_mean(overlapping, lags=24)
    assert honest.mde > 2 * naive.mde
    assert honest.effective_n < 120


@pytest.mark.parametrize(("base", "rate"), [(0.5, 0.9), (0.6, 0.2), (0.3, 0.7)])
def test_power_of_a_proportion_is_the_sum_over_all_samples(base, rate):
    """Exact power equals the sum over all 256 samples of eight events."""

    def chance(p, wins):
        return p**wins * (1 - p) ** (8 - wins)

    samples = [sum(s) for s in product([0, 1], repeat=8)]
    upper = {w: sum(chance(base, v) for v in samples if v >= w) for w in range(9)}
    lower = {w: sum(chance(base, v) for v in samples if v <= w) for w in range(9)}
    rejects = [w for w in range(9) if upper[w] <= 0.025 or lower[w] <= 0.025]
    wanted = sum(chance(rate, w) for w in samples if w in rejects)
    result = power_of_proportion(base, 8, rate)
    assert result.power == pytest.approx(wanted)
    assert result.effect == pytest.approx(rate - base)


def test_detectable_win_rate_has_the_wanted_power():
    """At base rate plus MDE the exact test has 80% power; the published case is 20 coin tosses.

    With n = 20 and one half the two-sided 5% region is at most 5 or at least 15 wins (the usual
    binomial table), so power at .8 is P(X ≥ 15) = .8042.
    """
    result = power_of_proportion(0.5, 20, 0.8)
    assert result.power == pytest.approx(0.8042, abs=5e-5)
    again = power_of_proportion(0.5, 20, 0.5 + result.mde)
    assert again.power == pytest.approx(0.8)


def test_event_study_of_a_normal_null_is_the_normal_formula():
    """With a normal null of s.e. .02 the MDE is 2.80 × .02 and power at it 80%."""
    means = np.random.default_rng(0).normal(0.05, 0.02, 100_000)
    result = power_of_event_study(means, effect=0.056, events=12)
    assert result.mde == pytest.approx(0.056, rel=0.02)
    assert result.power == pytest.approx(0.8, abs=0.01)
    assert power_of_event_study(means, effect=0.0, events=12).power == pytest.approx(0.05, abs=1e-3)


def test_event_study_takes_the_randomisation_as_it_is():
    """A randomisation result brings its null, its unit and its number of events."""
    values = np.random.default_rng(0).normal(size=300)
    study = event_randomization(values, [10, 60, 130, 220], unit="decimal return")
    result = power_of_event_study(study)
    assert result == power_of_event_study(study.null_means, events=4)
    assert result.n == 4 and "decimal return" in str(result)


@CHANCE
@given(st.floats(0.01, 5), st.floats(0.01, 100))
def test_units_do_not_matter(effect, scale):
    """Effects, errors and spreads in another unit give the same power and counts."""
    assert normal_power(effect, 1.0) == pytest.approx(normal_power(effect * scale, scale))
    assert normal_power(effect, 1.0) == pytest.approx(normal_power(-effect, 1.0))
    one, two = more_events_needed(effect, 1, 5), more_events_needed(effect * scale, scale, 5)
    assert abs(one.total - two.total) <= 1


def test_bad_input_is_named_and_hopeless_samples_are_refused():
    """No effect, no spread, NaN raise; five events, or too few draws, are refused."""
    for call, named in [
        (lambda: more_events_needed(0.0, 1.0, 3), "effect"),
        (lambda: more_events_needed(0.1, 0.0, 3), "sd"),
        (lambda: power_of_mean([1.0, np.nan] * 10), "values"),
        (lambda: power_of_mean(np.ones(20)), "constant"),
        (lambda: power_of_proportion(1.0, 10), "base_rate"),
        (lambda: power_of_proportion(0.5, 10, 1.5), "rate"),
        (lambda: power_of_event_study(np.zeros(500)), "events"),
        (lambda: normal_power(0.1, 0.0), "standard_error"),
    ]:
        with pytest.raises(InputError, match=named):
            call()
    assert not power_of_proportion(0.5, 5)
    assert not power_of_mean([1.0, 2.0])
    assert not power_of_event_study(np.arange(9.0), events=3)


def test_results_speak():
    """Printed lines name the effect, the counts and what is still needed."""
    assert "power against" in str(power_of_proportion(0.5, 20, 0.8))
    assert str(more_events_needed(0.5, 1.0, 12)) == "20 more events (32 in all)"
    assert "would suffice" in str(more_events_needed(0.5, 1.0, 40))


def test_years_follow_the_square_of_the_error():
    """An effect of 2.80 errors needs the years there are; of half as many errors, four times."""
    enough = more_years_needed(2.8016, 1.0, 120)
    assert (enough.total, enough.more, enough.unit) == (10, 0, "years")
    assert more_years_needed(1.4008, 1.0, 120).total == 40
    assert years_to_detect(-1.4008, 1.0, 120, "it") == "30 more years (40 in all) to detect it"
    assert years_to_detect(0.0, 1.0, 120) == ""
