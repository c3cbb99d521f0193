"""A notebook over a grid: months, combinations, going on after a stop."""

import json

import nbformat
import pytest

from analysis.results import InputError
from analysis.runs import sweep as sweeping
from analysis.runs.execute import NotebookError
from analysis.runs.grid import grid, months, months_between
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run
from analysis.runs.sweep import sweep

V4 = nbformat.v4.new_notebook()


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


def test_months_from_to_every():
    """Both ways of writing are one; neither is a grid without months."""
    assert months_between(None, "1995-12", "1997-12", None) == months("1995-12:1997-12:12")
    assert months_between(None, "1995-12", "1996-12", 6) == ["1995-12", "1996-06", "1996-12"]
    assert months_between("1995-12,1999-12", None, None, None) == ["1995-12", "1999-12"]
    assert months_between(None, None, None, None) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("1995-12", "1995-12", "1996-12", None), "not both"),
        ((None, "1995-12", None, None), "give both"),
        ((None, None, None, 12), "give both"),
        ((None, "1996-12", "1995-12", 12), "after"),
        ((None, "1995-12", "1996-12", 0), "at least one month"),
        ((None, "1995-13", "1996-12", 1), "no month"),
    ],
)
def test_half_a_range_is_refused(given, said):
    """The line names the option."""
    with pytest.raises(InputError, match=said):
        months_between(*given)


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


@pytest.mark.notebooks
def test_a_month_only_one_chapter_refuses_is_a_row(tiny_notebooks, tmp_path, monkeypatch):
    """The other chapter runs; a month that none accepts, and an unknown name, stop everything."""
    from analysis.pages.parameters import ChapterParameters
    from analysis.runs import plan

    class Early(ChapterParameters):
        earliest = "1950-01"

    class Late(ChapterParameters):
        earliest = "1990-01"

    models = {"first_cut": Early, "valuation_gap": Late}
    monkeypatch.setattr(plan, "parameters_of", models.get)
    out, names = tmp_path / "out", ["valuation_gap", "first_cut"]
    for cells, said in (
        ({"as_of": ["1940-01", "1995-12"]}, "too little data before"),
        ({"as_of": ["1995-12", "2150-01"]}, "after the last month"),
        ({"horizon": [1]}, "unknown parameter 'horizon'"),
    ):
        with pytest.raises(InputError, match=said):
            sweep(names, cells, out, folder=tiny_notebooks)
        assert not out.exists()
    monkeypatch.setattr(sweeping, "run_all", lambda runs, **_: ((run, V4) for run in runs))
    table = sweep(names, {"as_of": ["1985-12"]}, out, folder=tiny_notebooks)
    [error] = table["error"].dropna()
    assert error.startswith("valuation_gap: parameter as_of='1985-12': this chapter has too little")


@pytest.mark.slow
def test_a_chapter_judged_without_its_notebook_says_the_same(tmp_path):
    """Every field of every record, at two months and with another seed."""
    values = {"as_of": ["1995-12", "2007-12"], "seed": [7]}
    tables = {
        engine: sweep("seasonality", values, tmp_path / engine, engine=engine, jobs=1)
        for engine in ("notebooks", "designs")
    }
    records = {
        engine: sorted(
            json.loads((tmp_path / engine / "sweep.json").read_text()),
            key=lambda one: (one["as_of"], one["claim"]),
        )
        for engine in tables
    }
    assert records["designs"] == records["notebooks"]
    assert len(records["designs"]) >= 4
    assert (tmp_path / "designs" / "sweep.svg").read_text().startswith("<svg")


def test_designs_go_on_where_they_stopped_and_beyond_what_fails(tmp_path, monkeypatch):
    """A damaged file is made again, a sound one is not, and a failure is a row."""
    out, months = tmp_path / "out", ["1995-12", "2007-12"]
    called = []

    def judged(number, run):
        called.append(run.parameters["as_of"])
        if run.parameters["as_of"] == "2007-12":
            return number, NotebookError("it failed")
        return number, [{"claim": "a", "estimate": 0.1, "deviations": ()}]

    monkeypatch.setattr(sweeping, "_judge", judged)
    monkeypatch.setattr(sweeping, "_call_designs", lambda runs, *_: [
        (runs[number], outcome) for number, outcome in (judged(n, r) for n, r in enumerate(runs))
    ])  # fmt: skip
    for _ in range(2):
        table = sweep("seasonality", {"as_of": months}, out, engine="designs", jobs=1)
        assert table["error"].dropna().tolist() == ["it failed"]
    assert called == ["1995-12", "2007-12", "2007-12"]
    [kept] = out.glob("seasonality-*.json")
    kept.write_text(kept.read_text().replace("0.1", "0.2"))
    sweep("seasonality", {"as_of": months}, out, engine="designs", jobs=1)
    assert called[3:] == months


def test_a_failing_design_is_an_error_in_one_line():
    """Whatever it raises; the combination is named."""
    run = Run("seasonality", NOTEBOOKS_FOLDER / "seasonality.ipynb", {"as_of": "1800-01"}, "label")
    number, error = sweeping._judge(3, run)
    assert number == 3
    assert isinstance(error, NotebookError)
    assert str(error).startswith("label: InputError: ") and "\n" not in str(error)


def test_parquet_is_written_where_it_can_be(tmp_path, monkeypatch):
    """With pyarrow beside the CSV, else not."""
    written = []
    monkeypatch.setattr(sweeping, "has_parquet", lambda: True)
    monkeypatch.setattr(sweeping.pd.DataFrame, "to_parquet",
                        lambda self, **given: written.append(given) or b"PAR1")  # fmt: skip
    sweeping._write([{"claim": "a", "error": None}], tmp_path)
    assert written == [{"index": False}]
    assert (tmp_path / "sweep.parquet").read_bytes() == b"PAR1"


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
