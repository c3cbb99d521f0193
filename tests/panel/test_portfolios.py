"""Portfolios by short names."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel.portfolios import PORTFOLIOS, missing_portfolio, portfolio_returns
from analysis.results import InputError


def frame(**columns):
    """A panel of a few months."""
    index = pd.period_range("2000-01", periods=len(next(iter(columns.values()))), freq="M")
    return pd.DataFrame(columns, index=index)


def test_a_portfolio_is_the_plain_mean_of_its_columns():
    """Profitable small caps are the mean of the third to fifth groups by profitability."""
    monthly = frame(me1op3=[0.01], me1op4=[0.02], me1op5=[0.06], bill=[0.001])
    returns = portfolio_returns(monthly, {"sleeve": "me1_high_op"}, "bill")
    assert list(returns) == ["sleeve", "bill"]
    assert returns["sleeve"].iloc[0] == pytest.approx(0.03)
    assert returns["bill"].iloc[0] == 0.001


def test_only_months_that_have_everything_are_kept():
    """A gap in one column of a mean, in another portfolio or in the bill drops the month."""
    monthly = frame(
        s1v1=[0.0, np.nan, 0.0, 0.0, 0.0],
        s1v3=[0.0] * 5,
        s1v5=[0.3] * 5,
        market=[0.0, 0.0, np.nan, 0.0, 0.0],
        bill=[0.0, 0.0, 0.0, np.nan, 0.0],
    )
    returns = portfolio_returns(monthly, {"small": "s1", "large": "market"}, "bill")
    assert returns.index.astype(str).tolist() == ["2000-01", "2000-05"]
    assert returns["small"].tolist() == pytest.approx([0.1, 0.1])


def test_what_the_panel_lacks_is_named():
    """The first portfolio without its columns gives the reason, and a table without months."""
    monthly = frame(market=[0.0], bill=[0.0])
    assert missing_portfolio(monthly, "market") is None
    assert missing_portfolio(monthly, "market", "lo30").reason == "the data hold no smallest 30%"
    empty = portfolio_returns(monthly, {"core": "market", "sleeve": "lo30"}, "bill")
    assert empty.empty and list(empty) == ["core", "sleeve", "bill"]
    assert empty.index.freqstr == "M"


def test_an_unknown_portfolio_is_an_error():
    """A name that means nothing is not missing data."""
    with pytest.raises(InputError, match="unknown portfolio 's1v55'; did you mean"):
        portfolio_returns(frame(market=[0.0]), {"small": "s1v55"})


def test_every_portfolio_has_words_of_its_own():
    """No two portfolios read alike in a sentence."""
    words = [portfolio.words for portfolio in PORTFOLIOS.values()]
    assert len(set(words)) == len(words)
