"""What the notebook on first cut takes."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the first-cut notebook; the defaults are the registered specification."""

    earliest: ClassVar[str] = "1962-01"

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    date_rule: Literal["funds", "discount", "broad", "bank", "zigzag"] = Field(
        "funds", description="which date counts as the first cut"
    )
    horizon: int = Field(12, ge=1, le=60, description="months in a window")
    start: Literal[0, 1] = Field(
        1, description="window begins in the month of the cut (0) or the month after (1)"
    )
    draws: int = Field(5000, ge=100, le=100_000, description="random calendars drawn")
