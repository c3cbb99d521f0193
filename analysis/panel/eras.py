"""Parts of the sample: one table of them for every design and grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.results import InputError, nearest

#: First and last month of each era. The funds rate begins in 1954; the January effect was found in
#: the years from 1963 to 1979; the size premium was published in 1981; July 1992 follows the paper
#: that made three factors of it; the broad dollar begins in 2006; July 2013 follows the first
#: papers on profitability.
ERAS: dict[str, tuple[str | None, str | None]] = {
    "full": (None, None),
    "from_1954": ("1954-01", None),
    "from_1963_to_1979": ("1963-01", "1979-12"),
    "to_1980": (None, "1980-12"),
    "from_1981": ("1981-01", None),
    "from_1992": ("1992-07", None),
    "from_2006": ("2006-01", None),
    "from_2013": ("2013-07", None),
}

Values = TypeVar("Values", pd.Series, pd.DataFrame)


def in_era(values: Values, era: str) -> Values:
    """The months, or days, of one era.

    Parameters
    ----------
    values : Series or DataFrame
        Monthly PeriodIndex or DatetimeIndex, in order.
    era : str
        A key of :data:`ERAS`.

    Raises
    ------
    InputError
        For an unknown era.
    """
    if era not in ERAS:
        raise InputError(f"unknown era {era!r}{nearest(era, ERAS)}")
    first, last = ERAS[era]
    return values.loc[first:last]


def era_words(era: str) -> str:
    """An era inside a sentence or a legend: "since July 1992", "up to December 1980"."""
    first, last = (end and pd.Period(end, "M").strftime("%B %Y") for end in ERAS[era])
    if first and last:
        return f"{first} to {last}"
    if first or last:
        return f"since {first}" if first else f"up to {last}"
    return "whole sample"


def era_flags(index: pd.PeriodIndex | pd.DatetimeIndex, eras: Iterable[str]) -> pd.DataFrame:
    """Whether each month, or day, lies in each era.

    Returns
    -------
    DataFrame of bool, shape (len(index), eras)
    """
    place, flags = pd.Series(np.arange(len(index)), index=index), {}
    for era in eras:
        inside = in_era(place, era).to_numpy()
        flags[era] = np.zeros(len(index), dtype=bool)
        flags[era][inside] = True
    return pd.DataFrame(flags, index=index)
