"""What some industries return beyond the market in months small beats large, against others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    Case,
    ReturnName,
    joint_test,
    joint_words,
    regression_table,
    slope_finding,
    table_words,
)
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.columns import INDUSTRIES
from analysis.panel.eras import in_era
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.panel.industries import industry_lead, missing_industries
from analysis.results import (
    Finding,
    Refusal,
    enumeration,
    first_refusal,
    nearest,
    number_word,
    p_words,
)

MONTHS_A_YEAR = 12.0

AXES = ("leg", "industries", "era")

MEASURES = {
    "lead": "decimal return a year",
    "lead_p": "p-value",
    "lead_low": "decimal return a year",
    "lead_high": "decimal return a year",
    "industries_ahead": "count",
    "sets_as_good": "share",
    "other_lead": "decimal return a year",
    "other_lead_p": "p-value",
}


def _check_industries(value: str) -> str:
    for name in value.split("_"):
        if name not in INDUSTRIES:
            raise ValueError(f"unknown industry {name!r}{nearest(name, INDUSTRIES)}")
    return value


IndustryNames = Annotated[
    str,
    AfterValidator(_check_industries),
    Field(description=f"one or several, joined by _, of {', '.join(INDUSTRIES)}"),
]


class ConditionalIndustryReturnsArguments(Arguments):
    """Which industries, and small minus large by which its months are told apart."""

    leg: ReturnName
    industries: IndustryNames
    other_industries: IndustryNames = Field(description="the list another note gives")
    era: EraName
    hac_lags: HacLags


@dataclass(frozen=True)
class ConditionalIndustryReturns(Study):
    """The finding, and every industry's own lead.

    Attributes
    ----------
    industries : DataFrame
        ``code, industry, lead, low, high, p, named`` (in either list): decimal a year, the highest
        lead first; empty where the data hold no industries or too few months.
    """

    industries: pd.DataFrame

    @property
    def leads(self) -> pd.DataFrame:
        """The specifications that were run: the axes, ``lead, p, months``."""
        named = self.ran.rename(columns={"slope": "lead", "n": "months"})
        named = named.assign(industries=named["industries"].str.replace("_", ", "))
        return named[[*self.specification.grid, "lead", "p", "months"]]


@design(arguments=ConditionalIndustryReturnsArguments, measures=MEASURES, axes=AXES)
def conditional_industry_returns(
    dataset: Dataset,
    specification: Specification[ConditionalIndustryReturnsArguments],
    sampling: Sampling,
) -> ConditionalIndustryReturns:
    """Test whether some industries do better against the market when small beats large."""
    arguments = specification.arguments
    cases = _cases(dataset, specification)
    grid = regression_table(
        list(specification.grid),
        cases,
        lambda case: fit_slope(case.seen, lags=arguments.hac_lags),
        MONTHS_A_YEAR,
    )
    industries = lead_by_industry(dataset, arguments)
    return ConditionalIndustryReturns(
        specification,
        finding=_finding(
            dataset, arguments, industries, grid, joint_test(cases, grid, sampling.seed)
        ),
        grid=grid,
        industries=industries,
    )


def conditional_sample(
    dataset: Dataset, leg: str, industries: tuple[str, ...], era: str = "full"
) -> pd.DataFrame:
    """Industries less the market, and whether small beat large, in months that have both.

    Returns
    -------
    DataFrame
        ``spread`` (decimal a month) and ``driver`` (1 where small beat large, else 0); empty where
        the data set lacks a series.
    """
    if _missing(dataset, leg, industries) is not None:
        return pd.DataFrame(columns=["spread", "driver"], index=dataset.monthly.index[:0])
    ahead = industry_lead(dataset.monthly, industries).rename("spread")
    won = (leg_returns(dataset, leg) > 0).astype(float).rename("driver")
    return in_era(pd.concat([ahead, won], axis=1).dropna(), era)


def lead_by_industry(
    dataset: Dataset, arguments: ConditionalIndustryReturnsArguments
) -> pd.DataFrame:
    """Every industry's own lead, decimal a year, as :class:`ConditionalIndustryReturns` has it."""
    named, rows = [*arguments.industries.split("_"), *arguments.other_industries.split("_")], []
    for code, words in INDUSTRIES.items():
        sample = conditional_sample(dataset, arguments.leg, (code,), arguments.era)
        fit = fit_slope(sample, lags=arguments.hac_lags)
        if fit:
            annual = {"lead": fit.slope, "low": fit.low, "high": fit.high}
            rows.append(
                {"code": code, "industry": words}
                | {name: MONTHS_A_YEAR * value for name, value in annual.items()}
                | {"p": fit.p_value, "named": code in named}
            )
    columns = ["code", "industry", "lead", "low", "high", "p", "named"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("lead", ascending=False, ignore_index=True)


def _cases(
    dataset: Dataset, specification: Specification[ConditionalIndustryReturnsArguments]
) -> list[Case]:
    arguments, cases = specification.arguments, []
    for axes in specification.combinations(*specification.grid):
        leg = str(axes.get("leg", arguments.leg))
        named = tuple(str(axes.get("industries", arguments.industries)).split("_"))
        missing = _missing(dataset, leg, named)
        cases.append(
            Case(
                axes,
                conditional_sample(dataset, leg, named),
                era=str(axes.get("era", arguments.era)),
                market=False,
                reason="" if missing is None else missing.reason,
            )
        )
    return cases


def _finding(
    dataset: Dataset,
    arguments: ConditionalIndustryReturnsArguments,
    industries: pd.DataFrame,
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    named, others = (
        tuple(names.split("_")) for names in (arguments.industries, arguments.other_industries)
    )
    sample, other = (
        conditional_sample(dataset, arguments.leg, names, arguments.era)
        for names in (named, others)
    )
    fit, second = (fit_slope(part, lags=arguments.hac_lags) for part in (sample, other))
    refusal = first_refusal(_missing(dataset, arguments.leg, (*named, *others)), fit, second)
    if refusal is not None:
        return Finding.refused(refusal)
    own = industries.set_index("code")["lead"]
    ahead, as_good = int((own[list(named)] > 0).sum()), share_of_sets(own, named)
    count, every = number_word(len(named)), number_word(len(own))
    return slope_finding(
        fit,
        unit="decimal return a year",
        scale=MONTHS_A_YEAR,
        null="the industries stand to the market in the same way whether small or large wins",
        finding=(
            f"In the {sample['driver'].mean():.0%} of months in which small beat large,"
            f" {_listed(named)} did {_lead(fit)}; {ahead} of the {count} were ahead, and of all"
            f" {every} industries {(own > 0).sum()}. The other note's list, {_listed(others)},"
            f" did {_lead(second)}."
        ),
        sensitivity=(
            f"{as_good:.0%} of all sets of {count} industries lead at least as much;"
            f" {table_words(grid, 1)} {joint_words(joint)} Industries of all sizes stand in for"
            " those among small caps."
        ),
        measures={
            "lead": MONTHS_A_YEAR * fit.slope,
            "lead_p": fit.p_value,
            "lead_low": MONTHS_A_YEAR * fit.low,
            "lead_high": MONTHS_A_YEAR * fit.high,
            "industries_ahead": float(ahead),
            "sets_as_good": as_good,
            "other_lead": MONTHS_A_YEAR * second.slope,
            "other_lead_p": second.p_value,
        },
        joint=joint,
    )


def _lead(fit: Slope) -> str:
    return (
        f"{MONTHS_A_YEAR * fit.slope:+.1%} a year against the market, compared with other months"
        f" (p {p_words(fit.p_value)})"
    )


def share_of_sets(own: pd.Series, named: tuple[str, ...]) -> float:
    """Share of all sets of so many industries whose mean lead is at least that of the named."""
    lead = own[list(named)].mean()
    sets = itertools.combinations(own.to_numpy(), len(named))
    return float(np.mean(np.array([np.mean(one) for one in sets]) >= lead - 1e-12))


def _missing(dataset: Dataset, leg: str, industries: tuple[str, ...]) -> Refusal | None:
    return first_refusal(missing_leg(dataset, leg), missing_industries(dataset.monthly, industries))


def _listed(codes: Sequence[str]) -> str:
    """Finance, manufacturing and energy together; one alone by its name."""
    words = [INDUSTRIES[code] for code in codes]
    if len(words) == 1:
        return words[0]
    return f"{enumeration(words)} together"
