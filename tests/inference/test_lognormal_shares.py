"""Members ahead of their index when returns are lognormal: drawn, backwards, and at the ends."""

import math

import numpy as np
import pytest

from analysis.inference.lognormal_shares import (
    highest_share,
    lead_needed,
    share_beating,
    spread_needed,
)
from analysis.results import InputError


def test_the_arithmetic_agrees_with_a_drawn_market():
    """Half a million lognormal members, with weights that follow returns, give the same share."""
    rng = np.random.default_rng(11)
    spread, weight_spread, correlation = 0.3, 1.0, 0.4
    z = rng.standard_normal((2, 500_000))
    logs = 0.05 + spread * z[0]
    weights = np.exp(weight_spread * (correlation * z[0] + math.sqrt(1 - correlation**2) * z[1]))
    index = np.average(np.exp(logs), weights=weights)
    lead = correlation * weight_spread * spread
    assert np.log(index / np.exp(logs).mean()) == pytest.approx(lead, abs=0.01)
    assert (np.exp(logs) > index).mean() == pytest.approx(
        float(share_beating(spread, lead)), abs=4e-3
    )


def test_the_arithmetic_runs_backwards():
    """The spread and the lead needed give the share they were asked for; the bound is reached."""
    assert float(share_beating(spread_needed(0.19))) == pytest.approx(0.19)
    assert float(share_beating(0.2, lead_needed(0.19, 0.2))) == pytest.approx(0.19)
    assert highest_share(0.1) == pytest.approx(share_beating(np.linspace(0.05, 2, 4000), 0.1).max())
    assert highest_share(0.0) == pytest.approx(0.5)
    assert highest_share(-0.1) == 1.0


def test_a_spread_and_a_share_have_their_ranges():
    """No spread of zero, and no share of nought or all."""
    with pytest.raises(InputError, match="above zero"):
        share_beating([0.0])
    with pytest.raises(InputError, match="between 0 and 1"):
        spread_needed(1.0)
