"""Claims as data: one YAML file per research note, validated and hashed.

A claim's *criterion* is a list of conditions on named measures. It is written, and committed,
before a result is looked at; :attr:`Claim.criterion_hash` is printed beside the verdict and kept
in the ledger, so that a criterion changed afterwards shows.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.results import InputError

CLAIMS_FOLDER = Path(__file__).resolve().parents[2] / "data" / "claims"

CHAPTERS = (
    "figures",
    "first_cut",
    "valuation_gap",
    "return_forecast",
    "rate_sensitivity",
    "quality_value",
    "size_premium",
    "seasonality",
    "breadth",
    "allocation",
)

Scalar = bool | int | float | str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Strict):
    """A number the note gives: what it measures, its value and unit."""

    name: str
    value: float | str
    unit: str


class Condition(_Strict):
    """One comparison of a named measure with a number: ``measure is value``."""

    measure: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    value: float | bool

    def __str__(self) -> str:
        value = str(self.value).lower() if isinstance(self.value, bool) else f"{self.value:g}"
        return f"{self.measure} {self.op} {value}"


class Criterion(_Strict):
    """When each verdict is given; :func:`analysis.claims.verdicts.decide` reads it in this order.

    Every list holds when all its conditions hold; an empty list never holds. ``otherwise`` is the
    verdict when none does.
    """

    words: str = Field(min_length=20)
    inconsistent: tuple[Condition, ...] = ()
    supported: tuple[Condition, ...] = ()
    uninformative: tuple[Condition, ...] = ()
    contradicted: tuple[Condition, ...] = ()
    otherwise: Literal["not distinguishable", "contradicted", "inconsistent", "supported"] = (
        "not distinguishable"
    )

    def measures(self) -> set[str]:
        """Names of all measures the criterion asks for."""
        lists = (self.inconsistent, self.supported, self.uninformative, self.contradicted)
        return {c.measure for conditions in lists for c in conditions}


class Claim(_Strict):
    """One published claim, the test it gets and when each verdict is given."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    text: str = Field(min_length=10)
    documents: tuple[str, ...] = Field(min_length=1)
    kind: Literal["core", "direction", "figure"]
    chapter: str
    figures: tuple[Figure, ...] = ()
    estimand: str = Field(min_length=10)
    primary: dict[str, Scalar] = Field(default_factory=dict)
    grid: dict[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    needs: Literal["bundled", "latest", "none"]
    criterion: Criterion
    change_our_mind: str = Field(min_length=10)
    settled_by: str | None = None

    @field_validator("chapter")
    @classmethod
    def _known_chapter(cls, value: str) -> str:
        if value not in CHAPTERS:
            raise ValueError(f"unknown chapter {value!r}; one of {', '.join(CHAPTERS)}")
        return value

    @model_validator(mode="after")
    def _untestable_says_what_would_settle(self) -> Claim:
        if self.needs == "none" and not self.settled_by and not self.criterion.measures():
            raise ValueError("a claim without a test must say what would settle it (settled_by)")
        return self

    @property
    def untestable(self) -> bool:
        """True where no open data can settle the claim."""
        return self.settled_by is not None and not self.criterion.measures()

    @property
    def criterion_hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the fields that decide the test.

        Independent of the YAML's formatting, key order and comments, and of the claim's wording.
        """
        tested = self.model_dump(
            mode="json",
            include={"id", "kind", "figures", "estimand", "primary", "grid", "needs", "criterion"},
        )
        return hashlib.sha256(_canonical(tested).encode()).hexdigest()[:16]


class Document(_Strict):
    """One research note: how it is cited and the claims it makes."""

    id: str = Field(pattern=r"^\d{3}$")
    title: str
    publisher: str
    date: str
    claims: tuple[Claim, ...]


def load_documents(folder: Path = CLAIMS_FOLDER) -> tuple[Document, ...]:
    """Read and validate every YAML file of `folder`.

    Raises
    ------
    InputError
        Naming file, claim and field, also for an id used twice.
    """
    documents = tuple(_load_document(path) for path in sorted(Path(folder).glob("*.yml")))
    if not documents:
        raise InputError(f"no claim files (*.yml) in {folder}")
    seen: dict[str, str] = {}
    for document in documents:
        for claim in document.claims:
            if claim.id in seen:
                raise InputError(
                    f"claim id {claim.id!r} stands twice: in documents {seen[claim.id]} and"
                    f" {document.id}; give one of them another id"
                )
            seen[claim.id] = document.id
    return documents


def load_claims(folder: Path = CLAIMS_FOLDER) -> dict[str, Claim]:
    """All claims by id, in the order of the files."""
    return {claim.id: claim for document in load_documents(folder) for claim in document.claims}


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe YAML in which a key given twice is an error: YAML would keep the last, in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {twice[0]!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def _load_document(path: Path) -> Document:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}: not valid YAML: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 text; save it as UTF-8") from error
    if not isinstance(raw, dict):
        raise InputError(f"{path.name}: expected a mapping with id, title, publisher, date, claims")
    try:
        return Document.model_validate(raw)
    except ValidationError as error:
        raise InputError(_explain(path, raw, error)) from error


def _explain(path: Path, raw: dict[str, Any], error: ValidationError) -> str:
    """All problems of one file, one a line, each naming file, claim and field."""
    lines = []
    for problem in error.errors():
        location = list(problem["loc"])
        claim = ""
        if len(location) > 1 and location[0] == "claims" and isinstance(location[1], int):
            entry = raw["claims"][location[1]]
            name = entry.get("id", "?") if isinstance(entry, dict) else "?"
            claim, location = f"claim {name!r} (number {location[1] + 1}), ", location[2:]
        field = ".".join(str(part) for part in location) or "the whole entry"
        lines.append(f"{path.name}: {claim}field {field}: {problem['msg']}")
    return "\n".join(lines)


def _canonical(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: Any) -> Any:
    """Fold white space in text and whole floats to integers, so that formatting does not count."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value
