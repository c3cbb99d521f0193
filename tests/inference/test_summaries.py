"""Our own estimators answer as a statsmodels result does."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.inference.null_r_squared import null_r_squared
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.predictive import ivx


@pytest.fixture(scope="module")
def pair():
    """Returns and a slow predictor, 400 months, one seed."""
    rng = np.random.default_rng(7)
    shocks = rng.standard_normal((2, 400))
    predictor = pd.Series(shocks[1]).ewm(alpha=0.05).mean()
    return pd.Series(0.01 * shocks[0]), predictor


def test_the_least_squares_slope_is_that_of_statsmodels(pair):
    """params of Newey-West and of Hodrick's 1B at one month are the OLS slope; only bse differs."""
    returns, predictor = pair
    ols = sm.OLS(returns.to_numpy()[1:], sm.add_constant(predictor.to_numpy()[:-1])).fit()
    for found in (newey_west(returns, predictor, 1), hodrick_1b(returns, predictor, 1)):
        assert found.params["predictor"] == pytest.approx(ols.params[1])
        assert found.bse["predictor"] == found.standard_error > 0
        assert found.pvalues["predictor"] == found.p_value


@pytest.mark.parametrize("made", [
    lambda pair: ivx(*pair, 12), lambda pair: hodrick_1b(*pair, 12),
    lambda pair: null_r_squared(*pair, 12, 199, 1),
])  # fmt: skip
def test_a_summary_shows_the_coefficient_its_error_and_its_null(made, pair):
    """A table a notebook draws, with the estimator's name and what the p-value speaks of."""
    found = made(pair)
    text, html = str(found.summary()), found.summary()._repr_html_()
    assert found.name in text and f"Null: {found.null}" in text and f"n = {found.n}" in text
    assert f"{found.params.iloc[0]:.4f}" in text and f"{found.bse.iloc[0]:.4f}" in text
    assert "<table" in html and found.params.index.tolist() == ["predictor"]


def test_a_null_that_is_not_normal_is_shown_as_it_is():
    """Mean and spread of the drawn slopes; zero is outside the interval where p is below 5%."""
    rng = np.random.default_rng(2)
    for planted in (0.0, 0.02):
        shocks = rng.standard_normal((2, 300))
        predictor = pd.Series(shocks[1]).ewm(alpha=0.05).mean()
        returns = pd.Series(0.01 * shocks[0] - 0.008 * shocks[1] + planted * predictor.shift(1))
        found = null_r_squared(returns.iloc[1:], predictor.iloc[1:], 12, 999, 1)
        shown = found._shown().iloc[0]
        low, high = (np.quantile(found.slope_draws, q) for q in (0.975, 0.025))
        assert shown["null mean"] == found.slope_draws.mean() != 0
        assert shown["[0.025"] == found.slope - low and shown["0.975]"] == found.slope - high
        outside = not shown["[0.025"] <= 0 <= shown["0.975]"]
        assert outside == (found.p_slope < 0.05) == (planted > 0)
        text = str(found.summary())
        assert "P>|z|" not in text and "p, two-sided" in text


def test_several_predictors_have_a_row_each(pair):
    """Numbered, in their order."""
    returns, predictor = pair
    both = pd.DataFrame({"a": predictor, "b": predictor.shift(1)}).iloc[1:]
    found = ivx(returns.iloc[1:], both, 1)
    assert found.params.index.tolist() == ["predictor 1", "predictor 2"]
    assert tuple(found.params) == found.coefficients


def test_a_refused_estimate_says_why():
    """No coefficient, and a summary with the reason in place of a table."""
    found = hodrick_1b(pd.Series([0.1, 0.2, 0.1]), pd.Series([1.0, 2.0, 3.0]), 12)
    assert found.refusal is not None and found.params.empty and found.pvalues.empty
    assert f"refused: {found.refusal.reason}" in str(found.summary())
