"""The central claims' registered tests on funds that can be bought.

Shown beside the registered tests and part of no registered grid; the registered primaries stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.audit.supplements.spreads import CENTRAL, FUNDS, SAME_MONTHS, spread
from analysis.claims import Claim, load_claims
from analysis.claims.ledger import others_of, read_ledger
from analysis.designs import Sampling, bind, find_design, judge
from analysis.panel import Dataset
from analysis.panel.legs import OWN
from analysis.results import InputError

#: Of the tests with another leg.
SAMPLING = Sampling(draws=999, seed=20260101)

VERDICTS = [
    *("claim", "leg", "first", "last", "verdict", "reason", "estimate", "low", "high", "p", "n")
]


def index_verdicts(dataset: Dataset) -> pd.DataFrame:
    """What the registered rule of each central claim says of other legs.

    Each central claim whose registered leg is SMB is tested with SMB as registered, with SMB over
    the months that IWM has, and with each pair of funds; everything else as registered, without the
    grid, its p-value adjusted for the other claims' of the ledger. So a row that differs from the
    first by its months alone can be told from one that differs by its leg.

    Returns
    -------
    DataFrame
        :data:`VERDICTS`; ``reason`` is why there is no verdict, empty where there is one.
    """
    held = [leg for leg in FUNDS if len(spread(dataset, leg))]
    if not held:
        return pd.DataFrame(columns=VERDICTS)
    months = spread(dataset, held[0]).index
    variants: dict[str, pd.Series | None] = {CENTRAL: None}
    same = spread(dataset, CENTRAL)
    variants[SAME_MONTHS] = same[same.index.isin(months)]
    variants |= {leg: spread(dataset, leg) for leg in held}
    rows = []
    for claim in central_claims():
        for leg, returns in variants.items():
            rows.append((claim.id, leg, *_verdict(dataset, claim, returns)))
    return pd.DataFrame(rows, columns=VERDICTS)


def central_claims() -> Iterator[Claim]:
    """Core claims whose registered leg is SMB, in the order of the files."""
    for claim in load_claims().values():
        if claim.kind == "core" and claim.arguments.get("leg") == CENTRAL:
            yield claim


def _verdict(dataset: Dataset, claim: Claim, returns: pd.Series | None) -> tuple[object, ...]:
    """First and last month, verdict, reason and numbers of one claim with one leg."""
    design, changes, seen = find_design(str(claim.design)), {}, dataset
    if returns is not None:
        monthly = dataset.monthly.assign(**{OWN.name: returns.reindex(dataset.monthly.index)})
        seen, changes = replace(dataset, monthly=monthly), {"leg": OWN.name}
    specification = bind(claim, changes)
    try:
        finding = design.judge_only(seen, specification, SAMPLING)
    except InputError as error:
        return ("", "", "", str(error), *[np.nan] * 5)
    if finding.refusal is not None:
        return ("", "", "", finding.refusal.reason, *[np.nan] * 5)
    others = others_of(claim.id, seen.data, seen.asked, read_ledger())
    verdict = judge(claim, finding, seen, specification.deviations, others=others).as_record()
    numbers = (finding.estimate, finding.ci_low, finding.ci_high, finding.p_value, finding.n)
    return (
        *(finding.sample_start, finding.sample_end, verdict["verdict"] or "", ""),
        *(np.nan if one is None else float(one) for one in numbers),
    )
