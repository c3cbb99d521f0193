"""One axis with a claimed value, what was found and what is usual, drawn without a script.

The marks are placed in per cent of the width, the words stand beneath at their natural size, so a
telephone, a dark page and a printer get the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.chapters import Picture
from analysis.pages.quantities import format_prose
from analysis.pages.records import Records, Row

#: Left free at each end of the axis, as a share of what it spans.
MARGIN = 0.06


@dataclass(frozen=True)
class Axis:
    """Numbers of one picture, scaled, in the picture's unit; None where there is none.

    Attributes
    ----------
    picture : Picture
    found, low, high, base, claimed : float or None
    """

    picture: Picture
    found: float
    low: float | None
    high: float | None
    base: float | None
    claimed: float | None

    @property
    def span(self) -> tuple[float, float]:
        """Where the axis begins and ends."""
        marks = [self.found, self.low, self.high, self.base, self.claimed]
        known = [one for one in marks if one is not None]
        room = (max(known) - min(known) or abs(self.found) or 1.0) * MARGIN
        return min(known) - room, max(known) + room

    def place(self, value: float) -> float:
        """A value's distance from the left end, in per cent of the width."""
        left, right = self.span
        return round(100 * (value - left) / (right - left), 1)

    def words(self, value: float | None) -> str:
        """A value as the sentence and the axis have it."""
        return format_prose(value, self.picture.unit)

    @property
    def interval(self) -> str:
        """The interval in words: ``0.9% to 6.2%``, with one end ``up to 6.2%``."""
        low, high = self.words(self.low), self.words(self.high)
        if self.low is None:
            return "of unknown width" if self.high is None else f"up to {high}"
        return f"{low} and more" if self.high is None else f"{low} to {high}"

    @property
    def line(self) -> str:
        """The answer in one sentence."""
        return self.picture.line.format(
            found=self.words(self.found),
            interval=self.interval,
            base=self.words(self.base),
            claimed=self.words(self.claimed),
        )


def axis_of(picture: Picture | None, records: Records, claim: Claim, row: Row) -> Axis | None:
    """The numbers of a claim's picture; None where its run does not hold the estimate.

    Parameters
    ----------
    picture : Picture or None
        Of the claim's chapter.
    records : Records
        For a place that another claim's finding holds.
    claim : Claim
    row : mapping
        The run that is the headline.
    """
    if picture is None:
        return None

    def read(place: str | float) -> float | None:
        value = number_at(place, records, claim, row)
        return None if value is None else value * picture.scale

    found = read(picture.found)
    if found is None:
        return None
    rest = (picture.low, picture.high, picture.base, picture.claimed)
    return Axis(picture, found, *map(read, rest))


def number_at(place: str | float, records: Records, claim: Claim, row: Row) -> float | None:
    """What stands at a place: a number, a claim's measure, an argument or a column."""
    if not isinstance(place, str):
        return float(place)
    name, _, measure = place.rpartition(".")
    if name:
        other = records.row(name)
        return None if other is None else _finite(other["measures"].get(measure))
    sources: tuple[Mapping[str, Any], ...] = (row["measures"], claim.arguments, row)
    return next((_finite(one[place]) for one in sources if place in one), None)


def _finite(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and math.isfinite(value) else None


def picture_of(axis: Axis) -> str:
    """The picture as HTML, with the same said in words for who cannot see it."""
    shape = axis.picture
    left, right = axis.span
    marks = [_claimed(axis), _interval(axis), _usual(axis)]
    marks.append(f'<span class="sc-at-found" style="left:{axis.place(axis.found)}%"></span>')
    return (
        f'<div class="sc-axis"><p class="sc-quiet">{escape(shape.axis[:1].upper())}'
        f"{escape(shape.axis[1:])}</p>"
        f'<div class="sc-track" role="img" aria-label="{escape(_aloud(axis))}">'
        f'{"".join(marks)}</div><p class="sc-ends" aria-hidden="true"><span>{axis.words(left)}'
        f"</span><span>{axis.words(right)}</span></p>{_key(axis)}</div>"
    )


def _claimed(axis: Axis) -> str:
    """A line at a claimed value, or a band over all that a direction claims."""
    if axis.claimed is None:
        return ""
    at = axis.place(axis.claimed)
    if axis.picture.claims == "value":
        return f'<span class="sc-at-claimed" style="left:{at}%"></span>'
    left, width = (at, 100 - at) if axis.picture.claims == "more" else (0.0, at)
    return f'<span class="sc-zone" style="left:{left:g}%;width:{width:.1f}%"></span>'


def _interval(axis: Axis) -> str:
    left = 0.0 if axis.low is None else axis.place(axis.low)
    right = 100.0 if axis.high is None else axis.place(axis.high)
    return f'<span class="sc-range" style="left:{left:g}%;width:{right - left:.1f}%"></span>'


def _usual(axis: Axis) -> str:
    if axis.base is None:
        return ""
    return f'<span class="sc-at-base" style="left:{axis.place(axis.base)}%"></span>'


def _said(axis: Axis) -> dict[str, tuple[str, str]]:
    """What stands on the axis: its mark, its name and its value in words."""
    shape = axis.picture
    direction = shape.claims != "value"
    said = {
        "claimed": (
            f"claimed: {shape.claimed_words}",
            "" if direction else axis.words(axis.claimed),
        ),
        "found": ("found", f"{axis.words(axis.found)} ({axis.interval})"),
        "base": (shape.base_words, axis.words(axis.base)),
    }
    absent = {name for name in ("claimed", "base") if getattr(axis, name) is None}
    return {name: words for name, words in said.items() if name not in absent}


def _aloud(axis: Axis) -> str:
    parts = [f"{name} {value}".strip() for name, value in _said(axis).values()]
    return f"{axis.picture.axis}: {'; '.join(parts)}"


def _key(axis: Axis) -> str:
    items = []
    for mark, (name, value) in _said(axis).items():
        zone = mark == "claimed" and axis.picture.claims != "value"
        items.append(
            f'<li><span class="sc-key-{"zone" if zone else mark}" aria-hidden="true"></span>'
            f" {escape(name)} <b>{escape(value)}</b></li>"
        )
    return f'<ul class="sc-key">{"".join(items)}</ul>'
