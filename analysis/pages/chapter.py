"""What a notebook opens: checked parameters, the data set, the claims, and verdict cards."""

from __future__ import annotations

import html
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.claims import Claim, is_document, load_claims, publisher_of
from analysis.claims.chapters import load_chapters
from analysis.claims.ledger import others_of, read_ledger
from analysis.claims.verdicts import Verdict
from analysis.designs import Sampling, Specification, Study, bind, find_design, judge
from analysis.pages import charts
from analysis.pages.amendments import amendments
from analysis.pages.answers import answer_bundle
from analysis.pages.by_hand import beside_design, call_words, same_number
from analysis.pages.cards import card_bundle, verdict_card, verdict_text
from analysis.pages.choices import axis_words, choice_words, is_choice
from analysis.pages.closings import closing_bundle
from analysis.pages.leads import question_of
from analysis.pages.markup import code_spans, plain
from analysis.pages.parameters import changes_to, check_parameters, parameters_of
from analysis.pages.provenance import in_words, mixture_words, reach_words, vintage_span
from analysis.pages.quantities import format_cell
from analysis.pages.sources import said_by, sources_of
from analysis.panel import Dataset, load_dataset
from analysis.panel.dataset import TABLES
from analysis.results import InputError
from analysis.texts import in_prose

_SHELL_NAMES = {"In", "Out", "exit", "quit", "open", "get_ipython"}

#: Cells of at most so many characters stay on one line.
SHORT_CELL = 14

#: Rows that a page shows of a table; a longer one is folded away whole.
LONG_TABLE = 20

_VALUES = (bool, int, float, str, list, tuple, dict, set, bytes, type(None))


def chapters() -> tuple[str, ...]:
    """Names of all chapters, in the order of the book."""
    return tuple(load_chapters())


def open_chapter(name: str, namespace: Mapping[str, Any]) -> Chapter:
    """Check the notebook's parameters and load what it may see.

    Parameters
    ----------
    name : str
        The chapter.
    namespace : mapping
        ``globals()`` of the notebook. Every plain value in it must be a known parameter of the
        right type: papermill only warns about a misspelt name, this refuses it.

    Raises
    ------
    InputError
        Naming the parameter and what is accepted.
    """
    charts.enable()
    model = parameters_of(name)
    parameters = check_parameters(model, _plain_values(namespace), name)
    dataset = load_dataset(parameters.data, parameters.as_of)
    claims = {key: claim for key, claim in load_claims().items() if claim.chapter == name}
    return Chapter(name, parameters, dataset, claims)


#: The one column of a study's table that says why there is none.
NO_TABLE = "no table"


