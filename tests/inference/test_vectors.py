import numpy as np
import pandas as pd
import pytest

from analysis.inference.vectors import as_count, as_positions, as_share, as_vector
from analysis.results import InputError


@pytest.mark.parametrize(
    "bad", [[1.0, np.nan], [np.inf, 1.0], [[1.0, 2.0]], ["a", "b"], pd.Series([1.0, None])]
)
def test_vectors_without_clean_numbers_are_refused(bad):
    """Missing, infinite, nested and textual values all raise an error that names the input."""
    with pytest.raises(InputError, match="outcome"):
        as_vector(bad, "outcome")


def test_flags_and_positions_agree():
    """A boolean flag a month and a list of positions give the same sorted positions."""
    assert as_positions([4, 1], 6).tolist() == [1, 4]
    assert as_positions(np.array([0, 1, 0, 0, 1, 0], dtype=bool), 6).tolist() == [1, 4]
    assert as_positions([], 6).tolist() == []
    assert as_positions({4, 1}, 6).tolist() == [1, 4]


@pytest.mark.parametrize("bad", [[6], [-1], [1, 1], [1.5], [True, False]])
def test_impossible_events_are_refused(bad):
    """Events outside the sample, twice the same, fractional or too few flags raise an error."""
    with pytest.raises(InputError, match="events"):
        as_positions(bad, 6)


def test_flags_on_another_index_are_refused():
    """Flags of other months than the values' raise an error instead of silently shifting."""
    months = pd.period_range("2000-01", periods=3, freq="M")
    flags = pd.Series([True, False, False], index=months + 1)
    with pytest.raises(InputError, match="index"):
        as_positions(flags, 3, months)


def test_counts_and_shares_have_bounds():
    """A count below its least value and a share outside the unit interval raise an error."""
    assert as_count(3, "draws", 1) == 3 and as_share(0.2, "level") == 0.2
    for bad in (0, 2.5, True):
        with pytest.raises(InputError, match="draws"):
            as_count(bad, "draws", 1)
    for bad in (0, 1, 1.2, "x"):
        with pytest.raises(InputError, match="level"):
            as_share(bad, "level")
