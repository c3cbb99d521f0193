"""What the notebook on size premium takes."""

from __future__ import annotations

from pydantic import Field

from analysis.checks.parameters import ChapterParameters, LegName
from analysis.panel import LEGS


class Parameters(ChapterParameters):
    """Parameters of the size-premium notebook; the defaults are the registered specification."""

    leg: LegName = Field("smb", description=f"small minus large, one of {', '.join(LEGS)}")
    published: str = Field(
        "1981-01",
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        description="first month after the size effect was known, YYYY-MM",
    )
    margin: float = Field(
        0.02, gt=0, le=0.2, description="annual premium, up or down, that counts as nothing"
    )
    draws: int = Field(2000, ge=100, le=100_000, description="bootstrap draws")
