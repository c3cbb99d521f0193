"""Size with junk held still: planted alphas, regions, and what the data lack."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset

CLAIM = load_claims()["size-without-junk"]
MONTHS = pd.period_range("1963-07", "2025-12", freq="M", name="month")


def made(alpha, junk=-0.5, profit=False) -> Dataset:
    """SMB that loads on junk, with an alpha a year; the market's loading is .2."""
    rng = np.random.default_rng(9)
    market, rmw, own = (rng.normal(m, s, len(MONTHS)) for m, s in
                        ((0.005, 0.04), (0.004, 0.02), (0.0, 0.02)))  # fmt: skip
    smb = alpha / 12 + 0.2 * market + junk * rmw + own - own.mean()
    monthly = pd.DataFrame({"market_excess": market, "smb": smb, "hml": own}, MONTHS)
    if profit:
        monthly = monthly.assign(rmw=rmw)
        for name in ("market_excess", "smb", "hml", "rmw"):
            monthly[f"{name}_developed"] = monthly[name].where(MONTHS.year >= 1990)
    return Dataset(monthly, {}, "latest" if profit else "bundled", MONTHS[-1])


def study(dataset, **changes):
    return find_design("size_alpha")(dataset, bind(CLAIM, changes), Sampling(199, 1))


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [(0.05, "supported"), (0.0, "not distinguishable"), (-0.05, "contradicted")],
)
def test_the_alpha_beyond_junk_decides(alpha, expected):
    found = study(made(alpha, profit=True))
    assert decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict == expected
    assert found.finding.estimate == pytest.approx(alpha, abs=0.002)


def test_holding_junk_still_shows_what_the_market_alone_hides():
    """Two and a half points a year of the alpha are lost to junk."""
    steps = study(made(0.05, profit=True)).steps.set_index("held still")["alpha"]
    hidden = steps["the market and profitability"] - steps["the market"]
    assert hidden == pytest.approx(0.5 * 12 * 0.004, abs=0.01)


def test_other_regions_have_smb_alone_and_their_own_months():
    found = study(made(0.05, profit=True))
    abroad = found.grid.query("region == 'developed'")
    assert abroad.query("leg != 'smb'")["reason"].str.contains("only SMB").all()
    assert abroad.query("leg == 'smb' and era == 'full'")["reason"].eq("").all()
    assert abroad.query("leg == 'smb' and era == 'to_1980'")["reason"].ne("").all()
    assert found.finding.joint_p < 0.05


def test_without_profitability_it_waits_for_the_latest_data():
    assert study(made(0.05)).finding.refusal.needs == "latest"
