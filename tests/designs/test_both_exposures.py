"""Two drivers that both have to show it: planted truths, either alone, releases, refusals."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset

[CLAIM] = [claim for claim in load_claims().values() if claim.design == "both_exposures"]
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")
FIRST_SURVEY = pd.Period("1990-05", "M")


def planted(spread=0.0, standards=0.0, noise=0.01, seed=1, columns=()):
    """Latest-like data in which small minus large moves with the spread and with the survey.

    The survey is published in February, May, August and November; its effect falls on the three
    months from there on.
    """
    rng = np.random.default_rng(seed)
    moves = pd.Series(rng.normal(0, 0.002, len(MONTHS)), index=MONTHS)
    release = MONTHS.month % 3 == 2
    survey = pd.Series(rng.normal(0.05, 0.2, len(MONTHS)), index=MONTHS)
    survey = survey.where(release & (FIRST_SURVEY <= MONTHS)).ffill(limit=2)
    smb = spread * moves + standards * survey.fillna(0.05) / 3
    frame = pd.DataFrame(
        {
            "smb": smb + rng.normal(0, noise, len(MONTHS)),
            "market_excess": rng.normal(0.005, 0.04, len(MONTHS)),
            "aaa": 0.05,
            "baa": 0.07 + moves.cumsum(),
            "lending_standards": survey,
        },
        index=MONTHS,
    )
    frame["market"] = frame["market_excess"]
    for name in columns:
        frame[name] = 0.04 + moves.cumsum() if name == "high_yield" else survey.shift(0)
    return Dataset(frame, {}, "latest", MONTHS[-1], snapshot="synthetic")


def study_of(dataset, **changes):
    """The claim's study with some arguments changed."""
    return find_design("both_exposures")(dataset, bind(CLAIM, changes), Sampling(1, 1))


def verdict_on(dataset):
    """Verdict on the claim."""
    found = study_of(dataset).finding
    return decide(CLAIM, found, data=dataset.data, as_of=str(dataset.as_of)).verdict


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spread", "standards", "expected"),
    [
        (-3, -0.1, "supported"),
        (-3, 0, "not distinguishable"),
        (0, -0.1, "not distinguishable"),
        (0, 0, "not distinguishable"),
        (3, -0.1, "contradicted"),
        (-3, 0.1, "contradicted"),
        (3, 0.1, "contradicted"),
    ],
)
def test_both_have_to_show_it(spread, standards, expected):
    """Either alone is not enough, and either with the opposite sign is enough against it."""
    assert verdict_on(planted(spread, standards)) == expected


@pytest.mark.slow
def test_noise_is_rarely_supported():
    """One driver true and the other noise: 2.5% are supported; two of noise: hardly any."""
    bound = dataclasses.replace(bind(CLAIM), grid={})
    for spread, most in ((-3, 0.06), (0, 0.025)):
        verdicts = []
        for seed in range(120):
            dataset = planted(spread, 0, noise=0.02, seed=seed)
            found = find_design("both_exposures")(dataset, bound, Sampling(1, 1)).finding
            verdicts.append(decide(CLAIM, found, data="latest", as_of="2025-12").verdict)
        assert verdicts.count("supported") / 120 <= most
        assert verdicts.count("contradicted") / 120 <= 0.07


def test_the_higher_p_decides_with_its_own_numbers():
    """Estimate, interval, p-value and smallest effect are all those of one of the two."""
    study = study_of(planted(-3, -0.02, noise=0.02))
    first, second = study.first.finding, study.second.finding
    assert second.p_value > first.p_value
    found = study.finding
    assert (found.estimate, found.ci_low, found.ci_high) == (
        second.estimate,
        second.ci_low,
        second.ci_high,
    )
    assert found.p_value == found.measures["p_highest"] == second.p_value
    assert (found.mde, found.n, found.unit) == (second.mde, second.n, second.unit)
    assert found.joint_p == max(first.joint_p, second.joint_p)
    assert first.finding in found.finding and second.finding in found.finding


def test_where_one_points_the_other_way_it_decides():
    """A slope on the wrong side is shown, however small the other's p-value."""
    study = study_of(planted(-3, 0.01, noise=0.001))
    assert study.finding.estimate == study.second.finding.estimate > 0
    assert study.finding.measures["drivers_as_claimed"] == 1


