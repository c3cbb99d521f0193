"""Wide gaps close: planted gaps that do, that do not, and what the data lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.gap_closing import EPISODES
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


def slope(x, y):
    return np.polyfit(x, y, 1)[0]


def test_shares_twin(quick):
    """Of the slower basis: minus the slope of the gap's change, and the slope of later returns."""
    sample = quick.samples[quick.slower]
    gap, moved = sample.gap.to_numpy(), np.log1p(sample.returns.to_numpy())
    starts = range(len(gap) - 60)
    change = [gap[t + 60] - gap[t] for t in starts]
    won = [moved[t + 1 : t + 61].sum() for t in starts]
    measures = quick.finding.measures
    observed = -slope(gap[: len(change)], change)
    assert measures["returns_share"] == pytest.approx(slope(gap[: len(won)], won))
    assert measures["books_share"] == pytest.approx(observed - measures["returns_share"])
    assert quick.finding.estimate == measures["closed_share"] < observed
    assert (quick.finding.n, quick.finding.effective_n) == (len(gap) - 60, (len(gap) - 1) // 60)
    assert quick.finding.sample_start == str(sample.gap.index[0])
    assert quick.finding.sample_end == str(sample.gap.index[-1])
    said = (
        f"Over 5 years {observed:.0%} of a gap's distance from its mean went, where a gap that goes"
        f" nowhere would seem to lose {observed - measures['closed_share']:.0%} (p "
    )
    assert quick.finding.finding.startswith(said)
    assert f"Of the {observed:.0%}, {measures['returns_share']:.0%} came through returns and" in (
        quick.finding.finding
    )
    assert f"and {measures['books_share']:.0%} through new book values." in quick.finding.finding


def test_the_measures_are_those_of_the_rows_of_both_bases(quick):
    """The registered specification's rows stand in the grid: the larger p, the higher end."""
    rows = quick.ran.query("leg == 'smb' and era == 'full' and horizon == 60").set_index("basis")
    assert set(rows.index) == {"june", "december"}
    measures = quick.finding.measures
    assert measures["closing_p"] == quick.finding.p_value == rows["p"].max()
    assert measures["closed_high"] == pytest.approx(rows["high"].max())
    assert rows["p"][quick.slower] == rows["p"].max()
    assert measures["closed_share"] == pytest.approx(rows["closed"][quick.slower])
    for basis, row in rows.iterrows():
        said = f"{basis} basis: {row['closed']:.0%} beyond a random walk's, p "
        assert said in quick.finding.sensitivity
    assert quick.finding.sensitivity.endswith(".")
    assert quick.finding.sensitivity.count(";") == 1
    assert (quick.finding.ci_low, quick.finding.ci_high) == pytest.approx(
        tuple(rows.loc[quick.slower, ["low", "high"]])
    )


def test_episodes_by_hand(quick):
    """First month wide by its own past, the usual gap then, and what sixty months made of it."""
    table = quick.episodes
    assert list(table.columns) == list(EPISODES)
    for basis, sample in quick.samples.items():
        gap, moved = sample.gap, np.log1p(sample.returns)
        rows = table[table["basis"] == basis].set_index("wide from")
        wide = [
            at for at in range(119, len(gap)) if (gap.iloc[: at + 1] <= gap.iloc[at]).mean() > 0.8
        ]
        begins = [at for at in wide if at - 1 not in wide]
        counted = []
        for at in begins:
            if not counted or at - counted[-1] > 60:
                counted.append(at)
        assert rows.index.tolist() == [str(gap.index[at]) for at in counted]
        for at in counted:
            row = rows.loc[str(gap.index[at])]
            assert row["gap"] == gap.iloc[at]
            assert row["usual"] == pytest.approx(np.median(gap.iloc[: at + 1]))
            if at + 60 >= len(gap):
                assert row[["change", "through returns", "through book values"]].isna().all()
                continue
            won = moved.iloc[at + 1 : at + 61].sum()
            change = gap.iloc[at + 60] - gap.iloc[at]
            assert row["change"] == pytest.approx(change)
            assert row["through returns"] == pytest.approx(-won)
            assert row["through book values"] == pytest.approx(change + won)


def test_a_grid_may_be_empty_and_one_basis_may_be_asked():
    """Without a grid there is no joint p; one basis decides alone."""
    bare = replace(bind(CLAIM, {"basis": "june"}), grid={})
    found = find_design("gap_closing")(made(12, length=700), bare, Sampling(49, 1))
    assert found.finding.joint_p is None and found.grid.empty
    assert found.slower == "june" and set(found.samples) == {"june"}
    assert "december" not in found.finding.sensitivity


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
