"""A table of over- and underweights, scored call by call and as a portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from analysis.claims.outlooks import Outlook
from analysis.designs.grids import grid_table
from analysis.designs.outlook_studies import (
    OutlookStudy,
    by_day,
    call_row,
    call_table,
    kept_calls,
    last_passed,
    last_seen,
    signed_points,
    the_outlook,
    too_few,
    unresolved,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.inference.lead_windows import Outcome, Pattern, earlier_leads, leads, pattern_of
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.outlook_paths import Logs, first_positions, fund_paths, logs_of
from analysis.results import Finding, month_words

Floats = NDArray[np.float64]

#: Name, funds and view of an asset.
Asset = tuple[str, list[str], str]

PORTFOLIO = "the portfolio"

#: In a view, what the argument ``mega_caps`` stands for.
WORD = "mega caps"

MEASURES = {
    "excess": "decimal return",
    "luck": "share of earlier days",
    "calls_won": "count",
}


class View(BaseModel):
    """One line of the table: an asset, the funds that stand for it, and which way it leans."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    asset: Annotated[str, Field(min_length=3)]
    funds: Annotated[list[str], Field(min_length=1)]
    view: Literal["over", "neutral", "under"]


class OutlookAllocationArguments(Arguments):
    """The views, how far a portfolio leans on them, and what stands for the largest firms."""

    views: Annotated[list[View], Field(min_length=2)]
    tilt: Annotated[
        float, Field(gt=0, le=1, description="change of an asset's share by a view, of its own")
    ]
    mega_caps: Annotated[
        Literal["SPY", "QQQ"], Field(description="fund in place of the word mega caps")
    ] = "SPY"


@design(arguments=OutlookAllocationArguments, measures=MEASURES, axes=("tilt", "mega_caps"))
def outlook_allocation(
    dataset: Dataset, specification: Specification[OutlookAllocationArguments], sampling: Sampling
) -> OutlookStudy:
    """Score each view against the equal mix of all assets, and the tilted mix against it too.

    Notes
    -----
    All are bought on the first day and held. An overweight is right where the asset gains more
    than the equal mix, an underweight where it gains less, a neutral view where the difference
    lies within the middle third of what it was from all earlier days. The portfolio weighs each
    asset by 1, 1 + tilt or 1 − tilt over their sum.
    """
    outlook, arguments = the_outlook(specification), specification.arguments
    assets = _assets(arguments)
    funds = _funds(assets)
    first = outlook.first
    paths = fund_paths(dataset, funds, first.earliest, first.latest)
    calls, history = _calls(dataset, outlook, assets, arguments.tilt)
    grid, others = _grid(dataset, outlook, specification)
    kept = [table for table in (calls, *others) if len(table)]
    return OutlookStudy.of(
        dataset,
        specification,
        _finding(dataset, outlook, paths, calls),
        last_seen(paths),
        paths,
        pd.concat(kept, ignore_index=True).drop_duplicates(["key", "call", "months"])
        if kept
        else calls,
        grid=grid,
        history=history,
    )


def _assets(arguments: OutlookAllocationArguments, mega_caps: str = "") -> list[Asset]:
    """Name, funds and view of each asset, with a fund in place of the word mega caps."""
    chosen = mega_caps or arguments.mega_caps
    return [
        (one.asset, [chosen if fund == WORD else fund for fund in one.funds], one.view)
        for one in arguments.views
    ]


def _funds(assets: Sequence[Asset]) -> list[str]:
    return list(dict.fromkeys(fund for _, funds, _ in assets for fund in funds))


def _key(assets: Sequence[Asset], tilt: float) -> str:
    return f"{' '.join('+'.join(funds) for _, funds, _ in assets)} by {tilt:g}"


