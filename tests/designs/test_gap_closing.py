"""Wide gaps close: planted gaps that do, that do not, and what the data lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset

CLAIM = load_claims()["gaps-close"]
LENGTH = 1000


def made(half_life, through_returns=True, length=LENGTH, seed=4) -> Dataset:
    """A gap of a half-life, closed by returns or by new book values each June."""
    rng = np.random.default_rng(seed)
    rho = 0.5 ** (1 / half_life)
    noise, own = rng.normal(0, 0.03, length), rng.normal(0, 0.02, length)
    gap, returns = np.zeros(length), np.zeros(length)
    for t in range(1, length):
        pull = (1 - rho) * gap[t - 1]
        returns[t] = np.expm1(noise[t] + pull * through_returns)
        gap[t] = gap[t - 1] - pull - noise[t] + own[t] * (t % 12 == 5)
    months = pd.period_range("1930-01", periods=length, freq="M", name="month")
    path = pd.Series(gap, months)
    junes = path[path.index.month == 6].rename_axis("june")
    valuation = pd.DataFrame({"gap_june": junes, "gap_december": junes})
    monthly = pd.DataFrame({"smb": returns}, months)
    return Dataset(monthly, {}, "bundled", months[-1], valuation=valuation)


def study(dataset, **changes):
    return find_design("gap_closing")(dataset, bind(CLAIM, changes), Sampling(299, 1))


def verdict(found):
    return decide(CLAIM, found.finding, data="bundled", as_of="2018-11").verdict


@pytest.fixture(scope="module")
def quick():
    return study(made(12))


def test_a_gap_that_closes_is_told_from_one_that_lasts(quick):
    """A half-life of a year, and one of a century."""
    assert verdict(quick) == "supported"
    lasting = study(made(1200))
    assert verdict(lasting) != "supported"
    assert lasting.finding.measures["closed_high"] < quick.finding.measures["closed_high"]


def test_what_closes_through_returns_and_through_books_adds_up(quick):
    """Planted in returns, returns close it; planted in books, they do not."""
    books = study(made(12, through_returns=False)).finding.measures
    measures = quick.finding.measures
    whole = measures["returns_share"] + measures["books_share"]
    assert whole == pytest.approx(1.0, abs=0.25)
    assert measures["returns_share"] > 0.7 > 0.3 > books["returns_share"]


def test_the_less_favourable_basis_counts():
    """One basis closes and the other does not: the verdict is the other's."""
    dataset, lasting = made(12), made(1200, seed=5)
    mixed = dataset.valuation.assign(gap_december=lasting.valuation["gap_june"])
    found = study(replace(dataset, valuation=mixed))
    assert found.finding.p_value == max(
        found.ran.query("leg == 'smb' and era == 'full' and horizon == 60")["p"]
    )
    assert verdict(found) != "supported"


def test_every_episode_says_what_followed_or_that_it_has_not(quick):
    """The change is the sum of its two parts; one whose months have not passed is empty."""
    table = quick.episodes
    known = table.dropna()
    parts = known["through returns"] + known["through book values"]
    assert len(known) and parts.to_numpy() == pytest.approx(known["change"].to_numpy())
    assert (table["gap"] > table["usual"]).all()
    complete = known.groupby("basis").size().min()
    assert quick.finding.measures["wide_episodes_complete"] == complete


def test_the_grid_says_why_a_row_was_left_out(quick):
    """Legs the data lack, and eras too short."""
    reasons = quick.grid.query("leg == 's1_s5'")["reason"]
    assert reasons.str.contains("does not hold").all()
    assert quick.finding.joint_p is not None


def test_without_book_values_or_with_a_short_gap_it_is_refused():
    dataset = made(12)
    assert "no book-to-market" in study(replace(dataset, valuation=None)).finding.refusal.reason
    assert "too few" in study(made(12, length=200)).finding.refusal.reason
