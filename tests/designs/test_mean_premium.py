"""Factors that must all pay: planted premia, eras, publication, and what the data lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.mean_premium import BESIDE_WORDS, ERAS_SHOWN, factor_of
from analysis.inference.premia import premium
from analysis.panel import Dataset, load_dataset
from analysis.panel.eras import in_era
from analysis.results import InputError, p_words

CLAIM = load_claims()["value-tilt"]
FEW = Sampling(100, 1)


def study(dataset, **changes):
    return find_design("mean_premium")(dataset, bind(CLAIM, changes), FEW)


def verdict(found):
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def made(value: float, profit: float, noise: float = 0.02) -> Dataset:
    """HML and RMW with given annual means over all months, and noise of mean zero."""
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    drawn = np.random.default_rng(7).normal(0, noise, (len(months), 2))
    drawn -= drawn.mean(axis=0)
    monthly = pd.DataFrame(drawn + np.array([value, profit]) / 12, months, ["hml", "rmw"])
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])


@pytest.mark.parametrize(
    ("value", "profit", "expected"),
    [
        (0.06, 0.06, "supported"),
        (0.06, 0.0, "not distinguishable"),
        (0.0, 0.06, "not distinguishable"),
        (0.0, 0.0, "not distinguishable"),
        (0.06, -0.06, "contradicted"),
        (-0.06, -0.06, "contradicted"),
    ],
)
def test_both_factors_have_to_pay(value, profit, expected):
    """Two that pay, one alone, none, and one or both that lose."""
    assert verdict(study(made(value, profit))) == expected


def test_the_headline_is_the_weaker_factors():
    """Estimate, p-value and smallest detectable effect belong to the factor with the larger p."""
    found = study(made(0.06, 0.01)).finding
    alone = study(made(0.06, 0.01), factors="rmw").finding
    assert (found.estimate, found.p_value, found.mde) == (
        alone.estimate,
        alone.p_value,
        alone.mde,
    )
    assert found.p_value == found.measures["largest_p"]
    assert found.measures["smallest_premium"] == pytest.approx(0.01)
    assert found.mde == pytest.approx(2.80 * (found.ci_high - found.ci_low) / (2 * 1.96), rel=0.25)


def test_the_finding_says_what_each_factor_paid():
    """Words, numbers and measures of both samples are those of the bootstrap of their months."""
    dataset, drawn = made(0.05, 0.02), {"block": 12, "draws": 100, "seed": 1}
    study_of_both = study(dataset)
    found, published = study_of_both.finding, study_of_both.published
    whole = [premium(dataset.monthly[name], **drawn) for name in ("hml", "rmw")]
    since = [premium(dataset.monthly.loc[published:, name], **drawn) for name in ("hml", "rmw")]
    assert CLAIM.arguments["block_months"] == 12 and published == CLAIM.arguments["published"]
    names = ("value stocks over growth stocks", "profitable over unprofitable firms")
    leads = "; ".join(
        f"{name} {one.annual:+.1%} a year (95% interval {one.low:+.1%} to {one.high:+.1%}, p"
        f" {p_words(one.p_value)})"
        for name, one in zip(names, whole, strict=True)
    )
    later = ", ".join(f"{name} {one.annual:+.1%}" for name, one in zip(names, since, strict=True))
    month = pd.Period(published, "M").strftime("%B %Y")
    assert found.finding == (
        f"In the whole market the lead was: {leads}. Since {month}, when both were in print:"
        f" {later}."
    )
    assert study_of_both.words == " and ".join(names)
    assert found.null == f"no premium for {names[1]}"
    assert found.measures == pytest.approx(
        {
            "smallest_premium": min(one.annual for one in whole),
            "largest_p": max(one.p_value for one in whole),
            "lowest_high": min(one.high for one in whole),
            "post_premium": min(one.annual for one in since),
        }
    )
    assert "Over 8 specifications (0 left out with a reason)" in found.sensitivity


def test_of_two_p_values_alike_the_smaller_premium_is_the_headline():
    """Both are told from zero by every draw; in whatever order they are named."""
    for value, profit in ((0.09, 0.08), (0.08, 0.09)):
        found = study(made(value, profit)).finding
        assert found.p_value == 1 / 101 and found.estimate == pytest.approx(0.08)


def test_eras_and_the_running_sum_by_hand():
    """Each factor in each era is tested on its own; the sums begin with the month all have."""
    dataset = made(0.04, 0.03)
    monthly = dataset.monthly.copy()
    monthly.loc[:"1963-11", "rmw"] = np.nan
    found = study(replace(dataset, monthly=monthly))
    rows = found.eras.set_index(["spread", "era"])
    assert len(rows) == 2 * len(ERAS_SHOWN)
    for name, era in rows.index:
        part = in_era(monthly[name.lower()].dropna(), era)
        alone = premium(part, block=12, draws=100, seed=1)
        told = rows.loc[(name, era), ["annual", "low", "high", "p", "months", "first", "last"]]
        numbers = (alone.annual, alone.low, alone.high, alone.p_value, alone.n)
        assert tuple(told)[:5] == pytest.approx(numbers)
        assert tuple(told)[5:] == (alone.first, alone.last)
    assert list(found.running.columns) == ["month", "spread", "lead"]
    sums = found.running.set_index(["spread", "month"])["lead"]
    months = [month for spread, month in sums.index if spread == "HML"]
    assert months[:3] == ["1963-12", "1964-03", "1964-06"] and months[-1] == "2026-03"
    assert sums["HML", "1964-03"] == pytest.approx(monthly.loc["1963-12":"1964-03", "hml"].sum())
    assert sums["RMW", "1964-03"] == pytest.approx(monthly["rmw"].loc[:"1964-03"].sum())


def test_a_sample_too_short_is_refused():
    """Fifty months of both factors, and of one."""
    dataset = made(0.06, 0.06)
    short = replace(dataset, monthly=dataset.monthly[:50])
    assert study(short).finding.refusal.reason == "only 50 months; 60 are needed"
    part = dataset.monthly.copy()
    part.loc[part.index[50] :, "rmw"] = np.nan
    one = study(replace(dataset, monthly=part)).finding
    assert one.refusal.reason == "only 50 months; 60 are needed"


def test_the_years_since_publication_decide_nothing():
    """A premium that ends in June 2013 is still supported; the page says what came after."""
    dataset = made(0.08, 0.08, 0.01)
    monthly = dataset.monthly.copy()
    monthly.loc["2013-07":] -= 0.08 / 12
    found = study(replace(dataset, monthly=monthly))
    later = 12 * monthly.loc["2013-07":].mean().min()
    assert found.finding.measures["post_premium"] == pytest.approx(later)
    assert verdict(found) == "supported"
    early = replace(dataset, monthly=monthly.loc[:"2010-12"], as_of=pd.Period("2010-12", "M"))
    before = study(early).finding
    assert "post_premium" not in before.measures and "in print" not in before.finding
    assert verdict(study(early)) == "supported"


def test_the_era_cuts_the_sample():
    """A premium before 1981 is not seen by an era that begins there."""
    dataset = made(0.0, 0.0)
    monthly = dataset.monthly.copy()
    monthly.loc[:"1980-12"] += 0.01
    early = replace(dataset, monthly=monthly)
    assert study(early).finding.measures["smallest_premium"] > 0.03
    late = study(early, era="from_1981").finding
    assert late.measures["smallest_premium"] < 0.01
    assert late.sample_start == "1981-01"


def test_the_grid_has_one_p():
    """Both factors in every era at once: small where they pay, not where they do not."""
    paid, idle = study(made(0.08, 0.08)), study(made(0.0, 0.0))
    assert len(paid.ran) == len(paid.grid) == 8
    assert paid.finding.joint_p < 0.05 < idle.finding.joint_p
    bare = replace(bind(CLAIM), grid={})
    alone = find_design("mean_premium")(made(0.08, 0.08), bare, FEW).finding
    assert alone.joint_p is None and alone.sensitivity == ""


def test_value_among_small_caps_stands_beside():
    """It is a row of the table where the portfolios are held, and moves no measure."""
    dataset = made(0.06, 0.06)
    both = dataset.monthly.assign(s1v5=-0.01, s1v1=dataset.monthly["hml"])
    beside = study(replace(dataset, monthly=both))
    assert beside.finding == study(dataset).finding
    assert set(beside.eras["spread"]) == {"HML", "RMW", "small value less small growth"}
    assert set(beside.running["spread"]) == {"HML", "RMW"}
    ends = dataset.monthly["hml"].loc[:"2016-12"].sum()
    rows = beside.running.set_index(["spread", "month"])["lead"]
    assert rows["HML", "2016-12"] == pytest.approx(ends)


def test_a_factor_that_is_not_held_is_a_series_without_months():
    """Decimal numbers by month, none of them; one that is held lacks the months without it."""
    monthly = made(0.06, 0.06).monthly[["hml"]].copy()
    monthly.iloc[:3] = np.nan
    pd.testing.assert_series_equal(factor_of(monthly, "hml"), monthly["hml"].iloc[3:])
    lacking = factor_of(monthly, "rmw")
    assert lacking.empty and lacking.dtype == float
    assert isinstance(lacking.index, pd.PeriodIndex)


def test_without_profitability_there_is_no_test():
    """The bundled data hold no RMW: refused, naming it; the grid says which rows are lacking."""
    found = study(load_dataset("bundled", "1995-12"))
    assert found.finding.refusal.needs == "latest"
    assert found.finding.refusal.reason == (
        "needs the latest data: the factor RMW, profitable over unprofitable firms"
    )
    assert list(found.running.columns) == ["month", "spread", "lead"] and found.running.empty
    assert set(found.eras["spread"]) == {"HML", BESIDE_WORDS}
    assert found.words == "value stocks over growth stocks and profitable over unprofitable firms"
    assert set(found.grid.query("factors == 'rmw'")["reason"]) == {"only 0 months; 60 are needed"}


def test_other_factors_are_no_input():
    """Portfolios and an empty list are errors that name the field."""
    for wrong in ("s1v5", []):
        with pytest.raises(InputError, match=r"field arguments.factors"):
            bind(CLAIM, {"factors": wrong})
