"""What every test shares: required equipment, and small notebooks to run."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

PARAMETERS_CELL = 'as_of: str = "newest"\ndata: str = "bundled"\nseed: int = 1\nhorizon: int = 12'
VERDICT_CELL = """from IPython.display import display
record = {"claim": "a-claim", "data": data, "verdict": "supported", "finding": "so", "reason": ""}
record |= {"as_of": as_of, "estimate": horizon / 100}
display({"application/vnd.smallcap.verdict+json": record, "text/plain": "card"}, raw=True)"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs equipment the machine lacks, or fail where SMALLCAP_REQUIRE asks for it."""
    missing = {
        "publishers": not os.environ.get("SMALLCAP_PUBLISHERS"),
        "browser": find_chromium() is None,
    }
    required = set(os.environ.get("SMALLCAP_REQUIRE", "").split(",")) & set(missing)
    for item in items:
        for name in missing:
            if missing[name] and item.get_closest_marker(name) and name not in required:
                item.add_marker(pytest.mark.skip(reason=f"no {name} on this machine"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip of required equipment into a failure: a server must not pass by skipping."""
    report = (yield).get_result()
    required = set(os.environ.get("SMALLCAP_REQUIRE", "").split(","))
    if report.skipped and any(item.get_closest_marker(name) for name in required if name):
        report.outcome = "failed"
        report.longrepr = f"skipped, but SMALLCAP_REQUIRE asks for it: {report.longrepr}"


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome, or None."""
    from shutil import which

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := which(name))), None)


def write_tiny_notebook(path: Path, *cells: str) -> Path:
    """A notebook with a parameters cell and the given code cells."""
    parameters = nbformat.v4.new_code_cell(PARAMETERS_CELL, id="parameters")
    parameters.metadata["tags"] = ["parameters"]
    code = [
        nbformat.v4.new_code_cell(text, id=f"cell-{number}") for number, text in enumerate(cells)
    ]
    kernel = {"name": "not-installed", "display_name": "Elsewhere", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[parameters, *code], metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def write_notebook():
    """The function that writes a tiny notebook: path, then code cells."""
    return write_tiny_notebook


@pytest.fixture
def tiny_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two notebooks that run and one that fails, under names of chapters."""
    from analysis.checks.parameters import ChapterParameters
    from analysis.runs import plan

    class Parameters(ChapterParameters):
        horizon: int = 12

    monkeypatch.setattr(plan, "parameters_of", lambda name: Parameters)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write_tiny_notebook(folder / "first_cut.ipynb", "horizon", VERDICT_CELL)
    write_tiny_notebook(folder / "valuation_gap.ipynb", "'no verdict'")
    write_tiny_notebook(folder / "breadth.ipynb", "1", "\nhalf = 1 / 0\nhalf")
    return folder
