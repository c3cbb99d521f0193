"""What a claimed gain of a few stocks leaves for the rest of their index."""

import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.index_remainder import index_remainder
from analysis.panel import load_dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "index_remainder"]


def test_the_others_without_the_part_add_up_to_the_index():
    """Weights times gains give the index's gain again; it is context, and no finding."""
    study = index_remainder(load_dataset(), bind(CLAIM), Sampling(1, 1))
    table = study.others
    weight = table["weight of the seven"]
    total = weight * table["the seven"] + (1 - weight) * table["the others"]
    assert total.to_numpy() == pytest.approx(table["index"].to_numpy())
    assert table["the others"].is_monotonic_decreasing
    assert study.finding.refusal is not None and CLAIM.untestable
