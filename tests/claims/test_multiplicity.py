import math
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.claims import multiplicity
from analysis.claims.multiplicity import (
    BENJAMINI_YEKUTIELI,
    HOLM,
    PValue,
    adjust,
    adjust_within,
    false_discovery_rates,
)
from analysis.results import InputError

P = st.one_of(st.none(), st.floats(0, 1))

#: Benjamini and Hochberg (1995, JRSS B 57, section 3.2): p-values of 15 comparisons.
BENJAMINI_HOCHBERG = [
    *[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344],
    *[0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0],
]


def test_families_by_hand():
    """Holm: 2 × .01 and .04; Benjamini–Yekutieli with c(2) = 1.5: .03 × 2 × 1.5 and .2 × 1.5."""
    result = adjust([0.01, 0.04, None, 0.03, 0.2], [True, True, True, False, False])
    assert result.adjusted == pytest.approx((0.02, 0.04, None, 0.09, 0.3))
    assert result.method == ("Holm", "Holm", None, *["Benjamini–Yekutieli"] * 2)
    assert result.raw == (0.01, 0.04, None, 0.03, 0.2)


def test_published_family():
    """Benjamini and Hochberg (1995, JRSS B 57, section 3.2): of 15 p-values three survive."""
    p = BENJAMINI_HOCHBERG
    result = adjust(p, [True] * 15)
    assert sum(q <= 0.05 for q in result.adjusted) == 3
    other = adjust(p, [False] * 15)
    harmonic = sum(1 / k for k in range(1, 16))
    assert other.adjusted[3] == pytest.approx(0.0095 * 15 / 4 * harmonic)


@pytest.mark.slow
@settings(derandomize=True, max_examples=8, deadline=None)
@given(st.lists(st.tuples(P, st.booleans()), max_size=12))
def test_adjustment_is_the_definition(claims):
    """Both families equal their textbook definitions, and order plays no part."""
    p, core = [c[0] for c in claims], [c[1] for c in claims]
    result = adjust(p, core)
    for flag in (True, False):
        family = [q for q, c in claims if c is flag and q is not None]
        got = [
            a
            for a, (q, c) in zip(result.adjusted, claims, strict=True)
            if c is flag and q is not None
        ]
        assert got == pytest.approx(holm(family) if flag else yekutieli(family))
    assert adjust(p[::-1], core[::-1]).adjusted[::-1] == pytest.approx(result.adjusted)
    assert all((a is None) == (q is None) for a, q in zip(result.adjusted, p, strict=True))


def holm(p):
    m, order, worst, out = len(p), sorted(range(len(p)), key=p.__getitem__), 0.0, [0.0] * len(p)
    for rank, k in enumerate(order):
        worst = max(worst, min(1.0, (m - rank) * p[k]))
        out[k] = worst
    return out


def yekutieli(p):
    m, best, out = len(p), 1.0, [0.0] * len(p)
    harmonic = sum(1 / k for k in range(1, m + 1))
    for rank, k in reversed(list(enumerate(sorted(range(m), key=p.__getitem__), start=1))):
        best = min(best, p[k] * m * harmonic / rank)
        out[k] = best
    return out


@pytest.mark.parametrize(
    ("p", "core"), [([math.nan], [True]), ([1.2], [True]), ([-0.1], [False]), ([0.1], [])]
)
def test_bad_input_is_named(p, core):
    """NaN, values that are no probability, and masks of another length raise an error."""
    with pytest.raises(InputError, match=r"p_values|core_mask"):
        adjust(p, core)


def test_result_speaks():
    """The printed line counts both families and those below, not at, one in twenty."""
    mixed = adjust([0.01, None, 0.02, None, None, 0.05], [True] * 3 + [False] * 3)
    assert str(mixed) == (
        "2 core p-values after Holm and 1 others after Benjamini–Yekutieli; 2 of them below .05"
    )


def test_a_p_value_of_zero_and_of_one_are_p_values():
    """Both ends of the scale belong to it."""
    assert adjust([0.0, 1.0], [True, True]).adjusted == (0.0, 1.0)


def test_false_discoveries_by_hand_and_published():
    """Two claims of three by hand, in the order given; Benjamini and Hochberg (1995) keep four."""
    assert false_discovery_rates([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.04, 0.04))
    assert false_discovery_rates([]) == ()
    published = false_discovery_rates(BENJAMINI_HOCHBERG)
    assert [q <= 0.05 for q in published] == [True] * 4 + [False] * 11


def test_a_family_is_adjusted_once_in_whatever_order(monkeypatch):
    """The second order is answered from the first; each claim has its own number."""
    calls, real = [], multiplicity._adjusted.__wrapped__
    counted = lru_cache(lambda *asked: calls.append(asked) or real(*asked))
    monkeypatch.setattr(multiplicity, "_adjusted", counted)
    family = [0.0123, 0.0456, 0.0789]
    first = adjust(family, [True] * 3).adjusted
    assert adjust(family[::-1], [True] * 3).adjusted == first[::-1]
    assert first == pytest.approx((0.0369, 0.0912, 0.0912))
    assert [asked for asked in calls if asked[0]] == [(tuple(family), "holm")]


@pytest.mark.parametrize(
    ("ours", "theirs"), [("holm", "holm"), ("negcorr", "fdr_by"), ("indep", "fdr_bh")]
)
def test_families_are_adjusted_as_statsmodels_does(ours, theirs):
    """To the last digit, ties and families of one included; its own function is slow."""
    rng = np.random.default_rng(4)
    families = [rng.random(size) ** 3 for size in (1, 2, 7, 40)]
    for family in [*families, np.round(families[-1], 1), np.ones(5)]:
        wanted = multipletests(family, method=theirs)[1]
        assert multiplicity._family(family.tolist(), ours) == wanted.tolist()


def test_one_claim_among_its_family():
    """Its own p to six digits, adjusted for the others of its kind alone; the family is counted."""
    own = PValue(0.0123456789, True)
    alone = adjust_within(own, [PValue(0.5, False)])
    assert (alone.raw, alone.adjusted, alone.size, alone.method) == (
        0.0123457, 0.0123457, 1, HOLM,
    )  # fmt: skip
    among = adjust_within(own, [PValue(0.5, True), PValue(0.9, True)])
    assert (among.adjusted, among.size) == (pytest.approx(3 * 0.0123457), 3)
    others = adjust_within(PValue(0.01, False), [PValue(0.5, False), PValue(0.001, True)])
    assert others.method == BENJAMINI_YEKUTIELI
    assert others.adjusted == pytest.approx(0.01 * 2 * 1.5)
    unknown = adjust_within(own, [PValue(1.0, True)] * 2)
    assert unknown.adjusted == among.adjusted  # counting as 1 is never kinder
