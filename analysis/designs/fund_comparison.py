"""A fund against its peers: the printed returns recomputed, and the fund's lead over their mean."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BlockMonths, Day, HacLags
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.alphas import alpha_table
from analysis.inference.mean_grids import mean_grid
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
    closes : DataFrame
        Of the price folder, up to the month seen; empty without one.
    """

    spread: pd.Series = field(repr=False)
    closes: pd.DataFrame = field(repr=False)

    @property
    def difference(self) -> str:
        """How the difference is called."""
        arguments = self.specification.arguments
        return f"{arguments.fund} less the mean of {_joined(arguments.peers)}"

    @cached_property
    def funds(self) -> pd.DataFrame:
        """Printed and recomputed return a year of every fund of the claim and its grid.

        ``fund, printed, recomputed, difference`` (decimals a year, NaN where there is none) and
        ``note``: why a return is not recomputed.
        """
        arguments, printed = self.specification.arguments, printed_returns(self.specification)
        refusal, names, held = self.finding.refusal, list(printed), []
        reason = "" if refusal is None else refusal.reason
        if not self.spread.empty:
            others = map(str, self.specification.grid.get("peers", ()))
            names = list(dict.fromkeys([*printed, *_names(arguments), *others]))
            held = [name for name in names if name in self.closes.columns]
            reason = "not in the price folder"
        table = pd.DataFrame({"fund": names, "printed": [printed.get(name) for name in names]})
        found = annualised(self.closes[held], *_period(arguments)) if held else {}
        table["recomputed"] = table["fund"].map(found).astype(float)
        table["difference"] = table["recomputed"] - table["printed"]
        return table.assign(note=["" if name in held else reason for name in names])

    @cached_property
    def growth(self) -> pd.DataFrame:
        """One dollar in the fund and in each peer from the first close on.

        ``month`` (YYYY-MM), ``fund``, ``value`` (dollars); empty where the prices do not cover
        the claim's period.
        """
        arguments = self.specification.arguments
        if self.spread.empty:
            return pd.DataFrame(columns=["month", "fund", "value"])
        start, _ = _period(arguments)
        ends = month_ends(self.closes[_names(arguments)]).loc[start:]
        grown = (ends / ends.iloc[0]).reset_index()
        grown["month"] = grown["month"].astype(str)
        return grown.melt("month", var_name="fund", value_name="value").dropna()


@design(arguments=FundComparisonArguments, measures=MEASURES, axes=("peers", "start"))
def fund_comparison(
    dataset: Dataset, specification: Specification[FundComparisonArguments], sampling: Sampling
) -> FundComparison:
    """Test whether printed returns come out of the closes, and a lead is more than luck."""
    arguments, choices = specification.arguments, list(specification.combinations("start", "peers"))
    drawn = {"block": arguments.block_months, "draws": sampling.draws, "seed": sampling.seed}
    closes = pd.DataFrame() if dataset.funds is None else dataset.funds.loc[: str(dataset.as_of)]
    refusal = _missing(closes, dataset.as_of, arguments)
    if refusal is not None:
        finding = Finding.refused(refusal)
        rows = [chosen | {"reason": refusal.reason} for chosen in choices]
        spread = pd.Series(dtype=float)
    else:
        start, end = _period(arguments)
        returns = monthly_returns(closes)
        spread = _lead(returns, arguments.fund, arguments.peers).loc[start + 1 : end]
        alphas = alpha_table({"": spread}, dataset.monthly, arguments.hac_lags)
        joint = _joint_p(returns, arguments, choices, end, drawn)
        finding = _finding(closes, specification, premium(spread, **drawn), alphas, joint)
        ends = sorted({end, returns.index[-1]})
        rows = _leads(returns, arguments.fund, choices, ends, drawn)
    grid = pd.DataFrame(rows, columns=list(GRID_COLUMNS))
    return FundComparison(specification, finding, grid, spread, closes)


def printed_returns(specification: Specification[FundComparisonArguments]) -> dict[str, float]:
    """Figures of the note by fund, decimal a year."""
    return {one.name: specification.figure(one.name) / 100.0 for one in specification.figures}


def _listed(peers: str | list[str]) -> list[str]:
    return [peers] if isinstance(peers, str) else list(peers)


def _joined(peers: str | list[str]) -> str:
    return " and ".join(_listed(peers))


def _names(arguments: FundComparisonArguments) -> list[str]:
    """The fund, then its peers."""
    return [arguments.fund, *_listed(arguments.peers)]


