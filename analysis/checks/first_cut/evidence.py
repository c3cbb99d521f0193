"""Evidence for the claims on first cuts, recoveries, recessions and soft landings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.checks.first_cut.grids import FEWEST_EVENTS, Sample, positions_of
from analysis.inference.curves import SpecificationCurve
from analysis.inference.power import (
    minimum_detectable,
    more_events_needed,
    power_of_event_study,
    power_of_proportion,
)
from analysis.inference.proportions import binomial_interval
from analysis.inference.resampling import EventRandomization, event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, small_minus_large
from analysis.panel.events import troughs
from analysis.results import Evidence, Refusal

#: The share of recession-linked cycles the note says small caps won.
CLAIMED_RATE = 0.6

if TYPE_CHECKING:
    from analysis.checks.first_cut.settings import Parameters
    from analysis.claims import Claim


def after_cuts(
    sample: Sample,
    parameters: Parameters,
    schemes: Mapping[str, EventRandomization | Refusal],
    joint: SpecificationCurve | Refusal,
) -> Evidence | Refusal:
    """Claim first-cut-12m: small tends to beat large in the year after the first cut."""
    refused = _first_refusal(joint, *schemes.values())
    if refused is not None:
        return refused
    shift, stratified = schemes["shift"], schemes["stratified"]
    positions = positions_of(sample.cuts, sample.values)
    wins = _wins(sample.values, positions)
    mde, more = _detectable(shift, sample.values)
    return Evidence(
        claim="first-cut-12m",
        estimate=shift.estimate,
        unit=_unit(parameters.horizon),
        ci_low=shift.ci_low,
        ci_high=shift.ci_high,
        p_value=joint.p_median_effect,
        n=len(positions),
        effective_n=float(len(positions)),
        mde=mde,
        more_needed=more,
        null="the dates of first cuts say nothing about small minus large (circular shifts)",
        sample_start=str(sample.values.index[0]),
        sample_end=str(_last_month(sample.values, parameters)),
        finding=(
            f"After {len(positions)} first cuts small beat large {shift.win_rate:.0%} of the time"
            f" over {parameters.horizon} months; any month of the era gives {shift.base_rate:.0%}."
            f" The mean lead was {shift.event_mean:+.1%}, {shift.estimate:+.1%} against all"
            " windows."
        ),
        sensitivity=_curve_words(joint) + _left_out(sample),
        measures={
            "median_win_rate": joint.median_win_rate,
            "joint_shift_p": joint.p_median_effect,
            "stratified_p": stratified.p_upper,
            "win_rate_high": wins.ci_high,
            "base_rate": shift.base_rate,
            "win_rate": shift.win_rate,
        },
    )


def linked_cuts(
    sample: Sample, parameters: Parameters, joint: SpecificationCurve | Refusal
) -> Evidence | Refusal:
    """Claim first-cut-recession-60: small won about 60% of the recession-linked cycles."""
    linked = sample.linked.reindex(sample.values.index).astype(bool)
    positions = positions_of(sample.cuts, sample.values)
    positions = positions[linked.to_numpy()[positions]]
    if len(positions) < FEWEST_EVENTS:
        return _too_few(len(positions), "recession-linked first cuts")
    strata = linked.map({True: "recession near", False: "no recession near"})
    settings = {"draws": parameters.draws, "seed": parameters.seed}
    shift = event_randomization(sample.values, positions, "shift", **settings)
    among = event_randomization(sample.values, positions, "stratified", strata=strata, **settings)
    refused = _first_refusal(joint, shift, among)
    if refused is not None:
        return refused
    wins = _wins(sample.values, positions)
    mde, more = _detectable_share(shift.base_rate, len(positions))
    return Evidence(
        claim="first-cut-recession-60",
        estimate=shift.win_rate,
        unit="share of recession-linked cuts won by small",
        ci_low=wins.ci_low,
        ci_high=wins.ci_high,
        p_value=joint.p_median_win_rate,
        n=len(positions),
        effective_n=float(len(positions)),
        mde=mde,
        more_needed=more,
        null=f"recession-linked cuts are won as often as any window, {shift.base_rate:.0%}",
        sample_start=str(sample.values.index[0]),
        sample_end=str(_last_month(sample.values, parameters)),
        finding=(
            f"Small beat large after {shift.win_rate:.0%} of {len(positions)} recession-linked"
            f" first cuts (exact 95% interval {wins.ci_low:.0%} to {wins.ci_high:.0%}); the base"
            f" rate of all windows is {shift.base_rate:.0%}, of windows around recessions"
            f" {among.base_rate:.0%}."
        ),
        sensitivity=_curve_words(joint),
        measures={
            "median_win_rate": joint.median_win_rate,
            "joint_shift_p": joint.p_median_win_rate,
            "stratified_p": among.win_p_upper,
            "win_rate_high": wins.ci_high,
            "base_rate": shift.base_rate,
            "win_rate": shift.win_rate,
        },
    )


def soft_landings(sample: Sample, parameters: Parameters) -> Evidence | Refusal:
    """Claim widest-soft-landing: without a recession one has to own small caps."""
    linked = sample.linked.reindex(sample.values.index).astype(bool).to_numpy()
    positions = positions_of(sample.cuts, sample.values)
    soft, hard = positions[~linked[positions]], positions[linked[positions]]
    if len(soft) < FEWEST_EVENTS:
        return _too_few(len(soft), "first cuts without a recession")
    every = max(parameters.draws, len(sample.values))
    shift = event_randomization(sample.values, soft, "shift", draws=every, seed=parameters.seed)
    if isinstance(shift, Refusal):
        return shift
    outcomes = sample.values.to_numpy()[soft] - shift.base_mean
    low, high = _student(outcomes)
    mde, more = _detectable(shift, sample.values)
    after_hard = sample.values.to_numpy()[hard].mean() if len(hard) else float("nan")
    beside = f" After cuts with a recession the mean was {after_hard:+.1%}." if len(hard) else ""
    return Evidence(
        claim="widest-soft-landing",
        estimate=shift.estimate,
        unit=_unit(parameters.horizon),
        ci_low=low,
        ci_high=high,
        p_value=shift.p_upper,
        n=len(soft),
        effective_n=float(len(soft)),
        mde=mde,
        more_needed=more,
        null="soft landings are followed by what follows any month (circular shifts)",
        sample_start=str(sample.values.index[0]),
        sample_end=str(_last_month(sample.values, parameters)),
        finding=(
            f"After {len(soft)} first cuts without a recession small beat large"
            f" {shift.win_rate:.0%} of the time (base rate {shift.base_rate:.0%}), by"
            f" {shift.event_mean:+.1%} on average, {shift.estimate:+.1%} against all windows."
            f"{beside}"
        ),
        measures={
            "soft_win_rate": shift.win_rate,
            "soft_excess": shift.estimate,
            "soft_shift_p": shift.p_upper,
            "soft_excess_high": high,
            "base_rate": shift.base_rate,
        },
    )


def after_troughs(
    dataset: Dataset, claim: Claim, parameters: Parameters, joint: SpecificationCurve | Refusal
) -> Evidence | Refusal:
    """Claim early-cycle: small leads from recession to recovery."""
    first = str(claim.primary["sample_start"])
    spread = small_minus_large(dataset.monthly, parameters.leg).loc[first:]
    values = forward_sums(spread, parameters.horizon, parameters.start)
    cycles = dataset.facts["nber_cycles"]
    dated = positions_of(troughs(cycles), values)
    announced = positions_of(troughs(cycles, "announcement"), values)
    if min(len(dated), len(announced)) < FEWEST_EVENTS:
        return _too_few(min(len(dated), len(announced)), "troughs, dated and announced,")
    settings = {"draws": parameters.draws, "seed": parameters.seed}
    shift = event_randomization(values, dated, "shift", **settings)
    known = event_randomization(values, announced, "shift", **settings)
    refused = _first_refusal(joint, shift, known)
    if refused is not None:
        return refused
    wins = _wins(values, dated)
    mde, more = _detectable(shift, values)
    return Evidence(
        claim="early-cycle",
        estimate=shift.estimate,
        unit=_unit(parameters.horizon),
        ci_low=shift.ci_low,
        ci_high=shift.ci_high,
        p_value=joint.p_median_effect,
        n=len(dated),
        effective_n=float(len(dated)),
        mde=mde,
        more_needed=more,
        null="troughs are followed by what follows any month (circular shifts)",
        sample_start=str(values.index[0]),
        sample_end=str(_last_month(values, parameters)),
        finding=(
            f"After {len(dated)} troughs small beat large {shift.win_rate:.0%} of the time (base"
            f" rate {shift.base_rate:.0%}), by {shift.estimate:+.1%} more than in all windows; from"
            f" the {len(announced)} announcements on it was {known.estimate:+.1%}."
        ),
        sensitivity=_curve_words(joint),
        measures={
            "median_win_rate": joint.median_win_rate,
            "joint_shift_p": joint.p_median_effect,
            "announced_excess": known.estimate,
            "win_rate_high": wins.ci_high,
            "base_rate": shift.base_rate,
        },
    )


def in_recessions(dataset: Dataset, claim: Claim, parameters: Parameters) -> Evidence | Refusal:
    """Claim slowdown-hurts-small: a recession hurts small caps more."""
    spread = small_minus_large(dataset.monthly, parameters.leg)
    flags = dataset.monthly["recession"].reindex(spread.index)
    months = int(flags.sum())
    if months < 12:
        return Refusal(f"only {months} recession months in the sample; 12 are needed")
    lags = int(claim.primary["hac_lags"])
    slope, low, high, error = _indicator(spread, flags, lags)
    shift = event_randomization(
        spread, np.flatnonzero(flags), "shift", draws=len(spread), seed=parameters.seed
    )
    if isinstance(shift, Refusal):
        return shift
    mean = 12.0 * spread[flags == 1].mean()
    spells = int(((flags.diff() == 1) | ((flags == 1) & (flags.index == flags.index[0]))).sum())
    more = more_events_needed(slope, error * np.sqrt(spells), spells, unit="recessions")
    return Evidence(
        claim="slowdown-hurts-small",
        estimate=slope,
        unit="decimal return a year",
        ci_low=low,
        ci_high=high,
        p_value=shift.p_value,
        n=len(spread),
        effective_n=float(spells),
        mde=minimum_detectable(error),
        more_needed=str(more),
        null="small minus large has the same mean inside and outside recessions",
        sample_start=str(spread.index[0]),
        sample_end=str(spread.index[-1]),
        finding=(
            f"In {months} recession months ({spells} recessions) small minus large ran at"
            f" {mean:+.1%} a year, {slope:+.1%} against all other months."
        ),
        measures={
            "recession_mean": mean,
            "difference": slope,
            "difference_low": low,
            "shift_p": shift.p_value,
        },
    )


def _detectable(shift: EventRandomization, values: pd.Series) -> tuple[float, str]:
    """Minimum detectable effect of the event study, and the events its own effect would need."""
    power = power_of_event_study(shift)
    events = int(shift.effective_n)
    if not shift.estimate or not values.std() > 0:
        return float("inf"), "no number of events would detect an effect of nothing"
    more = more_events_needed(shift.estimate, float(values.std()), events)
    mde = float("inf") if isinstance(power, Refusal) else power.mde
    return mde, f"{more} to detect an effect of the size found"


def _detectable_share(base_rate: float, events: int) -> tuple[float, str]:
    """Minimum detectable excess of a win rate, and the events that 60% would need."""
    if not 0 < base_rate < 1:
        return float("inf"), f"a base rate of {base_rate:.0%} leaves nothing to tell apart"
    spread = np.sqrt(base_rate * (1.0 - base_rate))
    power = power_of_proportion(base_rate, events)
    if isinstance(power, Refusal):
        return float("inf"), power.reason
    excess = CLAIMED_RATE - base_rate
    if abs(excess) < 0.005:
        return power.mde, "the claimed rate is the base rate: no number of events tells them apart"
    needed = more_events_needed(excess, float(spread), events)
    return power.mde, f"{needed} to tell {CLAIMED_RATE:.0%} from the base rate"


def _indicator(spread: pd.Series, flags: pd.Series, lags: int) -> tuple[float, float, float, float]:
    """Annualised coefficient of the recession indicator, its 95% interval and standard error."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(flags)), flags.to_numpy()])
    fit = OLS(spread.to_numpy(), design).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    low, high = fit.conf_int()[1]
    return 12 * fit.params[1], 12 * low, 12 * high, 12 * fit.bse[1]


