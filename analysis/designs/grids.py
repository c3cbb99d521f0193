"""The table of a grid: what each registered specification gave, or why it was not run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.results import Refusal

#: What one specification gave: its estimates, in the order of their columns or by their names; or
#: why it was not run, as a refusal or as its reason.
Outcome = tuple[Any, ...] | Mapping[str, Any] | Refusal | str


def grid_table(
    axes: Sequence[str], estimates: Sequence[str], rows: Iterable[tuple[Mapping[str, Any], Outcome]]
) -> pd.DataFrame:
    """Every specification of a grid.

    Parameters
    ----------
    axes, estimates : sequence of str
        Columns: those that tell a specification, then those of what it gave.
    rows : iterable of (mapping, outcome)
        A specification, with any column that is known whether it was run or not, and its outcome.

    Returns
    -------
    DataFrame
        The axes, the estimates, and ``reason``, empty where the row was run.
    """
    told = []
    for one, outcome in rows:
        if isinstance(outcome, Refusal | str):
            reason = outcome.reason if isinstance(outcome, Refusal) else outcome
            told.append({**one, "reason": reason})
        elif isinstance(outcome, Mapping):
            told.append({**one, **outcome, "reason": ""})
        else:
            told.append({**one, **dict(zip(estimates, outcome, strict=True)), "reason": ""})
    return pd.DataFrame(told, columns=[*axes, *estimates, "reason"])


def rows_that_ran(grid: pd.DataFrame) -> pd.DataFrame:
    """The rows of a grid that were run, without the column of reasons."""
    return grid[grid["reason"].eq("")].drop(columns="reason").reset_index(drop=True)
