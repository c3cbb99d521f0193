"""What the notebook on seasonality takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the seasonality notebook; the defaults are the registered specification."""

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    run: int = Field(11, ge=2, le=30, description="winning sessions in a row that make an event")
    horizon_sessions: int = Field(
        252, ge=5, le=1260, description="sessions of the window after an event"
    )
    draws: int = Field(2000, ge=100, le=100_000, description="random calendars of the joint test")
