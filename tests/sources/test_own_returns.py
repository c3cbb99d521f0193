"""A reader's own returns: what is read, and what is refused in one line."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import LEGS
from analysis.results import InputError
from analysis.sources.own_returns import absolute, is_file_spec, load_own_returns

MONTHS = [str(month) for month in pd.period_range("2000-01", periods=72, freq="M")]


@pytest.fixture
def write(tmp_path):
    """Write lines as ``own.csv`` and give a specification of it."""

    def file(lines, named=""):
        (tmp_path / "own.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return f"{tmp_path / 'own.csv'}{named}"

    return file


def lines(months=MONTHS, value="0.01", head="month,small,large"):
    """A sound file of two columns."""
    return [head, *(f"{month},{value},-0.005" for month in months)]


def test_a_pair_a_column_and_closes_are_read(write):
    """Small and large as they stand, one column by itself, and returns made of closes."""
    pair = load_own_returns(write(lines(), ":small-large"))
    assert (pair.frequency, pair.closes, list(pair.values.columns)) == (
        "monthly", False, ["small", "large"],
    )  # fmt: skip
    assert pair.values.loc["2000-01"].tolist() == [0.01, -0.005]
    assert list(load_own_returns(write(lines(), ":large")).values.columns) == ["large"]
    closes = [f"{month},{100 * 1.02**n}" for n, month in enumerate(MONTHS)]
    own = load_own_returns(write(["month,index", *closes], ":closes"))
    assert own.closes and len(own.values) == len(MONTHS) - 1
    assert np.allclose(own.values["index"], 0.02)


def test_days_are_told_from_months_and_names_may_hold_a_hyphen(write):
    """Several rows a month are days; a-b-c is a-b less c where such columns are there."""
    days = pd.bdate_range("2001-01-01", "2001-12-31").strftime("%Y-%m-%d")
    head = "day,small-cap,large"
    own = load_own_returns(write(lines(days, "0.001", head), ":small-cap-large"))
    assert own.frequency == "daily"
    assert list(own.values.columns) == ["small-cap", "large"]


LEFT_OUT = [*MONTHS[:5], *MONTHS[6:]]
WEEKS = pd.date_range("2001-01-05", periods=60, freq="7D").strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("content", "named", "said"),
    [
        (lines(value="1.0"), ":small-large", "column small: .* looks like per cent; divide by 100"),
        (lines(LEFT_OUT), ":small", "no row for 2000-06, between 2000-05 and 2000-07"),
        (lines([*MONTHS[:3], "Apr 2000"]), ":small", "line 5: 'Apr 2000' is no month or day"),
        (lines(["2000-01-31", "2000-02-30"]), ":small", "a day that is in no calendar"),
        (lines([MONTHS[1], MONTHS[0]]), ":small", "line 3: 2000-01 comes after 2000-02"),
        (lines([MONTHS[0], MONTHS[0]]), ":small", "line 3: 2000-01 stands twice"),
        (lines(head="month,small,small"), ":small", "a column stands twice"),
        (lines(WEEKS), ":small", "rows lie 7 days apart"),
        (lines(value=""), ":small", "line 2: column small is empty"),
        (lines(value="n/a"), ":small", "line 2: column small holds 'n/a', which is no number"),
        (lines(value="inf"), ":small", "no number"),
        ([*lines(), "2006-01,-1,0"], ":small-large", "loses everything or more"),
        ([*lines(), "2006-01,-1,0"], ":small:closes", "a close that is not positive"),
        (lines(), "", "holds small, large; say which"),
        (lines(), ":small-larg", "no columns 'small-larg'; it holds small, large"),
        (lines(), ":small-small", "the same column"),
        (["month", "2000-01"], "", "needs a column of dates"),
        (["month,small"], "", "needs a column of dates"),
    ],
)
def test_what_is_wrong_is_one_line_naming_the_file(write, content, named, said):
    """The line says which file, where in it, and what to do."""
    with pytest.raises(InputError, match=rf"own\.csv.*{said}") as refused:
        load_own_returns(write(content, named))
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named():
    """So is its remedy."""
    with pytest.raises(InputError, match=r"nowhere\.csv: no such file; name a CSV file"):
        load_own_returns("nowhere.csv:a-b")


@pytest.mark.parametrize("spec", ["own.csv:a-b:close", "own.csv:", ":a-b", "own/1", "own.xlsx"])
def test_what_is_nearly_a_file_is_told_how_one_is_named(spec):
    """It is no misspelt leg of the project's own."""
    assert is_file_spec(spec)
    with pytest.raises(InputError, match=r"names no columns of a CSV file; write FILE\.csv:SMALL-"):
        absolute(spec)


def test_no_leg_of_the_projects_own_looks_like_a_file():
    """Else it could not be named any more."""
    assert not any(map(is_file_spec, LEGS))


def test_a_leg_is_a_file_where_it_names_one(tmp_path, monkeypatch):
    """A name of the project's own legs is none; a relative path is made absolute, columns kept."""
    assert is_file_spec("own.csv:a-b") and is_file_spec("own.csv") and not is_file_spec("s1_s5")
    monkeypatch.chdir(tmp_path)
    assert absolute("own.csv:a-b:closes") == f"{tmp_path / 'own.csv'}:a-b:closes"
