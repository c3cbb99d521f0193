"""The rank test of months after some dates: by hand, its lead and interval on planted data."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from analysis.inference.rank_lead import rank_lead, rank_p_value
from analysis.results import InputError

MONTHS = pd.period_range("1950-01", periods=480, freq="M")
DATES = np.array([20, 77, 131, 190, 260, 301, 377, 440])
#: Months with a complete window of twelve from the month after.
INDEX = MONTHS[: 480 - 12]


def noise(seed: int = 1, lead: float = 0.0) -> pd.Series:
    """Forty years of fat-tailed returns, `lead` spread over the twelve months after each date."""
    returns = pd.Series(np.random.default_rng(seed).standard_t(3, 480) * 0.02, index=MONTHS)
    for date in DATES:
        returns.iloc[date + 1 : date + 13] += lead / 12
    return returns


def by_hand(returns: pd.Series, horizon: int, start: int) -> tuple[float, float]:
    """Mean rank after the dates and its p-value, one shift and date at a time."""
    ranks, length = rankdata(returns), len(returns) - horizon - start + 1
    means = []
    for shift in range(length):
        moved = [(date + shift) % length for date in DATES]
        means.append(np.mean([ranks[d + start : d + start + horizon].mean() for d in moved]))
    return means[0], float(np.mean(np.array(means) >= means[0] - 1e-9))


@pytest.mark.parametrize(("horizon", "start"), [(12, 1), (12, 0), (6, 1)])
def test_p_is_the_share_of_shifts_that_rank_as_high(horizon, start):
    """Against plain loops over shifts and dates."""
    returns = noise(lead=0.05)
    index = MONTHS[: 480 - horizon - start + 1]
    found = rank_lead(returns, index, DATES, horizon, start)
    mean, p_value = by_hand(returns, horizon, start)
    assert found.p_value == pytest.approx(p_value)
    assert rank_p_value(returns, index, DATES, horizon, start) == found.p_value
    assert found.mean_rank == pytest.approx((mean - 0.5) / 480)
    assert found.placements == len(index)


def ranks_of_shifts(returns, first, length, dates, horizon, lead=0.0):
    """Mean rank in the windows of every shift, as a share, with a lead taken off the observed."""
    less = returns.to_numpy().copy()
    for date in dates:
        less[first + date : first + date + horizon] -= lead / horizon
    share = (rankdata(less) - 0.5) / len(less)
    starts = [[first + (date + shift) % length for date in dates] for shift in range(length)]
    return np.array([np.mean([share[d : d + horizon] for d in row]) for row in starts])


@pytest.mark.parametrize(
    ("skipped", "dropped", "start"), [(0, 30, 1), (0, 30, 0), (1, 0, 1), (0, 0, 0)]
)
def test_months_before_and_after_the_index_are_ranked_too(skipped, dropped, start):
    """A sample that begins before its first date may fall, or in the month after; equal returns
    share their rank."""
    returns = noise(3, 0.05).round(2)[skipped:]
    index, dates = MONTHS[dropped:440], [2, 50, 51, 200, 390]
    found = rank_lead(returns, index, dates, 12, start)
    means = ranks_of_shifts(returns, dropped - skipped + start, len(index), dates, 12)
    upper, lower = (means >= means[0] - 1e-9).mean(), (means <= means[0] + 1e-9).mean()
    assert found.mean_rank == pytest.approx(means[0])
    assert found.p_value == pytest.approx(upper)
    assert found.p_two_sided == pytest.approx(min(1, 2 * min(upper, lower)))
    assert (found.n, found.effective_n, found.placements) == (5, 5, len(index))


def test_either_tail_may_be_the_smaller_one():
    """A lag has the same two-sided p-value as the lead of opposite returns."""
    returns = noise(4, 0.12)
    lead, lag = (rank_lead(sign * returns, INDEX, DATES, 12) for sign in (1, -1))
    assert lead.p_value < 0.05 and lag.p_value > 0.95
    assert lead.p_two_sided == lag.p_two_sided == pytest.approx(2 * lead.p_value)


def test_the_estimate_and_its_ends_are_where_the_ranks_turn():
    """A halving below, the dates still rank higher than the shifts do, a halving above they do
    not; so with a fortieth of the shifts at least, or at most, as high. Halved eighteen times are
    twelve times the range of the returns, and a hundredth more, on either side of zero."""
    returns = noise(6, 0.10)
    found = rank_lead(returns, INDEX, DATES, 12)
    width = 1.01 * 12 * (returns.max() - returns.min())

    def means(lead):
        return ranks_of_shifts(returns, 1, len(INDEX), DATES, 12, lead)

    for end, holds in (
        (found.estimate, lambda m: m[0] > m.mean()),
        (found.ci_low, lambda m: (m >= m[0] - 1e-12).mean() <= 0.025),
        (found.ci_high, lambda m: (m <= m[0] + 1e-12).mean() > 0.025),
    ):
        assert holds(means(end - width / 2**18)) and not holds(means(end + width / 2**18))
        part = end / width * 2**18
        assert part == pytest.approx(round(part), abs=1e-6) and round(part) % 2


def test_the_lead_taken_off_leaves_nothing():
    """Hodges and Lehmann: less the estimate, the months rank like any others."""
    returns = noise(lead=0.10)
    found = rank_lead(returns, INDEX, DATES, 12)
    assert found.estimate == pytest.approx(0.10, abs=0.04)
    without = returns.copy()
    for date in DATES:
        without.iloc[date + 1 : date + 13] -= found.estimate / 12
    again = rank_lead(without, INDEX, DATES, 12)
    assert again.estimate == pytest.approx(0.0, abs=2e-4)
    assert again.ci_low == pytest.approx(found.ci_low - found.estimate, abs=2e-4)


def test_the_ends_of_the_interval_are_where_the_tails_reach_a_fortieth():
    """Less the lower end shifts rank as high in .025 of the cases, and not less the upper."""
    returns, tails = noise(lead=0.10), []
    found = rank_lead(returns, INDEX, DATES, 12)
    for lead in (found.ci_low, found.ci_high):
        less = returns.copy()
        for date in DATES:
            less.iloc[date + 1 : date + 13] -= lead / 12
        tails.append(rank_p_value(less, INDEX, DATES, 12))
    assert tails[0] == pytest.approx(0.025, abs=0.006)
    assert tails[1] == pytest.approx(0.975, abs=0.006)
    assert found.ci_low < found.estimate < found.ci_high
    width = found.ci_high - found.ci_low
    assert found.standard_error == pytest.approx(width / (2 * 1.959964), rel=1e-5)


def test_one_wild_month_moves_the_mean_and_not_the_ranks():
    """A month of a thousand per cent after one date changes its rank alone."""
    calm = noise(2)
    wild = calm.copy()
    wild.iloc[DATES[3] + 4] = 10.0
    before, after = (rank_lead(one, INDEX, DATES, 12) for one in (calm, wild))
    assert after.mean_rank - before.mean_rank <= 1 / len(DATES) / 12
    assert abs(after.p_value - before.p_value) < 0.1


@pytest.mark.slow
def test_the_interval_covers_and_the_test_keeps_its_level():
    """Of two hundred histories with a lead, some 95% of the intervals hold it; of those without
    some 5% are called a lead."""
    leads = [rank_lead(noise(seed, 0.06), INDEX, DATES, 12) for seed in range(200)]
    inside = np.mean([one.ci_low <= 0.06 <= one.ci_high for one in leads])
    assert 0.90 <= inside <= 0.99
    null = [rank_p_value(noise(seed), INDEX, DATES, 12) for seed in range(400)]
    assert 0.02 <= np.mean(np.array(null) < 0.05) <= 0.08
    assert np.mean([one.estimate for one in leads]) == pytest.approx(0.06, abs=0.01)


def test_of_leads_that_leave_nothing_the_smallest_is_told():
    """Ranks 1 and 4 against 2 and 3: the same for leads from −1 to 1, and for every shift."""
    months = MONTHS[:4]
    found = rank_lead(pd.Series([1.0, 2.0, 4.0, 3.0], index=months), months, [0, 2], 1, 0)
    assert (found.mean_rank, found.p_value, found.p_two_sided) == (0.5, 1.0, 1.0)
    assert found.estimate == pytest.approx(-1.0, abs=1.01 * 3 / 2**17)


def test_few_shifts_leave_the_interval_open():
    """With thirty placements no tail can be smaller than a thirtieth."""
    returns = noise()[:41]
    found = rank_lead(returns, MONTHS[:29], [9, 20], 12)
    assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)


def test_what_cannot_be_ranked_is_refused():
    """One date, no other month, a month without a window."""
    returns = noise()
    assert "only 1 dates" in rank_lead(returns, INDEX, [5], 12).refusal.reason
    assert math.isnan(rank_p_value(returns, INDEX, [5], 12))
    flat = rank_lead(returns * 0.0, INDEX, DATES, 12).refusal.reason
    assert flat == "the returns do not vary, so no month ranks above another"
    with pytest.raises(InputError, match="another index"):
        rank_lead(returns, INDEX, pd.Series(True, MONTHS[1:469]), 12)
    every = rank_lead(returns[:20], MONTHS[:4], range(4), 12)
    assert "every month is a date" in every.refusal.reason
    for index in (MONTHS[:469], MONTHS[:470]):
        with pytest.raises(InputError, match="no complete window"):
            rank_lead(returns, index, DATES, 12)
    for skipped, start in ((1, 0), (2, 1)):
        with pytest.raises(InputError, match="no complete window"):
            rank_lead(returns[skipped:], INDEX[:400], DATES[:6], 12, start)
