"""Claims as data: one YAML file per research note, validated and hashed.

A claim's *criterion* is a list of conditions on named measures. It is written, and committed,
before a result is looked at; :attr:`Claim.criterion_hash` is printed beside the verdict and kept
in the ledger, so that a criterion changed afterwards shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from analysis.claims.chapters import chapter_names
from analysis.claims.outlooks import Outlook
from analysis.files import PROJECT, digest, load_yaml
from analysis.results import InputError, nearest
from analysis.texts import OneLine

CLAIMS_FOLDER = PROJECT / "data" / "claims"

#: Criteria that several claims share, beside the folder of the claims.
SHARED_CRITERIA = "criteria.yml"

#: What the id of a document is made of.
DOCUMENT_ID = r"^[a-z0-9][a-z0-9-]*$"

#: Words of a note that are quoted at most.
MOST_WORDS = 6

Scalar = bool | int | float | str

#: The seven verdicts.
Label = Literal[
    "supported",
    "suggestive",
    "true but uninformative",
    "not distinguishable",
    "contradicted",
    "inconsistent",
    "untestable openly",
]

#: What may be at fault with a criterion; its result never is. "one episode": it did not ask whether
#: a single episode carries the evidence; "not run": registered, and run for the first time;
#: "unclear words": the criterion's words alone, and nothing that is computed.
Fault = Literal[
    "wrong sentence",
    "mistimed",
    "unlike definitions",
    "guessed date",
    "knife edge",
    "powerless",
    "ill-defined measure",
    "one episode",
    "not run",
    "unclear words",
]


class Figure(OneLine):
    """A number the note gives: what it measures, its value and unit."""

    name: str
    value: float | str
    unit: str


def comparison(measure: str, op: str, value: float | bool) -> str:
    """A condition as criteria are written: ``rate >= 0.6``."""
    return f"{measure} {op} {str(value).lower() if isinstance(value, bool) else f'{value:g}'}"


class Condition(OneLine):
    """One comparison of a named measure with a number: ``measure is value``."""

    measure: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    value: float | bool

    def __str__(self) -> str:
        return comparison(self.measure, self.op, self.value)


class Criterion(OneLine):
    """When each verdict is given; :func:`analysis.claims.verdicts.decide` reads it in this order.

    Every list holds when all its conditions hold; an empty list never holds. ``otherwise`` is the
    verdict when none does. With ``each_episode`` the list for supported has to hold without any
    one episode of the evidence too, a p-value below .10 in place of .05, as fewer events alone
    make it larger; where it does not, the verdict is suggestive.
    """

    words: str = Field(min_length=20)
    inconsistent: tuple[Condition, ...] = ()
    supported: tuple[Condition, ...] = ()
    uninformative: tuple[Condition, ...] = ()
    contradicted: tuple[Condition, ...] = ()
    each_episode: bool = False
    otherwise: Literal["not distinguishable", "contradicted", "inconsistent", "supported"] = (
        "not distinguishable"
    )

    def measures(self) -> set[str]:
        """Names of all measures the criterion asks for."""
        lists = (self.inconsistent, self.supported, self.uninformative, self.contradicted)
        return {c.measure for conditions in lists for c in conditions}


class Former(OneLine):
    """The test before an amendment: its hash, and the verdict it gave on each data set."""

    hash: str = Field(pattern=r"^[0-9a-f]{16}$")
    bundled: Label | Literal["no verdict"]
    latest: Label | Literal["no verdict"]


class Amendment(OneLine):
    """A correction of a claim's test for a named fault, never for its result."""

    date: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    fault: Fault
    what: str = Field(min_length=10)
    because: str = Field(min_length=10)
    was: Former


class SmallestEffect(OneLine):
    """The smallest effect of interest: a true claim of less would not be worth acting on."""

    words: str = Field(min_length=10)
    because: str = Field(min_length=10)

    def __str__(self) -> str:
        return f"{self.words} ({self.because})"


