"""Work that a build does beside the reading of pages."""

import multiprocessing
import os

import pytest

from analysis.pages.ahead import Ahead


def test_every_piece_is_made_in_a_process_of_its_own():
    """Texts of all pieces, larger than a pipe holds, asked for twice."""
    ahead = Ahead(
        lambda: {"here": str(os.getpid()), "long": "x" * 300_000},
        lambda: {"there": str(os.getpid())},
    )
    made = ahead.texts()
    assert len(made["long"]) == 300_000
    assert len({made["here"], made["there"], str(os.getpid())}) == 3
    assert ahead.texts() == made
    assert multiprocessing.active_children() == []


def test_a_piece_that_fails_is_told_with_its_reason_and_leaves_no_process():
    """After the others were waited for."""

    def fail():
        raise ValueError("this claim has no curve")

    ahead = Ahead(fail, lambda: {"other": "made"})
    with pytest.raises(RuntimeError, match="this claim has no curve"):
        ahead.texts()
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_leaves_its_texts_out():
    """Whoever asks makes them."""
    assert Ahead(lambda: os._exit(9), lambda: {"other": "made"}).texts() == {"other": "made"}
