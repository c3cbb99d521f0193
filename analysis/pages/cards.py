"""A verdict as a reader sees it: the chip, the card, and the same in plain text.

Notebook and site show the same card. It reads without a style sheet; what comes from data is
escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.history import NO_VERDICT, OPEN
from analysis.claims.labels import HOLDS, SMALLEST
from analysis.claims.verdicts import (
    LEVEL,
    NOT_DISTINGUISHABLE,
    SUGGESTIVE,
    JudgedCondition,
    conditions_of,
)
from analysis.designs.event_study.findings import KNOWN_BEFORE
from analysis.pages.closings import suggestive_beside, what_would_change
from analysis.pages.headlines import data_name, dated, second_line
from analysis.pages.provenance import (
    caution_words,
    in_words,
    mixture_words,
    provenance,
    reach_words,
)
from analysis.pages.quantities import (
    format_count,
    format_interval,
    format_measure,
    format_p,
    format_quantity,
    in_hundred,
)
from analysis.pages.sources import said_by
from analysis.results import enumeration, month_words, number_word

#: Under which a notebook carries a verdict's record.
VERDICT_MIME = "application/vnd.smallcap.verdict+json"

NOT_RUN = "not run"
NOT_REGISTERED = "Not the registered specification"

#: A test that supports a true claim in a smaller share of histories settles nothing.
LEAST_POWER = 0.2

#: A sign beside the word, so that a verdict does not speak by colour alone.
_SIGNS = {
    "supported": "✓",
    "suggestive": "◐",
    "true but uninformative": "≈",
    "not distinguishable": "?",
    "contradicted": "✗",
    "inconsistent": "≠",
    "untestable openly": "○",
    OPEN: "…",
}


def sign_of(verdict: str) -> str:
    """The sign that stands for a verdict where there is no room for its words."""
    return _SIGNS.get(verdict, "·")


def standing_of(record: Mapping[str, Any]) -> str:
    """What a run leaves its claim at: a verdict, open, or no verdict."""
    return str(record.get("verdict") or (OPEN if record.get("open_until") else NO_VERDICT))


def standing_words(record: Mapping[str, Any]) -> str:
    """The same for a reader: ``open until January 2027``."""
    day = record.get("open_until")
    return f"open until {month_words(day[:7])}" if day else standing_of(record)


def chip(verdict: str | None, words: str = "") -> str:
    """A coloured label with a sign and words, by default those of the verdict."""
    standing = verdict or NO_VERDICT
    kind = standing.replace(" ", "-") if standing in _SIGNS else "none"
    return (
        f'<span class="sc-chip sc-{kind}"><span aria-hidden="true">{sign_of(standing)}</span>'
        f" {escape(words or standing)}</span>"
    )


def chip_of_run(record: Mapping[str, Any]) -> str:
    """The label of one run: an open outlook says until when."""
    return chip(standing_of(record), standing_words(record))


def how_sure(row: Mapping[str, Any]) -> str:
    """Interval, effective n and p-value in one line; empty where there is no estimate."""
    if row.get("estimate") is None:
        return ""
    unit = row.get("unit") or ""
    parts = [f"<b>{escape(format_quantity(row['estimate'], unit))}</b>"]
    if row.get("ci_low") is not None or row.get("ci_high") is not None:
        interval = format_interval(row.get("ci_low"), row.get("ci_high"), unit)
        parts.append(f"95% interval {escape(interval)}")
    if row.get("p_value") is not None:
        adjusted = row.get("p_adjusted")
        extra = "" if adjusted is None else f" ({escape(format_p(adjusted))} across the claims)"
        parts.append(_p_text(row["p_value"]) + extra)
    if row.get("effective_n") is not None:
        parts.append(f"effective&nbsp;n&nbsp;{format_count(row['effective_n'])}")
    return " · ".join(parts)


def _p_text(value: float) -> str:
    text = format_p(value)
    sign = "" if text.startswith("<") else "= "
    return escape(f"p {sign}{text}").replace(" ", "&nbsp;")


def verdict_card(
    record: Mapping[str, Any],
    claim: Claim | None,
    other: Mapping[str, Any] | None = None,
    reasons: Sequence[str] = (),
    address: str = "",
    heading: bool = False,
) -> str:
    """The card a chapter shows for one claim.

    Parameters
    ----------
    record : mapping
        The run whose verdict is the headline: as
        :meth:`analysis.claims.verdicts.Verdict.as_record` gives it, or a row of the ledger.
    claim : Claim or None
        The claim's file entry; None shows the id in place of the words.
    other : mapping or None
        The run of the same claim on the other data set: one sentence beneath, the rest folded.
    reasons : sequence of str
        Why the two disagree, in the measures' names.
    address : str
        Where the claim has a page of its own; no link without it.
    heading : bool
        Whether the claim's words stand above the card already.
    """
    claim_id = str(record.get("claim", ""))
    standing = standing_of(record)
    found = str(record.get("finding") or record.get("reason") or "")
    words = claim.text if claim else claim_id
    kind = standing.replace(" ", "-") if standing in _SIGNS else "none"
    title = f"Verdict on {claim_id}: {standing_words(record)}"
    return "".join(
        (
            f'<section class="sc-card sc-edge-{kind}" id="verdict-{escape(claim_id)}"'
            f' aria-label="{escape(title)}">',
            f'<p class="sc-card-head">{chip_of_run(record)}'
            f' <span class="sc-quiet">{escape(dated(record))}</span>{_permalink(address)}</p>',
            "" if heading else _labelled("sc-said", "The claim", words),
            _said_by(claim),
            _labelled("sc-found", "What we find", found[:1].upper() + found[1:]),
            _deviations(record),
            *(_labelled("sc-note", label, text) for label, text in notes_of(record)),
            _facts(record),
            _other_run(record, other, reasons),
            _conditions(record),
            _mind(record, claim),
            f'<p class="sc-hash">Criterion <code>{escape(str(record.get("criterion_hash", "")))}'
            f"</code> · claim <code>{escape(claim_id)}</code> · {escape(provenance(record))}"
            "</p></section>",
        )
    )


def verdict_text(record: Mapping[str, Any]) -> str:
    """The card as plain text, rounded, so that a reviewer sees a change and no machine's noise.

    Parameters
    ----------
    record : mapping
        As :func:`verdict_card`.
    """
    lines = [f"{record['claim']}: {standing_words(record)}"]
    if changed := _changed(record):
        lines.append(f"{NOT_REGISTERED}: {changed}")
    if record.get("finding"):
        lines += [record["finding"], f"Because {record.get('reason') or ''}"]
    else:
        lines.append(record.get("reason") or "")
    lines += [f"{label}: {text}" for label, text in (*notes_of(record), *facts_of(record))]
    return "\n".join(lines)


def card_bundle(record: Mapping[str, Any], claim: Claim | None) -> dict[str, Any]:
    """What a notebook holds of one verdict: its record, and the card made of it in two forms."""
    return {
        VERDICT_MIME: dict(record),
        "text/html": verdict_card(record, claim),
        "text/plain": verdict_text(record),
    }


def _mixture_label(mixed: Mapping[str, str]) -> str:
    return "One mixture of vintages" if len(mixed) < 2 else "Mixtures of vintages"


def notes_of(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and sentence of what qualifies a verdict; nothing where there is none."""
    if not record.get("verdict"):
        return []
    rows = [
        ("Why no more than suggestive", _only_suggestive(record)),
        (
            "What this verdict is worth",
            _or_blank(record.get("likelihood_ratio"), lambda ratio: _odds_words(ratio, record)),
        ),
        ("Power", _or_blank(record.get("power"), lambda power: _power_words(power, record))),
        ("Usable in time", _in_time(record)),
        ("By luck", _or_blank(record.get("luck"), _luck)),
        (_mixture_label(record.get("mixed") or {}), mixture_words(record.get("mixed") or {})),
        ("About the data", caution_words(record.get("cautions") or {})),
    ]
    return [(label, text) for label, text in rows if text]


