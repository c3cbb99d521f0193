"""Gains of two funds by session: planted closes get the verdict they deserve."""

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.gains_by_session import gains_by_session
from analysis.panel import Dataset, load_dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "gains_by_session"]


def latest(gain, as_of="2026-04"):
    """From the second session on IWM stands `gain` higher and SPY 1.2%; from the 19th far more."""
    index = pd.bdate_range("2025-12-01", "2026-04-30", name="day").drop("2026-01-01")
    funds = pd.DataFrame({"IWM": 1.0, "SPY": 1.0}, index=index)
    funds.loc["2026-01-05":, "IWM"], funds.loc["2026-01-05":, "SPY"] = 1 + gain, 1.012
    funds.loc["2026-01-19":] = 9.0
    months = pd.period_range("2025-12", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def examine(dataset):
    return gains_by_session(dataset, bind(CLAIM), Sampling(1, 1))


@pytest.mark.parametrize(("gain", "expected"), [(0.058, "supported"), (0.08, "contradicted")])
def test_planted_gains_get_their_verdict(gain, expected):
    """The claimed gains by 16 January, and gains two points off."""
    study = examine(latest(gain))
    found = study.finding
    assert found.measures["small_error"] == pytest.approx(abs(gain - 0.058), abs=1e-9)
    assert found.measures["large_error"] == pytest.approx(0.0, abs=1e-9)
    assert decide(CLAIM, found, data="latest", as_of="2026-04").verdict == expected
    assert study.grid["near"].all() == (expected == "supported")


def test_sessions_are_counted_from_the_first_day():
    """2 January is the first of 2026; the lead is small less large."""
    study = examine(latest(0.05))
    first, second = (study.gains.iloc[row] for row in (0, 1))
    assert (first["session"], first["number"], first["lead"]) == ("2026-01-02", 1, 0.0)
    assert second["lead"] == pytest.approx(0.05 - 0.012)
    assert study.session_table["small"].tolist()[:2] == ["+0.0%", "+5.0%"]


def test_what_is_not_held_or_not_seen_is_refused():
    """The bundled data hold no closes; a run that ends in 2025 does not see the day."""
    bundled = examine(load_dataset())
    assert "closes of IWM" in bundled.finding.refusal.reason
    assert bundled.session_table.iloc[0, 0] == "needs the funds' closes of January 2026"
    early = examine(latest(0.058, as_of="2025-12"))
    assert "needs closes to 2026-01-16" in early.finding.refusal.reason
    assert set(early.grid["reason"]) == {"no session that day"}
