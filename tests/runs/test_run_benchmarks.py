"""The benchmarks of running: both sides do the work, and a failure is no timing."""

import pytest

from analysis.results import InputError
from analysis.runs import benchmarks
from analysis.runs.benchmarks import bench_runs
from analysis.runs.execute import NotebookError

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]


def test_every_comparison_is_timed_on_both_sides(tiny_notebooks, monkeypatch):
    """Cold, unchanged, one job, sweep, verbs: seconds, a ratio, and what is promised."""
    done = []
    monkeypatch.setattr(benchmarks, "sweep", lambda name, values, *_, **__: done.append(values))
    monkeypatch.setattr(benchmarks, "_call", lambda *words: done.append(words))
    names = ["first_cut", "valuation_gap"]
    timings = bench_runs(names, months=["1995-12", "2001-12", "2007-12"], folder=tiny_notebooks)
    assert [one.wanted for one in timings][:2] == [2.5, 20.0]
    assert all(one.ratio == pytest.approx(one.peer_seconds / one.seconds) for one in timings)
    assert {"as_of": ["1995-12", "2001-12", "2007-12"]} in done
    assert ("-m", "analysis", "ledger") in done
    cold, again = timings[:2]
    assert again.peer_seconds == cold.seconds
    assert again.ratio > 1
    assert "timed on 2 months" in timings[3].note


def test_a_notebook_that_fails_ends_the_benchmark(tiny_notebooks):
    """On the peer's side too."""
    with pytest.raises(NotebookError, match="executed as Jupyter Book does"):
        bench_runs(["breadth"], folder=tiny_notebooks)


def test_a_sweep_of_one_month_is_refused(tiny_notebooks):
    """The peer is timed on two."""
    with pytest.raises(InputError, match="at least 2 months"):
        bench_runs(["first_cut"], months=["1995-12"], folder=tiny_notebooks)
