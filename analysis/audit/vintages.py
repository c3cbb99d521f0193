"""The core verdicts on two vintages of the same portfolios: what moves when history is revised.

French rebuilds the past of his 25 portfolios whenever the tapes behind them change. An older
vintage holds nothing but those portfolios, so both are judged by them alone: the same legs, the
same rates beside them, and each valuation basis by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from analysis.audit.worlds import Vintages, load_worlds
from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.claims.ledger import as_json
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import BASES, Dataset
from analysis.panel.gaps import BOTH
from analysis.panel.recessions import recession_flags
from analysis.panel.vintage import SIZE_VALUE
from analysis.results import NEWEST, Finding, InputError
from analysis.sources import facts

#: Of every random draw, as in the registered runs.
SEED = 20260101

#: Which history, cut at which month.
OLDER, REVISED, LONGER = "older", "revised", "longer"

COLUMNS = (
    *("claim", "basis", "history", "vintage", "as_of", "verdict", "reason"),
    *("estimate", "unit", "ci_low", "ci_high", "p_value", "n", "sample_start", "sample_end"),
    *("criterion_hash", "conditions"),
)

#: The leg of another file, of which no older vintage is kept.
REGISTERED_LEG = "smb"

_PORTFOLIOS = re.compile(r"s\dv\d|vw_\w+|(bm|op|firms)_(?!\w*_half)\w+")


def vintage_verdicts(older: Dataset, newer: Dataset, draws: int | None = None) -> pd.DataFrame:
    """Judge the claims that the 25 portfolios can carry, on three histories.

    Parameters
    ----------
    older : Dataset
        Of :func:`analysis.panel.vintage.vintage_dataset`.
    newer : Dataset
        The latest data; only its 25 portfolios and the rates of ``data/audit.yml`` are used.
    draws : int or None
        Random draws; None for each chapter's own number.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; for each claim and basis the histories ``older`` (the older vintage),
        ``revised`` (the newer one up to the same month) and ``longer`` (the newer one to its end).
        Between the first two only history was rewritten, between the last two only months added.

    Raises
    ------
    InputError
        When a data set does not name the vintage of its 25 portfolios.
    """
    claims = load_claims()
    asked = load_worlds(claims).vintages
    rates = newer.monthly[[name for name in asked.rates if name in newer.monthly]]
    before, now = _portfolios_alone(older, rates), _portfolios_alone(newer, rates)
    histories = {
        OLDER: seen_at(before, older.as_of),
        REVISED: seen_at(now, older.as_of),
        LONGER: seen_at(now, newer.as_of),
    }
    rows = [
        _row(history, dataset, basis, claims[claim], outcome)
        for history, dataset in histories.items()
        for claim, basis, outcome in outcomes(dataset, claims, asked, draws)
    ]
    place = {name: at for at, name in enumerate((*claims, "", *BASES, BOTH, *histories))}
    rows.sort(key=lambda row: [place[str(row[name])] for name in ("claim", "basis", "history")])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def outcomes(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    asked: Vintages,
    draws: int | None = None,
) -> Iterator[tuple[str, str, Finding]]:
    """Claim, basis (empty where none is registered) and finding of every claim asked for."""
    for name in asked.claims:
        claim = claims[name]
        bases = (*BASES, BOTH) if "basis" in claim.arguments else ("",)
        for basis in bases:
            yield name, basis, _finding(dataset, claim, asked.leg, basis, draws)


def seen_at(dataset: Dataset, as_of: pd.Period) -> Dataset:
    """The data set as a person could have seen its vintage's history at the end of a month."""
    known = facts.load_facts(as_of)
    monthly = dataset.monthly.loc[:as_of]
    flags = recession_flags(monthly.index, known["nber_cycles"])
    return replace(
        dataset,
        monthly=monthly.assign(recession=flags),
        facts=known,
        as_of=as_of,
        valuation=None if dataset.valuation is None else dataset.valuation.loc[:as_of],
    )


def vintage_of(dataset: Dataset) -> str:
    """``YYYYMM`` of the database behind a data set's 25 portfolios."""
    if SIZE_VALUE not in dataset.vintages:
        known = ", ".join(dataset.vintages) or "none"
        raise InputError(f"no vintage of {SIZE_VALUE} (known: {known}); pull the latest data")
    return dataset.vintages[SIZE_VALUE]


def _portfolios_alone(dataset: Dataset, rates: pd.DataFrame) -> Dataset:
    kept = [name for name in dataset.monthly if _PORTFOLIOS.fullmatch(name)]
    monthly = dataset.monthly[kept].join(rates, how="left")
    return replace(dataset, monthly=monthly, daily=None, funds=None)


def _finding(dataset: Dataset, claim: Claim, leg: str, basis: str, draws: int | None) -> Finding:
    """A claim's finding by the leg the portfolios give, on one basis where one is registered."""
    changes = {"leg": leg} if claim.arguments.get("leg") == REGISTERED_LEG else {}
    if basis:
        changes["basis"] = basis
    sampling = Sampling(draws or load_chapters()[claim.chapter].draws or 1, SEED)
    return find_design(str(claim.design)).judge_only(dataset, bind(claim, changes), sampling)


def _row(
    history: str, dataset: Dataset, basis: str, claim: Claim, outcome: Finding
) -> dict[str, object]:
    verdict = decide(
        claim,
        outcome,
        data="latest",
        # each history is all there is of it: what is compared is the rule, not what was known when
        as_of=NEWEST,
        seen_to=str(dataset.as_of),
        snapshot=dataset.snapshot,
        vintages=dataset.vintages,
    )
    record = verdict.as_record()
    record["conditions"] = as_json(record["conditions"])
    own = {"basis": basis, "history": history, "vintage": vintage_of(dataset)}
    own["as_of"] = str(dataset.as_of)
    return {name: own.get(name, record.get(name)) for name in COLUMNS}
