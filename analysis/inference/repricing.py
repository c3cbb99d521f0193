"""Interest on debt that reprices: a cash-flow calculator and the arithmetic of quoted figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.results import InputError

#: One step of policy: 25 basis points, as a decimal rate.
STEP = 0.0025


@dataclass(frozen=True)
class Burden:
    """Extra interest year by year.

    Attributes
    ----------
    yearly : ndarray, shape (years,)
        Extra interest in each year as a share of one year's operating earnings.
    repriced : ndarray, shape (years,)
        Share of the debt that pays the new rate in each year.
    """

    yearly: np.ndarray
    repriced: np.ndarray

    @property
    def cumulative(self) -> np.ndarray:
        """Extra interest up to each year as a share of one year's operating earnings."""
        return np.cumsum(self.yearly)

    @property
    def last_year(self) -> float:
        """Extra interest in the last year: the rise once the debt has repriced."""
        return float(self.yearly[-1])

    @property
    def average(self) -> float:
        """Extra interest over all years as a share of the operating earnings of all years."""
        return float(self.yearly.mean())


def interest_burden(
    debt_to_earnings: float,
    floating_share: float,
    maturities: Sequence[float],
    rate_path: Sequence[float],
    horizon: int,
) -> Burden:
    """Extra interest while debt takes on new rates, operating earnings and debt held still.

    Parameters
    ----------
    debt_to_earnings : float
        Debt over yearly operating earnings, times.
    floating_share : float
        Share of the debt whose rate follows the market within the year, 0 to 1.
    maturities : sequence of float
        Share of the *fixed* debt that falls due in each year, from year 1; at most 1 in total.
        Years it does not reach see none.
    rate_path : sequence of float
        New rate less the rate paid before, decimal, in each year; at least `horizon` values.
    horizon : int
        Years.

    Raises
    ------
    InputError
        Naming the input that is out of range.

    Notes
    -----
    hit_t = D · (f · g_t + (1 − f) · Σ_{s ≤ t} m_s · g_s): floating debt pays the rate of the year,
    fixed debt that falls due in year s is renewed at that year's rate, for the whole of the year
    and beyond.
    """
    ladder, path = np.asarray(maturities, dtype=float), np.asarray(rate_path, dtype=float)
    _check(debt_to_earnings, floating_share, ladder, path, horizon)
    due = np.zeros(horizon)
    due[: min(horizon, len(ladder))] = ladder[:horizon]
    fixed = 1.0 - floating_share
    renewed = fixed * np.cumsum(due * path[:horizon])
    return Burden(
        yearly=debt_to_earnings * (floating_share * path[:horizon] + renewed),
        repriced=floating_share + fixed * np.cumsum(due),
    )


def even_ladder(maturing_share: float, years: int) -> np.ndarray:
    """Maturities spread evenly: `maturing_share` of the fixed debt over `years`."""
    return np.full(years, maturing_share / years)


def final_hit(
    debt_to_earnings: float, gap: float, floating_share: float, maturing_share: float
) -> float:
    """Rise in yearly interest once the horizon is over, as a share of operating earnings.

    debt ÷ earnings × gap × (floating + fixed × part of it that matured), the last year of
    :func:`interest_burden` for a constant gap whatever the order of maturities.
    """
    years = 1
    return interest_burden(
        debt_to_earnings, floating_share, [maturing_share], [gap], years
    ).last_year


def implied_gap(total_hit: float, hit_per_step: float, step: float = STEP) -> float:
    """Reset gap two quoted figures imply when the burden is proportional to it, decimal rate.

    total hit ÷ hit per step × step.
    """
    if not hit_per_step > 0:
        raise InputError(f"hit_per_step must be above zero, not {hit_per_step!r}")
    return total_hit / hit_per_step * step


def needed_repricing(hit: float, debt_to_earnings: float, gap: float) -> float:
    """Share of the debt that has to reprice for a hit; above 1 no debt structure gives it."""
    return hit / (debt_to_earnings * gap)


def needed_floating_share(repriced: float, maturing_share: float) -> float | None:
    """Floating share with which `repriced` of the debt reprices, None where none from 0 to 1 does.

    f = (r − m) / (1 − m), from r = f + (1 − f) · m.
    """
    if maturing_share == 1.0:
        return None
    share = (repriced - maturing_share) / (1.0 - maturing_share)
    return share if 0.0 <= share <= 1.0 else None


def summed_repricing(floating_share: float, maturing_share: float, years: int) -> float:
    """Repriced share added up over the years of an even ladder.

    Σ_t (f + (1 − f) · m · t / Y) = f · Y + (1 − f) · m · (Y + 1) / 2.
    """
    fixed = 1.0 - floating_share
    return floating_share * years + fixed * maturing_share * (years + 1) / 2


def summed_floating_share(total: float, maturing_share: float, years: int) -> float | None:
    """Floating share whose :func:`summed_repricing` is `total`, None where none from 0 to 1 is."""
    without = summed_repricing(0.0, maturing_share, years)
    share = (total - without) / (years - without)
    return share if 0.0 <= share <= 1.0 else None


def repriced_within_a_year(duration: float) -> float:
    """Share of evenly spread debt of average duration `duration` years that reprices in a year.

    Debt spread evenly over its life L has an average time to reset of L / 2, so 1 / L of it, one
    over twice the average, resets within a year; never more than all of it.
    """
    if not duration > 0:
        raise InputError(f"duration must be above zero, not {duration!r}")
    return min(1.0, 1.0 / (2.0 * duration))


def _check(debt: float, floating: float, ladder: np.ndarray, path: np.ndarray, horizon: int):
    if not (np.isfinite(debt) and debt >= 0):
        raise InputError(f"debt_to_earnings must be finite and not below zero, not {debt!r}")
    if not 0.0 <= floating <= 1.0:
        raise InputError(f"floating_share must lie from 0 to 1, not {floating!r}")
    if horizon < 1:
        raise InputError(f"horizon must be at least one year, not {horizon!r}")
    if ladder.ndim != 1 or not (np.isfinite(ladder) & (ladder >= 0)).all():
        raise InputError("maturities must be shares of the fixed debt, none below zero")
    if ladder.sum() > 1.0 + 1e-9:
        raise InputError(f"maturities add up to {ladder.sum():.3f}; at most 1 can fall due")
    if len(path) < horizon or not np.isfinite(path).all():
        raise InputError(f"rate_path needs {horizon} finite numbers, one a year")
