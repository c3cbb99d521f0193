"""Every claim as it would have been judged at the end of each year since its data begin.

The data are cut at each December, facts at what was known then, and today's criteria are applied:
the rule is the same in every year, only what it may see grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.claims.ledger import read_ledger, settle_records
from analysis.claims.verdicts import Verdict
from analysis.designs import Sampling, bind, find_design, judge
from analysis.panel import load_dataset

#: Of every random draw, as in the registered runs.
SEED = 20260101

COLUMNS = (
    *("claim", "data", "month", "verdict"),
    *("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "criterion_hash"),
)

BUNDLED, LATEST = "bundled", "latest"

#: The first December that a verdict can be given in.
FIRST_YEAR = 1931

#: Called with what is counted, how many are done and how many there are.
Progress = Callable[[str, int, int], None]


def year_ends() -> list[str]:
    """Every December that has passed in the latest data, ``YYYY-MM``."""
    last = load_dataset(LATEST).as_of
    return [f"{year}-12" for year in range(FIRST_YEAR, last.year + 1) if f"{year}-12" <= str(last)]


def data_for(claim: Claim, month: str) -> str:
    """Which data set speaks for a claim in a month.

    What ships with the project where it can carry the claim, as far as it reaches; the latest data
    for the other claims and for the months since.
    """
    ships = claim.needs == BUNDLED and month <= str(load_dataset(BUNDLED).as_of)
    return BUNDLED if ships else LATEST


def dated_verdicts(
    months: Iterable[str] | None = None,
    *,
    claims: Mapping[str, Claim] | None = None,
    draws: int | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Judge every claim at the end of every year.

    Parameters
    ----------
    months : iterable of str, optional
        ``YYYY-MM``; every December by default.
    claims : mapping of str to Claim, optional
        The committed claims by default.
    draws : int, optional
        Random draws; each chapter's own number by default.
    jobs : int
        Months judged at once.
    progress : callable, optional

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, in the order of the claim files and of the months: a row for each claim and
        month that got a verdict, settled among the claims of that month. Numbers are in the unit
        of the claim's estimand. A claim that no open data can test has no row.

    Raises
    ------
    InputError
        For a month outside the data, or without the latest data.
    """
    from joblib import Parallel, delayed

    chosen = load_claims() if claims is None else claims
    asked = year_ends() if months is None else list(months)
    made = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(judged_at)(month, chosen, draws) for month in asked
    )
    found: list[dict[str, Any]] = []
    for done, rows in enumerate(made, 1):
        found += rows
        if progress is not None:
            progress("months", done, len(asked))
    order = {claim: place for place, claim in enumerate(chosen)}
    found.sort(key=lambda row: (order[row["claim"]], row["month"]))
    return pd.DataFrame(found, columns=list(COLUMNS))


def judged_at(
    month: str, claims: Mapping[str, Claim], draws: int | None = None
) -> list[dict[str, Any]]:
    """The rows of one month: claims with a verdict, settled among all that were judged."""
    records = [one.as_record() for one in _judged(month, claims, draws)]
    # one family, whichever data set a claim was judged on
    settled = settle_records(({**one, "data": LATEST} for one in records), read_ledger())
    return [
        {name: row[name] for name in COLUMNS if name in row}
        | {"month": month, "data": record["data"]}
        for row, record in zip(settled, records, strict=True)
        if row["verdict"] is not None
    ]


def _judged(month: str, claims: Mapping[str, Claim], draws: int | None) -> Iterator[Verdict]:
    datasets = {name: load_dataset(name, month) for name in _needed(month, claims)}
    chapters = load_chapters()
    for claim in claims.values():
        entry = chapters[claim.chapter]
        if claim.design is None or claim.untestable or month < entry.earliest:
            continue
        dataset = datasets[data_for(claim, month)]
        sampling = Sampling(draws or entry.draws or 1, SEED)
        finding = find_design(claim.design).judge_only(dataset, bind(claim), sampling)
        yield judge(claim, finding, dataset, read=frozenset())


def _needed(month: str, claims: Mapping[str, Claim]) -> set[str]:
    return {data_for(claim, month) for claim in claims.values()}
