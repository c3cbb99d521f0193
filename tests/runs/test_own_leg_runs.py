"""A reader's own returns through every verb that takes a leg."""

import json
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from analysis import __main__ as command_line
from analysis.claims.chapters import load_chapters
from analysis.pages.parameters import parameters_of
from analysis.panel.legs import EVERY_LEG, OWN
from analysis.panel.own_leg import own_state
from analysis.results import InputError
from analysis.runs import sweep as sweeping
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run, notebook_names, plan
from analysis.runs.reuse import Shelf, state_of
from analysis.runs.sweep import sweep
from analysis.sources.own_returns import VARIABLE

#: Chapters whose leg is a small less a large return, so that a reader's own can stand in for it.
TAKING = [
    name
    for name in load_chapters()
    if "leg" in (fields := parameters_of(name).model_fields)
    and OWN.name in getattr(fields["leg"].annotation, "__args__", ())
]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write random returns, by seed, in a unit, and say how the command line names the file."""

    def file(seed=1, unit=1.0):
        months = pd.period_range("1950-01", "2018-11", freq="M", name="month")
        values = np.random.default_rng(seed).normal(0.008, 0.04, (len(months), 2)) * unit
        frame = pd.DataFrame(values.round(6), index=months, columns=["small", "large"])
        frame.to_csv(tmp_path / "own.csv")
        return f"{tmp_path / 'own.csv'}:small-large"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "")
    return file


def smallcap(monkeypatch, *arguments):
    """Exit code of a call in this process."""
    monkeypatch.setattr(sys, "argv", ["smallcap", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return ended.value.code or 0


def test_every_chapter_whose_leg_is_a_difference_takes_it():
    """The others' leg is a holding, which a difference cannot stand in for."""
    legs = {name: parameters_of(name).model_fields.get("leg") for name in load_chapters()}
    differences = [name for name, leg in legs.items() if leg and leg.default in EVERY_LEG]
    assert differences == TAKING and len(TAKING) > 3


@pytest.mark.parametrize("verb", ["run first_cut", "sweep first_cut", "book"])
@pytest.mark.parametrize(
    ("unit", "columns", "said"),
    [(100.0, "small-large", "looks like per cent"), (1.0, "small-big", "no columns 'small-big'")],
)
def test_a_bad_file_is_one_line_and_nothing_is_written(
    own, monkeypatch, capsys, tmp_path, verb, unit, columns, said
):
    """Exit code 2, the file's name, before anything runs."""
    spec = own(unit=unit).replace("small-large", columns)
    assert smallcap(monkeypatch, *verb.split(), "--leg", spec, "--out", "out") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "own.csv: " in line and said in line
    assert {path.name for path in tmp_path.iterdir()} == {"own.csv"}


def test_what_is_kept_of_one_file_is_not_taken_for_another(
    own, monkeypatch, tmp_path, write_notebook
):
    """Of a notebook, a book and a combination; other columns of the same bytes are another file."""
    run = Run("first_cut", write_notebook(tmp_path / "first_cut.ipynb", "1"), {"leg": "own"})
    shelf = Shelf(tmp_path / "shelf")

    def states():
        return own_state(), state_of({}, tmp_path), sweeping._state(run.source, "bundled")

    seen = [states()]
    for seed, columns in ((1, "small-large"), (1, "small"), (2, "small-large")):
        monkeypatch.setenv(VARIABLE, own(seed).replace("small-large", columns))
        assert shelf.take(run) is None
        shelf.keep(run, nbformat.v4.new_notebook())
        assert shelf.take(run) is not None
        seen.append(states())
    for column in zip(*seen, strict=True):
        assert len(set(column)) == len(seen)


def test_a_book_gives_the_leg_to_the_chapters_that_take_it(own, monkeypatch):
    """The others run as ever; where none takes it, it is refused."""
    names = notebook_names(NOTEBOOKS_FOLDER)
    runs = plan(names, {}, where_taken={"leg": OWN.name})
    assert [run.name for run in runs if run.parameters] == TAKING
    assert {run.parameters["leg"] for run in runs if run.parameters} == {OWN.name}
    with pytest.raises(InputError, match="no chapter takes leg='smbx'; leave it out"):
        plan(names, {}, where_taken={"leg": "smbx"})


def test_a_cluster_is_not_asked_for_a_file_of_this_machine(own, monkeypatch, tmp_path):
    """It is refused before an address is looked at."""
    monkeypatch.setenv(VARIABLE, own())
    with pytest.raises(InputError, match="does not hold your own returns; leave --scheduler out"):
        sweep(
            "first_cut", {"leg": ["own"]}, tmp_path / "out", engine="designs", scheduler="tcp://a:1"
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKING)
def test_every_chapter_that_takes_a_leg_judges_on_own_returns(own, monkeypatch, capsys, name):
    """No design fails on it; each verdict on it says so, and so does the run."""
    known = parameters_of(name).model_fields
    few = ["-p", "draws=99"] if "draws" in known else []
    arguments = ["sweep", name, "--engine", "designs", "--leg", own(), *few, "--out", "out"]
    assert smallcap(monkeypatch, *arguments) == 0
    assert "leg own: own.csv, column small less column large" in capsys.readouterr().err
    with open("out/sweep.json", encoding="utf-8") as file:
        records = json.load(file)
    changed = [one for one in records if any("leg = own" in d for d in one["deviations"])]
    assert changed and not [one["error"] for one in records if one["error"]]
