"""The page on performance: every number of it was written by the benchmark."""

import json
import re
from dataclasses import replace

import pytest

from analysis import __main__ as command_line
from analysis.audit.benchmarks import Timing
from analysis.results import InputError
from analysis.runs import benchmarks, performance_page
from analysis.runs.performance_page import (
    PAGE_FILE,
    RECORD_FILE,
    read_record,
    write_record,
)

MACHINE = {"processor": "P", "cores": 2, "system": "Linux x86_64", "python": "3.11.7", "load": 0.5}
BOOK = Timing(
    row="book", work="whole book", peer="jupyter-book", value=0.31234, unit="of the peer's time",
    wanted=0.4, at_most=True, seconds=17.123456, peer_seconds=54.8, peak_mb=1234.0,
)  # fmt: skip
SLOW = Timing(
    row="sweep", work="first_cut at 100 months", peer="papermill", value=21.6,
    unit="times faster", wanted=100.0, seconds=30.0, peer_seconds=645.0, note="scaled",
)  # fmt: skip
CLUSTER = Timing(
    row="cluster of 1000", work="tasks on 1000 workers", peer="one worker", value=412.0,
    unit="times faster", seconds=7200.0, note="recorded: 0.5 s",
)  # fmt: skip


def test_the_committed_page_is_made_of_the_committed_record():
    """Byte for byte; without a record it shows no measurement."""
    page = performance_page.performance_page(read_record(RECORD_FILE))
    assert PAGE_FILE.read_text(encoding="utf-8") == page


def test_without_a_record_the_page_shows_no_number():
    """It says how one is made."""
    text = performance_page.performance_page(None)
    assert "No measurement is on record yet" in text
    assert not re.search(r"[0-9]", text)


@pytest.fixture
def written(tmp_path):
    """A record and its page."""
    record, page = tmp_path / "performance.json", tmp_path / "performance.md"

    def write(*timings, machine=MACHINE, day="2026-01-02"):
        write_record(timings, machine, day, record, page)
        return json.loads(record.read_text()), page.read_text()

    return write


def test_the_page_shows_what_was_measured_and_what_was_not_reached(written):
    """Value, promise, machine and day; the answer first; simulated clusters apart."""
    record, page = written(BOOK, SLOW, CLUSTER)
    assert [row["reached"] for row in record["rows"]] == [True, False, None]
    assert record["rows"][0]["seconds"] == 17.12
    assert page.index("17 seconds, 31% of what jupyter-book needs") < page.index("| work |")
    assert "| whole book | jupyter-book | 31% of its time | at most 40% | yes | 1,234 |" in page
    assert "Not reached on this machine: `first_cut` at 100 months (22 times faster" in page
    assert "2 January 2026 on 2 cores of P, Linux x86_64, Python 3.11.7" in page
    assert page.index("## A thousand workers") < page.index("| tasks on 1000 workers | 2 | 412 |")
    assert "tasks on 1000 workers" not in page[: page.index("## A thousand workers")]


@pytest.mark.parametrize(
    ("value", "reached", "shown"), [(1.235, False, "1.24 times"), (1.198, True, "1.2 times")]
)
def test_a_miss_is_not_rounded_to_what_was_promised(value, reached, shown):
    """A third digit where two would read as if the promise were kept."""
    row = {"value": value, "unit": "times", "wanted": 1.2, "reached": reached}
    assert performance_page._value(row) == shown


def test_what_all_simulated_clusters_were_made_from_is_said_once(written):
    """Beneath their table, rounded; each row keeps what is its own."""
    made = "workers 100%; recorded: 1.396 s a task"
    few = replace(CLUSTER, row="cluster of 1", work="tasks on 1 workers, simulated", note=made)
    many = replace(CLUSTER, note="workers 96%; recorded: 1.396 s a task")
    _, page = written(few, many)
    assert "| tasks on 1 worker | 2 | 412 | workers 100% |" in page
    assert page.count("Recorded") == 1 and "Recorded: 1.4 s a task." in page
    _, page = written(few, replace(many, note="workers 96%; recorded: 2 s a task"))
    assert "Recorded" not in page and "recorded: 2 s a task" in page


def test_rows_measured_again_replace_theirs_on_the_same_machine_alone(written):
    """A part run alone keeps the others with their day; another machine begins anew."""
    written(BOOK, SLOW)
    record, page = written(replace(SLOW, value=120.0), day="2026-03-04")
    assert [(row["row"], row["day"]) for row in record["rows"]] == [
        ("book", "2026-01-02"), ("sweep", "2026-03-04"),
    ]  # fmt: skip
    assert "2 January 2026 to 4 March 2026" in page and "Not reached" not in page
    record, _ = written(BOOK, machine=MACHINE | {"load": 9.0}, day="2026-05-06")
    assert len(record["rows"]) == 2
    record, _ = written(BOOK, machine=MACHINE | {"cores": 8}, day="2026-05-06")
    assert [row["row"] for row in record["rows"]] == ["book"]


@pytest.mark.parametrize("text", ["{", "[]", '{"rows": []}'])
def test_a_record_that_is_none_is_refused(tmp_path, text):
    """One line with the remedy."""
    path = tmp_path / "performance.json"
    path.write_text(text)
    with pytest.raises(InputError, match="no record of a benchmark; put the committed file back"):
        read_record(path)


def test_the_verb_prints_and_writes_only_when_told(monkeypatch, capsys, tmp_path):
    """Parts by comma, sizes as given; --write keeps what was printed."""
    asked = []
    monkeypatch.setattr(
        benchmarks, "bench", lambda names, sizes, told: asked.append((names, sizes)) or [BOOK]
    )
    record, page = tmp_path / "r.json", tmp_path / "p.md"
    real = performance_page.write_record
    monkeypatch.setattr(performance_page, "write_record", lambda *given: real(*given, record, page))

    def smallcap(*words):
        monkeypatch.setattr("sys.argv", ["smallcap", *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return ended.value.code or 0, capsys.readouterr().out

    code, said = smallcap("bench", "--only", "book, verbs", "--repeats", "2", "--json")
    assert code == 0 and json.loads(said)[0]["reached"] is True
    names, sizes = asked[0]
    assert names == ["book", "verbs"] and sizes.repeats == 2 and sizes.months == 100
    assert not record.exists()
    assert smallcap("bench", "--write")[0] == 0
    assert "17 seconds" in page.read_text() and json.loads(record.read_text())["rows"]
