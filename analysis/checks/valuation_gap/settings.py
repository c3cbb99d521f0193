"""What the notebook on valuation gap takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the valuation-gap notebook; the defaults are the registered specification."""

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    horizon: int = Field(60, ge=1, le=120, description="months of return after a gap")
    wide: float = Field(0.8, gt=0.5, lt=1.0, description="real-time percentile of a wide gap")
    draws: int = Field(2000, ge=200, le=50_000, description="bootstrap samples")
