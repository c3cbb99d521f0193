"""What the notebook on allocation takes."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from analysis.checks.parameters import ChapterParameters


class Parameters(ChapterParameters):
    """Parameters of the allocation notebook; the defaults are the registered specification."""

    earliest: ClassVar[str] = "1950-01"

    core: Literal["s5", "market"] = Field("s5", description="what the sleeve is added to")
    sleeve: Literal["s1v5", "s1v3", "s1", "me1_high_op"] = Field(
        "s1v5", description="small caps that are added"
    )
    sleeve_weight: float = Field(0.2, gt=0, lt=1, description="share of the sleeve, 0 to 1")
    cost: float = Field(0.002, ge=0, le=0.05, description="cost as a share of the amount traded")
    rebalance_months: int = Field(12, ge=1, le=120, description="months between resets")
    leg: Literal["s1", "s1v3", "s1v5", "s3", "lo30"] = Field(
        "s1", description="small caps that are entered"
    )
    stages: int = Field(6, ge=2, le=24, description="equal parts, one a month")
    horizon: int = Field(12, ge=2, le=60, description="months in a window, at least the stages")
    tail: float = Field(0.05, gt=0, lt=0.5, description="lower quantile that is compared")
    block_months: int = Field(12, ge=1, le=120, description="mean block of the bootstrap, months")
    draws: int = Field(2000, ge=100, le=100_000, description="bootstrap draws")
