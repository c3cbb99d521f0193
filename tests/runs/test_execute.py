"""Running notebooks: parameters in, notebooks and verdicts out, all or nothing."""

import json
import threading
import time
from pathlib import Path

import nbformat
import pytest

from analysis.results import InputError
from analysis.runs import execute as execution
from analysis.runs.execute import NotebookError, Run, execute, run_all
from analysis.runs.folders import MARKER, claim_folder

pytestmark = pytest.mark.notebooks


def test_notebooks_run_with_the_given_parameter_and_leave_their_verdicts(
    tiny_notebooks: Path, tmp_path: Path
):
    """Two notebooks run side by side; the folder holds both and the verdicts of both."""
    told = []
    paths = execute(
        ["valuation_gap", "first_cut"],
        {"horizon": "6"},
        tmp_path / "out",
        folder=tiny_notebooks,
        from_text=True,
        progress=lambda *step: told.append(step),
    )
    assert [path.name for path in paths] == ["valuation_gap.ipynb", "first_cut.ipynb"]
    verdicts = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert [(v["claim"], v["estimate"]) for v in verdicts] == [("a-claim", 0.06)]
    assert ("first_cut", 4, 4) in told
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        MARKER,
        "first_cut.ipynb",
        "valuation_gap.ipynb",
        "verdicts.json",
    ]


@pytest.mark.slow
def test_an_executed_notebook_holds_nothing_of_the_machine(tiny_notebooks: Path, tmp_path: Path):
    """Two runs of one notebook are the same bytes, without paths, times or versions."""
    texts = []
    for turn in ("one", "two"):
        out = tmp_path / turn
        execute(["first_cut"], {"horizon": 3}, out, folder=tiny_notebooks)
        texts.append((out / "first_cut.ipynb").read_text())
    assert texts[0] == texts[1]
    metadata = nbformat.reads(texts[0], as_version=4).metadata
    assert metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "name": "python"},
    }
    assert str(tmp_path) not in texts[0]
    assert "papermill" not in texts[0]


@pytest.mark.slow
def test_a_failing_notebook_names_its_cell_and_replaces_nothing(
    tiny_notebooks: Path, tmp_path: Path
):
    """The error names notebook, cell and exception; files of an earlier run stay as they were."""
    out = claim_folder(tmp_path / "out", "run")
    (out / "first_cut.ipynb").write_text("earlier")
    (out / "verdicts.json").write_text("earlier")
    with pytest.raises(
        NotebookError, match=r"breadth, cell 3 \(half = 1 / 0\): ZeroDivisionError: division"
    ):
        execute(["first_cut", "breadth"], {}, out, folder=tiny_notebooks)
    assert {path.name: path.read_text() for path in out.glob("[!.]*")} == {
        "first_cut.ipynb": "earlier",
        "verdicts.json": "earlier",
    }


def test_the_cell_number_does_not_count_papermills_own_cell(tiny_notebooks: Path, tmp_path: Path):
    """With a parameter given the failing cell keeps the number it has in the stored notebook."""
    with pytest.raises(NotebookError, match="breadth, cell 3 "):
        execute(["breadth"], {"horizon": 2}, tmp_path / "out", folder=tiny_notebooks)


def test_a_kernel_that_did_not_come_up_is_started_again(
    tiny_notebooks: Path, monkeypatch: pytest.MonkeyPatch
):
    """A busy port says nothing about the notebook; any other error does."""
    calls = []

    def fake(run, *_):
        calls.append(run.name)
        if len(calls) < 3:
            raise RuntimeError("zmq: Address already in use")
        return nbformat.v4.new_notebook()

    monkeypatch.setattr(execution, "_papermill", fake)
    run = Run("first_cut", tiny_notebooks / "first_cut.ipynb")
    [(_, outcome)] = run_all([run], jobs=1)
    assert isinstance(outcome, nbformat.NotebookNode)
    assert len(calls) == 3


