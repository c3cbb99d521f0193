"""Every specification of a claim on a mean difference, and all of them jointly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.mean_premia import FEWEST_MONTHS, in_era, null_means, two_sided_p
from analysis.results import Refusal


@dataclass(frozen=True)
class GridTest:
    """Every specification of a grid, and all of them at once.

    Attributes
    ----------
    table : DataFrame
        The choices, then ``annual, p, months, reason``; `reason` says why a row has no estimate.
    median : float
        Median difference a year over the specifications with one, decimal.
    share_positive : float
    p_value : float
        Two-sided, of all means being zero: share of the resampled, centred grids whose median is
        as far from zero.
    specifications, missing : int
    """

    table: pd.DataFrame
    median: float
    share_positive: float
    p_value: float
    specifications: int
    missing: int

    def __str__(self) -> str:
        return (
            f"Over {self.specifications} specifications ({self.missing} left out with a reason) the"
            f" median difference is {self.median:+.1%} a year (joint p {_p(self.p_value)});"
            f" {self.share_positive:.0%} are above zero."
        )


def grid_test(
    spreads: pd.DataFrame, specifications: pd.DataFrame, *, block: float, draws: int, seed: int
) -> GridTest | Refusal:
    """Estimate every specification and test them jointly.

    The same resampled months serve all specifications, so what they share is kept. Each
    specification's mean is taken off first: the null is a mean of zero in all of them.

    Parameters
    ----------
    spreads : DataFrame, shape (months, spreads)
        Monthly decimal differences; NaN where one has no return.
    specifications : DataFrame
        One row a specification: ``spread`` names a column of `spreads` (or is missing from them),
        ``era`` one of :data:`ERAS`; every other column is passed through.
    block, draws, seed
        As :func:`premium`.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4.
    """
    known = spreads.dropna(how="all")
    values = np.full((len(known), len(specifications)), np.nan)
    for place, (name, era) in enumerate(
        zip(specifications["spread"], specifications["era"], strict=True)
    ):
        if name in known.columns:
            values[:, place] = in_era(known[name], era).reindex(known.index)
    months = np.isfinite(values).sum(axis=0)
    enough = months >= FEWEST_MONTHS
    if not enough.any():
        return Refusal(f"no specification has {FEWEST_MONTHS} months")
    used = values[:, enough]
    means, null = np.nanmean(used, axis=0), null_means(used, block, draws, seed)
    own = two_sided_p(null, means)
    median = float(np.median(means))
    joint = two_sided_p(np.median(null, axis=1)[:, None], np.array([median]))[0]
    return GridTest(
        table=_laid_out(specifications, months, enough, 12.0 * means, own),
        median=12.0 * median,
        share_positive=float((means > 0).mean()),
        p_value=float(joint),
        specifications=int(enough.sum()),
        missing=int((~enough).sum()),
    )


def _laid_out(
    specifications: pd.DataFrame,
    months: np.ndarray,
    enough: np.ndarray,
    annual: np.ndarray,
    p_values: np.ndarray,
) -> pd.DataFrame:
    whole = np.full((2, len(specifications)), np.nan)
    whole[:, enough] = annual, p_values
    reasons = [f"only {n} months; {FEWEST_MONTHS} are needed" for n in months]
    return specifications.drop(columns="spread").assign(
        annual=whole[0], p=whole[1], months=months, reason=np.where(enough, "", reasons)
    )


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"
