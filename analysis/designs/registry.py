"""Designs by name, and claims bound to them: what is registered, checked, is what runs.

A design is a function ``(dataset, specification, sampling) -> Study`` in a module of its own name,
made known by the decorator :func:`design`. The registered arguments are a model of that module; an
argument that its code does not read, or a measure it does not give, is an error when a claim is
bound.
"""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from analysis.claims import Claim, Figure, load_claims
from analysis.claims.labels import odds_of, power_columns
from analysis.claims.multiplicity import PValue
from analysis.claims.outlooks import Outlook
from analysis.claims.verdicts import Verdict, decide
from analysis.designs.grids import rows_that_ran
from analysis.designs.series import cautions_on, mixed_on
from analysis.files import code_of, digest, digest_code, reached_files
from analysis.panel import Dataset
from analysis.results import Finding, InputError, nearest

#: Modules of this package that are no designs.
NOT_DESIGNS = frozenset(
    {
        *("registry", "arguments", "grids", "gap_windows", "series"),
        *("dated_values", "outlook_studies", "regressions"),
    }
)

PACKAGE = "analysis.designs"

#: How a design reads an argument.
_READ = re.compile(r"\barguments\.([A-Za-z_]\w*)")

#: Where one data set holds what another does not, in errors on arguments.
Scalar = bool | int | float | str


