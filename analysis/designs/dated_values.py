"""What designs of dated figures share: a study drawn by date, its words, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.designs.registry import Study
from analysis.panel import Dataset

#: Columns of values by date: a value, or its range over several first days, decimals.
BY_DATE = ["figure", "reading", "day", "low", "high", "admitted", "matched"]

#: Columns of what is claimed of each figure, and the values that admits.
BANDS = ["figure", "claimed", "low", "high"]

#: In the place of a null.
NO_TEST = "none: the figure is a matter of record; its luck takes the place of a p-value"


@dataclass(frozen=True)
class DatedStudy(Study):
    """A study of a figure by its date.

    Attributes
    ----------
    by_date : DataFrame
        :data:`BY_DATE`, for the admissible days and some around them: ``low`` and ``high`` over the
        admissible first days, whether the day is ``admitted``, and whether the figure, with all
        that are claimed beside it, is ``matched`` on it.
    bands : DataFrame
        :data:`BANDS`; ``claimed`` is missing where no number is claimed.
    """

    by_date: pd.DataFrame
    bands: pd.DataFrame

    @property
    def refused(self) -> str:
        """Why there is nothing to show; empty where there is."""
        return "" if self.finding.refusal is None else self.finding.refusal.reason


def not_yet_made(dataset: Dataset, day: str) -> str | None:
    """Why a figure of some day cannot be judged in a run that ends before it; None where it can.

    The bundled data are refused for what they do not hold.
    """
    if dataset.data != "latest" or dataset.as_of.end_time >= pd.Timestamp(day):
        return None
    return (
        f"not yet made: the figure is of {day_words(day)}, and nothing after"
        f" {dataset.as_of:%B %Y} is seen"
    )


def day_words(day: Any) -> str:
    """A day as prose has it: 2 April 2025."""
    moment = pd.Timestamp(day)
    return f"{moment.day} {moment:%B %Y}"


def share_words(share: float) -> str:
    """A share as prose has it, and never a rounded none."""
    if share == 0:
        return "none"
    return "less than 1%" if share < 0.005 else f"{share:.0%}"


def percent(value: float) -> str:
    """A gain in a sentence, with a decimal where it is below one hundred per cent."""
    text = f"{value:.1%}" if abs(value) < 0.995 else f"{value:.0%}"
    return text.replace("-", "−")
