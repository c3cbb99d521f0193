"""Executed notebooks used again: only while nothing changed, never damaged, never another's."""

import json
import os
import subprocess
import sys
import threading
from contextlib import nullcontext

import nbformat
import pytest

from analysis.files import PROJECT
from analysis.runs import reuse
from analysis.runs.execute import execute, run_all
from analysis.runs.folders import filling, stands
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run
from analysis.runs.reuse import Shelf, state_of


def ran(source="x = 1", output="1"):
    """A notebook as it ends."""
    cell = nbformat.v4.new_code_cell(source, id="cell", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text=output)]
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.fixture
def run(tmp_path, write_notebook):
    """One small notebook to run."""
    return Run("first_cut", write_notebook(tmp_path / "first_cut.ipynb", "1"), {"horizon": 6})


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


def keep(shelf, run, notebook=None):
    """Ask for a run, find nothing, and keep what it gave."""
    assert shelf.take(run) is None
    shelf.keep(run, notebook or ran())


def test_what_was_kept_comes_back_as_it_was(shelf, run):
    """The same text, in this shelf and in another on the same folder."""
    keep(shelf, run)
    for again in (shelf, Shelf(shelf.folder.parent)):
        assert nbformat.writes(again.take(run)) == nbformat.writes(ran())
        assert again.taken == [str(run)]


def test_it_comes_back_for_the_same_inputs_only(shelf, run, monkeypatch, write_notebook):
    """Other parameters, cells, libraries, ledger or way of running find nothing."""
    keep(shelf, run)
    assert shelf.take(Run("first_cut", run.source, {"horizon": 12})) is None
    assert shelf.take(Run("first_cut", run.source, {"horizon": 6.0})) is None
    with monkeypatch.context() as patched:
        patched.setattr(reuse, "environment", lambda: "others")
        assert shelf.take(run) is None
    with monkeypatch.context() as patched:
        patched.setattr(reuse, "_RUN_BY", ("execute",))
        assert shelf.take(run) is None
    with monkeypatch.context() as patched:
        patched.setattr(reuse, "SETTLED_BY", ("data/sources.yml",))
        assert shelf.take(run) is None
    assert shelf.take(run) is not None
    write_notebook(run.source, "2")
    assert shelf.take(run) is None


def test_code_and_data_within_reach_count(shelf, run, monkeypatch):
    """The parts of the fingerprint decide, one by one, and the reason names what changed."""
    said = []
    told = Shelf(shelf.folder.parent, explain=said.append)
    real = reuse.named_parts
    keep(told, run)
    told.take(run)
    monkeypatch.setattr(
        reuse, "named_parts", lambda *a, **k: real(*a, **k) | {"analysis/panel/legs.py": "other"}
    )
    # the parts themselves are kept while the project's files are as they were
    assert told.take(run) is not None
    monkeypatch.setattr(reuse, "_tree", lambda run: "another tree")
    assert told.take(run) is None
    assert said == [
        "first_cut: not run before, or no longer kept",
        "first_cut: unchanged since it was last run",
        "first_cut: unchanged since it was last run",
        "first_cut: run again, for what changed: analysis/panel/legs.py",
    ]


def test_force_runs_again_and_keeps_that(shelf, run):
    """What is found afterwards is the later one."""
    keep(shelf, run)
    forced = Shelf(shelf.folder.parent, force=True)
    keep(forced, run, ran(output="2"))
    assert nbformat.writes(shelf.take(run)) == nbformat.writes(ran(output="2"))


def test_what_changed_while_it_ran_is_not_kept(shelf, run, write_notebook):
    """Nobody knows whether the outputs are of the cells before or after."""
    assert shelf.take(run) is None
    write_notebook(run.source, "2")
    shelf.keep(run, ran())
    write_notebook(run.source, "1")
    assert shelf.take(run) is None


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "another"])
def test_a_damaged_entry_is_found_and_made_again(shelf, run, damage, capsys):
    """Cut short, one bit turned, empty, or another value of the right form: as if not there."""
    keep(shelf, run)
    [file] = (shelf.folder / "notebooks").rglob("output.pkl")
    content = bytearray(file.read_bytes())
    if damage == "another":
        from joblib import dump, load

        given, value = load(file)
        dump((given, value | {"text": value["text"].replace("x = 1", "x = 2")}), file)
    else:
        content[len(content) // 2] ^= 4
        file.write_bytes({"cut": content[:-20], "flip": content, "empty": b""}[damage])
    assert [entry.sound for entry in shelf.entries()] == [False]
    assert "damaged" in shelf.lines(each=True)[0]
    keep(shelf, run)
    assert shelf.take(run) is not None
    assert [entry.sound for entry in shelf.entries()] == [True]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "another"])
