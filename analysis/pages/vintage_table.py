"""What moved when the past was rewritten, and what when months were added: a table of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from analysis.claims import Claim
from analysis.claims.history import NO_VERDICT
from analysis.claims.verdicts import JudgedCondition, deciding
from analysis.files import load_rows
from analysis.pages.cards import chip, measured
from analysis.pages.closings import condition_words
from analysis.pages.provenance import as_month, in_words
from analysis.pages.quantities import format_p, format_quantity, unit_words
from analysis.results import InputError
from analysis.sources.derived import REMEDY

FILE = Path("data") / "derived" / "vintage_verdicts.csv"

_HISTORIES = ("older", "revised", "longer")
_NUMBERS = ("estimate", "p_value")
_BASES = {"": "", "june": "June basis", "december": "December basis", "both": "both bases"}

#: A claim on one basis, by history.
Case = Mapping[str, Mapping[str, Any]]


def vintage_board(path: Path, claims: Mapping[str, Claim]) -> str:
    """How many verdicts moved, for which reason, and every case side by side.

    Raises
    ------
    InputError
        When the file lacks a column or a history of a case.
    """
    cases = _read(path)
    titles = _titles(next(iter(cases.values())))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("Claim", *titles))
    body = "".join(_line(claims, key, case, titles) for key, case in cases.items())
    texts = {name: claim.text for name, claim in claims.items()}
    return (
        f"{_sentences(cases, texts)}"
        '<div class="sc-scroll sc-broad" tabindex="0">'
        '<table class="sc-ledger sc-pair sc-vintages"><caption class="sc-quiet">The same'
        " claims on three histories of the same portfolios</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def claim_lines(path: Path, claim: str) -> str:
    """One claim on the three histories; empty where the table does not hold it."""
    if not path.is_file():
        return ""
    cases = {key: case for key, case in _read(path).items() if key[0] == claim}
    if not cases:
        return ""
    titles = _titles(next(iter(cases.values())))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("Basis", *titles))
    body = "".join(
        f"<tr><td>{escape(_BASES[basis] or 'the only one')}</td>"
        + "".join(
            f'<td data-label="{escape(title)}">{_cell(case, name)}</td>'
            for title, name in zip(titles, _HISTORIES, strict=True)
        )
        + "</tr>"
        for (_, basis), case in cases.items()
    )
    moved = sum(_moved(case, "older", "revised") for case in cases.values())
    told = "changes the verdict" if moved else "does not change the verdict"
    return (
        f"<p>Rewriting the past of the portfolios, with nothing else changed, {told}.</p>"
        '<div class="sc-scroll" tabindex="0"><table class="sc-ledger sc-pair sc-vintages"><caption'
        ' class="sc-quiet">The same claim on three histories of the same portfolios</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _sentences(cases: Mapping[tuple[str, str], Case], texts: Mapping[str, str]) -> str:
    rewritten = [key for key, case in cases.items() if _moved(case, "older", "revised")]
    added = [key for key, case in cases.items() if _moved(case, "revised", "longer")]
    first = next(iter(cases.values()))
    old, new = first["older"], first["longer"]
    was, now = (escape(in_words(as_month(row["vintage"]))) for row in (old, new))
    return (
        f"<p>Of {len(cases)} cases, {len(rewritten)}"
        f" {'changes its' if len(rewritten) == 1 else 'change their'} verdict when vintage {was} is"
        f" replaced by vintage {now} and nothing else changes{_named(rewritten, texts)}."
        f" The months from {escape(in_words(old['as_of']))} to"
        f" {escape(in_words(new['as_of']))} change the verdict of"
        f" {len(added)}{_named(added, texts)}."
        f" {_disagreeing_bases(cases, texts)}</p>"
    )


def _disagreeing_bases(cases: Mapping[tuple[str, str], Case], texts: Mapping[str, str]) -> str:
    """How often the choice of basis decides."""
    claims = list(dict.fromkeys(claim for claim, basis in cases if basis))
    split = [
        claim
        for claim in claims
        if cases[claim, "june"]["longer"]["verdict"]
        != cases[claim, "december"]["longer"]["verdict"]
    ]
    if not claims:
        return ""
    named = f": {'; '.join(_quoted(one, texts) for one in split)}" if split else ""
    return (
        f"On the newer vintage to its end the two bases of book-to-market give"
        f" {len(split)} of {len(claims)} claims on valuations a different verdict{escape(named)}."
    )


def _named(keys: list[tuple[str, str]], texts: Mapping[str, str]) -> str:
    """The claims of some cases, each quoted once with its bases."""
    if not keys:
        return ""
    bases: dict[str, list[str]] = {}
    for claim, basis in keys:
        bases.setdefault(claim, []).append(_BASES[basis] and f"on the {_BASES[basis]}")
    words = (
        f"{_quoted(claim, texts)} {' and '.join(filter(None, found))}".strip()
        for claim, found in bases.items()
    )
    return escape(f": {'; '.join(words)}").replace("on the both bases", "on both bases")


def _quoted(claim: str, texts: Mapping[str, str]) -> str:
    return f"“{texts.get(claim, claim).rstrip('.')}”"


def _moved(case: Case, before: str, after: str) -> bool:
    return case[before]["verdict"] != case[after]["verdict"]


def _titles(case: Case) -> tuple[str, ...]:
    return tuple(
        f"Vintage {in_words(as_month(case[name]['vintage']))}, to {in_words(case[name]['as_of'])}"
        for name in _HISTORIES
    )


def _line(
    claims: Mapping[str, Claim], key: tuple[str, str], case: Case, titles: tuple[str, ...]
) -> str:
    claim, basis = key
    words = claims[claim].text if claim in claims else claim
    unit = unit_words(case["longer"]["unit"]).removeprefix("decimal ")
    under = " · ".join(part for part in (_BASES[basis], unit) if part)
    cells = "".join(
        f'<td data-label="{escape(title)}">{_cell(case, name)}</td>'
        for title, name in zip(titles, _HISTORIES, strict=True)
    )
    return (
        f'<tr><td>{escape(words)}<br><span class="sc-quiet">{escape(under)}</span></td>{cells}</tr>'
    )


def _cell(case: Case, name: str) -> str:
    row = case[name]
    parts = []
    if row["estimate"] is not None:
        # the line names the unit
        parts.append(format_quantity(row["estimate"], row["unit"]).partition(" ")[0])
    if row["p_value"] is not None:
        parts.append(f"p {format_p(row['p_value'])}")
    numbers = " · ".join(parts)
    why = _why(case, name) if _differs(case) or not parts else ""
    lines = "".join(f'<p class="sc-number sc-quiet">{escape(t)}</p>' for t in (numbers, why) if t)
    return f"{chip(row['verdict'] or NO_VERDICT)}{lines}"


def _differs(case: Case) -> bool:
    """Whether any history gives another verdict: then the deciding measures are shown."""
    return len({case[name]["verdict"] for name in _HISTORIES}) > 1


def _why(case: Case, name: str) -> str:
    """The refusal; else of the conditions behind a verdict those another history fails, or all."""
    own: tuple[JudgedCondition, ...] = case[name]["deciding"]
    if not own:
        return case[name]["reason"]
    failed = {one.measure for row in case.values() for one in row["deciding"] if not one.holds}
    chosen = [one for one in own if one.measure in failed] or own
    return "; ".join(f"asked {condition_words(one)}, found {measured(one)}" for one in chosen)


def _read(path: Path) -> dict[tuple[str, str], Case]:
    head, lines = load_rows(path, REMEDY)
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    cases: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    try:
        for row in rows:
            numbers = {name: float(row[name]) if row[name] else None for name in _NUMBERS}
            texts = {name: row[name] for name in ("verdict", "vintage", "as_of", "unit", "reason")}
            judged = tuple(JudgedCondition(**one) for one in json.loads(row["conditions"]))
            decided = {"deciding": deciding(judged, row["verdict"])}
            key = (row["claim"], row["basis"])
            cases.setdefault(key, {})[row["history"]] = texts | numbers | decided
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"{path.name}: {error} cannot be read; run smallcap derive") from error
    if not cases or any(set(case) != set(_HISTORIES) for case in cases.values()):
        raise InputError(f"{path.name} lacks a history of a claim; run smallcap derive")
    return dict(cases)
