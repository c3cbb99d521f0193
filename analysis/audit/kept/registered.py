"""The registered studies of a data set, each made once for all tables that are kept of it."""

from __future__ import annotations

import functools

from analysis.claims import Claim
from analysis.designs import Sampling, Study, bind, find_design
from analysis.panel import Dataset


def registered_study(dataset: Dataset, claim: Claim, sampling: Sampling) -> Study:
    """What a claim's design makes of a data set by its registered specification."""
    made, key = _studies(_Held(dataset)), (claim.id, sampling)
    if key not in made:
        made[key] = find_design(str(claim.design))(dataset, bind(claim), sampling)
    return made[key]


class _Held:
    """A data set by its identity, so that several tables are made from one set of studies."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.dataset is self.dataset

    def __hash__(self) -> int:
        return id(self.dataset)


@functools.lru_cache(maxsize=1)
def _studies(held: _Held) -> dict[tuple[str, Sampling], Study]:
    return {}
