"""The search for a claim's decisive test, on simulated panels and nowhere else.

A candidate is a test that could decide a claim: a function of a panel and the claim's specification
that gives a one-sided p-value. Every candidate meets the same panels, of every world of the audit
in which the claim is true or false. Of those that support a false claim in at most 7% of the panels
at a nominal 5%, the one that supports the true claim most often is chosen. The panels are not those
of the audit itself, so that the audit of the chosen rule is a fresh one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.batches import in_batches
from analysis.audit.committed_tables import load_committed
from analysis.audit.rules import DEFECT, NOMINAL
from analysis.audit.simulation import Effect, Simulator
from analysis.audit.worlds import BLOCKS, effect_of, load_worlds
from analysis.claims import Claim
from analysis.designs import Sampling, Specification, bind
from analysis.files import PROJECT, write_whole
from analysis.inference.proportions import binomial_interval
from analysis.panel import Dataset
from analysis.results import InputError, Refusal, nearest

FILE = PROJECT / "data" / "derived" / "rule_search.csv"

#: A module for each design whose claims have candidates, with the tuple ``CANDIDATES``.
PACKAGE = "analysis.audit.candidates"

#: Panels handed to a worker at a time.
BATCH = 10

#: Keeps the panels of a search apart from those of the audit, which have the same seed.
SEARCH = 2

HOLDS, UNTRUE = "holds", "untrue"

COLUMNS = (
    *("claim", "candidate", "fits", "world", "truth"),
    *("panels", "refused", "count", "rate", "ci_low", "ci_high", "chosen"),
)

_DIGITS = 4

_ABOUT = (
    "# Computed; do not edit. rate: share of simulated panels with p below .05; ci: exact 95%"
    " binomial interval."
)
_MADE_BY = "# Rows of "


def _always(specification: Specification[Any]) -> bool:
    return True


@dataclass(frozen=True)
class Candidate:
    """A test that could decide a claim.

    Attributes
    ----------
    name : str
        In the field's words.
    p_value : callable
        From panel, specification and sampling to a one-sided p-value; NaN where the panel gives
        none. A whole rule that says yes or no gives 0 or 1.
    fits : callable
        Whether it tests what the specification asks, a lead or a share won say; one that does not
        is shown and never chosen.
    """

    name: str
    p_value: Callable[[Dataset, Specification[Any], Sampling], float] = field(repr=False)
    fits: Callable[[Specification[Any]], bool] = field(default=_always, repr=False)


_Row = tuple[int, str, str, float]


@dataclass(frozen=True)
class _Task:
    """What does not change from panel to panel."""

    simulator: Simulator
    effects: Mapping[str, Effect]
    specification: Specification[Any]
    design: str
    sampling: Sampling


def candidates_of(design: str) -> tuple[Candidate, ...]:
    """The candidates for claims of a design.

    Raises
    ------
    InputError
        For a design without any, with the nearest that has some.
    """
    folder = Path(__file__).parent / "candidates"
    known = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    if design not in known:
        raise InputError(f"no candidates for the design {design!r}{nearest(design, known)}")
    return importlib.import_module(f"{PACKAGE}.{design}").CANDIDATES


def search_p_values(
    template: Dataset,
    claim: Claim,
    effects: Mapping[str, Effect],
    panels: int,
    *,
    jobs: int = 1,
    seed: int = 0,
    draws: int = 999,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """The p-value of every candidate on every panel.

    Parameters
    ----------
    template : Dataset
        The real data the panels are made from.
    claim : Claim
    effects : mapping of str to Effect
        What is planted, by world.
    panels : int
        Of each world; the same months are drawn in all worlds of one number.
    jobs : int
        Processes; the result does not depend on them.
    seed : int
    draws : int
        Random draws of a candidate that needs some.
    progress : callable, optional
        Called with the number of panels done.

    Returns
    -------
    DataFrame
        ``panel, world, candidate, p``.
    """
    task = _Task(
        Simulator(template), dict(effects), bind(claim), str(claim.design), Sampling(draws, seed)
    )
    rows: list[_Row] = []
    for batch, found in in_batches(_run_batch, task, panels, BATCH, jobs):
        rows += found
        if progress is not None:
            progress(batch.stop)
    return pd.DataFrame(rows, columns=["panel", "world", "candidate", "p"])


def _run_batch(task: _Task, batch: range) -> list[_Row]:
    rows = []
    for number in batch:
        entropy = np.random.SeedSequence([task.sampling.seed, number, SEARCH])
        [seed] = entropy.generate_state(1)
        for world, effect in task.effects.items():
            panel = task.simulator.draw(int(seed), effect)
            for one in candidates_of(task.design):
                p = one.p_value(panel, task.specification, task.sampling)
                rows.append((number, world, one.name, float(p)))
    return rows


def search(
    template: Dataset,
    claims: Mapping[str, Claim],
    panels: int,
    *,
    claim: str,
    jobs: int = 1,
    seed: int = 0,
    draws: int = 999,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """How often every candidate supports a claim, in every world of the audit that judges it.

    Parameters
    ----------
    template, panels, jobs, seed, draws, progress
        As :func:`search_p_values`.
    claims : mapping of str to Claim
        All claims, by id.
    claim : str
        Id of the claim that is to be decided.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`: `rate` is the share of panels with p below 5%, with its exact
        binomial interval; `truth` says whether the claim holds in the world; `fits` whether the
        candidate tests what is claimed; `chosen` marks the most powerful valid one.

    Raises
    ------
    InputError
        For an unknown claim, or one that no world of the audit makes true, or none false.
    """
    if claim not in claims:
        raise InputError(f"no claim is called {claim!r}{nearest(claim, claims)}")
    every = load_worlds(claims).worlds.items()
    # an effect smaller than claimed, and blocks that keep what is true of the data, decide nothing
    judging = {
        name: world
        for name, world in every
        if claim in (*world.holds, *world.untrue) and name != BLOCKS
    }
    truths = {name: claim in world.holds for name, world in judging.items()}
    if len(set(truths.values())) < 2:
        raise InputError(f"no world of the audit makes {claim!r} true, or none makes it false")
    effects = {}
    for name, world in judging.items():
        effect = effect_of(world, template, claims)
        if isinstance(effect, Refusal):
            raise InputError(f"the world {name!r} cannot be planted: {effect.reason}")
        effects[name] = effect
    chosen = claims[claim]
    found = search_p_values(
        template, chosen, effects, panels, jobs=jobs, seed=seed, draws=draws, progress=progress
    )
    return rates_of_candidates(found, chosen, truths)


def rates_of_candidates(
    found: pd.DataFrame, claim: Claim, truths: Mapping[str, bool]
) -> pd.DataFrame:
    """Rates with exact intervals, and the choice.

    Parameters
    ----------
    found : DataFrame
        As :func:`search_p_values` gives it.
    claim : Claim
    truths : mapping of str to bool
        Whether the claim holds, by world.
    """
    specification, rows = bind(claim), []
    for one in candidates_of(str(claim.design)):
        for world, holds in truths.items():
            chosen = (found["candidate"] == one.name) & (found["world"] == world)
            values = found.loc[chosen, "p"]
            rows.append(
                {
                    "claim": claim.id,
                    "candidate": one.name,
                    "fits": one.fits(specification),
                    "world": world,
                    "truth": HOLDS if holds else UNTRUE,
                    **_rate(values),
                }
            )
    table = pd.DataFrame(rows)
    table["chosen"] = table["candidate"] == most_powerful(table)
    return table[list(COLUMNS)]


def _rate(values: pd.Series) -> dict[str, float]:
    given = values.dropna()
    count = int((given < NOMINAL).sum())
    share = binomial_interval(count, len(given), NOMINAL)
    counts = {"panels": len(values), "refused": len(values) - len(given), "count": count}
    return {
        **counts,
        "rate": share.estimate,
        "ci_low": share.ci_low,
        "ci_high": share.ci_high,
    }


def most_powerful(table: pd.DataFrame, highest: float = DEFECT) -> str:
    """The candidate that is chosen: valid wherever the claim is false, and the most powerful.

    Parameters
    ----------
    table : DataFrame
        ``candidate, fits, truth, rate``, of one claim.
    highest : float
        Largest share of panels in which a false claim may be supported.

    Returns
    -------
    str
        Empty where no candidate is valid. Where the claim is true in several worlds the mean of
        their rates counts; of equal ones the first.
    """
    fitting = table[table["fits"]].dropna(subset=["rate"])
    false = fitting[fitting["truth"] == UNTRUE].groupby("candidate", sort=False)["rate"].max()
    power = fitting[fitting["truth"] == HOLDS].groupby("candidate", sort=False)["rate"].mean()
    valid = power[power.index.isin(false.index[false <= highest])]
    return str(valid.idxmax()) if len(valid) else ""


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """The candidates of one claim side by side, the chosen one first, for reading.

    Returns
    -------
    DataFrame
        ``test``, then the share of panels in which it says yes in each world, ``tests the claim``
        and ``chosen``.
    """
    worlds = table.drop_duplicates("world").set_index("world")["truth"]
    rates = table.pivot_table("rate", "candidate", "world", sort=False, dropna=False)
    heads = {world: f"{world} ({'true' if worlds[world] == HOLDS else 'false'})" for world in rates}
    kept = table.drop_duplicates("candidate").set_index("candidate")
    said = {True: "yes", False: ""}
    side_by_side = rates.rename(columns=heads).assign(
        **{"tests the claim": kept["fits"].map(said), "chosen": kept["chosen"].map(said)}
    )
    order = [*kept.index[kept["chosen"]], *kept.index[~kept["chosen"]]]
    return side_by_side.loc[order].rename_axis(index="test", columns=None).reset_index()


def candidates(table: pd.DataFrame) -> pd.DataFrame:
    """Every candidate of every claim, for reading.

    Returns
    -------
    DataFrame
        ``claim, test``, the largest share of panels of a world in which the claim is false and the
        smallest of one in which it is true, ``tests the claim`` and ``chosen``.
    """
    keys = ["claim", "candidate", "fits", "chosen"]
    wrong = table[table["truth"] == UNTRUE].groupby(keys, sort=False)["rate"].max()
    right = table[table["truth"] == HOLDS].groupby(keys, sort=False)["rate"].min()
    both = pd.DataFrame({"wrong at most": wrong, "right at least": right}).reset_index()
    yes = {True: "yes", False: ""}
    both["tests the claim"], both["chosen"] = both["fits"].map(yes), both["chosen"].map(yes)
    order = ["claim", "candidate", "wrong at most", "right at least", "tests the claim", "chosen"]
    return both[order].rename(columns={"candidate": "test"})


def write_search(table: pd.DataFrame, command: str, path: Path = FILE) -> Path:
    """Put the rows of a claim in place of its former ones, with the command that makes them.

    Returns
    -------
    Path
    """
    [claim] = table["claim"].unique()
    commands, whole = {claim: command}, table
    if path.exists():
        former = load_search(path)
        whole = pd.concat([former[former["claim"] != claim], table], ignore_index=True)
        commands = commands_of(path) | commands
    whole = whole.sort_values("claim", kind="stable").round(_DIGITS)
    header = [f"{_MADE_BY}{name}: `{made}`" for name, made in sorted(commands.items())]
    lines = "\n".join([_ABOUT, *header])
    return write_whole(path, f"{lines}\n{whole.to_csv(index=False, lineterminator=chr(10))}")


def commands_of(path: Path = FILE) -> dict[str, str]:
    """The command that made the rows of each claim."""
    lines = path.read_text(encoding="utf-8").splitlines()
    made = [line.removeprefix(_MADE_BY) for line in lines if line.startswith(_MADE_BY)]
    return {name: command.strip("`") for name, command in (line.split(": ", 1) for line in made)}


def load_search(path: Path = FILE) -> pd.DataFrame:
    """The committed searches; errors as :func:`.committed_tables.load_committed`."""
    return load_committed(path, COLUMNS, "smallcap calibrate --search CLAIM --write")
