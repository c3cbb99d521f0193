"""A fund against its peers: the printed returns recomputed, and the fund's lead over their mean."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BlockMonths, Day, HacLags
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.alphas import alpha_table
from analysis.inference.premia import Premium, premia, premium
from analysis.panel import Dataset
from analysis.panel.fund_returns import annualised, month_ends, monthly_returns
from analysis.results import Finding, Refusal

MEASURES = {
    "largest_error": "decimal return a year",
    "difference": "decimal return a year",
    "difference_p": "p-value",
}

GRID_COLUMNS = (
    *("peers", "start", "to", "lead", "low", "high", "p", "smallest detectable", "months"),
    "reason",
)

Ticker = Annotated[str, Field(pattern=r"^[A-Z]{2,5}$", description="ticker of a fund")]


class FundComparisonArguments(Arguments):
    """Which funds, and from which close to which."""

    fund: Ticker
    peers: Annotated[
        Ticker | list[Ticker], Field(description="one fund, or several whose mean return is taken")
    ]
    start: Day
    end: Day
    block_months: BlockMonths
    hac_lags: HacLags


@dataclass(frozen=True)
class FundComparison(Study):
    """The finding, and the returns behind it.

    Attributes
    ----------
    spread : Series
        The fund less the mean of its peers, decimal a month, over the claim's period; empty where
        the prices cannot answer.
    dataset : Dataset
    """

    spread: pd.Series = field(repr=False)
    dataset: Dataset = field(repr=False)

    @property
    def difference(self) -> str:
        """How the difference is called."""
        arguments = self.specification.arguments
        return f"{arguments.fund} less the mean of {' and '.join(_listed(arguments.peers))}"

    @cached_property
    def funds(self) -> pd.DataFrame:
        """Printed and recomputed return a year of every fund of the claim and its grid.

        ``fund, printed, recomputed, difference`` (decimals a year, NaN where there is none) and
        ``note``: why a return is not recomputed.
        """
        return _fund_table(self.dataset, self.specification)

    @cached_property
    def growth(self) -> pd.DataFrame:
        """One dollar in the fund and in each peer from the first close on.

        ``month`` (YYYY-MM), ``fund``, ``value`` (dollars); empty where the prices do not cover
        the claim's period.
        """
        return _growth(self.dataset, self.specification)


@design(arguments=FundComparisonArguments, measures=MEASURES, axes=("peers", "start"))
def fund_comparison(
    dataset: Dataset, specification: Specification[FundComparisonArguments], sampling: Sampling
) -> FundComparison:
    """Test whether printed returns come out of the closes, and a lead is more than luck."""
    refusal = _missing(dataset, specification)
    grid = _grid(dataset, specification, sampling, refusal)
    if refusal is not None:
        finding, spread = Finding.refused(refusal.reason, refusal.needs), pd.Series(dtype=float)
    else:
        arguments, (start, end) = specification.arguments, _period(specification)
        returns = monthly_returns(dataset.funds[_names(specification)])
        spread = _lead(returns, arguments.fund, arguments.peers).loc[start + 1 : end]
        finding = _finding(dataset, specification, sampling, spread)
    return FundComparison(specification, finding, grid, spread, dataset)


def _listed(peers: str | list[str]) -> list[str]:
    return [peers] if isinstance(peers, str) else list(peers)


def _names(specification: Specification[FundComparisonArguments]) -> list[str]:
    """The fund, then its peers."""
    arguments = specification.arguments
    return [arguments.fund, *_listed(arguments.peers)]


def _period(specification: Specification[FundComparisonArguments]) -> tuple[pd.Period, pd.Period]:
    """Months of the first and the last close."""
    arguments = specification.arguments
    return pd.Period(arguments.start, "M"), pd.Period(arguments.end, "M")


def _printed(specification: Specification[FundComparisonArguments]) -> dict[str, float]:
    """Figures of the claim by fund, decimal a year."""
    return {one.name: specification.figure(one.name) / 100.0 for one in specification.figures}


def _missing(
    dataset: Dataset, specification: Specification[FundComparisonArguments]
) -> Refusal | None:
    """Why the funds cannot be compared, or None."""
    names = _names(specification)
    start, end = _period(specification)
    if dataset.funds is None:
        fund = specification.arguments.fund
        return Refusal(
            f"needs the latest data: adjusted closes of {fund} and its peers", needs="latest"
        )
    absent = [name for name in names if name not in dataset.funds.columns]
    if absent:
        return Refusal(f"the price folder lacks {', '.join(absent)}", needs="latest")
    if dataset.as_of < end:
        return Refusal(f"the comparison ends in {end}, after {dataset.as_of}")
    held = month_ends(dataset.funds[names]).reindex(pd.period_range(start, end, freq="M"))
    short = [name for name in names if held[name].isna().any()]
    if short:
        return Refusal(f"the prices of {', '.join(short)} do not cover {start} to {end}")
    return None


def _lead(returns: pd.DataFrame, fund: str, peers: str | list[str]) -> pd.Series:
    """A fund less the mean of its peers by month; NaN where one of them has no return."""
    others = returns.reindex(columns=_listed(peers)).mean(axis=1, skipna=False)
    return returns[fund] - others


def _grid(
    dataset: Dataset,
    specification: Specification[FundComparisonArguments],
    sampling: Sampling,
    refusal: Refusal | None,
) -> pd.DataFrame:
    """The fund against each peer from each start, to the claim's end and to the last month."""
    arguments, rows = specification.arguments, []
    choices = list(specification.combinations("start", "peers"))
    if refusal is not None:
        rows = [chosen | {"reason": refusal.reason} for chosen in choices]
        return pd.DataFrame(rows, columns=list(GRID_COLUMNS))
    returns = monthly_returns(dataset.funds)
    leads = {
        " and ".join(_listed(chosen["peers"])): _lead(returns, arguments.fund, chosen["peers"])
        for chosen in choices
    }
    ends = sorted({_period(specification)[1], min(returns.index[-1], dataset.as_of)})
    starts = dict.fromkeys(chosen["start"] for chosen in choices)
    for start, end in itertools.product(starts, ends):
        found = premia(
            pd.DataFrame(leads).loc[pd.Period(start, "M") + 1 : end],
            block=arguments.block_months,
            draws=sampling.draws,
            seed=sampling.seed,
        )
        for peer, lead in found.items():
            rows.append({"peers": peer, "start": start, "to": str(end), **_row(lead)})
    return pd.DataFrame(rows, columns=list(GRID_COLUMNS))


