"""What every chart says above itself: its finding, what is drawn and in which unit, and the source.

Vega breaks no lines, so they are broken here; a telephone shows about as many characters.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from analysis.results import month_words
from analysis.texts import in_prose

if TYPE_CHECKING:
    import altair as alt

    Chart = TypeVar("Chart", bound=alt.TopLevelMixin)
else:
    Chart = TypeVar("Chart")

#: Characters in a line of a title, and of what stands under it.
TITLE_WIDTH, SUBTITLE_WIDTH = 58, 78

#: Who made what the charts draw.
RETURNS = "Kenneth R. French's data library"
CLOSES = "adjusted closes of the funds"
RATES = f"{RETURNS}, the Federal Reserve"


def titled(chart: Chart, finding: str, drawn: str, source: str) -> Chart:
    """A chart under its finding.

    Parameters
    ----------
    chart : altair chart
    finding : str
        What it shows, with its number; made from results. It begins with a capital.
    drawn : str
        What is plotted, with its unit.
    source : str
        Whose data, and how far they reach.
    """
    import altair as alt

    lines = [line for text in (drawn, source) for line in _wrapped(text, SUBTITLE_WIDTH)]
    told = finding[:1].upper() + finding[1:]
    title = alt.TitleParams(_wrapped(told, TITLE_WIDTH), subtitle=lines)
    made: Any = chart
    return made.properties(title=title)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(in_prose(text), width)


def source_line(last: pd.Period | pd.Timestamp | str, who: str = RETURNS) -> str:
    """Source and last month of a chart: "Source: …, to November 2018."."""
    month = f"{last:%Y-%m}" if isinstance(last, pd.Timestamp) else str(last)[:7]
    return f"Source: {who}{f', to {month_words(month)}' if month else ''}."


def source_of(study: Any, who: str = RETURNS) -> str:
    """Source of a study's chart and the last month it used, if it was not refused."""
    return source_line(str(study.finding.sample_end or ""), who)


def ahead(value: float) -> str:
    """A lead of small caps in a title: "4.8 points ahead of large caps"."""
    return f"{points(abs(value))} points {'ahead of' if value >= 0 else 'behind'} large caps"


def counted(found: int, among: int) -> str:
    """So many of so many in words: "all 10", "both", "3 of 10", "none of 10"."""
    if found == among and among > 1:
        return "both" if among == 2 else f"all {among}"
    return f"{found or 'none'} of {among}"


def span(low: float, high: float) -> str:
    """Two shares as a range, or one where they round to the same: "31% to 49%", "53%"."""
    ends = [f"{low:.0%}", f"{high:.0%}"]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def points(value: float, digits: int = 1) -> str:
    """Per cent points in a title, with a minus sign: 4.8, −0.3."""
    return f"{100 * value:.{digits}f}".replace("-", "−")