def _student(outcomes: np.ndarray) -> tuple[float, float]:
    """95% Student interval of a mean of independent events."""
    from scipy.stats import t

    half = t.ppf(0.975, len(outcomes) - 1) * outcomes.std(ddof=1) / np.sqrt(len(outcomes))
    return float(outcomes.mean() - half), float(outcomes.mean() + half)


def _wins(values: pd.Series, positions: np.ndarray):
    won = int((values.to_numpy()[positions] > 0).sum())
    return binomial_interval(won, len(positions))


def _last_month(values: pd.Series, parameters: Parameters) -> pd.Period:
    """Last month of the last complete window."""
    return values.index[-1] + parameters.horizon - 1 + parameters.start


def _curve_words(joint: SpecificationCurve) -> str:
    return (
        f"Over {joint.specifications} specifications ({joint.missing} left out with a reason) the"
        f" median win rate is {joint.median_win_rate:.0%}, {joint.median_win_excess:+.1%} against"
        f" the base rate, and the median effect {joint.median_effect:+.1%};"
        f" {joint.share_positive:.0%} of the effects are above zero."
    )


def _left_out(sample: Sample) -> str:
    """The cuts of the date rule that have no complete window, named."""
    missing = [str(month) for month in sample.cuts if month not in sample.values.index]
    return f" Left out, their window not complete: {', '.join(missing)}." if missing else ""


def _unit(horizon: int) -> str:
    return f"decimal return over {horizon} months"


def _too_few(count: int, what: str) -> Refusal:
    return Refusal(f"only {count} {what} with a complete window; {FEWEST_EVENTS} are needed")


def _first_refusal(*results: object) -> Refusal | None:
    return next((result for result in results if isinstance(result, Refusal)), None)
