"""The spread of a grid divided among its choices."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.formula.api import ols

from analysis.inference.choice_shares import choice_shares
from analysis.results import InputError


def _grid(*sizes):
    names = [f"c{n}" for n in range(len(sizes))]
    rows = list(itertools.product(*(range(size) for size in sizes)))
    return pd.DataFrame(rows, columns=names)


def test_on_a_full_grid_the_shares_are_those_of_the_squares():
    """Two by two, by hand: 0, 2, 4, 6 is 4 for the first choice and 2 for the second."""
    made = choice_shares(_grid(2, 2), pd.Series([0.0, 2.0, 4.0, 6.0]))
    assert made.shares.to_dict() == pytest.approx({"c0": 0.8, "c1": 0.2})
    assert (made.jointly, made.overlap) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert (made.n, made.spread) == (4, 6.0)
    assert list(made.shares.index) == ["c0", "c1"]


def test_what_takes_two_choices_at_once_belongs_to_neither():
    """One cell of four stands out: a third of its square is the interaction."""
    made = choice_shares(_grid(2, 2), pd.Series([0.0, 0.0, 0.0, 4.0]))
    assert made.shares.to_dict() == pytest.approx({"c0": 1 / 3, "c1": 1 / 3})
    assert made.jointly == pytest.approx(1 / 3)


def test_it_is_the_analysis_of_variance_of_type_two_on_a_grid_with_holes():
    """The brute-force twin: statsmodels' own table."""
    rng = np.random.default_rng(3)
    grid = _grid(3, 4, 2, 1).sample(frac=0.7, random_state=3).reset_index(drop=True)
    values = pd.Series(rng.normal(size=len(grid)) + grid["c0"] * 2 + grid["c1"])
    table = sm.stats.anova_lm(
        ols("y ~ C(c0) + C(c1) + C(c2)", data=grid.assign(y=values)).fit(), typ=2
    )
    total = ((values - values.mean()) ** 2).sum()
    made = choice_shares(grid, values)
    for name in ("c0", "c1", "c2"):
        assert made.shares[name] == pytest.approx(table.loc[f"C({name})", "sum_sq"] / total)
    assert made.jointly == pytest.approx(table.loc["Residual", "sum_sq"] / total)
    assert made.shares.sum() + made.jointly + made.overlap == pytest.approx(1.0)
    assert made.overlap != pytest.approx(0.0, abs=1e-6)


def test_estimates_without_a_spread_are_refused_and_bad_input_is_an_error():
    """A refused result says so; what cannot be used is named."""
    refused = choice_shares(_grid(2, 2), pd.Series([1.0, 1.0, 1.0, 1.0]))
    assert not refused and "do not differ" in str(refused)
    with pytest.raises(InputError, match="not finite"):
        choice_shares(_grid(2, 2), pd.Series([1.0, np.nan, 1.0, 1.0]))
    with pytest.raises(InputError, match="different rows"):
        choice_shares(_grid(2, 2), pd.Series([1.0, 2.0]))
