"""What a notebook takes, and how a value is refused."""

import pytest
from pydantic import Field

from analysis.pages.parameters import ChapterParameters, check_parameters
from analysis.results import InputError


class Parameters(ChapterParameters):
    """A chapter with one more parameter."""

    horizon: int = Field(12, ge=1, le=120, description="months")


def check(from_text=False, **values):
    return check_parameters(Parameters, values, "first_cut", from_text=from_text)


def test_defaults():
    """Without a value, everything the bundled data hold."""
    assert check() == Parameters(as_of="newest", data="bundled", horizon=12)


def test_misspelt_name_is_refused_with_the_nearest():
    """papermill only warns; this refuses."""
    with pytest.raises(InputError, match="unknown parameter 'horzion'; did you mean 'horizon'"):
        check(horzion=12)


@pytest.mark.parametrize("value", ["12", 12.5, None, True, 0, 121])
def test_wrong_type_or_range_is_refused(value):
    """In a notebook a value must have the very type."""
    with pytest.raises(InputError, match="first_cut: parameter horizon="):
        check(horizon=value)


def test_text_from_a_command_line_is_read_as_the_type():
    """On a command line everything is text."""
    assert check(from_text=True, horizon="24").horizon == 24
    with pytest.raises(InputError, match="horizon='two'"):
        check(from_text=True, horizon="two")


@pytest.mark.parametrize("value", ["2007-13", "2007-1", "Dec 2007", "2007-12-31", "2007-12\n"])
def test_malformed_month_is_refused(value):
    """A month is YYYY-MM or 'newest'."""
    with pytest.raises(InputError, match="as_of"):
        check(as_of=value)


def test_every_problem_is_told_at_once():
    """Two mistakes, two lines."""
    with pytest.raises(InputError) as caught:
        check(horizon=0, data="yesterday")
    assert len(str(caught.value).splitlines()) == 2


def test_month_before_the_chapter_s_data_is_refused():
    """Each chapter says from when on it can be run."""
    with pytest.raises(InputError, match=r"as_of='1931-05'.*too little data before 1931-06"):
        check(as_of="1931-05")
