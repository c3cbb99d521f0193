"""The record to the newest month: paths around first cuts, the gap, years and windows won."""

from __future__ import annotations

import pandas as pd

from analysis.audit.supplements.spreads import FUNDS, fund_sides, log_spread, spread
from analysis.inference.horizon_wins import windows_lost
from analysis.inference.windows import event_paths
from analysis.panel import Dataset
from analysis.panel.events import first_cuts
from analysis.panel.gaps import BASES, gap_samples
from analysis.panel.recessions import recession_ahead

#: Months shown before and after a first cut.
BEFORE, AFTER = 12, 36

#: Months within which a recession makes a cut one that is tied to it.
LINK = 12

#: Lengths of window, years.
YEARS = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30)

LEGS = ("smb", *FUNDS)


def cut_paths(dataset: Dataset) -> pd.DataFrame:
    """Small minus large summed around each first cut by the target or funds rate."""
    months = pd.PeriodIndex(first_cuts(dataset.facts["easing_cycles"], "funds")["month"], freq="M")
    linked = recession_ahead(dataset.monthly["recession"], LINK)
    parts = []
    for leg in LEGS:
        returns = spread(dataset, leg)
        inside = [month for month in months if month in returns.index]
        if not inside:
            continue
        paths = event_paths(returns, inside, BEFORE, AFTER)
        flags = paths["event"].map(linked).astype("boolean").fillna(False).astype(bool)
        parts.append(paths.assign(leg=leg, cut=paths["event"].astype(str), linked=flags))
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return whole.reindex(columns=["leg", "cut", "offset", "cumulative", "linked"])


def gap_by_month(dataset: Dataset) -> pd.DataFrame:
    """Both bases of the book-to-market gap, moved by SMB from June to June."""
    samples = gap_samples(dataset, "smb")
    if not set(BASES) <= set(samples):
        return pd.DataFrame(columns=["month", *BASES])
    table = pd.DataFrame({basis: samples[basis].gap for basis in BASES}).dropna(how="all")
    return table.rename_axis("month").reset_index().assign(month=lambda t: t["month"].astype(str))


def calendar_years(dataset: Dataset) -> pd.DataFrame:
    """Small minus large by calendar year; the last one may be a part of a year."""
    parts = []
    for leg in LEGS:
        if leg in FUNDS:
            sides = fund_sides(dataset, leg).astype(float)
            grown = sides.add(1.0).groupby(sides.index.year)
            lead, months = grown.prod().sub(1.0), grown.size()
            years = pd.DataFrame({"lead": lead["small"] - lead["large"], "months": months})
        else:
            grouped = spread(dataset, leg).groupby(lambda month: month.year)
            years = pd.DataFrame({"lead": grouped.sum(), "months": grouped.size()})
        parts.append(years.rename_axis("year").reset_index().assign(leg=leg))
    return pd.concat(parts, ignore_index=True)[["leg", "year", "lead", "months"]]


def windows_won(dataset: Dataset) -> pd.DataFrame:
    """Share of windows of one to thirty years after which small caps had grown more."""
    rows = []
    for leg in LEGS:
        relative = log_spread(dataset, leg)
        for years in YEARS:
            lost, count = windows_lost(relative, 12 * years)
            if count:
                ends = (str(relative.index[0]), str(relative.index[-1]))
                separate = len(relative) / (12 * years)
                rows.append((leg, *ends, years, count, 1.0 - lost / count, separate))
    columns = ["leg", "first", "last", "years", "windows", "won", "separate"]
    return pd.DataFrame(rows, columns=columns)
