"""Small value against the rest of small caps in the first year of a recovery."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.mean_premia import ERAS, FEWEST_MONTHS
from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.power import more_events_needed, power_of_event_study
from analysis.inference.resampling import EventRandomization, event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset
from analysis.panel.events import troughs
from analysis.panel.fund_returns import monthly_returns
from analysis.results import Evidence, Refusal

#: Fewer troughs with a complete window are refused.
FEWEST_EVENTS = 3

#: What the claim's grid calls the mean of two portfolios.
MEANS = {"s1v1_s1v3": ("s1v1", "s1v3")}

RULES = {"trough": "date", "announcement": "announcement"}


@dataclass(frozen=True)
class Recoveries:
    """Windows of value less the rest of small caps, and those after a trough.

    Attributes
    ----------
    values : Series
        Return of the window that belongs to each month, decimal.
    positions : ndarray of int
        Places of the troughs in `values`.
    shift : EventRandomization or Refusal
        Against all circular shifts.
    """

    values: pd.Series
    positions: np.ndarray
    shift: EventRandomization | Refusal


def side(monthly: pd.DataFrame, funds: pd.DataFrame | None, name: str) -> pd.Series | None:
    """Monthly return of a portfolio, a mean of two, or a fund; None where the data lack it."""
    parts = list(MEANS.get(name, (name,)))
    if set(parts) <= set(monthly.columns):
        return monthly[parts].mean(axis=1, skipna=False)
    if funds is not None and name.upper() in funds.columns:
        return monthly_returns(funds[[name.upper()]])[name.upper()].reindex(monthly.index)
    return None


def lead(dataset: Dataset, long: str, short: str) -> pd.Series | None:
    """Value less the rest of small caps by month; None where the data lack it.

    Without NaN: a gap inside leaves the months after it.
    """
    sides = [side(dataset.monthly, dataset.funds, name) for name in (long, short)]
    if any(one is None for one in sides):
        return None
    spread = (sides[0] - sides[1]).astype(float)
    spread = spread.loc[spread.first_valid_index() : spread.last_valid_index()]
    gaps = spread.index[spread.isna()]
    return spread.loc[gaps[-1] + 1 :] if len(gaps) else spread


def recoveries(dataset: Dataset, claim: Claim, horizon: int, start: int) -> Recoveries | Refusal:
    """The primary specification's windows against all circular shifts of the troughs."""
    spread = lead(dataset, str(claim.primary["long"]), str(claim.primary["short"]))
    if spread is None or len(spread) < FEWEST_MONTHS + horizon:
        held = 0 if spread is None else len(spread)
        return Refusal(f"only {held} months of small value; {FEWEST_MONTHS + horizon} are needed")
    values = forward_sums(spread, horizon, start)
    found = values.index.get_indexer(troughs(dataset.facts["nber_cycles"]))
    positions = np.unique(found[found >= 0])
    if len(positions) < FEWEST_EVENTS:
        return Refusal(
            f"only {len(positions)} troughs with a complete window; {FEWEST_EVENTS} are needed"
        )
    shift = event_randomization(values, positions, "shift", draws=len(values))
    return Recoveries(values, positions, shift)


def recovery_table(found: Recoveries | Refusal) -> pd.DataFrame:
    """Every trough with what followed it.

    Returns
    -------
    DataFrame
        ``trough`` (YYYY-MM), ``lead`` (decimal return over the window), ``value led`` (yes, no).
    """
    if isinstance(found, Refusal):
        return pd.DataFrame(columns=["trough", "lead", "value led"])
    after = found.values.iloc[found.positions]
    return pd.DataFrame(
        {
            "trough": after.index.astype(str),
            "lead": after.to_numpy(),
            "value led": np.where(after > 0, "yes", "no"),
        }
    )


