"""Many workers on paper: known answers of the queue, and what stops the gain."""

import pytest

from analysis.results import InputError
from analysis.runs.scheduler_load import simulate_load


def test_one_worker_does_one_task_after_another():
    """Start, then every message and task in turn: 5 + 10 × (2 + 0.5)."""
    load = simulate_load([2.0], 1, 10, message_seconds=0.5, start_seconds=5.0, result_bytes=100)
    assert load.seconds == pytest.approx(30.0)
    assert load.workers_busy == pytest.approx(20 / 30)
    assert load.scheduler_busy == pytest.approx(5 / 30)
    assert load.bytes_a_second == pytest.approx(1000 / 30)


def test_two_workers_by_hand():
    """Tasks of 3 s, messages of 1 s: they begin at 1, 2, 5 and 6 s, and the last ends at 9 s."""
    load = simulate_load([3.0], 2, 4, message_seconds=1.0)
    assert load.seconds == pytest.approx(9.0)
    assert load.speedup == pytest.approx(12 / 9)


def test_without_messages_workers_share_the_work_evenly():
    """A hundred workers, a thousand equal tasks: a hundredth of the time."""
    load = simulate_load([1.0], 100, 1000, message_seconds=0.0)
    assert load.seconds == pytest.approx(10.0)
    assert load.speedup == pytest.approx(100.0)
    assert load.workers_busy == pytest.approx(1.0)


def test_a_scheduler_that_is_busy_all_the_time_bounds_what_workers_gain():
    """Task over message is 50: a thousand workers gain no more than that."""
    few, many = (
        simulate_load([0.5], workers, 20_000, message_seconds=0.01) for workers in (40, 1000)
    )
    assert few.speedup == pytest.approx(40, rel=0.05)
    assert many.speedup == pytest.approx(50, rel=0.02)
    assert many.scheduler_busy > 0.99 and many.workers_busy < 0.06


def test_more_workers_than_tasks_wait():
    """Each task has a worker; the others do nothing."""
    load = simulate_load([2.0], 1000, 4, message_seconds=0.0)
    assert load.seconds == pytest.approx(2.0)
    assert load.workers_busy == pytest.approx(4 / 1000)


def test_recorded_times_are_drawn_from():
    """The same seed draws the same; the work is about the mean of what was recorded."""
    one, two = (simulate_load([1.0, 3.0], 10, 5000, message_seconds=0.0, seed=4) for _ in "ab")
    assert one == two
    assert one.seconds * 10 == pytest.approx(5000 * 2, rel=0.03)


@pytest.mark.parametrize(
    ("times", "workers", "tasks", "message"),
    [([], 1, 1, 0.1), ([0.0], 1, 1, 0.1), ([1.0], 0, 1, 0.1), ([1.0], 1, 0, 0.1), ([1], 1, 1, -1)],
)
def test_what_is_no_cluster_is_refused(times, workers, tasks, message):
    """No times, no worker, no task, time that runs backwards."""
    with pytest.raises(InputError):
        simulate_load(times, workers, tasks, message_seconds=message)
