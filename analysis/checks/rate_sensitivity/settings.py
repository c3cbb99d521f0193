"""What the notebook on rate sensitivity takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the rates notebook; the defaults are the registered specification."""

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    hac_lags: int = Field(6, ge=0, le=36, description="Newey-West lags of monthly regressions")
    fall_points: float = Field(
        0.10, gt=0, le=5, description="fall of the bill rate that makes a cut month, in points"
    )
    debt_to_earnings: float = Field(
        5.25, ge=0, le=12, description="calculator: debt over yearly operating earnings, times"
    )
    floating_share: float = Field(
        0.42, ge=0, le=1, description="calculator: share of debt at floating rates"
    )
    maturing_share: float = Field(
        0.75, ge=0, le=1, description="calculator: share of fixed debt due within the horizon"
    )
    reset_gap: float = Field(
        0.03625, ge=0, le=0.10, description="calculator: new rate less old, decimal"
    )
