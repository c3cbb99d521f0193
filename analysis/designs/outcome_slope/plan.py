"""The regressions of a claim and its grid: samples, states, windows and why some are left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.gap_windows import begins_window, months_of, too_few
from analysis.designs.outcome_slope.arguments import OutcomeSlopeArguments
from analysis.inference.outcome_slopes import FEWEST_IN_STATE, OutcomeWindow
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.falling_rates import falling_rates
from analysis.panel.gaps import GapSample, bases_of, gap_sample
from analysis.panel.narrowing_spreads import narrowing_spreads


def bases_or_none(basis: str | None) -> tuple[str | None, ...]:
    """The bases that one registered basis stands for; none where a predictor has no basis."""
    return (None,) if basis is None else bases_of(basis)


def states_of(dataset: Dataset) -> dict[str, pd.Series]:
    """Months of each state that may be asked for."""
    rates, spreads = falling_rates(dataset.monthly), narrowing_spreads(dataset.monthly)
    both = pd.concat([rates, spreads], axis=1, join="inner").all(axis=1)
    return {"falling_rates": rates, "narrowing_spreads": spreads, "both": both}


def concentration_sample(dataset: Dataset, leg: str) -> GapSample:
    """A leg beside the log share of the largest tenth in the market, known at the month's end.

    The share of a month is that of its start, so it is known at the end of the month before.
    """
    if "top_share" not in dataset.monthly or dataset.monthly["top_share"].isna().all():
        return GapSample.refused("needs the latest data: firms by tenth of size", needs="latest")
    spread = small_minus_large(dataset.monthly, leg)
    share = np.log(dataset.monthly["top_share"]).shift(-1).dropna()
    return GapSample(spread, share[share.index.isin(spread.index)])


class Plan:
    """The regressions of a claim and its grid, each with its place or the reason it has none."""

    def __init__(
        self,
        dataset: Dataset,
        arguments: OutcomeSlopeArguments,
        states: Mapping[str, pd.Series],
    ) -> None:
        self.dataset, self.arguments, self.states = dataset, arguments, states
        self.windows: list[OutcomeWindow] = []
        self.reasons: list[str] = []
        self._samples: dict[str, GapSample] = {}

    def sample(self, leg: str, basis: str | None) -> GapSample:
        """Returns and predictor of one leg and basis over all months."""
        name = f"{leg}/{basis}"
        if name not in self._samples:
            self._samples[name] = self._made(leg, basis)
        return self._samples[name]

    def _made(self, leg: str, basis: str | None) -> GapSample:
        if leg not in legs_of(self.dataset.monthly):
            return GapSample.refused("the data set does not hold this leg")
        if basis is None:
            return concentration_sample(self.dataset, leg)
        return gap_sample(self.dataset, leg, "gap", basis, "full")

    def pairs(self) -> dict[str, tuple[pd.Series, pd.Series]]:
        """Returns and predictor of every pair that some regression needs."""
        used = {window.pair for window in self.windows}
        return {name: (self._samples[name].returns, self._samples[name].gap) for name in used}

    def add(self, one: Mapping[str, Any]) -> int | str:
        """Place of a regression, or why it cannot be run."""
        sample = self.sample(one["leg"], one["basis"])
        if sample.refusal is not None:
            return sample.refusal.reason
        months, horizon = sample.gap.index, int(one["horizon"])
        if not len(months_of(months, one["era"])):
            return "no month of this era is at hand"
        allowed = begins_window(months, one["era"], horizon)
        state = self.states.get(one["given"])
        if state is not None:
            allowed &= months.isin(state.index)
        starts = np.flatnonzero(allowed)
        if short := too_few(starts, horizon):
            return short
        inside = None
        if state is not None:
            inside = state.reindex(months[starts]).to_numpy(dtype=bool)
            if min(inside.sum(), (~inside).sum()) < FEWEST_IN_STATE:
                return f"only {int(inside.sum())} windows begin in this state"
        pair, arguments = f"{one['leg']}/{one['basis']}", self.arguments
        bound = float(one["bound"])
        self.windows.append(OutcomeWindow(pair, starts, horizon, arguments.outcome, bound, inside))
        return len(self.windows) - 1
