"""What every test shares: required equipment, and small notebooks to run."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
import pytest

PARAMETERS_CELL = 'as_of: str = "newest"\ndata: str = "bundled"\nseed: int = 1\nhorizon: int = 12'
VERDICT_CELL = """from IPython.display import display
record = {"claim": "a-claim", "data": data, "verdict": "supported", "finding": "so", "reason": ""}
record |= {"as_of": as_of, "estimate": horizon / 100}
display({"application/vnd.smallcap.verdict+json": record, "text/plain": "card"}, raw=True)"""


#: Files that take longest begin first, so that no worker is left with one at the end.
LONGEST = (
    *("test_publishers", "test_texts_of_the_project", "test_notebooks", "test_site", "test_book"),
    *("test_calibration", "test_execute"),
)

#: Chapters that nbval executes among the quick checks; the others are slow.
QUICK_CHAPTERS = ("seasonality",)

REMEDIES = {
    "publishers": "set SMALLCAP_PUBLISHERS to a folder of the publishers' files to run this",
    "browser": "install a Chromium to run this",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs equipment the machine lacks, or fail where SMALLCAP_REQUIRE asks for it."""
    missing = {
        "publishers": not os.environ.get("SMALLCAP_PUBLISHERS"),
        "browser": find_chromium() is None,
    }
    required = set(os.environ.get("SMALLCAP_REQUIRE", "").split(",")) & set(missing)
    for item in items:
        # executed again, cell by cell, by nbval
        is_chapter = item.path.suffix == ".ipynb" and item.path.stem not in QUICK_CHAPTERS
        if is_chapter or _is_left_out(item):
            item.add_marker(pytest.mark.slow)
        for name in missing:
            if missing[name] and item.get_closest_marker(name) and name not in required:
                item.add_marker(pytest.mark.skip(reason=REMEDIES[name]))
    if not any("::" in name for name in config.args):
        _check_quick(items)
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONGEST))


def _check_quick(items: list[pytest.Item]) -> None:
    """No marker ``quick`` names a case that its test has not: it would leave out all in silence."""
    there: dict[Any, set[str]] = {}
    named: dict[Any, set[str]] = {}
    for item in items:
        if (quick := item.get_closest_marker("quick")) is not None:
            test = item.nodeid.partition("[")[0]
            there.setdefault(test, set()).add(item.callspec.id)  # type: ignore[attr-defined]
            named.setdefault(test, set()).update(quick.args)
    for test, ids in named.items():
        if unknown := ids - there[test]:
            raise pytest.UsageError(f"{test}: no case {sorted(unknown)} for its marker quick")


def _is_left_out(item: pytest.Item) -> bool:
    """Whether its marker ``quick`` names other cases than this one."""
    quick = item.get_closest_marker("quick")
    return quick is not None and item.callspec.id not in quick.args  # type: ignore[attr-defined]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip of required equipment into a failure: a server must not pass by skipping."""
    report = (yield).get_result()
    required = set(os.environ.get("SMALLCAP_REQUIRE", "").split(","))
    if report.skipped and any(item.get_closest_marker(name) for name in required if name):
        report.outcome = "failed"
        report.longrepr = f"skipped, but SMALLCAP_REQUIRE asks for it: {report.longrepr}"


@pytest.fixture(scope="session")
def publishers_folder() -> Path:
    """The publishers' real files, where the user has them."""
    folder = os.environ.get("SMALLCAP_PUBLISHERS")
    if not folder:
        pytest.skip("SMALLCAP_PUBLISHERS names no folder with the publishers' files")
    return Path(folder)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome, or None."""
    from shutil import which

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := which(name))), None)


def run_cells_here(name: str, **values: Any) -> tuple[list[dict[str, Any]], str]:
    """Run a notebook's cells in this process with other parameters, and show what each ends in.

    Returns
    -------
    records : list of dict
        Its verdicts, as :meth:`analysis.claims.verdicts.Verdict.as_record` gives them.
    shown : str
        Everything a reader would see, as text.
    """
    from analysis.pages.chapter import Card, Together
    from analysis.runs.plan import NOTEBOOKS_FOLDER
    from analysis.runs.templates import source_notebook

    namespace: dict[str, Any] = {"__name__": "__main__"}
    records, shown = [], []
    for cell in source_notebook(NOTEBOOKS_FOLDER / f"{name}.ipynb").cells:
        if cell.cell_type != "code":
            continue
        *body, last = ast.parse(cell.source).body or [ast.Pass()]
        if not isinstance(last, ast.Expr):
            body.append(last)
        exec(compile(ast.Module(body, []), f"{name}.ipynb", "exec"), namespace)
        if "parameters" in cell.metadata.get("tags", ()):
            namespace |= values
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"{name}.ipynb", "eval"), namespace)
            parts = value.parts if isinstance(value, Together) else (value,)
            shown += map(_show, parts)
            records += [one.verdict.as_record() for one in parts if isinstance(one, Card)]
    return records, "\n".join(shown)


def _show(value: Any) -> str:
    """What a notebook would display: a chart's specification, a table, a text, a card."""
    made = value.to_dict() if hasattr(value, "to_dict") else None
    for maker in ("_repr_mimebundle_", "_repr_html_", "_repr_markdown_"):
        if made is None and hasattr(value, maker):
            made = getattr(value, maker)()
    assert value is None or made, f"nothing to show of {value!r:.80}"
    return json.dumps(made, default=str)


