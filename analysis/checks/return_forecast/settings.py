"""What the notebook on return forecast takes."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the forecast notebook; the defaults are the registered specification."""

    earliest: ClassVar[str] = "1958-06"

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    horizon: int = Field(120, ge=12, le=180, description="months forecast")
    claimed_gap: float = Field(
        0.08, gt=0, lt=1, description="claimed small minus large, decimal return a year"
    )
    band: float = Field(0.9, gt=0.5, lt=1, description="coverage of the predictive band")
    draws: int = Field(2000, ge=200, le=50_000, description="bootstrap samples")
