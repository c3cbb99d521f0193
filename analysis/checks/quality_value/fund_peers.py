"""A fund against its peers: the printed returns, and the lead with its interval."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pandas as pd

from analysis.checks.mean_premia import Premium, mean_table, premium
from analysis.claims import Claim
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.fund_returns import annualised, month_ends, monthly_returns
from analysis.results import Evidence, Refusal

#: Peers whose figures the note prints and the price folder can hold.
PEERS = ("VBR", "IJS")

#: Printed in the note, a mutual fund outside the price folder.
NOT_HELD = "DFSVX"


def period_of(claim: Claim) -> tuple[pd.Period, pd.Period]:
    """Months of the first and the last close."""
    start, end = (pd.Period(str(claim.primary[name]), "M") for name in ("start", "end"))
    return start, end


def missing_prices(dataset: Dataset, claim: Claim, names: tuple[str, ...]) -> Refusal | None:
    """Why the funds cannot be compared, or None."""
    if dataset.funds is None:
        return Refusal(
            "needs the latest data: adjusted closes of AVUV and its peers", needs="latest"
        )
    absent = [name for name in names if name not in dataset.funds.columns]
    if absent:
        return Refusal(f"the price folder lacks {', '.join(absent)}", needs="latest")
    start, end = period_of(claim)
    if dataset.as_of < end:
        return Refusal(f"the comparison ends in {end}, after {dataset.as_of}")
    held = month_ends(dataset.funds[list(names)]).reindex(pd.period_range(start, end, freq="M"))
    short = [name for name in names if held[name].isna().any()]
    if short:
        return Refusal(f"the prices of {', '.join(short)} do not cover {start} to {end}")
    return None


def fund_table(dataset: Dataset, claim: Claim) -> pd.DataFrame:
    """Printed and recomputed return a year of every fund of the claim and its grid.

    Returns
    -------
    DataFrame
        ``fund, printed, recomputed, difference`` (decimals a year, NaN where there is none),
        ``note``: why a return is not recomputed.
    """
    printed = printed_returns(claim)
    names = list(dict.fromkeys([*printed, *map(str, claim.grid["peers"])]))
    table = pd.DataFrame({"printed": pd.Series(printed).reindex(names)}, index=names)
    refused = missing_prices(dataset, claim, (str(claim.primary["fund"]), *PEERS))
    if refused is not None:
        table = table.loc[list(printed)].assign(recomputed=float("nan"), note=refused.reason)
    else:
        held = [name for name in names if name in dataset.funds.columns]
        found = annualised(dataset.funds[held], *period_of(claim)).reindex(names)
        notes = ["" if name in held else "not in the price folder" for name in names]
        table = table.assign(recomputed=found, note=notes)
    table["difference"] = table["recomputed"] - table["printed"]
    columns = ["fund", "printed", "recomputed", "difference", "note"]
    return table.rename_axis("fund").reset_index()[columns]


def printed_returns(claim: Claim) -> dict[str, float]:
    """Figures of the claim by fund, decimal a year."""
    return {figure.name: float(figure.value) / 100.0 for figure in claim.figures}


def fund_growth(dataset: Dataset, claim: Claim) -> pd.DataFrame:
    """One dollar in each fund from the first close of the claim on.

    Returns
    -------
    DataFrame
        ``month`` (YYYY-MM), ``fund``, ``value`` (dollars); empty where the prices do not reach.
    """
    names = (str(claim.primary["fund"]), *PEERS)
    if missing_prices(dataset, claim, names) is not None:
        return pd.DataFrame(columns=["month", "fund", "value"])
    ends = month_ends(dataset.funds[list(names)]).loc[period_of(claim)[0] : dataset.as_of]
    grown = (ends / ends.iloc[0]).reset_index()
    grown["month"] = grown["month"].astype(str)
    return grown.melt("month", var_name="fund", value_name="value").dropna()


def fund_lead(dataset: Dataset, claim: Claim) -> pd.Series | None:
    """The fund less the mean of its peers by month over the claim's period; None without prices."""
    fund = str(claim.primary["fund"])
    if missing_prices(dataset, claim, (fund, *PEERS)) is not None:
        return None
    start, end = period_of(claim)
    returns = monthly_returns(dataset.funds[[fund, *PEERS]]).loc[start + 1 : end]
    return returns[fund] - returns[list(PEERS)].mean(axis=1, skipna=False)


