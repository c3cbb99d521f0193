"""A claim bound to its design: what does not fit is one error that names file, claim and field."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from analysis.claims import CLAIMS_FOLDER, load_claims
from analysis.designs import bind, bind_all, design_names, find_design
from analysis.designs.registry import fingerprint_of
from analysis.files import PROJECT, load_yaml
from analysis.results import InputError

CLAIMS = load_claims()


def _claims(tmp_path: Path, change: Any) -> dict[str, Any]:
    """The note of the first cut with one claim changed, written and read again."""
    raw = load_yaml(CLAIMS_FOLDER / "001.yml")
    [entry] = [one for one in raw["claims"] if one["id"] == "first-cut-12m"]
    change(entry)
    kept = raw | {"claims": [copy.deepcopy(entry)]}
    (tmp_path / "claims").mkdir()
    shutil.copy(PROJECT / "data" / "criteria.yml", tmp_path / "criteria.yml")
    (tmp_path / "claims" / "001.yml").write_text(yaml.safe_dump(kept, allow_unicode=True))
    return load_claims(tmp_path / "claims")


def _argument(name: str, value: Any) -> Any:
    return lambda entry: entry["arguments"].update({name: value})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: e.update(design="event_studdy"), r"field design: .*did you mean 'event_study'"),
        (lambda e: e["arguments"].pop("date_rule"), r"field arguments"),
        (_argument("horizn", 12), r"field arguments\.horizn: unknown argument; did you mean 'hori"),
        (_argument("horizon", "12"), r"field arguments\.horizon: "),
        (_argument("horizon", 0), r"field arguments\.horizon: "),
        (_argument("leg", "smbb"), r"field arguments\.leg: "),
        (lambda e: e["grid"].update(leg=[]), r"field grid: the axis 'leg' has no value"),
        (lambda e: e["grid"].update(leg=["smb", "smb"]), r"field grid: the axis 'leg' has a value"),
        (lambda e: e["grid"].update(legs=["smb"]), r"field grid\.legs: .*did you mean 'leg'"),
        (lambda e: e["grid"].update(leg=["smbb"]), r"field grid\.leg: 'smbb'"),
        (lambda e: e["grid"].update(sample_start=["1954-01"]), r"grid\.sample_start: .*not vary"),
        (lambda e: e.update(not_run=["colour"]), r"not_run names 'colour'"),
        (lambda e: e.update(chapter="first_cuts"), r"field chapter: .*did you mean 'first_cut'"),
        (lambda e: e.update(desing="event_study"), r"did you mean 'design'"),
        (
            lambda e: e.update(
                criterion={
                    "words": "Supported when it is below 5%.",
                    "supported": [{"measure": "win_rate_pp", "op": "<", "value": 0.05}],
                }
            ),
            r"field criterion: the design event_study gives no measure 'win_rate_pp'; did you",
        ),
        (lambda e: e.update(criterion="quoted_multiple"), r"did you mean 'quoted_multiples'"),
    ],
)
def test_what_does_not_fit_is_one_error(tmp_path, change, said):
    """Unknown, missing, misspelt, mistyped, surplus: file, claim, field and the nearest name."""
    with pytest.raises(InputError, match=said) as caught:
        bind_all(_claims(tmp_path, change))
    assert "001.yml: claim 'first-cut-12m'" in str(caught.value)


def test_an_argument_that_no_code_reads_is_an_error(monkeypatch):
    """A field of the model that the design's code never touches is refused when a claim binds."""
    from analysis.designs import registry

    monkeypatch.setattr(registry, "_attributes_read", lambda module: frozenset({"horizon"}))
    with pytest.raises(InputError, match=r"field arguments\.\w+: no code of the design .* reads"):
        bind(CLAIMS["first-cut-12m"])


def test_every_committed_claim_binds():
    """All claims fit their designs, and every design is some claim's."""
    assert set(bind_all()) == {claim.id for claim in CLAIMS.values() if claim.design}
    assert set(design_names()) == {claim.design for claim in CLAIMS.values() if claim.design}
    for name in design_names():
        assert find_design(name).name == name and find_design(name).__doc__


