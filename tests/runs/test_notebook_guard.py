"""The guard over committed notebooks, and storing them anew."""

import copy
import re

import nbformat
import pytest

from analysis.claims import Claim
from analysis.claims.ledger import (
    COLUMNS,
    KEY,
    NOT_COMPARED,
    SETTLED,
    ledger_records,
    ledger_rows,
)
from analysis.pages.answers import ANSWER_MIME, answer_bundle
from analysis.pages.cards import card_bundle
from analysis.runs import notebooks as committed
from analysis.runs import settling
from analysis.runs.fingerprints import fingerprint
from analysis.runs.notebooks import check_notebooks, refresh
from analysis.runs.outputs import VERDICT_MIME, digest_outputs

V4 = nbformat.v4

CLAIM = Claim(
    id="only-claim",
    text="Small beats large after a first cut.",
    documents=("000",),
    kind="core",
    chapter="first_cut",
    estimand="mean difference over twelve months",
    design="event_study",
    needs="bundled",
    criterion={"words": "supported when the interval excludes zero"},
    change_our_mind="more events with the same mean",
)
CLAIMS = {CLAIM.id: CLAIM}
RECORD = {
    "claim": "only-claim", "data": "bundled", "chapter": "first_cut", "kind": "core",
    "verdict": "supported", "reason": "mean = 0.05 against mean > 0", "estimate": 0.05,
    "unit": "decimal return", "p_value": 0.02, "n": 12, "finding": "Small led by 0.05.",
    "null": "none",
    "sample_start": "1954-01", "sample_end": "2018-11", "as_of": "newest", "seen_to": "2018-11",
    "criterion_hash": CLAIM.criterion_hash, "deviations": [], "conditions": [
        {"verdict": "supported", "measure": "mean", "op": ">", "threshold": 0, "value": 0.05,
         "unit": "", "holds": True}],
}  # fmt: skip
LEDGER = ledger_rows([RECORD], CLAIMS)
ROW = ledger_records(LEDGER)[0] | {"deviations": []}
_VERDICT = V4.new_output("display_data", card_bundle(ROW, CLAIM))
_ANSWER = V4.new_output("display_data", answer_bundle([ROW], CLAIMS))


def _write(folder, name="first_cut", **cell):
    output = V4.new_output("stream", text="fine\n")
    tags = {"tags": ["parameters"]}
    outputs = [output, _VERDICT, _ANSWER]
    cell = {"execution_count": 1, "outputs": outputs, "metadata": tags} | cell
    path = folder / f"{name}.ipynb"
    nbformat.write(V4.new_notebook(cells=[V4.new_code_cell("x = 1", **copy.deepcopy(cell))]), path)
    return path


def check(folder, **how):
    """What the guard says of a folder beside the ledger of one claim."""
    return check_notebooks(folder, ledger=LEDGER, **how)


def store(path):
    """Give a notebook what a refresh stores with it."""
    notebook = nbformat.read(path, as_version=4)
    made = {"fingerprint": fingerprint(path), "outputs": digest_outputs(notebook)}
    notebook.metadata["smallcap"] = made
    nbformat.write(notebook, path)


@pytest.fixture
def one_claim(monkeypatch):
    """The chapter first_cut has one claim."""
    for module in (committed, settling):
        monkeypatch.setattr(module, "load_claims", lambda: CLAIMS)


def test_a_whole_notebook_passes(tmp_path, one_claim):
    """With outputs, counts and its verdict there is nothing to say, but for its age."""
    path = _write(tmp_path)
    assert check(tmp_path, stale=False) == []
    changed, stale = check(tmp_path)
    assert "its outputs are not those it was stored with" in changed
    assert stale == (
        "first_cut.ipynb: stale: code, data or cells changed since it was run; run make notebooks"
    )
    store(path)
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"outputs": []}, "stripped"),
        ({"execution_count": None}, "never run"),
        ({"outputs": [V4.new_output("error", ename="E", evalue="no")]}, "carries an error: E: no"),
        ({"outputs": [V4.new_output("error", ename="E", evalue="")]}, "carries an error: E"),
        ({"outputs": [V4.new_output("stream", name="stderr", text="w")]}, "carries a warning"),
        ({"outputs": [V4.new_output("stream", text="see /home/me/x")]}, "path of a machine"),
        ({"metadata": {"at": "/home/reader/first_cut.ipynb"}}, "path of a machine"),
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
    lines = check(tmp_path, stale=False)
    assert any(line.startswith("first_cut.ipynb: ") and said in line for line in lines)


