"""What the notebook on figures takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters


class Parameters(ChapterParameters):
    """Parameters of the figures notebook; the defaults are the registered specification."""

    tolerance: float = Field(
        0.1, ge=0.01, le=0.5, description="relative difference providers' definitions may leave"
    )
    rounding: float = Field(
        0.05, ge=0.01, le=0.5, description="relative difference rounding may leave inside a note"
    )
    reach: int = Field(
        6, ge=1, le=24, description="months a published figure may lie from the note"
    )