@pytest.mark.slow
def test_no_claim_is_named_in_code():
    """What is claimed stands in data: no id of a claim is a literal of the package."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in (PROJECT / "analysis").rglob("*.py"))
    found = {
        name for name in CLAIMS if "-" in name and re.search(rf"(?<![\w-]){name}(?![\w-])", text)
    }
    assert found == set()
    # an id of one plain word may stand in a sentence, but not alone between quotes
    literals = {name for name in CLAIMS if re.search(rf"""["']{name}["']""", text)}
    assert literals == set()


def test_the_fingerprint_follows_code_and_peers():
    """Other code, or another peer, is another fingerprint; another claim's criterion is not."""
    first, early = (CLAIMS[name] for name in ("first-cut-12m", "early-cycle"))
    assert fingerprint_of(first) == fingerprint_of(early) != ""
    quoted = [claim for claim in CLAIMS.values() if claim.design == "quoted_multiples"]
    before = fingerprint_of(quoted[0])
    other = quoted[1].model_copy(update={"estimand": "something else entirely"})
    assert fingerprint_of(quoted[0], CLAIMS | {other.id: other}) != before
    untouched = first.model_copy(update={"estimand": "something else entirely"})
    assert fingerprint_of(quoted[0], CLAIMS | {first.id: untouched}) == before


@pytest.mark.slow
def test_adding_a_claim_of_a_known_design_takes_one_entry_and_one_cell(tmp_path):
    """On a scratch copy: a YAML entry and a cell, no Python, and the chapter judges it."""
    copy_of = tmp_path / "project"
    shutil.copytree(PROJECT / "analysis", copy_of / "analysis")
    shutil.copytree(PROJECT / "data", copy_of / "data")
    (copy_of / "notebooks").mkdir()
    path = copy_of / "data" / "claims" / "004.yml"
    entry = """
  - id: troughs-two-years
    text: Small caps lead over the two years after a recession's end.
    documents: ["004"]
    kind: direction
    chapter: first_cut
    estimand: Mean 24-month small-minus-large return after a trough, less its unconditional mean.
    design: state_means
    arguments: ARGUMENTS
    needs: bundled
    criterion: CRITERION
    change_our_mind: Several more recessions.
"""
    model = CLAIMS["slowdown-hurts-small"]
    dumped = model.criterion.model_dump(mode="json")
    entry = entry.replace("ARGUMENTS", yaml.safe_dump(model.arguments, default_flow_style=True))
    entry = entry.replace("CRITERION", yaml.safe_dump(dumped, default_flow_style=True))
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + entry, encoding="utf-8")
    source = nbformat.read(PROJECT / "notebooks" / "first_cut.ipynb", as_version=4)
    cell = nbformat.v4.new_code_cell('chapter.verdict("troughs-two-years")', id="troughs-two-years")
    source.cells = [c for c in source.cells if "open_chapter" in c.source or _is_setup(c)]
    source.cells.append(cell)
    nbformat.write(source, copy_of / "notebooks" / "first_cut.ipynb")
    command = ["run", "first_cut", "--out", str(tmp_path / "out")]
    done = _smallcap(copy_of, *command)
    assert done.returncode == 0, done.stderr
    assert "troughs-two-years: " in done.stdout


def _is_setup(cell: nbformat.NotebookNode) -> bool:
    return "parameters" in cell.metadata.get("tags", ())


def _smallcap(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    import os
    import sys

    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "analysis", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "each", "said"),
    [
        ("first-cut-12m", False, "the design event_study counts episodes; say true"),
        ("value-tilt", True, "the design mean_premium counts no episodes; leave it out"),
    ],
)
def test_whether_one_episode_may_carry_a_verdict_is_decided_by_the_design(name, each, said):
    """A claim neither asks it where there are no episodes nor leaves it out where there are."""
    claim = CLAIMS[name]
    rule = claim.criterion.model_copy(update={"each_episode": each})
    other = claim.model_copy(update={"criterion": rule})
    assert other.criterion_hash != claim.criterion_hash
    with pytest.raises(InputError, match=said):
        bind(other)


def test_a_design_that_counts_episodes_gives_what_decides_without_each_of_them():
    """No claim of such a design is decided by a p-value that is not given without an episode."""
    asked = [claim for claim in CLAIMS.values() if claim.criterion.each_episode]
    assert asked
    for claim in asked:
        given = set(find_design(claim.design).episodes)
        decisive = {one.measure for one in claim.criterion.supported}
        assert {name for name in decisive if name.endswith("_p")} <= given, claim.id
