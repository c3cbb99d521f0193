"""Evidence for the quoted interest burden, from published inputs and the funds rate."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pandas as pd

from analysis.checks.rate_drivers import missing_columns
from analysis.checks.rate_sensitivity.interest_burden import (
    STEP,
    final_hit,
    implied_gap,
    needed_floating_share,
    needed_repricing,
    repriced_within_a_year,
    summed_floating_share,
)
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

if TYPE_CHECKING:
    from analysis.claims import Claim

#: Debt over operating earnings set out in the table of what would give the quoted figures.
LEVERAGES = (2.0, 2.5, 3.0, 3.5, 5.0, 7.0, 8.0, 10.0)

#: Inputs of the calculator among the metrics of the fact table, as a reader knows them.
INPUTS = {
    "floating_share": "share of debt at floating rates",
    "share_due_by_2029": "share of debt due by 2029",
    "debt_to_ebitda": "debt over earnings before interest, tax and depreciation",
}

_SMALL = ("Russell 2000", "Russell 2000 ex-financials", "US small caps")


def published_inputs(facts: pd.DataFrame) -> pd.DataFrame:
    """What has been published, with a date, on small caps' debt.

    Parameters
    ----------
    facts : DataFrame
        The table ``interest_burden``, cut at the month seen.

    Returns
    -------
    DataFrame
        ``input, low, high, unit, provider, date``.
    """
    rows = facts[
        facts["metric"].isin(INPUTS)
        & facts["index"].isin(_SMALL)
        & facts["known_month"].notna()
        & facts["value_low"].notna()
    ]
    return pd.DataFrame(
        {
            "input": rows["metric"].map(INPUTS),
            "low": rows["value_low"],
            "high": rows["value_high"],
            "unit": rows["unit"],
            "provider": rows["provider"],
            "date": rows["date"],
        }
    ).sort_values(["input", "date"], ignore_index=True)


def burden_range(inputs: pd.DataFrame, claim: Claim) -> Evidence | Refusal:
    """Claim interest-32: is the quoted hit inside the range of published inputs?"""
    lacking = [words for words in INPUTS.values() if words not in set(inputs["input"])]
    if lacking:
        return Refusal(f"nothing was published by that month on {', '.join(lacking)}")
    primary = {key: float(value) for key, value in claim.primary.items()}
    quoted = quoted_share(claim)
    low, high = (_end(primary, end) for end in ("low", "high"))
    middle = final_hit(*((primary[f"{k}_low"] + primary[f"{k}_high"]) / 2 for k in _ORDER))
    table = upper_ends(claim)
    inside = int(table["quoted figure inside"].eq("yes").sum())
    return Evidence(
        claim=claim.id,
        estimate=middle,
        unit="share of operating earnings, at the middle of every input",
        null="none: arithmetic over published inputs, not a sample",
        n=len(inputs),
        sample_start=str(inputs["date"].min())[:7],
        sample_end=str(inputs["date"].max())[:7],
        finding=(
            f"Published inputs give a rise in yearly interest of {low:.0%} to {high:.0%} of"
            f" operating earnings after {primary['years']:.0f} years, {middle:.0%} in the middle;"
            f" {quoted:.0%} lies {_inside(low, quoted, high)}, and the ends are"
            f" {high / low:.1f}-fold apart."
        ),
        sensitivity=(
            f"With lower upper ends of debt, floating share and reset gap, {inside} of"
            f" {len(table)} ranges hold {quoted:.0%}."
        ),
        measures={"hit_lowest": low, "hit_highest": high, "hit_ratio": high / low},
    )


_ORDER = ("leverage", "gap", "floating", "maturing")


def _end(primary: dict[str, float], end: str) -> float:
    return final_hit(*(primary[f"{name}_{end}"] for name in _ORDER))


def upper_ends(claim: Claim) -> pd.DataFrame:
    """The range of the hit for every upper end of the claim's grid.

    Returns
    -------
    DataFrame
        ``debt over earnings, reset gap, floating share`` (the upper ends), ``lowest``, ``highest``
        (shares of operating earnings), ``quoted figure inside``.
    """
    primary = {key: float(value) for key, value in claim.primary.items()}
    quoted, lowest = quoted_share(claim), _end(primary, "low")
    names = ("leverage_high", "gap_high", "floating_high")
    rows = []
    for chosen in itertools.product(*(claim.grid[name] for name in names)):
        highest = _end(primary | dict(zip(names, map(float, chosen), strict=True)), "high")
        inside = "yes" if lowest <= quoted <= highest else "no"
        rows.append((*map(float, chosen), lowest, highest, inside))
    columns = ["debt over earnings", "reset gap", "floating share"]
    return pd.DataFrame(rows, columns=[*columns, "lowest", "highest", "quoted figure inside"])


def needed_structures(
    hit: float, per_step: float, maturing: float, gap_high: float, years: int
) -> pd.DataFrame:
    """What floating share the quoted figures ask for, by debt over operating earnings.

    The total may mean the rise in yearly interest in the last year, as the criterion reads it, or
    the extra interest of all years added up; both as a share of one year's operating earnings.

    Parameters
    ----------
    hit, per_step : float
        Quoted shares of operating earnings: in all, and for each 25 basis points.
    maturing : float
        Share of fixed debt maturing within the horizon, evenly.
    gap_high : float
        Widest reset gap published, decimal.
    years : int

    Returns
    -------
    DataFrame
        ``debt over earnings`` and, in words, the floating share that gives: both figures in the
        last year; the total alone in the last year at the widest gap; both figures added up.
    """
    gap = implied_gap(hit, per_step)
    rows = []
    for debt in LEVERAGES:
        both, widest = needed_repricing(hit, debt, gap), needed_repricing(hit, debt, gap_high)
        rows.append(
            {
                "debt over earnings": debt,
                "both figures, last year": _words(both, maturing, 1.0, 1),
                "total alone, last year, widest gap": _words(widest, maturing, 1.0, 1),
                "both figures, all years added up": _words(both, maturing, float(years), years),
            }
        )
    return pd.DataFrame(rows)


def _words(repriced: float, maturing: float, most: float, years: int) -> str:
    """Floating share in words; `repriced` adds up over the years and can be `most` at most."""
    if repriced > most + 1e-9:
        return "none: all debt at once is too little"
    if years == 1:
        share = needed_floating_share(min(repriced, most), maturing)
    else:
        share = summed_floating_share(repriced, maturing, years)
    return f"{share:.0%}" if share is not None else "none: maturities alone give more"


def quoted_identities(facts: pd.DataFrame, hit: float, per_step: float) -> pd.DataFrame:
    """Quoted totals and reliefs side by side, with the reset gap each pair implies.

    Parameters
    ----------
    facts : DataFrame
        The table ``interest_burden``.
    hit, per_step : float
        The note's pair, as shares of operating earnings.

    Returns
    -------
    DataFrame
        ``figures, total, per 25bp`` (shares of operating earnings), ``implied gap`` (decimal rate),
        ``debt that must reprice`` (times operating earnings).
    """
    quoted = {"the note": (hit, per_step)}
    values = facts.set_index("metric")["value_low"]
    if {"interest_hit_no_cuts", "interest_hit_100bp_cuts"} <= set(values.index):
        total, after = values["interest_hit_no_cuts"], values["interest_hit_100bp_cuts"]
        quoted["the bank, August 2025"] = (total / 100, (total - after) / 100 * STEP / 0.01)
    return pd.DataFrame(
        [
            {
                "figures": name,
                "total": total,
                "per 25bp": relief,
                "implied gap": implied_gap(total, relief),
                "debt that must reprice": relief / STEP,
            }
            for name, (total, relief) in quoted.items()
        ]
    )


def observed_gap(dataset: Dataset, claim: Claim, hit: float) -> Evidence | Refusal:
    """Claim interest-2pp: does the implied reset gap fit the rise of the policy rate?

    `hit` is the total the same note quotes, a share of operating earnings.
    """
    if missing_columns(dataset.monthly, "fed_funds"):
        if dataset.data == "bundled":
            return Refusal("needs the latest data: the federal funds rate", needs="latest")
        return Refusal("the data set does not hold the federal funds rate")
    rate = dataset.monthly["fed_funds"].dropna()
    start, end = str(claim.primary["base_start"]), str(claim.primary["base_end"])
    if rate.index[-1] <= pd.Period(end, "M"):
        return Refusal(f"the rise the debt absorbed began after {end}, later than the data seen")
    now = min(pd.Period(str(claim.primary["note_month"]), "M"), rate.index[-1])
    base = rate.loc[start:end]
    gap = float(rate.loc[now] - base.mean())
    others = [float(rate.loc[now] - rate.loc[s:end].mean()) for s in claim.grid["base_start"]]
    relief = quoted_share(claim)
    implied = implied_gap(hit, relief, float(claim.primary["step"]))
    return Evidence(
        claim=claim.id,
        estimate=gap,
        unit="decimal rate",
        null="none: two quoted figures against one observed change, not a sample",
        n=len(base),
        sample_start=start,
        sample_end=str(now),
        finding=(
            f"{hit:.0%} in all and {relief * 100:.0f} points for each 25 basis points imply a"
            f" reset gap of {implied * 100:.2f} points; in {now} the funds rate stood"
            f" {gap * 100:.2f} points above its mean of {start} to {end}."
        ),
        sensitivity=(
            f"With other base periods the observed gap runs from {min(others) * 100:.2f} to"
            f" {max(others) * 100:.2f} points. The relief asks for repriced debt of"
            f" {relief / STEP:.1f} times operating earnings if it counts once, as in the last year."
        ),
        measures={"observed_gap": gap, "implied_gap": implied},
    )


def duration_table(claim: Claim) -> pd.DataFrame:
    """Share of each kind of debt that reprices within a year, from the note's durations.

    Returns
    -------
    DataFrame
        ``debt, duration`` (as quoted, years), ``repriced within a year`` (words).
    """
    rows = []
    for figure in claim.figures:
        text = str(figure.value)
        share = repriced_within_a_year(_number_in(text))
        bound = "at least " if text.startswith("under") else ""
        rows.append((figure.name, f"{text} {figure.unit}", f"{bound}{share:.0%}"))
    return pd.DataFrame(rows, columns=["debt", "duration", "repriced within a year"])


def quoted_share(claim: Claim) -> float:
    """First figure of a claim, a percentage of operating earnings, as a share."""
    return float(claim.figures[0].value) / 100


def _number_in(text: str) -> float:
    return float(re.search(r"\d+(\.\d+)?", text).group())


def _inside(low: float, value: float, high: float) -> str:
    return "inside" if low <= value <= high else "outside"
