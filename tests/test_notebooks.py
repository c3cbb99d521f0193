"""The committed notebooks, as stored and at other dates."""

import ast
import json
import re

import nbformat
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import VERDICTS
from analysis.pages.chapter import chapters
from analysis.pages.parameters import parameters_of
from analysis.panel import load_dataset
from analysis.runs.execute import execute
from analysis.runs.notebooks import check_notebooks
from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names

NAMES = notebook_names()
CENTRAL = ["first_cut", "valuation_gap", "return_forecast"]
FIELDS = {
    "claim", "chapter", "kind", "verdict", "reason", "estimate", "unit", "ci_low", "ci_high",
    "p_value", "n", "effective_n", "mde", "more_needed", "null", "sample_start", "sample_end",
    "as_of", "data", "snapshot", "vintages", "criterion_hash", "fingerprint", "design", "finding",
    "sensitivity", "specifications", "left_out", "measures", "conditions", "p_adjusted", "joint_p",
    "seen_to", "reaches", "mixed", "usable_in_time", "in_time", "luck", "likelihood_ratio",
    "lr_low", "lr_high",
}  # fmt: skip
IMPORTED = ("analysis", "altair", "numpy", "pandas", "statsmodels")
NUMBERS = ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "joint_p", "n", "effective_n",
           "mde", "luck", "likelihood_ratio", "lr_low", "lr_high")  # fmt: skip


def _cells(name: str) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_stored_notebooks_are_whole_and_fresh():
    """Nothing stripped, failed, unjudged or older than the code and data that make it."""
    assert check_notebooks() == []


def test_every_chapter_has_its_notebook():
    """The notebooks are the chapters, no more and no fewer."""
    assert list(chapters()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_cell_says_what_the_model_says(name):
    """One tagged cell, hidden on the page, with the model's names, annotated, and its defaults."""
    [cell] = [cell for cell in _cells(name) if "parameters" in cell.metadata.get("tags", ())]
    assert {"hide-input", "remove-cell"} & set(cell.metadata.tags)
    written = {}
    for node in ast.parse(cell.source).body:
        assert isinstance(node, ast.AnnAssign), f"{ast.unparse(node)} carries no type"
        written[node.target.id] = ast.literal_eval(node.value)
    assert written == parameters_of(name)().model_dump(mode="json")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_reads_aloud(name):
    """No functions, no loops, and nothing imported but the package and what works by hand."""
    for cell in _cells(name):
        assert complaints(cell.source) == []


def complaints(source: str) -> list[str]:
    """What a notebook's cell may not hold."""
    forbidden = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While),
        *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Try, ast.With),
    )
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, forbidden):
            found.append(f"{type(node).__name__} in line {node.lineno}")
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        found += [m for m in modules if m.split(".")[0] not in IMPORTED]
    return found


def test_what_does_not_read_aloud_is_refused():
    """The rule has been seen to fail on each thing it forbids."""
    assert complaints("from analysis.pages.chapter import open_chapter\nimport altair as alt") == []
    for source in ("def f(): pass", "for x in y: pass", "import scipy", "from arch import unitroot",
                   "[x for x in y]", "f = lambda x: x", "class A: pass"):  # fmt: skip
        assert complaints(source), source


