"""Every specification of a claim on a mean difference, and all of them jointly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.inference.premia import FEWEST_MONTHS, centred_means, two_sided_p
from analysis.inference.vectors import blocks_too_long, row_medians
from analysis.results import Result, p_words


@dataclass(frozen=True)
class MeanGrid(Result):
    """Every specification of a grid, and all of them at once.

    Attributes
    ----------
    table : DataFrame
        The choices, then ``annual, p, months, reason``; `reason` says why a row has no estimate.
        Also where the joint test is refused.
    median : float
        Median difference a year over the specifications with one, decimal.
    share_positive : float
    p_value : float
        Two-sided, of all means being zero: share of the resampled, centred grids whose median is
        as far from zero.
    specifications, missing : int
        With an estimate, and without.
    """

    table: pd.DataFrame
    median: float
    share_positive: float
    p_value: float
    specifications: int
    missing: int

    def __str__(self) -> str:
        if self.refusal is not None:
            return str(self.refusal)
        return (
            f"Over {self.specifications} specifications ({self.missing} left out with a reason) the"
            f" median difference is {self.median:+.1%} a year (joint p {p_words(self.p_value)});"
            f" {self.share_positive:.0%} are above zero."
        )


def mean_grid(
    samples: Sequence[pd.Series], choices: pd.DataFrame, *, block: float, draws: int, seed: int
) -> MeanGrid:
    """Estimate every specification and test them jointly.

    The same resampled months serve all specifications, so what they share is kept. Each
    specification's mean is taken off first: the null is a mean of zero in all of them.

    Parameters
    ----------
    samples : sequence of Series, one a specification
        Monthly decimal differences; months in which none has a value are left out.
    choices : DataFrame, one row a specification
        What was chosen, passed through.
    block : float
        Mean block length, months.
    draws, seed : int

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4.
    """
    values = pd.concat(samples, axis=1, sort=True).to_numpy(float) if samples else np.empty((0, 0))
    months = np.isfinite(values).sum(axis=0)
    reasons = [_too_short(n, block) for n in months]
    enough = np.array([not reason for reason in reasons], dtype=bool)
    left_out = int((~enough).sum())
    if not enough.any():
        table = _laid_out(choices, months, reasons, np.empty(0), np.empty(0))
        refused = MeanGrid.refused(f"no specification can be run: {next(iter(reasons), 'none')}")
        return replace(refused, table=table, missing=left_out)
    used = values[np.isfinite(values).any(axis=1)][:, enough]
    means, null = np.nanmean(used, axis=0), centred_means(used, block, draws, seed)
    median = float(np.median(means))
    joint = two_sided_p(row_medians(null)[:, None], np.array([median]))[0]
    return MeanGrid(
        table=_laid_out(choices, months, reasons, 12.0 * means, two_sided_p(null, means)),
        median=12.0 * median,
        share_positive=float((means > 0).mean()),
        p_value=float(joint),
        specifications=int(enough.sum()),
        missing=left_out,
    )


def _laid_out(
    choices: pd.DataFrame,
    months: np.ndarray,
    reasons: list[str],
    annual: np.ndarray,
    p_values: np.ndarray,
) -> pd.DataFrame:
    whole = np.full((2, len(choices)), np.nan)
    whole[:, [not reason for reason in reasons]] = annual, p_values
    return choices.assign(annual=whole[0], p=whole[1], months=months, reason=reasons)


def _too_short(months: int, block: float) -> str:
    """Why a sample of so many months is not resampled; empty where it is."""
    if months < FEWEST_MONTHS:
        return f"only {months} months; {FEWEST_MONTHS} are needed"
    return blocks_too_long(block, months) or ""
