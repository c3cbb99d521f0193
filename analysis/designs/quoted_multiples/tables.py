"""Tables of multiples: what each note prints, what follows, who contradicts whom, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.designs.quoted_multiples.comparisons import (
    Comparison,
    compare_between,
    compare_inside,
)
from analysis.designs.quoted_multiples.multiples import (
    PRICE_EARNINGS,
    RELATIVE,
    USUAL,
    Multiple,
    of_note,
)
from analysis.designs.quoted_multiples.published import (
    Published,
    in_reach,
    likely_definition,
    nearest,
    same_measure,
)

#: Notes further apart than this may differ because prices moved.
MONTHS_ALIKE = 2


def multiple_table(multiples: Sequence[Multiple], last_seen: pd.Period) -> pd.DataFrame:
    """Every multiple of the notes, one a line.

    Parameters
    ----------
    multiples : sequence of Multiple
        All notes, printed and implied.
    last_seen : Period
        Last month the run may see.

    Returns
    -------
    DataFrame
        ``note, month, claim, quantity, index, earnings, figure, low, high, source, seen``; P/Es in
        times earnings, relative ones as a ratio; `figure` is the range in words; `seen` where the
        note is no later than the run's last month, so that it may stand on a time axis.
    """
    return pd.DataFrame(
        [
            {
                "note": m.note,
                "month": str(m.month),
                "claim": m.claim,
                "quantity": m.kind,
                "index": m.index,
                "earnings": m.earnings if m.stated else f"{m.earnings} (not said)",
                "figure": m.words,
                "low": m.low,
                "high": m.high,
                "source": m.source,
                "seen": m.month <= last_seen,
            }
            for m in multiples
        ]
    ).sort_values(["note", "month", "claim"], kind="stable", ignore_index=True)


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


def contradictions(
    multiples: Sequence[Multiple], figures: pd.DataFrame, rounding: float, tolerance: float
) -> pd.DataFrame:
    """Who contradicts whom: figures further apart than rounding or definitions may leave.

    Of all pairs of figures that two notes, or one note, give for one quantity the worst is named
    and the others are counted. Between notes only printed figures and the relative P/Es that
    follow from them are set against each other.

    Returns
    -------
    DataFrame
        ``where, quantity, one figure, other figure, difference, pairs, what would reconcile``,
        inside notes first, then the largest difference.
    """
    groups: dict[tuple[object, ...], list[Comparison]] = {}
    for pair in _comparisons(multiples, rounding, tolerance):
        notes = frozenset([pair.figure.note, pair.other.note])
        groups.setdefault((notes, _quantity(pair.figure)), []).append(pair)
    columns = ["where", "quantity", "one figure", "other figure", "difference", "pairs"]
    rows = [_contradiction(group, figures, tolerance) for group in groups.values()]
    table = pd.DataFrame(rows, columns=[*columns, "what would reconcile"])
    return table.sort_values(["where", "difference"], ascending=[False, False], ignore_index=True)


def reconciliation(pair: Comparison, figures: pd.DataFrame, tolerance: float) -> str:
    """Definitions under which both figures of a pair could be right, from what was published."""
    reasons = list(_differences(pair.figure, pair.other))
    roots = dict.fromkeys((*pair.figure.roots, *pair.other.roots))
    origins = [
        f"{root.value:g} is near {origin}"
        for root in roots
        if (origin := likely_definition(root, figures, tolerance)) is not None
    ]
    return "; ".join([*reasons, *origins]) or "nothing published is near either"


def standing_table(
    multiples: Sequence[Multiple], figures: pd.DataFrame, reach: int, tolerance: float
) -> pd.DataFrame:
    """Where each printed figure stands among those published near its date.

    Returns
    -------
    DataFrame
        ``note, month, quantity, index, figure, published, of, nearest, difference, nearest at any
        date``; the last column only where nothing in reach is within `tolerance`.
    """
    rows = [_standing(m, figures, reach, tolerance) for m in multiples if m.printed]
    return pd.DataFrame(rows).sort_values(["note", "month"], kind="stable", ignore_index=True)


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
    prices = [m for m in multiples if m.kind == PRICE_EARNINGS]
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


def _contradiction(
    group: Sequence[Comparison], figures: pd.DataFrame, tolerance: float
) -> dict[str, object]:
    worst = max(group, key=lambda pair: pair.difference)
    return {
        "where": worst.where,
        "quantity": _quantity(worst.figure),
        "one figure": str(worst.figure),
        "other figure": str(worst.other),
        "difference": worst.difference,
        "pairs": len({frozenset([str(pair.figure), str(pair.other)]) for pair in group}),
        "what would reconcile": reconciliation(worst, figures, tolerance),
    }


def _quantity(multiple: Multiple) -> str:
    side = "large-cap " if multiple.is_large else "small-cap " if multiple.is_small else ""
    return f"{multiple.earnings} {side}{multiple.kind}"


def _comparisons(
    multiples: Sequence[Multiple], rounding: float, tolerance: float
) -> list[Comparison]:
    quoted = dict.fromkeys(m.claim for m in multiples)
    notes = dict.fromkeys(m.note for m in multiples)
    inside = [c for note in notes for c in compare_inside(of_note(multiples, note))]
    between = [c for claim in quoted for c in compare_between(claim, multiples)]
    direct = [c for c in between if _is_direct(c.figure) and _is_direct(c.other)]
    return [c for c in inside if c.difference > rounding] + [
        c for c in direct if c.difference > tolerance
    ]


def _is_direct(multiple: Multiple) -> bool:
    return multiple.printed or multiple.kind != PRICE_EARNINGS


def _differences(one: Multiple, other: Multiple) -> list[str]:
    reasons = []
    apart = abs((one.month - other.month).n)
    if apart > MONTHS_ALIKE:
        reasons.append(f"the notes are {apart} months apart")
    if not one.is_large and one.index != other.index:
        reasons.append(f"{one.index} need not be {other.index}")
    if one.stated != other.stated:
        reasons.append("one does not say whether earnings are forward or trailing")
    return reasons


def _standing(
    multiple: Multiple, figures: pd.DataFrame, reach: int, tolerance: float
) -> dict[str, object]:
    ever = same_measure(multiple, figures)
    near = in_reach(ever, reach)
    best = nearest(near)
    far = best is None or best.difference > tolerance
    return {
        "note": multiple.note,
        "month": str(multiple.month),
        "quantity": _quantity(multiple),
        "index": multiple.index,
        "figure": multiple.words,
        "published": _span(near),
        "of": len(near),
        "nearest": "" if best is None else str(best),
        "difference": None if best is None else best.difference,
        "nearest at any date": _ever(ever, multiple) if far else "",
    }


def _span(published: Sequence[Published]) -> str:
    if not published:
        return "nothing"
    return f"{min(p.low for p in published):g} to {max(p.high for p in published):g}"


def _ever(published: Sequence[Published], multiple: Multiple) -> str:
    best = nearest(published)
    return "" if best is None else f"{best}, {best.difference:.0%} away"


def forecast_table(forecasts: pd.DataFrame, months: pd.PeriodIndex, reach: int) -> pd.DataFrame:
    """Bank forecasts that name a starting multiple, dated within some months of a note.

    Parameters
    ----------
    forecasts : DataFrame
        The facts on bank forecasts.
    months : PeriodIndex
        The notes' months.
    reach : int

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
    last, first = known["date_high"].dt.to_period("M"), known["date_low"].dt.to_period("M")
    chosen = known[(last >= months.min() - reach) & (first <= months.max() + reach)]
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
