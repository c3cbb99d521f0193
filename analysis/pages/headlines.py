"""One verdict, one date: the month a verdict speaks of, and what the other run says, in sentences.

The verdict of a claim is that of the newest data it was run on; the other run, which for the data
that ship with the project anyone can repeat, is one sentence beneath.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.pages.provenance import in_words
from analysis.results import NEWEST

#: What a reader calls the two data sets, the one anyone can repeat first.
RUN_NAMES = {"bundled": "the data that ship with the project", "latest": "the newest data"}


def dated(row: Mapping[str, Any]) -> str:
    """The month up to which a run saw data: ``with data to April 2026``."""
    month = month_of(row)
    return f"with data to {month}" if month else "with undated data"


def month_of(row: Mapping[str, Any]) -> str:
    """The last month a run saw, in words; empty where the row does not say.

    That of an outlook is the last month of what it was followed on, be that later than the returns.
    """
    asked = row.get("as_of")
    if row.get("kind") == "outlook" and asked in (NEWEST, None, ""):
        return in_words(max((str(one)[:7] for one in row["reaches"].values()), default=""))
    return in_words(row.get("seen_to") if asked in (NEWEST, None, "") else asked)


def data_name(row: Mapping[str, Any]) -> str:
    """What a reader calls the data of a run: ``the data that ship with the project, to ...``."""
    name = RUN_NAMES["latest" if row.get("data") == "latest" else "bundled"]
    month = month_of(row)
    return f"{name}, to {month}" if month else name


def second_line(shown: Mapping[str, Any], other: Mapping[str, Any] | None) -> str:
    """Whether the run that is not the headline agrees, and why not: one plain sentence.

    Parameters
    ----------
    shown : mapping
        The row or record of the headline.
    other : mapping or None
        The claim's run on the other data; None gives an empty text.
    """
    if other is None:
        return ""
    name = data_name(other)
    name = name[:1].upper() + name[1:]
    if other.get("open_until") and other["open_until"] == shown.get("open_until"):
        return f"{name}, leave it open as well."
    if not other.get("verdict"):
        reason = str(other.get("reason") or "the run was refused").rstrip(".")
        return f"{name}, cannot tell: {reason}."
    if other["verdict"] == shown.get("verdict"):
        return f"{name}, say the same."
    return f"{name}, say otherwise ({other['verdict']}){_why(shown, other)}."


def _why(shown: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What differs first between two runs, in everyday words."""
    if not shown.get("verdict"):
        return ""
    if shown.get("criterion_hash") != other.get("criterion_hash"):
        return ", because the two runs were judged by different versions of the test"
    if shown.get("unit") != other.get("unit"):
        return ", because what can be measured on them differs"
    years = _years_between(shown.get("sample_end"), other.get("sample_end"))
    if years:
        return f", because they end {abs(years)} {_plural(years)} {_side(years)}"
    return ""


def _side(years: int) -> str:
    return "earlier" if years > 0 else "later"


def _plural(years: int) -> str:
    return "year" if abs(years) == 1 else "years"


def _years_between(one: Any, two: Any) -> int:
    """Whole years from the end of the second sample to that of the first; 0 where unknown."""
    if not one or not two:
        return 0
    months = pd.Period(str(one)[:7], "M").ordinal - pd.Period(str(two)[:7], "M").ordinal
    return int(months / 12)