@dataclass(frozen=True)
class Chapter:
    """An open chapter: what its notebook works with.

    Attributes
    ----------
    name : str
    parameters : ChapterParameters
    dataset : Dataset
    claims : dict of str to Claim
        The chapter's claims, in the order of the files.
    """

    name: str
    parameters: Any
    dataset: Dataset
    claims: Mapping[str, Claim]
    _studies: dict[str, Any] = field(default_factory=dict, repr=False)
    _read: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def sample(self) -> Text:
        """What the chapter sees: which data, whether anything is cut, how far each table goes."""
        seen = self.dataset
        source = "the bundled data"
        if seen.data != "bundled":
            span = vintage_span(seen.vintages)
            source = f"snapshot {seen.snapshot}" + (f" ({span})" if span else "")
        cut = "with nothing cut"
        if seen.cut_at is not None:
            cut = f"as known at the end of {in_words(seen.asked)}, and nothing later"
        first = in_words(str(seen.monthly.index[0]))
        later = ", ".join(seen.left_out)
        sentences = (
            f"This run sees {source}, {cut}.",
            f"Months begin in {first}; the tables hold {reach_words(seen.reaches)}.",
            f"Easing cycles after that month are left out: {later}." if later else "",
            # revised series stand on the cards of the claims that read them
            mixture_words({name: one for name, one in seen.mixed.items() if name in TABLES}),
            f"The leg called own is {plain(seen.own)}." if seen.own else "",
        )
        return Text(" ".join(one for one in sentences if one))

    def claim(self, claim_id: str) -> Statement:
        """The claim in our words, with the criterion as it was written."""
        return Statement(self._claim(claim_id))

    def registered(self, *claim_ids: str) -> Statements:
        """Several claims as they were written, one after the other."""
        return Statements(tuple(self.claim(claim_id) for claim_id in claim_ids))

    def sources(self) -> Text:
        """The notes behind the chapter's claims, with what they say and where."""
        return Text(sources_of(self.claims.values()))

    def answer(self) -> Answer:
        """The chapter's answer first: every claim with its verdict and finding in one line."""
        return Answer(tuple(self.judge(name) for name in self.claims), self.claims)

    def opening(self, said: str) -> Opening:
        """The chapter's question and its answer, where no claim's run answers it.

        Parameters
        ----------
        said : str
            A sentence of results.
        """
        return Opening(question_of(self.name), in_prose(said))

    def sensitivity(self) -> Closing:
        """What the chapter's tests could have seen: power, smallest effect, other choices."""
        return Closing("sensitivity", tuple(self.judge(name) for name in self.claims), self.claims)

    def change_of_mind(self) -> Closing:
        """What would have to be found for another verdict, claim by claim."""
        return Closing("mind", tuple(self.judge(name) for name in self.claims), self.claims)

    @property
    def sampling(self) -> Sampling:
        """How often the chapter's designs draw, and from which seed."""
        return Sampling(getattr(self.parameters, "draws", 1), self.parameters.seed)

    def specification(self, claim_id: str) -> Specification[Any]:
        """A claim's registered specification, with what the parameters change of it."""
        changes = changes_to(claim_id, self.name, self.parameters)
        return bind(self._claim(claim_id), changes)

    def study(self, claim_id: str) -> Any:
        """What the claim's design makes of the data, computed once."""
        if claim_id not in self._studies:
            specification = self.specification(claim_id)
            design = find_design(str(self._claim(claim_id).design))
            watched, read = self.dataset.watched()
            self._studies[claim_id] = design(watched, specification, self.sampling)
            # what a chart reads later on is no part of the finding
            self._read[claim_id] = frozenset(read)
        return self._studies[claim_id]

    def call(self, claim_id: str) -> Text:
        """The call of the claim's design, with every argument and what differs from the registered.

        The claim must have a design; see :func:`analysis.pages.by_hand.call_words`.
        """
        claim = self._claim(claim_id)
        return Text(call_words(claim, self.specification(claim_id), self.sampling))

    def equals(
        self, claim_id: str, by_hand: float | None, measure: str = "", within: float = 0.0
    ) -> Text:
        """Assert that a number computed by hand is the design's, and say so.

        Parameters and errors as :func:`analysis.pages.by_hand.beside_design`.
        """
        finding = self.study(claim_id).finding
        return Text(beside_design(self._claim(claim_id), finding, by_hand, measure, within))

    def same(self, by_hand: float | None, number: float, where: str, within: float = 0.0) -> Text:
        """Assert that a number computed by hand is that of a table of the study, and say so."""
        return Text(same_number(by_hand, number, where, within=within))

    def together(self, *parts: Any) -> Together:
        """Several things of one cell, one below the other: a chart, its table and a verdict.

        Parameters
        ----------
        *parts : object
            What a cell may end with; a str is a line above what follows, as it stands, and None,
            as of an empty table, is nothing.
        """
        shown = (Text(plain(one)) if isinstance(one, str) else one for one in parts)
        return Together(tuple(one for one in shown if one is not None))

    def text(self, words: str) -> Text:
        """A sentence of the study as it stands, never as markup."""
        return Text(plain(in_prose(words)))

    def table(self, frame: pd.DataFrame, percent: tuple[str, ...] = ()) -> Table | Text | None:
        """A frame for reading: columns named in `percent` as per cent, the rest rounded.

        None, of which a page shows nothing, where there is no row; a sentence where a study says
        why it has no table.
        """
        if list(frame) == [NO_TABLE]:
            return Text(" ".join(_why_not(str(said)) for said in frame[NO_TABLE]))
        return Table(_readable(frame, percent)) if len(frame) else None

    def judge(self, claim_id: str) -> Verdict:
        """The verdict on one claim, from its design's finding, beside the other claims' p-values.

        Those stand in the stored ledger; a run of several chapters settles their verdicts again.
        """
        claim = self._claim(claim_id)
        if claim.design is None:
            return judge(claim, None, self.dataset, read=frozenset())
        study: Study = self.study(claim_id)
        seen = self.dataset
        return judge(
            claim,
            study.finding,
            seen,
            study.specification.deviations,
            others=others_of(claim_id, seen.data, seen.asked, self._ledger),
            read=self._read[claim_id],
        )

    @cached_property
    def _ledger(self) -> pd.DataFrame:
        return read_ledger()

    def verdict(self, claim_id: str) -> Card:
        """The verdict card of one claim; display it as the last line of a cell."""
        return Card(self.judge(claim_id), self._claim(claim_id))

    def _claim(self, claim_id: str) -> Claim:
        if claim_id not in self.claims:
            known = ", ".join(self.claims)
            raise InputError(f"{self.name} has no claim {claim_id!r}; it has {known}")
        return self.claims[claim_id]


