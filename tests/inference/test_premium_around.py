"""A mean before and since a month, how far it fell, and how long until its absence is seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from analysis.inference.long_run import mean_standard_error
from analysis.inference.premium_around import premium_around, years_to_see

SPLIT = pd.Period("1981-01", "M")


def spread_with(before: float, since: float, noise: float) -> pd.Series:
    """Annual means before and since 1981, with noise that has mean zero on both sides."""
    index = pd.period_range("1931-01", periods=1200, freq="M")
    wiggle = noise * np.where(np.arange(len(index)) % 2 == 0, 1.0, -1.0)
    return pd.Series(np.where(index < SPLIT, before, since) / 12 + wiggle, index=index)


def test_means_are_annual_and_cut_at_the_month():
    """The month of publication belongs to the later sample."""
    spread = spread_with(0.04, 0.01, 0.01)
    found = premium_around(spread, SPLIT, 0.02, 6)
    assert found.before.estimate == pytest.approx(0.04)
    assert found.after.estimate == pytest.approx(0.01)
    assert (found.before.n, found.after.n) == (600, 600)
    later = spread[SPLIT:].to_numpy()
    assert found.error_after == pytest.approx(12 * mean_standard_error(later, 6)[0])
    half_width = 1.959964 * found.error_after
    assert found.after.ci_high == pytest.approx(0.01 + half_width)
    assert found.p_equivalence < 0.05
    assert found.p_below == pytest.approx(t.cdf(-0.01 / found.error_after, 599), rel=0.02)


def test_the_fall_is_earlier_less_later_and_its_p_is_one_sided():
    """A fall has a small p, a rise of the same size its complement; the error joins both sides."""
    fell, rose = (
        premium_around(spread_with(*sides, 0.05), SPLIT, 0.02, 6)
        for sides in ((0.04, 0.01), (0.01, 0.04))
    )
    assert fell.fall.estimate == pytest.approx(0.03)
    assert fell.fall.p_value + rose.fall.p_value == pytest.approx(1.0)
    assert fell.fall.p_value == pytest.approx(norm.sf(0.03 / fell.error_fall))
    assert fell.error_fall == pytest.approx(np.hypot(fell.error_before, fell.error_after))
    assert fell.fall.ci_low == pytest.approx(0.03 - 1.959964 * fell.error_fall)


def test_years_to_see_grow_with_the_square_of_the_error():
    """Where the margin is 2.486 errors of the later mean, the years there are suffice."""
    found = premium_around(spread_with(0.03, 0.0, 0.01), SPLIT, 0.02, 6)
    enough = replace(found, error_after=0.02 / (1.6448536 + 0.8416212))
    years = found.after.n / 12
    assert years_to_see(enough) == pytest.approx(years)
    assert years_to_see(replace(enough, error_after=2 * enough.error_after)) == pytest.approx(
        4 * years
    )
    assert years_to_see(replace(enough, margin=0.04)) == pytest.approx(years / 4)


def test_too_few_months_on_one_side_are_refused():
    """Without five years since publication there is no later premium to speak of."""
    spread = spread_with(0.04, 0.0, 0.01)
    refused = premium_around(spread.loc[:"1984-12"], SPLIT, 0.02, 6)
    assert not refused
    assert "48 since" in refused.refusal.reason
    assert premium_around(spread.loc[:"1985-12"], SPLIT, 0.02, 6)
