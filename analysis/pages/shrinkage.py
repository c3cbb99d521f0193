"""Every test of the ledger at once as a score: what is noise, how many are discoveries."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.worlds import load_worlds
from analysis.claims import load_claims
from analysis.claims.multiplicity import false_discovery_rates
from analysis.claims.verdicts import SUPPORTED, UNTESTABLE
from analysis.inference.shrinkage import Shrinkage, shrink
from analysis.pages.quantities import format_p
from analysis.pages.records import Records, Row

Link = Callable[[str, str], str | None]

#: What a two-sided test compares its estimate with, where that is not zero.
_NULLS = {"dispersion_ratio": 1.0, "volatility_ratio": 1.0}

#: Designs whose p-value is that of one test, against one side, that of the claim, or against both.
ONE_SIDED = frozenset(
    {
        "event_days",
        "event_study",
        "gap_closing",
        "horizon_lead",
        "linked_difference",
        "mean_reversion",
        "outcome_slope",
        "outlook_allocation",
        "outlook_lead",
        "predictive_regression",
        "premium_before_after",
        "return_forecast",
    }
)
TWO_SIDED = frozenset(
    {
        "conditional_industry_returns",
        "dispersion_ratio",
        "exposure",
        "fund_comparison",
        "gap_exposure",
        "portfolio_mix",
        "regional_premium",
        "return_decomposition",
        "runs_of_signs",
        "screen_premium",
        "size_alpha",
        "staged_entry",
        "state_means",
        "volatility_ratio",
    }
)

#: Designs whose claim needs several tests at once: their p-value is the largest of them, which is
#: no score of one estimate.
SEVERAL = frozenset({"both_exposures", "fund_comovement", "mean_premium"})

#: Rate of false discoveries that is asked about.
LEVEL = 0.05

COLUMNS = ["claim", "named", "chapter", "design", "score", "p", "adjusted", "rate"]

#: Letters of a name on an axis, where a claim has no short one.
_LETTERS = 44


def standardised(records: Records) -> pd.DataFrame:
    """The claims that have a p-value, by their rows on the newest data.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: ``score`` is the p-value of the tested hypothesis as a standard normal
        score, positive towards the claim, and missing where no single test has it; ``p`` and
        ``adjusted`` as the ledger has them; ``rate`` by Benjamini and Hochberg over all rows.

    Notes
    -----
    A one-sided p gives the score whose upper tail it is, a two-sided p the score of the side its
    estimate lies on. So a claim is scored by the hypothesis it is tested against, whatever its
    null and unit. A p-value by simulation is never below one over the draws, nor its score above.

    References
    ----------
    Efron, B. (2010), "Large-Scale Inference", chapter 2: z-values.
    """
    rows = []
    for name, claim in records.claims.items():
        row = records.row(name)
        if row is None or row["verdict"] in (None, "", UNTESTABLE) or row["p_value"] is None:
            continue
        numbers = (_score(row), row["p_value"], row["p_adjusted"])
        rows.append(
            (name, _short(name, records.claims), claim.chapter, row["design"], *numbers, np.nan)
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    columns = ["score", "p", "adjusted"]
    table[columns] = table[columns].astype(float)
    return table.assign(rate=false_discovery_rates(table["p"].tolist()))


def _short(claim: str, claims: Mapping[str, Any]) -> str:
    """What a reader is told a claim is, in a few words."""
    named = load_worlds(load_claims()).names.get(claim) or claims[claim].text.rstrip(".")
    return textwrap.shorten(named, _LETTERS, placeholder=" …")


def _score(row: Row) -> float:
    """The row's p-value as a standard normal score, by the sides of its test."""
    from scipy.stats import norm

    design, p_value = str(row["design"]), float(row["p_value"])
    if design in ONE_SIDED:
        score = float(norm.isf(p_value))
    elif design in TWO_SIDED and row["estimate"] is not None:
        null = _NULLS.get(design, 0.0)
        side = np.sign(float(row["estimate"]) - null) * _towards(row, null)
        score = float(side * norm.isf(p_value / 2.0))
    else:
        return float("nan")
    return score if np.isfinite(score) else float("nan")