def _period(arguments: FundComparisonArguments) -> tuple[pd.Period, pd.Period]:
    """Months of the first and the last close."""
    return pd.Period(arguments.start, "M"), pd.Period(arguments.end, "M")


def _missing(
    closes: pd.DataFrame, as_of: pd.Period, arguments: FundComparisonArguments
) -> Refusal | None:
    """Why the funds cannot be compared, or None."""
    names, (start, end) = _names(arguments), _period(arguments)
    if closes.columns.empty:
        reason = f"needs the latest data: adjusted closes of {names[0]} and its peers"
        return Refusal(reason, needs="latest")
    absent = [name for name in names if name not in closes.columns]
    if absent:
        return Refusal(f"the price folder lacks {', '.join(absent)}", needs="latest")
    if as_of < end:
        return Refusal(f"the comparison ends in {end}, after {as_of}")
    held = month_ends(closes[names]).reindex(pd.period_range(start, end, freq="M"))
    short = [name for name in names if held[name].isna().any()]
    if short:
        return Refusal(f"the prices of {', '.join(short)} do not cover {start} to {end}")
    return None


def _lead(returns: pd.DataFrame, fund: str, peers: str | list[str]) -> pd.Series:
    """A fund less the mean of its peers by month; NaN where one of them has no return."""
    return returns[fund] - returns.reindex(columns=_listed(peers)).mean(axis=1, skipna=False)


def _leads(
    returns: pd.DataFrame,
    fund: str,
    choices: list[dict[str, Any]],
    ends: list[pd.Period],
    drawn: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Rows of the grid: against each peer, from each start, to each end."""
    peers = {_joined(chosen["peers"]): chosen["peers"] for chosen in choices}
    leads = pd.DataFrame({name: _lead(returns, fund, side) for name, side in peers.items()})
    starts = dict.fromkeys(chosen["start"] for chosen in choices)
    return [
        {"peers": name, "start": start, "to": str(end), **_row(lead)}
        for start, end in itertools.product(starts, ends)
        for name, lead in premia(leads.loc[pd.Period(start, "M") + 1 : end], **drawn).items()
    ]


def _joint_p(
    returns: pd.DataFrame,
    arguments: FundComparisonArguments,
    choices: list[dict[str, Any]],
    end: pd.Period,
    drawn: Mapping[str, int],
) -> float | None:
    """p-value of the median lead over every peer and first month, up to the claim's last month."""
    samples = [
        _lead(returns, arguments.fund, one["peers"])
        .loc[pd.Period(one["start"], "M") + 1 : end]
        .dropna()
        for one in choices
    ]
    grid = mean_grid(samples, pd.DataFrame(choices), **drawn)
    return grid.p_value if grid else None


def _row(lead: Premium) -> dict[str, Any]:
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
    closes: pd.DataFrame,
    specification: Specification[FundComparisonArguments],
    lead: Premium,
    alphas: pd.DataFrame,
    joint: float | None,
) -> Finding:
    if lead.refusal is not None:
        return Finding.refused(lead.refusal.reason)
    arguments, printed = specification.arguments, printed_returns(specification)
    names, peers = _names(arguments), _joined(arguments.peers)
    found = annualised(closes[names], *_period(arguments))
    errors = {name: abs(float(found[name]) - printed[name]) for name in names}
    worst = max(errors, key=errors.__getitem__)
    returns = ", ".join(f"{name} {found[name]:.1%} ({printed[name]:.1%} printed)" for name in names)
    outside = " and ".join(name for name in printed if name not in closes.columns)
    unseen = f" {outside} {'are' if ' and ' in outside else 'is'} outside the price folder."
    return Finding(
        **lead.headline(),
        null=f"{arguments.fund} has the mean return of {peers}",
        finding=(
            f"From {lead.first} to {lead.last} closes give {returns} a year; the largest distance"
            f" is {errors[worst]:.1%}, at {worst}.{unseen if outside else ''} {arguments.fund} led"
            f" the mean of {peers} by {lead.annual:+.1%} a year (95% interval {lead.low:+.1%} to"
            f" {lead.high:+.1%}, p {lead.p_value:.3f}); {lead.mde:.1%} would have been found four"
            " times out of five."
        ),
        sensitivity=_alpha_words(alphas),
        joint_p=joint,
        measures={
            "largest_error": max(errors.values()),
            "difference": lead.annual,
            "difference_p": lead.p_value,
        },
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
