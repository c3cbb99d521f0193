"""The benchmarks: both sides do the same work, in bounded memory; how fast is for the benchmark."""

import numpy as np
import pytest

from analysis.audit import benchmarks as bench
from analysis.claims import load_claims
from analysis.inference.curves import specification_curve
from analysis.inference.joint_placements import spaced_episodes
from analysis.inference.specifications import lay_out
from analysis.panel import load_dataset

CLAIMS = load_claims()


@pytest.fixture(scope="module")
def dataset():
    """The bundled data."""
    return load_dataset()


def test_the_loop_computes_what_the_curve_computes(dataset):
    """Medians of the peer's loop are those of the curve, one draw at a time or all at once."""
    frames, chosen = bench._largest_grid(dataset, CLAIMS, 12)
    curve = specification_curve(
        frames.outcomes, frames.events, chosen, eras=frames.eras, scheme="gap",
        min_gap=12, draws=40, seed=2, min_events=3,
    )  # fmt: skip
    grid = lay_out(frames.outcomes, frames.events, chosen, frames.eras, 3)
    drawn = spaced_episodes(grid.dates, grid.months, 12, 40, np.random.default_rng(2))
    for together in (1, 41):
        effects, excess = bench._loop(frames, chosen, grid.dates, drawn.positions, together)
        np.testing.assert_allclose(effects, curve.null_median_effect, atol=1e-12)
        np.testing.assert_allclose(excess, curve.null_median_win_excess, atol=1e-12)


def test_the_curve_is_timed_beside_its_loop(dataset):
    """Many specifications at once and one at a time, in bounded memory; a scaled side says so."""
    at_once, by_draw, shifted = bench.time_curve(dataset, CLAIMS, 200, 1000, 1, 0)
    assert by_draw.value == by_draw.peer_seconds / by_draw.seconds > 0
    assert at_once.seconds == by_draw.seconds
    assert shifted.seconds > 0 and shifted.peer_seconds > 0
    assert by_draw.peak_mb < 1000
    assert "scaled" in by_draw.note


def test_the_null_distribution_is_timed_beside_statsmodels(dataset):
    """The simulated regressions at once, and one library call each."""
    timing = bench.time_null(dataset, 200, 1, 0)
    assert timing.value == timing.peer_seconds / timing.seconds > 0
    assert timing.peak_mb < 1000