def recovery_curve(
    dataset: Dataset, claim: Claim, start: int, draws: int, seed: int
) -> SpecificationCurve | Refusal:
    """The grid of the claim, jointly under circular shifts of the calendar."""
    calendar = dataset.monthly.index
    outcomes, rows = {}, []
    grid = claim.grid
    for long, short in itertools.product(grid["long"], grid["short"]):
        spread = lead(dataset, long, short)
        for horizon in grid["horizon"]:
            if spread is None or len(spread) < FEWEST_MONTHS + horizon:
                continue
            name = f"{long}/{short}/{horizon}"
            outcomes[name] = forward_sums(spread, horizon, start).reindex(calendar)
            rows += [
                {
                    "long": long,
                    "short": short,
                    "horizon": horizon,
                    "date_rule": rule,
                    "era": era,
                    "outcome": name,
                    "events": rule,
                }
                for rule, era in itertools.product(grid["date_rule"], grid["era"])
            ]
    if not rows:
        return Refusal("no specification of small value has enough months")
    table = pd.DataFrame(outcomes).dropna(how="all")
    return specification_curve(
        table,
        _flags(dataset, grid["date_rule"], table.index),
        pd.DataFrame(rows),
        eras=_eras(grid["era"], table.index),
        draws=max(draws, len(table)),
        seed=seed,
        min_events=FEWEST_EVENTS,
    )


def recovery_evidence(
    found: Recoveries | Refusal, curve: SpecificationCurve | Refusal, horizon: int
) -> Evidence | Refusal:
    """Claim small-value-leads: among small caps value leads in the first year of a recovery."""
    refused = found if isinstance(found, Refusal) else found.shift
    if isinstance(refused, Refusal):
        return refused
    shift, values = found.shift, found.values
    outcomes = values.to_numpy()[found.positions]
    low, high = student_interval(outcomes)
    power = power_of_event_study(shift)
    if isinstance(power, Refusal):
        return power
    events = len(outcomes)
    return Evidence(
        claim="small-value-leads",
        estimate=shift.estimate,
        unit=f"decimal return over {horizon} months",
        ci_low=shift.ci_low,
        ci_high=shift.ci_high,
        p_value=shift.p_upper,
        n=events,
        effective_n=float(events),
        mde=power.mde,
        more_needed=_more(shift.estimate, float(values.std()), events),
        null="troughs are followed by what follows any month (circular shifts)",
        sample_start=str(values.index[0]),
        sample_end=str(values.index[-1] + horizon),
        finding=(
            f"Over the {horizon} months after {events} troughs small value led the rest of small"
            f" caps {shift.win_rate:.0%} of the time (base rate {shift.base_rate:.0%}), by"
            f" {shift.event_mean:+.1%} on average, {shift.estimate:+.1%} against all windows;"
            f" a share {shift.p_upper:.3f} of the shifted calendars does as well."
        ),
        sensitivity=_curve_words(curve),
        measures={
            "early_win_rate": shift.win_rate,
            "early_excess": shift.estimate,
            "shift_p": shift.p_upper,
            "early_mean_high": high,
            "early_mean_low": low,
            "base_rate": shift.base_rate,
        },
    )


def student_interval(outcomes: np.ndarray) -> tuple[float, float]:
    """95% Student interval of the mean of independent events, in their unit."""
    from scipy.stats import t

    half = t.ppf(0.975, len(outcomes) - 1) * outcomes.std(ddof=1) / np.sqrt(len(outcomes))
    return float(outcomes.mean() - half), float(outcomes.mean() + half)


def _flags(dataset: Dataset, rules: tuple[str, ...], index: pd.PeriodIndex) -> pd.DataFrame:
    cycles = dataset.facts["nber_cycles"]
    flags = {rule: index.isin(troughs(cycles, RULES[rule])) for rule in rules}
    return pd.DataFrame(flags, index=index)


def _eras(names: tuple[str, ...], index: pd.PeriodIndex) -> pd.DataFrame:
    whole = pd.Series(True, index=index)
    inside = {
        name: whole.loc[slice(*ERAS[name])].reindex(index, fill_value=False) for name in names
    }
    return pd.DataFrame(inside, index=index).astype(bool)


def _more(effect: float, spread: float, events: int) -> str:
    if effect == 0:
        return "the excess is zero: no number of troughs would find it"
    return f"{more_events_needed(effect, spread, events, unit='troughs')} to detect it"


def _curve_words(curve: SpecificationCurve | Refusal) -> str:
    if isinstance(curve, Refusal):
        return ""
    return (
        f"Over {curve.specifications} specifications ({curve.missing} left out with a reason) the"
        f" median win rate is {curve.median_win_rate:.0%}, {curve.median_win_excess:+.1%} against"
        f" the base rate, the median excess {curve.median_effect:+.1%} (joint p"
        f" {curve.p_median_effect:.3f})."
    )
