"""What became of the outlooks as tables that are kept: computed again, they only grow longer."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.pages.outlooks import follow_outlooks, scoreboard
from analysis.panel import Dataset
from analysis.panel.latest import load_latest
from analysis.results import InputError
from analysis.sources.outlooks import COLUMNS, FILES, KEYS, empty_outlooks, load_outlooks
from analysis.sources.snapshots import Snapshot

COMMAND = "smallcap derive"

#: Digits a chart needs.
DIGITS = 4

_WHOLE = ("session", "windows", "starts", "calls")

_SAYS = {
    "paths": (
        "series: a fund's gain, or one fund's over another's, since the close of the first day;"
        " every fifth session and the last.\n"
        "# low, middle, high: 10th, 50th and 90th percentile of the gain after as many sessions"
        " from all earlier days (windows).\n"
        "# Of a monthly series the level at the end of each month; session counts months."
    ),
    "calls": (
        "smallest, mean, largest: over all first days from earliest to latest, to months later;"
        " won: ahead on all of them.\n"
        "# base_rate: share of all earlier days from which it would have been won; luck: from which"
        " the smallest would have been at least as large."
    ),
    "scores": (
        "calls: resolved by day; expected, low, high: mean and 95% range of wins when all calls of"
        " the note are made on every earlier day."
    ),
}


def outlook_texts(snapshot: Snapshot) -> dict[str, str]:
    """The tables of the outlooks as the text of their files; none for a snapshot without prices.

    Raises
    ------
    InputError
        If there is no such snapshot.
    """
    if not any(id.startswith("prices/") for id in snapshot.ids()):
        return {}
    tables = outlook_frames(load_latest(snapshot.name))
    return {FILES[name]: outlook_text(name, table) for name, table in tables.items()}


def outlook_frames(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Paths, calls and scores of all outlooks on a data set that holds closes, each row once."""
    studies = follow_outlooks(dataset)
    made = {
        "paths": [study.paths for study in studies.values()],
        "calls": [study.calls for study in studies.values()],
        "scores": [scoreboard(dataset, studies)],
    }
    tables = {}
    for name, parts in made.items():
        kept = [part for part in parts if len(part)]
        whole = pd.concat(kept, ignore_index=True) if kept else empty_outlooks(name)
        keys = list(KEYS[name])
        once = whole.drop_duplicates(keys)
        # calls stay in the order of the claims, their horizons and views
        tables[name] = once.sort_values(keys, kind="stable") if name == "paths" else once
    return tables


def outlook_text(name: str, table: pd.DataFrame) -> str:
    """One table as CSV under a header that says how it was made."""
    last = table["end" if name == "calls" else "day"].max()
    reach = "" if pd.isna(last) else f" to {last:%Y-%m-%d}"
    header = (
        f"# Computed by `{COMMAND}` from adjusted closes and FRED's series{reach}; do not edit.\n"
    )
    whole = {column: table[column].astype("Int64") for column in _WHOLE if column in table}
    if name == "scores":
        whole["won"] = table["won"].astype("Int64")
    text = table.assign(**whole)[list(COLUMNS[name])].to_csv(
        index=False, float_format=f"%.{DIGITS}g", date_format="%Y-%m-%d", lineterminator="\n"
    )
    return f"{header}# {_SAYS[name]}\n{text}"


def check_reach(texts: Mapping[str, str], folder: Path) -> None:
    """Refuse to replace paths by shorter ones: a table is extended, never cut back.

    Raises
    ------
    InputError
        Naming file and both days.
    """
    file = FILES["paths"]
    if file not in texts:
        return
    kept = _of_funds(load_outlooks(folder).get("paths", empty_outlooks("paths")))
    fresh = _of_funds(pd.read_csv(io.StringIO(texts[file]), comment="#", parse_dates=["day"]))
    if len(kept) and (fresh.empty or fresh["day"].max() < kept["day"].max()):
        reach = "nowhere" if fresh.empty else f"to {fresh['day'].max():%Y-%m-%d}"
        raise InputError(
            f"{file} reaches to {kept['day'].max():%Y-%m-%d} and the snapshot's closes only"
            f" {reach}; pull newer prices, or remove the file to start again"
        )


def _of_funds(paths: pd.DataFrame) -> pd.DataFrame:
    """The paths that have a fan: those of the monthly series have none."""
    return paths[paths["windows"].notna()]
