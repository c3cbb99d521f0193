"""The benchmarks of running: both sides do the work, and a failure is no timing."""

import dataclasses
import itertools
import json
import os
import subprocess
import sys
from contextlib import nullcontext

import pandas as pd
import pytest

from analysis.results import InputError
from analysis.runs import benchmarks, book_timings, meter, sweep_timings
from analysis.runs.benchmarks import bench, machine
from analysis.runs.comparisons import Sizes, faster_than, share_of
from analysis.runs.meter import Spent, median_of, spent_on

FEW = Sizes(repeats=2, books=2, months=4, few=2, spans=(2, 4), shared=("breadth", "figures"))


@pytest.fixture
def calls(monkeypatch):
    """What would be run as processes of their own, with the environment each is given."""
    done = []

    def noted(*words, environment=None, **_):
        done.append((words, dict(environment or {})))

    for module in (benchmarks, book_timings, sweep_timings):
        monkeypatch.setattr(module, "call", noted)
    return done


def test_the_verbs_are_held_against_an_import(calls):
    """Each verb five times after one that is not timed, and the shares that are promised."""
    shown, ledger = bench(["verbs"], FEW)
    assert [one.wanted for one in (shown, ledger)] == [0.5, 1.0]
    assert shown.value == pytest.approx(shown.seconds / shown.peer_seconds)
    assert sum(words == ("-m", "analysis", "ledger") for words, _ in calls) == 6
    assert sum(words == ("-c", "import pandas") for words, _ in calls) == 6


def test_a_sweep_and_papermill_judge_the_same_chapter(calls):
    """Ours at every month in one call, the peer at a few of them, scaled."""
    [timing] = bench(["sweep"], FEW)
    assert timing.wanted == 100.0 and "timed on 2 months" in timing.note
    [ours] = [words for words, _ in calls if "sweep" in words]
    months = ours[ours.index("--as-of") + 1].split(",")
    assert len(months) == 4 and months[-1] == "2016-12"
    peers = [words for words, _ in calls if "papermill" in words[1]]
    assert len(peers) == 2
    assert all(words[words.index("as_of") + 1] in months for words in peers)
    assert timing.value == timing.peer_seconds / timing.seconds


def test_the_cost_of_a_month_leaves_out_what_a_sweep_costs_in_itself(monkeypatch):
    """Start 3 seconds, a month 2 in the small sweep and 1 in the large: dearest over cheapest.

    What is short is run twice.
    """
    took = iter([3.0, 3.0, 3.0 + 2 * 2, 3.0 + 2 * 2, 3.0 + 4 * 1])
    monkeypatch.setattr(sweep_timings, "spent_on", lambda _: Spent(99.0, next(took), 0, 0))
    [timing] = bench(["dates"], FEW)
    assert timing.value == pytest.approx(2.0)
    assert timing.reached is False and timing.at_most
    assert "2000 ms at 2, 1000 ms at 4" in timing.note


@pytest.mark.parametrize("number", [2, 12, 52, 502, 700])
def test_sweeps_of_few_and_of_many_hold_the_same_mixture(number):
    """Spread over one span, no month twice: a later month costs more than an earlier one."""
    months = pd.PeriodIndex(sweep_timings.months_apart(number), freq="M")
    assert len(months) == number and str(months[-1]) == sweep_timings.LAST_MONTH
    steps = [(later - earlier).n for earlier, later in itertools.pairwise(months)]
    assert min(steps) >= 1 and max(steps) - min(steps) <= 1
    span = max(number, sweep_timings.SPAN)
    assert abs(number * sum(steps) / (number - 1) - span) <= 2 * number / (number - 1)


def test_a_cost_that_cannot_be_seen_is_no_ratio(monkeypatch):
    """A sweep as short as its start is left out and said; with one cost left there is no ratio."""
    few = dataclasses.replace(FEW, repeats=1, spans=(2, 4, 8))
    took = iter([3.0, 3.0, 7.0, 11.0])
    monkeypatch.setattr(sweep_timings, "spent_on", lambda _: Spent(99.0, next(took), 0, 0))
    [timing] = bench(["dates"], few)
    assert timing.value == pytest.approx(1.0) and "too little to see at 2" in timing.note
    took = iter([3.0, 2.0, 3.0, 11.0])
    with pytest.raises(RuntimeError, match="longer"):
        bench(["dates"], few)


def test_a_book_is_made_from_nothing_again_and_after_a_change(calls, monkeypatch):
    """In a copy of the project: a store of its own each time, another seed before the third."""
    seeds = []
    monkeypatch.setattr(book_timings, "_set_seed", lambda *given: seeds.append(given[1:]))
    monkeypatch.setattr(book_timings, "_copy_of_project", lambda target: target)
    monkeypatch.setattr(book_timings, "_stage_for_jupyter_book", lambda stage: stage)
    monkeypatch.setattr(book_timings, "_jupyter_book", lambda stage, out: None)
    rows = {one.row: one for one in bench(["book"], FEW)}
    assert list(rows) == ["book", "unchanged", "unchanged, seconds", "one changed", "memory"]
    assert [one.wanted for one in rows.values()] == [0.4, 0.05, 3.0, 0.25, 500.0]
    assert all(one.at_most for one in rows.values())
    stores = [environment["SMALLCAP_REUSE"] for _, environment in calls]
    assert len(stores) == 6 and len(set(stores)) == 2 and stores[0] == stores[2]
    assert len(set(seeds)) == 2
    assert rows["unchanged"].peer_seconds == rows["book"].seconds