_CHART = {"mark": "line", "data": {"values": [{"month": "2018-11", "lead": 0.05}]}}
_SHOWN = [
    V4.new_output("stream", text="fine\n"), _VERDICT, _ANSWER,
    V4.new_output("display_data", {"text/html": "<table><tr><td>0.05</td></tr></table>",
                                   "text/plain": "a table: 0.05"}),
    V4.new_output("display_data", {"application/vnd.vegalite.v6+json": _CHART,
                                   "text/plain": "a chart"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "kind", "old", "new"),
    [
        (3, "text/html", "0.05", "0.06"),
        (3, "text/plain", "0.05", "0.06"),
        (4, "application/vnd.vegalite.v6+json", "0.05", "0.06"),
        (4, "text/plain", "a chart", "another chart"),
        (0, "", "fine", "finer"),
    ],
)
def test_a_forged_table_chart_or_text_is_refused(tmp_path, one_claim, at, kind, old, new):
    """One number of a table, one of a chart's data, its words, a printed line: each is seen."""
    path = _write(tmp_path, outputs=_SHOWN)
    store(path)
    assert check(tmp_path) == []
    notebook = nbformat.read(path, as_version=4)
    output = notebook.cells[0].outputs[at]
    if not kind:
        output["text"] = output["text"].replace(old, new)
    elif isinstance(output["data"][kind], str):
        output["data"][kind] = output["data"][kind].replace(old, new)
    else:
        output["data"][kind]["data"]["values"][0]["lead"] = float(new)
    nbformat.write(notebook, path)
    [said] = check(tmp_path)
    assert said.startswith("first_cut.ipynb: its outputs are not those it was stored with")


def _other(value):
    """The least a forger would change of a field: a number's third digit, a word, a flag."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value * 1.01 + (value == 0)
    if isinstance(value, str):
        # a number inside words is the worst of them
        return re.sub("[0-9]", "7", value, count=1) if re.search("[0-9]", value) else f"{value}!"
    if isinstance(value, dict):
        return {name: _other(one) for name, one in value.items()}
    if value and isinstance(value[0], str):
        return [_other(value[0]), *value[1:]]
    return [*value, {}] if value == [] else [{**value[0], "value": 9.0}, *value[1:]]


#: A record with a value in every field of the ledger.
_FULL = RECORD | {
    "design": "event_study", "likelihood_ratio": 2.0, "lr_low": 1.0, "lr_high": 4.0, "power": 0.5,
    "usable_in_time": True, "in_time": "It held.", "ci_low": 0.01, "ci_high": 0.09,
    "p_adjusted": 0.02, "joint_p": 0.03, "effective_n": 11.0, "mde": 0.04, "more_needed": "9 more",
    "luck": 0.1, "specifications": 12, "left_out": 3, "reaches": {"monthly": "2018-11"},
    "mixed": {"valuation": "202604"}, "cautions": {"x": "ends early"}, "snapshot": "s",
    "vintages": {"french/x": "202604"}, "sensitivity": "Others agree.", "measures": {"mean": 0.05},
    "carried_by": ["1967"], "open_until": "2026-11-30",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(set(COLUMNS) - {*KEY, *NOT_COMPARED, *SETTLED}))
def test_every_field_of_a_card_is_held_against_the_ledger(tmp_path, one_claim, field):
    """Changed one at a time, in the record and in the card made of it."""
    table = ledger_rows([_FULL], CLAIMS)
    row = ledger_records(table)[0] | {"deviations": []}
    _write(tmp_path, outputs=outputs_of(row))
    assert check_notebooks(tmp_path, ledger=table, stale=False) == []
    # power is the audit's, which knows nothing of a made-up claim
    audited = field in ("power", "power_smallest", "smallest_effect")
    assert audited or row[field] not in (None, "", {}, []), "nothing would be tested"
    _write(tmp_path, outputs=outputs_of({**row, field: _other(row[field] or 0.0)}))
    said = check_notebooks(tmp_path, ledger=table, stale=False)
    assert any(field in line for line in said), (field, said)


def outputs_of(record):
    """A card and an answer made of a record, as its notebook would hold them."""
    return [
        V4.new_output("display_data", card_bundle(record, CLAIM)),
        V4.new_output("display_data", answer_bundle([record], CLAIMS)),
    ]


def forged(changes=None, card=None, answer=None, lacks=()):
    """Outputs with a record changed, a card of other words, an answer of other words."""
    record = {**ROW, **(changes or {})}
    verdict = V4.new_output("display_data", card_bundle(record, CLAIM) | (card or {}))
    for kind in lacks:
        del verdict["data"][kind]
    said = V4.new_output("display_data", answer_bundle([record], CLAIMS) | (answer or {}))
    return [verdict, said]


@pytest.mark.parametrize(
    ("forgery", "said"),
    [
        ({"changes": {"verdict": "contradicted"}},
         "only-claim (bundled): verdict is 'contradicted', in the ledger 'supported'"),
        ({"changes": {"estimate": 0.5}}, "estimate is 0.5, in the ledger 0.05"),
        ({"changes": {"p_value": 0.001}}, "p_value is 0.001, in the ledger 0.02"),
        ({"changes": {"finding": "Small led by far."}}, "finding is"),
        ({"changes": {"criterion_hash": "0" * 16}}, "criterion_hash is"),
        ({"changes": {"as_of": "2018-11"}}, "as_of is '2018-11', in the ledger 'newest'"),
        ({"changes": {"data": "latest"}}, "only-claim (latest): not in the ledger"),
        ({"changes": {"data": ""}}, "only-claim: a verdict record without 'data'"),
        ({"changes": {"deviations": ["x = 1 (registered: 2)"]}},
         "judges only-claim by another than the registered specification"),
        ({"card": {"text/html": "<b>supported</b>"}},
         "the card of only-claim (text/html) is not the one its record makes"),
        ({"card": {"text/plain": "only-claim: contradicted"}},
         "the card of only-claim (text/plain) is not the one its record makes"),
        ({"lacks": ["text/html"]}, "the card of only-claim (text/html) is not"),
        ({"answer": {"text/markdown": "- it holds"}}, "its answer is not the one its verdicts"),
    ],
)  # fmt: skip
def test_a_forgery_is_refused_by_name(tmp_path, one_claim, forgery, said):
    """A verdict, a number, a card or an answer that is not the ledger's is named."""
    _write(tmp_path, outputs=forged(**forgery))
    assert any(said in line for line in check(tmp_path, stale=False)), check(tmp_path, stale=False)


def test_another_specification_passes_where_it_was_asked_for(tmp_path, one_claim):
    """Its card is its own record's still; a registered one is held against the ledger as ever."""
    other = {"deviations": ["leg = own (registered: smb)"], "estimate": 0.5}
    _write(tmp_path, outputs=forged(other))
    assert check(tmp_path, stale=False, registered=False) == []
    _write(tmp_path, outputs=forged(other, card={"text/html": "<b>supported</b>"}))
    assert any("text/html" in line for line in check(tmp_path, stale=False, registered=False))
    _write(tmp_path, outputs=forged({"estimate": 0.5}))
    assert any("estimate" in line for line in check(tmp_path, stale=False, registered=False))


def test_the_committed_ledger_is_checked_with_the_committed_notebooks(
    tmp_path, one_claim, monkeypatch
):
    """Where no other ledger is named, the kept one must be whole; its faults carry its name."""
    _write(tmp_path)
    monkeypatch.setattr(committed, "whole_ledger", lambda: LEDGER)
    monkeypatch.setattr(committed, "check_stored", lambda table: ["a (latest): missing"])
    assert check_notebooks(tmp_path, stale=False) == ["ledger.csv: a (latest): missing"]


@pytest.mark.slow
@pytest.mark.notebooks
def test_refresh_stores_outputs_fingerprint_and_ledger(tiny_notebooks, tmp_path, monkeypatch):
    """The stored notebook carries its outputs and fingerprint; the ledger gets its verdict."""
    for name in ("breadth", "valuation_gap"):
        (tiny_notebooks / f"{name}.ipynb").unlink()
    seen = {}

    def update(stored, records):
        seen.update(r=records)
        return LEDGER

    monkeypatch.setattr(committed, "update_ledger", update)
    monkeypatch.setattr(committed, "write_ledger", lambda table, path: seen.update(path=path))
    refresh(folder=tiny_notebooks, ledger=tmp_path / "ledger.csv")
    stored = nbformat.read(tiny_notebooks / "first_cut.ipynb", as_version=4)
    assert stored.metadata["smallcap"]["fingerprint"] == fingerprint(
        tiny_notebooks / "first_cut.ipynb"
    )
    assert stored.cells[1].outputs[0]["data"]["text/plain"] == "12"
    assert [record["claim"] for record in seen["r"]] == ["a-claim"]
    assert seen["path"] == tmp_path / "ledger.csv"


@pytest.mark.slow
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


@pytest.mark.notebooks
def test_refreshing_one_notebook_settles_the_cards_of_all(
    tiny_notebooks, tmp_path, one_claim, monkeypatch
):
    """A claim of a notebook that was not run turns suggestive, on its card and in its answer."""
    (tiny_notebooks / "breadth.ipynb").unlink()
    (tiny_notebooks / "first_cut.ipynb").unlink()
    path = _write(tiny_notebooks)
    monkeypatch.setattr(committed, "notebook_names", lambda folder: ["valuation_gap"])
    changed = {"verdict": "suggestive", "reason": "but p", "p_adjusted": 0.3}
    table = LEDGER.assign(**changed)
    monkeypatch.setattr(committed, "update_ledger", lambda stored, records: table)
    written = refresh(["valuation_gap"], folder=tiny_notebooks, ledger=tmp_path / "ledger.csv")
    assert [one.name for one in written] == ["valuation_gap.ipynb", "first_cut.ipynb"]
    problems = check_notebooks(tiny_notebooks, stale=False, ledger=table)
    assert [one for one in problems if "card" in one or "ledger" in one or "answer" in one] == []
    data = nbformat.read(path, as_version=4).cells[0].outputs[1]["data"]
    assert data[VERDICT_MIME]["verdict"] == "suggestive"
    assert "Why no more than suggestive" in data["text/html"] and "suggestive" in data["text/plain"]
    answer = nbformat.read(path, as_version=4).cells[0].outputs[2]["data"]
    assert answer[ANSWER_MIME] == ["only-claim"] and "*suggestive*" in answer["text/markdown"]
