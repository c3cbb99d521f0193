"""Supplementary tables as this project computed them and keeps them in ``data/derived``.

They hold estimates and sums of differences that charts draw, to the newest month, rounded to what a
chart needs; never a publisher's own series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import load_rows
from analysis.results import InputError
from analysis.sources.derived import DERIVED_FOLDER, REMEDY

#: What a column may hold.
TEXT, NUMBER, FLAG, DAY = "text", "number", "yes or no", "day"

_DAY = "datetime64[ns]"


@dataclass(frozen=True)
class Layout:
    """What one table looks like.

    Attributes
    ----------
    columns : mapping of str to str
        Name of each column, and what it holds: :data:`TEXT` (a month is text, ``YYYY-MM``),
        :data:`NUMBER`, :data:`FLAG` or :data:`DAY`.
    keys : tuple of str
        What tells its rows apart.
    says : str
        What its columns mean, in one or two lines.
    digits : int
        Significant digits a chart of it needs.
    unbounded : bool
        Whether a number may be infinite, as a half-life or the end of what is admitted may.
    kept_only : bool
        Whether it rests on claims of every chapter, so that no page computes it: it is kept by
        ``smallcap derive``, whichever data a page shows.
    """

    columns: Mapping[str, str]
    keys: tuple[str, ...]
    says: str
    digits: int = 4
    unbounded: bool = False
    kept_only: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the columns of numbers."""
        return tuple(name for name, kind in self.columns.items() if kind == NUMBER)


def _of(texts: str, numbers: str = "", flags: str = "", days: str = "") -> dict[str, str]:
    kinds = {TEXT: texts, FLAG: flags, DAY: days, NUMBER: numbers}
    return {name: kind for kind, names in kinds.items() for name in names.split()}


#: Every table by name; its file is :func:`file_of`.
LAYOUTS: dict[str, Layout] = {
    "cut_paths": Layout(
        _of("leg cut", "offset cumulative", "linked"),
        ("leg", "cut", "offset"),
        "cumulative: small minus large summed from the end of the month of each first cut, decimal;"
        " linked: a recession within twelve months.",
        digits=3,
    ),
    "gap_by_month": Layout(
        _of("month", "june december"),
        ("month",),
        "june, december: log of small over large book-to-market on both bases, known at the"
        " month's end.",
        digits=3,
    ),
    "gap_fifths": Layout(
        _of(
            "basis last",
            "fifth months lead skewness led_10 lagged_10 led_20 lagged_20 relative_fall small_fall"
            " large_fall",
        ),
        ("basis", "fifth"),
        "by fifth of the gap as known then: lead of small over twelve months, shares ahead and"
        " behind by more than 10 and 20 points, largest falls within 36 months, decimal.",
    ),
    "calendar_years": Layout(
        _of("leg", "year lead months"),
        ("leg", "year"),
        "lead: small minus large in the calendar year, decimal; of a factor the sum of its months,"
        " of two funds the difference of their returns.",
    ),
    "windows_won": Layout(
        _of("leg first last", "years windows won separate"),
        ("leg", "years"),
        "won: share of all overlapping windows after which small had grown more; separate: months"
        " over the window's.",
    ),
    "figure_days": Layout(
        _of("claim figure reading", "low high", "admitted matched", "day"),
        ("claim", "figure", "reading", "day"),
        "low, high: the figure by its last day over the admissible first days; matched: the claim"
        " holds on that day.",
        digits=3,
        kept_only=True,
    ),
    "figure_bands": Layout(
        _of("claim figure", "claimed low high"),
        ("claim", "figure"),
        "low, high: values that what is claimed of the figure admits.",
        unbounded=True,
        kept_only=True,
    ),
    "index_exposures": Layout(
        _of("leg against first last", "months correlation beta low high left tracking"),
        ("leg", "against"),
        "beta and its 95% interval: slope of the leg's month on that of against; left: mean a year"
        " it leaves over; tracking: standard deviation a year of their difference.",
    ),
    "index_verdicts": Layout(
        _of("claim leg first last verdict reason", "estimate low high p n"),
        ("claim", "leg"),
        "the registered test of each claim with another leg, without its grid; p as computed, the"
        " verdict by the one adjusted for the other claims.",
        unbounded=True,
        kept_only=True,
    ),
    "exposure_slopes": Layout(
        _of("claim driver step era controlled last", "slope low high p months"),
        ("claim", "driver", "era", "controlled"),
        "slope: small minus large in a month in which the driver rises by the step, decimal, with"
        " its 95% interval; controlled: the market's own return is held still.",
        kept_only=True,
    ),
    "exposure_shares": Layout(
        _of("claim counted last", "share mean months"),
        ("claim", "counted", "share"),
        "mean: small minus large a month in the months in which that share of the portfolios"
        " counted was ahead of the market, decimal.",
        kept_only=True,
    ),
    "calendar_months": Layout(
        _of("claim era last", "number mean low high"),
        ("claim", "era", "number"),
        "mean: small minus large in the month of the calendar, 1 to 12, decimal, with 1.96 standard"
        " errors either way.",
        kept_only=True,
    ),
    "paths_after_runs": Layout(
        _of("claim event last", "after cumulative"),
        ("claim", "event", "after"),
        "cumulative: small minus large summed over so many sessions after the last day of a run,"
        " decimal, month by month.",
        digits=3,
        kept_only=True,
    ),
    "years_ahead": Layout(
        _of("claim portfolios last", "year share"),
        ("claim", "portfolios", "year"),
        "share: portfolios that beat the market in the calendar year, of all there are.",
        kept_only=True,
    ),
    "entry_quantiles": Layout(
        _of("claim entry last", "percentile difference"),
        ("claim", "entry", "percentile"),
        "difference: percentile of the windows' results less the same one of a lump sum's, decimal"
        " return over the window.",
        kept_only=True,
    ),
    "profit_fifths": Layout(
        _of("claim era first last", "fifth annual low high p months"),
        ("claim", "era", "fifth"),
        "annual: mean return a year of a fifth by profitability less that of all firms of its size,"
        " decimal, with its 95% interval.",
        kept_only=True,
    ),
    "factor_sums": Layout(
        _of("claim spread month last", "lead"),
        ("claim", "spread", "month"),
        "lead: monthly leads of a factor added up from the first month all of them have, at the end"
        " of each year, decimal.",
        digits=3,
        kept_only=True,
    ),
    "policy_days": Layout(
        _of("meeting", "move_bp smb iwm_spy", "", "session"),
        ("session",),
        "smb, iwm_spy: small minus large on the session that the change of the target met first,"
        " beyond the mean of all sessions of that calendar year, decimal.",
        digits=3,
    ),
    "policy_means": Layout(
        _of("leg kind first last", "days mean low high p"),
        ("leg", "kind"),
        "mean: small minus large on those sessions, each beyond the mean of its calendar year,"
        " decimal, with its 95% interval and two-sided p from random sessions of the same years,"
        " as many of each year as it has events.",
    ),
    "size_and_junk": Layout(
        _of("region controls era first last", "alpha low high p months"),
        ("region", "controls", "era"),
        "alpha: mean small minus large a year beyond what is held still, decimal, with its 95%"
        " Newey-West interval.",
    ),
    "size_abroad": Layout(
        _of("markets first last", "months rows premium low high p below_margin_p"),
        ("markets",),
        "premium: mean small minus large a year, decimal; several markets pooled, errors clustered"
        " by month; below_margin_p: one-sided, of a premium of at least the margin.",
    ),
    "absolute_forecasts": Layout(
        _of("side kind basis last", "low middle high forecast chance_of_less"),
        ("side", "kind", "basis"),
        "5th, 50th and 95th percentile of the predictive distribution of ten years' return a year,"
        " beside the bank's forecast, decimal.",
    ),
    "forecast_errors": Layout(
        _of("basis month", "horizon gain"),
        ("basis", "horizon", "month"),
        "gain: squared errors of the expanding mean less those of the recursive regression, summed"
        " over the forecasts made up to that month, squared decimal returns a year.",
    ),
    "study_comparison": Layout(
        _of(
            "study who published kind definition metric qualifier comparison",
            "horizon since published_low published_high found low high events",
        ),
        ("study",),
        "found: the same statistic by this project's dates and SMB over the horizon and years of"
        " the study, decimal; comparison: what differs between the two.",
    ),
    "rotation_costs": Layout(
        _of("leg first last", "months past turnover gross cost net net_low net_high break_even"),
        ("leg", "past", "cost"),
        "gross, net: mean a year of holding the side that led over the past months, less half of"
        " each side, decimal; turnover: share of the portfolio traded a year; cost: of the amount"
        " traded.",
    ),
}


