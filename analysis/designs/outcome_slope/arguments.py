"""What a claim registers for an outcome after a wide gap or a concentrated market."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    Horizon,
    LegName,
    WidePercentile,
)
from analysis.designs.registry import Arguments
from analysis.designs.regressions import Sign


class OutcomeSlopeArguments(Arguments):
    """What is followed by which outcome, and in which state."""

    leg: LegName
    predictor: Literal["gap", "concentration"] = Field(description="what is wide or high")
    basis: BasisName | None = Field(None, description="of the gap")
    outcome: Literal["lead", "balance", "fall"] = Field(description="what follows, and is judged")
    bound: Annotated[
        float, Field(ge=0, lt=1, description="lead or lag beyond which a balance counts, decimal")
    ]
    horizon: Horizon
    given: Literal["none", "falling_rates", "narrowing_spreads", "both"] = Field(
        description="state in which the slope is compared with that outside it"
    )
    era: EraName
    sign: Sign
    wide_percentile: WidePercentile
    history_months: HistoryMonths

    @model_validator(mode="after")
    def _a_basis_belongs_to_a_gap(self) -> Self:
        if (self.predictor == "gap") == (self.basis is None):
            raise ValueError("a gap needs a basis, and nothing else takes one")
        if (self.outcome == "balance") != (self.bound > 0):
            raise ValueError("a balance needs a bound above zero, and nothing else takes one")
        return self