def test_damaged_parts_are_found_and_made_again(shelf, run, damage, monkeypatch, capfd):
    """What decides a notebook has a checksum too, so another list of that form is not believed."""
    made, parts = [], {"analysis/panel/legs.py": "one", "data/sources.yml": "two"}
    monkeypatch.setattr(reuse, "named_parts", lambda *a, **k: made.append(a) or parts)
    keep(shelf, run)
    assert shelf.take(run) is not None and len(made) == 1

    def spoil():
        [file] = (shelf.folder / "parts").rglob("output.pkl")
        if damage == "another":
            from joblib import dump, load

            given, parts = load(file)
            dump((given, dict.fromkeys(parts, "other")), file)
            return
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 4
        file.write_bytes({"cut": content[:-20], "flip": content, "empty": b""}[damage])

    spoil()
    assert nbformat.writes(shelf.take(run)) == nbformat.writes(ran())
    assert len(made) == 2
    spoil()
    assert (shelf.verify(), shelf.verify()) == ((0, 1), (0, 0))
    assert shelf.take(run) is not None and len(made) == 3
    assert shelf.take(run) is not None and len(made) == 3
    assert capfd.readouterr().err == ""


def test_verify_removes_what_is_damaged_and_prune_what_is_too_much(shelf, run):
    """The sound one stays; a limit of nothing leaves nothing."""
    keep(shelf, run)
    keep(shelf, Run("first_cut", run.source, {"horizon": 7}))
    next((shelf.folder / "notebooks").rglob("output.pkl")).write_bytes(b"")
    assert (shelf.verify(), shelf.verify()) == ((1, 0), (0, 0))
    assert len(list(shelf.entries())) == 1
    assert (shelf.prune(), shelf.prune(0), shelf.prune(0)) == (0, 1, 0)


def test_another_form_of_the_store_is_not_read(shelf, run, monkeypatch):
    """Neither the folder nor the key of an earlier form is looked at."""
    keep(shelf, run)
    monkeypatch.setattr(reuse, "FORMAT", reuse.FORMAT + 1)
    assert Shelf(shelf.folder.parent).take(run) is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(run, tmp_path):
    """One sentence; the notebooks run."""
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file")
    assert shelf.take(run) is None
    shelf.keep(run, ran())
    assert "no notebook is kept" in shelf.fault


@pytest.mark.slow
def test_many_keep_and_take_at_once(tmp_path, run):
    """Every notebook that comes back is whole."""
    found = []

    def work():
        shelf = Shelf(tmp_path / "shelf")
        for _ in range(5):
            if (kept := shelf.take(run)) is None:
                shelf.keep(run, ran())
            else:
                found.append(nbformat.writes(kept))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {nbformat.writes(ran())}


def test_the_folder_is_outside_the_project_by_default(monkeypatch, tmp_path):
    """In the cache folder, which a variable moves."""
    monkeypatch.delenv(reuse.SHELF_VARIABLE)
    monkeypatch.delenv("SMALLCAP_CACHE", raising=False)
    assert not reuse.shelf_folder().is_relative_to(PROJECT)
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path))
    assert reuse.shelf_folder() == tmp_path / "executed"


@pytest.mark.slow
@pytest.mark.notebooks
def test_a_second_run_starts_no_kernel_and_writes_the_same(tiny_notebooks, tmp_path, monkeypatch):
    """The same bytes; a changed parameter runs its notebook alone."""
    from analysis.runs import execute as execution

    names, out = ["first_cut", "valuation_gap"], [tmp_path / "one", tmp_path / "two"]
    execute(names, {}, out[0], folder=tiny_notebooks, shelf=Shelf(tmp_path / "shelf"))
    with monkeypatch.context() as patched:
        patched.setattr(execution, "_papermill", lambda *_: pytest.fail("a kernel was started"))
        again = Shelf(tmp_path / "shelf")
        execute(names, {}, out[1], folder=tiny_notebooks, shelf=again)
        assert sorted(again.taken) == names
    for name in ("first_cut.ipynb", "valuation_gap.ipynb", "verdicts.json"):
        assert (out[0] / name).read_bytes() == (out[1] / name).read_bytes()
    third = Shelf(tmp_path / "shelf")
    runs = [Run(name, tiny_notebooks / f"{name}.ipynb") for name in names]
    runs[0].parameters["horizon"] = 3
    assert [run.name for run, _ in run_all(runs, shelf=third)] == ["valuation_gap", "first_cut"]
    assert third.taken == ["valuation_gap"]