class Arguments(BaseModel):
    """The registered arguments of a design; each design has its own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True)
class Sampling:
    """How often and from which seed a design draws; no part of what is tested.

    Attributes
    ----------
    draws : int
        Random draws: resampled histories, dates of events or paths.
    seed : int
    """

    draws: int
    seed: int


@dataclass(frozen=True)
class Specification(Generic[A]):
    """What a design is given of one claim.

    Attributes
    ----------
    claim : str
        Id of the claim, for titles and errors; no code decides by it.
    arguments : Arguments
        Of the design's own model: the registered ones, or those a reader changed.
    grid : mapping of str to tuple
        Axis and registered alternatives, the axes marked as not run left out.
    figures : tuple of Figure
        The numbers the note gives.
    deviations : tuple of str
        Arguments that differ from the registered ones, in words; empty for the registered
        specification.
    peers : tuple of Specification
        The registered specifications of the other claims of the same design, in the order of the
        files; only where the design asks for them.
    outlook : Outlook or None
        First days, horizons and condition, of a claim that is an outlook.
    """

    claim: str
    arguments: A
    grid: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    deviations: tuple[str, ...] = ()
    peers: tuple[Specification[A], ...] = ()
    outlook: Outlook | None = None

    def figure(self, name: str) -> float:
        """The number the note gives under a name.

        Raises
        ------
        InputError
            Where the claim has no figure of that name.
        """
        for one in self.figures:
            if one.name == name:
                return float(one.value)
        known = [one.name for one in self.figures]
        raise InputError(f"claim {self.claim!r} has no figure {name!r}{nearest(name, known)}")

    def combinations(self, *axes: str) -> Iterator[dict[str, Any]]:
        """Every specification of the grid, as the value of each of some arguments.

        An argument that the grid does not vary keeps its own value; nothing without a grid.
        """
        if self.grid:
            values = (self.grid.get(axis, (getattr(self.arguments, axis),)) for axis in axes)
            for chosen in itertools.product(*values):
                yield dict(zip(axes, chosen, strict=True))


@dataclass(frozen=True)
class Study:
    """What a design made of a data set and a specification; each design adds its own tables.

    Attributes
    ----------
    specification : Specification
    finding : Finding
        May be refused.
    grid : DataFrame
        One row a registered specification of the grid: a column for each axis, then the estimates,
        then ``reason``, empty where the row was run. No rows where the claim has no grid.
    """

    specification: Specification[Any]
    finding: Finding
    grid: pd.DataFrame

    @property
    def ran(self) -> pd.DataFrame:
        """The rows of the grid that were run, without the column of reasons."""
        return rows_that_ran(self.grid)


def _counted(study: Study) -> Study:
    """A study whose finding says how much of the grid was run, where its design does not."""
    finding = study.finding
    if finding.refusal is not None or finding.specifications is not None or study.grid.empty:
        return study
    ran = len(rows_that_ran(study.grid))
    told = replace(finding, specifications=ran, left_out=len(study.grid) - ran)
    return replace(study, finding=told)


Examine = Callable[[Dataset, Specification[Any], Sampling], Study]


@dataclass(frozen=True)
class Design:
    """One way to test a claim.

    Attributes
    ----------
    name : str
        Of the function and of its module.
    arguments : type of Arguments
    measures : mapping of str to str
        Every measure a criterion may name, and its unit (``"share"``, ``"decimal return a year"``,
        ``"p-value"``, ``"count"``, ...).
    axes : frozenset of str
        Arguments the grid may vary.
    examine : callable
    asks_for_peers : bool
        Whether it compares a claim with the others of its design.
    judged_by_grid : bool
        Whether the finding rests on the grid; where it does not, the audit leaves the grid out.
    fewest_draws : int
        Random draws below which its p-values are too coarse to judge by.
    episodes : tuple of str
        Measures it gives without each episode too, where its evidence is a count of episodes:
        events, or spells of a state. A claim of such a design registers ``each_episode``.
    """

    name: str
    arguments: type[Arguments]
    measures: Mapping[str, str]
    axes: frozenset[str]
    examine: Examine = field(repr=False)
    asks_for_peers: bool = False
    judged_by_grid: bool = False
    fewest_draws: int = 1
    episodes: tuple[str, ...] = ()

    def __call__(
        self, dataset: Dataset, specification: Specification[Any], sampling: Sampling
    ) -> Study:
        """Test one specification on one data set."""
        return _counted(self.examine(dataset, specification, sampling))

    def judge_only(
        self, dataset: Dataset, specification: Specification[Any], sampling: Sampling
    ) -> Finding:
        """The finding alone, without a grid that it does not rest on."""
        asked = specification if self.judged_by_grid else replace(specification, grid={})
        draws = max(sampling.draws, self.fewest_draws)
        return self.examine(dataset, asked, Sampling(draws, sampling.seed)).finding

    @property
    def module(self) -> str:
        """Dotted name of its module."""
        return f"{PACKAGE}.{self.name}"

    def fingerprint(self) -> str:
        """First 16 hex digits of the SHA-256 of all code the design can reach."""
        return _digest_of(self.module)

    def unread(self) -> list[str]:
        """Arguments that no code of the design reads."""
        return sorted(set(self.arguments.model_fields) - _attributes_read(self.module))


def design(
    *,
    arguments: type[Arguments],
    measures: Mapping[str, str],
    axes: tuple[str, ...] = (),
    asks_for_peers: bool = False,
    judged_by_grid: bool = False,
    fewest_draws: int = 1,
    episodes: tuple[str, ...] = (),
) -> Callable[[Examine], Design]:
    """Make a function known as a design: registering and defining are one act.

    Parameters
    ----------
    arguments : type of Arguments
        Model of the registered arguments.
    measures : mapping of str to str
        What a criterion may name, and the unit of each.
    axes : tuple of str
        Arguments that a grid may vary.
    asks_for_peers : bool
        Whether it compares a claim with the others of its design.
    judged_by_grid : bool
        Whether the finding rests on the grid.
    fewest_draws : int
        Random draws below which its p-values are too coarse to judge by.
    episodes : tuple of str
        Measures it gives without each episode too, where its evidence is a count of episodes.
    """

    def register(examine: Examine) -> Design:
        name = examine.__name__
        unknown = sorted(set(axes) - set(arguments.model_fields))
        if unknown:
            raise TypeError(f"design {name}: axis {unknown[0]!r} is no argument")
        made = Design(
            name=name,
            arguments=arguments,
            measures=dict(measures),
            axes=frozenset(axes),
            examine=examine,
            asks_for_peers=asks_for_peers,
            judged_by_grid=judged_by_grid,
            fewest_draws=fewest_draws,
            episodes=episodes,
        )
        object.__setattr__(made, "__doc__", examine.__doc__)
        return made

    return register


@cache
def design_names() -> tuple[str, ...]:
    """Names of all designs: the modules of this package but the registry's own."""
    folder = Path(__file__).parent
    names = (module.name for module in pkgutil.iter_modules([str(folder)]))
    return tuple(name for name in names if name not in NOT_DESIGNS)


