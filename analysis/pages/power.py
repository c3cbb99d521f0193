"""What a test could have seen: in how many simulated histories it says yes, and what that is worth.

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
from analysis.claims.labels import HOLDS, NOTHING, OPPOSITE
from analysis.claims.verdicts import SUPPORTED
from analysis.files import load_rows
from analysis.pages.cards import chip
from analysis.pages.records import Records
from analysis.results import InputError, enumeration

FILE = Path("data") / "derived" / "labels.csv"

REMEDY = "run `smallcap calibrate --write`, or put the committed file back"

#: What each kind of history is called; another kind goes by its own name.
_KINDS = {
    HOLDS: "if the claim were true",
    NOTHING: "if nothing were there",
    OPPOSITE: "if the opposite were true",
}

_COLUMNS = ("claim", "label", "world_kind", "panels", "count")


@dataclass(frozen=True)
class Yes:
    """In how many histories of one kind a test said yes."""

    kind: str
    count: int
    panels: int

    @property
    def share(self) -> float:
        """Of all histories of that kind, 0 to 1."""
        return self.count / self.panels

    @property
    def words(self) -> str:
        """The kind of history."""
        return _KINDS.get(self.kind, self.kind)


def load_power(path: Path) -> dict[str, list[Yes]]:
    """For each audited claim the histories in which its test said yes, by kind of history.

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
    seen: dict[str, dict[str, tuple[int, int]]] = {}
    for number, row in enumerate(rows, 1):
        cells = dict(zip(head, row, strict=True))
        try:
            count, panels = int(cells["count"]), int(cells["panels"])
        except ValueError as error:
            raise InputError(f"{path.name}, row {number}: count and panels are numbers") from error
        kinds = seen.setdefault(cells["claim"], {})
        known = kinds.get(cells["world_kind"], (0, panels))
        yes = count if cells["label"] == SUPPORTED else known[0]
        kinds[cells["world_kind"]] = (yes, panels)
    order = list(_KINDS)
    return {
        claim: [
            Yes(kind, *kinds[kind])
            for kind in sorted(kinds, key=lambda k: order.index(k) if k in order else len(order))
        ]
        for claim, kinds in seen.items()
    }


def power_words(found: list[Yes]) -> str:
    """What the test could have seen, in a sentence."""
    parts = [f"{_in_hundred(one.share)} {one.words}" for one in found]
    if not parts:
        return ""
    return f"Of 100 histories like ours this test would have said yes in {enumeration(parts)}."


def _in_hundred(share: float) -> str:
    """A share as a count of a hundred; never none where there was one."""
    if 0 < share < 0.005:
        return "fewer than 1"
    return f"{100 * share:.0f}"


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
    """Every audited claim: three bars, and what its verdict is worth."""
    found = load_power(path)
    shown = {name: found[name] for name in records.claims if name in found}
    if not shown:
        return "<p>No test has been run on simulated histories yet.</p>"
    weak = sum(_yes(some, HOLDS) < 0.5 for some in shown.values())
    wrong = max(_yes(some, NOTHING) for some in shown.values())
    items = "".join(
        _item(records, records.claims[name], some, link) for name, some in shown.items()
    )
    return (
        f"<p>{len(shown)} of {len(records.claims)} tests were run on simulated histories. {weak} of"
        f" them would have missed a true claim more often than found it; the one most easily"
        f" fooled says yes in {_in_hundred(wrong)} of 100 histories in which nothing is there.</p>"
        '<figure class="sc-powers"><figcaption><b>In how many of 100 simulated histories each test'
        ' says yes</b><span class="sc-quiet">Bars run from 0 to 100. Source: this project’s'
        f' simulations; <a href="{escape(csv)}" download>the table behind it (CSV)</a>.</span>'
        f"</figcaption><ol>{items}</ol></figure>"
    )


def _yes(found: list[Yes], kind: str) -> float:
    return next((one.share for one in found if one.kind == kind), 0.0)


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
        f" says yes</caption><tbody>{lines}</tbody></table>"
    )


def _bar(one: Yes) -> str:
    kind = f"sc-bar-{escape(one.kind.split()[0])}"
    return (
        f"<tr><th scope='row'>{escape(one.words)}</th><td><span class='sc-bar'>"
        f"<span class='{kind}' style='width:{100 * one.share:.1f}%'></span></span></td>"
        f"<td class='sc-number'>{_in_hundred(one.share)}</td></tr>"
    )


def claim_part(found: Mapping[str, list[Yes]], claim: Claim, row: Mapping[str, Any] | None) -> str:
    """What a claim's own page says of its test; empty where it was not simulated."""
    some = found.get(claim.id)
    if not some:
        return ""
    odds = odds_words(row)
    return f"<p>{escape(power_words(some))}</p>{bars(some)}" + (
        f"<p>{escape(odds)}</p>" if odds else ""
    )
