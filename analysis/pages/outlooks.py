"""Every outlook at a glance, and a scoreboard by note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims import Claim, Document, load_claims, load_documents
from analysis.designs import Sampling, bind, find_design
from analysis.designs.outlook_allocation import PORTFOLIO
from analysis.designs.outlook_studies import FEWEST_WINDOWS, OutlookStudy
from analysis.pages.chapter import Chapter
from analysis.panel import Dataset
from analysis.results import month_words, number_word
from analysis.sources.outlooks import COLUMNS, empty_outlooks, typed_outlooks

#: Wins that luck gives lie between these in nineteen of twenty cases.
LUCK_BAND = (0.025, 0.975)

STANDING = ["note", "outlook", "from", "state", "so far", "condition met"]


def outlook_claims() -> dict[str, Claim]:
    """The claims that are outlooks, in the order of the files."""
    return {name: one for name, one in load_claims().items() if one.kind == "outlook"}


def follow_outlooks(dataset: Dataset) -> dict[str, OutlookStudy]:
    """What became of every outlook on a data set, by claim."""
    once = Sampling(draws=1, seed=0)
    found: dict[str, Any] = {
        name: find_design(str(claim.design))(dataset, bind(claim), once)
        for name, claim in outlook_claims().items()
    }
    return found


def chapter_studies(chapter: Chapter) -> dict[str, OutlookStudy]:
    """The studies of an open chapter's outlooks, with what its parameters change of them."""
    return {name: chapter.study(name) for name in chapter.claims}


def standing(studies: Mapping[str, OutlookStudy]) -> pd.DataFrame:
    """Every outlook in a line: :data:`STANDING`, for reading.

    Parameters
    ----------
    studies : mapping of str to OutlookStudy
        By claim.
    """
    publishers = {note.id: note.publisher for note in load_documents()}
    rows = []
    for name, claim in outlook_claims().items():
        study, outlook = studies[name], claim.outlook
        if outlook is None:
            continue
        note = ", ".join(publishers[id] for id in claim.documents)
        since = " to ".join(
            month_words(day)
            for day in dict.fromkeys((outlook.first.earliest, outlook.first.latest))
        )
        left = f", {study.days_open:,} days on" if study.state.startswith("open") else ""
        state = f"{study.state}{left}"
        rows.append((note, claim.text, since, state, so_far(study), study.met))
    return pd.DataFrame(rows, columns=STANDING)


def so_far(study: OutlookStudy) -> str:
    """Where an outlook stands by the last day seen, in its own sentence."""
    finding = study.finding
    if finding.refusal is None:
        return finding.finding
    said = finding.refusal.reason
    for opening in (f"{study.state}. ", f"{study.state}: "):
        said = said.removeprefix(opening)
    return "" if said == study.state else f"{said[:1].upper()}{said[1:]}"


def counted_calls(study: OutlookStudy) -> pd.DataFrame:
    """The calls of a scoreboard: each horizon by itself, as registered, without the portfolio.

    A sentence without a direction has none.
    """
    calls, outlook = study.calls, study.specification.outlook
    if calls.empty or outlook is None or outlook.direction == "none":
        return calls.iloc[:0]
    single = ~calls["months"].str.contains("+", regex=False)
    own = calls["key"].eq(calls["key"].iloc[0]) & calls["call"].ne(PORTFOLIO)
    return calls[single & own].reset_index(drop=True)


def scoreboard(dataset: Dataset, studies: Mapping[str, OutlookStudy]) -> pd.DataFrame:
    """Calls that are resolved, those won, and what luck would have given, by note.

    Columns of :data:`analysis.sources.outlooks.COLUMNS`, ``scores``. `expected`, `low` and `high`
    come from making all calls of a note together on every earlier day: the mean number of wins and
    the range that holds nineteen of twenty. NaN where no call is resolved or history is short.
    """
    if dataset.data != "latest":
        return dataset.outlooks.get("scores", empty_outlooks("scores"))
    claims, rows = outlook_claims(), []
    for note in load_documents():
        own = {name: studies[name] for name, one in claims.items() if note.id in one.documents[:1]}
        rows.append(_score(note, own.values()))
    return typed_outlooks(pd.DataFrame(rows, columns=list(COLUMNS["scores"])))


