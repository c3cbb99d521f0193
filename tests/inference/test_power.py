import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

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


def test_what_a_power_says():
    """Every field by hand, the printed line, and nothing of an effect that was not given."""
    values = np.tile([1.0, -1.0], 50)
    found = power_of_mean(values, effect=0.2, lags=0, alpha=0.1, target=0.9, unit="decimal")
    error = 1 / np.sqrt(99)
    assert found.standard_error == pytest.approx(error)
    assert (found.n, found.alpha, found.target, found.effect) == (100, 0.1, 0.9, 0.2)
    assert found.effective_n == pytest.approx(100)
    assert found.mde == pytest.approx((1.644854 + 1.281552) * error, rel=1e-6)
    both = norm.sf(1.644854 - 0.2 / error) + norm.cdf(-1.644854 - 0.2 / error)
    assert found.power == pytest.approx(both, rel=1e-6)
    line = "minimum detectable effect 0.2941 decimal (90% power, two-sided 10%); n = 100, effective"
    assert str(found).startswith(line)
    assert str(found).endswith(f"; power against 0.2: {both:.0%}")
    plain = power_of_mean(values, lags=0)
    assert plain.power is None and plain.effect is None and plain.unit == "per period"
    assert str(plain).endswith("effective n = 100")


def test_ten_observations_are_the_least():
    """One fewer is refused with the number there are."""
    values = np.tile([1.0, -1.0], 5)
    assert power_of_mean(values, lags=0).n == 10
    said = "9 observations; 10 are needed to judge the power"
    assert power_of_mean(values[1:], lags=0).refusal.reason == said


def test_another_level_and_another_power():
    """(2.576 + 1.282)² = 14.88, so 15 events for an effect of one standard deviation."""
    needed = more_events_needed(1.0, 1.0, 4, alpha=0.01, target=0.9, unit="cuts")
    assert (needed.total, needed.more, needed.n, needed.unit) == (15, 11, 4, "cuts")
    assert str(needed) == "11 more cuts (15 in all)"
    assert str(more_events_needed(1.0, 1.0, 15, 0.01, 0.9)) == (
        "the 15 events there are would suffice (15 needed)"
    )
    assert normal_power(1.0, 1.0, alpha=0.3) == pytest.approx(
        norm.sf(1.036433 - 1) + norm.cdf(-1.036433 - 1), rel=1e-5
    )


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
        (lambda: normal_power(0.1, 0.0), "standard_error: must be above zero, got 0.0"),
        (lambda: normal_power(0.1, 1.0, alpha=1.0), "alpha"),
        (lambda: more_events_needed(np.inf, 1.0, 3), "effect of inf"),
        (lambda: more_events_needed(np.nan, 1.0, 3), "effect of nan"),
        (lambda: more_events_needed(0.1, np.inf, 3), "sd: must be above zero and finite"),
        (lambda: more_events_needed(0.1, -1.0, 3), "sd"),
        (lambda: more_events_needed(0.1, 1.0, -1), "n: expected a whole number of at least 0"),
        (lambda: more_events_needed(0.1, 1.0, 3, alpha=0.0), "alpha"),
        (lambda: more_events_needed(0.1, 1.0, 3, target=1.0), "target"),
        (lambda: minimum_detectable(0.0), "standard_error: must be above zero and finite"),
        (lambda: minimum_detectable(np.inf), "standard_error: must be above zero and finite"),
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
    # 7.849 × (130 / 12) = 85.03; the begun year is none of the ten there are
    some = more_years_needed(1.0, 1.0, 130)
    assert (some.total, some.more, some.n) == (86, 76, 10)
    assert years_to_detect(1.0, 1.0, 130).endswith("to detect a difference of the size found")


def test_a_minimum_detectable_effect_is_2_80_standard_errors():
    """1.960 for a two-sided level of 5% and 0.842 for a power of 80%."""
    assert minimum_detectable(1.0) == pytest.approx(1.959964 + 0.841621, abs=1e-6)
    assert minimum_detectable(0.02) == pytest.approx(0.056032, abs=1e-6)
    assert minimum_detectable(1.0, alpha=0.01, target=0.9) == pytest.approx(3.857381, abs=1e-6)
