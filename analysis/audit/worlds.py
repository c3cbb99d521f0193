"""The worlds a rule is tried in: some make its claim true, some make it false.

They are data (``data/audit.yml``): what is planted in the simulated panels, and which claims hold
there and which do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from analysis.audit.simulation import NO_EFFECT, PLANTED, Effect
from analysis.claims import Claim
from analysis.designs import bind
from analysis.designs.event_study.windows import event_months
from analysis.designs.return_forecast.absolute import side_returns
from analysis.designs.state_means.samples import state_of
from analysis.files import PROJECT, load_yaml
from analysis.panel import Dataset, small_minus_large
from analysis.panel.drivers import driver_series
from analysis.panel.legs import LEGS
from analysis.results import InputError, nearest
from analysis.texts import OneLine

AUDIT_FILE = PROJECT / "data" / "audit.yml"


class Plant(OneLine):
    """What is planted; each kind has the fields it needs and no others.

    Attributes
    ----------
    kind : str
        ``nothing``; ``after_events``: `lead` over the twelve months after each event of the claim
        `events_of`; ``driver``: small earns `per_unit` more a month per unit of the driver of the
        claim `driver_of`, placed in time as it registers; ``state``: `yearly_lead` a year more in
        the months of its state than in others; ``slope``: `yearly_lead` while the gap is the log
        of `usual_multiple` over `multiple`; ``gap_today``: that gap in the last month, fading with
        a half-life of `months`, makes `yearly_lead` the expected lead a year over `horizon` months,
        and `large` that of large caps; ``half_life``: the gap halves in `months`; ``premium``: the
        mean of `leg` is `later` a year from `split` on and its own before.
    """

    kind: Literal[
        "nothing", "after_events", "driver", "state", "slope", "gap_today", "half_life", "premium"
    ]
    events_of: str | None = None
    lead: float | None = None
    driver_of: str | None = None
    per_unit: float | None = None
    yearly_lead: float | None = None
    usual_multiple: float | None = Field(None, gt=0)
    multiple: float | None = Field(None, gt=0)
    months: int | None = Field(None, ge=1)
    horizon: int | None = Field(None, ge=1)
    through_returns: bool | None = None
    leg: Literal[tuple(LEGS)] | None = None  # type: ignore[valid-type]
    split: str | None = Field(None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    later: float | None = None
    large: float | None = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Plant:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        wanted = {"kind", *_NEEDED[self.kind]}
        if given != wanted:
            lacking, surplus = sorted(wanted - given), sorted(given - wanted)
            said = [f"needs {', '.join(lacking)}"] if lacking else []
            said += [f"does not take {', '.join(surplus)}"] if surplus else []
            raise ValueError(f"{self.kind} {' and '.join(said)}")
        return self

    @property
    def log_gap(self) -> float:
        """The gap of the two multiples, log points."""
        return math.log(float(self.usual_multiple or 1) / float(self.multiple or 1))


_GAP = ("yearly_lead", "usual_multiple", "multiple")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "nothing": (),
    "after_events": ("events_of", "lead"),
    "driver": ("driver_of", "per_unit"),
    "state": ("driver_of", "yearly_lead"),
    "slope": _GAP,
    "gap_today": (*_GAP, "months", "horizon", "large"),
    "half_life": ("months", "through_returns"),
    "premium": ("leg", "split", "later"),
}


class World(OneLine):
    """One way the data could have come about.

    Attributes
    ----------
    words : str
        What holds in it, for the reader.
    plant : Plant
    source : str
        Where the size of the effect comes from.
    holds, untrue : tuple of str
        Claims that are true in it, as claimed, and that are false in it.
    smallest : tuple of str
        Claims that are true in it by the smallest effect of interest.
    """

    words: str = Field(min_length=10)
    plant: Plant
    source: str = ""
    holds: tuple[str, ...] = ()
    untrue: tuple[str, ...] = ()
    smallest: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """Every claim judged in it, each once."""
        return tuple(dict.fromkeys((*self.holds, *self.smallest, *self.untrue)))


class UsualTests(OneLine):
    """The usual tests of predictability: in which world, whose gap, over how many months."""

    world: str
    leg: Literal[tuple(LEGS)]  # type: ignore[valid-type]
    horizon: int = Field(ge=1)


class Vintages(OneLine):
    """Claims judged on two vintages of the same portfolios, and by which leg.

    Attributes
    ----------
    leg : str
        In place of a registered leg the portfolios do not give.
    rates : tuple of str
        Columns that no revision of the portfolios touches.
    claims : tuple of str
    """

    leg: Literal[tuple(LEGS)]  # type: ignore[valid-type]
    rates: tuple[str, ...]
    claims: tuple[str, ...] = Field(min_length=1)


class Worlds(OneLine):
    """What the audit does: ``data/audit.yml``.

    Attributes
    ----------
    worlds : dict of str to World
    left_out : dict of str to str
        Core claims no panel can carry, with the reason.
    usual_tests : UsualTests
    vintages : Vintages
    """

    worlds: dict[str, World]
    left_out: dict[str, str] = Field(default_factory=dict)
    usual_tests: UsualTests
    vintages: Vintages

    @property
    def rules(self) -> tuple[str, ...]:
        """Every claim judged in some world, in the order of the file."""
        return tuple(dict.fromkeys(c for world in self.worlds.values() for c in world.claims))

    @property
    def order(self) -> dict[str, int]:
        """Place of each rule in the report, those left out after all others."""
        return {rule: place for place, rule in enumerate((*self.rules, *self.left_out))}

    def only(self, rules: Collection[str]) -> Worlds:
        """The worlds in which some rules are judged, and these rules alone.

        Raises
        ------
        InputError
            For a rule that is judged in none, with the nearest that is.
        """
        for rule in rules:
            if rule not in self.rules:
                raise InputError(f"no world judges the rule {rule!r}{nearest(rule, self.rules)}")
        kept = {
            name: world.model_copy(
                update={
                    "holds": tuple(rule for rule in world.holds if rule in rules),
                    "untrue": tuple(rule for rule in world.untrue if rule in rules),
                    "smallest": tuple(rule for rule in world.smallest if rule in rules),
                }
            )
            for name, world in self.worlds.items()
        }
        return self.model_copy(
            update={"worlds": {name: one for name, one in kept.items() if one.claims}}
        )


def load_worlds(claims: Mapping[str, Claim], path: Path | None = None) -> Worlds:
    """The worlds, checked against the claims.

    Raises
    ------
    InputError
        Naming file, world and field, also for a claim that does not exist.
    """
    file = AUDIT_FILE if path is None else path
    found = _read(file, file.stat().st_mtime_ns)
    for name, world in found.worlds.items():
        named = (*world.claims, *filter(None, [world.plant.events_of, world.plant.driver_of]))
        _check_claims(file, f"world {name!r}", named, claims)
    _check_claims(file, "left_out", found.left_out, claims)
    _check_claims(file, "vintages", found.vintages.claims, claims)
    return found


def _check_claims(
    file: Path, where: str, named: Iterable[str], claims: Mapping[str, Claim]
) -> None:
    for claim in named:
        if claim not in claims:
            raise InputError(
                f"{file.name}: {where}: no claim is called {claim!r}{nearest(claim, claims)}"
            )


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Worlds:
    try:
        return Worlds.model_validate(load_yaml(path))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        said = problem["msg"].removeprefix("Value error, ")
        raise InputError(f"{path.name}: {where}: {said}") from error


def effect_of(world: World, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    """What a world plants in panels made from a data set.

    Parameters
    ----------
    world : World
    dataset : Dataset
        The real data.
    claims : mapping of str to Claim
        For the dates of ``after_events`` and for drivers and states.
    """
    return _EFFECTS[world.plant.kind](world.plant, dataset, claims)


def _nothing(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return NO_EFFECT


def _after_events(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.events_of)]).arguments
    months = tuple(event_months(dataset, arguments.date_rule))
    return Effect(after_events=float(plant.lead or 0.0), events=months)


def _driver(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.driver_of)]).arguments
    series = driver_series(dataset, arguments.driver, arguments.alignment).shift(arguments.lag)
    return Effect(moves=float(plant.per_unit or 0.0) * (series - series.mean()))


def _state(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.driver_of)]).arguments
    state = state_of(dataset, arguments).shift(arguments.lag)
    return Effect(moves=float(plant.yearly_lead or 0.0) / 12.0 * state)


def _slope(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(slope=float(plant.yearly_lead or 0.0) / plant.log_gap / 12.0)


def _gap_today(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    """From the planted gap in the last month the expected returns over the horizon are the claimed.

    A gap g that fades at rate ρ earns slope × g × (1 − ρ^h) / (1 − ρ) over h months, beside the
    mean that a return has in any case.
    """
    half_life, horizon = int(plant.months or 1), int(plant.horizon or 1)
    rho = 0.5 ** (1.0 / half_life)
    earned = plant.log_gap * (1.0 - rho**horizon) / (1.0 - rho)

    def slope(expected: float | None, returns: pd.Series) -> float:
        return horizon * (float(expected or 0.0) / 12.0 - float(returns.mean())) / earned

    return Effect(
        slope=slope(plant.yearly_lead, small_minus_large(dataset.monthly, PLANTED)),
        shared_slope=slope(plant.large, side_returns(dataset.monthly, "large")),
        half_life=float(half_life),
        gap_now=plant.log_gap,
    )


def _half_life(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(half_life=float(plant.months or 1), through_returns=bool(plant.through_returns))


def _premium(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    split = pd.Period(str(plant.split), "M")
    spread = small_minus_large(dataset.monthly, str(plant.leg))
    before = float(spread[spread.index < split].mean())
    later = float(plant.later or 0.0) / 12.0
    return Effect(premium_from=split, premium_before=before, premium=later)


_EFFECTS: Mapping[str, Callable[[Plant, Dataset, Mapping[str, Claim]], Effect]] = {
    "nothing": _nothing,
    "after_events": _after_events,
    "driver": _driver,
    "state": _state,
    "slope": _slope,
    "gap_today": _gap_today,
    "half_life": _half_life,
    "premium": _premium,
}