class Claim(OneLine):
    """One published claim, the test it gets and when each verdict is given.

    ``said`` has, by note, the few words of it that make the claim, as they stand there.
    ``amendments`` are the corrections of the test, the oldest first; ``formerly`` names the hashes
    the same test had under earlier schemas. Its file's name and the first month it can have been
    ``made`` in, ``YYYY-MM``, are filled in when the documents are loaded.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    text: str = Field(min_length=10)
    documents: tuple[str, ...] = Field(min_length=1)
    said: dict[str, str] = Field(default_factory=dict)
    kind: Literal["core", "direction", "figure", "outlook"]
    chapter: str
    figures: tuple[Figure, ...] = ()
    estimand: str = Field(min_length=10)
    design: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    arguments: dict[str, Any] = Field(default_factory=dict)
    grid: dict[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    not_run: tuple[str, ...] = ()
    needs: Literal["bundled", "latest", "none"]
    criterion: Criterion
    change_our_mind: str = Field(min_length=10)
    outlook: Outlook | None = None
    settled_by: str | None = None
    smallest_effect: SmallestEffect | None = None
    formerly: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    file: str = ""
    made: str = ""

    @field_validator("chapter")
    @classmethod
    def _known_chapter(cls, value: str) -> str:
        known = chapter_names()
        if value not in known:
            raise ValueError(f"unknown chapter {value!r}{nearest(value, known)}")
        return value

    @field_validator("said")
    @classmethod
    def _few_words(cls, value: dict[str, str]) -> dict[str, str]:
        for words in value.values():
            if not 1 <= len(words.split()) <= MOST_WORDS:
                raise ValueError(f"{words!r}: quote one to {MOST_WORDS} words, never a sentence")
        return value

    @model_validator(mode="after")
    def _said_by_its_notes(self) -> Claim:
        for note in self.said:
            if note not in self.documents:
                raise ValueError(f"said quotes note {note!r}, which is none of its documents")
        return self

    @field_validator("grid")
    @classmethod
    def _no_empty_axis(cls, value: dict[str, tuple[Scalar, ...]]) -> dict[str, tuple[Scalar, ...]]:
        for axis, choices in value.items():
            if not choices:
                raise ValueError(f"the axis {axis!r} has no value; give at least one or drop it")
            if len(set(map(repr, choices))) < len(choices):
                raise ValueError(f"the axis {axis!r} has a value twice")
        return value

    @model_validator(mode="after")
    def _axes_not_run_stand_in_the_grid(self) -> Claim:
        for axis in self.not_run:
            if axis not in self.grid:
                raise ValueError(f"not_run names {axis!r}, which is no axis of the grid")
        return self

    @model_validator(mode="after")
    def _arguments_belong_to_a_design(self) -> Claim:
        if self.design is None and (self.arguments or self.grid):
            raise ValueError("arguments and a grid need a design that reads them")
        if self.design is None and self.criterion.measures():
            raise ValueError("a criterion that names measures needs a design that gives them")
        return self

    @model_validator(mode="after")
    def _amendments_follow_one_another(self) -> Claim:
        dates = [one.date for one in self.amendments]
        if dates != sorted(dates):
            raise ValueError("amendments stand in the order of their dates")
        if self.amendments and self.criterion_hash in {one.was.hash for one in self.amendments}:
            raise ValueError(
                f"an amendment that changed nothing: the test still has the hash"
                f" {self.criterion_hash}"
            )
        return self

    @model_validator(mode="after")
    def _untestable_says_what_would_settle(self) -> Claim:
        if self.needs == "none" and not self.settled_by and not self.criterion.measures():
            raise ValueError("a claim without a test must say what would settle it (settled_by)")
        return self

    @model_validator(mode="after")
    def _an_outlook_says_when(self) -> Claim:
        if (self.kind == "outlook") != (self.outlook is not None):
            raise ValueError("a claim of kind outlook, and no other, has the field outlook")
        return self

    @property
    def untestable(self) -> bool:
        """True where no open data can settle the claim."""
        return self.settled_by is not None and not self.criterion.measures()

    @property
    def primary(self) -> dict[str, Any]:
        """The registered arguments, as chapters that were not moved to designs call them."""
        return self.arguments

    @property
    def criterion_hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the fields that decide the test.

        Independent of the YAML's formatting, key order and comments, and of the claim's wording.
        """
        asked = _TESTED if self.outlook is None else _TESTED | {"outlook"}
        tested = self.model_dump(mode="json", include=asked)
        if not self.criterion.each_episode:  # younger than the hashes of criteria without it
            del tested["criterion"]["each_episode"]
        return digest(tested)


