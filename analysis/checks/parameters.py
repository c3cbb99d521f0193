"""What every chapter's notebook takes, and how a value is refused.

Each check module has a ``Parameters`` model that adds its own fields. The same model guards the
command line, papermill called by hand, and a cell edited in a running notebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analysis.panel import LEGS
from analysis.results import InputError

NEWEST = "newest"

#: A small-minus-large return by its name in :data:`analysis.panel.LEGS`.
LegName = Literal[tuple(LEGS)]  # type: ignore[valid-type]


class ChapterParameters(BaseModel):
    """Parameters that every notebook takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    #: First month the chapter has enough data for.
    earliest: ClassVar[str] = "1931-06"

    as_of: str = Field(
        NEWEST,
        pattern=r"^(newest|\d{4}-(0[1-9]|1[0-2]))$",
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
