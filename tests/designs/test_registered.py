"""What is registered is what runs: every argument is read, every axis of a grid is varied."""

from __future__ import annotations

import pytest

from analysis.claims import load_claims
from analysis.claims.chapters import load_chapters
from analysis.designs import Sampling, bind, design_names, find_design
from analysis.panel import load_dataset

BOUND = [claim for claim in load_claims().values() if claim.design in design_names()]


@pytest.mark.quick("first-cut-12m", "premium-vanished", "dollar")
@pytest.mark.parametrize("claim", BOUND, ids=lambda claim: claim.id)
def test_every_argument_is_read_and_every_axis_varied(claim, unread):
    """On the bundled data; the latest data are instrumented with the publishers' files."""
    assert unread(claim, load_dataset("bundled")) == []


@pytest.mark.slow
@pytest.mark.parametrize("as_of", ["1931-06", "1950-06"])
def test_no_early_month_is_an_error(as_of):
    """Before most series begin every claim has a finding or a refusal with a reason."""
    dataset, claims = load_dataset("bundled", as_of), load_claims()
    for claim in BOUND:
        study = find_design(str(claim.design))(dataset, bind(claim, claims=claims), Sampling(49, 1))
        assert study.finding.refusal is None or study.finding.refusal.reason, claim.id


def test_a_chapter_titles_and_parameters_belong_to_claims():
    """Every parameter of a chapter stands for arguments that exist."""
    from analysis.pages.parameters import parameters_of

    for name in load_chapters():
        assert parameters_of(name)().model_dump()
