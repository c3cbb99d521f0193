"""What the designs of outlooks share: the study, its state, its conditions, its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from analysis.claims.outlooks import NO_DIRECTION, NOT_YET_MADE, RESOLVED, Outlook
from analysis.designs.grids import Outcome
from analysis.designs.registry import Specification, Study
from analysis.inference.lead_windows import Outcome as WindowOutcome
from analysis.panel import Dataset
from analysis.panel.outlook_paths import CONDITIONS, monthly_path
from analysis.panel.reratings import BEFORE, SINCE, START, no_readings
from analysis.results import NEWEST, Finding, InputError, Refusal, month_words
from analysis.sources.outlooks import COLUMNS, empty_outlooks, typed_outlooks

#: Fewer earlier days give no base rate.
FEWEST_WINDOWS = 250

#: State of an outlook whose funds or series a data set does not hold.
NOT_HELD = "not held"

#: Where a reading of the valuation gap stands, in words.
PLACES = {BEFORE: "the last before the note's", START: "at the note", SINCE: "since"}

CONDITION_COLUMNS = ["condition", "from", "to", "before", "after", "met"]


class Stated(BaseModel):
    """A part of a note's condition that a series can speak of."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    series: Annotated[str, Field(pattern="^(" + "|".join(CONDITIONS) + ")$")]
    change: Literal["lower", "not higher", "higher"]


