"""What the notebook on breadth takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the breadth notebook; the defaults are the registered specification."""

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    hac_lags: int = Field(6, ge=0, le=60, description="Newey-West lags, in months")
    block_months: int = Field(12, ge=1, le=120, description="mean block of the bootstrap, months")
    draws: int = Field(2000, ge=100, le=100_000, description="bootstrap draws")