def test_one_job_and_two_run_the_same_notebooks(calls, monkeypatch):
    """Each with nothing kept; the seconds of each chapter stand in rows of their own."""
    monkeypatch.setattr(book_timings, "warming", lambda _: nullcontext())
    monkeypatch.setattr(book_timings, "run_all", lambda runs, **_: [(runs[0], None)])
    *chapters, timing = bench(["jobs"], FEW)
    assert [one.row for one in chapters] == [f"chapter {name}" for name in FEW.shared]
    assert all(one.wanted is None and one.seconds >= 0 for one in chapters)
    assert timing.wanted == 1.8
    given = {words[words.index("--jobs") + 1]: environment for words, environment in calls}
    assert set(given) == {"1", "2"}
    assert len({environment["SMALLCAP_REUSE"] for environment in given.values()}) == 2


def test_the_copy_of_the_project_is_whole_and_one_parameter_of_it_changes(tmp_path):
    """Code, data, pages and notebooks; one line of one notebook differs then."""
    copy = book_timings._copy_of_project(tmp_path / "copy")
    assert (copy / "analysis" / "runs" / "execute.py").is_file()
    assert (copy / "_toc.yml").is_file() and (copy / "data" / "claims").is_dir()
    asked = "import analysis, smallcap; print(analysis.__file__, smallcap.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | {"PYTHONPATH": str(copy)}, cwd=copy,
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    # the page's plug-in is the package's, and that of another folder refuses to speak for the copy
    assert len(found) == 2 and all(name.startswith(str(copy)) for name in found)
    path = copy / "notebooks" / "first_cut.ipynb"
    before = path.read_text().splitlines()
    book_timings._set_seed(copy, "first_cut", 4321)
    after = path.read_text().splitlines()
    [now] = [new for old, new in zip(before, after, strict=True) if old != new]
    assert "4321" in now
    path.write_text("{}")
    with pytest.raises(InputError, match="no parameter 'seed'"):
        book_timings._set_seed(copy, "first_cut", 1)


def test_jupyter_book_gets_notebooks_that_were_not_run(tmp_path):
    """It would publish stored outputs otherwise; its configuration has it execute all of them."""
    stage = book_timings._stage_for_jupyter_book(tmp_path / "stage")
    assert "execute_notebooks: force" in (stage / "_config.yml").read_text()
    for path in (stage / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        assert not any(cell.get("outputs") for cell in cells), path.name
    assert (stage / "notebooks" / "first_cut.ipynb").is_file()


def test_a_peer_that_did_not_do_the_work_is_no_peer(tmp_path, monkeypatch):
    """A page that is missing ends the benchmark."""
    monkeypatch.setattr(book_timings, "call", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="did not execute"):
        book_timings._jupyter_book(tmp_path, tmp_path / "out")


def test_a_side_that_fails_ends_the_benchmark():
    """With what it said."""
    with pytest.raises(RuntimeError, match="ended with 3: gone"):
        meter.call("-c", "import sys; print('gone', file=sys.stderr); sys.exit(3)")


def test_seconds_and_memory_of_a_process_and_what_it_starts():
    """A grandchild that holds 80 MB and works; one process holds no more than all."""
    code = (
        "import subprocess, sys\n"
        "inner = 'held = bytearray(b\"x\") * 80_000_000; sum(range(6_000_000));'\n"
        "inner += ' import time; time.sleep(0.5)'\n"
        "subprocess.run([sys.executable, '-c', inner])"
    )
    spent = spent_on(lambda: meter.call("-c", code))
    assert spent.cpu_seconds > 0.02 and spent.seconds >= 0.5
    assert 70 < spent.worker_mb <= spent.peak_mb


def test_medians_and_the_two_ways_of_a_row():
    """Median seconds, highest memory; faster by as much, or a share of the peer's time."""
    ours = median_of([Spent(1, 1, 10, 5), Spent(9, 2, 90, 50), Spent(2, 3, 20, 8)])
    assert ours == Spent(2, 2, 90, 50)
    theirs = Spent(8, 8, 0, 0)
    assert faster_than("a", "w", "p", ours, theirs, 4.0).value == 4.0
    assert faster_than("a", "w", "p", ours, theirs, 4.1).reached is False
    assert share_of("a", "w", "p", ours, theirs, 0.25).reached is True
    assert share_of("a", "w", "p", ours, theirs, 0.24).reached is False


@pytest.mark.parametrize(
    ("only", "sizes", "said"),
    [
        (["boook"], FEW, "did you mean 'book'"),
        ([], Sizes(repeats=0), "at least 1"),
        ([], Sizes(spans=(10, 0)), "at least 1"),
        ([], Sizes(months=2, few=3), "at least 3 months"),
    ],
)
def test_what_cannot_be_timed_is_refused_before_anything_runs(calls, only, sizes, said):
    """In one line."""
    with pytest.raises(InputError, match=said):
        bench(only, sizes)
    assert calls == []


def test_the_machine_is_named():
    """Processor, cores, system, interpreter."""
    named = machine()
    assert named["processor"] and named["cores"] >= 1
    assert json.dumps(named)


def test_a_scheduler_is_simulated_with_what_was_recorded(calls, monkeypatch):
    """Without Dask the scheduler's own time is an assumption, and the row says so."""
    monkeypatch.setattr(sweep_timings, "judge_directly", lambda name, given: [{"claim": "a"}])
    monkeypatch.setattr(sweep_timings, "spent_on", lambda _: Spent(2.0, 2.0, 0, 0))
    for measured, how in ((None, "assumed"), (0.0004, "400 µs of the scheduler (measured)")):
        monkeypatch.setattr(sweep_timings, "measured_message_seconds", lambda m=measured: m)
        rows = bench(["scheduler"], FEW)
        assert [one.row for one in rows] == [f"cluster of {n}" for n in sweep_timings.WORKERS]
        assert all(how in one.note and "2.000 s" in one.note for one in rows)
        assert all(one.wanted is None and one.reached is None for one in rows)
