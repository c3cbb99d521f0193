"""The null bootstrap of one sample is drawn once, and is what a direct call gives."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference import null_cache
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.null_r_squared import null_r_squared


@pytest.fixture
def sample():
    """Returns and a slow predictor over twenty years."""
    rng = np.random.default_rng(11)
    months = pd.period_range("1980-01", periods=240, freq="M")
    walk = pd.Series(rng.normal(0, 1, 240).cumsum(), months)
    return pd.Series(rng.normal(0, 0.04, 240), months), walk


def test_the_same_numbers_as_a_direct_call(sample):
    """At every horizon, whether drawn together, later, or for another seed."""
    first = drawn_nulls(*sample, (12, 1), 60, 3)
    later = drawn_nulls(*sample, (24,), 60, 3)
    assert list(first) == [12, 1]
    for months, null in (first | later).items():
        direct = null_r_squared(*sample, months, 60, 3)
        assert (null.estimate, null.percentile_95) == (direct.estimate, direct.percentile_95)
        assert np.array_equal(null.slope_draws, direct.slope_draws)
    assert drawn_nulls(*sample, (12,), 60, 4)[12].median != first[12].median


def test_what_was_drawn_is_not_drawn_again(sample, monkeypatch):
    """Equal values are the same sample; a changed value or month is another."""
    calls = []

    def counted(*given):
        calls.append(given[2])
        return null_r_squared(*given)

    monkeypatch.setattr(null_cache, "null_r_squared", counted)
    returns, predictor = sample
    drawn_nulls(returns, predictor, (12, 36), 70, 5)
    drawn_nulls(returns.copy(), predictor.rename("gap"), (36, 12), 70, 5)
    assert calls == [[12, 36]]
    drawn_nulls(returns, predictor, (12, 60), 70, 5)
    assert calls == [[12, 36], [60]]
    drawn_nulls(returns, predictor.add(0.0).mul(2.0), (12,), 70, 5)
    shifted = (one.set_axis(one.index + 1) for one in sample)
    drawn_nulls(*shifted, (12,), 70, 5)
    assert len(calls) == 4
