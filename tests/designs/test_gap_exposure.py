"""The valuation gap against the policy rate: planted truths, June to June, refusals."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.gap_exposure import gap_changes
from analysis.panel import Dataset, load_dataset

[CLAIM] = [claim for claim in load_claims().values() if claim.design == "gap_exposure"]
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")


def planted(june=0.0, december=None, seed=1):
    """Latest-like data in which the gap answers to the level of the funds rate."""
    rng = np.random.default_rng(seed)
    funds = pd.Series(0.05 + rng.normal(0, 0.004, len(MONTHS)).cumsum(), index=MONTHS)
    frame = pd.DataFrame({"fed_funds": funds, "gs10": 0.01 + funds})
    junes = MONTHS[MONTHS.month == 6]
    slopes = {"gap_june": june, "gap_december": june if december is None else december}
    valuation = pd.DataFrame(
        {
            name: slope * funds.loc[junes] + rng.normal(0, 0.01, len(junes))
            for name, slope in slopes.items()
        },
        index=junes,
    )
    return Dataset(frame, {}, "latest", MONTHS[-1], valuation=valuation, snapshot="synthetic")


def study_of(dataset, **changes):
    """The claim's study with some arguments changed."""
    return find_design("gap_exposure")(dataset, bind(CLAIM, changes), Sampling(1, 1))


@pytest.mark.parametrize(
    ("june", "december", "expected"),
    [
        (4, 4, "supported"),
        (-4, -4, "contradicted"),
        (0, 0, "not distinguishable"),
        (4, -4, "not distinguishable"),
    ],
)
def test_a_planted_slope_is_found_where_both_bases_have_it(june, december, expected):
    """Both bases decide together; one alone is not enough either way."""
    found = study_of(planted(june, december)).finding
    assert decide(CLAIM, found, data="latest", as_of="2025-12").verdict == expected
    assert CLAIM.criterion.measures() <= set(found.measures)


def test_the_headline_is_the_worse_of_two_slopes():
    """Lowest slope, highest p-value and highest end of both; one basis is its own worst."""
    dataset = planted(4, 1)
    both = study_of(dataset).finding
    june, december = (study_of(dataset, basis=basis).finding for basis in ("june", "december"))
    assert both.estimate == december.estimate < june.estimate
    assert both.p_value == max(june.p_value, december.p_value)
    assert both.measures["slope_high_highest"] == max(june.ci_high, december.ci_high)
    rate = dataset.monthly["fed_funds"].loc[dataset.valuation.index].diff()
    pairs = pd.DataFrame({"x": rate, "y": dataset.valuation["gap_june"].diff()}).loc["1954-01":]
    assert june.estimate == pytest.approx(np.polyfit(pairs["x"], pairs["y"], 1)[0])


def test_changes_run_from_june_to_june():
    """Gap and rate are differenced over the same months; a hole is no year."""
    dataset = planted(1)
    hole = dataset.valuation.drop(pd.Period("1980-06"))
    rate = dataset.monthly["fed_funds"]
    holed = dataclasses.replace(dataset, valuation=hole)
    changes = gap_changes(holed, ("fed_funds",), 12)
    assert changes.loc["1979-06", "fed_funds"] == pytest.approx(rate["1979-06"] - rate["1978-06"])
    assert pd.Period("1981-06", "M") not in changes.index
    longer = gap_changes(holed, ("fed_funds",), 24)
    assert longer.loc["1981-06", "fed_funds"] == pytest.approx(rate["1981-06"] - rate["1979-06"])


def test_the_grid_runs_every_basis_rate_and_era():
    """A row for each; without the other rate its rows have a reason."""
    dataset = planted(4)
    assert study_of(dataset).grid["reason"].eq("").all()
    without = dataclasses.replace(dataset, monthly=dataset.monthly.drop(columns="gs10"))
    study = study_of(without)
    left_out = study.grid[study.grid["reason"] != ""]
    assert set(left_out["driver"]) == {"gs10"} and len(left_out) == 6
    assert "Of 6 specifications by basis, rate and era (6 left out)" in study.finding.sensitivity


def test_what_is_missing_is_named():
    """The bundled data lack the funds rate; a data set may lack book-to-market."""
    refused = study_of(load_dataset("bundled")).finding.refusal
    assert (refused.reason, refused.needs) == (
        "needs the latest data: the federal funds rate",
        "latest",
    )
    assert study_of(load_dataset("bundled")).changes.empty
    without = dataclasses.replace(planted(), valuation=None)
    assert "does not hold book-to-market by size" in study_of(without).finding.refusal.reason


def test_nothing_after_as_of_is_seen():
    """A data set cut before wild values gives finite numbers that end by then."""
    dataset, end = planted(1), pd.Period("1999-12", "M")
    cut = dataclasses.replace(
        dataset,
        monthly=dataset.monthly.loc[:end],
        valuation=dataset.valuation.loc[:end],
        as_of=end,
    )
    found = study_of(cut).finding
    assert math.isfinite(found.estimate) and found.sample_end == "1999-06"
    early = dataclasses.replace(cut, monthly=cut.monthly.loc[:"1960-12"])
    assert "15 are needed" in study_of(early).finding.refusal.reason