def _towards(row: Row, null: float) -> float:
    """−1 where the criterion asks for something below the null, else 1."""
    asked = row["conditions"] or []
    conditions: list[dict[str, Any]] = json.loads(asked) if isinstance(asked, str) else list(asked)
    below = any(
        one["verdict"] == SUPPORTED and one["op"] in ("<", "<=") and one["threshold"] == null
        for one in conditions
    )
    return -1.0 if below else 1.0


def left_out_words(table: pd.DataFrame) -> str:
    """Which claims with a p-value have no score, and why; empty where all have."""
    without = table[table["score"].isna()]
    several = without["design"].isin(SEVERAL)
    reasons = {
        "their p-value is the largest of several tests": without.loc[several, "named"],
        "their p-value is that of no single test whose side is known": without.loc[
            ~several, "named"
        ],
    }
    parts = [f"{'; '.join(names)} ({why})" for why, names in reasons.items() if len(names)]
    return f"Without a score: {'; '.join(parts)}." if parts else ""


def noise_words(fit: Shrinkage) -> str:
    """What the fit says of all scores together."""
    if fit.refusal is not None:
        return f"{str(fit.refusal)[:1].upper()}{str(fit.refusal)[1:]}."
    return (
        f"Of the spread of {fit.n} scores {fit.noise_share:.0%} is what noise alone"
        f" would make. What is left has a standard deviation of {fit.spread:.1f} standard errors"
        f" (95% interval {fit.spread_low:.1f} to {fit.spread_high:.1f}) around a mean of"
        f" {fit.mean:+.1f} towards the claims. The claims share years and returns, so they say"
        " less than as many separate ones would."
    ).replace("-", "−")


def discovery_words(table: pd.DataFrame) -> str:
    """How many claims are discoveries at a rate of one in twenty, by both adjustments."""
    found = table[table["rate"] < LEVEL]["named"].tolist()
    kept = int((table["adjusted"] < LEVEL).sum())
    raw = int((table["p"] < LEVEL).sum())
    names = f": {'; '.join(found)}" if found else ""
    return (
        f"{raw} of {len(table)} p-values lie below {LEVEL:.0%}; chance alone would give about"
        f" {LEVEL * len(table):.0f}. At a rate of one false discovery in twenty (Benjamini and"
        f" Hochberg) {len(found)} count{names}. The registered adjustment, which decides, leaves"
        f" {kept}."
    )


def shrinkage_board(records: Records, link: Link, figure: Callable[[Any], str]) -> str:
    """The sentences, the chart and the table as HTML.

    Parameters
    ----------
    records : Records
    link : callable
        Address of a claim's section, None without one.
    figure : callable
        HTML of a Vega-Lite specification.
    """
    from analysis.pages.charts import enable
    from analysis.pages.charts.renderer import MIME_TYPE, mimebundle
    from analysis.pages.charts.shrinkage import shrunk_estimates

    table = standardised(records)
    scored = table[table["score"].notna()].reset_index(drop=True)
    fit = shrink(scored["score"])
    drawn = ""
    if fit.refusal is None:
        enable()
        drawn = figure(mimebundle(shrunk_estimates(scored, fit).to_dict())[MIME_TYPE])
    shrunk = {} if fit.refusal is not None else dict(zip(scored["claim"], fit.shrunk, strict=True))
    body = "".join(
        _line(row, shrunk.get(row.claim), link) for row in table.sort_values("p").itertuples()
    )
    heads = (
        "Claim",
        "Standard errors",
        "Shrunk",
        "p",
        "False-discovery rate",
        "Adjusted p",
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f"<p>{escape(' '.join(filter(None, (noise_words(fit), left_out_words(table)))))}</p>"
        f"{drawn}<p>{escape(discovery_words(table))}</p>"
        "<details><summary>Every claim with a p-value</summary>"
        '<div class="sc-scroll" tabindex="0"><table class="smallcap-table">'
        '<caption class="sc-quiet">Scores and false-discovery rates</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _line(row: Any, shrunk: float | None, link: Link) -> str:
    address = link(row.chapter, row.claim)
    name = escape(row.named)
    shown = f'<a href="{escape(address)}">{name}</a>' if address else name
    cells = (
        "" if pd.isna(row.score) else _signed(row.score),
        "" if shrunk is None else _signed(shrunk),
        *(format_p(p) if pd.notna(p) else "" for p in (row.p, row.rate, row.adjusted)),
    )
    return f"<tr><td>{shown}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
