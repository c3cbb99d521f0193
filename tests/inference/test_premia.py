"""Mean differences a year: arithmetic by hand, the bootstrap's twin, a published premium."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.inference.premia import centred_means, premia, premium, premium_table, two_sided_p
from analysis.panel import load_dataset

SETTINGS = {"block": 12, "draws": 100, "seed": 1}


def months(first: str, count: int) -> pd.PeriodIndex:
    return pd.period_range(first, periods=count, freq="M", name="month")


def test_a_premium_is_twelve_times_the_mean_difference():
    """Sixty months of one per cent, alternating by a tenth, are twelve per cent a year."""
    spread = pd.Series(0.01 + 0.001 * (-1.0) ** np.arange(60), index=months("2000-01", 60))
    found = premium(spread, **SETTINGS)
    assert found.annual == pytest.approx(0.12)
    assert found.low < 0.12 < found.high
    assert found.low > 0.1
    assert (found.n, found.blocks) == (60, 5.0)
    assert (found.first, found.last) == ("2000-01", "2004-12")
    assert found.mde == pytest.approx(2.8016 * found.error, rel=1e-3)


def test_a_premium_is_the_paired_bootstrap_of_its_two_returns():
    """The shared resampling gives the very numbers of the bootstrap of one pair of returns."""
    rng = np.random.default_rng(4)
    long, short = (pd.Series(rng.normal(0.005, 0.04, 300), months("1970-01", 300)) for _ in "ab")
    found = premium(long - short, **SETTINGS)
    twin = paired_stationary_bootstrap(long, short, block_length=12.0, draws=100, seed=1)
    assert found.annual == pytest.approx(12 * twin.estimate)
    assert (found.low, found.high) == pytest.approx((12 * twin.ci_low, 12 * twin.ci_high))
    assert found.error == pytest.approx(12 * twin.standard_error)
    assert (found.p_value, found.blocks) == (twin.p_value, twin.effective_n)


def test_fewer_than_sixty_months_are_refused():
    """Five blocks of a year are the least a premium is read from; a gap leaves its month out."""
    spread = pd.Series(np.linspace(0, 0.01, 60), index=months("2000-01", 60))
    assert premium(spread, **SETTINGS)
    spread.iloc[3] = np.nan
    refused = premium(spread, **SETTINGS)
    assert refused.refusal.reason == "only 59 months; 60 are needed"
    assert not refused


def test_a_difference_that_never_changes_is_refused():
    """A portfolio less itself has no standard error; its neighbours keep their numbers."""
    index = months("2000-01", 60)
    moving = pd.Series(np.linspace(0, 0.01, 60), index=index)
    found = premia(pd.DataFrame({"still": 0.0, "moving": moving}), **SETTINGS)
    assert "same in every month" in found["still"].refusal.reason
    assert found["moving"] == premium(moving, **SETTINGS)
    assert list(found) == ["still", "moving"]


def test_the_years_still_needed_follow_from_the_error():
    """A premium of a standard error needs (2.8)² times its years; a large one none; zero no end."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.02, 240)
    spread = pd.Series(noise - noise.mean(), index=months("2000-01", 240))
    error = premium(spread, **SETTINGS).error
    small, large = (premium(spread + k * error / 12, **SETTINGS) for k in (1, 5))
    assert "157 in all" in small.more_needed
    assert large.more_needed.startswith("none: ")
    assert small.annual == pytest.approx(error)


def test_the_table_cuts_its_samples_and_leaves_out_the_short():
    """Each sample has its own months and numbers; what is refused has no row."""
    index = months("1970-01", 312)
    one = pd.Series((index.year == 1981) * 1.0 + 0.001 * (-1.0) ** np.arange(312), index=index)
    spreads = pd.DataFrame({"one": one, "two": np.nan}, index=index)
    samples = {"full": spreads, "late": spreads.loc["1981-01":], "last": spreads.loc["1995-01":]}
    table = premium_table(samples, **SETTINGS).set_index("era")
    assert table.index.tolist() == ["full", "late"]
    assert table["spread"].tolist() == ["one", "one"]
    assert table.loc["late", ["first", "months"]].tolist() == ["1981-01", 180]
    assert table.loc["late", "annual"] == pytest.approx(12 * 12 / 180)
    assert premium_table({"last": spreads[["two"]]}, **SETTINGS).empty


def test_columns_share_their_draws_and_keep_to_their_months():
    """A column's null does not depend on its neighbours, nor on months it does not have."""
    values = np.random.default_rng(3).normal(0, 1, (120, 2))
    both = centred_means(values, 12, 50, 1)
    np.testing.assert_allclose(both[:, [1]], centred_means(values[:, [1]], 12, 50, 1))
    values[:60, 0] = np.nan
    held = centred_means(values, 12, 50, 1)
    np.testing.assert_allclose(held[:, 1], both[:, 1])
    assert held[:, 0].std() > both[:, 0].std()


def test_a_p_value_counts_the_draws_as_far_out():
    """Two of three draws are at least as far from zero as two: (1 + 2) / (1 + 3)."""
    null = np.array([[-3.0], [1.0], [2.0]])
    assert two_sided_p(null, np.array([2.0])) == pytest.approx([0.75])


def test_the_value_premium_as_published():
    """HML's mean of .40 per cent a month, 1963-07 to 1991-12: Fama and French (1993), Table 2."""
    hml = load_dataset("bundled").monthly["hml"].loc["1963-07":"1991-12"]
    found = premium(hml, **SETTINGS)
    assert 100 * found.annual / 12 == pytest.approx(0.40, abs=0.03)
    assert found.low > 0
