"""What the notebook on quality value takes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analysis.checks.parameters import ChapterParameters


class Parameters(ChapterParameters):
    """Parameters of the notebook; the defaults are the registered specification."""

    value_long: Literal["s1v5", "s3v5"] = Field(
        "s1v5", description="value side: highest BE/ME of the smallest or the middle size fifth"
    )
    value_short: Literal["s1v1", "s1v3", "s3v1"] = Field(
        "s1v1", description="growth side, by size fifth and BE/ME fifth"
    )
    size_fifth: int = Field(1, ge=1, le=5, description="size fifth of the profit screen")
    profit_from: int = Field(3, ge=2, le=5, description="lowest profitability fifth that passes")
    horizon: int = Field(12, ge=1, le=60, description="months after a trough")
    start: Literal[0, 1] = Field(
        1, description="window begins in the month of the trough (0) or the month after (1)"
    )
    block_months: int = Field(12, ge=1, le=60, description="mean block of the bootstrap, months")
    fund_block_months: int = Field(6, ge=1, le=24, description="mean block for the fund, months")
    hac_lags: int = Field(6, ge=0, le=36, description="Newey-West lags of the factor regressions")
    draws: int = Field(2000, ge=100, le=20_000, description="bootstrap draws")
