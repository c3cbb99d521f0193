"""What it would cost to act on a confirmed rotation: turnover, and the mean after a stated cost.

Shown beside the claim that a rotation is priced once it has been confirmed; the registered slope is
before costs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.audit.supplements.spreads import FUNDS, fund_sides
from analysis.inference.premia import premium
from analysis.panel import Dataset
from analysis.panel.legs import EVERY_LEG

#: Months of the past return that the rule follows.
PAST = (6, 12)

#: Cost as a share of the amount traded: none, a tenth, two tenths and half a per cent.
COSTS = (0.0, 0.001, 0.002, 0.005)

#: Legs with two sides that can be held.
LEGS = ("s1_s5", "halves", *FUNDS)

#: Mean block of the bootstrap, months; draws and seed.
BLOCK, DRAWS, SEED = 12, 1999, 20260101

COLUMNS = [
    *("leg", "first", "last", "months", "past", "turnover", "gross", "cost", "net", "net_low"),
    *("net_high", "break_even"),
]


def rotation_costs(dataset: Dataset) -> pd.DataFrame:
    """The side that led is held for the next month, against half of each side.

    At the end of each month the portfolio moves wholly to small or to large caps, whichever led
    over the past months. A change of side sells all and buys all, so it trades twice the portfolio.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: ``turnover`` in portfolios traded a year, the rest decimal a year;
        ``break_even`` is the cost at which nothing is left. The half and half it is held against
        pays no cost here.
    """
    rows = []
    for leg in LEGS:
        sides = _sides(dataset, leg)
        for past in PAST:
            if len(sides) >= past + 60:
                rows += _rows(leg, sides, past)
    return pd.DataFrame(rows, columns=COLUMNS)


def _sides(dataset: Dataset, leg: str) -> pd.DataFrame:
    if leg in FUNDS:
        return fund_sides(dataset, leg).astype(float)
    chosen, monthly = EVERY_LEG[leg], dataset.monthly
    if not set(chosen.columns()) <= set(monthly.columns):
        return pd.DataFrame(columns=["small", "large"], index=monthly.index[:0])
    made = {
        "small": monthly[list(chosen.small)].mean(axis=1, skipna=False),
        "large": monthly[list(chosen.large)].mean(axis=1, skipna=False),
    }
    return pd.DataFrame(made).dropna()


def followed(sides: pd.DataFrame, past: int) -> pd.DataFrame:
    """The rule month by month: ``lead`` over half and half, and ``traded``, portfolios.

    Parameters
    ----------
    sides : DataFrame, columns ``small, large``, decimal a month
    past : int
        Months looked back over; the month held is not among them.
    """
    lead = sides["small"] - sides["large"]
    side = np.sign(lead.rolling(past).sum().shift(1)).replace(0.0, 1.0).dropna()
    traded = 2.0 * (side != side.shift(1)).astype(float)
    traded.iloc[0] = 0.0
    return pd.DataFrame({"lead": 0.5 * side * lead.loc[side.index], "traded": traded})


def _rows(leg: str, sides: pd.DataFrame, past: int) -> list[tuple[object, ...]]:
    held = followed(sides, past)
    turnover, gross = 12.0 * float(held["traded"].mean()), 12.0 * float(held["lead"].mean())
    span = (leg, str(held.index[0]), str(held.index[-1]), len(held), past, turnover, gross)
    rows: list[tuple[object, ...]] = []
    for cost in COSTS:
        net = premium(held["lead"] - cost * held["traded"], block=BLOCK, draws=DRAWS, seed=SEED)
        if net.refusal is None:
            even = gross / turnover if turnover > 0 else np.nan
            rows.append((*span, cost, net.annual, net.low, net.high, even))
    return rows
