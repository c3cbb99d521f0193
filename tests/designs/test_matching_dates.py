"""Two claimed gains, and the dates a sentence admits: counted one by one."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.matching_dates import matching_dates
from analysis.panel import Dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "matching_dates"]


def latest(**ends):
    """Closes by business day, growing evenly from one to the given end."""
    days = pd.bdate_range("2022-01-03", "2026-04-30")
    steps = np.linspace(0.0, 1.0, len(days))
    funds = pd.DataFrame({k: 100.0 * (1.0 + (v - 1.0) * steps) for k, v in ends.items()}, days)
    months = pd.period_range("2022-01", "2026-04", freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def examine(dataset):
    return matching_dates(dataset, bind(CLAIM), Sampling(1, 1))


def test_matching_pairs_against_a_loop():
    """Every start and end of the two windows, counted one by one."""
    dataset = latest(IJR=1.66, IVV=2.35)
    found = examine(dataset)
    ends = dataset.funds.groupby(dataset.funds.index.to_period("M")).last()
    apart = []
    for start in ("2022-09", "2022-10", "2022-11", "2022-12"):
        for end in ("2026-01", "2026-02", "2026-03", "2026-04"):
            gains = ends.loc[end] / ends.loc[start] - 1
            apart.append(max(abs(gains["IJR"] - 0.55), abs(gains["IVV"] - 0.98)))
    assert found.pairs["apart"].tolist() == pytest.approx(apart)
    counts = {t: sum(one <= t for one in apart) for t in (0.05, 0.10)}
    assert 0 < counts[0.10] < len(apart)
    assert found.finding.measures == {"pairs_matching": counts[0.10]}
    assert dict(zip(found.grid["tolerance"], found.grid["pairs"], strict=True)) == counts
    assert decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict == "supported"


def test_no_pair_of_dates_gives_gains_far_below():
    """Funds that hardly rose match nowhere."""
    found = examine(latest(IJR=1.1, IVV=1.2)).finding
    assert found.measures == {"pairs_matching": 0}
    assert decide(CLAIM, found, data="latest", as_of="2026-04").verdict == "contradicted"


def test_a_fund_the_snapshot_lacks_is_named():
    """No table, and the fund that is missing."""
    found = examine(latest(IJR=1.66))
    assert "no closes of IVV" in found.finding.refusal.reason
    assert found.pairs.empty and found.grid.empty