def find_design(name: str) -> Design:
    """The design of a name.

    Parameters
    ----------
    name : str
        Of a module of :mod:`analysis.designs`.

    Raises
    ------
    InputError
        For an unknown name, with the nearest known one.
    """
    if name not in design_names():
        raise InputError(f"unknown design {name!r}{nearest(name, design_names())}")
    return getattr(importlib.import_module(f"{PACKAGE}.{name}"), name)


def bind(
    claim: Claim,
    changes: Mapping[str, Any] | None = None,
    claims: Mapping[str, Claim] | None = None,
) -> Specification[Any]:
    """A claim's specification, checked against its design.

    Parameters
    ----------
    claim : Claim
    changes : mapping of str to value, optional
        Arguments a reader changed.
    claims : mapping of str to Claim, optional
        Where peers are looked for; the committed claims by default.

    Raises
    ------
    InputError
        Naming claim and field, and the nearest known name: for an unknown design, a missing,
        misspelt, mistyped or surplus argument, one that no code of the design reads, an axis the
        design does not vary, a value of the grid that is no such argument, and a criterion that
        names a measure the design does not give.
    """
    chosen, registered = _checked(claim)
    changed = {key: value for key, value in (changes or {}).items()}
    given = _arguments(claim, chosen, {**claim.arguments, **changed}) if changed else registered
    peers: tuple[Specification[Any], ...] = ()
    if chosen.asks_for_peers:
        known = load_claims() if claims is None else claims
        alike = [one for one in known.values() if one.design == claim.design]
        peers = tuple(_specification(one, _checked(one)[1]) for one in alike if one.id != claim.id)
    return _specification(claim, given, _deviations(registered, given), peers)


def bind_all(claims: Mapping[str, Claim] | None = None) -> dict[str, Specification[Any]]:
    """The specification of every claim that names a design, by id.

    Parameters
    ----------
    claims : mapping of str to Claim, optional
        By id; all of the project by default.

    Raises
    ------
    InputError
        One line for every claim that does not fit its design.
    """
    known = load_claims() if claims is None else claims
    bound, problems = {}, []
    for claim in known.values():
        if claim.design is not None:
            try:
                bound[claim.id] = bind(claim, claims=known)
            except InputError as error:
                problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return bound


@cache
def _digest_of(module: str) -> str:
    """Once a process: it runs the code it has loaded, whatever is written to disk meanwhile."""
    return digest_code([module])


def fingerprint_of(claim: Claim, claims: Mapping[str, Claim] | None = None) -> str:
    """Fingerprint of the code that tests a claim, with the hashes of the peers it is held against.

    Empty for a claim without a design.
    """
    if claim.design is None:
        return ""
    chosen = find_design(claim.design)
    if not chosen.asks_for_peers:
        return chosen.fingerprint()
    known = load_claims() if claims is None else claims
    peers = {one.id: one.criterion_hash for one in known.values() if one.design == claim.design}
    return digest([chosen.fingerprint(), peers])


def judge(
    claim: Claim,
    finding: Finding | None,
    dataset: Dataset,
    deviations: tuple[str, ...] = (),
    *,
    others: Iterable[PValue] | None = None,
    read: frozenset[str] | None = None,
) -> Verdict:
    """The verdict on a claim, with the data and the code that gave its finding.

    Parameters
    ----------
    claim : Claim
    finding : Finding or None
        None only for a claim without a design.
    dataset : Dataset
        What the finding was made from.
    deviations : tuple of str
        As in :class:`Specification`.
    others : iterable of PValue, optional
        p-values of the other claims on the same data; without them the rule speaks alone.
    read : frozenset of str, optional
        Tables that were read, by their names in :attr:`analysis.panel.Dataset.reaches`; all of
        them by default.
    """
    verdict = decide(
        claim,
        finding,
        data=dataset.data,
        as_of=dataset.asked,
        seen_to=str(dataset.as_of),
        reaches=_only(dataset.reaches, read),
        mixed=mixed_on(claim, dataset, read),
        cautions=cautions_on(claim, dataset),
        snapshot=dataset.snapshot,
        vintages=dataset.vintages,
        deviations=deviations,
        fingerprint=fingerprint_of(claim),
        units=None if claim.design is None else find_design(claim.design).measures,
        others=others,
    )
    record = verdict.as_record()
    return replace(verdict, odds=odds_of(record), **power_columns(record))


