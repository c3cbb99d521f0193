"""Tables of multiples: what each note prints, who contradicts whom, what differs by definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from analysis.designs.quoted_multiples.comparisons import WITHIN, Comparison
from analysis.designs.quoted_multiples.multiples import Multiple, of_note
from analysis.designs.quoted_multiples.published import Published
from analysis.designs.quoted_multiples.registered import (
    NOT_SAID,
    PRICE_EARNINGS,
    RELATIVE,
    USUAL,
)
from analysis.designs.quoted_multiples.standing import MATCHED, Standing

PAIRED = ["where", "quantity", "one figure", "other figure", "difference"]


def multiple_table(multiples: Sequence[Multiple], last_seen: pd.Period) -> pd.DataFrame:
    """Every multiple of the notes by index, definition and date, one a line.

    Parameters
    ----------
    multiples : sequence of Multiple
        All notes, stated and implied.
    last_seen : Period
        Last month the run may see.

    Returns
    -------
    DataFrame
        ``note, claim, quantity, index, against, earnings, loss-makers, weighting, first, last,
        definition, dates, figure, low, high, least, most, source, seen``; P/Es in times earnings,
        relative ones as a ratio; `first` and `last` are the admissible days, `least` and `most` the
        ends of the printed rounding; `definition`, `dates` and `figure` are for reading; `seen`
        where the note is no later than the run's last month.
    """
    return pd.DataFrame(
        [
            {
                "note": m.note,
                "claim": m.claim,
                "quantity": m.kind,
                "index": m.index,
                "against": m.against or "",
                "earnings": m.earnings,
                "loss-makers": m.loss_makers,
                "weighting": m.weighting,
                "first": f"{m.first:%Y-%m-%d}",
                "last": f"{m.last:%Y-%m-%d}",
                "definition": definition_in_words(m),
                "dates": m.dates,
                "figure": m.words,
                "low": m.low,
                "high": m.high,
                "least": m.least,
                "most": m.most,
                "source": m.source,
                "seen": m.last.to_period("M") <= last_seen,
            }
            for m in multiples
        ]
    ).sort_values(["note", "first", "claim"], kind="stable", ignore_index=True)


def definition_in_words(multiple: Multiple) -> str:
    """Index, earnings and loss-makers, as far as the note gives them."""
    earnings = multiple.earnings
    if earnings == NOT_SAID:
        earnings = "forward or trailing not said"
    return f"{multiple.sides}; {earnings}; loss-makers {multiple.loss_makers}"


def implication_table(multiples: Sequence[Multiple]) -> pd.DataFrame:
    """What each claim implies once its figures are set beside each other.

    The norm is the claim's own, or else its note's. The way back to it is the rise of small caps
    against large ones that would bring the relative P/E to the norm's nearer end.

    Returns
    -------
    DataFrame
        ``note, claim, earnings, small-cap index, small, large`` (times earnings), ``relative,
        relative is, discount, norm from, norm to, way back`` (ratios and decimals).
    """
    ratios = [m for m in multiples if m.kind == RELATIVE]
    rows = [
        _implications(ratio, [m for m in multiples if m.claim == ratio.claim], multiples)
        for ratio in ratios
    ]
    return pd.DataFrame(rows).sort_values(["note", "claim"], kind="stable", ignore_index=True)


def contradiction_table(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """Contradictions of like with like: same index, earnings, loss-makers and dates.

    One line for each set of printed figures, with the difference beyond rounding of its worst
    pair.

    Returns
    -------
    DataFrame
        ``where, quantity, one figure, other figure, difference, allowed``.
    """
    groups: dict[object, list[Comparison]] = {}
    for pair in comparisons:
        if pair.contradicts:
            groups.setdefault(frozenset(pair.roots), []).append(pair)
    worst = [max(group, key=lambda pair: pair.difference) for group in groups.values()]
    rows = [{**_paired(pair), "allowed": pair.allowed} for pair in worst]
    return _sorted(pd.DataFrame(rows, columns=[*PAIRED, "allowed"]))


def reconcilable_table(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """Figures that differ, and need not be the same: no contradictions.

    Of all pairs that two notes, or one note, give for one kind of quantity the worst is named.

    Returns
    -------
    DataFrame
        ``where, quantity, one figure, other figure, difference, why``; `why` names every respect in
        which the pair need not be the same.
    """
    groups: dict[object, list[Comparison]] = {}
    for pair in comparisons:
        if pair.differs and pair.reasons:
            notes = frozenset([pair.figure.note, pair.other.note])
            groups.setdefault((notes, _quantity(pair.figure)), []).append(pair)
    worst = [max(group, key=lambda pair: pair.difference) for group in groups.values()]
    rows = [{**_paired(pair), "why": "; ".join(pair.reasons)} for pair in worst]
    return _sorted(pd.DataFrame(rows, columns=[*PAIRED, "why"]))


def match_table(standings: Iterable[Standing]) -> pd.DataFrame:
    """Each figure of the notes beside what was published by its definition for its dates.

    Returns
    -------
    DataFrame
        ``note, figure, definition, dates, published`` (how many figures), ``nearest, difference,
        print`` (``"matched"``, ``"contradicted"``, ``"not published"``), ``luck`` (share of the
        comparable figures that would have matched), ``comparable`` (indices and months among
        them), ``nearest at any date`` (only where nothing matched).
    """
    columns = [
        *("note", "figure", "definition", "dates", "published", "nearest", "difference"),
        *("print", "luck", "comparable", "nearest at any date"),
    ]
    rows = pd.DataFrame([_match(s) for s in standings], columns=columns)
    return rows.sort_values(["note", "dates"], kind="stable", ignore_index=True)


def loss_maker_table(multiples: Sequence[Multiple]) -> pd.DataFrame:
    """Share of profits that loss-makers must take away to turn one multiple into the other.

    With the same price and profits, the S&P 600's P/E stands for the profitable firms and the
    Russell 2000's for all: the share is one less the ratio of the first to the second.

    Returns
    -------
    DataFrame
        ``note, earnings, S&P 600, Russell 2000, share of profits``.
    """
    rows = []
    prices = [m for m in multiples if m.kind == PRICE_EARNINGS and m.printed]
    for claim in dict.fromkeys(m.claim for m in prices):
        own = {m.index: m for m in prices if m.claim == claim}
        if {"S&P 600", "Russell 2000"} <= set(own):
            screened, headline = own["S&P 600"], own["Russell 2000"]
            rows.append(
                {
                    "note": headline.note,
                    "earnings": headline.earnings,
                    "S&P 600": screened.value,
                    "Russell 2000": headline.value,
                    "share of profits": 1.0 - screened.value / headline.value,
                }
            )
    columns = ["note", "earnings", "S&P 600", "Russell 2000", "share of profits"]
    return pd.DataFrame(rows, columns=columns)


def forecast_table(forecasts: pd.DataFrame, multiples: Sequence[Multiple]) -> pd.DataFrame:
    """Bank forecasts that name a starting multiple, dated within the notes' admissible days.

    Parameters
    ----------
    forecasts : DataFrame
        The facts on bank forecasts.
    multiples : sequence of Multiple
        All notes.

    Returns
    -------
    DataFrame
        ``date, bank, index, starting P/E, starting relative P/E, forecast, years``; the forecast in
        decimals a year, the middle of a range.
    """
    known = forecasts[
        (forecasts["superseded_by"] == "")
        & forecasts["starting_forward_pe"].notna()
        & forecasts[["value_low", "value_high", "date_low", "date_high"]].notna().all(axis=1)
        & (forecasts["unit"] == "percent a year")
    ]
    first, last = min(m.first for m in multiples), max(m.last for m in multiples)
    chosen = known[(known["date_high"] >= first) & (known["date_low"] <= last)]
    return pd.DataFrame(
        {
            "date": chosen["date"],
            "bank": chosen["bank"],
            "index": chosen["index"],
            "starting P/E": chosen["starting_forward_pe"],
            "starting relative P/E": chosen["starting_relative_pe"],
            "forecast": (chosen["value_low"] + chosen["value_high"]) / 200.0,
            "years": chosen["horizon_high"],
        }
    ).reset_index(drop=True)


def _implications(
    ratio: Multiple, own: Sequence[Multiple], multiples: Sequence[Multiple]
) -> dict[str, object]:
    small = next((m for m in own if m.is_small and m.index == ratio.index), None)
    large = next((m for m in own if m.is_large), None)
    norms = [m for m in of_note(multiples, ratio.note) if m.kind == USUAL]
    norm = next((m for m in norms if m.claim == ratio.claim), norms[0] if norms else None)
    return {
        "note": ratio.note,
        "claim": ratio.claim,
        "earnings": ratio.earnings,
        "small-cap index": ratio.index,
        "small": None if small is None else small.value,
        "large": None if large is None else large.value,
        "relative": ratio.value,
        "relative is": ratio.source,
        "discount": 1.0 - ratio.value,
        "norm from": None if norm is None else norm.low,
        "norm to": None if norm is None else norm.high,
        "way back": None if norm is None else max(norm.low / ratio.value - 1.0, 0.0),
    }


def _paired(pair: Comparison) -> dict[str, object]:
    values = (pair.where, _quantity(pair.figure), str(pair.figure), str(pair.other))
    return dict(zip(PAIRED, (*values, pair.difference), strict=True))


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    """Inside notes first, then the largest difference."""
    inside = table["where"].eq(WITHIN)
    return (
        table.assign(inside=inside)
        .sort_values(["inside", "difference"], ascending=[False, False], ignore_index=True)
        .drop(columns="inside")
    )


def _quantity(multiple: Multiple) -> str:
    side = "large-cap " if multiple.is_large else "small-cap " if multiple.is_small else ""
    return f"{side}{multiple.kind}"


def _match(standing: Standing) -> dict[str, object]:
    own, nearest = standing.multiple, standing.nearest
    return {
        "note": own.note,
        "figure": own.words,
        "definition": definition_in_words(own),
        "dates": own.dates,
        "published": len(standing.prints),
        "nearest": "" if nearest is None else str(nearest),
        "difference": standing.difference,
        "print": standing.status,
        "luck": standing.luck if standing.prints else None,
        "comparable": standing.cells,
        "nearest at any date": "" if standing.status == MATCHED else _ever(standing.nearest_ever),
    }


def _ever(published: Published | None) -> str:
    return "" if published is None else str(published)
