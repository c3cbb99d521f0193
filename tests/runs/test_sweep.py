"""A notebook over a grid: months, combinations, going on after a stop."""

import json

import pytest

from analysis.results import InputError
from analysis.runs import sweep as sweeping
from analysis.runs.sweep import grid, months, sweep


def test_months_by_step_and_by_list():
    """FIRST:LAST:STEP counts in months and includes the first; a list is taken as it is."""
    assert months("1995-12:1998-01:12") == ["1995-12", "1996-12", "1997-12"]
    assert months("1995-12:1996-12") == ["1995-12", "1996-12"]
    assert months("1995-12,2007-12") == ["1995-12", "2007-12"]


@pytest.mark.parametrize(
    "text", ["1995-12:1990-01:12", "1995-12:1996-12:0", "a:b:c", "1995-12:1996-12:1:1"]
)
def test_months_that_make_no_range_are_refused(text):
    """A step of nothing, a range backwards or no month at all says how to write it."""
    with pytest.raises(InputError, match="as_of"):
        months(text)


def test_grid_is_every_combination():
    """Two values by two values are four cells, the last name changing fastest."""
    assert grid({"a": [1, 2], "b": "xy"}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


@pytest.mark.notebooks
def test_a_sweep_gathers_verdicts_and_goes_on_where_it_stopped(
    tiny_notebooks, tmp_path, monkeypatch
):
    """The second call runs only the new combination; the table holds all of them."""
    out = tmp_path / "sweep"
    sweep("first_cut", {"horizon": [3]}, out, folder=tiny_notebooks)
    ran = []
    real = sweeping.run_all

    def counted(runs, **keywords):
        ran.extend(run.label for run in runs)
        return real(runs, **keywords)

    monkeypatch.setattr(sweeping, "run_all", counted)
    table = sweep("first_cut", {"horizon": ["3", "6"]}, out, folder=tiny_notebooks, from_text=True)
    assert ran == ["first_cut (horizon=6)"]
    assert table[["horizon", "estimate"]].to_numpy().tolist() == [[3, 0.03], [6, 0.06]]
    assert [row["horizon"] for row in json.loads((out / "sweep.json").read_text())] == [3, 6]


@pytest.mark.notebooks
def test_a_combination_that_fails_is_a_row_and_not_the_end(
    tiny_notebooks, tmp_path, write_notebook
):
    """The failing value is in the table with its error; the other has its verdict."""
    write_notebook(tiny_notebooks / "seasonality.ipynb", "1 / (horizon - 3)")
    table = sweep("seasonality", {"horizon": [3]}, tmp_path / "sweep", folder=tiny_notebooks)
    assert "ZeroDivisionError" in table["error"][0]


def test_the_table_says_which_rows_are_of_another_specification(tmp_path):
    """What deviates stands in its column in words; nested values stay out of the CSV."""
    nested = {"measures": {"a": 1}, "conditions": [], "reaches": {"monthly": "2018-11"}}
    rows = [
        {"horizon": 12, "claim": "a", "deviations": [], "joint_p": 0.04, **nested},
        {"horizon": 24, "claim": "a", "deviations": ["horizon = 24 (registered: 12)", "b"]},
        {"horizon": 36, "error": "it failed"},
    ]
    table = sweeping._write(rows, tmp_path)
    assert table["deviations"].tolist() == ["", "horizon = 24 (registered: 12); b", ""]
    assert not {"measures", "conditions", "reaches"} & set(table)
    text = (tmp_path / "sweep.csv").read_text()
    assert "24,a,horizon = 24 (registered: 12); b" in text
    assert json.loads((tmp_path / "sweep.json").read_text())[1]["deviations"][1] == "b"
