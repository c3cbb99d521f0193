"""What is registered is what runs: every argument is read, every axis of a grid is varied."""

from __future__ import annotations

import pytest

from analysis.claims import load_claims
from analysis.claims.chapters import load_chapters
from analysis.designs import design_names
from analysis.panel import load_dataset

BOUND = [claim for claim in load_claims().values() if claim.design in design_names()]


@pytest.mark.parametrize("claim", BOUND, ids=lambda claim: claim.id)
def test_every_argument_is_read_and_every_axis_varied(claim, unread):
    """On the bundled data; the latest data are instrumented with the publishers' files."""
    assert unread(claim, load_dataset("bundled")) == []


def test_a_chapter_titles_and_parameters_belong_to_claims():
    """Every parameter of a chapter stands for arguments that exist."""
    from analysis.pages.parameters import parameters_of

    for name in load_chapters():
        assert parameters_of(name)().model_dump()