def _score(note: Document, studies: Iterable[OutlookStudy]) -> dict[str, Any]:
    calls: list[pd.DataFrame] = []
    histories: dict[str, pd.Series] = {}
    day = pd.NaT
    for study in studies:
        counted = counted_calls(study)
        calls.append(counted)
        names = counted["key"] + "|" + counted["call"] + "|" + counted["months"]
        histories |= {f"{study.specification.claim}|{n}": study.history[n] for n in names}
        day = max((one for one in (day, counted["end"].max()) if pd.notna(one)), default=pd.NaT)
    kept = [table for table in calls if len(table)]
    won = pd.concat(kept)["won"].eq("yes").sum() if kept else 0
    wins = pd.DataFrame(histories).dropna().astype(float).sum(axis=1)
    low, high = np.quantile(wins, LUCK_BAND) if len(wins) >= FEWEST_WINDOWS else (np.nan, np.nan)
    return {
        "note": note.id,
        "day": day,
        "calls": sum(len(table) for table in kept),
        "won": int(won),
        "expected": float(wins.mean()) if len(wins) >= FEWEST_WINDOWS else np.nan,
        "low": low,
        "high": high,
        "windows": len(wins),
    }


def shown_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The scoreboard as a reader sees it: publishers, not numbers of notes."""
    publishers = {note.id: note.publisher for note in load_documents()}
    known = [one for one in scores.to_dict("records") if one["calls"] > 0]
    if not known:
        return pd.DataFrame({"no table": ["No call had been resolved by the end of this run."]})
    return pd.DataFrame(
        {
            "note": [publishers[one["note"]] for one in known],
            "calls resolved": [int(one["calls"]) for one in known],
            "won": [int(one["won"]) for one in known],
            "expected by luck": [one["expected"] for one in known],
            "luck in 19 of 20": [_range(one["low"], one["high"]) for one in known],
        }
    )


def _range(low: float, high: float) -> str:
    return "history too short" if np.isnan(low) else f"{low:g} to {high:g}"


def score_sentence(scores: pd.DataFrame) -> str:
    """What the scoreboard proves, and how little."""
    resolved = scores[scores["calls"] > 0]
    if resolved.empty:
        return "No call of any note had been resolved by the end of this run."
    calls, won = int(resolved["calls"].sum()), int(resolved["won"].sum())
    beyond = int((resolved["won"] > resolved["high"]).sum())
    notes = f"{len(resolved)} of {len(scores)} notes"
    luck = (
        "none of them won more than luck gives in nineteen of twenty cases"
        if not beyond
        else f"{beyond} of them won more than luck gives in nineteen of twenty cases"
    )
    return (
        f"{notes} have calls whose time has passed: {won} of {calls} were won, where the same calls"
        f" made on earlier days won {resolved['expected'].sum():.1f}; {luck}. The calls of a note"
        " overlap and speak of the same months, so each note is closer to one draw than to many:"
        f" {number_word(len(scores))} {'notes' if len(scores) > 1 else 'note'} cannot show whether"
        " anyone can forecast this."
    )


def outlook_records(
    dataset: Dataset, studies: Mapping[str, OutlookStudy]
) -> dict[str, list[dict[str, Any]]]:
    """Outlooks, calls and scoreboard as plain values for JSON; no NaN."""
    outlooks = [
        {
            "claim": name,
            "documents": list(claim.documents),
            "text": claim.text,
            "earliest": claim.outlook.first.earliest,
            "latest": claim.outlook.first.latest,
            "until": claim.outlook.until,
            "horizons": list(claim.outlook.horizons),
            "condition": claim.outlook.condition,
            "state": studies[name].state,
            "seen": studies[name].seen,
            "days_open": studies[name].days_open,
            "so_far": so_far(studies[name]),
            "luck": studies[name].finding.luck,
            "conditions": _plain(studies[name].conditions),
            "valuations": _plain(studies[name].valuations),
            "calls": _plain(studies[name].calls),
        }
        for name, claim in outlook_claims().items()
        if claim.outlook is not None
    ]
    return {"outlooks": outlooks, "scoreboard": _plain(scoreboard(dataset, studies))}


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    def value(one: Any) -> Any:
        if isinstance(one, pd.Timestamp):
            return f"{one:%Y-%m-%d}"
        return None if pd.isna(one) else one

    return [{key: value(one) for key, one in row.items()} for row in table.to_dict("records")]