def _calls(
    dataset: Dataset, outlook: Outlook, assets: list[Asset], tilt: float
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    key, logs = _key(assets, tilt), logs_of(dataset, _funds(assets))
    if logs.refusal is not None:
        return kept_calls(dataset, key, outlook, [str(one) for one in outlook.horizons]), {}
    index = logs.index
    firsts = first_positions(index, outlook.first.earliest, outlook.first.latest)
    rows: list[dict[str, Any]] = []
    history: dict[str, pd.Series] = {}
    for months in outlook.horizons:
        pattern = pattern_of(index, firsts, (months,)) if len(firsts) else None
        if pattern is None or pattern.origin < pattern.span:
            continue
        end = index[pattern.last.max()]
        for call, found in _scored(logs, pattern, assets, tilt):
            rows.append(call_row(key, call, str(months), outlook, end, len(firsts), found))
            history[f"{key}|{call}|{months}"] = by_day(index, found.ahead)
    return call_table(rows), history


def _scored(
    logs: Logs, pattern: Pattern, assets: list[Asset], tilt: float
) -> list[tuple[str, Outcome]]:
    """Every view's outcome, then the portfolio's, on one horizon."""
    values = logs.values.to_numpy()
    columns = list(logs.values.columns)
    held = [[columns.index(fund) for fund in funds] for _, funds, _ in assets]
    now = _by_asset(leads(values, pattern.first, pattern.last), held)
    before = _by_asset(earlier_leads(values, pattern), held)
    over_now = now - now.mean(axis=-1, keepdims=True)
    over_before = before - before.mean(axis=-1, keepdims=True)
    scored = [
        (f"{asset}: {view}", _call_outcome(over_now[..., n], over_before[..., n], view))
        for n, (asset, _, view) in enumerate(assets)
    ]
    lean = np.array([{"over": 1.0, "neutral": 0.0, "under": -1.0}[view] for *_, view in assets])
    weights = (1.0 + tilt * lean) / (1.0 + tilt * lean).sum()
    portfolio = _call_outcome(over_now @ weights, over_before @ weights, "over")
    return [*scored, (PORTFOLIO, portfolio)]


def _by_asset(gains: Floats, held: list[list[int]]) -> Floats:
    """Gains of assets, each the plain mean of its funds, on the last axis."""
    return np.stack([gains[..., columns].mean(axis=-1) for columns in held], axis=-1)


def _call_outcome(now: Floats, before: Floats, view: str) -> Outcome:
    """A view's outcome, as a distance on its right side: above zero where it was right.

    A neutral view is the more right the nearer the difference lies to the middle third.
    """
    if view == "neutral":
        low, high = np.quantile(before, [1 / 3, 2 / 3])
        right_now = np.minimum(now - low, high - now)
        right_before = np.minimum(before - low, high - before)
    else:
        sign = 1.0 if view == "over" else -1.0
        right_now, right_before = sign * now, sign * before
    flat = right_before.reshape(len(right_before), -1)
    least, smallest = flat.min(axis=1), float(right_now.min())
    return Outcome(
        smallest=smallest,
        mean=float(now.mean()),
        largest=float(right_now.max()),
        base_rate=float((least > 0).mean()),
        luck=float((least >= smallest).mean()),
        deviation=float(before.reshape(len(before), -1).mean(axis=1).std(ddof=1)),
        windows=len(before),
        ahead=least > 0,
    )


def _grid(
    dataset: Dataset, outlook: Outlook, specification: Specification[OutlookAllocationArguments]
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The portfolio at the last horizon that has passed, by tilt and fund; and their calls."""
    rows, tables = [], []
    for chosen in specification.combinations("tilt", "mega_caps"):
        assets = _assets(specification.arguments, chosen["mega_caps"])
        calls, _ = _calls(dataset, outlook, assets, chosen["tilt"])
        tables.append(calls[calls["call"] == PORTFOLIO])
        rows.append(last_passed(chosen, tables[-1], "mean"))
    return grid_table(["tilt", "mega_caps"], ["months", "excess", "luck"], rows), tables


def _finding(
    dataset: Dataset, outlook: Outlook, paths: pd.DataFrame, calls: pd.DataFrame
) -> Finding:
    why = unresolved(dataset, outlook, paths, _standing(calls))
    if why is not None:
        return Finding.refused(why)
    if (short := too_few(calls)) is not None:
        return short
    last = calls[calls["months"] == str(outlook.horizons[-1])]
    portfolio = last[last["call"] == PORTFOLIO].iloc[0]
    won = int(last.loc[last["call"] != PORTFOLIO, "won"].eq("yes").sum())
    excess, luck = float(portfolio["mean"]), float(portfolio["luck"])
    return Finding(
        estimate=excess,
        unit="decimal return of the tilted mix less the equal mix",
        null="the day of the note is like any earlier day",
        p_value=luck,
        n=len(last) - 1,
        effective_n=1.0,
        mde=minimum_detectable(float(portfolio["deviation"])),
        more_needed="one table is one draw; more tables are needed, not more days",
        sample_start=outlook.first.earliest[:7],
        sample_end=f"{portfolio['end']:%Y-%m}",
        finding=_standing(calls),
        measures={"excess": excess, "luck": luck, "calls_won": won},
        luck=luck,
    )


def _standing(calls: pd.DataFrame) -> str:
    """The last horizon that has passed, in one sentence."""
    if calls.empty:
        return ""
    last = calls[calls["months"] == calls["months"].iloc[-1]]
    portfolio = last[last["call"] == PORTFOLIO].iloc[0]
    single = last[last["call"] != PORTFOLIO]
    end = month_words(f"{portfolio['end']:%Y-%m-%d}")
    return (
        f"By {end} {int(single['won'].eq('yes').sum())} of {len(single)} views were right, where"
        f" earlier days gave {single['base_rate'].sum():.1f}; the tilted mix stood"
        f" {signed_points(portfolio['mean'])} points against the equal mix, and did at least as"
        f" well from {portfolio['luck']:.0%} of all earlier days."
    )
