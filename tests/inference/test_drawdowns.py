"""Falls from the highest value so far, by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.drawdowns import deepest_fall, drawdowns, falls_from_peak, growth_of


def months(first: str, count: int) -> pd.PeriodIndex:
    """A calendar of months."""
    return pd.period_range(first, periods=count, freq="M", name="month")


def test_drawdowns_by_hand():
    """Up 10%, down half, up 10%: half is lost; the first month's loss counts from the start."""
    np.testing.assert_allclose(drawdowns([0.1, -0.5, 0.1]), [0.0, 0.5, 0.45])
    assert drawdowns([-0.2])[0] == pytest.approx(0.2)
    assert drawdowns([]).shape == (0,)


def test_a_fall_by_hand():
    """1, 2, 1, 3: a fall of one half, from the second to the third, regained in the fourth."""
    wealth = growth_of(pd.Series([1.0, -0.5, 2.0], index=months("2000-01", 3)))
    assert wealth.tolist() == [1.0, 2.0, 1.0, 3.0]
    assert wealth.index.astype(str).tolist() == ["1999-12", "2000-01", "2000-02", "2000-03"]
    assert falls_from_peak(wealth).tolist() == [0.0, 0.0, -0.5, 0.0]
    fall = deepest_fall(wealth)
    assert (fall.depth, str(fall.peak), str(fall.bottom)) == (-0.5, "2000-01", "2000-02")
    assert str(fall.regained) == "2000-03"
    assert deepest_fall(wealth.iloc[:3]).regained is None


def test_the_falls_of_wealth_are_the_drawdowns_of_returns():
    """The two ways to ask give the same numbers."""
    returns = pd.Series(np.random.default_rng(0).normal(0, 0.05, 200), index=months("1950-01", 200))
    falls = falls_from_peak(growth_of(returns))
    np.testing.assert_allclose(-falls.iloc[1:], drawdowns(returns), atol=1e-12)
    running = max(growth_of(returns).iloc[:120])
    assert falls.iloc[119] == pytest.approx(growth_of(returns).iloc[119] / running - 1)
