"""What an outcome after a wide gap says: its finding, and the separate times behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.designs.gap_windows import window_headline
from analysis.designs.outcome_slope.arguments import OutcomeSlopeArguments
from analysis.designs.outcome_slope.plan import Plan
from analysis.inference.outcome_slopes import OutcomeSlopes
from analysis.panel.gaps import GapSample
from analysis.panel.spells import independent_episodes, real_time_percentile
from analysis.results import Finding, first_refusal, p_words

OUTCOMES = {
    "lead": "small minus large",
    "balance": "the share of large leads less that of large lags",
    "fall": "the largest fall of small against large",
}

PREDICTORS = {
    "gap": "the valuation gap",
    "concentration": "the share of the largest tenth of firms in the market's value",
}

#: What each is when it is high, and when it is higher.
WIDE = {"gap": ("wide", "wider"), "concentration": ("high", "higher")}

GIVEN = {
    "falling_rates": "falling rates",
    "narrowing_spreads": "narrowing spreads",
    "both": "falling rates and narrowing spreads",
}


def finding_of(
    own: list[int | str],
    found: OutcomeSlopes,
    plan: Plan,
    arguments: OutcomeSlopeArguments,
    samples: Mapping[str, GapSample],
    state: pd.Series | None,
    has_grid: bool,
) -> Finding:
    """The finding of the registered specification; of two bases the larger p-value counts."""
    lacking = [place for place in own if isinstance(place, str)]
    if lacking:
        refusal = first_refusal(*samples.values())
        return Finding.refused(lacking[0], needs=None if refusal is None else refusal.needs)
    places = dict(zip(samples, (int(place) for place in own), strict=True))
    worst = max(places, key=lambda name: found.p_of(places[name]))
    place, sample = places[worst], samples[worst]
    window = plan.windows[place]
    slope, low, high = found.corrected(place)
    if not found.error_of(place) > 0:
        return Finding.refused("what followed was the same after every month")
    step = float(sample.gap.std())
    met = [len(episodes_of(one, name, arguments, state)) for name, one in samples.items()]
    now = float(real_time_percentile(sample.gap, 1).iloc[-1])
    return Finding(
        **window_headline(found, place, window, sample.gap.index),
        unit=f"outcome over {arguments.horizon} months a log point, bias-corrected",
        null=f"{PREDICTORS[arguments.predictor]} says nothing about what follows",
        finding=_words(arguments, step, (slope, low, high), found.p_of(place), now),
        sensitivity="; ".join(
            f"{name}: {100 * step * found.corrected(one)[0]:+.1f} points, p"
            f" {p_words(found.p_of(one))}"
            for name, one in places.items()
        )
        + ".",
        measures={
            "slope": slope,
            "slope_p": found.p_of(place),
            "slope_low": min(found.corrected(one)[1] for one in places.values()),
            "slope_high": max(found.corrected(one)[2] for one in places.values()),
            "percentile_now": now,
            "episodes": min(met),
        },
        joint_p=found.joint_p if has_grid else None,
    )


def _words(
    arguments: OutcomeSlopeArguments,
    step: float,
    slopes: tuple[float, float, float],
    p_value: float,
    now: float,
) -> str:
    slope, low, high = (100 * step * one for one in slopes)
    wide, _ = WIDE[arguments.predictor]
    return (
        f"{_moved(slope, arguments)} (95% interval {low:+.1f} to {high:+.1f} points, p"
        f" {p_words(p_value)}). At the end of the sample it was at least as {wide} as in {now:.0%}"
        " of all months."
    )


def _moved(points: float, arguments: OutcomeSlopeArguments) -> str:
    """By how many points an outcome was higher or lower, or more so in a state than outside it."""
    what, outcome = PREDICTORS[arguments.predictor], OUTCOMES[arguments.outcome]
    _, wider = WIDE[arguments.predictor]
    opening = f"When {what} was one standard deviation {wider} than usual,"
    size, over = f"{abs(points):.1f} points", f"over the next {arguments.horizon} months"
    same = size == "0.0 points"
    if arguments.given == "none":
        how = "higher" if points > 0 else "lower"
        moved = "the same to a tenth of a point" if same else f"{size} {how}"
        return f"{opening} {outcome} {over} was {moved}"
    state, how = GIVEN[arguments.given], "more" if points > 0 else "less"
    compared = (
        f"as much with {state} as without" if same else f"{size} {how} with {state} than without"
    )
    return f"{opening} this added {compared} to {outcome} {over}"


def episodes_of(
    sample: GapSample, basis: str, arguments: OutcomeSlopeArguments, state: pd.Series | None
) -> list[dict[str, Any]]:
    """Separate times in which the predictor was wide by what was known and the state held."""
    place = real_time_percentile(sample.gap, arguments.history_months)
    wide = place > arguments.wide_percentile
    if state is not None:
        wide &= state.reindex(wide.index, fill_value=False).astype(bool)
    group = (wide != wide.shift()).cumsum()[wide]
    spells = pd.DataFrame(
        [(part.index[0], len(part)) for _, part in group.groupby(group)],
        columns=["first", "months"],
    )
    rows = []
    for first in independent_episodes(spells, arguments.horizon):
        after = sample.spread.loc[first + 1 : first + arguments.horizon]
        lead = float(after.sum()) if len(after) == arguments.horizon else float("nan")
        months = int(spells.loc[spells["first"] == first, "months"].iloc[0])
        rows.append({"basis": basis, "from": str(first), "months": months, "lead": lead})
    return rows
