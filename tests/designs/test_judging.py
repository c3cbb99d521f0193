"""What the registry adds to a design: counts of the grid, and a verdict with its origin."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, Study, bind, find_design, judge
from analysis.panel import load_dataset
from analysis.results import Finding

CLAIM = next(one for one in load_claims().values() if one.design == "quoted_multiples")
FOUND = Finding(estimate=0.1, unit="share", null="none", n=3, sample_start="", sample_end="",
                finding="So.", measures={})  # fmt: skip


def study_of(finding, reasons):
    """A design that makes this finding from a grid with these reasons."""
    grid = pd.DataFrame({"tolerance": range(len(reasons)), "reason": reasons})
    made = replace(find_design("quoted_multiples"), examine=lambda *_: Study(None, finding, grid))
    return made(None, None, None)


@pytest.mark.parametrize(
    ("finding", "reasons", "counts"),
    [
        (FOUND, ["", "too short", ""], (2, 1)),
        (FOUND, [], (None, None)),
        (replace(FOUND, specifications=7, left_out=3), ["", ""], (7, 3)),
        (Finding.refused("too short"), ["too short"], (None, None)),
    ],
)
def test_a_finding_says_how_much_of_its_grid_was_run(finding, reasons, counts):
    """Counted from the grid where the design does not count otherwise."""
    told = study_of(finding, reasons).finding
    assert (told.specifications, told.left_out) == counts


def test_a_verdict_carries_the_data_and_the_code_behind_it():
    """Month asked for and seen, snapshot, vintages, fingerprint, units of the measures."""
    dataset = replace(load_dataset(), snapshot="s", vintages={"french/A": "202604"}, data="latest")
    study = find_design(str(CLAIM.design))(dataset, bind(CLAIM), Sampling(1, 1))
    verdict = judge(CLAIM, study.finding, dataset, ("horizon = 24 (registered: 12)",))
    assert (verdict.data, verdict.as_of, verdict.snapshot) == ("latest", "newest", "s")
    assert verdict.seen_to == "2018-11"
    assert verdict.vintages == {"french/A": "202604"}
    assert verdict.fingerprint and verdict.deviations
    units = find_design(str(CLAIM.design)).measures
    assert verdict.conditions
    assert all(one.unit == units[one.measure] for one in verdict.conditions)
