"""Mean return differences a year: one with its bootstrap, and many in every era at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.results import Refusal

#: A sample shorter than this is refused: five blocks of a year.
FEWEST_MONTHS = 60

#: First month of each era, and last where it has one.
ERAS: dict[str, tuple[str | None, str | None]] = {
    "full": (None, None),
    "to_1980": (None, "1980-12"),
    "from_1981": ("1981-01", None),
    "from_1992": ("1992-07", None),
    "from_2013": ("2013-07", None),
}

#: Resampled calendars held at once.
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Premium:
    """Twelve times a mean monthly difference.

    Attributes
    ----------
    annual, low, high : float
        Decimal return a year and its 95% interval.
    error : float
        Bootstrap standard error, decimal a year.
    p_value : float
        Two-sided, of a mean of zero.
    n : int
        Months.
    blocks : float
        Months over the mean length of a block.
    first, last : str
    """

    annual: float
    low: float
    high: float
    error: float
    p_value: float
    n: int
    blocks: float
    first: str
    last: str

    @property
    def mde(self) -> float:
        """Difference a year found with 80% power at 5%."""
        return minimum_detectable(self.error)

    @property
    def more_needed(self) -> str:
        """Years that would find a difference of the size found with 80% power."""
        years = self.n // 12
        if self.annual == 0:
            return "the difference is zero: no number of years would find it"
        needed = more_events_needed(
            self.annual, self.error * np.sqrt(self.n / 12), years, unit="years"
        )
        if needed.more == 0:
            return "none: a difference of the size found is detected with the years there are"
        return f"{needed} to detect a difference of the size found"


def premium(
    long: pd.Series, short: pd.Series, *, block: float, draws: int, seed: int
) -> Premium | Refusal:
    """Mean difference of two returns by paired stationary bootstrap.

    Parameters
    ----------
    long, short : Series
        Monthly decimal returns; months in which either is missing are left out.
    block : float
        Mean block length, months.
    draws, seed : int

    References
    ----------
    Politis, D. N. and J. P. Romano (1994), "The stationary bootstrap", JASA 89.
    """
    pair = pd.concat([long, short], axis=1, keys=["long", "short"]).dropna()
    if len(pair) < FEWEST_MONTHS:
        return Refusal(f"only {len(pair)} months with both returns; {FEWEST_MONTHS} are needed")
    found = paired_stationary_bootstrap(
        pair["long"], pair["short"], block_length=float(block), draws=draws, seed=seed
    )
    if isinstance(found, Refusal):
        return found
    return _per_year(found, pair.index)


def era_table(spreads: pd.DataFrame, *, block: float, draws: int, seed: int) -> pd.DataFrame:
    """Mean, interval and p-value of every spread in every era.

    Parameters
    ----------
    spreads : DataFrame, shape (months, spreads)
        Monthly decimal differences, by name.
    block, draws, seed
        As :func:`premium`, whose numbers an era's row gives again.

    Returns
    -------
    DataFrame
        ``spread, era, annual, low, high, p, months, first, last``; rows with fewer than
        :data:`FEWEST_MONTHS` months are left out.
    """
    tables = [
        mean_table(in_era(spreads, era), block=block, draws=draws, seed=seed).assign(era=era)
        for era in ERAS
    ]
    filled = [table for table in tables if len(table)]
    columns = ["spread", "era", "annual", "low", "high", "p", "months", "first", "last"]
    return (pd.concat(filled, ignore_index=True) if filled else tables[0])[columns]


def mean_table(spreads: pd.DataFrame, *, block: float, draws: int, seed: int) -> pd.DataFrame:
    """As :func:`era_table` for one sample, with ``error``, the bootstrap standard error a year."""
    columns = ["spread", "annual", "low", "high", "error", "p", "months", "first", "last"]
    rows = [
        _rows(spreads.loc[list(months), names], block, draws, seed)
        for months, names in _same_months(spreads).items()
        if len(months) >= FEWEST_MONTHS
    ]
    if not rows:
        return pd.DataFrame(columns=columns)
    place = {name: number for number, name in enumerate(spreads.columns)}
    found = pd.concat(rows, ignore_index=True)[columns]
    return found.sort_values(
        "spread", key=lambda names: names.map(place), ignore_index=True, kind="stable"
    )


def in_era(frame: pd.DataFrame | pd.Series, era: str) -> pd.DataFrame | pd.Series:
    """The months of one era of :data:`ERAS`."""
    first, last = ERAS[era]
    return frame.loc[first:last]


def null_means(values: np.ndarray, block: float, draws: int, seed: int) -> np.ndarray:
    """Means of the centred columns over resampled months, shape (draws, columns)."""
    present = np.isfinite(values)
    centred = np.where(present, values - np.nanmean(values, axis=0), 0.0)
    parts = [
        counts @ centred / np.maximum(counts @ present, 1.0)
        for counts in _resampled(len(values), block, draws, seed)
    ]
    return np.concatenate(parts)


def _same_months(frame: pd.DataFrame) -> dict[tuple[pd.Period, ...], list[object]]:
    """Columns that have a value in the same months, which one set of draws can serve."""
    groups: dict[tuple[pd.Period, ...], list[object]] = {}
    for name in frame.columns:
        groups.setdefault(tuple(frame[name].dropna().index), []).append(name)
    return groups


def _rows(values: pd.DataFrame, block: float, draws: int, seed: int) -> pd.DataFrame:
    """The columns' means by the arithmetic of :func:`premium`, all from the same draws."""
    means, centred = values.mean().to_numpy(), null_means(values.to_numpy(), block, draws, seed)
    reach = np.quantile(np.abs(centred), 0.95, axis=0)
    return pd.DataFrame(
        {
            "spread": values.columns,
            "annual": 12.0 * means,
            "low": 12.0 * (means - reach),
            "high": 12.0 * (means + reach),
            "error": 12.0 * centred.std(axis=0, ddof=1),
            "p": two_sided_p(centred, means),
            "months": len(values),
            "first": str(values.index[0]),
            "last": str(values.index[-1]),
        }
    )


def _resampled(length: int, block: float, draws: int, seed: int) -> Iterator[np.ndarray]:
    """How often each month stands in each resampled calendar, in chunks of draws."""
    from arch.bootstrap import StationaryBootstrap

    sampler = StationaryBootstrap(block, np.zeros(length), seed=np.random.default_rng(seed))
    for start in range(0, draws, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, draws - start)
        months = np.stack([sampler.update_indices() for _ in range(rows)])
        cells = (months + length * np.arange(rows)[:, None]).ravel()
        yield np.bincount(cells, minlength=rows * length).reshape(rows, length).astype(float)


def two_sided_p(null: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Share of the centred draws at least as far from zero as each observed value.

    Parameters
    ----------
    null : ndarray, shape (draws, statistics)
    observed : ndarray, shape (statistics,)

    Returns
    -------
    ndarray, shape (statistics,), (1 + number reached) / (1 + draws).
    """
    slack = 1e-12 * np.abs(null).max(initial=0.0)
    reached = (np.abs(null) >= np.abs(observed) - slack).sum(axis=0)
    return (1 + reached) / (1 + len(null))


def _per_year(found: PairedBootstrap, months: pd.PeriodIndex) -> Premium:
    return Premium(
        annual=12.0 * found.estimate,
        low=12.0 * found.ci_low,
        high=12.0 * found.ci_high,
        error=12.0 * found.standard_error,
        p_value=found.p_value,
        n=found.n,
        blocks=found.effective_n,
        first=str(months[0]),
        last=str(months[-1]),
    )
