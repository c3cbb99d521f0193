"""Audits of one's own: made, run, built into a book, and refused where they are none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.files import CODE
from analysis.results import InputError
from analysis.runs.projects import EXAMPLE, new_project


def smallcap(*arguments, cwd):
    """The command in a process of its own, for an audit is put to work once a process."""
    environment = os.environ | {"PYTHONPATH": str(CODE), "COLUMNS": "200"}
    environment.pop("SMALLCAP_PROJECT", None)
    return subprocess.run(
        [sys.executable, "-m", "analysis", *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def audit(tmp_path):
    """The example in a folder of its own."""
    new_project(tmp_path / "mine")
    return tmp_path / "mine"


def test_a_new_audit_is_the_example_without_its_results(audit):
    """Claims, chapters and pages; no line of Python."""
    files = {path.relative_to(audit).as_posix() for path in audit.rglob("*") if path.is_file()}
    assert {"data/chapters.yml", "_config.yml", "_toc.yml", "book/intro.md"} <= files
    assert not [name for name in files if name.endswith((".py", "ledger.csv"))]
    assert not list((CODE / EXAMPLE).rglob("*.py"))


def test_nothing_is_written_over(audit, tmp_path):
    """A folder that holds anything is refused, and so is a file."""
    with pytest.raises(InputError, match="exists and is not empty"):
        new_project(audit)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="exists and is not empty"):
        new_project(tmp_path / "file")


@pytest.mark.notebooks
@pytest.mark.slow
def test_the_example_runs_builds_a_book_and_keeps_a_ledger(audit, tmp_path):
    """Three claims, a page from the design's template, a ledger that agrees with a fresh run."""
    done = smallcap("--project", audit, "run", "value_growth", "--out", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "run" / "verdicts.json").read_text(encoding="utf-8"))
    assert {one["claim"] for one in records} == {
        "value-pays", "value-after-print", "intangibles-explain-it",
    }  # fmt: skip
    assert smallcap("--project", audit, "notebooks", "--refresh", cwd=tmp_path).returncode == 0
    assert smallcap("--project", audit, "notebooks", "--check", cwd=tmp_path).returncode == 0
    done = smallcap("--project", audit, "book", "--out", "html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    built = (tmp_path / "html" / "notebooks" / "value_growth.html").read_text(encoding="utf-8")
    assert [one["claim"] for one in records if f'id="verdict-{one["claim"]}"' not in built] == []
    assert built.count("<h2>Stocks with much book value") == 1
    front = (tmp_path / "html" / "book" / "intro.html").read_text(encoding="utf-8")
    assert "Do value stocks beat growth stocks?" in front and "small caps" not in front.lower()


@pytest.mark.notebooks
@pytest.mark.slow
def test_a_certificate_of_the_example_verifies_and_fails_when_it_should(audit, tmp_path):
    """A fresh run agrees; a forged card, a changed byte and a changed certificate do not."""
    said = smallcap("--project", audit, "certificate", "--out", "c.yml", cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    text = (tmp_path / "c.yml").read_text(encoding="utf-8")
    assert "data/claims/fama-french-1992.yml" in text and "data/claims/001.yml" not in text

    def verify(*more):
        return smallcap("--project", audit, "certificate", "--verify", "c.yml", *more, cwd=tmp_path)

    done = verify()
    assert (done.returncode, "everything is as certified" in done.stdout) == (0, True), done.stderr
    run = smallcap("--project", audit, "run", "value_growth", "--out", "run", cwd=tmp_path)
    assert run.returncode == 0 and verify("--run", "run").returncode == 0
    card = tmp_path / "run" / "value_growth.ipynb"
    whole = card.read_text(encoding="utf-8")
    card.write_text(whole.replace("not distinguishable", "supported"), encoding="utf-8")
    assert card.read_text(encoding="utf-8") != whole
    forged = verify("--run", "run")
    assert forged.returncode == 1 and "value_growth.ipynb: not as certified" in forged.stderr
    claims = audit / FIRST
    claims.write_text(claims.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "fama-french-1992.yml: not as certified" in verify().stderr
    (tmp_path / "c.yml").write_text(text.replace("supported", "contradicted"), encoding="utf-8")
    assert verify().returncode == 2


def edited(name, before, after):
    """An edit of one file of the audit."""

    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    return edit


def without_tag(folder: Path) -> None:
    """Give the chapter a notebook whose parameters cell has no tag."""
    import nbformat

    cell = nbformat.v4.new_code_cell('as_of: str = "newest"\ndata: str = "bundled"')
    (folder / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "notebooks/value_growth.ipynb")


FIRST = "data/claims/fama-french-1992.yml"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder / "data" / "claims"), "it has no data/claims"),
        (
            lambda folder: [one.unlink() for one in (folder / "data/claims").glob("*.yml")],
            "holds no claims (*.yml)",
        ),
        (lambda folder: (folder / "data/chapters.yml").unlink(), "it has no data/chapters.yml"),
        (lambda folder: shutil.rmtree(folder), "is no folder"),
        (
            edited(FIRST, "design: mean_premium", "design: mean_premia"),
            "fama-french-1992.yml: claim 'value-pays', field design: unknown design 'mean_premia'",
        ),
        (
            edited(FIRST, "chapter: value_growth", "chapter: growth"),
            "fama-french-1992.yml: claim 'value-pays' (number 1), field chapter: unknown chapter",
        ),
        (without_tag, "value_growth.ipynb: no cells are tagged 'parameters'"),
    ],
)
def test_what_is_no_audit_is_one_line_and_exit_code_two(audit, tmp_path, spoil, said):
    """The line names the file and the remedy; nothing is written."""
    spoil(audit)
    done = smallcap("--project", audit, "run", "value_growth", "--out", "run", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    [line] = done.stderr.splitlines()
    assert said in line
    assert not (tmp_path / "run").exists()
