"""What others published on a topic that no test reads, for reading."""

from __future__ import annotations

import pandas as pd

from analysis.pages.provenance import in_words
from analysis.panel import Dataset

#: Columns of :func:`published_on`.
COLUMNS = ["date", "of", "what", "figure", "published by"]


def published_on(dataset: Dataset, topic: str) -> pd.DataFrame:
    """The published figures of a topic, each with its date, unit and publisher; context, no test.

    Parameters
    ----------
    dataset : Dataset
        A run for an earlier month has what was known by then.
    topic : str
        As in ``data/facts/published_figures.csv``.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, by date; a figure that a later one replaced is left out. No rows where
        nothing was known.
    """
    figures = dataset.facts["published_figures"]
    own = figures[figures["topic"].eq(topic) & figures["superseded_by"].eq("")]
    rows = [
        (in_words(one.date), one.index, one.metric, _figure(one), one.provider)
        for one in own.sort_values("date_low", kind="stable").itertuples(index=False, name="Fact")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _figure(one: object) -> str:
    """A figure or range with its unit; the direction where no figure was given."""
    low, high, unit, direction = (
        getattr(one, name) for name in ("value_low", "value_high", "unit", "direction")
    )
    ends = [f"{end:,g}".replace("-", "−") for end in dict.fromkeys((low, high)) if pd.notna(end)]
    return f"{' to '.join(ends)} {unit}" if ends else f"{direction}, without a figure"
