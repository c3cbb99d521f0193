"""Which verdicts changed, when, and what moved them: from amendments and the kept history."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby, pairwise

from analysis.claims import Claim
from analysis.claims.history import NO_VERDICT, Change
from analysis.claims.verdicts import CORE
from analysis.pages.boards import Link, linked
from analysis.pages.cards import chip
from analysis.pages.headlines import RUN_NAMES
from analysis.pages.records import Records
from analysis.results import month_words

#: So many changes stand open on the front page; the rest is folded.
SHOWN = 3

#: What was wrong with a test that was corrected, as an amendment calls it and as a reader is told.
_FAULTS = {
    "guessed date": "guessed a date",
    "ill-defined measure": "measured something that was not well defined",
    "knife edge": "was decided by a tiny difference",
    "mistimed": "set months against each other that do not belong together",
    "not run": "had not been run before",
    "one episode": "could rest on a single episode",
    "powerless": "could hardly have seen an effect",
    "unclear words": "was written in unclear words",
    "unlike definitions": "compared figures of unlike definitions",
    "wrong sentence": "tested another sentence than the note's",
}

_MOVED = {"data": "newer data", "method": "a changed method"}


def all_changes(records: Records) -> list[Change]:
    """Every changed verdict of a claim there is, the newest day first."""
    known = [one for one in records.history if one.claim in records.claims]
    amended = [one for claim in records.claims.values() for one in _of_amendments(records, claim)]
    place = {name: number for number, name in enumerate(records.claims)}

    def weight(one: Change) -> tuple[bool, bool, int]:
        """Core claims first, and of a claim the newest data."""
        core = records.claims[one.claim].kind == CORE
        return not core, one.data != "latest", place[one.claim]

    ordered = sorted([*known, *amended], key=weight)
    return sorted(ordered, key=lambda one: one.date, reverse=True)


def _of_amendments(records: Records, claim: Claim) -> Iterator[Change]:
    """Verdicts before and after each day on which a claim's test was corrected."""
    days = [list(group) for _, group in groupby(claim.amendments, key=lambda one: one.date)]
    for data in RUN_NAMES:
        row = records.row(claim.id, data)
        if row is None or row["criterion_hash"] != claim.criterion_hash:
            continue
        said = [getattr(group[0].was, data) for group in days] + [row["verdict"] or NO_VERDICT]
        for group, (before, after) in zip(days, pairwise(said), strict=True):
            if before != after:
                faults = ", ".join(dict.fromkeys(one.fault for one in group))
                yield Change(group[0].date, claim.id, data, before, after, f"test: {faults}")


def moved_words(change: Change) -> str:
    """What moved a verdict, in words."""
    kind, _, fault = change.moved.partition(": ")
    if not fault:
        return _MOVED.get(kind, kind)
    *before, last = [_FAULTS.get(one, one) for one in fault.split(", ")]
    told = f"{', '.join(before)} and {last}" if before else last
    return f"a corrected test (the old one {told})"


def what_changed(records: Records, link: Link) -> str:
    """The changes of the last day on which a verdict changed; empty where none ever did."""
    changes = all_changes(records)
    if not changes:
        return ""
    newest = [one for one in changes if one.date == changes[0].date]
    lines = [_line(records, one, link) for one in newest]
    count = len(lines)
    noun = "verdict" if count == 1 else "verdicts"
    lead = f"<p>On {escape(month_words(newest[0].date))}, {count} {noun} changed.</p>"
    folded = (
        f'<details class="sc-chapter"><summary><span class="sc-chapter-title">The other'
        f" {count - SHOWN}</span></summary><ul>{''.join(lines[SHOWN:])}</ul></details>"
        if count > SHOWN
        else ""
    )
    return f'{lead}<ul class="sc-changes">{"".join(lines[:SHOWN])}</ul>{folded}'


def _line(records: Records, change: Change, link: Link) -> str:
    claim = records.claims[change.claim]
    return (
        f"<li>{chip(change.before)} → {chip(change.after)} "
        f'<span class="sc-said">{linked(claim.text, link(claim.chapter, claim.id))}</span>'
        f' <span class="sc-quiet">On {escape(RUN_NAMES[change.data])}, by'
        f" {escape(moved_words(change))}.</span></li>"
    )