def _row(lead: Premium) -> dict[str, object]:
    if lead.refusal is not None:
        return {"months": lead.n, "reason": lead.refusal.reason}
    return {
        "lead": lead.annual,
        "low": lead.low,
        "high": lead.high,
        "p": lead.p_value,
        "smallest detectable": lead.mde,
        "months": lead.n,
        "reason": "",
    }


def _finding(
    dataset: Dataset,
    specification: Specification[FundComparisonArguments],
    sampling: Sampling,
    spread: pd.Series,
) -> Finding:
    arguments, printed = specification.arguments, _printed(specification)
    fund, *peers = _names(specification)
    lead = premium(spread, block=arguments.block_months, draws=sampling.draws, seed=sampling.seed)
    if lead.refusal is not None:
        return Finding.refused(lead.refusal.reason)
    found = annualised(dataset.funds[[fund, *peers]], *_period(specification))
    errors = {
        name: abs(float(found[name]) - specification.figure(name) / 100.0)
        for name in (fund, *peers)
    }
    outside = [name for name in printed if name not in dataset.funds.columns]
    alphas = alpha_table({"lead": spread}, dataset.monthly, arguments.hac_lags)
    return Finding(
        estimate=lead.annual,
        unit="decimal return a year",
        ci_low=lead.low,
        ci_high=lead.high,
        p_value=lead.p_value,
        n=lead.n,
        effective_n=lead.blocks,
        mde=lead.mde,
        more_needed=lead.more_needed,
        null=f"{fund} has the mean return of {' and '.join(peers)}",
        sample_start=lead.first,
        sample_end=lead.last,
        finding=_words(lead, [fund, *peers], found, printed, errors, outside),
        sensitivity=_alpha_words(alphas),
        measures={
            "largest_error": max(errors.values()),
            "difference": lead.annual,
            "difference_p": lead.p_value,
        },
    )


def _words(
    lead: Premium,
    names: list[str],
    found: pd.Series,
    printed: Mapping[str, float],
    errors: Mapping[str, float],
    outside: list[str],
) -> str:
    fund, *peers = names
    worst = max(errors, key=errors.__getitem__)
    returns = ", ".join(f"{name} {found[name]:.1%} ({printed[name]:.1%} printed)" for name in names)
    verb = "is" if len(outside) == 1 else "are"
    unseen = f" {' and '.join(outside)} {verb} outside the price folder." if outside else ""
    return (
        f"From {lead.first} to {lead.last} closes give {returns} a year; the largest distance is"
        f" {errors[worst]:.1%}, at {worst}.{unseen} {fund} led the"
        f" mean of {' and '.join(peers)} by {lead.annual:+.1%} a year (95% interval"
        f" {lead.low:+.1%} to {lead.high:+.1%}, p {lead.p_value:.3f}); {lead.mde:.1%} would have"
        " been found four times out of five."
    )


def _alpha_words(alphas: pd.DataFrame) -> str:
    """What is left of the lead under the model with the most factors."""
    if alphas.empty:
        return ""
    last = alphas.iloc[-1]
    return (
        f"Beyond the {last['model']} the lead is {last['alpha']:+.1%} a year (95% interval"
        f" {last['low']:+.1%} to {last['high']:+.1%})."
    )


def _fund_table(
    dataset: Dataset, specification: Specification[FundComparisonArguments]
) -> pd.DataFrame:
    printed = _printed(specification)
    refusal = _missing(dataset, specification)
    if refusal is not None:
        table = pd.DataFrame({"printed": pd.Series(printed, dtype=float)})
        table = table.assign(recomputed=float("nan"), note=refusal.reason)
    else:
        others = map(str, specification.grid.get("peers", ()))
        names = list(dict.fromkeys([*printed, *_names(specification), *others]))
        held = [name for name in names if name in dataset.funds.columns]
        found = annualised(dataset.funds[held], *_period(specification)).reindex(names)
        notes = ["" if name in held else "not in the price folder" for name in names]
        table = pd.DataFrame({"printed": pd.Series(printed).reindex(names)}, index=names)
        table = table.assign(recomputed=found, note=notes)
    table["difference"] = table["recomputed"] - table["printed"]
    columns = ["fund", "printed", "recomputed", "difference", "note"]
    return table.rename_axis("fund").reset_index()[columns]


def _growth(
    dataset: Dataset, specification: Specification[FundComparisonArguments]
) -> pd.DataFrame:
    if _missing(dataset, specification) is not None:
        return pd.DataFrame(columns=["month", "fund", "value"])
    start, _ = _period(specification)
    ends = month_ends(dataset.funds[_names(specification)]).loc[start : dataset.as_of]
    grown = (ends / ends.iloc[0]).reset_index()
    grown["month"] = grown["month"].astype(str)
    return grown.melt("month", var_name="fund", value_name="value").dropna()
