"""The valuation gap against the policy rate: planted truths, prices and rates of one month."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.gap_exposure import gap_changes
from analysis.panel import Dataset

[CLAIM] = [claim for claim in load_claims().values() if claim.design == "gap_exposure"]
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")


def planted(june=0.0, december=None, seed=1, noise=0.01):
    """Latest-like data in which each gap answers to the funds rate when its prices were made."""
    rng = np.random.default_rng(seed)
    funds = pd.Series(0.05 + rng.normal(0, 0.004, len(MONTHS)).cumsum(), index=MONTHS)
    frame = pd.DataFrame({"fed_funds": funds, "gs10": 0.01 + funds})
    junes = MONTHS[MONTHS.month == 6]
    slopes = {"gap_june": (june, 0), "gap_december": (june if december is None else december, 6)}
    valuation = pd.DataFrame(
        {
            name: slope * funds.reindex(junes - before).to_numpy()
            + rng.normal(0, noise, len(junes))
            for name, (slope, before) in slopes.items()
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
        (4, 0, "not distinguishable"),
        (-4, 0, "not distinguishable"),
    ],
)
def test_a_planted_slope_is_found_where_both_bases_have_it(june, december, expected):
    """Both bases decide together; one alone is not enough either way."""
    found = study_of(planted(june, december)).finding
    assert decide(CLAIM, found, data="latest", as_of="2025-12").verdict == expected
    assert CLAIM.criterion.measures() <= set(found.measures)


def test_every_number_is_of_the_basis_that_decides():
    """Estimate, interval, p-value and smallest effect of the one that lies less far above zero."""
    dataset = planted(4, 1)
    both = study_of(dataset).finding
    june, december = (study_of(dataset, basis=basis).finding for basis in ("june", "december"))
    for name in ("estimate", "ci_low", "ci_high", "p_value", "mde", "n"):
        assert getattr(both, name) == getattr(december, name)
    assert both.measures["slope_p"] == december.p_value
    assert both.measures["slope_high_highest"] == max(june.ci_high, december.ci_high)
    assert both.mde == pytest.approx(2.8016 * (both.ci_high - both.ci_low) / 2 / 1.9944, rel=1e-2)


def test_a_steeper_slope_with_wider_errors_can_decide():
    """What counts is the distance from zero in its own errors, not the size of the slope."""
    dataset = planted(4, 4)
    rng = np.random.default_rng(0)
    noisy = dataset.valuation.assign(
        gap_june=3 * dataset.valuation["gap_june"] + rng.normal(0, 0.3, len(dataset.valuation))
    )
    found = study_of(dataclasses.replace(dataset, valuation=noisy))
    alone = study_of(dataclasses.replace(dataset, valuation=noisy), basis="june").finding
    assert found.finding.estimate == alone.estimate > 8


def test_each_basis_meets_the_rate_of_its_own_prices():
    """The gap listed under June 1990 on December values is set against December's rate."""
    dataset = planted(1)
    rate = dataset.monthly["fed_funds"]
    changes = gap_changes(dataset, ("fed_funds",), 12)
    row = changes.loc["1990-06"]
    assert row["fed_funds_june"] == pytest.approx(rate["1990-06"] - rate["1989-06"])
    assert row["fed_funds_december"] == pytest.approx(rate["1989-12"] - rate["1988-12"])
    december = study_of(planted(0, 4, noise=0.001), basis="december").finding
    assert december.estimate == pytest.approx(4, abs=0.1)


def test_changes_run_over_a_year_without_holes():
    """Gap and rate are differenced over the same months; a hole is no year."""
    dataset = planted(1)
    holed = dataclasses.replace(dataset, valuation=dataset.valuation.drop(pd.Period("1980-06")))
    rate = dataset.monthly["fed_funds"]
    changes = gap_changes(holed, ("fed_funds",), 12)
    assert pd.Period("1981-06", "M") not in changes.index
    longer = gap_changes(holed, ("fed_funds",), 24)
    assert longer.loc["1981-06", "fed_funds_june"] == pytest.approx(
        rate["1981-06"] - rate["1979-06"]
    )


def test_the_grid_runs_every_basis_rate_and_era_with_one_joint_p():
    """A row for each; without the other rate its rows have a reason; all that ran are joined."""
    dataset = planted(4)
    study = study_of(dataset)
    assert study.grid["reason"].eq("").all()
    assert study.joint.specifications == len(study.grid) == study.finding.specifications
    assert study.finding.joint_p == study.joint.p_value < 0.05
    assert study_of(planted(0, seed=2)).finding.joint_p > 0.05
    without = dataclasses.replace(dataset, monthly=dataset.monthly.drop(columns="gs10"))
    study = study_of(without)
    left_out = study.grid[study.grid["reason"] != ""]
    assert set(left_out["driver"]) == {"gs10"} and len(left_out) == 6
    assert "Of 6 specifications by basis, rate and era (6 left out)" in study.finding.sensitivity


def test_what_is_missing_is_named():
    """A data set may lack the funds rate, or book-to-market."""
    dataset = planted()
    bare = dataset.monthly.drop(columns="fed_funds")
    bundled = dataclasses.replace(dataset, monthly=bare, data="bundled")
    refused = study_of(bundled).finding.refusal
    assert (refused.reason, refused.needs) == (
        "the bundled data do not hold the federal funds rate by December 2025",
        None,
    )
    assert study_of(bundled).changes.empty
    without = dataclasses.replace(dataset, valuation=None)
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
