"""Certificates: what they hold, and every way in which a run can depart from one."""

import shutil

import pytest
import yaml

from analysis.results import InputError
from analysis.runs import certificates
from analysis.runs.certificates import (
    make_certificate,
    read_certificate,
    verify_certificate,
    write_certificate,
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project of one claim file and one line of code, in place of the whole."""
    (tmp_path / "data" / "claims").mkdir(parents=True)
    (tmp_path / "data" / "claims" / "a.yml").write_text("id: a\n")
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "code.py").write_text("x = 1\n")
    monkeypatch.setattr(certificates, "CODE", tmp_path)
    monkeypatch.setattr(certificates, "PROJECT", tmp_path)
    return tmp_path


@pytest.fixture
def execute(write_notebook):
    """Stands in for a run: writes a notebook with one verdict."""

    def run(names, given, folder, estimate="0.5"):
        import nbformat

        folder.mkdir(parents=True)
        path = write_notebook(folder / f"{names[0]}.ipynb", "1")
        notebook = nbformat.read(path, as_version=4)
        record = {"claim": "a-claim", "verdict": "supported", "estimate": float(estimate)}
        notebook.cells[-1].outputs = [
            nbformat.v4.new_output(
                "display_data", {"application/vnd.smallcap.verdict+json": record}
            )
        ]
        nbformat.write(notebook, path)
        return [path]

    return run


@pytest.fixture
def certified(project, execute):
    """A certificate of one run."""
    return write_certificate(make_certificate(["one"], {}, execute), project / "c.yml")


def test_a_certificate_names_what_went_in_and_came_out(certified):
    """Command, claims to be time-stamped, checksums of inputs and outputs, the verdict."""
    held = read_certificate(certified)
    assert held["commands"] == ["smallcap run one"]
    assert list(held["stamp"]) == ["data/claims/a.yml"]
    assert list(held["inputs"]) == ["analysis/code.py", "data/claims/a.yml"]
    assert all(len(text) == 64 for text in [*held["inputs"].values(), *held["outputs"].values()])
    assert held["verdicts"]["a-claim"]["verdict"] == "supported"
    assert held["environment"]["python"] and held["environment"]["numpy"]


def test_an_audit_of_ones_own_is_certified_by_its_own_claims(
    project, tmp_path_factory, monkeypatch
):
    """Of the code's folder the code counts, and no claim or notebook of another audit."""
    mine = tmp_path_factory.mktemp("mine")
    (mine / "data" / "claims").mkdir(parents=True)
    (mine / "data" / "claims" / "b.yml").write_text("id: b\n")
    (project / "data" / "facts.csv").write_text("a\n")
    monkeypatch.setattr(certificates, "PROJECT", mine)
    assert list(certificates.input_checksums()) == [
        "analysis/code.py", "data/facts.csv", "data/claims/b.yml",
    ]  # fmt: skip


def test_the_same_run_is_as_certified(certified, execute):
    """Nothing to say."""
    assert verify_certificate(certified, execute) == []


def test_a_changed_byte_of_the_inputs_is_named(certified, project, execute):
    """Before anything is run."""
    (project / "analysis" / "code.py").write_text("x = 2\n")
    (project / "data" / "new.csv").write_text("a\n")
    assert verify_certificate(certified, lambda *_: pytest.fail("it was run")) == [
        "input analysis/code.py: not as certified",
        "input data/new.csv: there now, and not certified",
    ]


def test_another_result_is_named(certified, execute):
    """The verdict with both estimates, and the output whose bytes differ."""

    def other(names, given, folder):
        return execute(names, given, folder, "0.4")

    problems = verify_certificate(certified, other)
    assert problems == [
        "verdict on a-claim: supported (estimate 0.5) certified, supported (estimate 0.4) now",
        "output one.ipynb: not as certified",
    ]


def test_a_forged_card_in_a_folder_fails(certified, execute, tmp_path):
    """The folder of the run is as certified until one word of a card is changed."""
    folder = tmp_path / "run"
    [path] = execute(["one"], {}, folder)
    assert verify_certificate(certified, execute, folder) == []
    path.write_text(path.read_text().replace('"supported"', '"contradicted"'))
    assert verify_certificate(certified, execute, folder) == ["output one.ipynb: not as certified"]
    path.unlink()
    [line] = verify_certificate(certified, execute, folder)
    assert line == "output one.ipynb: certified, and not there now"
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="is no folder"):
        verify_certificate(certified, execute, folder)


def test_a_forged_certificate_is_refused(certified):
    """Its own checksum tells; so does a file that is none."""
    held = yaml.safe_load(certified.read_text())
    held["verdicts"]["a-claim"]["verdict"] = "contradicted"
    certified.write_text(yaml.safe_dump(held))
    with pytest.raises(InputError, match=r"c\.yml: changed after it was written"):
        read_certificate(certified)
    certified.write_text("a: 1\n")
    with pytest.raises(InputError, match=r"c\.yml: no certificate"):
        read_certificate(certified)
