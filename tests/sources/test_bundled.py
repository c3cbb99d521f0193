"""The data inside arch and linearmodels, read without importing either."""

import pandas as pd
import pytest

from analysis.panel.bundled import bundled_monthly
from analysis.sources import bundled


def test_factors_have_the_months_their_keys_say():
    """The keys 192607 to 201811 become the months July 1926 to November 2018."""
    factors = bundled.load_factors()
    assert (str(factors.index[0]), str(factors.index[-1])) == ("1926-07", "2018-11")
    assert factors.index.is_monotonic_increasing and len(factors) == 1109


def test_portfolios_equal_what_linearmodels_loads():
    """Reading the file inside linearmodels gives what its own load() gives."""
    from linearmodels.datasets import french

    theirs = french.load().drop(columns="dates").to_numpy()
    pd.testing.assert_frame_equal(
        bundled.load_portfolios().reset_index(drop=True),
        french.load().drop(columns="dates"),
    )
    assert theirs.shape == (819, 35)


def test_yields_equal_what_arch_loads():
    """Reading the file inside arch gives what its own load() gives."""
    from arch.data import core_cpi, default

    assert (bundled.load_corporate_yields().to_numpy() == default.load().to_numpy()).all()
    assert (bundled.load_core_cpi().to_numpy() == core_cpi.load().to_numpy()).all()


def test_the_two_packages_tell_the_same_story():
    """SMB from arch (2018 vintage) and from linearmodels (2017 vintage) move together."""
    arch_smb = bundled.load_factors()["SMB"] / 100
    ours = bundled.load_portfolios()["SMB"]
    both = pd.concat([arch_smb, ours], axis=1, join="inner")
    assert len(both) == 819
    assert both.corr().iloc[0, 1] > 0.99


@pytest.mark.parametrize(
    ("column", "mean", "t_stat"),
    [("market_excess", 0.43, 1.76), ("smb", 0.27, 1.73), ("hml", 0.40, 2.91)],
)
def test_fama_french_1993_table_2(column, mean, t_stat):
    """Means and t statistics of 1963-07 to 1991-12 agree with Fama and French (1993), Table 2.

    French has revised history since: the 2018 vintage gives .409 (1.64), .266 (1.71), .392 (2.82),
    so the tolerance is .025 per cent a month and .15 in t.
    """
    months = bundled_monthly().loc["1963-07":"1991-12", column] * 100
    assert len(months) == 342
    assert months.mean() == pytest.approx(mean, abs=0.025)
    assert months.mean() / (months.std() / 342**0.5) == pytest.approx(t_stat, abs=0.15)


def test_keim_1983_january():
    """At least half of the size premium of 1963 to 1979 falls in January (Keim 1983: about half).

    He rebalances equal weights every day, which adds a premium in all months; value weights held
    for a month do not, so January's share is larger here and his half is a lower bound.
    """
    frame = bundled_monthly().loc["1963-01":"1979-12"]
    for spread in (frame["smb"], frame[["s1v1", "s1v3", "s1v5"]].mean(axis=1) - frame["s5v3"]):
        january = spread.index.month == 1
        assert 0.5 < spread[january].sum() / spread.sum() <= 1.0
        assert spread[january].mean() > 5 * abs(spread[~january].mean())