def _only_suggestive(record: Mapping[str, Any]) -> str:
    if record.get("verdict") != SUGGESTIVE:
        return ""
    said, adjusted = [], record.get("p_adjusted")
    if adjusted is not None and adjusted >= LEVEL:
        own = format_p(record.get("p_value"))
        said.append(
            f"It holds by its own p-value, {own}, and not by the one adjusted for all claims"
            f" tested, {format_p(adjusted)}."
        )
    if episodes := tuple(record.get("carried_by") or ()):
        said.append(f"{_carried_words(episodes)} it no longer holds.")
    return " ".join(said)


def _carried_words(episodes: Sequence[str]) -> str:
    """Which episode carries a verdict; where several do, each of them does by itself."""
    if len(episodes) == 1:
        return f"One episode carries it: without {episodes[0]}"
    listed = enumeration(episodes, "or")
    return f"Each of {number_word(len(episodes))} episodes carries it: without {listed}"


def _odds_words(ratio: float, record: Mapping[str, Any]) -> str:
    """What seeing the verdict should do to even odds."""
    low, high = (_to_one(record[name]) for name in ("lr_low", "lr_high"))
    return (
        f"Seeing it should move you from even odds to about {_to_one(ratio)} the claim (95%"
        f" interval: between {low} and {high})."
    )


