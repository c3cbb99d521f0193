"""Arguments that many designs share: legs, eras, months, lags and blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from analysis.panel import LEGS
from analysis.panel.eras import ERAS
from analysis.panel.portfolios import PORTFOLIOS

#: A small-minus-large return by its name in :data:`analysis.panel.LEGS`.
LegName = Annotated[
    Literal[tuple(LEGS)],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join(LEGS)}"),
]

#: A portfolio by its name in :data:`analysis.panel.portfolios.PORTFOLIOS`.
PortfolioName = Annotated[
    Literal[tuple(PORTFOLIOS)],  # type: ignore[valid-type]
    Field(description=f"one of {', '.join(PORTFOLIOS)}"),
]

#: Part of the sample, by its name in :data:`analysis.panel.eras.ERAS`.
EraName = Annotated[
    Literal[tuple(ERAS)],  # type: ignore[valid-type]
    Field(description=f"part of the sample, one of {', '.join(ERAS)}"),
]

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
