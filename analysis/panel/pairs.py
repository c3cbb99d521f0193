"""Small caps set against large ones over some time: two portfolios, or two funds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.fund_gains import gains_between
from analysis.panel.fund_pairs import FUND_PAIRS, SIZE_PAIRS
from analysis.panel.legs import LEGS, sides_of, small_minus_large
from analysis.results import Result

#: Every way to set small against large, SMB and its like included.
SPREADS = (*LEGS, *SIZE_PAIRS)

#: Those with two sides: two portfolios, or two funds.
PAIRS = tuple(name for name in SPREADS if name not in LEGS or LEGS[name].large)


@dataclass(frozen=True)
class PairGains(Result):
    """Gains of small and large caps over the same time, decimals.

    Attributes
    ----------
    small, large : float
        Where small minus large is a single series, its gain and zero.
    last : str
        Last month with returns, YYYY-MM.
    """

    small: float
    large: float
    last: str

    @property
    def lead(self) -> float:
        """Gain of large less that of small."""
        return self.large - self.small

    @property
    def ratio(self) -> float:
        """Final wealth of large over that of small, less one."""
        return (1.0 + self.large) / (1.0 + self.small) - 1.0


def pair_gains(dataset: Dataset, name: str, start: pd.Timestamp, end: pd.Timestamp) -> PairGains:
    """Gains of one of :data:`SPREADS` between two days, of portfolios between two month ends.

    Refused where the data hold nothing of it; portfolios may end before `end`.
    """
    if lacking := lacking_series(dataset, [name]):
        return PairGains.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    first, last = start.to_period("M") + 1, end.to_period("M")
    if name in FUND_PAIRS:
        small, large = FUND_PAIRS[name]
        found = gains_between(pd.DataFrame(dataset.funds)[[large, small]], start, end)
        if found.refusal is not None:
            return PairGains.refused(found.refusal.reason)
        return PairGains(float(found.by_fund[small]), float(found.by_fund[large]), str(last))
    returns = _returns(dataset.monthly, name).loc[first:last]
    if returns.empty:
        return PairGains.refused(f"no returns of {LEGS[name].words} from {first} to {last}")
    gains = (1.0 + returns).prod() - 1.0
    return PairGains(float(gains["small"]), float(gains["large"]), str(returns.index[-1]))


def lacking_series(dataset: Dataset, names: Iterable[str]) -> list[str]:
    """Columns and closes that some of :data:`SPREADS` need and the data do not hold, in words."""
    held = () if dataset.funds is None else dataset.funds.columns
    chosen = list(names)
    columns = (column for n in chosen if n in LEGS for column in LEGS[n].columns())
    funds = sorted(fund for n in chosen if n in FUND_PAIRS for fund in FUND_PAIRS[n])
    missing = [column for column in columns if column not in dataset.monthly.columns]
    missing += [f"closes of {fund}" for fund in funds if fund not in held]
    return list(dict.fromkeys(missing))


def pair_words(name: str) -> tuple[str, str]:
    """Small and large of one of :data:`PAIRS`: tickers, or portfolios such as Lo30."""
    if name in FUND_PAIRS:
        return FUND_PAIRS[name]
    small, large = (", ".join(side).capitalize() for side in (LEGS[name].small, LEGS[name].large))
    return small, large


def _returns(monthly: pd.DataFrame, name: str) -> pd.DataFrame:
    if LEGS[name].large:
        return sides_of(monthly, name)
    return small_minus_large(monthly, name).to_frame("small").assign(large=0.0)
