"""Every standardised estimate of the ledger at once: what is noise, how many are discoveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims.multiplicity import false_discovery_rates
from analysis.claims.verdicts import UNTESTABLE
from analysis.inference.shrinkage import Shrinkage, shrink
from analysis.pages.quantities import format_p
from analysis.pages.records import Records, Row

Link = Callable[[str, str], str | None]

#: Half-width of a 95% interval in standard errors.
_NORMAL_95 = 1.959964

#: How units begin whose null lies elsewhere than at zero, unless they are beyond something.
_ELSEWHERE = ("share", "ratio", "months", "dispersion")
_BEYOND = "beyond"

#: Rate of false discoveries that is asked about.
LEVEL = 0.05

COLUMNS = ["claim", "text", "chapter", "score", "p", "adjusted", "rate"]


def standardised(records: Records) -> pd.DataFrame:
    """The claims that have a p-value, by their rows on the newest data.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: ``score`` is the estimate over its standard error, positive towards the
        claim, and missing where the estimate has no interval or its null is not zero; ``p`` and
        ``adjusted`` as the ledger has them; ``rate`` by Benjamini and Hochberg over all rows.
    """
    rows = []
    for name, claim in records.claims.items():
        row = records.row(name)
        if row is None or row["verdict"] in (None, "", UNTESTABLE) or row["p_value"] is None:
            continue
        numbers = (_score(row), row["p_value"], row["p_adjusted"])
        rows.append((name, claim.text, claim.chapter, *numbers, np.nan))
    table = pd.DataFrame(rows, columns=COLUMNS)
    columns = ["score", "p", "adjusted"]
    table[columns] = table[columns].astype(float)
    return table.assign(rate=false_discovery_rates(table["p"].tolist()))


def _score(row: Row) -> float:
    unit = str(row["unit"] or "")
    if unit.startswith(_ELSEWHERE) and _BEYOND not in unit:
        return float("nan")
    ends = [row[name] for name in ("estimate", "ci_low", "ci_high")]
    if any(end is None or not np.isfinite(float(end)) for end in ends):
        return float("nan")
    estimate, low, high = (float(end) for end in ends)
    error = (high - low) / (2.0 * _NORMAL_95)
    return _towards(row) * estimate / error if error > 0 else float("nan")


def _towards(row: Row) -> float:
    """−1 where the criterion asks for something below zero, else 1."""
    asked = row["conditions"] or []
    conditions: list[dict[str, Any]] = json.loads(asked) if isinstance(asked, str) else list(asked)
    below = any(
        one["verdict"] == "supported" and one["op"] in ("<", "<=") and one["threshold"] == 0
        for one in conditions
    )
    return -1.0 if below else 1.0


def noise_words(fit: Shrinkage) -> str:
    """What the fit says of all estimates together."""
    if fit.refusal is not None:
        return f"{str(fit.refusal)[:1].upper()}{str(fit.refusal)[1:]}."
    return (
        f"Of the spread of {fit.n} standardised estimates {fit.noise_share:.0%} is what noise alone"
        f" would make. What is left has a standard deviation of {fit.spread:.1f} standard errors"
        f" (95% interval {fit.spread_low:.1f} to {fit.spread_high:.1f}) around a mean of"
        f" {fit.mean:+.1f} towards the claims. The estimates share years and returns, so they say"
        " less than as many separate ones would."
    ).replace("-", "−")


def discovery_words(table: pd.DataFrame) -> str:
    """How many claims are discoveries at a rate of one in twenty, by both adjustments."""
    found = table[table["rate"] < LEVEL]["claim"].tolist()
    kept = int((table["adjusted"] < LEVEL).sum())
    raw = int((table["p"] < LEVEL).sum())
    names = f": {', '.join(found)}" if found else ""
    return (
        f"{raw} of {len(table)} p-values lie below {LEVEL:.0%}; chance alone would give about"
        f" {LEVEL * len(table):.0f}. At a rate of one false discovery in twenty (Benjamini and"
        f" Hochberg) {len(found)} count{names}. The registered adjustment, which decides, leaves"
        f" {kept}."
    )


def shrinkage_board(records: Records, link: Link, figure: Callable[[Any], str]) -> str:
    """Both sentences, the chart and the table as HTML.

    Parameters
    ----------
    records : Records
    link : callable
        Address of a claim's section, None without one.
    figure : callable
        HTML of a Vega-Lite specification.
    """
    from analysis.pages.charts import enable
    from analysis.pages.charts.shrinkage import shrunk_estimates

    table = standardised(records)
    scored = table[table["score"].notna()].reset_index(drop=True)
    fit = shrink(scored["score"])
    drawn = ""
    if fit.refusal is None:
        enable()
        drawn = figure(shrunk_estimates(scored, fit).to_dict())
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
        f"<p>{escape(noise_words(fit))}</p>{drawn}<p>{escape(discovery_words(table))}</p>"
        "<details><summary>Every claim with a p-value</summary>"
        '<div class="sc-scroll" tabindex="0"><table class="smallcap-table">'
        '<caption class="sc-quiet">Standardised estimates and false-discovery rates</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _line(row: Any, shrunk: float | None, link: Link) -> str:
    address = link(row.chapter, row.claim)
    name = escape(row.claim)
    shown = f'<a href="{escape(address)}">{name}</a>' if address else name
    cells = (
        "" if pd.isna(row.score) else _signed(row.score),
        "" if shrunk is None else _signed(shrunk),
        *(format_p(p) if pd.notna(p) else "" for p in (row.p, row.rate, row.adjusted)),
    )
    return f"<tr><td>{shown}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
