"""The events of one specification against other dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.windows import Windows
from analysis.designs.event_study.wording import event_words
from analysis.designs.registry import Sampling
from analysis.inference.proportions import binomial_interval
from analysis.inference.rank_lead import RankLead, rank_lead, rank_p_value
from analysis.inference.resampling import (
    EventRandomization,
    event_randomization,
    leave_one_out,
)
from analysis.results import Estimate, Result, first_refusal

#: Bars of a null histogram.
BINS = 30

SCHEME_WORDS = {
    "shift": "circular shift",
    "gap": "random dates, spaced",
    "stratified": "random dates, same recession state",
}

Schemes = Mapping[str, EventRandomization]


@dataclass(frozen=True)
class DateTests(Result):
    """What a finding reads of one specification.

    Attributes
    ----------
    lead : RankLead
        Of the months after the events over other months, against all circular shifts.
    shift : EventRandomization
        Means and shares won, against all circular shifts.
    wins : Estimate
        Share won with its exact binomial interval.
    """

    lead: RankLead
    shift: EventRandomization
    wins: Estimate


def date_tests(windows: Windows, arguments: EventStudyArguments) -> DateTests:
    """The tests of one specification, or why there are none."""
    count, fewest = len(windows.chosen), arguments.fewest_events
    if count < fewest:
        many = event_words(arguments).many
        return DateTests.refused(
            f"only {count} {many}, each with a complete window; {fewest} are needed"
        )
    shift = shifted(windows.values, windows.chosen)
    lead = rank_lead(
        windows.spread, windows.values.index, windows.chosen, arguments.horizon, arguments.start
    )
    wins = binomial_interval(int((windows.outcomes > 0).sum()), count)
    refused = first_refusal(shift, lead, wins)
    return DateTests(lead, shift, wins) if refused is None else DateTests.refused(refused)


def shifted(values: pd.Series, places: np.ndarray) -> EventRandomization:
    """Against all circular shifts."""
    return event_randomization(values, places, "shift", draws=max(len(values), 1))


def without_each(windows: Windows, arguments: EventStudyArguments) -> dict[str, dict[str, float]]:
    """What may decide, without each of the events that count, by month of the event."""
    values, chosen, spread = windows.values, windows.chosen, windows.spread
    found = {}
    for place in chosen:
        kept = chosen[chosen != place]
        if arguments.statistic == "win_rate":
            shift = shifted(values, kept)
            measures = {"win_rate": shift.win_rate, "win_rate_p": shift.win_mid_p_upper}
        else:
            horizon, start = arguments.horizon, arguments.start
            measures = {"lead_p": rank_p_value(spread, values.index, kept, horizon, start)}
        found[str(values.index[place])] = measures
    return found


def by_scheme(windows: Windows, sampling: Sampling) -> Schemes:
    """The events against other dates by each way of picking them that is registered."""
    values, places, drawn = windows.values, windows.chosen, asdict(sampling)
    found = {
        "shift": shifted(values, places),
        "gap": event_randomization(values, places, "gap", **drawn),
    }
    if windows.strata is not None:
        near = windows.strata.reindex(values.index).astype(bool)
        words = near.map({True: "recession near", False: "no recession near"})
        found["stratified"] = event_randomization(
            values, places, "stratified", strata=words, **drawn
        )
    return {name: result for name, result in found.items() if result}


def null_histograms(schemes: Schemes, bins: int = BINS) -> pd.DataFrame:
    """Histogram of the mean return after other dates, by scheme.

    Returns
    -------
    DataFrame
        ``scheme, low, high, share, observed``; returns in decimals.
    """
    tables = []
    for scheme, result in schemes.items():
        counts, edges = np.histogram(result.null_means, bins=bins)
        columns = {"low": edges[:-1], "high": edges[1:], "share": counts / counts.sum()}
        table = pd.DataFrame(columns).assign(observed=result.event_mean)
        table.insert(0, "scheme", SCHEME_WORDS[scheme])
        tables.append(table)
    names = ["scheme", "low", "high", "share", "observed"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)


def comparison_table(schemes: Schemes) -> pd.DataFrame:
    """The ways of picking other dates side by side.

    Returns
    -------
    DataFrame
        Means in decimals over the window, shares, one-sided p-values, placements compared.
    """
    rows = [
        (
            SCHEME_WORDS[scheme],
            *(found.event_mean, found.base_mean, found.p_upper),
            *(found.win_rate, found.base_rate, found.win_p_upper),
            found.placements,
        )
        for scheme, found in schemes.items()
    ]
    means, wins = ("after the dates", "all windows", "p, mean"), ("won", "base rate", "p, won")
    return pd.DataFrame(rows, columns=["random dates", *means, *wins, "placements"])


def without_one(windows: Windows) -> pd.DataFrame:
    """Mean and win rate with each event left out: ``left out`` (YYYY-MM), ``mean, win rate``."""
    found = leave_one_out(windows.values, windows.chosen)
    if found.refusal is not None:
        return pd.DataFrame(columns=["left out", "mean", "win rate"])
    months = windows.values.index[found.positions].astype(str)
    return pd.DataFrame({"left out": months, "mean": found.means, "win rate": found.win_rates})
