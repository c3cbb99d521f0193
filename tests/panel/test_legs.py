"""Small minus large, leg by leg."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import build_panel, legs_of, small_minus_large
from analysis.panel.legs import log_relative_return
from analysis.results import InputError


def frame(**columns):
    index = pd.period_range("2000-01", periods=len(next(iter(columns.values()))), freq="M")
    return pd.DataFrame(columns, index=index)


def test_leg_averages_its_sides_with_equal_weights():
    """The smallest fifth less the largest, by hand."""
    monthly = frame(s1v1=[0.03], s1v3=[0.00], s1v5=[0.06], s5v1=[0.01], s5v3=[0.02], s5v5=[0.00])
    assert small_minus_large(monthly, "s1_s5").iloc[0] == pytest.approx(0.03 - 0.01)


def test_leg_drops_only_its_ends():
    """Months before the first and after the last value go; nothing is filled."""
    monthly = frame(smb=[np.nan, 0.01, 0.02, np.nan])
    assert list(small_minus_large(monthly, "smb")) == [0.01, 0.02]


def test_unknown_leg_and_missing_columns_are_refused():
    """The message names the leg and what may be used instead."""
    monthly = frame(smb=[0.01])
    with pytest.raises(InputError, match="unknown leg 'sbm'"):
        small_minus_large(monthly, "sbm")
    with pytest.raises(InputError, match=r"lo30.*use one of smb"):
        small_minus_large(monthly, "lo30_hi30")


def test_bundled_data_have_five_legs():
    """What the bundled data allow."""
    assert legs_of(build_panel()) == ("smb", "s1_s5", "s1v3_s5v3", "s3_s5", "s1_market")


def test_log_growth_of_a_readers_own_leg():
    """A spread already: the log of one plus it, as for SMB."""
    monthly = frame(own=[0.02, -0.01], smb=[0.0, 0.0])
    assert log_relative_return(monthly, "own").to_numpy() == pytest.approx(np.log([1.02, 0.99]))