def lead_table(
    dataset: Dataset, claim: Claim, *, block: float, draws: int, seed: int
) -> pd.DataFrame:
    """The fund against each peer of the grid, from each start, to the claim's end and to the last.

    Returns
    -------
    DataFrame
        ``peer, after, to, lead`` (a year), ``low, high, p, smallest detectable, months``; decimals.
    """
    columns = ["peer", "after", "to", "lead", "low", "high", "p", "smallest detectable", "months"]
    fund = str(claim.primary["fund"])
    if missing_prices(dataset, claim, (fund, *PEERS)) is not None:
        return pd.DataFrame(columns=columns)
    end = period_of(claim)[1]
    returns = monthly_returns(dataset.funds)
    peers = [str(name) for name in claim.grid["peers"] if name in returns.columns]
    leads = returns[peers].rsub(returns[fund], axis=0)
    samples = itertools.product(
        [pd.Period(str(day), "M") for day in claim.grid["start"]],
        sorted({end, min(returns.index[-1], dataset.as_of)}),
    )
    tables = [
        mean_table(leads.loc[start + 1 : last], block=block, draws=draws, seed=seed).assign(
            after=str(start), to=str(last)
        )
        for start, last in samples
    ]
    found = pd.concat(tables, ignore_index=True).rename(
        columns={"spread": "peer", "annual": "lead"}
    )
    found["smallest detectable"] = found["error"].map(minimum_detectable)
    return found[columns]


def fund_evidence(
    dataset: Dataset,
    claim: Claim,
    alphas: pd.DataFrame,
    *,
    block: float,
    draws: int,
    seed: int,
) -> Evidence | Refusal:
    """Claim avuv-vs-peers: the fund's printed return, and its lead over its peers."""
    fund = str(claim.primary["fund"])
    refused = missing_prices(dataset, claim, (fund, *PEERS))
    if refused is not None:
        return refused
    start, end = period_of(claim)
    returns = monthly_returns(dataset.funds[[fund, *PEERS]]).loc[start + 1 : end]
    peers = returns[list(PEERS)].mean(axis=1, skipna=False)
    lead = premium(returns[fund], peers, block=block, draws=draws, seed=seed)
    if isinstance(lead, Refusal):
        return lead
    printed = printed_returns(claim)
    found = annualised(dataset.funds[[fund, *PEERS]], start, end)
    errors = {name: abs(float(found[name]) - printed[name]) for name in (fund, *PEERS)}
    return Evidence(
        claim="avuv-vs-peers",
        estimate=lead.annual,
        unit="decimal return a year",
        ci_low=lead.low,
        ci_high=lead.high,
        p_value=lead.p_value,
        n=lead.n,
        effective_n=lead.blocks,
        mde=lead.mde,
        more_needed=lead.more_needed,
        null=f"{fund} has the mean return of {' and '.join(PEERS)}",
        sample_start=lead.first,
        sample_end=lead.last,
        finding=_finding(fund, found, printed, errors, lead),
        sensitivity=_alpha_words(alphas),
        measures={
            "largest_error": max(errors.values()),
            "difference": lead.annual,
            "difference_p": lead.p_value,
        },
    )


def _finding(
    fund: str,
    found: pd.Series,
    printed: Mapping[str, float],
    errors: Mapping[str, float],
    lead: Premium,
) -> str:
    worst = max(errors, key=errors.__getitem__)
    returns = ", ".join(
        f"{name} {found[name]:.1%} ({printed[name]:.1%} printed)" for name in errors
    )
    return (
        f"From {lead.first} to {lead.last} closes give {returns} a year; the largest distance is"
        f" {errors[worst]:.1%}, at {worst}. {NOT_HELD} is outside the price folder. {fund} led the"
        f" mean of {' and '.join(PEERS)} by {lead.annual:+.1%} a year (95% interval"
        f" {lead.low:+.1%} to {lead.high:+.1%}, p {lead.p_value:.3f}); {lead.mde:.1%} would have"
        " been found four times out of five."
    )


def _alpha_words(alphas: pd.DataFrame) -> str:
    if alphas.empty:
        return ""
    last = alphas.iloc[-1]
    return (
        f"Beyond the {last['model']} the lead is {last['alpha']:+.1%} a year (95% interval"
        f" {last['low']:+.1%} to {last['high']:+.1%})."
    )
