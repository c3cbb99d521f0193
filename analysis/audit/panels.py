"""Many simulated panels, judged in parallel; the result does not depend on how many jobs run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pandas as pd

from analysis.audit.batches import in_batches
from analysis.audit.rules import Setting, prepare, usual_tests, verdicts_of
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import InputError, Refusal

#: Panels handed to a worker at a time.
BATCH = 5

#: Bootstrap samples of a panel: 5% of 400 is a whole number with the observed one counted.
DRAWS = 399


def run_panels(
    template: Dataset,
    claims: Mapping[str, Claim],
    panels: int,
    *,
    jobs: int = 1,
    seed: int = 0,
    draws: int = DRAWS,
    only: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate every world `panels` times and judge it.

    Parameters
    ----------
    template : Dataset
        The real data the panels are made from.
    claims : mapping of str to Claim
        All claims, by id.
    panels : int
        Panels of each world; the same months are drawn in all worlds of one number.
    jobs : int
        Processes; one thread each.
    seed : int
    draws : int
        Bootstrap samples of a panel.
    only : collection of str
        Rules to judge; all by default.
    progress : callable, optional
        Called with the number of panels done.

    Returns
    -------
    verdicts : DataFrame
        ``panel, world, claim, verdict``.
    tests : DataFrame
        ``panel, test, p``: the usual tests where nothing is predictable.

    Raises
    ------
    InputError
        For fewer than one panel or job.
    """
    for value, name in ((panels, "panels"), (jobs, "jobs"), (draws, "draws")):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name}: expected a whole number of at least 1, got {value!r}")
    setting = prepare(template, claims, draws, seed, only)
    verdicts, tests = [], []
    for batch, (judged, measured) in in_batches(_run_batch, setting, panels, BATCH, jobs):
        verdicts += judged
        tests += measured
        if progress is not None:
            progress(batch.stop)
    return (
        pd.DataFrame(verdicts, columns=["panel", "world", "claim", "verdict"]),
        pd.DataFrame(tests, columns=["panel", "test", "p"]),
    )


#: Verdicts by panel, world and claim; p-values by panel and test.
_Batch = tuple[list[tuple[int, str, str, str]], list[tuple[int, str, float]]]


def _run_batch(setting: Setting, batch: range) -> _Batch:
    verdicts: list[tuple[int, str, str, str]] = []
    tests: list[tuple[int, str, float]] = []
    for panel in batch:
        [seed] = np.random.SeedSequence([setting.sampling.seed, panel]).generate_state(1)
        for name, world in setting.worlds.worlds.items():
            effect = setting.effects[name]
            if isinstance(effect, Refusal):
                refused = f"refused: {effect.reason}"
                verdicts += [(panel, name, claim, refused) for claim in world.claims]
                continue
            simulated = setting.simulator.draw(int(seed), effect)
            said = verdicts_of(simulated, setting, world.claims)
            verdicts += [(panel, name, claim, label) for claim, label in said.items()]
            bundled = setting.template.data == "bundled"
            if name == setting.worlds.usual_tests.world and bundled:
                found = usual_tests(simulated, setting)
                tests += [(panel, test, p) for test, p in found.items()]
    return verdicts, tests
