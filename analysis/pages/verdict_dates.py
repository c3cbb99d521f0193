"""Verdicts by date: how each claim would have been judged at the end of each year, as strips.

A strip is drawn as it stands, without a script: one stretch for each run of years with the same
verdict, by colour, by sign and in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from analysis.claims import Claim
from analysis.claims.verdicts import VERDICTS
from analysis.files import load_rows
from analysis.pages.cards import chip, sign_of
from analysis.results import InputError

FILE = Path("data") / "derived" / "verdict_by_date.csv"

REMEDY = "run `smallcap derive --claims`"

#: Percent of a strip that a sign needs.
_ROOM_FOR_SIGN = 3.0

_COLUMNS = ("claim", "data", "month", "verdict", "criterion_hash")


@dataclass(frozen=True)
class Judged:
    """The verdict on a claim at one year's end, and on which data."""

    year: int
    verdict: str
    data: str


@dataclass(frozen=True)
class VerdictDates:
    """The kept verdicts by date.

    Attributes
    ----------
    by_claim : mapping of str to list of Judged
        In the order of the years; claims whose test has changed since are left out.
    stale : tuple of str
        Claims whose kept verdicts are of another test than the registered one.
    """

    by_claim: Mapping[str, list[Judged]]
    stale: tuple[str, ...]

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of any claim."""
        every = [one.year for rows in self.by_claim.values() for one in rows]
        return min(every), max(every)


def load_dates(path: Path, claims: Mapping[str, Claim]) -> VerdictDates:
    """Read the kept verdicts by date; none without a file.

    Raises
    ------
    InputError
        When a column is missing or a cell is no year or no verdict.
    """
    if not path.is_file():
        return VerdictDates({}, ())
    head, rows = load_rows(path, REMEDY)
    if lacking := [name for name in _COLUMNS if name not in head]:
        raise InputError(f"{path.name}: no column {lacking[0]!r}; {REMEDY}")
    found: dict[str, list[Judged]] = {}
    stale: dict[str, None] = {}
    for number, row in enumerate(rows, 1):
        cells = dict(zip(head, row, strict=True))
        name, verdict, year = cells["claim"], cells["verdict"], cells["month"][:4]
        if verdict not in VERDICTS or not year.isdigit():
            raise InputError(f"{path.name}, row {number}: no verdict by date; {REMEDY}")
        if name not in claims or claims[name].criterion_hash != cells["criterion_hash"]:
            stale[name] = None
        else:
            found.setdefault(name, []).append(Judged(int(year), verdict, cells["data"]))
    kept = {
        name: sorted(some, key=lambda one: one.year)
        for name, some in found.items()
        if name not in stale
    }
    return VerdictDates(kept, tuple(stale))


def stretches(rows: Iterable[Judged]) -> list[tuple[int, int, str]]:
    """First year, last year and verdict of each run of years with the same verdict."""
    told: list[tuple[int, int, str]] = []
    for one in rows:
        if told and told[-1][2] == one.verdict and told[-1][1] == one.year - 1:
            told[-1] = (told[-1][0], one.year, one.verdict)
        else:
            told.append((one.year, one.year, one.verdict))
    return told


def strip(rows: list[Judged], years: tuple[int, int]) -> str:
    """One claim's years as a strip, with the same in words for who does not see it."""
    first, last = years
    whole = last - first + 1
    parts = []
    for start, end, verdict in stretches(rows):
        left, width = 100 * (start - first) / whole, 100 * (end - start + 1) / whole
        sign = sign_of(verdict) if width >= _ROOM_FOR_SIGN else ""
        parts.append(
            f'<span class="sc-stretch sc-mark sc-{verdict.replace(" ", "-")}"'
            f' style="left:{left:.2f}%;width:{width:.2f}%" title="{escape(_years(start, end))}:'
            f' {escape(verdict)}">{sign}</span>'
        )
    label = escape("; ".join(f"{_years(a, b)}: {verdict}" for a, b, verdict in stretches(rows)))
    return f'<div class="sc-years" role="img" aria-label="{label}">{"".join(parts)}</div>'


def scale(years: tuple[int, int]) -> str:
    """The years under strips, every twenty of them."""
    first, last = years
    whole = last - first + 1
    marks = [year for year in range(first, last + 1) if year % 20 == 0]
    ticks = "".join(
        f'<span style="left:{100 * (year - first + 0.5) / whole:.2f}%">{year}</span>'
        for year in marks
    )
    return f'<div class="sc-year-scale" aria-hidden="true">{ticks}</div>'


