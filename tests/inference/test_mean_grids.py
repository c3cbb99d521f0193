"""A grid of mean differences: one row is its own test, planted means reject, noise does not."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.mean_grids import mean_grid
from analysis.inference.premia import FEWEST_MONTHS, centred_means, premium

SETTINGS = {"block": 12, "draws": 100, "seed": 1}


def test_a_grid_of_one_is_its_own_test():
    """With one specification the joint test is the specification's, and that of the premium."""
    months = pd.period_range("1970-01", "1995-12", freq="M")
    values = pd.Series(np.random.default_rng(5).normal(0.002, 0.02, len(months)), index=months)
    choices = pd.DataFrame({"long": ["one", "absent"], "era": "full"})
    found = mean_grid([values, values.iloc[:0]], choices, **SETTINGS)
    alone = premium(values, **SETTINGS)
    assert found.p_value == pytest.approx(alone.p_value)
    assert found.table["p"].iloc[0] == pytest.approx(alone.p_value)
    assert found.median == pytest.approx(alone.annual)
    assert (found.specifications, found.missing) == (1, 1)
    assert found.table["reason"].tolist() == ["", "only 0 months; 60 are needed"]
    assert found.table["long"].tolist() == ["one", "absent"]
    assert "Over 1 specifications (1 left out with a reason)" in str(found)


def test_a_grid_rejects_a_planted_mean_and_not_noise():
    """Ten related spreads with a mean of a standard error times five reject jointly."""
    months = pd.period_range("1970-01", "1999-12", freq="M")
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 0.02, len(months))
    noise = [pd.Series(shared + rng.normal(0, 0.01, len(months)), index=months) for _ in range(10)]
    noise = [one - one.mean() for one in noise]
    choices = pd.DataFrame({"long": range(10)})
    planted = mean_grid([one + 0.006 for one in noise], choices, **SETTINGS)
    assert planted.p_value < 0.02
    assert planted.share_positive == 1.0
    assert mean_grid(noise, choices, **SETTINGS).p_value > 0.5


def test_months_before_any_specification_are_not_resampled():
    """A calendar that begins earlier than all returns changes nothing."""
    months = pd.period_range("1970-01", "1995-12", freq="M")
    values = pd.Series(np.random.default_rng(5).normal(0.002, 0.02, len(months)), index=months)
    earlier = values.reindex(pd.period_range("1960-01", "1995-12", freq="M"))
    choices = pd.DataFrame({"long": ["one"]})
    first, second = (mean_grid([one], choices, **SETTINGS) for one in (values, earlier))
    assert first.p_value == second.p_value


def test_without_a_specification_of_sixty_months_there_is_no_joint_test():
    """Refused, and yet every row has its reason."""
    months = pd.period_range("1970-01", periods=12, freq="M")
    short = pd.Series(0.01, index=months)
    found = mean_grid([short], pd.DataFrame({"long": ["one"]}), **SETTINGS)
    assert found.refusal.reason == "no specification can be run: only 12 months; 60 are needed"
    assert found.table["reason"].tolist() == ["only 12 months; 60 are needed"]
    assert mean_grid([], pd.DataFrame(columns=["long"]), **SETTINGS).table.empty
    assert found.missing == 1 and str(found) == str(found.refusal)
    assert found.table["months"].tolist() == [12]


def test_the_slow_twin_goes_row_by_row():
    """Samples of other months and order, one too short: each mean by hand, medians draw by draw."""
    months = pd.period_range("1970-01", "1989-12", freq="M")
    rng = np.random.default_rng(7)
    whole = pd.Series(rng.normal(0.001, 0.02, len(months)), index=months)
    late = pd.Series(rng.normal(0.003, 0.02, 150), index=months[-150:])
    nothing = pd.Series(0.0, index=months)
    just_enough = late.iloc[:FEWEST_MONTHS]
    samples = [late, whole, late.iloc[: FEWEST_MONTHS - 1], nothing, just_enough]
    found = mean_grid(samples, pd.DataFrame({"long": list("abcde")}), **SETTINGS)
    table = found.table
    assert table["long"].tolist() == list("abcde")
    assert table["months"].tolist() == [150, 240, 59, 240, 60]
    assert [bool(reason) for reason in table["reason"]] == [False, False, True, False, False]
    ran = [late, whole, nothing, just_enough]
    annual = [12 * one.sum() / len(one) for one in ran]
    assert table["annual"].drop(2).to_numpy(float) == pytest.approx(annual)
    assert table[["annual", "p"]].iloc[2].isna().all()
    assert {kind.kind for kind in table[["annual", "p"]].dtypes} == {"f"}
    assert (found.specifications, found.missing) == (4, 1)
    assert found.median == pytest.approx(np.median(annual))
    assert found.share_positive == np.mean([one > 0 for one in annual])
    by_month = np.array([[one.get(month, np.nan) for one in ran] for month in months])
    null = centred_means(by_month, **SETTINGS)
    as_far = [sum(abs(draw[k]) >= abs(annual[k] / 12) for draw in null) for k in (0, 1)]
    assert table["p"].iloc[:2].tolist() == pytest.approx([(1 + n) / 101 for n in as_far])
    far = sum(abs(np.median(draw)) >= abs(found.median / 12) for draw in null)
    assert found.p_value == pytest.approx((1 + far) / 101)
