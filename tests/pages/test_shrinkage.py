"""All scores at once: which count, which way they point, what is said of them."""

from types import SimpleNamespace

import pytest

from analysis.claims.ledger_columns import stored_rows
from analysis.claims.multiplicity import false_discovery_rates
from analysis.pages import shrinkage
from analysis.pages.shrinkage import (
    discovery_words,
    left_out_words,
    noise_words,
    shrinkage_board,
    standardised,
)


def row(estimate, p, design="size_alpha", **more):
    """One row of a ledger."""
    base = {"verdict": "not distinguishable", "unit": "decimal return a year", "p_adjusted": p}
    numbers = {"estimate": estimate, "p_value": p, "design": design}
    return {**base, **numbers, "conditions": [], **more}


BELOW = {"verdict": "supported", "measure": "slope", "op": "<", "threshold": 0.0}
BELOW_ONE = {**BELOW, "measure": "ratio", "threshold": 1.0}


class Made:
    """Records of made-up claims."""

    def __init__(self, rows):
        self.rows = rows
        self.claims = {name: SimpleNamespace(text=name, chapter="a") for name in rows}

    def row(self, name):
        return self.rows[name]


def records():
    """Claims of every kind that counts, or does not."""
    return Made(
        {
            "up": row(0.02, 0.05),
            "down": row(-0.03, 0.05, conditions=[BELOW]),
            "ratio": row(1.2, 0.0001, "volatility_ratio", conditions=[BELOW_ONE]),
            "against": row(-0.01, 0.2),
            "gone": row(0.0032, 0.119, "premium_before_after"),
            "shorter": row(0.68, 0.99, "horizon_lead"),
            "several": row(0.03, 0.001, "mean_premium"),
            "open": row(0.1, 0.5, verdict=None),
            "untestable": row(0.1, 0.5, verdict="untestable openly"),
            "without": row(0.1, None),
        }
    )


def test_scores_are_those_of_the_tested_hypothesis():
    """By hand from the normal table, on the side of the claim, whatever its null and unit."""
    table = standardised(records()).set_index("claim")
    scores = table["score"].dropna()
    assert list(table.index) == [*scores.index, "several"]
    assert scores.to_dict() == pytest.approx(
        {
            "up": 1.959964,  # two-sided, the estimate on the claimed side
            "down": 1.959964,  # claimed below zero, and found there
            "ratio": -3.890592,  # claimed below one, and found above it
            "against": -1.281552,  # found on the other side of zero
            "gone": 1.180001,  # a premium below two points a year, though it is above zero
            "shorter": -2.326348,
        },
        abs=1e-5,
    )


def test_what_has_no_score_is_named_with_the_reason():
    """One whose p-value is the largest of several tests; one whose test no design declares."""
    assert left_out_words(standardised(records())) == (
        "Without a score: several (their p-value is the largest of several tests)."
    )
    unknown = Made({"x": row(0.1, 0.2, "new_design"), "y": row(0.1, 0.2)})
    assert "x (their p-value is that of no single test" in left_out_words(standardised(unknown))
    assert left_out_words(standardised(Made({"y": row(0.1, 0.2)}))) == ""


def test_every_design_of_the_ledger_that_has_a_p_value_declares_its_sides():
    """None is left out for want of it, and none has two."""
    rows = [one for one in stored_rows() if one["p_value"] is not None]
    kinds = (shrinkage.ONE_SIDED, shrinkage.TWO_SIDED, shrinkage.SEVERAL)
    assert {one["design"] for one in rows} <= frozenset().union(*kinds)
    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))


def test_the_sides_that_are_declared_are_those_the_p_values_have(monkeypatch):
    """Where zero is tested, estimate over error is nearer to the score than to that of the other.

    So a side, or a direction, that is declared wrongly shows on the claims of the ledger. The
    slope on a persistent predictor is left out, whose null is too skewed to tell.
    """
    elsewhere = {"predictive_regression", "premium_before_after", "return_forecast", "horizon_lead",
                 "mean_reversion", "volatility_ratio", "dispersion_ratio"}  # fmt: skip
    elsewhere |= shrinkage.SEVERAL
    names = ("estimate", "ci_low", "ci_high", "p_value")
    rows = [
        one
        for one in stored_rows()
        if None not in (one[name] for name in names)
        and one["design"] not in elsewhere
        and not one["unit"].startswith("share of first")
    ]
    declared = [shrinkage._score(one) for one in rows]
    one_sided, two_sided = shrinkage.ONE_SIDED, shrinkage.TWO_SIDED
    monkeypatch.setattr(shrinkage, "ONE_SIDED", two_sided)
    monkeypatch.setattr(shrinkage, "TWO_SIDED", one_sided)
    for one, score in zip(rows, declared, strict=True):
        error = (one["ci_high"] - one["ci_low"]) / 3.919928
        plain = shrinkage._towards(one, 0.0) * one["estimate"] / error
        assert abs(score - plain) < abs(shrinkage._score(one) - plain), one["claim"]
        assert score == pytest.approx(plain, abs=0.75), one["claim"]
    assert len(rows) > 25


def test_false_discovery_rates_by_hand():
    """Benjamini and Hochberg's step up: p times m over its rank, never above a later one."""
    found = false_discovery_rates([0.04, 0.01, 0.03, 0.5])
    assert found == pytest.approx([0.04 * 4 / 3, 0.04, 0.04 * 4 / 3, 0.5])
    assert false_discovery_rates([]) == ()


def test_what_is_said_counts_both_adjustments():
    """Raw, by false-discovery rate and by the registered adjustment."""
    said = discovery_words(standardised(records()))
    assert said.startswith("2 of 7 p-values lie below 5%")
    assert "2 count: ratio; several" in said and "leaves 2" in said


def test_too_few_scores_are_said_and_nothing_is_drawn():
    """Four scores make no prior; the table stands all the same."""
    drawn, few = [], records()
    few.claims = {name: one for name, one in few.claims.items() if name not in ("up", "gone")}
    html = shrinkage_board(few, lambda chapter, claim: None, drawn.append)
    assert "5 are needed" in html and not drawn and html.count("<tr>") == 6
    assert "Without a score: several" in html


def test_the_chart_has_a_row_a_claim(monkeypatch):
    """With enough estimates the figure is drawn, and its title has the share that is noise."""
    rows = {f"c{n}": row(0.01 * n, 0.1 + 0.05 * n * n % 0.8) for n in range(-2, 6)}
    specs = []

    def figure(spec):
        specs.append(spec)
        return "<figure></figure>"

    html = shrinkage_board(Made(rows), lambda chapter, claim: f"#{claim}", figure)
    assert "<figure></figure>" in html and 'href="#c5"' in html
    [spec] = specs
    assert "of the spread of 8 scores" in " ".join(spec["title"]["text"])
    fit = shrinkage.shrink(standardised(Made(rows))["score"])
    assert noise_words(fit).startswith(f"Of the spread of 8 scores {fit.noise_share:.0%}")
