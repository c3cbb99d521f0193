import numpy as np
import pandas as pd
import pytest

from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.results import InputError


def pair(seed=0, n=200, gap=0.0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    return common + rng.normal(size=n) * 0.5 + gap, common + rng.normal(size=n) * 0.5


def test_error_of_independent_data_is_the_textbook_one():
    """With blocks of one month the bootstrap error is s/√n of the difference, within 5%."""
    one, two = pair(n=400)
    result = paired_stationary_bootstrap(one, two, block_length=1.0, draws=4000)
    assert result.standard_error == pytest.approx((one - two).std() / 20, rel=0.05)
    assert result.estimate == pytest.approx((one - two).mean())


def test_draws_are_those_of_arch():
    """The vectorised draws equal arch's own loop with the same generator."""
    from arch.bootstrap import StationaryBootstrap

    one, two = pair(n=60)
    ours = paired_stationary_bootstrap(one, two, block_length=5.0, draws=50, seed=3)
    sampler = StationaryBootstrap(5.0, one, two, seed=np.random.default_rng(3))
    theirs = sampler.apply(lambda a, b: np.array([a.mean() - b.mean()]), 50)[:, 0]
    assert ours.draws == pytest.approx(theirs)


def test_chunks_do_not_matter(monkeypatch):
    """Small chunks draw the same months as one large chunk."""
    one, two = pair()
    whole = paired_stationary_bootstrap(one, two, draws=40)
    monkeypatch.setattr("analysis.inference.bootstrap.CELLS_AT_ONCE", 600)
    assert paired_stationary_bootstrap(one, two, draws=40).draws == pytest.approx(whole.draws)


def test_interval_and_p_value_agree():
    """The 95% interval leaves out zero exactly when p is at most 5%."""
    for gap in (0.0, 0.05, 0.1, 0.3):
        result = paired_stationary_bootstrap(*pair(gap=gap), draws=999)
        outside = result.ci_low > 0 or result.ci_high < 0
        assert outside == (result.p_value <= 0.05)


def test_swapping_and_scaling():
    """Swapped series turn the sign, a change of unit scales, and p stays."""
    one, two = pair(gap=0.1)
    result = paired_stationary_bootstrap(one, two, draws=300)
    other = paired_stationary_bootstrap(two * 10, one * 10, draws=300)
    assert other.estimate == pytest.approx(-10 * result.estimate)
    assert other.p_value == result.p_value


def test_any_vectorised_statistic():
    """A ratio of variances is bootstrapped against its own null value."""
    one, two = pair()
    result = paired_stationary_bootstrap(
        one * 3,
        two,
        lambda a, b: a.var(axis=1) / b.var(axis=1),
        null_value=1.0,
        name="variance ratio",
        draws=300,
    )
    assert result.estimate == pytest.approx((one * 3).var() / two.var())
    assert result.p_value < 0.01 and "variance ratio equal to 1" in str(result)


def test_bad_pairs_are_named_and_short_ones_refused():
    """NaN, other months and equal series raise; a year of data is refused."""
    one, two = pair()
    months = pd.period_range("2000-01", periods=200, freq="M")
    for arguments in [
        (one, one),
        (one[:-1], two),
        (one, np.where(np.arange(200) == 4, np.nan, two)),
        (pd.Series(one, months), pd.Series(two, months + 1)),
    ]:
        with pytest.raises(InputError, match=r"first|second"):
            paired_stationary_bootstrap(*arguments)
    assert not paired_stationary_bootstrap(one[:12], two[:12])
