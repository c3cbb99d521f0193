"""The worlds a rule is tried in: some make its claim true, some make it false.

They are data (``data/audit.yml``): what is planted in the simulated panels, and which claims hold
there and which do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from analysis.audit.simulation import NO_EFFECT, PLANTED, Effect
from analysis.claims import Claim
from analysis.designs import Sampling, bind, find_design
from analysis.designs.event_study.windows import event_dates
from analysis.designs.outcome_slope.plan import concentration_sample, states_of
from analysis.designs.regressions import missing_of
from analysis.designs.return_forecast.absolute import side_returns
from analysis.designs.state_means.samples import state_of
from analysis.files import PROJECT, load_yaml
from analysis.panel import Dataset, small_minus_large
from analysis.panel.drivers import DRIVERS, driver_series, resolved
from analysis.panel.legs import LEGS
from analysis.panel.recessions import recession_ahead
from analysis.results import InputError, Refusal, first_refusal, nearest
from analysis.texts import OneLine

#: The world without effect whose blocks keep what the real data have; no label is counted there.
BLOCKS = "blocks alone"

AUDIT_FILE = PROJECT / "data" / "audit.yml"


class Plant(OneLine):
    """What is planted; each kind has the fields it needs and no others.

    Attributes
    ----------
    kind : str
        ``nothing``; ``blocks``: nothing planted and no random signs, so that blocks carry what the
        real data have; ``after_events``: `lead` over the twelve months after each event of the
        claim `events_of`; ``wide_events``: the same, the gap made wide before each of them;
        ``driver``: small earns `per_unit` more a month per unit of the driver of the
        claim `driver_of`, placed in time as it registers; ``deviation``: it earns `yearly_lead`
        more a year while each driver of that claim is a standard deviation above its mean, its own
        past return one of them; ``state``: `yearly_lead` a year more in
        the months of its state than in others; ``slope``: `yearly_lead` while the gap is the log
        of `usual_multiple` over `multiple`; ``slope_in_state``: the same in the months of the state
        of the claim `driver_of` alone; ``gap_today``: that gap in the last month, fading with
        a half-life of `months`, makes `yearly_lead` the expected lead a year over `horizon` months,
        and `large` that of large caps; ``half_life``: the gap halves in `months`; ``premium``: the
        mean of `leg` is `later` a year from `split` on and its own before; ``means``: each of
        `columns` has the mean `value` a year; ``measure``: `columns` are moved, or their deviations
        scaled, until the claim `measure_of` shows `value` as its `measure` on the real months.
    """

    kind: Literal[
        "nothing",
        "blocks",
        "after_events",
        "wide_events",
        "driver",
        "deviation",
        "state",
        "slope",
        "slope_in_state",
        "gap_today",
        "half_life",
        "premium",
        "means",
        "measure",
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
    columns: tuple[str, ...] | None = Field(None, min_length=1)
    measure_of: str | None = None
    measure: str | None = None
    moved: Literal["mean", "spread"] | None = None
    value: float | None = None

    @property
    def plants_nothing(self) -> bool:
        """Whether nothing is there to be found: no effect, or one of the size of none."""
        sizes = (self.lead, self.value if self.moved != "spread" else None)
        return self.kind in ("nothing", "blocks") or 0.0 in sizes

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
    "blocks": (),
    "after_events": ("events_of", "lead"),
    "wide_events": ("events_of", "lead"),
    "driver": ("driver_of", "per_unit"),
    "deviation": ("driver_of", "yearly_lead"),
    "state": ("driver_of", "yearly_lead"),
    "slope": _GAP,
    "slope_in_state": ("driver_of", *_GAP),
    "gap_today": (*_GAP, "months", "horizon", "large"),
    "half_life": ("months", "through_returns"),
    "premium": ("leg", "split", "later"),
    "means": ("columns", "value"),
    "measure": ("measure_of", "measure", "columns", "moved", "value"),
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
    names : dict of str to str
        What charts and tables call a rule, in a few words.
    """

    worlds: dict[str, World]
    left_out: dict[str, str] = Field(default_factory=dict)
    usual_tests: UsualTests
    vintages: Vintages
    names: dict[str, str] = Field(default_factory=dict)

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