@dataclass(frozen=True)
class Text:
    """Markdown built from results."""

    markdown: str

    def __str__(self) -> str:
        return self.markdown

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown


@dataclass(frozen=True)
class Opening:
    """A question, and the sentence that answers it."""

    question: str
    said: str

    def _repr_html_(self) -> str:
        asked = f'<p class="sc-asked">{html.escape(self.question)}</p>' if self.question else ""
        return f'{asked}<p class="sc-lead">{html.escape(self.said)}</p>'

    def __str__(self) -> str:
        return f"{self.question}\n\n{self.said}".strip()

    __repr__ = __str__


@dataclass(frozen=True)
class Together:
    """Parts of a page that one cell shows, each as an output of its own."""

    parts: tuple[Any, ...]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for part in self.parts:
            display(part)

    def __str__(self) -> str:
        return "\n".join(map(str, self.parts))

    __repr__ = __str__


@dataclass(frozen=True)
class Answer:
    """Claims with their verdicts, one a line."""

    verdicts: tuple[Verdict, ...]
    claims: Mapping[str, Claim]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return answer_bundle((one.as_record() for one in self.verdicts), self.claims)

    def __str__(self) -> str:
        return str(self._repr_mimebundle_()["text/plain"])

    __repr__ = __str__


@dataclass(frozen=True)
class Closing:
    """What is said of all claims at a chapter's end, one a line."""

    part: str
    verdicts: tuple[Verdict, ...]
    claims: Mapping[str, Claim]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return closing_bundle(self.part, (one.as_record() for one in self.verdicts), self.claims)

    def __str__(self) -> str:
        return str(self._repr_mimebundle_()["text/plain"])

    __repr__ = __str__


@dataclass(frozen=True)
class Statement:
    """A claim and the criterion that was written before its result was looked at."""

    claim: Claim

    def _repr_html_(self) -> str:
        claim = self.claim
        return (
            f'<section class="claim-statement" id="claim-{html.escape(claim.id)}">'
            f"<p><b>Claim.</b> {html.escape(claim.text)}</p>"
            f'<p class="claim-where">Said by {said_by(claim)}.</p>'
            f'<p class="sc-registered"><b>Estimand.</b> {html.escape(claim.estimand)}</p>'
            "<details><summary>The criterion as it was written, hash"
            f" <code>{claim.criterion_hash}</code></summary>"
            f'<p class="sc-registered">{code_spans(claim.criterion.words)}</p></details>'
            f"{amendments(claim)}"
            f"{self._where()}</section>"
        )

    def _where(self) -> str:
        """Where the claim, its test and its data stand in the project."""
        claim = self.claim
        made = f", tested by <code>analysis/designs/{claim.design}</code>" if claim.design else ""
        data = "no open data" if claim.needs == "none" else f"the {claim.needs} data"
        return (
            f'<p class="claim-where">Written in <code>data/claims/{html.escape(claim.documents[0])}'
            f".yml</code>{made} on {data} (<code>data/sources.yml</code>), kept in"
            " <code>data/ledger.csv</code>.</p>"
        )

    def __str__(self) -> str:
        claim = self.claim
        return f"{claim.id} ({', '.join(claim.documents)}): {claim.text}\n{claim.criterion_hash}"

    __repr__ = __str__


