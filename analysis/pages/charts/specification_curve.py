"""Every specification of a claim in order of its estimate, above the choices that led to it.

The filters and the slider are the chart's own parameters: they work wherever the chart is drawn, on
a page, in a notebook, without a kernel and without a network.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, SMALL, VERMILLION
from analysis.pages.charts.titles import source_line, titled
from analysis.pages.choices import axis_words, choice_words
from analysis.pages.curves import Curve, curve_of
from analysis.pages.quantities import format_p

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs import Study

#: Above so many points each has no band of its own, and a canvas draws faster than marks.
MANY = 400

#: Parts of the order in which the panel counts choices.
_PARTS = 48

#: Pixels for the names of the choices, left of the panel.
LABELS = 178

_ROW = 17
_EVERY = "every one"
#: Share of estimates without an effect that lie outside their band.
_LEFT_OUT = 0.05

_INSIDE, _OUTSIDE, _NONE = "inside its band", "outside its band", "without a band"


def specification_curve(curve: Curve, finding: str = "") -> alt.VConcatChart:
    """Draw a curve with its panel of choices, filters, and a specification told in words.

    Parameters
    ----------
    curve : Curve
    finding : str
        Title; by default how many estimates lie above the null and outside their own bands.
    """
    import altair as alt

    axes = [axis for axis, values in curve.axes.items() if len(values) > 1]
    filters = [_filter(curve, axis) for axis in axes]
    slider = alt.param(
        name="place",
        value=_start(curve),
        bind=alt.binding_range(min=1, max=len(curve.rows), step=1, name="Specification, in order "),
    )
    made = alt.vconcat(
        _points(curve),
        _panel(curve, axes),
        _told(axes),
        data=alt.InlineData(values=csv_of(curve), format=_read_as(curve)),
        transform=_steps(curve, axes),
        # given here: `add_params` would copy every part, and its data, several times
        params=[one.param for one in (*filters, slider)],
        spacing=14,
        description=described(curve),
        usermeta={
            "smallcap": {
                "words": _words(curve),
                "many": len(curve.rows) > MANY,
                "margin": LABELS + 20,
            }
        },
    )
    chance = chance_words(curve)
    drawn = (
        f"Each point is one specification: {curve.headline.words}{_unit(curve)}. Below, which"
        " choices led to it."
        + (" The diamond is the registered one." if curve.at is not None else "")
        + (f" Grey: 95% of estimates without an effect. {chance}" if chance else "")
    )
    return titled(made, finding or headline(curve), drawn, source_line(curve.seen_to))


def every_specification(study: Study) -> alt.VConcatChart | Sentence:
    """The curve of a study, or a sentence where fewer than two specifications could be run."""
    curve = curve_of(study)
    if curve is not None:
        return specification_curve(curve)
    number = len(study.grid)
    return Sentence(
        f"None of the {number:,} registered specifications can be compared on these data"
        if number
        else "The claim registers no other specification"
    )


def headline(curve: Curve) -> str:
    """What the curve shows in one sentence: how many estimates point which way, how clearly."""
    values, null = curve.rows["estimate"], curve.headline.null
    said = f"{len(values):,} specifications"
    if null is None:
        low, high = (value_words(curve, value) for value in (values.min(), values.max()))
        return f"{said} give between {low} and {high}"
    above = int((values > null).sum())
    clear = int(curve.outside.sum())
    beyond = ""
    if curve.rows["low"].notna().any():
        count = f"{clear:,} lie" if clear > 1 else "one lies" if clear else "none lies"
        beyond = f"; {count} outside {'their' if clear > 1 else 'its'} own 95% band"
    what = "above zero" if null == 0 else f"above {null:g}"
    among = said if above not in (0, len(values)) else f"{len(values):,} specifications"
    count = "None of the" if not above else "All" if above == len(values) else f"{above:,} of"
    return f"{count} {among} are {what}{beyond}"


def chance_words(curve: Curve) -> str:
    """How many would lie outside their bands by chance, and the joint p-value where there is one.

    Empty without a band.
    """
    banded = int(curve.rows["low"].notna().sum())
    if not banded:
        return ""
    expected = _LEFT_OUT * banded
    number = f"about {expected:,.0f}" if expected >= 1 else "fewer than one"
    said = (
        f"By chance alone {number} of the {banded:,} with a band would lie outside"
        f" ({_LEFT_OUT:.0%})."
    )
    if curve.joint_p is None:
        return said
    p_value = format_p(curve.joint_p)
    joint = f"p {p_value}" if p_value.startswith("<") else f"p = {p_value}"
    return f"{said} Tested together, as they share their data, the specifications have {joint}."


def described(curve: Curve) -> str:
    """The chart in sentences, for a reader who does not see it."""
    values = curve.rows["estimate"]
    parts = [
        f"{headline(curve)}.",
        chance_words(curve),
        f"The median is {value_words(curve, values.median())}.",
    ]
    if curve.at is not None:
        place = int(values.rank(method="first")[curve.at])
        own = value_words(curve, values[curve.at])
        parts.append(f"The registered specification gives {own}, number {place:,} from below.")
    parts.append(share_words(curve))
    if curve.left_out:
        parts.append(f"{curve.left_out:,} specifications have no estimate on these data.")
    return " ".join(part for part in parts if part)


def share_words(curve: Curve) -> str:
    """Which choice moves the answer most, with its share of the spread; or why that is not said."""
    shares = curve.shares
    if shares.refusal is not None:
        return f"{str(shares.refusal.reason)[:1].upper()}{shares.refusal.reason[1:]}."
    scaled = curve.standardised
    measured = "The"
    if scaled is not None:
        few = len(scaled) < len(curve.rows)
        which = f"of the {len(scaled):,} estimates that have one" if few else "estimate"
        measured = f"Counting each {which} in half-widths of its own 95% band, the"
    first, *others = shares.shares.items()
    rest = [f"{name} {share:.0%}" for name, share in others if share >= 0.005]
    then = f", then {', '.join(rest)}" if rest else ""
    mixed = (
        f"; {shares.jointly:.0%} takes a combination of choices" if shares.jointly > 0.005 else ""
    )
    return (
        f"{measured} choice that moves the answer most is “{first[0]}”, with {first[1]:.0%} of the"
        f" spread{then}{mixed}."
    )


def value_words(curve: Curve, value: float) -> str:
    """An estimate in a sentence, as the axis has it."""
    form, value = curve.headline.number, curve.headline.scale * value
    text = f"{value:.1%}" if form == "%" else f"{value:{form}}"
    return text.replace("-", "−")


def csv_of(curve: Curve) -> str:
    """The rows as compact CSV: places of the choices, estimate, band."""
    names = {axis: f"c{at}" for at, axis in enumerate(curve.axes)}
    told = curve.rows.rename(columns=names).assign(registered=0)
    if curve.at is not None:
        told.loc[curve.at, "registered"] = 1
    for name in ("estimate", "low", "high"):
        drawn = curve.headline.scale * told[name]
        told[name] = drawn.map(lambda one: f"{one:.4g}" if np.isfinite(one) else "")
    return str(told.to_csv(index=False, lineterminator="\n"))


def _words(curve: Curve) -> dict[str, list[str]]:
    """Heads and alternatives of the compact columns, for the table that can be taken away."""
    return {
        f"c{at}": [axis_words(axis), *(choice_words(axis, one) for one in values)]
        for at, (axis, values) in enumerate(curve.axes.items())
    }


def _start(curve: Curve) -> int:
    order = curve.rows["estimate"].rank(method="first")
    return int(order[curve.at]) if curve.at is not None else (len(order) + 1) // 2


def _filter(curve: Curve, axis: str) -> Any:
    import altair as alt

    at = list(curve.axes).index(axis)
    taken = sorted({int(place) for place in curve.rows[axis]})
    labels = [choice_words(axis, curve.axes[axis][place]) for place in taken]
    menu = alt.binding_select(
        options=[-1, *taken], labels=[_EVERY, *labels], name=f"{axis_words(axis).capitalize()} "
    )
    return alt.param(name=f"only{at}", value=-1, bind=menu)


def _steps(curve: Curve, axes: list[str]) -> list[Any]:
    """Filters, order and words: steps that all parts of the chart share."""
    import altair as alt

    places = {axis: list(curve.axes).index(axis) for axis in axes}
    chosen = " && ".join(f"(only{at} < 0 || datum.c{at} == only{at})" for at in places.values())
    steps: list[Any] = [alt.FilterTransform(chosen)] if chosen else []
    lowest_first = alt.SortField("estimate", order="ascending")
    rank = alt.WindowFieldDef(op="row_number", field="", **{"as": "rank"})
    total = alt.JoinAggregateFieldDef(op="count", **{"as": "total"})
    steps += [
        alt.WindowTransform(window=[rank], sort=[lowest_first]),
        alt.JoinAggregateTransform(joinaggregate=[total]),
    ]
    lines = []
    for axis, at in places.items():
        named = [choice_words(axis, value) for value in curve.axes[axis]]
        steps += _calculated(**{f"w{at}": f"{json.dumps(named)}[datum.c{at}]"})
        lines.append(f"{json.dumps(axis_words(axis).capitalize() + ': ')} + datum.w{at}")
    form = "+.1%" if curve.headline.number == "%" else f"+{curve.headline.number}"
    if curve.headline.null is None or curve.headline.null != 0:
        form = form.removeprefix("+")
    first = (
        "'Number ' + format(datum.rank, ',') + ' of ' + format(datum.total, ',') + ': '"
        f" + format(datum.estimate, '{form}')"
    )
    words = " + '\\n' + ".join([first, *lines])
    outside = (
        f"!isValid(datum.low) ? {json.dumps(_NONE)} : datum.estimate < datum.low"
        f" || datum.estimate > datum.high ? {json.dumps(_OUTSIDE)} : {json.dumps(_INSIDE)}"
    )
    return steps + _calculated(
        x="(datum.rank - 0.5) / datum.total",
        chosen="datum.rank == min(place, datum.total)",
        state=outside,
        words=words,
    )


def _calculated(**expressions: str) -> list[Any]:
    """A step for each expression; `transform_calculate` copies chart and data for every one."""
    import altair as alt

    return [
        alt.CalculateTransform(calculate=expression, **{"as": name})
        for name, expression in expressions.items()
    ]


def _read_as(curve: Curve) -> Any:
    """Numbers as numbers, and nothing where a cell is empty."""
    import altair as alt

    numbers = [f"c{at}" for at in range(len(curve.axes))]
    names = (*numbers, "estimate", "low", "high", "registered")
    return alt.CsvDataFormat(type="csv", parse=dict.fromkeys(names, "number"))


def _unit(curve: Curve) -> str:
    return ", in per cent" if curve.headline.number == "%" else ""


def _x(**given: Any) -> Any:
    """The places along the order, from the lowest estimate to the highest."""
    import altair as alt

    # a title that ends with the plot is not wider than a telephone
    axis = alt.Axis(format="%", grid=False, titleAnchor="end", **given)
    return alt.X("x:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)


def _points(curve: Curve) -> Any:
    import altair as alt

    heights = alt.Y("estimate:Q", title=None, axis=alt.Axis(format=curve.headline.number))
    base = alt.Chart().encode(x=_x(labels=False, ticks=False))
    has_band = bool(curve.rows["low"].notna().any())
    parts = []
    if has_band:
        parts.append(_band(base, curve))
    if curve.headline.null is not None:
        zero = alt.Chart(pd.DataFrame({"at": [curve.headline.null]}))
        parts.append(zero.mark_rule(color=CONTEXT, strokeWidth=1.2).encode(y=alt.Y("at:Q")))
    size = 8 if len(curve.rows) > MANY else 26
    points = base.mark_point(filled=True, opacity=0.9, size=size)
    if has_band:
        there = 2 if curve.rows["low"].notna().all() else 3
        names = alt.Scale(
            domain=[_OUTSIDE, _INSIDE, _NONE][:there], range=[VERMILLION, SMALL, CONTEXT][:there]
        )
        shapes = alt.Scale(
            domain=[_OUTSIDE, _INSIDE, _NONE][:there],
            range=["triangle-up", "circle", "cross"][:there],
        )
        tell = {
            "color": alt.Color("state:N", title=None, scale=names),
            "shape": alt.Shape("state:N", title=None, scale=shapes),
        }
    else:
        tell = {"color": alt.ColorValue(SMALL)}
    parts.append(
        points.encode(y=heights, tooltip=alt.Tooltip("words:N", title="specification"), **tell)
    )
    parts.append(
        base.transform_filter("datum.registered == 1")
        .mark_point(shape="diamond", filled=False, size=190, strokeWidth=2.5, opacity=1)
        .encode(
            y=heights,
            color=alt.ColorValue(CONTEXT),
            tooltip=alt.Tooltip("words:N", title="registered"),
        )
    )
    parts.append(
        base.transform_filter("datum.chosen")
        .mark_rule(color=CONTEXT, strokeDash=[3, 3])
        .encode(x=_x(labels=False, ticks=False))
    )
    return alt.layer(*parts).properties(height=230)


def _band(base: Any, curve: Curve) -> Any:
    """The band of each specification, or its mean over parts of the order where there are many."""
    import altair as alt

    if len(curve.rows) <= MANY:
        width = max(1.0, min(9.0, 520 / len(curve.rows)))
        return base.mark_rule(color=CONTEXT, opacity=0.28, strokeWidth=width).encode(
            y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
        )
    return (
        base.transform_calculate(
            part=f"(floor((datum.rank - 1) * {_PARTS} / datum.total) + 0.5) / {_PARTS}"
        )
        .transform_aggregate(low="mean(low)", high="mean(high)", groupby=["part"])
        .mark_area(color=CONTEXT, opacity=0.28)
        .encode(x="part:Q", y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    )


def _panel(curve: Curve, axes: list[str]) -> Any:
    """How the alternatives of each choice lie along the order: darker where more specifications."""
    import altair as alt

    order, rows = [], []
    for axis in axes:
        at = list(curve.axes).index(axis)
        taken = sorted({int(place) for place in curve.rows[axis]})
        order += [_label(axis), *(_label(axis, curve.axes[axis][place]) for place in taken)]
        named = [_label(axis, value) for value in curve.axes[axis]]
        rows.append((f"r{at}", f"{json.dumps(named)}[datum.c{at}]"))
    parts = min(_PARTS, len(curve.rows))
    part = f"floor((datum.rank - 1) * {parts} / datum.total)"
    return (
        alt.Chart(transform=_calculated(**dict(rows), part=part))
        .transform_fold([name for name, _ in rows], as_=["axis", "choice"])
        .transform_aggregate(count="count()", groupby=["part", "choice"])
        .transform_joinaggregate(most="max(count)")
        .transform_calculate(
            share="datum.count / datum.most",
            x=f"datum.part / {parts}",
            x2=f"(datum.part + 0.9) / {parts}",
        )
        .mark_rect(color=SMALL, height=_ROW - 6)
        .encode(
            x=_x(title="share of the specifications, in order of their estimates"),
            x2=alt.X2("x2:Q"),
            y=alt.Y("choice:N", title=None, scale=alt.Scale(domain=order), axis=_choice_axis()),
            opacity=alt.Opacity(
                "share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0, 1])
            ),
            tooltip=[
                alt.Tooltip("choice:N", title="choice"),
                alt.Tooltip("count:Q", title="specifications in this part"),
            ],
        )
        .properties(height=_ROW * len(order))
    )


def _label(axis: str, value: Any = None) -> str:
    """A row of the panel: the head of an axis, or one of its alternatives."""
    return f"{axis_words(axis)}|" + ("" if value is None else choice_words(axis, value))


def _choice_axis() -> Any:
    """Heads in bold, alternatives under them without their axis."""
    import altair as alt

    head = "substring(datum.label, length(datum.label) - 1) == '|'"
    return alt.Axis(
        labelExpr=f"{head} ? split(datum.label, '|')[0] : split(datum.label, '|')[1]",
        labelFontWeight={
            "condition": {"test": head, "value": "bold"},
            "value": "normal",
        },
        labelLimit=LABELS,
        labelFontSize=11.5,
        labelOverlap=False,
        domain=False,
        ticks=False,
    )


def _told(axes: list[str]) -> Any:
    """The chosen specification in words."""
    import altair as alt

    return (
        alt.Chart()
        .transform_filter("datum.chosen")
        .mark_text(align="left", baseline="top", lineBreak="\n", fontSize=12.5, lineHeight=_ROW)
        .encode(x=alt.XValue(-LABELS), y=alt.YValue(0), text=alt.Text("words:N"))
        .properties(height=_ROW * (len(axes) + 1))
    )
