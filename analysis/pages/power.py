"""What a test could have seen: in how many simulated histories it supports, and what that is worth.

Every rule was run on histories in which its claim holds, in which the opposite does, and in which
nothing happens; ``data/derived/labels.csv`` counts the verdicts it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from analysis.claims import Claim
from analysis.claims.labels import FOUND, HOLDS, NOTHING, OPPOSITE, SMALLEST
from analysis.claims.verdicts import SUPPORTED
from analysis.files import load_rows
from analysis.pages.cards import chip
from analysis.pages.quantities import also_suggestive, in_hundred
from analysis.pages.records import Records
from analysis.results import InputError, enumeration

FILE = Path("data") / "derived" / "labels.csv"

REMEDY = "run `smallcap calibrate --write`, or put the committed file back"

#: What each kind of history is called; another kind goes by its own name.
_KINDS = {
    HOLDS: "if the claim were true",
    SMALLEST: "if only the smallest effect of interest were there",
    NOTHING: "if nothing were there",
    OPPOSITE: "if the opposite were true",
}

_COLUMNS = ("claim", "label", "world_kind", "panels", "count")


@dataclass(frozen=True)
class Yes:
    """In how many histories of one kind a test supported its claim, or called it suggestive."""

    kind: str
    count: int
    panels: int
    suggestive: int = 0

    @property
    def share(self) -> float:
        """Of all histories of that kind, 0 to 1."""
        return self.count / self.panels

    @property
    def at_least_suggestive(self) -> float:
        """The same with the histories in which one episode carries the evidence."""
        return (self.count + self.suggestive) / self.panels

    @property
    def number(self) -> str:
        """Histories of a hundred with support, and those with at least the next label."""
        return in_hundred(self.share) + also_suggestive(self.share, self.at_least_suggestive)

    @property
    def words(self) -> str:
        """The kind of history."""
        return _KINDS.get(self.kind, self.kind)


def load_power(path: Path) -> dict[str, list[Yes]]:
    """For each audited claim the histories in which its test supported it, by kind of history.

    Columns beside those it needs are passed over. Empty without a file.

    Raises
    ------
    InputError
        For a column that is missing or a count that is none.
    """
    if not path.is_file():
        return {}
    head, rows = load_rows(path, REMEDY)
    if lacking := [name for name in _COLUMNS if name not in head]:
        raise InputError(f"{path.name}: no column {lacking[0]!r}; {REMEDY}")
    seen: dict[str, dict[str, tuple[int, dict[str, int]]]] = {}
    for number, row in enumerate(rows, 1):
        cells = dict(zip(head, row, strict=True))
        try:
            count, panels = int(cells["count"]), int(cells["panels"])
        except ValueError as error:
            raise InputError(f"{path.name}, row {number}: count and panels are numbers") from error
        kinds = seen.setdefault(cells["claim"], {})
        _, given = kinds.setdefault(cells["world_kind"], (panels, {}))
        given[cells["label"]] = count
    order = list(_KINDS)
    return {
        claim: [
            _yes_of(kind, *kinds[kind])
            for kind in sorted(kinds, key=lambda k: order.index(k) if k in order else len(order))
        ]
        for claim, kinds in seen.items()
    }


def _yes_of(kind: str, panels: int, given: Mapping[str, int]) -> Yes:
    supported = given.get(SUPPORTED, 0)
    found = sum(given.get(label, 0) for label in FOUND)
    return Yes(kind, supported, panels, found - supported)


def power_words(found: list[Yes]) -> str:
    """What the test could have seen, in a sentence."""
    parts = [f"{one.number} {one.words}" for one in found]
    if not parts:
        return ""
    listed = enumeration(parts)
    return f"Of 100 histories like ours this test would have supported the claim in {listed}."


def odds_words(row: Mapping[str, Any] | None) -> str:
    """How far the verdict moves a reader who began at even odds, with its interval."""
    if row is None or row.get("likelihood_ratio") is None:
        return ""
    chance, low, high = (_chance(row[name]) for name in ("likelihood_ratio", "lr_low", "lr_high"))
    ratio = float(row["likelihood_ratio"])
    times = ratio if ratio >= 1 else 1 / ratio
    side = "a true claim" if ratio >= 1 else "an untrue one"
    return (
        f"The verdict “{row['verdict']}” is {_rounded(times)} times as likely for {side}: it"
        " moves even"
        f" odds to a chance of {chance} that the claim holds (95% interval {low} to {high})."
    )


def _rounded(value: float) -> str:
    """Two significant digits, thousands separated."""
    return f"{float(f'{value:.2g}'):,g}"


def _chance(ratio: Any) -> str:
    """The chance that even odds become, by Bayes' rule."""
    chance = float(ratio) / (1 + float(ratio))
    if chance > 0.995:
        return "over 99%"
    return "under 1%" if chance < 0.005 else f"{chance:.0%}"