def _power_words(power: float, record: Mapping[str, Any]) -> str:
    """How often the rule supports a true claim; too seldom, and these data cannot settle it."""
    said = (
        f"In {in_hundred(power)} of 100 simulated histories in which the claim is true this test"
        f" supports it{suggestive_beside(record, HOLDS, power)}"
    )
    smallest = record.get("power_smallest")
    if smallest is not None:
        said += (
            f", and in {in_hundred(smallest)} of 100 with the smallest effect of interest"
            f"{suggestive_beside(record, SMALLEST, smallest)}: {record.get('smallest_effect')}"
        )
    said += "."
    undecided = record.get("verdict") == NOT_DISTINGUISHABLE and power < LEAST_POWER
    return f"Cannot be settled with these data. {said}" if undecided else said


def _to_one(ratio: float) -> str:
    side = "for" if ratio >= 1 else "against"
    odds = float(f"{max(ratio, 1 / ratio):.2g}")
    return f"{odds:,g} to 1 {side}"


def _in_time(record: Mapping[str, Any]) -> str:
    usable, said = record.get("usable_in_time"), str(record.get("in_time") or "")
    if said == KNOWN_BEFORE and usable is False:
        return f"{said[:-1]}, but the lead after it cannot be told from chance."
    answer = {True: "Yes.", False: "No."}.get(usable, "") if usable is not None else ""
    return " ".join(part for part in (answer, said) if part)


def _luck(luck: float) -> str:
    return f"{format_quantity(luck, 'share')} of comparable figures or dates would have matched."