@dataclass(frozen=True)
class Statements:
    """Claims as they were written, one after the other."""

    statements: tuple[Statement, ...]

    def _repr_html_(self) -> str:
        return "".join(one._repr_html_() for one in self.statements)

    def __str__(self) -> str:
        return "\n".join(map(str, self.statements))

    __repr__ = __str__


@dataclass(frozen=True)
class Table:
    """A frame of finished text, folded where it would fill more than a screen."""

    frame: pd.DataFrame

    def _repr_html_(self) -> str:
        cells = self.frame.map(_unbroken).rename(columns=lambda name: html.escape(str(name)))
        table = cells.to_html(index=False, border=0, escape=False, classes="smallcap-table")
        if len(cells) <= LONG_TABLE:
            return str(table)
        return (
            f'<details class="sc-rows"><summary>The table, {len(cells)} rows</summary>'
            f'<div tabindex="0">{table}</div></details>'
        )

    def __str__(self) -> str:
        return self.frame.to_string(index=False)

    __repr__ = __str__


@dataclass(frozen=True)
class Card:
    """A verdict as a reader sees it, and as a machine reads it."""

    verdict: Verdict
    claim: Claim

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return card_bundle(self.verdict.as_record(), self.claim)

    def __str__(self) -> str:
        return verdict_text(self.verdict.as_record())

    __repr__ = __str__

    def html(self) -> str:
        """The card as the site shows it."""
        return verdict_card(self.verdict.as_record(), self.claim)


def _unbroken(text: str) -> str:
    """Escaped text; a short one, such as a month, is not broken over two lines."""
    escaped = html.escape(text)
    return f'<span class="unbroken">{escaped}</span>' if len(text) <= SHORT_CELL else escaped


def _why_not(said: str) -> str:
    """Why a study has no table, as a sentence."""
    whole = said if said[:1].isupper() else f"There is no table in this run: {said}"
    return plain(in_prose(whole.removesuffix(".") + "."))


def _readable(frame: pd.DataFrame, percent: tuple[str, ...]) -> pd.DataFrame:
    """Every cell as text: rounded, and empty where there is no value."""
    unknown = set(percent) - set(frame.columns)
    if unknown:
        raise InputError(f"no column {sorted(unknown)[0]!r}; the table has {list(frame.columns)}")
    chosen = _chosen(frame)
    named = frame.assign(**_named(frame), **chosen)
    percent = tuple(name for name in percent if name not in chosen)
    named.columns = [
        axis_words(str(name)) if name in chosen else str(name).replace("_", " ")
        for name in named.columns
    ]
    percent = tuple(name.replace("_", " ") for name in percent)
    columns = {
        name: [format_cell(value, str(name), name in percent) for value in named[name]]
        for name in named.columns
    }
    return pd.DataFrame(columns, index=frame.index)


def _named(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Notes by their publishers where a table has their ids; nothing elsewhere."""
    notes = [str(one) for one in frame.get("note", ())]
    return {"note": [*map(publisher_of, notes)]} if notes and all(map(is_document, notes)) else {}


def _chosen(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Columns of a grid whose entries are names of the code, in words."""
    plain = {name: frame[name].tolist() for name in frame.columns if isinstance(name, str)}
    return {
        name: ["" if value != value else choice_words(name, value) for value in values]
        for name, values in plain.items()
        if any(is_choice(name, value) for value in values)
    }


def _plain_values(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook's parameters: plain values that are neither private nor the shell's own."""
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("_")
        and name not in _SHELL_NAMES
        and not isinstance(value, types.ModuleType | type)
        and not callable(value)
        and isinstance(value, _VALUES)
    }