@pytest.fixture(scope="session")
def run_cells():
    """The function that runs a notebook's cells in this process: name, then parameters."""
    return run_cells_here


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
    from analysis.pages.parameters import ChapterParameters
    from analysis.runs import fresh_book, plan  # a module first imported here would keep the fakes

    assert fresh_book.plan is plan.plan

    class Parameters(ChapterParameters):
        horizon: int = 12

    monkeypatch.setattr(plan, "parameters_of", lambda name: Parameters)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    write_tiny_notebook(folder / "first_cut.ipynb", "horizon", VERDICT_CELL)
    write_tiny_notebook(folder / "valuation_gap.ipynb", "'no verdict'")
    write_tiny_notebook(folder / "breadth.ipynb", "1", "\nhalf = 1 / 0\nhalf")
    return folder


@pytest.fixture(autouse=True)
def own_shelf(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test uses, or leaves, executed notebooks of the user or of another test."""
    folder = tmp_path_factory.getbasetemp() / f"executed-{uuid4().hex}"
    monkeypatch.setenv("SMALLCAP_REUSE", str(folder))


class Seen:
    """Stands in for a claim's arguments and notes which of them are read."""

    def __init__(self, arguments: Any, read: set[str]) -> None:
        self._arguments, self._read = arguments, read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._arguments, name)


class SeenGrid(Mapping[str, tuple[Any, ...]]):
    """Stands in for a claim's grid and notes which axes are read."""

    def __init__(self, grid: Mapping[str, tuple[Any, ...]], read: set[str]) -> None:
        self._grid, self._read = grid, read

    def __getitem__(self, axis: str) -> tuple[Any, ...]:
        self._read.add(axis)
        return self._grid[axis]

    def __iter__(self) -> Iterator[str]:
        return iter(self._grid)

    def __len__(self) -> int:
        return len(self._grid)


def unread_of(claim: Any, dataset: Any) -> list[str]:
    """Arguments and axes that a design did not use on a data set, each with what was missed.

    An axis counts as varied when the study's grid holds a row for each of its registered values:
    one that was run, or one that was left out with a reason.
    """
    from analysis.designs import Sampling, bind, find_design

    specification, read, axes = bind(claim), set[str](), set[str]()
    instrumented = replace(
        specification,
        arguments=Seen(specification.arguments, read),
        grid=SeenGrid(specification.grid, axes),
    )
    study = find_design(str(claim.design))(dataset, instrumented, Sampling(draws=99, seed=1))
    refused = study.finding.refusal is not None and (dataset.data == "bundled" or claim.untestable)
    if refused and claim.needs == "latest":
        return []
    # what only the words of a result need is read on the latest data, where there is a result
    unread = [] if refused else [name for name in claim.arguments if name not in read]
    missed = [f"argument {name}" for name in unread]
    for axis, values in specification.grid.items():
        if axis not in axes:
            missed.append(f"axis {axis}: not read")
        elif axis not in study.grid.columns:
            missed.append(f"axis {axis}: no column of the study's grid")
        elif left := set(values) - set(study.grid[axis]):
            missed.append(f"axis {axis}: no row for {sorted(map(str, left))}")
    ran = study.grid["reason"].eq("") if len(study.grid) else []
    if specification.grid and study.finding.refusal is None and not any(ran):
        missed.append("no specification of the grid was run")
    return missed


@pytest.fixture(scope="session")
def unread():
    """The function that instruments a claim's design: claim, then data set."""
    return unread_of