@dataclass(frozen=True)
class OutlookStudy(Study):
    """The finding and all there is to see of an outlook so far.

    Attributes
    ----------
    state : str
        As :meth:`analysis.claims.outlooks.Outlook.state` has it.
    seen : str
        Last day that is seen, YYYY-MM-DD; empty where nothing is.
    days_open : int
        Days from there to the end of the last horizon; 0 where it is resolved.
    paths : DataFrame
        Columns of :data:`analysis.sources.outlooks.COLUMNS`, ``paths``: every series since the
        earliest and the latest first day, with its fan, and the series of the condition.
    calls : DataFrame
        As there, ``calls``: each call at each horizon that has passed.
    conditions : DataFrame
        ``condition, from, to, before, after, met``: what the series say of the note's condition.
    history : mapping of str to Series of bool
        By ``key|call|months``, the earlier days from which the same call would have been won; empty
        where the data set holds no closes.
    valuations : DataFrame
        As :func:`analysis.panel.reratings.readings`: the valuation gap at the first day and since;
        empty where the claim registers none or nothing is seen.
    """

    state: str
    seen: str
    days_open: int
    paths: pd.DataFrame = field(repr=False)
    calls: pd.DataFrame = field(repr=False)
    conditions: pd.DataFrame = field(repr=False)
    history: Mapping[str, pd.Series] = field(default_factory=dict, repr=False)
    valuations: pd.DataFrame = field(default_factory=no_readings, repr=False)

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        specification: Specification[Any],
        finding: Finding,
        seen: str,
        paths: pd.DataFrame,
        calls: pd.DataFrame,
        **others: Any,
    ) -> Self:
        """The study of an outlook by the last day that is seen of it.

        Parameters
        ----------
        dataset, specification, finding, seen, paths, calls
        **others
            Further fields; without them no grid, no part of a condition and no history.
        """
        outlook = the_outlook(specification)
        empty = {"grid": pd.DataFrame(), "conditions": pd.DataFrame(columns=CONDITION_COLUMNS)}
        return cls(
            specification,
            finding,
            state=state_of(dataset, outlook, seen),
            seen=seen,
            days_open=days_between(seen, outlook.until),
            paths=paths,
            calls=calls,
            **{**empty, **others},
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The calls as a reader sees them; one sentence where no horizon has passed."""
        if self.calls.empty:
            return pd.DataFrame({"no table": ["No horizon has passed on the data of this run."]})
        calls = self.calls
        return pd.DataFrame(
            {
                "call": calls["call"].str.replace("/", " over ", regex=False),
                "months": calls["months"].str.replace("+", " and ", regex=False),
                "to": [month_words(f"{day:%Y-%m-%d}") for day in calls["end"]],
                "lead": calls["mean"],
                "won": calls["won"],
                "as good by luck": calls["luck"],
            }
        )

    @property
    def percent(self) -> tuple[str, ...]:
        """Columns of :attr:`shown` that are shares."""
        return tuple(name for name in ("lead", "as good by luck") if name in self.shown)

    @property
    def conditions_shown(self) -> pd.DataFrame:
        """What the series say of the condition, for reading; one sentence where none does."""
        known = self.conditions
        if known.empty:
            return pd.DataFrame({"no table": ["No series at hand speaks of the condition."]})
        months = {name: known[name].map(month_words) for name in ("from", "to")}
        levels = {name: known[name].map(_level) for name in ("before", "after")}
        return known.assign(**months, **levels)

    @property
    def valuations_shown(self) -> pd.DataFrame:
        """The valuation gap at the first day and since, for reading; one sentence without any."""
        known = self.valuations
        if known.empty:
            return pd.DataFrame({"no table": ["No valuation gap is at hand for this outlook."]})
        return pd.DataFrame(
            {
                "market values of": known["priced"].map(month_words),
                "portfolios formed": known["june"].map(month_words),
                "book-to-market, small over large": np.exp(known["gap"]).round(2),
                "reading": known["place"].map(PLACES),
            }
        )

    @property
    def met(self) -> str:
        """How much of the condition was met, in a few words; empty without a condition."""
        if self.specification.outlook is None or not self.specification.outlook.condition:
            return "none was attached"
        if not self.seen:
            return ""
        known = self.conditions["met"]
        if known.empty:
            return "no series at hand says"
        return f"{int(known.eq('yes').sum())} of {len(known)} part{'s' * (len(known) != 1)}"


def _level(value: float) -> str:
    """A rate or share as per cent; an index as it is."""
    text = f"{100 * value:.2f}%" if abs(value) < 1 else f"{value:.1f}"
    return text.replace("-", "−")


def the_outlook(specification: Specification[Any]) -> Outlook:
    """The outlook of a claim that is one.

    Raises
    ------
    InputError
        For a claim of another kind.
    """
    if specification.outlook is None:
        raise InputError(
            f"claim {specification.claim!r}: its design follows outlooks; give it kind: outlook and"
            " the field outlook"
        )
    return specification.outlook


def last_seen(paths: pd.DataFrame) -> str:
    """The last day of some paths, YYYY-MM-DD; empty without any."""
    return "" if paths.empty else f"{paths['day'].max():%Y-%m-%d}"


def last_day(dataset: Dataset) -> str:
    """The last day a run sees: of its cut, or of the closes and paths it holds where none is."""
    days = [dataset.as_of.end_time.normalize()]
    if dataset.asked == NEWEST and dataset.funds is not None:
        days.append(dataset.funds.index[-1])
    if dataset.asked == NEWEST and "paths" in dataset.outlooks:
        days.append(dataset.outlooks["paths"]["day"].max())
    return f"{max(days):%Y-%m-%d}"


def state_of(dataset: Dataset, outlook: Outlook, seen: str) -> str:
    """The state of an outlook on a data set, by the last day of its paths."""
    if seen:
        return outlook.state(seen)
    unmade = last_day(dataset) < outlook.first.earliest
    return NOT_YET_MADE if unmade else NOT_HELD


def days_between(seen: str, until: str) -> int:
    """Days from one day to a later one; 0 where it is past or nothing is seen."""
    if not seen:
        return 0
    return max((pd.Timestamp(until) - pd.Timestamp(seen)).days, 0)


def unresolved(
    dataset: Dataset, outlook: Outlook, paths: pd.DataFrame, said: str
) -> Refusal | None:
    """Why an outlook has no verdict yet; None where all its horizons have passed.

    Parameters
    ----------
    dataset : Dataset
    outlook : Outlook
    paths : DataFrame
        What is seen of it.
    said : str
        One sentence on how it stands; may be empty.
    """
    seen = last_seen(paths)
    state = state_of(dataset, outlook, seen)
    if state == NOT_YET_MADE:
        month = month_words(last_day(dataset)[:7])
        return Refusal(f"{state}: this run sees nothing after {month}", "latest")
    if state == NOT_HELD:
        what = ", ".join(f"{leg}/{outlook.benchmark}" for leg in outlook.legs) or "its series"
        return Refusal(f"the data of this run hold no closes of {what}", "latest")
    if state == RESOLVED:
        return None
    if state == NO_DIRECTION:
        return Refusal(f"{state}: the sentence holds whichever way it goes. {said}".strip())
    return Refusal(f"{state}. {said}".strip(), until=outlook.open_until(seen))


def conditions_of(
    dataset: Dataset, outlook: Outlook, stated: list[Stated]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the series say of a condition, and their paths.

    Each is read from the month before the first day, when the note was written, to the last month
    seen up to the end of the outlook.

    Returns
    -------
    conditions : DataFrame
        :data:`CONDITION_COLUMNS`; a series that is not at hand is left out.
    paths : DataFrame
    """
    rows, paths = [], [empty_outlooks("paths")]
    for one in stated:
        path = monthly_path(dataset, one.series, outlook.first.earliest)
        within = path[path["day"] <= pd.Timestamp(outlook.until) + pd.offsets.MonthEnd(0)]
        if len(within) < 2:
            continue
        before, after = float(within["value"].iloc[0]), float(within["value"].iloc[-1])
        months = [f"{day:%Y-%m}" for day in (within["day"].iloc[0], within["day"].iloc[-1])]
        words = f"{CONDITIONS[one.series][0]} {one.change}"
        rows.append((words, *months, before, after, "yes" if _met(one, before, after) else "no"))
        paths.append(within)
    table = pd.DataFrame(rows, columns=CONDITION_COLUMNS)
    kept = [path for path in paths if len(path)]
    return table, pd.concat(kept, ignore_index=True) if kept else paths[0]


def _met(stated: Stated, before: float, after: float) -> bool:
    moved = round(after - before, 10)
    return {"lower": moved < 0, "not higher": moved <= 0, "higher": moved > 0}[stated.change]


def call_row(
    key: str, call: str, months: str, outlook: Outlook, end: pd.Timestamp, starts: int,
    found: WindowOutcome,
) -> dict[str, Any]:  # fmt: skip
    """One call at one horizon as the table of calls has it."""
    first = outlook.first
    return {
        "key": key,
        "call": call,
        "months": months,
        "earliest": first.earliest,
        "latest": first.latest,
        "end": end,
        "starts": starts,
        "smallest": found.smallest,
        "mean": found.mean,
        "largest": found.largest,
        "won": found.won,
        "base_rate": found.base_rate,
        "luck": found.luck,
        "deviation": found.deviation,
        "windows": found.windows,
    }


def call_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of calls."""
    table = pd.DataFrame(rows, columns=list(COLUMNS["calls"]))
    return typed_outlooks(table) if rows else empty_outlooks("calls")


def kept_calls(dataset: Dataset, key: str, outlook: Outlook, months: list[str]) -> pd.DataFrame:
    """The calls computed beforehand for a key, the outlook's first days and its horizons.

    In the order of `months`; another outlook may have other horizons from the same day.
    """
    kept = dataset.outlooks.get("calls", empty_outlooks("calls"))
    first = outlook.first
    chosen = kept["key"].eq(key) & kept["earliest"].eq(first.earliest)
    own = kept[chosen & kept["latest"].eq(first.latest) & kept["months"].isin(months)]
    return own.sort_values("months", key=lambda m: m.map(months.index), kind="stable").reset_index(
        drop=True
    )


def last_passed(
    chosen: Mapping[str, Any], calls: pd.DataFrame, measured: str
) -> tuple[Mapping[str, Any], Outcome]:
    """A row of :func:`.grids.grid_table`: months, `measured` and luck of the last horizon passed.

    Parameters
    ----------
    chosen : mapping of str to value
        The specification.
    calls : DataFrame
        Its calls, as :func:`call_table` has them.
    measured : str
        Column of the calls.
    """
    if calls.empty:
        return {**chosen, "months": ""}, "no horizon has passed"
    last = calls.iloc[-1]
    return chosen, (last["months"], last[measured], last["luck"])


def by_day(index: pd.DatetimeIndex, won: NDArray[np.bool_]) -> pd.Series:
    """Whether a call would have been won, by the earlier day it would have been made on."""
    return pd.Series(won, index=index[: len(won)])


def too_few(calls: pd.DataFrame) -> Finding | None:
    """A refusal where history is too short for a base rate."""
    if len(calls) and calls["windows"].min() >= FEWEST_WINDOWS:
        return None
    count = 0 if calls.empty else int(calls["windows"].min())
    return Finding.refused(f"{count} earlier windows as long; {FEWEST_WINDOWS} are needed")


def signed_points(value: float) -> str:
    """Percentage points with a sign, two digits."""
    return f"{100 * value:+.2g}".replace("-", "−")