def test_a_job_with_nothing_left_to_run_is_told_once(tiny_notebooks: Path, monkeypatch):
    """While the last notebook still runs; the only job is never spare."""
    last, told = threading.Event(), []

    def fake(run, *_):
        if run.name == "valuation_gap":
            # it goes on for a while after whoever is spare has been told
            last.wait(0.5)
        time.sleep(0.1)
        return nbformat.v4.new_notebook()

    def spare():
        told.append(1)
        last.set()

    monkeypatch.setattr(execution, "_papermill", fake)
    monkeypatch.setattr(execution, "_WAIT", 0.02)
    runs = [
        Run(name, tiny_notebooks / "first_cut.ipynb")
        for name in ("first_cut", "seasonality", "valuation_gap")
    ]
    assert len(list(run_all(runs, jobs=2, spare=spare))) == 3
    assert told == [1] and last.is_set()
    assert len(list(run_all(runs, jobs=1, spare=spare))) == 3
    assert list(run_all([], jobs=2, spare=spare)) == []
    assert told == [1]


@pytest.mark.slow
def test_leaving_early_ends_the_kernels(tiny_notebooks: Path, write_notebook):
    """After Ctrl-C nothing goes on: a notebook that would sleep for minutes ends at once."""
    slow = write_notebook(tiny_notebooks / "seasonality.ipynb", "import time; time.sleep(300)")
    started = time.monotonic()
    runs = [Run("first_cut", tiny_notebooks / "first_cut.ipynb"), Run("seasonality", slow)]
    outcomes = run_all(runs, jobs=2)
    assert next(outcomes)[0].name == "first_cut"
    outcomes.close()
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("names", "parameters", "message"),
    [
        (["first_cot"], {}, "unknown notebook 'first_cot'; did you mean 'first_cut'"),
        ([], {}, "name at least one notebook"),
        (["first_cut"], {"horizn": "6"}, "unknown parameter 'horizn'; did you mean 'horizon'"),
        (["first_cut"], {"horizon": "six"}, "horizon='six'"),
        (["first_cut"], {"as_of": "2007-13"}, "as_of='2007-13'"),
        (["first_cut"], {"as_of": "2007-12-01"}, "as_of='2007-12-01'"),
        (["first_cut"], {"as_of": "2150-01"}, "2150-01 is after the last month"),
        (["first_cut"], {"as_of": "1850-01"}, "1850-01.*too little data before 1931-06"),
        (["first_cut"], {"data": "newest"}, "data='newest'"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(
    tiny_notebooks: Path, tmp_path: Path, monkeypatch, names, parameters, message
):
    """Names, types and dates are checked first; no kernel starts and no folder appears."""
    monkeypatch.setattr(execution, "_papermill", lambda *_: pytest.fail("a kernel was started"))
    with pytest.raises(InputError, match=message):
        execute(names, parameters, tmp_path / "out", folder=tiny_notebooks, from_text=True)
    assert not (tmp_path / "out").exists()


def test_a_notebook_of_no_chapter_is_named_with_the_list_that_lacks_it(
    tiny_notebooks, tmp_path, write_notebook
):
    """It is there, so it is no unknown name: what it lacks is a title."""
    write_notebook(tiny_notebooks / "stray.ipynb", "1")
    said = r"stray\.ipynb: data/chapters\.yml has no chapter 'stray'"
    with pytest.raises(InputError, match=said):
        execute(["stray"], {}, tmp_path / "out", folder=tiny_notebooks)


def test_a_number_typed_as_text_is_refused_outside_the_command_line(tiny_notebooks, tmp_path):
    """Called from Python, "6" is a text and no number."""
    with pytest.raises(InputError, match="horizon='6'"):
        execute(["first_cut"], {"horizon": "6"}, tmp_path, folder=tiny_notebooks)


def test_a_damaged_file_of_the_bundled_data_stops_before_a_kernel_starts(
    tiny_notebooks, tmp_path, monkeypatch
):
    """It is an input like any other: one line, nothing written."""

    def damaged(data, as_of):
        raise InputError("CPIAUCSL.csv does not have the checksum it was kept with")

    monkeypatch.setattr("analysis.panel.load_dataset", damaged)
    monkeypatch.setattr(execution, "_papermill", lambda *_: pytest.fail("a kernel was started"))
    with pytest.raises(InputError, match="checksum"):
        execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks)
    assert not (tmp_path / "out").exists()