def board(records: Records, path: Path, link: Callable[[str], str | None], csv: str) -> str:
    """Every audited claim: a bar for each kind of history, and what its verdict is worth."""
    found = load_power(path)
    shown = {name: found[name] for name in records.claims if name in found}
    if not shown:
        return "<p>No test has been run on simulated histories yet.</p>"
    weak = sum(one.share < 0.5 for some in shown.values() for one in some if one.kind == HOLDS)
    wrong = max(
        (one.at_least_suggestive for some in shown.values() for one in some if one.kind == NOTHING),
        default=0.0,
    )
    items = "".join(
        _item(records, records.claims[name], some, link) for name, some in shown.items()
    )
    return (
        f"<p>{len(shown)} of {len(records.claims)} tests were run on simulated histories. {weak} of"
        " them support a true claim in fewer than half; the one most easily fooled calls a claim at"
        f" least suggestive in {in_hundred(wrong)} of 100 histories in which nothing is there.</p>"
        '<figure class="sc-powers"><figcaption><b>In how many of 100 simulated histories each test'
        ' supports its claim</b><span class="sc-quiet">Bars run from 0 to 100. Source: this'
        f' project’s simulations; <a href="{escape(csv)}" download>the table behind it (CSV)</a>.'
        f"</span></figcaption><ol>{items}</ol></figure>"
    )


def _item(
    records: Records, claim: Claim, found: list[Yes], link: Callable[[str], str | None]
) -> str:
    target, row = link(claim.id), records.row(claim.id)
    words = escape(claim.text)
    head = f'<a href="{escape(target)}">{words}</a>' if target else words
    verdict = f" {chip(row['verdict'])}" if row is not None and row["verdict"] else ""
    odds = odds_words(row)
    return (
        f'<li><p class="sc-power-claim">{head}{verdict}</p>{bars(found)}'
        + (f'<p class="sc-quiet">{escape(odds)}</p>' if odds else "")
        + "</li>"
    )


def bars(found: list[Yes]) -> str:
    """A bar for each kind of history, its number beside it."""
    lines = "".join(_bar(one) for one in found)
    return (
        "<table class='sc-power'><caption class='sc-hidden'>Histories out of 100 in which the test"
        f" supports the claim</caption><tbody>{lines}</tbody></table>"
    )


def _bar(one: Yes) -> str:
    kind = f"sc-bar-{escape(one.kind.split()[0])}"
    beside = _quiet(also_suggestive(one.share, one.at_least_suggestive))
    return (
        f"<tr><th scope='row'>{escape(one.words)}{beside}</th><td><span class='sc-bar'>"
        f"<span class='{kind}' style='width:{100 * one.share:.1f}%'></span></span></td>"
        f"<td class='sc-number'>{in_hundred(one.share)}</td></tr>"
    )


def _quiet(text: str) -> str:
    return f"<br><span class='sc-quiet'>{escape(text.strip(' ()'))}</span>" if text else ""


def claim_part(found: Mapping[str, list[Yes]], claim: Claim, row: Mapping[str, Any] | None) -> str:
    """What a claim's own page says of its test; empty where it was not simulated."""
    some = found.get(claim.id)
    if not some:
        return ""
    odds = odds_words(row)
    return f"<p>{escape(power_words(some))}</p>{bars(some)}" + (
        f"<p>{escape(odds)}</p>" if odds else ""
    )
