"""What debt would have to look like for quoted figures, and what quoted durations mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from analysis.claims import Figure
from analysis.inference.repricing import (
    implied_gap,
    needed_floating_share,
    needed_repricing,
    repriced_within_a_year,
    summed_floating_share,
)
from analysis.results import InputError

#: Debt over operating earnings set out in the table of what would give the quoted figures.
LEVERAGES = (2.0, 2.5, 3.0, 3.5, 5.0, 7.0, 8.0, 10.0)


def debt_structures(
    hit: float, per_step: float, maturing: float, gap_high: float, years: int
) -> pd.DataFrame:
    """What floating share the quoted figures ask for, by debt over operating earnings.

    The total may mean the rise in yearly interest in the last year, as the criterion reads it, or
    the extra interest of all years added up; both as a share of one year's operating earnings.

    Parameters
    ----------
    hit, per_step : float
        Quoted shares of operating earnings: in all, and for each 25 basis points.
    maturing : float
        Share of fixed debt maturing within the horizon, evenly.
    gap_high : float
        Widest reset gap published, decimal.
    years : int

    Returns
    -------
    DataFrame
        ``debt over earnings`` and, in words, the floating share that gives: both figures in the
        last year; the total alone in the last year at the widest gap; both figures added up.
    """
    gap = implied_gap(hit, per_step)
    rows = []
    for debt in LEVERAGES:
        both, widest = needed_repricing(hit, debt, gap), needed_repricing(hit, debt, gap_high)
        rows.append(
            {
                "debt over earnings": debt,
                "both figures, last year": _words(both, maturing, 1.0, 1),
                "total alone, last year, widest gap": _words(widest, maturing, 1.0, 1),
                "both figures, all years added up": _words(both, maturing, float(years), years),
            }
        )
    return pd.DataFrame(rows)


def repricing_by_duration(figures: Iterable[Figure]) -> pd.DataFrame:
    """Share of each kind of debt that reprices within a year, from quoted durations.

    Parameters
    ----------
    figures : iterable of Figure
        Durations in years; "under 2" is a bound.

    Returns
    -------
    DataFrame
        ``debt, duration`` (as quoted, years), ``repriced within a year`` (words).

    Raises
    ------
    InputError
        For a figure without a number.
    """
    rows = []
    for figure in figures:
        text = str(figure.value)
        number = re.search(r"\d+(\.\d+)?", text)
        if number is None:
            raise InputError(f"the figure {figure.name!r} holds no number: {text!r}")
        bound = "at least " if text.startswith("under") else ""
        share = repriced_within_a_year(float(number.group()))
        rows.append((figure.name, f"{text} {figure.unit}", f"{bound}{share:.0%}"))
    return pd.DataFrame(rows, columns=["debt", "duration", "repriced within a year"])


def _words(repriced: float, maturing: float, most: float, years: int) -> str:
    """Floating share in words; `repriced` adds up over the years and can be `most` at most."""
    if repriced > most + 1e-9:
        return "none: all debt at once is too little"
    if years == 1:
        share = needed_floating_share(min(repriced, most), maturing)
    else:
        share = summed_floating_share(repriced, maturing, years)
    return f"{share:.0%}" if share is not None else "none: maturities alone give more"