def test_a_survey_meets_the_three_months_from_its_release():
    """The survey of May is set against May to July, by hand; the last three must be complete."""
    dataset = planted(0, -0.1)
    monthly = dataset.monthly
    releases = [m for m in MONTHS if m.month % 3 == 2 and FIRST_SURVEY <= m <= MONTHS[-1] - 2]
    returns = [monthly["smb"].loc[m : m + 2].sum() for m in releases]
    slope = np.polyfit(monthly["lending_standards"].loc[releases], returns, 1)[0]
    found = study_of(dataset).second.finding
    assert found.estimate == pytest.approx(slope)
    assert (found.sample_start, found.sample_end) == ("1990-07", "2025-10")
    assert found.n == len(releases) and found.unit.startswith("quarterly return")
    earlier = dataset.monthly["smb"].shift(-1)
    shifted = dataclasses.replace(dataset, monthly=monthly.assign(smb=earlier))
    assert study_of(shifted).second.finding.estimate != pytest.approx(slope)


def test_the_high_yield_spread_is_taken_where_it_is_at_hand():
    """Else BAA less AAA; the sentence says which."""
    with_it = planted(-3, -0.1, columns=("high_yield", "lending_standards_small"))
    assert "the high-yield spread rose by one point" in study_of(with_it).finding.finding
    assert "the spread of BAA over AAA rose" in study_of(planted(-3, -0.1)).finding.finding
    grid = study_of(with_it).grid
    ran = grid[grid["reason"] == ""]
    assert set(ran["driver"]) == {"high_yield", "baa_aaa"}
    assert set(ran["second"]) == set(CLAIM.grid["second"])


def test_without_one_of_the_two_it_is_refused_and_the_other_is_shown():
    """The reason names what is missing; single regressions of the other remain."""
    dataset = planted(-3)
    without = dataset.monthly.drop(columns="lending_standards")
    bundled = dataclasses.replace(dataset, monthly=without, data="bundled")
    study = study_of(bundled)
    assert study.finding.refusal.needs is None
    assert "the bundled data do not hold the lending standards" in study.finding.refusal.reason
    assert set(study.single["credit"]) == {"BAA less AAA"} and len(study.single) == 4
    assert study.grid["reason"].ne("").all()
    assert study.first.finding.p_value < 0.001


def test_a_change_of_standards_is_the_survey_less_the_one_before():
    """A return that follows the shift and not the level is found by the shift alone."""
    dataset = planted()
    survey = dataset.monthly["lending_standards"]
    shift = survey[survey.index.month % 3 == 2].diff().reindex(MONTHS).ffill(limit=2).fillna(0)
    smb = dataset.monthly["smb"] - 0.1 * shift / 3
    moved = dataclasses.replace(dataset, monthly=dataset.monthly.assign(smb=smb))
    found = study_of(moved, second="lending_shift").second.finding
    assert found.estimate == pytest.approx(-0.1, abs=0.01)
    assert "the net share of banks that tightened rose by 10 points" in found.finding


def test_the_grid_holds_every_pair():
    """A row for each combination of both; p is the higher, n the fewer."""
    study = study_of(planted(-3, -0.1))
    grid = study.grid
    assert len(grid) == math.prod(len(values) for values in CLAIM.grid.values())
    ran = grid[grid["reason"] == ""]
    assert len(ran) == 1 * 1 * 2 * 2 * 2 and study.finding.specifications == len(ran)
    assert (ran["p_highest"] == ran[["p", "second_p"]].max(axis=1)).all()
    assert study.first.joint.specifications == 4 and study.second.joint.specifications == 8


def test_quarters_have_a_third_of_the_lags():
    """Six months of Newey-West lags are two quarters of a survey."""
    import statsmodels.api as sm

    dataset = planted(0, -0.1)
    sample = study_of(dataset).second
    monthly = dataset.monthly
    releases = [m for m in MONTHS if m.month % 3 == 2 and FIRST_SURVEY <= m <= MONTHS[-1] - 2]
    returns = [monthly["smb"].loc[m : m + 2].sum() for m in releases]
    regressors = sm.add_constant(monthly["lending_standards"].loc[releases].to_numpy())
    fit = sm.OLS(np.array(returns), regressors).fit(
        cov_type="HAC", cov_kwds={"maxlags": 2, "use_correction": True}, use_t=True
    )
    assert sample.finding.p_value == pytest.approx(fit.pvalues[1], rel=1e-6)


@pytest.mark.parametrize("as_of", ["1955-01", "1995-12", "2007-12"])
def test_it_has_an_answer_at_earlier_dates(as_of):
    """A finding that ends by then, or a refusal: ten years of surveys are needed."""
    dataset, end = planted(-3, -0.1), pd.Period(as_of, "M")
    found = study_of(
        dataclasses.replace(dataset, monthly=dataset.monthly.loc[:end], as_of=end)
    ).finding
    if as_of == "2007-12":
        assert math.isfinite(found.estimate) and found.sample_end <= as_of
    else:
        assert "are needed" in found.refusal.reason or "does not hold" in found.refusal.reason
