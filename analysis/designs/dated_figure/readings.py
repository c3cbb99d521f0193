"""What a figure was on every admissible pair of days, by every reading, and its luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.designs.dated_figure.days import NONE, Stretches
from analysis.designs.dated_figure.quoted import Floats, Lead, Positions, Quoted, Record
from analysis.inference.date_matches import Luck, luck_by_moving
from analysis.results import Result

DAYS_A_YEAR = 365.25

#: Of the table of values, besides one column a figure.
KEYS = ("from", "to", "reading")


@dataclass(frozen=True)
class Reading:
    """One way to read the figures; all figures of a claim are read the same way.

    Attributes
    ----------
    words : str
        Empty where there is only one.
    lead : {"difference", "ratio"}
    logs : mapping of str to array
        Log values of each holding, with dividends or without.
    """

    words: str
    lead: Lead
    logs: Mapping[str, Floats]


@dataclass(frozen=True)
class History(Result):
    """Values of holdings, the days a claim admits, and how its figures may be read.

    Attributes
    ----------
    index : DatetimeIndex
    stretches : Stretches
        Every admissible pair of days.
    figures : tuple of Quoted
    readings : tuple of Reading
    record : tuple of array and two int, or None
        Log price of the fund whose record is claimed, and the positions of the days it falls in.
    """

    index: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))
    stretches: Stretches = NONE
    figures: tuple[Quoted, ...] = ()
    readings: tuple[Reading, ...] = ()
    record: tuple[Floats, int, int] | None = None

    def matches(self, stretches: Stretches, reading: Reading, move: int = 0) -> NDArray[np.bool_]:
        """Which stretches give all figures at once, all days moved by some sessions."""
        first, last = stretches.first + move, stretches.last + move
        held = np.ones(len(stretches), dtype=bool)
        for one in self.figures:
            held &= one.band.holds(one.values(reading.logs, reading.lead, first, last))
        return held

    def record_excess(self, move: int = 0) -> float:
        """The highest price of the claimed days over the highest before them, less one."""
        if self.record is None:
            return np.inf
        log_price, first, last = self.record
        before, within = log_price[: first + move], log_price[first + move : last + move + 1]
        return float(np.expm1(within.max() - before.max()))

    def table(self, stretches: Stretches) -> pd.DataFrame:
        """Every stretch by every reading.

        Returns
        -------
        DataFrame
            ``from, to`` (days), ``reading``, one column a figure (decimals), ``record`` where one
            is claimed, ``outside`` (distance from what is admitted), ``off`` (distance from the
            printed number; both the largest over the figures) and ``matched``.
        """
        parts = list(self._parts(stretches))
        return pd.concat(parts, ignore_index=True)

    def _parts(self, stretches: Stretches) -> Iterator[pd.DataFrame]:
        days = {"from": self.index[stretches.first], "to": self.index[stretches.last]}
        excess = self.record_excess()
        for reading in self.readings:
            values = {
                one.label: one.values(reading.logs, reading.lead, stretches.first, stretches.last)
                for one in self.figures
            }
            outside = [one.band.outside(values[one.label]) for one in self.figures]
            short = np.full(len(stretches), max(-excess, 0.0))
            off = [one.off(values[one.label]) for one in self.figures]
            yield pd.DataFrame(
                {
                    **days,
                    "reading": reading.words,
                    **values,
                    **({} if self.record is None else {"record": excess}),
                    "outside": np.max([*outside, short], axis=0),
                    "off": np.max([*off, short], axis=0),
                    "matched": self.matches(stretches, reading) & (excess > 0),
                }
            )

    def luck(self) -> Luck:
        """Share of the other places in history at which some stretch and reading match."""
        stretches = self.stretches
        first, last = int(stretches.first.min()), int(stretches.last.max())
        if self.record is not None:
            _, begins, ends = self.record
            # a record needs a day before it
            first, last = min(first, begins - 1), max(last, ends)

        def somewhere(move: int) -> bool:
            if self.record_excess(move) <= 0:
                return False
            return any(self.matches(stretches, one, move).any() for one in self.readings)

        return luck_by_moving(somewhere, first, last, len(self.index))


def history_of(
    values: pd.DataFrame,
    stretches: Stretches,
    figures: list[Quoted],
    leads: list[Lead],
    dividends: Mapping[str, float],
    record: Record | None,
    within: Positions | None,
) -> History:
    """Prepare holdings' values for every reading of a claim's figures.

    Parameters
    ----------
    values : DataFrame
        Dividends put back, without NaN.
    stretches : Stretches
    figures : list of Quoted
    leads : list of {"difference", "ratio"}
        How a lead may be read.
    dividends : mapping of str to float
        Dividends a year of the holdings, decimal; where there are none the values are read only as
        they are.
    record : Record or None
    within : array of int or None
        Positions of the days it falls in.
    """
    total = {name: np.log(values[name].to_numpy(dtype=float)) for name in values}
    sides: dict[str, Mapping[str, Floats]] = {"": total}
    if dividends:
        price = {name: _without(total[name], values, dividends[name]) for name in dividends}
        sides = {"with dividends": total, "without dividends": price}
    several = len(leads) > 1
    readings = tuple(
        Reading(", ".join(filter(None, (words, f"as a {lead}" if several else ""))), lead, logs)
        for words, logs in sides.items()
        for lead in leads
    )
    if record is None or within is None:
        return History(values.index, stretches, tuple(figures), readings)
    prices = _without(total[record.of], values, record.dividends)
    place = (prices, int(within[0]), int(within[-1]))
    return History(values.index, stretches, tuple(figures), readings, place)


def nearest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of values: those that match, then by distance from what is admitted."""
    order = ["matched", "outside", "off"]
    return table.sort_values(order, ascending=[False, True, True], kind="stable")


def _without(log_value: Floats, values: pd.DataFrame, dividends: float) -> Floats:
    years = (values.index - values.index[0]).days.to_numpy() / DAYS_A_YEAR
    return np.asarray(log_value - years * np.log1p(dividends))
