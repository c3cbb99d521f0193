"""Factors of other markets, pooled."""

import pandas as pd
import pytest

from analysis.panel import Dataset
from analysis.panel.regions import HOLDS, REGIONS, pooled_smb
from analysis.results import InputError

MONTHS = pd.period_range("1990-07", periods=3, freq="M", name="month")


def data(**vintages):
    """SMB of three regions; Japan lacks the first month."""
    columns = {"smb_developed": 0.3, "smb_europe": 0.1, "smb_japan": [None, 0.3, 0.5]}
    frame = pd.DataFrame(columns, index=MONTHS)
    found = {REGIONS[region]: vintage for region, vintage in vintages.items()}
    return Dataset(frame, {}, "latest", MONTHS[-1], vintages=found)


def test_a_month_is_the_mean_of_the_regions_that_have_it():
    """Regions that share no firm may be of different vintages."""
    pooled = pooled_smb(data(europe="202503", japan="202512"), ("europe", "japan"))
    assert list(pooled) == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize("regions", [("developed", "europe"), ("europe", "developed")])
def test_regions_that_share_firms_are_pooled_of_one_vintage_or_not_at_all(regions):
    """One clear error names both files, their vintages and what to do."""
    with pytest.raises(InputError) as caught:
        pooled_smb(data(developed="202602", europe="202503"), regions)
    assert str(caught.value) == (
        "french/Developed_ex_US_5_Factors, of vintage 202602, and french/Europe_3_Factors, of"
        " vintage 202503, share firms and cannot be pooled; leave one out, or pull both again for"
        " files of one vintage"
    )
    assert len(pooled_smb(data(developed="202602", europe="202602"), regions)) == 3


def test_a_region_that_is_not_at_hand_gives_no_rows():
    """As does every pool with it."""
    assert pooled_smb(data(), ("europe", "asia_pacific")).empty


def test_only_the_developed_markets_hold_others():
    """Each region is listed, and none holds itself."""
    assert set(HOLDS["developed"]) | {"developed"} == set(REGIONS)
