"""The grid of a sweep: months by a step, and every combination of values."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.results import InputError
from analysis.texts import MONTH

#: Combinations above which a grid is a slip of the hand.
MOST_CELLS = 10_000


def months(text: str) -> list[str]:
    """Months of ``FIRST:LAST:STEP`` (step in months, 12 where it is left out) or of a list.

    Parameters
    ----------
    text : str
        ``"1995-12:2015-12:12"``, ``"1995-12,2007-12"`` or one month.

    Raises
    ------
    InputError
        For a month that is none, a step below one, or a last month before the first.
    """
    if ":" not in text:
        return [part.strip() for part in text.split(",")]
    first, last, *step = text.split(":")
    written = all(re.fullmatch(MONTH, part) for part in (first, last)) and len(step) <= 1
    if not written or not all(re.fullmatch(r"[0-9]{1,4}", part) for part in step):
        raise InputError(f"as_of {text!r}: write it as FIRST:LAST:STEP, e.g. 1995-12:2015-12:12")
    start, end = pd.Period(first, "M"), pd.Period(last, "M")
    every = int(*step) if step else 12
    if every < 1 or end < start:
        raise InputError(
            f"as_of {text!r}: the step is at least 1 and the last month not before the first"
        )
    return [str(start + shift) for shift in range(0, (end - start).n + 1, every)]


def months_between(
    as_of: str | None, first: str | None, last: str | None, every: int | None
) -> list[str]:
    """Months of ``--as-of``, or of ``--from``, ``--to`` and ``--every``; none where none is given.

    Raises
    ------
    InputError
        As :func:`months`, and where both ways are used or half of one.
    """
    if first is None and last is None and every is None:
        return [] if as_of is None else months(as_of)
    if as_of is not None:
        raise InputError("give --as-of, or --from and --to; not both")
    if first is None or last is None:
        raise InputError("--from and --to belong together; give both")
    step = 12 if every is None else every
    for name, text in (("--from", first), ("--to", last)):
        if not re.fullmatch(MONTH, text):
            raise InputError(f"{name} {text!r} is no month; write it as YYYY-MM")
    if step < 1:
        raise InputError(f"--every {step}: the step is at least one month")
    if last < first:
        raise InputError(f"--from {first} is after --to {last}; exchange them")
    return months(f"{first}:{last}:{step}")


def grid(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values, the last name changing fastest; each one once.

    Raises
    ------
    InputError
        For a name without values, and for more than :data:`MOST_CELLS` combinations, which are
        counted before they are laid out.
    """
    values = {name: list(dict.fromkeys(some)) for name, some in values.items()}
    empty = [name for name, some in values.items() if not some or "" in some]
    if empty:
        raise InputError(f"{empty[0]} has an empty value; give one or more, by comma")
    count = math.prod(len(some) for some in values.values())
    if count > MOST_CELLS:
        raise InputError(f"{count:,} combinations are more than {MOST_CELLS:,}; give fewer values")
    return [dict(zip(values, cell, strict=True)) for cell in itertools.product(*values.values())]
