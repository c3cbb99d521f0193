import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.power import (
    minimum_detectable,
    more_events_needed,
    more_years_needed,
    normal_power,
    power_of_mean,
    years_to_detect,
)
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


@CHANCE
@given(st.floats(0.01, 5), st.floats(0.01, 100))
def test_units_do_not_matter(effect, scale):
    """Effects, errors and spreads in another unit give the same power and counts."""
    assert normal_power(effect, 1.0) == pytest.approx(normal_power(effect * scale, scale))
    assert normal_power(effect, 1.0) == pytest.approx(normal_power(-effect, 1.0))
    one, two = more_events_needed(effect, 1, 5), more_events_needed(effect * scale, scale, 5)
    assert abs(one.total - two.total) <= 1


def test_bad_input_is_named_and_hopeless_samples_are_refused():
    """No effect, no spread, NaN raise; two observations are refused."""
    for call, named in [
        (lambda: more_events_needed(0.0, 1.0, 3), "effect"),
        (lambda: more_events_needed(0.1, 0.0, 3), "sd"),
        (lambda: power_of_mean([1.0, np.nan] * 10), "values"),
        (lambda: power_of_mean(np.ones(20)), "constant"),
        (lambda: normal_power(0.1, 0.0), "standard_error"),
    ]:
        with pytest.raises(InputError, match=named):
            call()
    assert not power_of_mean([1.0, 2.0])


def test_results_speak():
    """Printed lines name the effect, the counts and what is still needed."""
    assert "power against" in str(power_of_mean(np.tile([1.0, -1.0], 50), effect=0.2))
    assert str(more_events_needed(0.5, 1.0, 12)) == "20 more events (32 in all)"
    assert "would suffice" in str(more_events_needed(0.5, 1.0, 40))


def test_years_follow_the_square_of_the_error():
    """An effect of 2.80 errors needs the years there are; of half as many errors, four times."""
    enough = more_years_needed(2.8016, 1.0, 120)
    assert (enough.total, enough.more, enough.unit) == (10, 0, "years")
    assert more_years_needed(1.4008, 1.0, 120).total == 40
    assert years_to_detect(-1.4008, 1.0, 120, "it") == "30 more years (40 in all) to detect it"
    assert years_to_detect(0.0, 1.0, 120) == ""


def test_a_minimum_detectable_effect_is_2_80_standard_errors():
    """1.960 for a two-sided level of 5% and 0.842 for a power of 80%."""
    assert minimum_detectable(1.0) == pytest.approx(1.959964 + 0.841621, abs=1e-6)
    assert minimum_detectable(0.02) == pytest.approx(0.056032, abs=1e-6)
    assert minimum_detectable(1.0, alpha=0.01, target=0.9) == pytest.approx(3.857381, abs=1e-6)
