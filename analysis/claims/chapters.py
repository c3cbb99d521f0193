"""The chapters of the book: their names, titles, and which claims their parameters belong to."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from analysis.files import PROJECT, load_yaml
from analysis.results import InputError
from analysis.texts import MONTH, OneLine

CHAPTERS_FILE = PROJECT / "data" / "chapters.yml"


class OwnParameter(OneLine):
    """A parameter that belongs to no claim: a slider of a calculator, a number of panels."""

    default: bool | int | float | str
    ge: float | None = None
    le: float | None = None
    description: str = Field(min_length=3)


class Picture(OneLine):
    """How an answer is said and drawn: all on one axis.

    A place is the name of a measure of the claim's finding, ``another-claim.measure``, a registered
    argument of the claim, a column of the ledger such as ``ci_low``, or a number.

    Attributes
    ----------
    line : str
        The answer in one sentence, with ``{found}``, ``{interval}``, ``{base}`` and ``{claimed}``.
    axis : str
        What is measured, as the axis says it.
    unit : str
        As findings have them; decides how numbers are written.
    scale : float
        Every place is multiplied by it before it is drawn.
    found, low, high : str or number
        The estimate and the ends of its interval.
    base, base_words : str or number, str
        What is usual, and what that is.
    claimed, claimed_words : str or number, str
        What was claimed, and what that is.
    claims : {"value", "more", "less"}
        Whether the claim names the value itself, or more or less than it.
    """

    line: str = Field(min_length=10)
    axis: str = Field(min_length=3)
    unit: str = Field(min_length=1)
    scale: float = Field(1.0, gt=0)
    found: str | float
    low: str | float
    high: str | float
    base: str | float
    base_words: str = Field(min_length=3)
    claimed: str | float
    claimed_words: str = Field(min_length=3)
    claims: Literal["value", "more", "less"] = "value"


class Lead(OneLine):
    """How a chapter's question is answered in one sentence.

    Attributes
    ----------
    claim : str
        Whose run answers it.
    line : str
        The sentence, with a name in braces for every number; without it the first sentence of what
        the claim's run found.
    unit : str
        Of the numbers, as findings have it.
    numbers : mapping of str to str or number
        By name, a place as :class:`Picture` has it.
    """

    claim: str = Field(min_length=1)
    line: str = ""
    unit: str = "share"
    numbers: dict[str, str | float] = Field(default_factory=dict)


class ChapterEntry(OneLine):
    """One chapter.

    Attributes
    ----------
    title : str
        As lists and boards call it.
    part : str
        Of the book it stands in.
    earliest : str
        First month the chapter has enough data for, ``YYYY-MM``.
    draws : int or None
        Random draws of the default run; None where nothing is drawn.
    parameters : mapping of str to tuple of str
        A parameter of the notebook and the registered arguments it stands for: ``claim`` for the
        argument of the same name, ``claim.argument`` for another.
    own : mapping of str to OwnParameter
        Parameters that belong to no claim.
    judges : {"claims", "rules"}
        ``rules`` for the chapter that judges the judges and has no claim.
    question, central_claim : str or None
        A question of the front page and the claim whose verdict answers it; both or neither.
    picture : Picture or None
        How the front page says and draws that answer; of another chapter, how its first lines do.
    asks : str or None
        The question of a chapter that answers none of the front page.
    lead : Lead or None
        How it is answered.
    """

    title: str = Field(min_length=3)
    part: str = Field(min_length=3)
    earliest: str = Field("1931-06", pattern=f"^{MONTH}$")
    draws: int | None = Field(None, ge=1)
    parameters: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    own: dict[str, OwnParameter] = Field(default_factory=dict)
    judges: Literal["claims", "rules"] = "claims"
    question: str | None = Field(None, pattern=r"\?$")
    central_claim: str | None = Field(None, min_length=1)
    picture: Picture | None = None
    asks: str | None = Field(None, pattern=r"\?$")
    lead: Lead | None = None

    @model_validator(mode="after")
    def _a_question_has_its_answer(self) -> ChapterEntry:
        if (self.question is None) != (self.central_claim is None):
            raise ValueError("question and central_claim belong together; give both or neither")
        if self.picture is not None and self.question is None and self.lead is None:
            raise ValueError(
                "a picture answers a question; give question and central_claim, or asks and lead"
            )
        if self.question is not None and (self.asks or self.lead):
            raise ValueError("a question of the front page is asked and answered there")
        if self.lead is not None and self.asks is None:
            raise ValueError("lead answers a question; give asks")
        return self


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> dict[str, ChapterEntry]:
    entries: dict[str, Any] = load_yaml(path)
    chapters = {}
    for name, entry in entries.items():
        if not re.fullmatch("[a-z][a-z0-9_]*", str(name)):
            raise InputError(f"{path.name}: chapter {name!r}: name it in small letters and _")
        try:
            chapters[name] = ChapterEntry.model_validate(entry)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"]) or "the whole entry"
            said = problem["msg"].removeprefix("Value error, ")
            raise InputError(f"{path.name}: chapter {name!r}, field {where}: {said}") from error
    return chapters


def load_chapters(path: Path = CHAPTERS_FILE) -> dict[str, ChapterEntry]:
    """All chapters by name, in the order of the book.

    Raises
    ------
    InputError
        Naming file, chapter and field.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is missing: it names the chapters and their titles")
    return dict(_read(path, path.stat().st_mtime_ns))


def chapter_names() -> tuple[str, ...]:
    """Names of the chapters that judge claims, in the order of the book."""
    return tuple(name for name, one in load_chapters().items() if one.judges == "claims")
