"""How often each rule gives each label, in worlds where its claim holds and where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.audit.committed_tables import load_committed
from analysis.audit.worlds import BLOCKS, World, Worlds
from analysis.claims.labels import (
    COLUMNS,
    HOLDS,
    LABELS_FILE,
    NOTHING,
    OPPOSITE,
    SMALLEST,
    WORLDS,
    label_odds,
)
from analysis.claims.verdicts import VERDICTS
from analysis.files import write_whole

_DIGITS = 4


def labels_of(verdicts: pd.DataFrame, worlds: Worlds) -> pd.DataFrame:
    """Every label by the kind of world it was given in.

    Parameters
    ----------
    verdicts : DataFrame
        As returned by :func:`analysis.audit.panels.run_panels`; refusals count as no label.
    worlds : Worlds

    Returns
    -------
    DataFrame
        ``claim, label, world_kind, panels, count, share``: `panels` are those with a label, and
        the same for all labels of a claim in a kind of world.
    """
    kinds = {
        (name, claim): _kinds(world, claim)
        for name, world in worlds.worlds.items()
        for claim in world.claims
    }
    places = zip(verdicts["world"], verdicts["claim"], strict=True)
    given = verdicts.assign(world_kind=[kinds[place] for place in places]).explode("world_kind")
    given = given[given["verdict"].isin(VERDICTS) & (given["world"] != BLOCKS)]
    rows: list[dict[str, Any]] = []
    for claim in worlds.rules:
        own = given[given["claim"] == claim]
        counts = pd.crosstab(own["verdict"], own["world_kind"])
        for label in (label for label in VERDICTS if label in counts.index):
            for kind in WORLDS:
                if kind in counts.columns:
                    count, panels = int(counts.loc[label, kind]), int(counts[kind].sum())
                    rows.append(
                        {
                            "claim": claim,
                            "label": label,
                            "world_kind": kind,
                            "panels": panels,
                            "count": count,
                            "share": round(count / panels, _DIGITS),
                        }
                    )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _kinds(world: World, claim: str) -> list[str]:
    """What a world is to a claim; with the claimed effect the smallest of interest, two things."""
    kinds = [HOLDS] if claim in world.holds else []
    kinds += [SMALLEST] if claim in world.smallest else []
    return kinds or [NOTHING if world.plant.plants_nothing else OPPOSITE]


def write_labels(table: pd.DataFrame, commands: str, path: Path = LABELS_FILE) -> Path:
    """Write the table below the lines that say which commands make it.

    Returns
    -------
    Path
    """
    said = "# share: of the simulated panels of that kind of world, how many got the label.\n"
    header = commands + said
    return write_whole(path, header + table.to_csv(index=False, lineterminator="\n"))


def load_labels(path: Path = LABELS_FILE) -> pd.DataFrame:
    """The committed table; errors as :func:`.committed_tables.load_committed`."""
    return load_committed(path, COLUMNS, "smallcap calibrate --write")


def readable_labels(table: pd.DataFrame) -> pd.DataFrame:
    """One row a rule and label, for reading.

    Parameters
    ----------
    table : DataFrame
        As :func:`load_labels`.

    Returns
    -------
    DataFrame
        Shares by kind of world, missing where the audit has none of it, and the likelihood ratio
        with its 95% interval.
    """
    wide = table.pivot_table(
        index=["claim", "label"], columns="world_kind", values="share", sort=False
    ).reindex(columns=list(WORLDS))
    odds = [label_odds(claim, label) for claim, label in wide.index]
    return pd.DataFrame(
        {
            "rule": wide.index.get_level_values("claim"),
            "label": wide.index.get_level_values("label"),
            "claim true": wide[HOLDS].to_numpy(),
            "smallest effect of interest": wide[SMALLEST].to_numpy(),
            "opposite true": wide[OPPOSITE].to_numpy(),
            "nothing there": wide[NOTHING].to_numpy(),
            "likelihood ratio": [one.ratio if one else None for one in odds],
            "from": [one.low if one else None for one in odds],
            "to": [one.high if one else None for one in odds],
        }
    )
