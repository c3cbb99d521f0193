"""All standardised estimates at once: which count, which way they point, what is said of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from analysis.claims.multiplicity import false_discovery_rates
from analysis.pages import shrinkage
from analysis.pages.shrinkage import discovery_words, noise_words, shrinkage_board, standardised


def row(estimate, low, high, p, **more):
    """One row of a ledger."""
    base = {"verdict": "not distinguishable", "unit": "decimal return a year", "p_adjusted": p}
    numbers = {"estimate": estimate, "ci_low": low, "ci_high": high, "p_value": p}
    return {**base, **numbers, "conditions": [], **more}


BELOW = {"verdict": "supported", "measure": "slope", "op": "<", "threshold": 0.0}


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
            "up": row(0.02, 0.0, 0.04, 0.05),
            "down": row(-0.03, -0.06, 0.0, 0.05, conditions=[BELOW]),
            "ratio": row(1.5, 1.4, 1.6, 0.0001, unit="ratio of standard deviations"),
            "closed": row(0.3, -0.1, 0.7, 0.2, unit="share closed beyond a random walk"),
            "endless": row(100.0, 50.0, np.inf, 0.001, unit="months"),
            "open": row(0.1, 0.0, 0.2, 0.5, verdict=None),
            "untestable": row(0.1, 0.0, 0.2, 0.5, verdict="untestable openly"),
            "without": row(0.1, None, None, None),
        }
    )


def test_scores_are_standard_errors_towards_the_claim():
    """One that asks for something below zero is turned; a ratio and a length have no score."""
    table = standardised(records()).set_index("claim")
    assert list(table.index) == ["up", "down", "ratio", "closed", "endless"]
    assert table.loc["up", "score"] == pytest.approx(1.959964)
    assert table.loc["down", "score"] == pytest.approx(1.959964)
    assert table.loc["closed", "score"] == pytest.approx(0.3 / 0.4 * 1.959964)
    assert table.loc[["ratio", "endless"], "score"].isna().all()


def test_false_discovery_rates_by_hand():
    """Benjamini and Hochberg's step up: p times m over its rank, never above a later one."""
    found = false_discovery_rates([0.04, 0.01, 0.03, 0.5])
    assert found == pytest.approx([0.04 * 4 / 3, 0.04, 0.04 * 4 / 3, 0.5])
    assert false_discovery_rates([]) == ()


def test_what_is_said_counts_both_adjustments():
    """Raw, by false-discovery rate and by the registered adjustment."""
    said = discovery_words(standardised(records()))
    assert said.startswith("2 of 5 p-values lie below 5%")
    assert "2 count: ratio, endless" in said and "leaves 2" in said


def test_too_few_scores_are_said_and_nothing_is_drawn():
    """Three estimates make no prior; the table stands all the same."""
    drawn = []
    html = shrinkage_board(records(), lambda chapter, claim: None, drawn.append)
    assert "5 are needed" in html and not drawn and html.count("<tr>") == 6


def test_the_chart_has_a_row_a_claim(monkeypatch):
    """With enough estimates the figure is drawn, and its title has the share that is noise."""
    rows = {f"c{n}": row(0.01 * n, 0.01 * n - 0.02, 0.01 * n + 0.02, 0.1) for n in range(-2, 6)}
    specs = []

    def figure(spec):
        specs.append(spec)
        return "<figure></figure>"

    html = shrinkage_board(Made(rows), lambda chapter, claim: f"#{claim}", figure)
    assert "<figure></figure>" in html and 'href="#c5"' in html
    [spec] = specs
    assert "of the spread of 8 estimates" in " ".join(spec["title"]["text"])
    fit = shrinkage.shrink(standardised(Made(rows))["score"])
    assert noise_words(fit).startswith(
        f"Of the spread of 8 standardised estimates {fit.noise_share:.0%}"
    )