def worlds_for(data: str, claims: Mapping[str, Claim], only: Collection[str] = ()) -> Worlds:
    """The worlds of the rules that are judged on panels made from one data set.

    Rules run on panels of the bundled data; those that need the latest data, on panels of these.

    Parameters
    ----------
    data : {"bundled", "latest"}
    claims : mapping of str to Claim
    only : collection of str
        Rules to judge; all by default.

    Raises
    ------
    InputError
        For a rule no world judges, or none on this data set.
    """
    worlds = load_worlds(claims)
    judged = [
        rule for rule in worlds.rules if (claims[rule].needs == "latest") == (data == "latest")
    ]
    for rule in only:
        if rule in worlds.rules and rule not in judged:
            other = "latest" if data == "bundled" else "bundled"
            raise InputError(
                f"the rule {rule!r} is judged on panels of the {other} data: --data {other}"
            )
    return worlds.only(only or judged)


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
        plant = world.plant
        asked = filter(None, [plant.events_of, plant.driver_of, plant.measure_of])
        named = (*world.claims, *asked)
        _check_claims(file, f"world {name!r}", named, claims)
    _check_claims(file, "left_out", found.left_out, claims)
    _check_claims(file, "vintages", found.vintages.claims, claims)
    _check_claims(file, "names", found.names, claims)
    return found


def name_of(rule: str, claims: Mapping[str, Claim]) -> str:
    """What a reader is told a rule is: its name, or else its claim, or else what it is called."""
    named = load_worlds(claims).names.get(rule)
    return named or (claims[rule].text.rstrip(".") if rule in claims else rule)


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


