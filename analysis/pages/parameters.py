"""The parameters of a notebook, made from the registered arguments they stand for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
)

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import ChapterEntry, load_chapters
from analysis.designs import find_design
from analysis.results import NEWEST, InputError, nearest
from analysis.texts import MONTH

__all__ = [
    "NEWEST",
    "ChapterParameters",
    "changes_to",
    "check_parameters",
    "parameters_cell",
    "parameters_of",
    "taken",
]


class ChapterParameters(BaseModel):
    """Parameters that every notebook takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    #: First month the chapter has enough data for.
    earliest: ClassVar[str] = "1931-06"

    as_of: str = Field(
        NEWEST,
        pattern=f"^(newest|{MONTH})$",
        description="last month anything may see, YYYY-MM, or 'newest' for all there is",
    )
    data: Literal["bundled", "latest"] = Field(
        "bundled", description="'bundled' (inside the package, offline) or 'latest' (a snapshot)"
    )
    seed: int = Field(20260101, ge=0, description="seed of every random draw")

    @field_validator("as_of")
    @classmethod
    def _not_before_the_data(cls, value: str) -> str:
        if value != NEWEST and value < cls.earliest:
            raise ValueError(f"this chapter has too little data before {cls.earliest}")
        return value


Model = TypeVar("Model", bound=ChapterParameters)


def check_parameters(
    model: type[Model], values: Mapping[str, Any], chapter: str, *, from_text: bool = False
) -> Model:
    """Validate `values` against a chapter's model.

    Parameters
    ----------
    model : subclass of ChapterParameters
    values : mapping of str to value
    chapter : str
        Named in the error.
    from_text : bool
        True where the values were typed on a command line and ``"12"`` may mean 12.

    Raises
    ------
    InputError
        One line for every problem, naming the parameter, what is wrong and what is accepted.
    """
    try:
        return model.model_validate(dict(values), strict=not from_text)
    except ValidationError as error:
        lines = [_explain(problem, model, chapter) for problem in error.errors()]
        raise InputError("\n".join(lines)) from error


def taken(
    model: type[ChapterParameters], values: Mapping[str, str], chapter: str
) -> dict[str, Any]:
    """Those of `values`, typed, that a chapter has a parameter for and accepts.

    Parameters
    ----------
    model : subclass of ChapterParameters
    values : mapping of str to str
    chapter : str
    """
    accepted = {}
    for name, value in values.items():
        with contextlib.suppress(InputError):
            checked = check_parameters(model, {name: value}, chapter, from_text=True)
            accepted[name] = getattr(checked, name)
    return accepted


def _explain(problem: Mapping[str, Any], model: type[ChapterParameters], chapter: str) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(name, model.model_fields, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        known = ", ".join(model.model_fields)
        return f"{chapter}: unknown parameter {name!r}{hint} (known: {known})"
    field = model.model_fields.get(name)
    wanted = f" ({field.description})" if field is not None and field.description else ""
    said = problem["msg"].removeprefix("Value error, ")
    return f"{chapter}: parameter {name}={problem['input']!r}: {said}{wanted}"


#: Bounds of a number of random draws.
_FEWEST_DRAWS, _MOST_DRAWS = 99, 100_000


def parameters_of(name: str) -> type[ChapterParameters]:
    """The parameter model of one chapter; defaults are what its claims register.

    Raises
    ------
    InputError
        For an unknown chapter, and where the claims of one parameter register different values.
    """
    chapters = load_chapters()
    if name not in chapters:
        raise InputError(f"unknown notebook {name!r}{nearest(name, chapters)}")
    return _model(name, chapters[name], load_claims())


def changes_to(claim: str, name: str, parameters: ChapterParameters) -> dict[str, Any]:
    """The arguments of one claim as a chapter's parameters have them.

    Parameters
    ----------
    claim : str
        Id of a claim of the chapter.
    name : str
        The chapter.
    parameters : ChapterParameters
    """
    entry = load_chapters()[name]
    return {
        argument: getattr(parameters, parameter)
        for parameter, targets in entry.parameters.items()
        for owner, argument in _targets(parameter, targets)
        if owner == claim
    }


def parameters_cell(name: str) -> str:
    """Source of a notebook's parameters cell: names, types, defaults and what they mean."""
    lines = []
    for field_name, info in parameters_of(name).model_fields.items():
        default = info.default
        text = f'"{default}"' if isinstance(default, str) else repr(default)
        note = f"  # {info.description}" if info.description else ""
        lines.append(f"{field_name}: {type(default).__name__} = {text}{note}")
    return "\n".join(lines)


def _model(name: str, entry: ChapterEntry, claims: Mapping[str, Claim]) -> type[ChapterParameters]:
    fields: dict[str, Any] = {}
    for parameter, targets in entry.parameters.items():
        fields[parameter] = _registered(name, parameter, list(_targets(parameter, targets)), claims)
    for own, given in entry.own.items():
        bounds: dict[str, Any] = {"ge": given.ge, "le": given.le}
        kept = {key: value for key, value in bounds.items() if value is not None}
        fields[own] = (
            type(given.default),
            Field(given.default, description=given.description, **kept),
        )
    if entry.draws is not None:
        fields["draws"] = (
            int,
            Field(entry.draws, ge=_FEWEST_DRAWS, le=_MOST_DRAWS, description="random draws"),
        )
    base = _base(name, entry.earliest)
    return create_model(f"{name.title().replace('_', '')}Parameters", __base__=base, **fields)


@lru_cache(maxsize=32)
def _base(name: str, first: str) -> type[ChapterParameters]:
    class Base(ChapterParameters):
        earliest: ClassVar[str] = first

    return Base


def _registered(
    chapter: str, parameter: str, targets: list[tuple[str, str]], claims: Mapping[str, Claim]
) -> tuple[Any, Any]:
    """Type and default of a parameter, from the claims whose argument it is."""
    where = f"chapters.yml: chapter {chapter!r}, parameter {parameter!r}"
    found = []
    for owner, argument in targets:
        claim = claims.get(owner)
        if claim is None or claim.design is None:
            raise InputError(f"{where}: no claim with a design is called {owner!r}")
        model = find_design(claim.design).arguments
        if argument not in model.model_fields:
            raise InputError(
                f"{where}: claim {owner!r} has no argument {argument!r}"
                f"{nearest(argument, model.model_fields)}"
            )
        info = model.model_fields[argument]
        default = claim.arguments.get(argument, info.default)
        found.append((default, info))
    if len({repr(default) for default, _ in found}) != 1:
        values = ", ".join(f"{o}: {d!r}" for (o, _), (d, _) in zip(targets, found, strict=True))
        raise InputError(f"{where}: its claims register different values ({values})")
    default, info = found[0]
    annotation = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return annotation, Field(default, description=info.description)


def _targets(parameter: str, targets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for target in targets:
        owner, _, argument = target.partition(".")
        yield owner, argument or parameter
