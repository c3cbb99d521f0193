"""How a chapter ends: what its tests could have seen, and what would change our mind.

Both are made from the records of the runs, claim by claim; a notebook keeps which claims they speak
of, so that they can be written anew when verdicts are settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.labels import HOLDS, powers_of
from analysis.claims.verdicts import (
    CONTRADICTED,
    LEVEL,
    SUGGESTIVE,
    SUPPORTED,
    JudgedCondition,
    conditions_of,
    deciding,
)
from analysis.pages.markup import plain
from analysis.pages.quantities import (
    also_suggestive,
    format_measure,
    format_p,
    format_quantity,
    in_hundred,
)
from analysis.results import month_words

#: Under which a notebook carries what a closing speaks of.
CLOSING_MIME = "application/vnd.smallcap.closing+json"

Record = Mapping[str, Any]

#: How a condition is said that does not hold yet, or must cease to.
_MUST_BE = {
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
    "==": "exactly",
    "!=": "other than",
}
#: Measures whose names are no words of a sentence.
_WORDS = {
    "contradicted_figures": "number of contradicted figures",
    "unpublished_figures": "number of figures that nobody else published",
    "mismatched": "number of figures that do not match",
    "matched": "number of figures that match",
    "compared": "number of comparisons",
    "drivers_as_claimed": "number of drivers that came out as claimed",
    "recession_mean": "mean of recession months",
    "share_as_claimed": "share of comparisons that came out as claimed",
    "tight_share": "share of surveys with tighter standards",
    "widest_on_any": "number of readings by which the gap was the widest",
    "cuts_made": "number of cuts",
    "volatility_ratio": "ratio of volatilities",
    "beta_difference": "difference of market betas",
    "win": "share won",
    "win_rate": "share won",
    "half_life": "half-life",
    "rest": "return that is left",
    "rest_mean": "return that is left",
    "share_led": "share of pairs and days led",
    "luck": "chance of as much by luck",
}
_REVERSED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def what_it_could_see(record: Record, claim: Claim) -> list[str]:
    """Power, the smallest effect that shows, and how the result moves with the choices made."""
    if record.get("verdict") is None or record.get("n") is None:
        return []
    unit = record.get("unit") or ""
    found = []
    power = record.get("power")
    if power is not None:
        also = suggestive_beside(record, HOLDS, power)
        found.append(
            f"Were the claim true, this test would support it in {in_hundred(power)} of 100"
            f" histories like ours{also}."
        )
    if record.get("mde") is not None:
        smallest = format_quantity(record["mde"], unit)
        found.append(f"The smallest effect it would see in four of five samples: {smallest}.")
    if record.get("sensitivity"):
        found.append(str(record["sensitivity"]))
    return found


def suggestive_beside(record: Record, kind: str, power: float) -> str:
    """In how many histories of a kind its test calls a claim at least suggestive, where more."""
    audited = powers_of(record).get(kind)
    return also_suggestive(power, audited.at_least_suggestive) if audited else ""


def what_would_change(record: Record, claim: Claim) -> list[str]:
    """What would have to be found for another verdict: computed, then what the claim's file adds.

    Parameters
    ----------
    record : mapping
        A run, as the ledger or :meth:`analysis.claims.verdicts.Verdict.as_record` has it.
    claim : Claim
    """
    found = [_open(record), _moves(record), _needed(record), claim.change_our_mind]
    return [one if one.endswith(".") else f"{one}." for one in found if one]


def _open(record: Record) -> str:
    day = record.get("open_until")
    return f"It is open until {month_words(day)}; then it is judged" if day else ""


def _moves(record: Record) -> str:
    """The nearest way to another verdict, by the conditions of the criterion."""
    verdict = record.get("verdict")
    if verdict == SUGGESTIVE and record.get("p_adjusted") is not None:
        return (
            f"Supported once the p-value adjusted for all claims, {format_p(record['p_adjusted'])},"
            f" falls below {LEVEL:g}"
        )
    decided = deciding(conditions_of(record), verdict)
    if not decided:
        return ""
    if all(one.holds for one in decided) and verdict in (SUPPORTED, CONTRADICTED):
        nearest = next((one for one in decided if one.unit == "p-value"), decided[0])
        return f"No longer {verdict} with {_wanted(nearest, _REVERSED[nearest.op])}"
    failed = [one for one in decided if not one.holds]
    if not failed or verdict == CONTRADICTED:
        return ""
    return "Supported with " + " and ".join(_wanted(one, one.op) for one in failed)


def _wanted(one: JudgedCondition, op: str) -> str:
    """A measure where it would have to be, and where it is."""
    if isinstance(one.threshold, bool):
        return f"another answer to {one.unit or _named(one)}"
    now = "infinite" if one.value is None else format_measure(one.value, one.unit)
    return f"{_compared(one, op, now)} (now {now})"


def condition_words(one: JudgedCondition) -> str:
    """A condition in words: ``the p-value below 0.05``."""
    if isinstance(one.threshold, bool):
        return f"the answer {'yes' if one.threshold == (one.op == '==') else 'no'} to {one.unit}"
    return _compared(one, one.op, "")


def _compared(one: JudgedCondition, op: str, beside: str) -> str:
    limit = format_measure(one.threshold, one.unit)
    return f"{_named(one)} {_MUST_BE[op]} {_alone(limit, beside)}"


def _alone(limit: str, now: str) -> str:
    """A limit without the unit that stands with the value beside it."""
    number, _, unit = limit.partition(" ")
    return number if unit and now.endswith(unit) else limit


def _named(one: JudgedCondition) -> str:
    tested = one.unit == "p-value" or one.measure.endswith("_p")
    return "the p-value" if tested else f"the {_measured(one.measure)}"


def _measured(measure: str) -> str:
    """A measure in words: its own, or its name with an end of an interval said first."""
    if measure in _WORDS:
        return _WORDS[measure]
    for end, words in (("_low", "lower end"), ("_high", "upper end")):
        if measure.endswith(end):
            return f"{words} of the {_measured(measure.removesuffix(end))}"
    return measure.replace("_", " ")


def _needed(record: Record) -> str:
    needed = str(record.get("more_needed") or "")
    return f"Data needed: {needed}" if needed else ""


#: What each closing says of one run.
PARTS: dict[str, Callable[[Record, Claim], list[str]]] = {
    "sensitivity": what_it_could_see,
    "mind": what_would_change,
}

#: A closing of more claims than these folds all but the first away together.
_LISTED = 8

#: What stands where no claim has anything to say.
_NOTHING = {
    "sensitivity": "On these data no claim of this chapter has a test whose power is known.",
    "mind": "Nothing is judged here.",
}


def closing_bundle(
    part: str, records: Iterable[Record], claims: Mapping[str, Claim]
) -> dict[str, Any]:
    """What a notebook holds of a closing: the claims, and their lines."""
    told = [record for record in records if record["claim"] in claims]
    lines = [
        f"- **{plain(claims[one['claim']].text)}** {plain(' '.join(said))}"
        for one in told
        if (said := PARTS[part](one, claims[one["claim"]]))
    ]
    text = "\n".join(lines) or _NOTHING[part]
    ids = [record["claim"] for record in told]
    return {
        CLOSING_MIME: {"part": part, "claims": ids},
        "text/markdown": text,
        "text/plain": text,
    }


def closing_html(part: str, runs: Iterable[tuple[Claim, Record]]) -> str:
    """The same on the site: the claims folded, but for the first; many of them together."""
    items: list[str] = []
    for claim, record in runs:
        said = PARTS[part](record, claim)
        if said:
            lines = "".join(f"<li>{escape(one)}</li>" for one in said)
            items.append(
                f"<details{'' if items else ' open'}><summary>{escape(claim.text)}</summary>"
                f"<ul>{lines}</ul></details>"
            )
    if not items:
        return f"<p>{_NOTHING[part]}</p>"
    if len(items) > _LISTED:
        first, *rest = items
        more = f"<summary>The other {len(rest)} claims</summary>{''.join(rest)}"
        items = [first, f"<details>{more}</details>"]
    return f'<div class="sc-closing">{"".join(items)}</div>'
