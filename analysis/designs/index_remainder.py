"""What a claimed gain of a few stocks means for the rest of their index: arithmetic, no test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding

Gain = Annotated[float, Field(gt=-1, description="gain over the period, decimal")]
Weight = Annotated[float, Field(gt=0, lt=1, description="share of the index at the start")]


class IndexRemainderArguments(Arguments):
    """The claimed gains of the index and of a part of it, and the part's possible weights."""

    index_gain: Gain
    part: Annotated[str, Field(min_length=3, description="what the part is called in tables")]
    part_gain: Gain
    weights: Annotated[list[Weight], Field(min_length=1)]


@dataclass(frozen=True)
class IndexRemainder(Study):
    """No finding, for there is no test; the arithmetic as context.

    Attributes
    ----------
    others : DataFrame
        ``weight of <part>, index, <part>, the others``: gains by weight, decimals.
    """

    others: pd.DataFrame


@design(arguments=IndexRemainderArguments, measures={})
def index_remainder(
    dataset: Dataset, specification: Specification[IndexRemainderArguments], sampling: Sampling
) -> IndexRemainder:
    """Work out the gain of an index's other members, for each weight of the part.

    Notes
    -----
    The index gains w times the part's gain plus 1 − w times the others'.
    """
    arguments = specification.arguments
    weight, index, gained = np.array(arguments.weights), arguments.index_gain, arguments.part_gain
    others = pd.DataFrame(
        {
            f"weight of {arguments.part}": weight,
            "index": index,
            arguments.part: gained,
            "the others": (index - weight * gained) / (1.0 - weight),
        }
    )
    context = Finding.refused("the page shows what follows from the figure; nothing tests it")
    return IndexRemainder(specification, context, pd.DataFrame(), others)
