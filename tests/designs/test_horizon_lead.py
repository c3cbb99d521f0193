"""Enough time: planted premia that guarantee it, that do not, and what the data lack."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset
from analysis.panel.legs import log_relative_return

CLAIM = load_claims()["enough-time"]


def made(annual, length=1100, two_sided=False) -> Dataset:
    """SMB, and if asked for two sides of a leg, with a mean a year and noise without mean."""
    noise = np.random.default_rng(8).normal(0, 0.03, length)
    months = pd.period_range("1926-07", periods=length, freq="M", name="month")
    smb = pd.Series(np.expm1(noise - noise.mean() + annual / 12), months)
    monthly = pd.DataFrame({"smb": smb})
    if two_sided:
        monthly = monthly.assign(lo30=0.01 + smb, hi30=0.01)
    return Dataset(monthly, {}, "latest", months[-1])


def study(dataset, **changes):
    return find_design("horizon_lead")(dataset, bind(CLAIM, changes), Sampling(199, 1))


@pytest.mark.parametrize(
    ("annual", "expected"),
    [
        (0.10, "supported"),
        (0.05, "not distinguishable"),
        (0.0, "contradicted"),
        (-0.05, "contradicted"),
    ],
)
def test_a_large_premium_guarantees_it_and_none_does_not(annual, expected):
    found = study(made(annual))
    assert decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict == expected
    assert found.finding.measures["years_needed"] > 0


def test_the_joint_p_goes_with_the_grid():
    """A large premium in all specifications, and none in any."""
    assert (
        study(
            made(0.10),
        ).finding.joint_p
        < 0.06
        < study(made(0.0)).finding.joint_p
    )


def test_the_table_counts_windows_from_all_starts_and_from_wide_gaps():
    """Of ten lengths the lost share falls with a premium; wide starts are fewer than all."""
    table = study(made(0.05)).windows.set_index("years")
    assert table["lost"].iloc[0] > table["lost"].iloc[-1]
    assert table.loc[20, "separate"] == pytest.approx(1100 / 240)
    assert 0 < table.loc[1, "from wide gaps"] < 1100 - 12


def test_a_leg_with_two_sides_gives_the_ratio_of_final_wealth():
    """The sum of logs is the log of small's growth over large's."""
    monthly = made(0.03, two_sided=True).monthly
    whole = log_relative_return(monthly, "lo30_hi30").sum()
    growth = (1 + monthly["lo30"]).prod() / (1 + monthly["hi30"]).prod()
    assert whole == pytest.approx(np.log(growth))
    assert log_relative_return(monthly, "smb").sum() == pytest.approx(
        np.log1p(monthly["smb"]).sum()
    )


def test_too_short_a_record_is_refused():
    assert "months of returns" in study(made(0.05, length=100)).finding.refusal.reason
