"""The events of one specification against other dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.windows import Windows
from analysis.designs.event_study.wording import event_words
from analysis.designs.registry import Sampling
from analysis.inference.proportions import binomial_interval
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
    shift : EventRandomization
        All circular shifts of the events.
    stratified : EventRandomization or None
        Random dates of the same recession state, where strata are registered.
    known : EventRandomization or None
        All circular shifts of the dates the events were known from, where those are registered.
    wins : Estimate
        Win rate with its exact binomial interval, against the claimed one.
    """

    shift: EventRandomization
    stratified: EventRandomization | None
    known: EventRandomization | None
    wins: Estimate


def date_tests(windows: Windows, arguments: EventStudyArguments, sampling: Sampling) -> DateTests:
    """The tests of one specification, or why there are none."""
    words, fewest, later = event_words(arguments), arguments.fewest_events, arguments.known_from
    counts = {words.many: len(windows.chosen)}
    if later is not None:
        counts[f"{words.many}, by {later},"] = len(windows.known)
    for named, count in counts.items():
        if count < fewest:
            return DateTests.refused(
                f"only {count} {named} with a complete window; {fewest} are needed"
            )
    won = int((windows.outcomes > 0).sum())
    tests = DateTests(
        shift=_shifted(windows.values, windows.chosen),
        stratified=_stratified(windows, sampling),
        known=None if later is None else _shifted(windows.values, windows.known),
        wins=binomial_interval(won, len(windows.chosen), arguments.claimed_rate),
    )
    refused = first_refusal(tests.shift, tests.stratified, tests.known, tests.wins)
    return tests if refused is None else DateTests.refused(refused.reason)


def by_scheme(windows: Windows, sampling: Sampling) -> Schemes:
    """The events against other dates by each way of picking them that is registered."""
    values, places = windows.values, windows.chosen
    found = {
        "shift": _shifted(values, places),
        "gap": event_randomization(values, places, "gap", draws=sampling.draws, seed=sampling.seed),
        "stratified": _stratified(windows, sampling),
    }
    return {name: result for name, result in found.items() if result}


def _shifted(values: pd.Series, places: np.ndarray) -> EventRandomization:
    """All circular shifts."""
    return event_randomization(values, places, "shift", draws=max(len(values), 1))


def _stratified(windows: Windows, sampling: Sampling) -> EventRandomization | None:
    """Random dates of the same recession state; None without strata."""
    if windows.strata is None:
        return None
    near = windows.strata.reindex(windows.values.index).astype(bool)
    return event_randomization(
        windows.values,
        windows.chosen,
        "stratified",
        strata=near.map({True: "recession near", False: "no recession near"}),
        draws=sampling.draws,
        seed=sampling.seed,
    )


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
    if first_refusal(found) is not None:
        return pd.DataFrame(columns=["left out", "mean", "win rate"])
    months = windows.values.index[found.positions].astype(str)
    return pd.DataFrame({"left out": months, "mean": found.means, "win rate": found.win_rates})