def board(
    dates: VerdictDates, claims: Mapping[str, Claim], link: Callable[[str], str | None], csv: str
) -> str:
    """All claims by years: how often verdicts moved, then a strip a claim.

    Parameters
    ----------
    dates : VerdictDates
    claims : mapping of str to Claim
    link : callable
        Address of a claim's page.
    csv : str
        Address of the table behind the strips.
    """
    if not dates.by_claim:
        return "<p>The verdicts by date have not been computed yet.</p>"
    years = dates.years
    kept = {name: dates.by_claim[name] for name in claims if name in dates.by_claim}
    shown = {name: rows for name, rows in kept.items() if len(rows) > 1}
    if not shown:
        return "<p>No claim has been judged at the end of two years yet.</p>"
    items = "".join(_line(claims[name], rows, years, link) for name, rows in shown.items())
    used = [one for one in VERDICTS if any(r.verdict == one for s in shown.values() for r in s)]
    key = " ".join(chip(one) for one in used)
    return (
        f"<p>{escape(_sentence(shown, years))}</p>{_stale_words(dates)}"
        f'<figure class="sc-dates"><figcaption><b>{escape(_finding(shown))}</b><span'
        f' class="sc-quiet">Each strip is one claim, each stretch a run of years with the same'
        f" verdict, {years[0]} to {years[1]}. White: no verdict could be given."
        f" Source: this project’s own runs;"
        f' <a href="{escape(csv)}" download>the table behind it (CSV)</a>.</span></figcaption>'
        f"<p>{key}</p>{scale(years)}<ol>{items}</ol>{scale(years)}</figure>"
    )


def _line(
    claim: Claim,
    rows: list[Judged],
    years: tuple[int, int],
    link: Callable[[str], str | None],
) -> str:
    target = link(claim.id)
    words = escape(claim.text)
    head = f'<a href="{escape(target)}">{words}</a>' if target else words
    return f'<li><span class="sc-dates-claim">{head}</span>{strip(rows, years)}</li>'


def _finding(shown: Mapping[str, list[Judged]]) -> str:
    moved = sum(len({one.verdict for one in rows}) > 1 for rows in shown.values())
    return f"{moved} of {len(shown)} claims changed their verdict as the years were added"


def _sentence(shown: Mapping[str, list[Judged]], years: tuple[int, int]) -> str:
    last = years[1]
    settled = [
        rows
        for rows in shown.values()
        if len(rows) >= 10 and len({one.verdict for one in rows[-10:]}) == 1
    ]
    long_enough = sum(len(rows) >= 10 for rows in shown.values())
    return (
        f"An investor who had put these claims to the same test at the end of every year, with what"
        f" was known then, would have seen {sum(_moves(rows) for rows in shown.values())} changes"
        f" of verdict up to {last}. Of the {long_enough} claims with ten such years,"
        f" {len(settled)} kept one verdict through the last ten. A claim judged at the end of one"
        " year alone has no strip."
    )


def _moves(rows: list[Judged]) -> int:
    return len([None for _ in groupby(rows, key=lambda one: one.verdict)]) - 1


def _stale_words(dates: VerdictDates) -> str:
    if not dates.stale:
        return ""
    count = len(dates.stale)
    some = "One claim was" if count == 1 else f"{count} claims were"
    return (
        f'<p class="sc-stale">{some} changed since these verdicts were computed and'
        f" {'is' if count == 1 else 'are'} left out until <code>smallcap derive --claims</code> has"
        " run again.</p>"
    )


def claim_line(dates: VerdictDates, claim: Claim) -> str:
    """A claim's own strip with its story in a sentence; a sentence where there is none."""
    if claim.id in dates.stale:
        return "<p>The test was changed since its verdicts by date were computed.</p>"
    rows = dates.by_claim.get(claim.id)
    if not rows:
        return ""
    years = (rows[0].year, max(rows[-1].year, rows[0].year + 9))
    return f"<p>{escape(story(rows))}</p>{strip(rows, years)}{scale(years)}"


def story(rows: list[Judged]) -> str:
    """The verdicts of the years in a sentence."""
    told = stretches(rows)
    start, end, verdict = told[-1]
    if len(told) == 1:
        years = f"each year from {start} to {end}" if start != end else f"{start}"
        return (
            f"At the end of {years}, with what was known then, this test would have said"
            f" “{verdict}”."
        )
    since = f"since {start} it has said “{verdict}”"
    if len(told) == 2:
        first, until, other = told[0]
        return f"From {first} to {until} this test would have said “{other}”; {since}."
    counts = {
        one: sum(row.verdict == one for row in rows)
        for one in dict.fromkeys(row.verdict for row in rows)
    }
    listed = ", ".join(f"“{one}” in {count}" for one, count in counts.items())
    return (
        f"Over the {len(rows)} years from {rows[0].year} on this test would have said {listed};"
        f" {since}."
    )


def _years(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"
