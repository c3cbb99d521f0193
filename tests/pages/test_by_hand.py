"""A design's call in the open, and its number beside the one computed by hand."""

import math

import pytest

from analysis.pages.by_hand import beside_design, same_number
from analysis.pages.chapter import open_chapter
from analysis.results import Finding, InputError


@pytest.fixture(scope="module")
def chapter():
    """The chapter on rates, at a date with little data."""
    return open_chapter("rate_sensitivity", {"as_of": "1995-12", "hac_lags": 3})


@pytest.fixture
def finding():
    """A finding with a headline and one measure."""
    return Finding(
        estimate=-0.25, unit="points", null="", n=1, sample_start="", sample_end="", finding="",
        measures={"slope": 2.0},
    )  # fmt: skip


def test_a_call_shows_every_argument_and_what_was_changed(chapter):
    """The registered ones, those of the run, and a word on each that differs."""
    said = str(chapter.call("rate-sensitive"))
    assert said.startswith("```python\nexposure(\n    dataset,\n    leg='smb',\n")
    assert (
        "    hac_lags=3,\n    sign=-1,\n    market=False,\n    draws=1, seed=20260101,\n)\n```"
        in said
    )
    assert "Not as registered in `data/claims/000.yml`: hac_lags = 3 (registered: 6)." in said
    registered = str(open_chapter("rate_sensitivity", {}).call("rate-sensitive"))
    assert "As registered in `data/claims/000.yml`." in registered


def test_equal_numbers_are_said_to_be_equal(chapter, finding):
    """The headline, or a measure by its name, with a minus sign and the unit."""
    claim = chapter.claims["rate-sensitive"]
    assert beside_design(claim, finding, -0.25) == (
        "By hand: −0.25. The design `exposure` gives −0.25 (points). **They are equal**."
    )
    assert "2 (`slope`). **They are equal**" in beside_design(claim, finding, 2.0, "slope")
    assert "to within 0.01" in beside_design(claim, finding, 2.005, "slope", 0.01)


@pytest.mark.parametrize("wrong", [-0.2500003, 0.25, None, math.nan])
def test_numbers_that_part_fail(chapter, finding, wrong):
    """Another number, the other sign, or none at all."""
    with pytest.raises(AssertionError, match=r"by hand it is .* -0\.25 \(points\)"):
        beside_design(chapter.claims["rate-sensitive"], finding, wrong)


def test_a_refused_design_is_said_and_not_raised(chapter):
    """With the reason, whatever the hand has."""
    refused = Finding.refused("needs the latest data: daily SMB")
    for by_hand in (None, 0.1):
        said = beside_design(chapter.claims["rate-sensitive"], refused, by_hand)
        assert "gives no number in this run: needs the latest data: daily SMB. There is" in said


def test_an_unknown_measure_names_the_nearest(chapter, finding):
    """As everywhere."""
    with pytest.raises(InputError, match="did you mean 'slope'"):
        beside_design(chapter.claims["rate-sensitive"], finding, 2.0, "slop")


def test_a_number_of_a_table_is_compared_too():
    """Where no claim's finding holds it."""
    assert same_number(0.5, 0.5, "the table gives") == (
        "By hand: 0.5. The table gives 0.5. **They are equal**."
    )
    with pytest.raises(AssertionError, match=r"the table gives 0\.6"):
        same_number(0.5, 0.6, "the table gives")
