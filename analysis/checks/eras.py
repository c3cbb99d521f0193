"""Parts of the sample that the grids of the claims name."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from analysis.results import InputError

#: First and last month of each era. The size premium was published in 1981; July 1992 follows
#: the paper that made three factors of it.
ERAS: dict[str, tuple[str | None, str | None]] = {
    "full": (None, None),
    "to_1980": (None, "1980-12"),
    "from_1981": ("1981-01", None),
    "from_1992": ("1992-07", None),
}

Values = TypeVar("Values", pd.Series, pd.DataFrame)


def in_era(values: Values, era: str) -> Values:
    """The months of one era.

    Parameters
    ----------
    values : Series or DataFrame
        Monthly PeriodIndex, in order.
    era : str
        A key of :data:`ERAS`.

    Raises
    ------
    InputError
        For an unknown era.
    """
    if era not in ERAS:
        raise InputError(f"unknown era {era!r}; one of {', '.join(ERAS)}")
    first, last = ERAS[era]
    return values.loc[first:last]
