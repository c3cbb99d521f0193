"""Whether a survey has told the same story since a year: in how many of its quarters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding, month_words

#: Fewer other stretches give no base rate.
FEWEST_STRETCHES = 20

MEASURES = {
    "tight_share": "share of surveys",
    "last_share": "share of banks",
    "luck": "share of other stretches",
}


class SurveySharesArguments(Arguments):
    """Which survey, over which releases, and how many of them make "has shown"."""

    column: Literal["lending_standards"] = Field(description="survey by quarter, share of banks")
    earliest: Annotated[Month, Field(description="earliest month of release it may count from")]
    latest: Annotated[Month, Field(description="latest month of release it may count from")]
    last: Annotated[Month, Field(description="last month of release that counts")]
    least: Annotated[float, Field(gt=0, le=1, description="share of surveys that is asked")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.earliest <= self.latest <= self.last:
            raise ValueError(
                f"{self.earliest}, {self.latest}, {self.last}: give earliest, latest and last in"
                " their order"
            )
        return self


@dataclass(frozen=True)
class SurveyShares(Study):
    """The finding, and every survey.

    Attributes
    ----------
    surveys : Series
        By month of release: banks that tightened less banks that eased, share.
    """

    surveys: pd.Series = field(repr=False)

    @cached_property
    def counted(self) -> pd.DataFrame:
        """The surveys that count: ``released`` (YYYY-MM), ``net share``, ``said``."""
        arguments = self.specification.arguments
        part = self.surveys.loc[arguments.earliest : arguments.last]
        said = np.select([part > 0, part < 0], ["tighter", "easier"], "no change")
        return pd.DataFrame(
            {"released": part.index.astype(str), "net share": part.to_numpy(), "said": said}
        )


@design(arguments=SurveySharesArguments, measures=MEASURES)
def survey_shares(
    dataset: Dataset, specification: Specification[SurveySharesArguments], sampling: Sampling
) -> SurveyShares:
    """Count the surveys of some quarters that reported tightening, and all other such stretches."""
    arguments = specification.arguments
    surveys = releases(dataset, arguments.column)
    return SurveyShares(
        specification, _finding(dataset, surveys, arguments), pd.DataFrame(), surveys
    )


def releases(dataset: Dataset, column: str) -> pd.Series:
    """A survey by the months it was released in, the second of each quarter; no rows without it."""
    if column not in dataset.monthly:
        return pd.Series(dtype=float, index=dataset.monthly.index[:0])
    known = dataset.monthly[column].dropna()
    return known[known.index.month % 3 == 2]


def _finding(dataset: Dataset, surveys: pd.Series, arguments: SurveySharesArguments) -> Finding:
    if surveys.empty:
        return Finding.refused("needs the latest data: the survey of loan officers", needs="latest")
    last = pd.Period(arguments.last, "M")
    if surveys.index[-1] < last:
        return Finding.refused(
            f"the survey reaches {month_words(str(surveys.index[-1]))}; the figure is of later"
        )
    part = surveys.loc[arguments.earliest : arguments.last]
    lengths = [len(part.loc[month:]) for month in part.index if str(month) <= arguments.latest]
    if not lengths:
        return Finding.refused("no survey was released in the months it may count from")
    tight = (surveys > 0).astype(float)
    shares = pd.concat([tight.rolling(length).mean() for length in lengths], axis=1).dropna()
    best = shares.max(axis=1)
    others = best.drop(part.index[-1], errors="ignore")
    if len(others) < FEWEST_STRETCHES:
        return Finding.refused(f"only {len(others)} other stretches; {FEWEST_STRETCHES} are needed")
    share, luck = float(best[part.index[-1]]), float((others >= arguments.least).mean())
    # of the admissible first surveys the one from which most of the later ones tightened
    part = part.iloc[-max(lengths, key=lambda length: float((part.iloc[-length:] > 0).mean())) :]
    return Finding(
        estimate=share,
        unit="share of surveys that reported net tightening",
        null="none: what a survey reported is a matter of record",
        n=len(part),
        effective_n=float(len(part)),
        sample_start=str(part.index[0]),
        sample_end=str(part.index[-1]),
        finding=(
            f"Of {len(part)} surveys released from {month_words(str(part.index[0]))} to"
            f" {month_words(str(part.index[-1]))} {int((part > 0).sum())} reported that more banks"
            f" tightened than eased, the last one a net {part.iloc[-1]:.0%} of banks."
        ),
        sensitivity=f"Of all other stretches as long, {luck:.0%} would have met the same words.",
        luck=luck,
        measures={"tight_share": share, "last_share": float(part.iloc[-1]), "luck": luck},
    )
