"""Where two runs of a claim disagree, and why, read from their rows and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from analysis.claims import Claim
from analysis.claims.verdicts import UNTESTABLE, conditions_of
from analysis.pages.cards import chip, how_sure, measured
from analysis.pages.closings import condition_words
from analysis.pages.headlines import data_name
from analysis.pages.provenance import in_words
from analysis.pages.quantities import format_count
from analysis.pages.records import Records, Row

#: ``link(chapter, claim)``: address of the claim's card, or None where the chapter is not there.
Link = Callable[[str, str], str | None]


def disagree(one: Row, other: Row) -> bool:
    """Whether two runs both gave a verdict, and not the same."""
    return bool(one["verdict"] and other["verdict"] and one["verdict"] != other["verdict"])


def explain(bundled: Row, latest: Row) -> list[str]:
    """What differs between the two runs of a claim, in sentences: criterion, sample, measure.

    Parameters
    ----------
    bundled, latest : Row
        Of :class:`analysis.pages.records.Records`, or verdicts' records.

    Returns
    -------
    list of str
        Plain text; empty where the rows differ in nothing that is kept.
    """
    return [
        *_changed_conditions(bundled, latest),
        *_samples(bundled, latest),
        *_measured(bundled, latest),
    ]


def disagreements(records: Records, link: Link) -> str:
    """Every claim on which bundled and latest data disagree, and those only one can test."""
    pairs = [(claim, *_pair(records, claim.id)) for claim in records.claims.values()]
    both = [(claim, one, two) for claim, one, two in pairs if one and two]
    apart = [found for found in both if disagree(*found[1:])]
    same = sum(
        one["verdict"] == two["verdict"] and one["verdict"] not in (None, UNTESTABLE)
        for _, one, two in both
    )
    items = "".join(_item(claim, one, two, link) for claim, one, two in apart)
    judged = same + len(apart)
    lead = (
        f"Of {judged} claims tested on both data sets, {same} got the same verdict and"
        f" {len(apart)} another one."
        if judged
        else "No claim has been tested on both data sets yet."
    )
    listed = f'<ul class="sc-apart">{items}</ul>' if items else ""
    return f"<p>{lead}</p>{listed}{_one_sided(both, link)}"


def _item(claim: Claim, bundled: Row, latest: Row, link: Link) -> str:
    target = link(claim.chapter, claim.id)
    name = escape(claim.text)
    title = f'<a href="{escape(target)}">{name}</a>' if target else name
    runs = "".join(
        f'<p>{chip(row["verdict"])} <span class="sc-quiet">{escape(data_name(row))}'
        f"</span> {how_sure(row)}</p>"
        for row in (bundled, latest)
    )
    reasons = "".join(f"<li>{escape(text)}</li>" for text in explain(bundled, latest))
    why = f'<ul class="sc-why">{reasons}</ul>' if reasons else ""
    return f'<li><p class="sc-said">{title}</p>{runs}{why}</li>'


def _one_sided(both: list[tuple[Claim, Row, Row]], link: Link) -> str:
    parts = []
    turned = [(claim, latest, bundled) for claim, bundled, latest in both]
    for words, cases in (("the latest", turned), ("the bundled", both)):
        found = [(c, one, two) for c, one, two in cases if one["verdict"] and not two["verdict"]]
        if not found:
            continue
        lines = "".join(
            f"<li>{_linked(claim, link)} {chip(tested['verdict'])}"
            f' <span class="sc-quiet">{escape(refused["reason"])}</span></li>'
            for claim, tested, refused in found
        )
        parts.append(
            f'<details class="sc-chapter"><summary><span class="sc-chapter-title">Tested on {words}'
            f" data only: {len(found)}</span></summary><ul>{lines}</ul></details>"
        )
    return "".join(parts)


def _linked(claim: Claim, link: Link) -> str:
    target = link(claim.chapter, claim.id)
    return f'<a href="{escape(target)}">{escape(claim.text)}</a>' if target else escape(claim.text)


def _pair(records: Records, claim: str) -> tuple[Row | None, Row | None]:
    return records.row(claim, "bundled"), records.row(claim, "latest")


def _changed_conditions(bundled: Row, latest: Row) -> Iterator[str]:
    """Conditions of the criterion that hold on one data set and not on the other."""
    one, two = ({one.key: one for one in conditions_of(row)} for row in (bundled, latest))
    for key, here in one.items():
        there = two.get(key, here)
        if here.holds != there.holds:
            held, failed = (here, there) if here.holds else (there, here)
            where, elsewhere = ("bundled", "latest") if here.holds else ("latest", "bundled")
            yield (
                f"On the {where} data the test finds {condition_words(here)} ({measured(held)}), on"
                f" the {elsewhere} it does not ({measured(failed)})."
            )


def _samples(bundled: Row, latest: Row) -> Iterator[str]:
    one, two = ((row["sample_start"], row["sample_end"]) for row in (bundled, latest))
    if all(one) and all(two) and one != two:
        yield (
            f"The bundled sample runs from {in_words(one[0])} to {in_words(one[1])}, the latest"
            f" from {in_words(two[0])} to {in_words(two[1])}."
        )


def _measured(bundled: Row, latest: Row) -> Iterator[str]:
    if bundled["unit"] != latest["unit"]:
        yield f"They measure different things: {bundled['unit']}, and {latest['unit']}."
    one, two = bundled.get("specifications"), latest.get("specifications")
    if one is not None and two is not None and one != two:
        yield (
            f"The grid holds {format_count(one)} specifications on the bundled data and"
            f" {format_count(two)} on the latest: not every specification can be had on both."
        )
