"""Who contradicts whom: the notes' figures against each other and against what was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.figures.evidence import agreement_evidence, agreements
from analysis.checks.figures.fund_gains import (
    calendar_gain,
    gain_from_low,
    matching_pairs,
    month_and_record,
    rally_pairs,
    year_to_date,
)
from analysis.checks.figures.policy_facts import cut_of_late_2025, cuts_of_2026
from analysis.checks.figures.published_multiples import SMALL_INDICES, closed_figures, history
from analysis.checks.figures.settings import Parameters
from analysis.checks.figures.tables import (
    contradictions,
    implication_table,
    loss_maker_table,
    multiple_table,
    standing_table,
)
from analysis.checks.parameters import NEWEST
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: Weights the seven stocks may have had in the index when 2024 began, as the criterion names them.
SEVEN_WEIGHTS = (0.28, 0.30, 0.33)

#: Claims about events, each with the check that looks them up in the latest data.
LOOKUPS: dict[str, Callable[[Dataset, Claim], Evidence | Refusal]] = {
    "growth-2024-sp500": calendar_gain,
    "iwm-aug25": month_and_record,
    "rally-50": gain_from_low,
    "ytd-8-2026": year_to_date,
    "since-2022-55-98": matching_pairs,
    "fed-75bp": cut_of_late_2025,
    "cuts-2026": cuts_of_2026,
}


@dataclass(frozen=True)
class FiguresStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    multiples : DataFrame
        Every multiple of the notes, printed and implied; `seen` where the note is no later than
        the run's date, so that it may stand on a time axis.
    implications : DataFrame
        Relative P/E, discount, norm and the way back to it, by claim.
    contradictions : DataFrame
        Who contradicts whom, and what would reconcile them.
    standing : DataFrame
        Each printed figure among those published near its date.
    loss_makers : DataFrame
        Share of profits loss-makers must take away.
    forward, relative : DataFrame
        Published forward P/Es of small-cap indices, and relative forward P/Es, over time; `line`
        joins one index, provider and definition.
    forecasts : DataFrame
        Bank forecasts with the multiple they started from, dated near a note.
    others_2024 : DataFrame
        Gain of the index without the seven stocks, by their weight.
    rally : DataFrame
        Gain of the small-cap fund between the days of the grid; empty without the latest data.
    profitability : DataFrame
        Spread over the years of small firms' operating profitability; empty without the latest
        data.
    """

    evidence: Mapping[str, Evidence | Refusal]
    multiples: pd.DataFrame
    implications: pd.DataFrame
    contradictions: pd.DataFrame
    standing: pd.DataFrame
    loss_makers: pd.DataFrame
    forward: pd.DataFrame
    relative: pd.DataFrame
    forecasts: pd.DataFrame
    others_2024: pd.DataFrame
    rally: pd.DataFrame
    profitability: pd.DataFrame


def study(dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters) -> FiguresStudy:
    """Run every test of the chapter.

    The notes' own figures are the claim at any `as_of`; published figures are those seen by then.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    published = dataset.facts["forward_pe"]
    known = closed_figures(published)
    multiples = multiple_table(claims)
    limit = parameters.as_of if parameters.as_of != NEWEST else multiples["month"].max()
    return FiguresStudy(
        evidence=_evidence(dataset, claims, parameters),
        multiples=multiples.assign(seen=multiples["month"] <= limit),
        implications=implication_table(claims),
        contradictions=contradictions(claims, known, parameters.rounding, parameters.tolerance),
        standing=standing_table(claims, known, parameters.reach, parameters.tolerance),
        loss_makers=loss_maker_table(claims),
        forward=history(known, "forward_pe", SMALL_INDICES),
        relative=history(known, "relative_forward_pe", SMALL_INDICES),
        forecasts=forecast_table(
            dataset.facts["bank_forecasts"], multiples["month"], parameters.reach
        ),
        others_2024=others_without_seven(claims),
        rally=rally_pairs(dataset, claims["rally-50"]),
        profitability=profitability_spread(dataset.monthly),
    )


def others_without_seven(claims: Mapping[str, Claim]) -> pd.DataFrame:
    """Gain of the index's other members if the seven stocks had a weight of w at the start.

    The index gain is w times the seven's gain plus 1 − w times the others'.

    Returns
    -------
    DataFrame
        ``weight of the seven, index, the seven, the others``, decimals.
    """
    index = float(claims["growth-2024-sp500"].figures[0].value) / 100.0
    seven = float(claims["mag7-2024"].figures[0].value) / 100.0
    weight = np.array(SEVEN_WEIGHTS)
    return pd.DataFrame(
        {
            "weight of the seven": weight,
            "index": index,
            "the seven": seven,
            "the others": (index - weight * seven) / (1.0 - weight),
        }
    )


def forecast_table(forecasts: pd.DataFrame, months: pd.Series, reach: int) -> pd.DataFrame:
    """Bank forecasts that name a starting multiple, dated within `reach` months of a note.

    Parameters
    ----------
    forecasts : DataFrame
        The facts on bank forecasts.
    months : Series of str
        The notes' months.
    reach : int

    Returns
    -------
    DataFrame
        ``date, bank, index, starting P/E, starting relative P/E, forecast, years``; the forecast in
        decimals a year, the middle of a range.
    """
    notes = pd.PeriodIndex(months, freq="M")
    known = forecasts[
        (forecasts["superseded_by"] == "")
        & forecasts["starting_forward_pe"].notna()
        & forecasts[["value_low", "value_high", "date_low", "date_high"]].notna().all(axis=1)
        & (forecasts["unit"] == "percent a year")
    ]
    last, first = known["date_high"].dt.to_period("M"), known["date_low"].dt.to_period("M")
    chosen = known[(last >= notes.min() - reach) & (first <= notes.max() + reach)]
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


def profitability_spread(monthly: pd.DataFrame) -> pd.DataFrame:
    """Spread over the years of operating profitability in the smallest size group.

    One value a year, that of July, the month the groups are formed. It is a level, so it says
    little about the growth of earnings.

    Returns
    -------
    DataFrame
        ``first, last, years, lowest tenth, median, highest tenth``: quantiles over the years,
        decimals; empty where the column is not held.
    """
    columns = ["first", "last", "years", "lowest tenth", "median", "highest tenth"]
    if "op_small" not in monthly:
        return pd.DataFrame(columns=columns)
    known = monthly["op_small"][monthly.index.month == 7].dropna()
    if known.empty:
        return pd.DataFrame(columns=columns)
    values = (known.index[0].year, known.index[-1].year, len(known))
    tenths = known.quantile([0.1, 0.5, 0.9])
    return pd.DataFrame([[*values, *tenths]], columns=columns)


def _evidence(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> dict[str, Evidence | Refusal]:
    found = agreements(claims, dataset.facts["forward_pe"], parameters.reach)
    quoted = {
        name: agreement_evidence(
            claims[name], one, parameters.rounding, parameters.tolerance, str(dataset.as_of)
        )
        for name, one in found.items()
    }
    return quoted | {name: check(dataset, claims[name]) for name, check in LOOKUPS.items()}
