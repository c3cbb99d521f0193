import pytest

from analysis.inference.proportions import binomial_interval
from analysis.results import InputError


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684)],
)
def test_published_clopper_pearson_intervals(wins, n, low, high):
    """Newcombe (1998, Statistics in Medicine 17, table I, method 5), to four digits."""
    interval = binomial_interval(wins, n)
    assert interval.ci_low == pytest.approx(low, abs=6e-5)
    assert interval.ci_high == pytest.approx(high, abs=6e-5)


def test_three_wins_of_three_by_hand():
    """Three of three against one half: p = 2/8, lower end .025^(1/3)."""
    interval = binomial_interval(3, 3)
    assert interval.p_value == pytest.approx(0.25)
    assert interval.ci_low == pytest.approx(0.025 ** (1 / 3))
    assert interval.ci_high == 1


def test_the_estimate_is_the_share_and_the_interval_of_its_level():
    """Eight of ten; at 90% the interval lies within that at 95%."""
    wide, narrow = binomial_interval(8, 10), binomial_interval(8, 10, level=0.9)
    assert (wide.estimate, wide.n, wide.effective_n, wide.level) == (0.8, 10, 10, 0.95)
    assert narrow.level == 0.9
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high


def test_the_base_rate_is_the_null():
    """Eight of ten is rare against one half and ordinary against four fifths."""
    assert binomial_interval(8, 10, 0.5).p_value < 0.12
    assert binomial_interval(8, 10, 0.8).p_value == pytest.approx(1.0)


def test_bad_counts_are_named_and_no_trial_is_refused():
    """More wins than trials raises, no trial at all is a refusal."""
    with pytest.raises(InputError, match="wins"):
        binomial_interval(4, 3)
    assert not binomial_interval(0, 0)