def facts_of(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and text of all a card shows beside the finding; nothing without a sample."""
    if record.get("n") is None:
        return []
    unit = record.get("unit") or ""
    rows = [
        ("Estimate", _or_blank(record.get("estimate"), lambda v: format_quantity(v, unit))),
        ("95% interval", _interval(record, unit)),
        (
            "p-value of this specification" if record.get("deviations") else "p-value",
            _or_blank(record.get("p_value"), format_p),
        ),
        ("p-value adjusted for all claims", _or_blank(record.get("p_adjusted"), format_p)),
        ("Joint p-value of the registered grid", _joint(record)),
        ("Observations", format_count(record["n"])),
        ("Effective n", _or_blank(record.get("effective_n"), format_count)),
        ("Sample", _sample(record)),
        (
            "Minimum detectable effect",
            _or_blank(record.get("mde"), lambda v: format_quantity(v, unit)),
        ),
        ("Null", record.get("null") or ""),
        ("More data needed", record.get("more_needed") or ""),
        ("Sensitivity", record.get("sensitivity") or ""),
        ("Specifications", _specifications(record)),
        ("Data", reach_words(record.get("reaches") or {})),
    ]
    return [(label, text) for label, text in rows if text]


def _joint(record: Mapping[str, Any]) -> str:
    """The grid's p-value; a grid of arithmetic says why it has none, one specification nothing."""
    if record.get("joint_p") is not None:
        return format_p(record["joint_p"])
    if (record.get("specifications") or 0) < 2 or record.get("p_value") is not None:
        return ""
    return "none is needed: every specification is arithmetic on record, nothing is drawn at random"


def _sample(record: Mapping[str, Any]) -> str:
    return f"{in_words(record.get('sample_start'))} to {in_words(record.get('sample_end'))}"


def _specifications(record: Mapping[str, Any]) -> str:
    run, left_out = record.get("specifications"), record.get("left_out")
    if run is None:
        return ""
    rest = f", {format_count(left_out)} left out with a reason" if left_out else ""
    return f"{format_count(run)} tried{rest}"


def _labelled(kind: str, label: str, words: str) -> str:
    return f'<p class="{kind}"><b class="sc-label">{label}</b> {escape(words)}</p>'


def _said_by(claim: Claim | None) -> str:
    said = said_by(claim) if claim is not None else ""
    return f'<p class="sc-quiet sc-by"><b class="sc-label">Said by</b> {said}</p>' if said else ""


def _changed(record: Mapping[str, Any]) -> str:
    return ", ".join(str(item) for item in record.get("deviations") or ())


def _deviations(record: Mapping[str, Any]) -> str:
    changed = _changed(record)
    return _labelled("sc-found", NOT_REGISTERED, changed) if changed else ""


def _facts(record: Mapping[str, Any]) -> str:
    cells = "".join(
        f"<div{_wide(text)}><dt>{label}</dt><dd>{escape(text)}</dd></div>"
        for label, text in facts_of(record)
    )
    return f'<dl class="sc-facts">{cells}</dl>' if cells else ""


def _permalink(address: str) -> str:
    if not address:
        return ""
    return f' <a class="sc-permalink" href="{escape(address)}">Link to this verdict</a>'


def _other_run(
    shown: Mapping[str, Any], row: Mapping[str, Any] | None, reasons: Sequence[str]
) -> str:
    """The run on the other data: whether it agrees in one sentence, what it found folded away.

    Nothing is folded away where it found the same, word for word.
    """
    if row is None:
        return ""
    line = f'<p class="sc-second">{escape(second_line(shown, row))}</p>'
    same = all(row.get(name) == shown.get(name) for name in ("verdict", "finding", "reason"))
    if same or not row.get("verdict"):
        return line
    why = "".join(f"<li>{escape(text)}</li>" for text in reasons)
    sure = how_sure(row)
    return (
        f'{line}<details class="sc-other"><summary>What {escape(data_name(row))}, give</summary>'
        f'<p>{chip_of_run(row)} <span class="sc-quiet">{escape(provenance(row))}</span></p>'
        f"<p>{escape(row.get('finding') or row.get('reason') or '')}</p>"
        + (f'<p class="sc-quiet">{sure}</p>' if sure else "")
        + (f'<ul class="sc-why">{why}</ul>' if why else "")
        + "</details>"
    )


def _wide(text: str) -> str:
    return ' class="sc-wide"' if len(text) > 34 else ""


def _interval(record: Mapping[str, Any], unit: str) -> str:
    low, high = record.get("ci_low"), record.get("ci_high")
    return "" if low is None and high is None else format_interval(low, high, unit)


def _or_blank(value: Any, form: Any) -> str:
    return "" if value is None else form(value)


def _conditions(record: Mapping[str, Any]) -> str:
    items = "".join(
        f'<li><span aria-hidden="true">{"✓" if one.holds else "✗"}</span>'
        f" {escape(one.verdict)}: <code>{escape(str(one))}</code>"
        f" {'holds' if one.holds else 'does not hold'}, {escape(measured(one))}</li>"
        for one in conditions_of(record)
    )
    if not items:
        return ""
    return (
        '<details class="sc-conditions"><summary>The criterion, condition by condition</summary>'
        f"<ul>{items}</ul></details>"
    )


def measured(condition: JudgedCondition) -> str:
    """What was measured for a condition, with its unit."""
    if condition.value is None:
        return "infinite"
    return format_measure(condition.value, condition.unit)


def _mind(record: Mapping[str, Any], claim: Claim | None) -> str:
    if claim is None:
        return ""
    said = " ".join(what_would_change(record, claim))
    return _labelled("sc-mind", "What would change our mind", said)
