"""Portfolios of two sorts by the names of their columns, such as ``s1v5`` or ``me1op3``."""

from __future__ import annotations

import re
from dataclasses import dataclass

FIFTHS = (1, 2, 3, 4, 5)

#: How a fifth by size is called, the smallest first.
SIZE_WORDS = {1: "small", 2: "fairly small", 3: "mid-sized", 4: "fairly large", 5: "large"}

#: The prefix of the size fifth and the sort it stands beside.
SORTS = {"s": "v", "me": "op"}

#: The factor published for a sort.
FACTORS = {"v": "hml", "op": "rmw"}

_NAME = re.compile(r"(s|me)([1-5])(v|op)([1-5])")


@dataclass(frozen=True)
class DoubleSort:
    """One of the 25 portfolios of size and another sort.

    Attributes
    ----------
    size : int
        Fifth by size, 1 the smallest.
    sort : {"v", "op"}
        Book-to-market or operating profitability.
    place : int
        Fifth by the other sort, 1 the lowest.
    """

    size: int
    sort: str
    place: int

    @property
    def column(self) -> str:
        """Its column of the panel."""
        return self.of_size(self.size)

    @property
    def words(self) -> str:
        """Such as "small value" or "the most profitable fifth of small firms"."""
        size = SIZE_WORDS[self.size]
        if self.sort == "v":
            known = {1: f"{size} growth", 3: f"{size} neutral", 5: f"{size} value"}
            return known.get(self.place, f"book-to-market fifth {self.place} of {size} firms")
        ends = {1: "the least profitable fifth", 5: "the most profitable fifth"}
        return f"{ends.get(self.place, f'profitability fifth {self.place}')} of {size} firms"

    def of_size(self, size: int) -> str:
        """Column of the same fifth by the other sort in another fifth by size."""
        prefix = next(prefix for prefix, sort in SORTS.items() if sort == self.sort)
        return f"{prefix}{size}{self.sort}{self.place}"


def double_sort_of(column: str) -> DoubleSort:
    """The portfolio a column of the panel holds.

    Raises
    ------
    ValueError
        For a column of another kind.
    """
    found = _NAME.fullmatch(column)
    if found is None or SORTS[found[1]] != found[3]:
        raise ValueError(f"{column!r} is no portfolio of two sorts, such as s1v5 or me1op3")
    return DoubleSort(int(found[2]), found[3], int(found[4]))
