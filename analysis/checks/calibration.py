"""Parameters of the calibration notebook; its study is :func:`analysis.audit.study`.

The study applies verdicts, which stand to the right of the checks.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from analysis.checks.parameters import ChapterParameters


class Parameters(ChapterParameters):
    """Parameters of the calibration notebook: a run small enough to read along."""

    earliest: ClassVar[str] = "1974-01"

    panels: int = Field(2, ge=1, le=100_000, description="simulated panels of each world")
    draws: int = Field(399, ge=99, le=50_000, description="bootstrap samples of a panel")