@pytest.mark.notebooks
@pytest.mark.slow
def test_the_central_notebooks_run_through_papermill_at_another_date(tmp_path, as_of="2007-12"):
    """Every claim gets a verdict or a reason from months up to the date."""
    execute(CENTRAL, {"as_of": as_of}, tmp_path)
    records = json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))
    check_records(records, as_of, CENTRAL)
    outputs = [
        json.dumps(output.get("data", {}), default=str)
        for path in sorted(tmp_path.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
    ]
    assert not later_months("\n".join(outputs), as_of)


@pytest.mark.quick("seasonality-1995-12", "allocation-2007-12")
@pytest.mark.notebooks
@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_at_another_date_and_sees_nothing_later(name, as_of, run_cells):
    """Its cells, run in this process, give verdicts from months up to the date."""
    records, shown = run_cells(name, as_of=as_of)
    check_records(records, as_of, [name])
    assert not later_months(shown, as_of)


@pytest.mark.notebooks
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_at_the_first_date_it_allows(name, run_cells):
    """Little data gives refusals with reasons, never a crash or an empty chart."""
    earliest = parameters_of(name).earliest
    records, _ = run_cells(name, as_of=earliest)
    claims = [claim.id for claim in load_claims().values() if claim.chapter == name]
    assert sorted(record["claim"] for record in records) == sorted(claims)
    for record in records:
        check_record(record)


@pytest.mark.slow
@pytest.mark.notebooks
@pytest.mark.parametrize("name", ["valuation_gap", "figures"])
def test_the_newest_run_names_no_month_and_says_how_far_each_table_reaches(name, run_cells):
    """Facts of 2026 may be read beside returns to 2018: the record says newest, and both ends."""
    reaches = load_dataset("bundled").reaches
    records, shown = run_cells(name)
    assert "with nothing cut" in shown
    for record in records:
        check_record(record)
        assert (record["as_of"], record["seen_to"]) == ("newest", "2018-11")
        assert record["reaches"].items() <= reaches.items(), record["claim"]
        assert record["likelihood_ratio"] is None or record["deviations"] == []
        assert record["mixed"].items() <= load_dataset("bundled").mixed.items()
        assert ("valuation" in record["mixed"]) is ("valuation" in record["reaches"]), record[
            "claim"
        ]


@pytest.mark.slow
@pytest.mark.notebooks
def test_a_card_on_the_derived_gap_names_the_mixture(run_cells):
    """The one mixture of vintages stands on the card of every claim that read the gap."""
    records, shown = run_cells("valuation_gap", as_of="2007-12")
    resting = [record for record in records if record["mixed"]]
    assert resting and shown.count("One mixture of vintages") >= len(
        [record for record in resting if record["verdict"]]
    )


def check_records(records: list[dict], as_of: str, names: list[str]) -> None:
    """Each claim of the chapters once, from months up to the date, by today's criterion."""
    claims = {key: claim for key, claim in load_claims().items() if claim.chapter in names}
    assert sorted(record["claim"] for record in records) == sorted(claims)
    for record in records:
        check_record(record)
        assert record["as_of"] == record["seen_to"] == as_of
        assert record["sample_end"] <= as_of, record["claim"]
        later = {name: last for name, last in record["reaches"].items() if last[:7] > as_of}
        assert later == {}, record["claim"]
        if claims[record["claim"]].kind == "figure":
            assert record["verdict"] is None, record["claim"]
            assert record["reason"].startswith("not yet made: the note is of "), record["claim"]
        assert record["criterion_hash"] == claims[record["claim"]].criterion_hash


def check_record(record: dict) -> None:
    """A verdict record as the machine-readable contract has it."""
    assert set(record) >= FIELDS, record["claim"]
    assert record["verdict"] in (*VERDICTS, None), record["claim"]
    assert record["reason"].strip(), record["claim"]
    assert record["data"] == "bundled"
    for name in NUMBERS:
        assert record[name] is None or isinstance(record[name], int | float), name
    if record["verdict"] == "not distinguishable":
        assert record["mde"] is not None, record["claim"]
    if record["estimate"] is not None:
        assert record["unit"] and record["null"] and record["finding"], record["claim"]
        assert re.fullmatch(r"\d{4}-\d\d", record["sample_end"]), record["claim"]


def later_months(text: str, as_of: str) -> list[str]:
    """Months after `as_of` that a chart or table names."""
    drawn = set(re.findall(r'"((?:19|20)\d\d-\d\d)', text))
    return sorted(month for month in drawn if month > as_of)
