"""The ledger is what the designs compute: every claim's row, from its design and nothing else."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import pytest

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.claims.ledger import NUMBERS, read_ledger, update_ledger
from analysis.designs import Sampling, bind, design_names, find_design, judge
from analysis.panel import Dataset, load_dataset

BOUND = [claim for claim in load_claims().values() if claim.design in design_names()]
SEED = 20260101

#: What a schema or a neighbour may change; the rest is compared to the last digits kept.
NOT_COMPARED = {
    *("criterion_hash", "design", "fingerprint", "p_adjusted", "snapshot"),
    # not stated by the checks that wrote the stored rows
    *("specifications", "left_out", "conditions"),
}

#: Two machines' linear algebra differ in the last of the six digits.
RELATIVE = 2e-6


def row_of(claim: Claim, dataset: Dataset) -> dict[str, Any]:
    """A claim's row of the ledger, from its design's finding, settled among the stored ones."""
    sampling = Sampling(load_chapters()[claim.chapter].draws or 1, SEED)
    watched, read = dataset.watched()
    study = find_design(str(claim.design))(watched, bind(claim), sampling)
    verdict = judge(claim, study.finding, dataset, read=frozenset(read))
    table = update_ledger(read_ledger(), [verdict.as_record()])
    [row] = table[_is_row(table, claim, dataset)].to_dict("records")
    return row


def _is_row(table: pd.DataFrame, claim: Claim, dataset: Dataset) -> pd.Series:
    return (table["claim"] == claim.id) & (table["data"] == dataset.data)


def differences(claim: Claim, dataset: Dataset) -> list[str]:
    """Every column in which a design's row is not the stored one."""
    table = read_ledger()
    [kept] = table[_is_row(table, claim, dataset)].to_dict("records")
    made = row_of(claim, dataset)
    return [
        f"{name}: {made[name]!r}, stored {kept[name]!r}"
        for name in kept
        if name not in NOT_COMPARED and not _same(name, made[name], kept[name])
    ]


def _same(name: str, made: Any, kept: Any) -> bool:
    if name == "measures":
        made, kept = json.loads(made), json.loads(kept)
        return made.keys() == kept.keys() and all(_close(made[key], kept[key]) for key in made)
    return _close(made, kept) if name in NUMBERS else made == kept


def _close(made: Any, kept: Any) -> bool:
    if made is None or kept is None or made != made or kept != kept:
        return (made is None or made != made) == (kept is None or kept != kept)
    return math.isclose(made, kept, rel_tol=RELATIVE, abs_tol=1e-12)


@pytest.mark.quick(
    "first-cut-12m",
    "premium-vanished",
    "enough-time",
    "gaps-close",
    "dollar",
    "domestic-share",
)
@pytest.mark.parametrize("claim", BOUND, ids=lambda claim: claim.id)
def test_the_bundled_row(claim):
    """Verdict, estimate, interval, p-value, measures and sentences of the bundled run."""
    assert differences(claim, load_dataset("bundled")) == []