def file_of(name: str) -> str:
    """File of a table in ``data/derived``."""
    return f"supplement_{name}.csv"


def load_supplement(name: str, folder: Path = DERIVED_FOLDER) -> pd.DataFrame | None:
    """One supplementary table; None where its file does not exist.

    Raises
    ------
    InputError
        Naming file and column, when the table does not hold what it should.
    """
    path, layout = folder / file_of(name), LAYOUTS[name]
    if not path.exists():
        return None
    head, rows = load_rows(path, REMEDY)
    for column in layout.columns:
        if column not in head:
            raise InputError(f"{path.name}: column {column} is missing; {REMEDY}")
    raw = pd.DataFrame(rows, columns=head, dtype=str)[list(layout.columns)]
    table = typed_supplement(name, raw)
    if table.duplicated(list(layout.keys)).any():
        raise InputError(f"{path.name}: a row stands twice; {REMEDY}")
    return table


def typed_supplement(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table of texts with its numbers, days and flags as such.

    Raises
    ------
    InputError
        Naming file and column, for a cell of another kind.
    """
    made = {
        column: _typed(table[column], kind, f"{file_of(name)}, column {column}")
        for column, kind in LAYOUTS[name].columns.items()
    }
    for column in () if LAYOUTS[name].unbounded else LAYOUTS[name].numbers:
        if np.isinf(made[column]).any():
            raise InputError(
                f"{file_of(name)}, column {column}: holds an infinite number; {REMEDY}"
            )
    return pd.DataFrame(made, index=table.index)


def empty_supplement(name: str) -> pd.DataFrame:
    """A table of :data:`LAYOUTS` without rows."""
    return typed_supplement(name, pd.DataFrame(columns=list(LAYOUTS[name].columns), dtype=str))


def _typed(texts: pd.Series, kind: str, where: str) -> pd.Series:
    if kind == TEXT:
        return texts.astype(object)
    if kind == FLAG:
        if not texts.isin(["yes", "no"]).all():
            raise InputError(f"{where}: a cell is neither yes nor no; {REMEDY}")
        return texts.eq("yes")
    try:
        if kind == DAY:
            return pd.to_datetime(texts, format="%Y-%m-%d").astype(_DAY)
        numbers = pd.to_numeric(texts.replace("", np.nan)).astype(float)
    except (ValueError, TypeError) as error:
        raise InputError(f"{where}: a cell is no {kind}; {REMEDY}") from error
    return numbers
