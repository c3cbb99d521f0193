"""What the factors leave over."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis.inference.alphas import MODELS, alpha_table
from analysis.results import InputError


def test_an_alpha_is_what_the_factors_leave():
    """A difference of two per cent a year plus half the market has that alpha and that beta."""
    months = pd.period_range("1990-01", periods=240, freq="M")
    rng = np.random.default_rng(1)
    market = pd.Series(rng.normal(0.005, 0.04, 240), index=months)
    factors = pd.DataFrame({"market_excess": market, "other": 1.0}, index=months)
    noise = rng.normal(0, 1e-5, 240)
    table = alpha_table({"x": 0.02 / 12 + 0.5 * market + noise}, factors, lags=6)
    row = table.iloc[0]
    assert table["model"].tolist() == ["market"]
    assert row["alpha"] == pytest.approx(0.02, abs=1e-4)
    assert row["market beta"] == pytest.approx(0.5, abs=1e-3)
    assert row["low"] < row["alpha"] < row["high"]
    assert row["months"] == 240


def newey_west(y, x, lags):
    """Coefficients, standard errors and quantile of Student's t, from the scores' products."""
    design = np.column_stack([np.ones(len(y)), x])
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    scores = design * (y - design @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        product = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (product + product.T)
    free = len(y) - design.shape[1]
    return beta, np.sqrt(np.diag(bread @ meat @ bread) * len(y) / free), free


def test_every_model_the_data_allow_twin():
    """Five factors and momentum hold four models; each row is its own regression, months apart."""
    months = pd.period_range("1990-01", periods=130, freq="M")
    rng = np.random.default_rng(3)
    names = ["market_excess", "smb", "hml", "mom", "rmw", "cma"]
    factors = pd.DataFrame(rng.normal(0.004, 0.03, (130, 6)), months, names)
    factors.loc[months[:20], "mom"] = np.nan
    spread = factors[["smb", "hml"]].sum(axis=1) * 0.4 + rng.standard_t(4, 130) * 0.02
    table = alpha_table({"one": spread, "two": -spread}, factors, lags=6)
    assert table["difference"].tolist() == ["one"] * 4 + ["two"] * 4
    assert table["model"].tolist() == list(MODELS) * 2
    assert table["months"].tolist() == [130, 130, 110, 130] * 2
    for _, row in table.iterrows():
        used = factors[list(MODELS[row["model"]])].dropna()
        y = (spread if row["difference"] == "one" else -spread)[used.index].to_numpy()
        beta, error, free = newey_west(y, used.to_numpy(), 6)
        half = t.ppf(0.975, free) * error[0]
        numbers = [beta[0] * 12, (beta[0] - half) * 12, (beta[0] + half) * 12]
        assert row[["alpha", "low", "high"]].tolist() == pytest.approx(numbers)
        assert row["p"] == pytest.approx(2 * t.sf(abs(beta[0] / error[0]), free))
        assert row["market beta"] == pytest.approx(beta[1])
    some = alpha_table({"one": spread}, factors[["market_excess", "smb", "hml"]], lags=0)
    assert some["model"].tolist() == ["market", "three factors"]


def test_few_months_have_no_alpha():
    """Five years are the least; a difference without months has no row."""
    months = pd.period_range("1990-01", periods=240, freq="M")
    factors = pd.DataFrame({"market_excess": np.linspace(0, 1, 240)}, index=months)
    spread = factors["market_excess"] ** 2
    assert len(alpha_table({"x": spread.iloc[:60]}, factors, lags=6)) == 1
    assert alpha_table({"x": spread.iloc[:59]}, factors, lags=6).empty
    assert alpha_table({"x": pd.Series(dtype=float)}, factors, lags=6).empty


def test_negative_lags_are_refused():
    """The errors' memory is a number of months."""
    with pytest.raises(InputError, match="lags"):
        alpha_table({}, pd.DataFrame(), lags=-1)
    columns = ["difference", "model", "alpha", "low", "high", "p", "market beta", "months"]
    assert list(alpha_table({}, pd.DataFrame(), lags=0).columns) == columns
