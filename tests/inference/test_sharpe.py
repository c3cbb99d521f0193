import numpy as np
import pytest
from arch.covariance.kernel import Parzen

from analysis.inference.sharpe import annual_sharpe, sharpe_difference, sharpe_influence
from analysis.results import InputError


def pair(seed=0, n=240, lift=0.0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    return (
        0.01 + 0.04 * (common + 0.6 * rng.normal(size=n)) + lift,
        0.01 + 0.05 * (common + 0.6 * rng.normal(size=n)),
    )


def test_error_is_the_known_one_of_normal_returns():
    """Jobson–Korkie–Memmel (2003): T·Var = 2 − 2ρ + (S₁² + S₂² − 2S₁S₂ρ²)/2 under normality."""
    one, two = pair(n=20_000)
    result = sharpe_difference(one, two, draws=10)
    first, second = one.mean() / one.std(), two.mean() / two.std()
    rho = np.corrcoef(one, two)[0, 1]
    variance = 2 - 2 * rho + (first**2 + second**2 - 2 * first * second * rho**2) / 2
    assert result.standard_error == pytest.approx(np.sqrt(variance / 20_000), rel=0.05)
    assert result.estimate == pytest.approx(first - second)


def test_bootstrap_is_what_a_loop_over_blocks_finds():
    """The p-value and interval equal those of a plain loop that builds every resample."""
    one, two = pair(n=60)
    result = sharpe_difference(one, two, block_length=4, draws=200, seed=5)
    starts = np.random.default_rng(5).integers(60, size=(200, 15))
    stud = []
    for row in starts:
        months = np.concatenate([(s + np.arange(4)) % 60 for s in row])
        a, b = one[months], two[months]
        v = np.column_stack([a, b, a**2, b**2])
        m1, m2, g1, g2 = v.mean(axis=0)
        s1, s2 = np.sqrt(g1 - m1**2), np.sqrt(g2 - m2**2)
        gradient = np.array([g1 / s1**3, -g2 / s2**3, -0.5 * m1 / s1**3, 0.5 * m2 / s2**3])
        zeta = (v - v.mean(axis=0)).reshape(15, 4, 4).sum(axis=1) / 2
        psi = zeta.T @ zeta / 15
        error = np.sqrt(gradient @ psi @ gradient / 60)
        stud.append(abs(m1 / s1 - m2 / s2 - result.estimate) / error)
    wanted = (1 + (np.array(stud) >= abs(result.estimate) / result.standard_error).sum()) / 201
    assert result.p_value == pytest.approx(wanted)
    reach = np.quantile(stud, 0.95) * result.standard_error
    assert result.ci_high - result.estimate == pytest.approx(reach)


def test_size_and_power():
    """Equal Sharpe ratios: about 5% rejected; a clear lift is found."""
    null = [sharpe_difference(*equal(seed), draws=199).p_value for seed in range(120)]
    assert np.mean(np.array(null) <= 0.05) <= 0.125  # binomial(120, .05), 99.9%
    assert sharpe_difference(*pair(lift=0.02), draws=499).p_value < 0.01


def equal(seed):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=120)
    return tuple(0.1 + common + 0.6 * rng.standard_t(6, size=120) for _ in range(2))


def test_leverage_changes_nothing_and_swapping_turns_the_sign():
    """A Sharpe ratio ignores leverage; the swapped difference is the negative."""
    one, two = pair()
    result = sharpe_difference(one, two, draws=200)
    scaled = sharpe_difference(one * 7, two * 0.1, draws=200)
    swapped = sharpe_difference(two, one, draws=200)
    assert scaled.estimate == pytest.approx(result.estimate)
    assert scaled.p_value == result.p_value == swapped.p_value
    assert swapped.estimate == pytest.approx(-result.estimate)


def test_bad_pairs_are_named_and_short_ones_refused():
    """Constants, NaN and overlong blocks raise; four years are refused."""
    one, two = pair()
    with pytest.raises(InputError, match="constant"):
        sharpe_difference(np.ones(240), two)
    with pytest.raises(InputError, match="second"):
        sharpe_difference(one, np.where(np.arange(240) == 0, np.nan, two))
    assert "a third" in sharpe_difference(one, two, block_length=200).refusal.reason
    with pytest.raises(InputError, match="block_length"):
        sharpe_difference(one, two, block_length=0)
    assert not sharpe_difference(one[:48], two[:48])
    assert "null: equal Sharpe ratios" in str(sharpe_difference(one, two, draws=50))


def test_the_annual_ratio_by_hand():
    """Means of 2% and deviations of 1% a month: two, times the root of twelve."""
    assert annual_sharpe(np.array([0.01, 0.03])) == pytest.approx(np.sqrt(12) * 2.0)


def test_influence_is_the_derivative_in_each_month():
    """Weighting one month a little more moves the difference by its influence."""
    rng = np.random.default_rng(4)
    first, second = rng.normal(0.01, 0.04, (2, 90))
    found = sharpe_influence(first, second)
    assert found.mean() == pytest.approx(0.0, abs=1e-15)

    def difference(weights):
        ratios = [
            np.average(one, weights=weights)
            / np.sqrt(np.average(one**2, weights=weights) - np.average(one, weights=weights) ** 2)
            for one in (first, second)
        ]
        return ratios[0] - ratios[1]

    more = np.ones(90)
    more[7] += 1e-6
    slope = (difference(more) - difference(np.ones(90))) / 1e-6
    assert slope * 90 == pytest.approx(found[7], rel=1e-3)


def test_the_kernel_counts_the_four_moments_that_were_estimated():
    """The long-run variance is divided by T - 4, not by T: four moments are estimated."""
    rng = np.random.default_rng(8)
    one, two = rng.normal(0.01, 0.04, (2, 60))
    influence = sharpe_influence(one, two)
    long_run = float(np.squeeze(Parzen(influence[:, None], force_int=True).cov.long_run))
    found = sharpe_difference(one, two, block_length=3, draws=50)
    assert found.standard_error == pytest.approx(np.sqrt(long_run / 56), rel=1e-12)
