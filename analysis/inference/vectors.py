"""Plain vectors from what callers pass: the checks every resampling function begins with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.results import InputError


def as_vector(values: object, name: str) -> np.ndarray:
    """`values` as a one-dimensional array of finite floats.

    Raises
    ------
    InputError
        Not one-dimensional, not numeric, or with NaN or infinite entries.
    """
    try:
        vector = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected numbers, got {type(values).__name__}") from error
    if vector.ndim != 1:
        raise InputError(f"{name}: expected one dimension, got {vector.ndim}")
    if not np.isfinite(vector).all():
        raise InputError(f"{name}: holds missing or infinite values; drop them first")
    return vector


def as_positions(events: object, length: int, index: pd.Index | None = None) -> np.ndarray:
    """Sorted integer positions of `events` within a sample of `length` months.

    Parameters
    ----------
    events : array_like of int or of bool
        Positions in ``[0, length)``, or one flag a month.
    length : int
        Months in the sample.
    index : pandas.Index, optional
        The sample's index; a Series of flags must carry the same one.

    Raises
    ------
    InputError
        Positions outside the sample, twice the same, neither integers nor flags, or flags on
        another index.
    """
    flags = events if isinstance(events, pd.Series) and events.dtype == bool else None
    if flags is not None and index is not None and not flags.index.equals(index):
        raise InputError("events: the flags carry another index than the values; align them")
    given = np.asarray(_listed(events))
    if given.dtype == bool:
        if given.shape != (length,):
            raise InputError(f"events: expected {length} flags, one a month, got {given.shape}")
        return np.flatnonzero(given)
    if given.size == 0:
        return np.empty(0, dtype=np.int64)
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer):
        raise InputError("events: give integer positions or one flag a month")
    outside = given[(given < 0) | (given >= length)]
    if outside.size:
        raise InputError(
            f"events: position {outside[0]} is outside the sample of {length} months;"
            " keep only events inside it"
        )
    positions = np.sort(given).astype(np.int64)
    if (np.diff(positions) == 0).any():
        raise InputError("events: the same month stands twice; count every event once")
    return positions


def as_count(value: object, name: str, least: int) -> int:
    """`value` as an integer of at least `least`.

    Raises
    ------
    InputError
        Not an integer, or below `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def as_share(value: object, name: str) -> float:
    """`value` as a float strictly between 0 and 1.

    Raises
    ------
    InputError
        Not a number in the open unit interval.
    """
    if not isinstance(value, int | float | np.number) or not 0 < float(value) < 1:
        raise InputError(f"{name}: expected a number between 0 and 1, got {value!r}")
    return float(value)


def _listed(events: object) -> object:
    if isinstance(events, Iterable) and not hasattr(events, "__array__"):
        return list(events)
    return events


def blocks_too_long(block: float, observations: int) -> str | None:
    """Why a sample cannot be resampled in blocks of a length; None where it can.

    Blocks of more than a third of a sample leave too few of them to differ between draws.
    """
    if 3 * block <= observations:
        return None
    return f"blocks of {block:g} in {observations} observations: more than a third of the sample"


def row_medians(values: np.ndarray) -> np.ndarray:
    """Median of each row of a table, shape (rows,); NaN where a row holds one.

    What ``np.median(values, axis=1)`` gives, several times faster: NumPy sorts rows by vector
    instructions, and looks for their medians one by one.
    """
    ordered, count = np.sort(values, axis=1), values.shape[1]
    medians: np.ndarray = (ordered[:, (count - 1) // 2] + ordered[:, count // 2]) / 2.0
    medians[np.isnan(ordered[:, -1])] = np.nan
    return medians
