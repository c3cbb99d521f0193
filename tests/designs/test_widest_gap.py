"""The widest gap in years, on some admissible month: planted, missed, and by luck."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.widest_gap import luck_of, ranks, widest_gap
from analysis.pages.charts.dated_values import value_by_date
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

[CLAIM] = [c for c in load_claims().values() if c.design == "widest_gap"]
MONTHS = pd.period_range("1960-07", "2026-02", freq="M", name="month")
GROUPS = ("small", "big", "lo20", "hi20")


def latest(june=0.0, december=0.0, fifths=0.0, moves=None, fall=None, narrower=1e-4):
    """Gaps that narrow a little from June to June, and returns that move them in between.

    Parameters
    ----------
    june, december, fifths : float
        Added to June 2025's gap of one on either basis, and between fifths 1 and 5 on both.
    moves : mapping of str to float
        Log gap that is added in a month, by the return of small against large.
    fall : Series, optional
        Of all months' moves at once.
    narrower : float
        By how much a June's gap is narrower than the one before.
    """
    index = pd.PeriodIndex([f"{year}-06" for year in range(1960, 2026)], freq="M", name="june")
    gap = 1.0 + narrower * (2025.0 - index.year)
    valuation = pd.DataFrame({"gap_june": gap, "gap_december": gap}, index=index)
    valuation.loc["2025-06"] += [june, december]
    moved = pd.Series(0.0, index=MONTHS) if fall is None else fall
    for month, move in (moves or {}).items():
        moved.loc[month] = move
    # log1p of the relative return is minus the move of the gap
    small = np.expm1(-moved)
    monthly = pd.DataFrame({f"vw_{group}": 0.0 for group in GROUPS}, index=MONTHS)
    monthly = monthly.assign(vw_small=small, vw_lo20=small)
    for basis in ("june", "december"):
        ratio = pd.Series(np.exp(1.0 + narrower * (2025.0 - MONTHS.year)), index=MONTHS)
        ratio.loc["2025-06"] *= np.exp(fifths)
        monthly[f"bm_lo20_{basis}"], monthly[f"bm_hi20_{basis}"] = ratio, 1.0
    return Dataset(monthly, {}, "latest", MONTHS[-1], valuation=valuation)


def examine(dataset, **changes):
    study = widest_gap(dataset, bind(CLAIM, changes), Sampling(1, 1))
    return study, decide(CLAIM, study.finding, data="latest", as_of="2026-02").verdict


ALL = {"june": 0.1, "december": 0.1, "fifths": 0.1}


@pytest.mark.parametrize(
    ("planted", "expected", "on_all", "on_any"),
    [
        (ALL, "supported", 4, 4),
        (ALL | {"june": -0.1}, "not distinguishable", 0, 4),
        (ALL | {"fifths": -0.1}, "not distinguishable", 0, 4),
        ({"june": -0.1, "december": -0.1, "fifths": -0.1}, "contradicted", 0, 0),
    ],
)
def test_every_reading_must_be_the_widest(planted, expected, on_all, on_any):
    """Two bases and two pairs of groups: all wider than ever since 2000, some, or none."""
    study, verdict = examine(latest(**planted))
    assert verdict == expected
    measures = study.finding.measures
    assert (measures["widest_on_all"], measures["widest_on_any"]) == (on_all, on_any)
    assert len(study.grid) == 4 * 4 == study.finding.specifications
    behind = 0.1 if on_all == 0 else 0.0
    assert measures["nearest_error"] == pytest.approx(behind, abs=0.01)


@pytest.mark.parametrize(
    ("moves", "expected", "on_all"),
    [
        ({"2025-12": 0.2}, "supported", 1),
        ({"2025-09": 0.2, "2025-10": -0.3}, "supported", 1),
        ({"2025-08": 0.2, "2025-09": -0.3}, "contradicted", 0),
        ({"2026-01": 0.2}, "contradicted", 0),
        ({"2025-12": 0.2, "2003-09": 0.3}, "contradicted", 0),
        ({"2025-12": 0.2, "1999-09": 0.3, "1999-12": -0.3}, "supported", 1),
        ({"2025-12": 0.2, "2000-01": 0.3}, "contradicted", 0),
    ],
)
def test_only_the_admissible_months_and_those_since_2000_count(moves, expected, on_all):
    """The gap moves with returns from June on; one month is enough, and a wider one since 2000 too.

    Each June the gap is one again, so a move of September lasts until the next May.
    """
    base = {"june": -0.05, "december": -0.05, "fifths": -0.05}
    study, verdict = examine(latest(**base, moves=moves))
    assert verdict == expected
    assert study.finding.measures["widest_on_all"] == on_all


def test_as_wide_as_before_is_not_wider_than_before():
    """A gap like all others is the widest, and so says nothing: luck is one."""
    study, verdict = examine(latest(narrower=0.0))
    assert study.finding.luck == 1.0
    assert verdict == "true but uninformative"


def test_ranks_by_hand():
    """Five months, the first not counted: the third is beaten by the second."""
    table = pd.DataFrame({"a": [9.0, 5.0, 4.0, 6.0, 2.0]}, index=MONTHS[:5])
    found = ranks(table, np.array([2, 3]), 1)
    assert found["wider"].tolist() == [1, 0] and found["widest"].tolist() == [False, True]
    assert found["in"].tolist() == [MONTHS[1], MONTHS[1]]
    assert found["widest before"].tolist() == [5.0, 5.0]


def test_luck_against_a_loop():
    """Every other stretch of ten months whose last or last but one is widest by both readings."""
    values = np.random.default_rng(4).normal(size=(60, 2)).cumsum(axis=0)
    table = pd.DataFrame(values, index=MONTHS[:60], columns=["a", "b"])
    found = luck_of(table, np.array([38, 39]), 30)
    held = []
    for start in range(51):
        window = values[start : start + 10]
        held.append(any((window[at] >= window[: at + 1]).all() for at in (8, 9)))
    own = held.pop(30)
    assert found.share == pytest.approx(np.mean(held)) and found.stretches == 50
    assert 0 < found.share < 1 and own in (True, False)


def test_luck_counts_the_admissible_months_before_among_those_to_be_beaten():
    """By one reading the last month is beaten by the one before it alone, so none is widest."""
    table = pd.DataFrame(
        {"a": [0.0, 0.0, 0.0, 5.0, 4.0, 9.0], "b": [1.0, 1.0, 1.0, 0.0, 2.0, 9.0]},
        index=MONTHS[:6],
    )
    # moved to the third and fourth month from now: a says 5 then 4, b says 0 then 2
    found = luck_of(table, np.array([2, 3]), 0)
    assert (found.stretches, found.share) == (2, 0.5)


@pytest.mark.slow
def test_a_random_walk_is_seldom_the_widest_in_a_quarter_of_a_century():
    """Moves without drift: fewer than one in five of such walks are supported, and none by half."""
    rng = np.random.default_rng(9)
    verdicts = []
    for _ in range(40):
        fall = pd.Series(rng.normal(0, 0.03, len(MONTHS)), index=MONTHS)
        verdicts.append(examine(latest(fall=fall))[1])
    assert verdicts.count("supported") < 8


def test_the_minimum_detectable_effect_is_that_of_the_mean_over_readings():
    """2.80 standard errors of the mean of four readings."""
    study, _ = examine(latest(june=-0.2, december=0.1, fifths=0.3))
    lead = study.grid[study.grid["month"] == "2025-09"]
    lead = lead["gap"] - lead["widest before"]
    error = lead.std(ddof=1) / 2
    assert study.finding.mde == pytest.approx(2.8016 * error, rel=1e-3)
    assert study.finding.estimate == pytest.approx(lead.mean())
    single, _ = examine(latest(**ALL), basis="june", groups=[{"small": "lo30", "large": "hi30"}])
    assert single.finding.mde is None and len(single.grid) == 4


def test_what_is_lacking_or_later_is_refused():
    """The bundled data, a run that ends too early, gaps without returns, returns that end early."""
    bundled = widest_gap(load_dataset(), bind(CLAIM), Sampling(1, 1))
    assert bundled.finding.refusal.needs == "latest" and len(bundled.nearest) == 1
    made = latest(**ALL)

    def refusal(dataset):
        return widest_gap(dataset, bind(CLAIM), Sampling(1, 1)).finding.refusal

    early = refusal(replace(made, as_of=pd.Period("2025-11", "M")))
    assert early.reason.startswith("not yet made") and early.needs is None
    assert refusal(replace(made, monthly=made.monthly.drop(columns="vw_lo20"))).needs == "latest"
    short = made.monthly.copy()
    short.loc["2025-12":, "vw_small"] = np.nan
    assert "do not reach" in refusal(replace(made, monthly=short)).reason
    with pytest.raises(InputError, match="since lies before earliest"):
        bind(CLAIM, {"since": "2025-10"})


def test_the_chart_draws_ratios_and_marks_the_months():
    """One panel a reading, from the first month counted on."""
    study, _ = examine(latest(**ALL))
    drawn = study.by_date
    assert drawn["day"].min() == pd.Timestamp("2000-01-31")
    assert drawn.groupby("figure")["matched"].sum().tolist() == [4] * 4
    assert drawn["high"].max() == pytest.approx(np.exp(1.1))
    assert study.bands["low"].tolist() == pytest.approx([np.exp(1.1)] * 4)
    words = value_by_date(study, "small over large book-to-market", ".2f").to_dict()["description"]
    assert "Days on which the claim holds: 4" in words
