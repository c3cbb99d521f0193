"""Processes that call designs: what they do once, and what they give back."""

import gc
import os

from analysis.runs import workers
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run

RUN = Run("seasonality", NOTEBOOKS_FOLDER / "seasonality.ipynb", {}, "label")


def test_the_parent_itself_is_not_watched_and_its_heap_is_settled_once(monkeypatch):
    """The outcome is what the design gave."""
    watched = []
    monkeypatch.setattr(workers, "_watch", watched.append)
    workers._freeze.cache_clear()
    gc.unfreeze()
    try:
        for number in range(2):
            assert workers.in_worker(os.getpid(), lambda n, r: (n, r.name), number, RUN) == (
                number,
                "seasonality",
            )
        assert watched == []
        assert gc.get_freeze_count() > 0
        assert workers._freeze.cache_info().misses == 1
        workers.in_worker(os.getpid() + 1, lambda n, r: n, 0, RUN)
        assert watched == [os.getpid() + 1]
    finally:
        gc.unfreeze()


def test_an_orphan_ends(monkeypatch):
    """As soon as its parent is another process."""
    ended = []
    parents = iter([7, 7, 1])
    monkeypatch.setattr(workers.os, "getppid", lambda: next(parents))
    monkeypatch.setattr(workers.os, "_exit", ended.append)
    monkeypatch.setattr(workers.time, "sleep", lambda _: None)
    workers._end_with(7)
    assert ended == [1]