#: What decides a claim's test: all its design reads, and the criterion.
_TESTED = {
    *("id", "kind", "figures", "estimand", "design", "arguments", "grid", "not_run", "needs"),
    "criterion",
}


class Made(OneLine):
    """The months in which a note can have been written, ``YYYY-MM``, and what says so."""

    first: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    last: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    source: str = Field(min_length=10)

    @model_validator(mode="after")
    def _in_order(self) -> Made:
        if self.last < self.first:
            raise ValueError(f"the last month, {self.last}, lies before the first, {self.first}")
        return self


class Document(OneLine):
    """One research note: how it is cited, when it was made, and the claims it makes."""

    id: str = Field(pattern=DOCUMENT_ID)
    title: str
    publisher: str
    date: str
    made: Made | None = None
    claims: tuple[Claim, ...]


def load_documents(folder: Path = CLAIMS_FOLDER) -> tuple[Document, ...]:
    """Read and validate every YAML file of `folder`.

    Raises
    ------
    InputError
        Naming file, claim and field, also for an id used twice.
    """
    folder = Path(folder)
    paths = sorted(folder.glob("*.yml"))
    return _load_all(folder, tuple(map(_state, (folder.parent / SHARED_CRITERIA, *paths))))


def _state(path: Path) -> tuple[Path, int, int]:
    """A file with what changes when it is written again."""
    try:
        seen = path.stat()
    except OSError:
        return path, 0, 0
    return path, seen.st_mtime_ns, seen.st_size


@lru_cache(maxsize=8)
def _load_all(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> tuple[Document, ...]:
    """Read once what every chapter, plan and settling asks for; documents are never changed."""
    shared = _shared_criteria(folder)
    documents = tuple(_load_document(path, shared) for path, _, _ in files[1:])
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
    return _with_months(documents)


def _with_months(documents: tuple[Document, ...]) -> tuple[Document, ...]:
    """Every claim with the first month that one of its notes can have been written in."""
    firsts = {one.id: one.made.first for one in documents if one.made is not None}

    def dated(claim: Claim) -> Claim:
        made = min(firsts.get(name, "") for name in claim.documents)
        return claim.model_copy(update={"made": made})

    return tuple(
        one.model_copy(update={"claims": tuple(map(dated, one.claims))}) for one in documents
    )


def load_claims(folder: Path = CLAIMS_FOLDER) -> dict[str, Claim]:
    """All claims by id, in the order of the files."""
    return {claim.id: claim for document in load_documents(folder) for claim in document.claims}


@cache
def _publishers() -> Mapping[str, str]:
    return {document.id: document.publisher for document in load_documents()}


def is_document(text: str) -> bool:
    """Whether a document of the project has this id."""
    return text in _publishers()


def publisher_of(note: str) -> str:
    """Who published a note of the project; its number where no note has it."""
    return _publishers().get(note, f"note {note}")


def _shared_criteria(folder: Path) -> dict[str, Any]:
    """Criteria that several claims share, by name, as their file has them."""
    path = folder.parent / SHARED_CRITERIA
    if not path.is_file():
        return {}
    raw = load_yaml(path)
    for name, entry in raw.items():
        try:
            Criterion.model_validate(entry)
        except ValidationError as error:
            fields = "; ".join(f"{_dotted(p['loc'])}: {p['msg']}" for p in error.errors())
            raise InputError(f"{path.name}: criterion {name!r}: {fields}") from error
    return raw


def _load_document(path: Path, shared: Mapping[str, Any]) -> Document:
    raw = load_yaml(path)
    for entry in raw["claims"] if isinstance(raw.get("claims"), list) else ():
        if not isinstance(entry, dict):
            continue
        entry["file"] = path.name
        named = entry.get("criterion")
        if isinstance(named, str):
            if named not in shared:
                raise InputError(
                    f"{path.name}: claim {entry.get('id', '?')!r}, field criterion: no shared"
                    f" criterion is called {named!r}{nearest(named, shared)}"
                )
            entry["criterion"] = shared[named]
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
        said = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            known = Claim.model_fields if claim else Document.model_fields
            said = f"unknown field{nearest(str(location[-1]), known)}"
        lines.append(f"{path.name}: {claim}field {_dotted(location)}: {said}")
    return "\n".join(lines)


def _dotted(location: Iterable[Any]) -> str:
    return ".".join(str(part) for part in location) or "the whole entry"
