"""What a fund gained between two days: planted closes get the verdict they deserve."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.dated_gain import MEASURES, dated_gain, record_excess
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIMS = {k: c for k, c in load_claims().items() if c.design == "dated_gain"}


def latest(funds, as_of="2026-04"):
    """A latest data set with closes only."""
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def closes(days, **funds):
    """Closes of some funds on some days."""
    return pd.DataFrame(funds, index=pd.to_datetime(days))


def examine(claim, funds, as_of="2026-04"):
    """The registered study, and the verdict on it."""
    study = dated_gain(latest(funds, as_of), bind(CLAIMS[claim]), Sampling(1, 1))
    return study, decide(CLAIMS[claim], study.finding, data="latest", as_of=as_of).verdict


@pytest.mark.parametrize(("end", "verdict"), [(1.249, "supported"), (1.35, "contradicted")])
def test_gain_of_a_year_planted(end, verdict):
    """A total of 24.9% supports the claim, one of 35% does not."""
    days = pd.bdate_range("2023-12-29", "2024-12-31")
    path = np.linspace(100.0, 100.0 * end, len(days))
    found, given = examine("growth-2024-sp500", closes(days, SPY=path, IVV=path), "2024-12")
    assert found.finding.measures == {"total_gain": pytest.approx(end - 1)}
    assert found.off == pytest.approx(end - 1.23)
    assert given == verdict


@pytest.mark.parametrize(("peak", "verdict"), [(1.10, "supported"), (1.05, "contradicted")])
def test_month_and_record_planted(peak, verdict):
    """7% in August, then a September above or below the earlier high."""
    days = ["2025-06-02", "2025-07-31", "2025-08-29", "2025-09-10", "2025-09-30"]
    found, given = examine("iwm-aug25", closes(days, IWM=[108.0, 100.0, 107.0, 100 * peak, 101.0]))
    assert found.finding.measures["august_gain"] == pytest.approx(0.07)
    assert found.finding.measures["record_excess"] == pytest.approx(peak / 1.08 - 1)
    assert found.near
    assert (found.finding.sample_start, found.finding.sample_end) == ("2025-07", "2025-09")
    assert given == verdict


def test_a_record_is_held_against_all_sessions_before_its_month():
    """120 in September against 108 in June is 11% more; October counts for neither."""
    days = pd.to_datetime(["2025-06-02", "2025-09-10", "2025-10-01"])
    path = pd.Series([108.0, 120.0, 150.0], index=days)
    assert record_excess(path, pd.Period("2025-09", "M")) == pytest.approx(120 / 108 - 1)


@pytest.mark.parametrize(("end", "verdict"), [(150.0, "supported"), (144.0, "contradicted")])
def test_gain_from_the_low_planted(end, verdict):
    """From the lowest close of April, not from the first."""
    days = ["2025-04-02", "2025-04-03", "2025-04-08", "2026-02-27", "2026-03-17"]
    found, given = examine("rally-50", closes(days, IWM=[115.0, 110.0, 100.0, 152.0, end]))
    assert found.finding.sample_start == "2025-04"
    assert found.finding.measures == {"gain": pytest.approx(end / 100 - 1)}
    assert given == verdict


def test_every_pair_of_days_of_the_grid_is_looked_up():
    """Three starts and two ends; from 100 to 152 is about half, from 115 to 150 is not."""
    days = ["2025-04-02", "2025-04-03", "2025-04-08", "2026-02-27", "2026-03-17"]
    found, _ = examine("rally-50", closes(days, IWM=[115.0, 110.0, 100.0, 152.0, 150.0]))
    expected = [b / a - 1 for a in (100.0, 115.0, 110.0) for b in (152.0, 150.0)]
    assert found.grid["gain"].tolist() == pytest.approx(expected)
    assert found.grid["from"].tolist()[:2] == ["2025-04-08"] * 2
    assert found.pairs["as claimed"].tolist() == [abs(gain - 0.5) <= 0.05 for gain in expected]
    assert "2 of them lie within 5%" in found.finding.sensitivity


@pytest.mark.parametrize(("small", "verdict"), [(108.0, "supported"), (102.0, "contradicted")])
def test_year_to_date_planted(small, verdict):
    """8% and ahead, or 2% and ahead."""
    funds = closes(["2025-12-31", "2026-03-17"], IWM=[100.0, small], SPY=[100.0, 99.0])
    found, given = examine("ytd-8-2026", funds)
    assert found.finding.measures["lead"] == pytest.approx(small / 100 - 0.99)
    assert given == verdict


def test_a_day_after_the_last_close_is_left_out_with_its_reason():
    """The closes end on the seventeenth: the eighteenth stands in the grid, not among the gains."""
    funds = closes(["2025-12-31", "2026-03-17"], IWM=[100.0, 108.0], SPY=[100.0, 99.0])
    found, _ = examine("ytd-8-2026", funds)
    reasons = found.grid.set_index("end")["reason"]
    assert "do not reach" in reasons["2026-03-18"] and reasons["2026-03-17"] == ""
    assert "2026-03-18" not in found.finding.sensitivity


def test_without_closes_every_claim_is_refused_and_its_tables_are_empty():
    """The bundled data hold no fund."""
    for claim in CLAIMS.values():
        found = dated_gain(load_dataset(), bind(claim), Sampling(1, 1))
        assert found.finding.refusal.needs == "latest"
        assert found.grid.empty and found.pairs.empty and not found.near


def test_a_low_close_needs_its_month():
    """Neither a low without a month nor a month without a low."""
    claim = CLAIMS["rally-50"]
    for changes in ({"low_month": None}, {"start": "2025-04-02"}):
        with pytest.raises(InputError, match="low_month belongs to the start"):
            bind(claim, changes)


def test_each_criterion_reads_the_gain_under_its_stretch_s_name():
    """A month's gain after the month, a year's as the total, any other as the gain."""
    for claim in CLAIMS.values():
        assert claim.criterion.measures() <= set(MEASURES)
