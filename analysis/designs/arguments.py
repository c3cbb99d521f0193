"""Arguments that many designs share: legs, eras, months, lags and blocks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from analysis.panel import LEGS
from analysis.panel.eras import ERAS
from analysis.panel.gaps import BASES, BOTH, SAMPLINGS, bases_of

#: A small-minus-large return by its name in :data:`analysis.panel.LEGS`.
LegName = Annotated[
    Literal[tuple(LEGS)],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join(LEGS)}"),
]

#: Part of the sample, by its name in :data:`analysis.panel.eras.ERAS`.
EraName = Annotated[
    Literal[tuple(ERAS)],  # type: ignore[valid-type]
    Field(description=f"part of the sample, one of {', '.join(ERAS)}"),
]

#: Which market value a book value is set against; of both the less favourable counts.
BasisName = Annotated[
    Literal[(BOTH, *BASES)],  # type: ignore[valid-type]
    Field(description=f"basis of book-to-market, one of {', '.join((BOTH, *BASES))}"),
]

#: What stands for the valuation gap.
PredictorName = Annotated[
    Literal["gap", "past_return"],
    Field(description="log book-to-market gap, or minus the leg's past return"),
]

#: How often a predictor is taken, by its name in :data:`analysis.panel.gaps.SAMPLINGS`.
SamplingName = Annotated[
    Literal[tuple(SAMPLINGS)],  # type: ignore[valid-type]
    Field(description=f"how often the gap is taken, one of {', '.join(SAMPLINGS)}"),
]

#: Real-time percentile above which a gap is wide.
WidePercentile = Annotated[
    float, Field(gt=0.5, lt=1.0, description="real-time percentile of a wide gap")
]

#: Months of history before a real-time percentile is taken.
HistoryMonths = Annotated[int, Field(ge=1, description="months before a percentile is taken")]

#: A month, ``YYYY-MM``.
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM")]

#: A day, ``YYYY-MM-DD``.
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", description="YYYY-MM-DD"),
]

Horizon = Annotated[int, Field(ge=1, le=180, description="months in a window")]

Start = Annotated[
    Literal[0, 1],
    Field(description="window begins in the month of the event (0) or the month after (1)"),
]

HacLags = Annotated[int, Field(ge=0, le=60, description="Newey-West lags, months")]

BlockMonths = Annotated[int, Field(ge=1, le=120, description="mean block of the bootstrap, months")]


def combinations(
    grid: Mapping[str, tuple[Any, ...]], arguments: BaseModel, axes: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Every specification of a grid, as the value of each of some arguments.

    An argument that the grid does not vary keeps its own value, both bases one after the other.
    Nothing without a grid.
    """
    if grid:
        own = {axis: (getattr(arguments, axis),) for axis in axes}
        if "basis" in own:
            own["basis"] = bases_of(*own["basis"])
        for values in itertools.product(*(grid.get(axis, own[axis]) for axis in axes)):
            yield dict(zip(axes, values, strict=True))
