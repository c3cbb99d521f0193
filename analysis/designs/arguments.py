"""Arguments that many designs share: legs, eras, months, lags and blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.panel import EVERY_LEG
from analysis.panel.eras import ERAS
from analysis.panel.gaps import bases_of
from analysis.panel.portfolios import PORTFOLIOS

if TYPE_CHECKING:
    LegName = str
    PortfolioName = str
    EraName = str
else:
    #: A small-minus-large return by its name in :data:`analysis.panel.EVERY_LEG`.
    LegName = Annotated[
        Literal[tuple(EVERY_LEG)],
        Field(description=f"small minus large, one of {', '.join(EVERY_LEG)}"),
    ]

    #: A portfolio by its name in :data:`analysis.panel.portfolios.PORTFOLIOS`.
    PortfolioName = Annotated[
        Literal[tuple(PORTFOLIOS)],
        Field(description=f"one of {', '.join(PORTFOLIOS)}"),
    ]

    #: Part of the sample, by its name in :data:`analysis.panel.eras.ERAS`.
    EraName = Annotated[
        Literal[tuple(ERAS)],
        Field(description=f"part of the sample, one of {', '.join(ERAS)}"),
    ]

#: Which market value a book value is set against; of both the less favourable counts.
BasisName = Annotated[
    Literal["both", "june", "december"],
    Field(description="basis of book-to-market: market value in June, in December, or both"),
]

#: What stands for the valuation gap.
PredictorName = Annotated[
    Literal["gap", "past_return"],
    Field(description="log book-to-market gap, or minus the leg's past return"),
]

#: How often a predictor is taken, by its name in :data:`analysis.panel.gaps.SAMPLINGS`.
SamplingName = Annotated[
    Literal["monthly", "june"], Field(description="the gap of every month, or of every June")
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


class DayRange(BaseModel):
    """Days that a sentence admits: every session from the earliest to the latest.

    Where the two are the same day, its close or the last one before it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    earliest: Day
    latest: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError(f"the latest day, {self.latest}, lies before {self.earliest}")
        return self


Horizon = Annotated[int, Field(ge=1, le=180, description="months in a window")]

Start = Annotated[
    Literal[0, 1],
    Field(description="window begins in the month of the event (0) or the month after (1)"),
]

HacLags = Annotated[int, Field(ge=0, le=60, description="Newey-West lags, months")]

BlockMonths = Annotated[int, Field(ge=1, le=120, description="mean block of the bootstrap, months")]

Ticker = Annotated[str, Field(pattern=r"^[A-Z]{1,6}$", description="a fund, by its ticker")]

Tolerance = Annotated[
    float, Field(gt=0, le=1, description="distance from the figure that still counts as the figure")
]


def each_basis(chosen: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Specifications of a grid that does not vary the basis, on each one in turn."""
    for one in chosen:
        for basis in bases_of(one["basis"]):
            yield {**one, "basis": basis}
