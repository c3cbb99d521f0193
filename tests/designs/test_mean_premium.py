"""Factors that must all pay: planted premia, eras, publication, and what the data lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

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
    assert "post_premium" not in study(early).finding.measures
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
    assert find_design("mean_premium")(made(0.08, 0.08), bare, FEW).finding.joint_p is None


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


def test_without_profitability_there_is_no_test():
    """The bundled data hold no RMW: refused, naming it; the grid says which rows are lacking."""
    found = study(load_dataset("bundled", "1995-12"))
    assert found.finding.refusal.needs == "latest"
    assert "RMW" in found.finding.refusal.reason
    assert set(found.grid.query("factors == 'rmw'")["reason"]) == {"only 0 months; 60 are needed"}


def test_other_factors_are_no_input():
    """Portfolios and an empty list are errors that name the field."""
    for wrong in ("s1v5", []):
        with pytest.raises(InputError, match=r"field arguments.factors"):
            bind(CLAIM, {"factors": wrong})
