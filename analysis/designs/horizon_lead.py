"""Whether small caps end ahead of large ones in almost every stretch of enough years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.special import ndtr, ndtri

from analysis.designs.arguments import EraName, HistoryMonths, LegName, WidePercentile
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import first_upper
from analysis.inference.horizon_wins import (
    HorizonWins,
    horizon_wins,
    long_run_deviation,
    windows_lost,
)
from analysis.inference.power import minimum_detectable
from analysis.inference.premia import centred_means
from analysis.inference.vectors import row_medians
from analysis.panel import Dataset, legs_of
from analysis.panel.eras import in_era
from analysis.panel.gaps import gap_samples
from analysis.panel.legs import log_relative_return
from analysis.panel.spells import real_time_percentile
from analysis.results import Finding, p_words

#: Lengths of window in the table, years.
YEARS = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)

#: Mean block of the joint test, months.
BLOCK_MONTHS = 24

AXES = ("leg", "era", "horizon")

ESTIMATES = ("share", "low", "high", "p", "years needed", "n")

MEASURES = {
    "win_share": "share of windows",
    "short_p": "p-value",
    "win_high": "share of windows",
    "years_needed": "years",
    "lost_share": "share of windows",
}


class HorizonLeadArguments(Arguments):
    """Whose lead, over how many months, and how large a share is almost every window."""

    leg: LegName
    era: EraName
    horizon: Annotated[int, Field(ge=12, le=600, description="months that are enough time")]
    share: Annotated[float, Field(gt=0.5, lt=1, description="share of windows won that is asked")]
    lags: Annotated[int, Field(ge=0, le=120, description="lags of the long-run variance, months")]
    wide_percentile: WidePercentile
    history_months: HistoryMonths


@dataclass(frozen=True)
class HorizonLead(Study):
    """The finding, and windows of every length.

    Attributes
    ----------
    relative : Series
        Log return of small over large in the claim's era, by month.
    dataset : Dataset
    """

    relative: pd.Series = field(repr=False)
    dataset: Dataset = field(repr=False)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Windows of one to thirty years: how many small lost, from all starts and wide gaps.

        ``years``; ``separate`` (the months over the window's); ``lost`` (share of all windows);
        ``from wide gaps`` and ``lost from wide gaps`` (windows, and share lost); ``implied`` (share
        lost by mean and variance). Shares are NaN where there is no window.
        """
        arguments, rows = self.specification.arguments, []
        starts = _wide_starts(self.dataset, arguments, self.relative)
        for years in YEARS:
            months = 12 * years
            lost, count = windows_lost(self.relative, months)
            lost_wide, wide = windows_lost(self.relative, months, starts)
            model = horizon_wins(self.relative, months, arguments.lags, arguments.share)
            rows.append(
                {
                    "years": years,
                    "separate": len(self.relative) / months,
                    "lost": lost / count if count else np.nan,
                    "from wide gaps": wide,
                    "lost from wide gaps": lost_wide / wide if wide else np.nan,
                    "implied": 1.0 - model.estimate,
                }
            )
        return pd.DataFrame(rows)


@design(arguments=HorizonLeadArguments, measures=MEASURES, axes=AXES)
def horizon_lead(
    dataset: Dataset, specification: Specification[HorizonLeadArguments], sampling: Sampling
) -> HorizonLead:
    """Test whether more than the registered share of windows is won."""
    arguments = specification.arguments
    relative = _relative(dataset, arguments.leg, arguments.era)
    grid, shortfalls = _grid(dataset, specification)
    joint = _joint_p(shortfalls, sampling)
    finding = _finding(relative, arguments, joint, _wide_starts(dataset, arguments, relative))
    return HorizonLead(specification, finding, grid, relative, dataset)


def _wide_starts(
    dataset: Dataset, arguments: HorizonLeadArguments, relative: pd.Series
) -> pd.PeriodIndex:
    """Months whose gap was wide by what was known then, on every basis."""
    months = relative.index
    for sample in gap_samples(dataset, arguments.leg).values():
        place = real_time_percentile(sample.gap, arguments.history_months)
        months = months.intersection(place.index[place > arguments.wide_percentile])
    return months


def _relative(dataset: Dataset, leg: str, era: str) -> pd.Series:
    return in_era(log_relative_return(dataset.monthly, leg), era)


