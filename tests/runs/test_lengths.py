"""The longest chapters begin first."""

import json
from pathlib import Path

import pytest

from analysis.runs import lengths
from analysis.runs.lengths import chapter_seconds, longest_first
from analysis.runs.performance_page import read_record
from analysis.runs.plan import Run


@pytest.fixture
def record(tmp_path, monkeypatch):
    """A record of the benchmark in place of the project's."""
    path = tmp_path / "performance.json"
    monkeypatch.setattr(lengths, "RECORD_FILE", path)
    return path


def runs(*names):
    return [Run(name, Path(f"{name}.ipynb"), label=f"{name} {n}") for n, name in enumerate(names)]


def test_by_seconds_and_what_nobody_measured_first(record):
    """Two of one chapter stay in their order."""
    rows = [("chapter short", 1.0), ("chapter long", 9.5), ("book", 50.0)]
    held = {"rows": [{"row": name, "seconds": seconds} for name, seconds in rows]}
    record.write_text(json.dumps(held))
    assert chapter_seconds() == {"short": 1.0, "long": 9.5}
    ordered = longest_first(runs("short", "long", "new", "short"))
    assert [str(run) for run in ordered] == ["new 2", "long 1", "short 0", "short 3"]


@pytest.mark.parametrize("text", [None, "", "[]", '{"rows": 3}', '{"rows": [{"row": 1}]}'])
def test_a_record_that_cannot_be_read_changes_no_order(record, text):
    """None at all, or one that the benchmark did not write."""
    if text is not None:
        record.write_text(text)
    assert [str(run) for run in longest_first(runs("b", "a"))] == ["b 0", "a 1"]


def test_the_committed_record_knows_chapters():
    """By the names of their notebooks."""
    assert {"first_cut", "valuation_gap"} <= set(chapter_seconds())
    assert read_record()["rows"]
