"""The guard over committed notebooks, and storing them anew."""

import nbformat
import pytest

from analysis.runs import notebooks as committed
from analysis.runs.fingerprints import fingerprint
from analysis.runs.notebooks import check_notebooks, refresh
from analysis.runs.outputs import VERDICT_MIME

V4 = nbformat.v4
_VERDICT = V4.new_output("display_data", {VERDICT_MIME: {"claim": "only-claim"}})


def _write(folder, name="first_cut", **cell):
    output = V4.new_output("stream", text="fine\n")
    tags = {"tags": ["parameters"]}
    cell = {"execution_count": 1, "outputs": [output, _VERDICT], "metadata": tags} | cell
    path = folder / f"{name}.ipynb"
    nbformat.write(V4.new_notebook(cells=[V4.new_code_cell("x = 1", **cell)]), path)
    return path


@pytest.fixture
def one_claim(monkeypatch):
    """The chapter first_cut has one claim."""
    from types import SimpleNamespace

    claim = SimpleNamespace(id="only-claim", chapter="first_cut")
    monkeypatch.setattr(committed, "load_claims", lambda: {"only-claim": claim})


def test_a_whole_notebook_passes(tmp_path, one_claim):
    """With outputs, counts and its verdict there is nothing to say, but for its age."""
    path = _write(tmp_path)
    assert check_notebooks(tmp_path, stale=False) == []
    assert check_notebooks(tmp_path) == [
        "first_cut.ipynb: stale: code, data or cells changed since it was run; run make notebooks"
    ]
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["smallcap"] = {"fingerprint": fingerprint(path)}
    nbformat.write(notebook, path)
    assert check_notebooks(tmp_path) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"outputs": []}, "stripped"),
        ({"execution_count": None}, "never run"),
        ({"outputs": [V4.new_output("error", ename="E", evalue="no")]}, "carries an error: E: no"),
        ({"outputs": [V4.new_output("error", ename="E", evalue="")]}, "carries an error: E"),
        ({"outputs": [V4.new_output("stream", name="stderr", text="w")]}, "carries a warning"),
        ({"outputs": [V4.new_output("stream", text="see /home/me/x")]}, "path of a machine"),
        ({"metadata": {"at": "/tmp/x/first_cut.ipynb"}}, "path of a machine"),
        ({"metadata": {"at": "2026-01-01T10:00:00"}}, "time of a run"),
        ({"outputs": [V4.new_output("stream", text="fine")]}, "no verdict on only-claim"),
        (
            {"outputs": [V4.new_output("display_data", {VERDICT_MIME: {"claim": "other"}})]},
            "other chapters: other",
        ),
        (
            {"outputs": [_VERDICT, _VERDICT]},
            "judges twice: only-claim",
        ),
        ({"metadata": {}}, "no cells tagged 'parameters'"),
    ],
)
def test_each_fault_is_named(tmp_path, one_claim, cell, said):
    """A planted fault gives a line that names the notebook and the fault."""
    _write(tmp_path, **cell)
    lines = check_notebooks(tmp_path, stale=False)
    assert any(line.startswith("first_cut.ipynb: ") and said in line for line in lines)


@pytest.mark.notebooks
def test_refresh_stores_outputs_fingerprint_and_ledger(tiny_notebooks, tmp_path, monkeypatch):
    """The stored notebook carries its outputs and fingerprint; the ledger gets its verdict."""
    for name in ("breadth", "valuation_gap"):
        (tiny_notebooks / f"{name}.ipynb").unlink()
    seen = {}
    monkeypatch.setattr(committed, "update_ledger", lambda stored, records: seen.update(r=records))
    monkeypatch.setattr(committed, "write_ledger", lambda table, path: seen.update(path=path))
    refresh(folder=tiny_notebooks, ledger=tmp_path / "ledger.csv")
    stored = nbformat.read(tiny_notebooks / "first_cut.ipynb", as_version=4)
    assert stored.metadata["smallcap"]["fingerprint"] == fingerprint(
        tiny_notebooks / "first_cut.ipynb"
    )
    assert stored.cells[1].outputs[0]["data"]["text/plain"] == "12"
    assert [record["claim"] for record in seen["r"]] == ["a-claim"]
    assert seen["path"] == tmp_path / "ledger.csv"


@pytest.mark.notebooks
def test_refresh_stores_nothing_when_one_fails(tiny_notebooks, tmp_path):
    """One of three fails: all stored notebooks keep their bytes and no ledger appears."""
    before = {path: path.read_bytes() for path in tiny_notebooks.iterdir()}
    with pytest.raises(committed.NotebookError, match="breadth, cell 3"):
        refresh(folder=tiny_notebooks, ledger=tmp_path / "ledger.csv")
    assert {path: path.read_bytes() for path in tiny_notebooks.iterdir()} == before
    assert not (tmp_path / "ledger.csv").exists()


def test_an_empty_folder_is_no_set_of_notebooks(tmp_path):
    """Nothing to check is bad input and no pass."""
    with pytest.raises(committed.InputError, match="no notebooks"):
        check_notebooks(tmp_path)