def test_a_site_stands_while_its_files_and_what_made_it_are_the_same(tmp_path):
    """Another state, a changed, a missing and an added file are told apart."""
    out = tmp_path / "site"
    with filling(out, "book", keep=False, state="one") as fresh:
        (fresh / "a").mkdir()
        (fresh / "a" / "page.html").write_text("1")
    assert stands(out, "book", "one")
    assert not stands(out, "book", "two") and not stands(out, "run", "one")
    assert not stands(tmp_path / "none", "book", "one")
    (out / "more.html").write_text("1")
    assert not stands(out, "book", "one")
    (out / "more.html").unlink()
    (out / "a" / "page.html").write_text("2")
    assert not stands(out, "book", "one")


def test_the_state_of_a_book_follows_its_parameters_and_notebooks(tmp_path, write_notebook):
    """And is the same in another process, with another seed of hashes."""
    write_notebook(tmp_path / "a.ipynb", "1")
    before = state_of({}, tmp_path)
    assert state_of({"as_of": "2007-12"}, tmp_path) != before
    write_notebook(tmp_path / "a.ipynb", "2")
    assert state_of({}, tmp_path) != before
    code = "from analysis.runs.reuse import *; from analysis.runs.plan import NOTEBOOKS_FOLDER as f"
    command = [sys.executable, "-c", f"{code}; print(state_of({{}}, f))"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True
    )
    assert done.stdout.strip() == state_of({}, NOTEBOOKS_FOLDER), done.stderr


def test_the_verb_lists_sizes_prunes_and_verifies(monkeypatch, capsys, run, tmp_path):
    """Every task ends with a line; what was damaged ends with exit code 1."""
    from analysis import __main__ as command_line

    monkeypatch.setenv(reuse.SHELF_VARIABLE, str(tmp_path / "shelf"))

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["smallcap", "cache", *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return ended.value.code or 0, capsys.readouterr()

    keep(Shelf(), run)
    assert call("list")[1].out.splitlines()[0].endswith("first_cut")
    assert call("size")[1].out.startswith("1 notebooks, 0.0 MB in ")
    assert call("verify")[0] == 0
    next((Shelf().folder / "notebooks").rglob("output.pkl")).write_bytes(b"")
    code, said = call("verify")
    assert (code, "1 damaged notebooks removed" in said.err) == (1, True)
    next((Shelf().folder / "parts").rglob("output.pkl")).write_bytes(b"")
    code, said = call("verify")
    assert (code, "1 damaged lists of what decides a notebook" in said.err) == (1, True)
    assert call("verify")[0] == 0
    keep(Shelf(), run)
    assert call("prune", "--to", "0")[1].out.startswith("removed: 1; ")
    assert json.dumps([entry.label for entry in Shelf().entries()]) == "[]"


def test_a_book_that_nothing_changed_for_is_left_alone(monkeypatch, tmp_path, capsys):
    """The second call executes and builds nothing; a changed page, or --force, does."""
    from analysis import __main__ as command_line
    from analysis.runs import book, fresh_book

    done = []

    def sources(notebooks, ledger, stage, **_):
        stage.mkdir()
        (stage / "_config.yml").write_text("title: T\n")

    def pages(stage, place, jobs, waiting):
        done.append("built")
        (place / "html").mkdir(parents=True, exist_ok=True)
        (place / "html" / "index.html").write_text("new")
        return place / "html"

    monkeypatch.setattr(
        fresh_book, "execute_planned", lambda *_, **__: done.append("executed") or []
    )
    monkeypatch.setattr(fresh_book, "warming", lambda _: nullcontext())
    for module in (book, fresh_book):
        monkeypatch.setattr(module, "Waiting", nullcontext)
    monkeypatch.setattr(fresh_book, "check_notebooks", lambda *_, **__: [])
    monkeypatch.setattr(fresh_book, "update_ledger", lambda stored, _: stored)
    monkeypatch.setattr(fresh_book, "plan", lambda *_, **__: None)
    monkeypatch.setattr(book, "stage_book", sources)
    monkeypatch.setattr(book, "_build", pages)
    monkeypatch.setenv(reuse.SHELF_VARIABLE, str(tmp_path / "shelf"))

    def call(*words):
        done.clear()
        out = str(tmp_path / "site")
        monkeypatch.setattr(sys, "argv", ["smallcap", "book", "--out", out, *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        assert not ended.value.code, capsys.readouterr().err
        return list(done)

    assert call() == ["executed", "built"]
    assert call() == []
    assert capsys.readouterr().out.splitlines()[-1].startswith("unchanged since it was built: ")
    assert call("--force") == ["executed", "built"]
    assert call("--as-of", "2007-12") == ["executed", "built"]
    assert call("--as-of", "2007-12") == []
    (tmp_path / "site" / "index.html").write_text("another")
    assert call("--as-of", "2007-12") == ["executed", "built"]