def _only(values: Mapping[str, str], names: frozenset[str] | None) -> dict[str, str]:
    return {name: one for name, one in values.items() if names is None or name in names}


def _checked(claim: Claim) -> tuple[Design, Arguments]:
    where = f"{claim.file}: claim {claim.id!r}"
    if claim.design is None:
        raise InputError(f"{where} names no design")
    try:
        chosen = find_design(claim.design)
    except InputError as error:
        raise InputError(f"{where}, field design: {error}") from error
    registered = _arguments(claim, chosen, claim.arguments)
    if unread := chosen.unread():
        raise InputError(
            f"{where}, field arguments.{unread[0]}: no code of the design {chosen.name} reads it"
        )
    for axis in claim.grid:
        if axis not in chosen.arguments.model_fields:
            known = chosen.arguments.model_fields
            raise InputError(f"{where}, field grid.{axis}: unknown argument{nearest(axis, known)}")
        if axis in claim.not_run:
            continue
        if axis not in chosen.axes:
            raise InputError(
                f"{where}, field grid.{axis}: the design {chosen.name} does not vary it"
                f"{nearest(axis, chosen.axes)}"
            )
        _check_axis(claim, chosen, axis)
    for measure in sorted(claim.criterion.measures() - set(chosen.measures)):
        raise InputError(
            f"{where}, field criterion: the design {chosen.name} gives no measure {measure!r}"
            f"{nearest(measure, chosen.measures)}"
        )
    if claim.criterion.supported and claim.criterion.each_episode != bool(chosen.episodes):
        counts = "counts" if chosen.episodes else "counts no"
        raise InputError(
            f"{where}, field criterion.each_episode: the design {chosen.name} {counts} episodes;"
            f" {'say true' if chosen.episodes else 'leave it out'}"
        )
    return chosen, registered


def _arguments(claim: Claim, chosen: Design, values: Mapping[str, Any]) -> Arguments:
    try:
        return chosen.arguments.model_validate(dict(values))
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]) or "the whole entry"
            said = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "extra_forbidden":
                said = f"unknown argument{nearest(name, chosen.arguments.model_fields)}"
            lines.append(f"{claim.file}: claim {claim.id!r}, field arguments.{name}: {said}")
        raise InputError("\n".join(lines)) from error


def _check_axis(claim: Claim, chosen: Design, axis: str) -> None:
    info = chosen.arguments.model_fields[axis]
    adapter: TypeAdapter[Any] = TypeAdapter(
        _annotated(info), config=ConfigDict(strict=True) if _is_plain(info.annotation) else None
    )
    for value in claim.grid[axis]:
        try:
            adapter.validate_python(value)
        except ValidationError as error:
            said = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise InputError(
                f"{claim.file}: claim {claim.id!r}, field grid.{axis}: {value!r}: {said}"
            ) from error


def _annotated(info: Any) -> Any:
    from typing import Annotated

    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _is_plain(annotation: Any) -> bool:
    return not (isinstance(annotation, type) and issubclass(annotation, BaseModel))


def _specification(
    claim: Claim,
    arguments: Arguments,
    deviations: tuple[str, ...] = (),
    peers: tuple[Specification[Any], ...] = (),
) -> Specification[Any]:
    grid = {axis: values for axis, values in claim.grid.items() if axis not in claim.not_run}
    return Specification(claim.id, arguments, grid, claim.figures, deviations, peers, claim.outlook)


def _deviations(registered: Arguments, given: Arguments) -> tuple[str, ...]:
    return tuple(
        f"{name} = {getattr(given, name)} (registered: {getattr(registered, name)})"
        for name in type(registered).model_fields
        if getattr(given, name) != getattr(registered, name)
    )


@lru_cache(maxsize=64)
def _attributes_read(module: str) -> frozenset[str]:
    """Names read from a variable or attribute called ``arguments``, in the design's own code.

    The modules of this package that the design imports count as its own.
    """
    folder = Path(__file__).parent
    own = [
        path
        for path in reached_files([module])
        if path.is_relative_to(folder) and path.name != "registry.py"
    ]
    return frozenset(name for path in own for name in _READ.findall(code_of(path).text))