def _grid(
    dataset: Dataset, specification: Specification[HorizonLeadArguments]
) -> tuple[pd.DataFrame, list[pd.Series]]:
    """Every specification, and of each that ran the returns beyond what the share asks for."""
    arguments, held = specification.arguments, legs_of(dataset.monthly)
    rows: list[tuple[dict[str, Any], Outcome]] = []
    shortfalls = []
    wanted = float(ndtri(arguments.share))
    for one in specification.combinations(*AXES):
        if one["leg"] not in held:
            rows.append((one, "the data set does not hold this leg"))
            continue
        relative = _relative(dataset, one["leg"], one["era"])
        found = horizon_wins(relative, one["horizon"], arguments.lags, arguments.share)
        if found.refusal is not None:
            rows.append((one, found.refusal))
            continue
        deviation = long_run_deviation(relative.to_numpy(float), arguments.lags)
        shortfalls.append((relative - wanted * deviation / np.sqrt(one["horizon"])) / deviation)
        numbers = (
            *(found.estimate, found.ci_low, found.ci_high, found.p_value),
            *(found.months_needed / 12, found.n),
        )
        rows.append((one, numbers))
    return grid_table(AXES, ESTIMATES, rows), shortfalls


def _joint_p(shortfalls: list[pd.Series], sampling: Sampling) -> float | None:
    """One-sided p-value of the whole grid: the median over specifications, months drawn together.

    Null: every mean is just what the registered share asks for.
    """
    if not shortfalls:
        return None
    values = pd.concat(shortfalls, axis=1, sort=True).to_numpy(float)
    null = row_medians(centred_means(values, BLOCK_MONTHS, sampling.draws, sampling.seed))
    observed = float(np.median(np.nanmean(values, axis=0)))
    return float((1 + np.sum(null >= observed)) / (1 + len(null)))


def _finding(
    relative: pd.Series,
    arguments: HorizonLeadArguments,
    joint: float | None,
    wide: pd.PeriodIndex,
) -> Finding:
    found = horizon_wins(relative, arguments.horizon, arguments.lags, arguments.share)
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    lost, count = windows_lost(relative, arguments.horizon)
    measures: Mapping[str, Any] = {
        "win_share": found.estimate,
        "short_p": found.p_value,
        "win_high": found.ci_high,
        "years_needed": found.months_needed / 12,
        "lost_share": lost / count if count else float("nan"),
    }
    years = arguments.horizon / 12
    return Finding(
        **found.headline(),
        mde=_detectable(found),
        more_needed=_needed(found, arguments.share),
        null=f"small caps end ahead in at most {arguments.share:.0%} of {years:g}-year stretches",
        sample_start=str(relative.index[0]),
        sample_end=str(relative.index[-1]),
        finding=(
            f"By the mean and the swings of the record, small caps end ahead of large ones in"
            f" {found.estimate:.0%} of stretches of {years:g} years (95% interval"
            f" {found.ci_low:.0%} to {found.ci_high:.0%}; p {p_words(float(found.p_value or 0))})."
            f" {_counted(lost, count, years, found)}"
        ),
        sensitivity=" ".join(
            [
                f"{first_upper(_needed(found, arguments.share))}.",
                _after_wide(*windows_lost(relative, arguments.horizon, wide), years),
            ]
        ),
        measures={name: value for name, value in measures.items() if value == value},
        joint_p=joint,
    )


def _counted(lost: int, count: int, years: float, found: HorizonWins) -> str:
    if not count:
        return f"The record is shorter than {years:g} years."
    return (
        f"Of {count} overlapping stretches, as good as {found.effective_n:.1f} separate ones, small"
        f" caps lost {lost / count:.0%}."
    )


def _after_wide(lost: int, count: int, years: float) -> str:
    if not count:
        return f"No stretch of {years:g} years that began with a wide gap has ended."
    return (
        f"Of {count} such stretches that began with a wide gap small caps lost {lost / count:.0%}."
    )


def _needed(found: HorizonWins, share: float) -> str:
    if not np.isfinite(found.months_needed):
        return f"no length of time gives small caps {share:.0%} of the stretches"
    return (
        f"at the record's mean and swings it takes {found.months_needed / 12:.0f} years until small"
        f" caps end ahead in {share:.0%} of the stretches"
    )


def _detectable(found: HorizonWins) -> float:
    """Smallest rise of the share that would show, from the score's standard error."""
    return float(ndtr(found.score + minimum_detectable(found.error)) - found.estimate)