def effect_of(world: World, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect | Refusal:
    """What a world plants in panels made from a data set, or why it cannot be planted there.

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


def _blocks(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(signs=False)


def _after_events(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(after_events=float(plant.lead or 0.0), events=_events(plant, dataset, claims))


def _events(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> tuple[pd.Period, ...]:
    """Events of a claim: those of its date rule that a recession did, or did not, follow."""
    arguments: Any = bind(claims[str(plant.events_of)]).arguments
    months = pd.PeriodIndex(event_dates(dataset, arguments.date_rule)["month"], freq="M")
    if arguments.followed_by != "any":
        linked = recession_ahead(dataset.monthly["recession"], arguments.link)
        known = months[months.isin(linked.index)]
        months = known[linked[known].to_numpy() == (arguments.followed_by == "recession")]
    return tuple(months)


def _wide_events(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    events = _events(plant, dataset, claims)
    return Effect(after_events=float(plant.lead or 0.0), events=events, wide_before=events)


def _driver(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.driver_of)]).arguments
    series = driver_series(dataset, arguments.driver, arguments.alignment).shift(arguments.lag)
    return Effect(moves=float(plant.per_unit or 0.0) * (series - series.mean()))


def _deviation(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect | Refusal:
    claim = claims[str(plant.driver_of)]
    arguments: Any = bind(claim).arguments
    monthly = float(plant.yearly_lead or 0.0) / 12.0
    if hasattr(arguments, "predictor"):
        sample = concentration_sample(dataset, arguments.leg)
        if sample.refusal is not None:
            return sample.refusal
        known = sample.gap.shift(1)
        return Effect(moves=monthly * (known - known.mean()) / known.std())
    asked = _drivers(arguments)
    lacking = first_refusal(
        *(missing_of(dataset, arguments.leg, one, alignment=arguments.alignment) for one in asked)
    )
    if lacking is not None:
        return lacking
    names = [resolved(dataset, name) for name in asked]
    if DRIVERS[names[0]].kind == "past":
        past = driver_series(dataset, names[0], arguments.alignment)
        return Effect(past_slope=monthly / float(past.std()))
    parts = [_standardised(dataset, name, arguments) for name in names]
    return Effect(moves=monthly * pd.concat(parts, axis=1).sum(axis=1))


def _drivers(arguments: Any) -> list[str]:
    return [arguments.driver, *filter(None, [getattr(arguments, "second", None)])]


def _standardised(dataset: Dataset, name: str, arguments: Any) -> pd.Series:
    """A driver in standard deviations from its mean; that of a survey in the months it stands."""
    series = driver_series(dataset, name, arguments.alignment)
    if DRIVERS[name].is_survey:
        series = series[series.index.month % 3 == 2].reindex(series.index).ffill(limit=2)
    series = series.shift(arguments.lag)
    return (series - series.mean()) / series.std()


def _state(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.driver_of)]).arguments
    state = state_of(dataset, arguments).shift(arguments.lag)
    return Effect(moves=float(plant.yearly_lead or 0.0) / 12.0 * state)


def _slope(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(slope=float(plant.yearly_lead or 0.0) / plant.log_gap / 12.0)


def _slope_in_state(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    arguments: Any = bind(claims[str(plant.driver_of)]).arguments
    state = states_of(dataset)[arguments.given]
    return Effect(slope=float(plant.yearly_lead or 0.0) / plant.log_gap / 12.0, slope_in=state)


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


def _lacking(plant: Plant, dataset: Dataset) -> Refusal | None:
    absent = [name for name in plant.columns or () if name not in dataset.monthly.columns]
    return Refusal(f"the data hold no {absent[0]}", needs="latest") if absent else None


def _means(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect | Refusal:
    lacking = _lacking(plant, dataset)
    if lacking is not None:
        return lacking
    wanted = float(plant.value or 0.0) / 12.0
    held = dataset.monthly[list(plant.columns or ())]
    return Effect(shift={name: wanted - float(mean) for name, mean in held.mean().items()})


class _Unplantable(Exception):
    """A claim shows nothing on the real months, so no move of theirs makes it show anything."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


#: Steps in which a column is moved to what a claim is to show, and how near is near enough.
_STEPS, _NEAR = 12, 1e-4


def _measure(plant: Plant, dataset: Dataset, claims: Mapping[str, Claim]) -> Effect | Refusal:
    """The move of some columns, by secants, at which a claim shows the wanted measure.

    A measure of means, variances and covariances is in a drawn panel, in expectation, what it is
    in the real months: signs and blocks leave these alone.
    """
    lacking = _lacking(plant, dataset)
    if lacking is not None:
        return lacking
    columns, wanted = list(plant.columns or ()), float(plant.value or 0.0)
    claim = claims[str(plant.measure_of)]
    design, specification = find_design(str(claim.design)), bind(claim, claims=claims)

    def effect(amount: float) -> Effect:
        if plant.moved == "spread":
            return Effect(scale=dict.fromkeys(columns, 1.0 + amount))
        return Effect(shift=dict.fromkeys(columns, amount))

    def off(amount: float) -> float:
        monthly = dataset.monthly.copy()
        if plant.moved == "spread":
            mean = monthly[columns].mean()
            monthly[columns] = mean + (1.0 + amount) * (monthly[columns] - mean)
        else:
            monthly[columns] += amount
        moved = replace(dataset, monthly=monthly)
        finding = design.judge_only(moved, specification, Sampling(draws=99, seed=0))
        if finding.refusal is not None:
            raise _Unplantable(finding.refusal)
        return float(finding.measures[str(plant.measure)]) - wanted

    try:
        before, now = 0.0, 0.001 if plant.moved == "mean" else -0.1
        off_before, off_now = off(before), off(now)
        for _ in range(_STEPS):
            if abs(off_now) < _NEAR:
                return effect(now)
            step = off_now * (now - before) / (off_now - off_before)
            before, off_before, now = now, off_now, now - step
            off_now = off(now)
    except _Unplantable as refused:
        return refused.refusal
    raise InputError(f"no move of {', '.join(columns)} makes {plant.measure} {wanted:g}")


_EFFECTS: Mapping[str, Callable[[Plant, Dataset, Mapping[str, Claim]], Effect | Refusal]] = {
    "nothing": _nothing,
    "blocks": _blocks,
    "after_events": _after_events,
    "wide_events": _wide_events,
    "driver": _driver,
    "deviation": _deviation,
    "state": _state,
    "slope": _slope,
    "slope_in_state": _slope_in_state,
    "gap_today": _gap_today,
    "half_life": _half_life,
    "premium": _premium,
    "means": _means,
    "measure": _measure,
}
