"""The first-cut year beside what others published, by the definition and horizon of each study.

Events are those by the target or funds rate; small minus large is SMB from the month after. What a
study does differently stands beside the two numbers: the index, the horizon in sessions, the dates.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.supplements.spreads import spread
from analysis.inference.proportions import binomial_interval
from analysis.panel import Dataset
from analysis.panel.events import first_cuts
from analysis.panel.recessions import recession_ahead

#: Months within which a recession makes a cut one that is tied to it.
LINK = 12

MEAN, SHARE, DIRECTION = "mean outperformance", "hit rate", "direction"

#: Kinds of events of the studies that are first cuts, and the recession state they ask for.
FIRST_CUTS = {"first cut": None, "first cut, recession": True, "first cut, no recession": False}
BEFORE = "before first cut"

#: Kinds of events that are single cuts of the target, whether the first or not, and their size.
SINGLE_CUTS = {"any cut": -1.0, "50bp cut": -50.0}

COLUMNS = [
    *("study", "who", "published", "kind", "definition", "metric", "qualifier", "comparison"),
    *("horizon", "since", "published_low", "published_high", "found", "low", "high", "events"),
]


def study_comparison(dataset: Dataset) -> pd.DataFrame:
    """Every published study of small against large beside the same statistic from these data.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`. Returns are decimals, hit rates shares. ``found`` is missing where the
        study is of other events (last cuts, whole spans of easing) or of absolute returns; its
        interval where the windows of single cuts overlap; ``comparison`` says so. Events of a study
        end with its publication: a cut counts when its window was complete by then.
    """
    table = dataset.facts["first_cut_studies"]
    table = table[table["metric"].isin([MEAN, SHARE, DIRECTION]) & table["benchmark"].ne("")]
    table = table[table["superseded_by"].fillna("").eq("")]
    returns = spread(dataset, "smb")
    cuts = _cuts(dataset)
    single = {kind: _single_cuts(dataset, size) for kind, size in SINGLE_CUTS.items()}
    rows = [
        _row(one, returns, single.get(one["event_kind"], cuts)) for one in table.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _cuts(dataset: Dataset) -> pd.Series:
    """Whether a recession followed, by month of every first cut."""
    months = pd.PeriodIndex(first_cuts(dataset.facts["easing_cycles"], "funds")["month"], freq="M")
    linked = recession_ahead(dataset.monthly["recession"], LINK)
    return linked.reindex(months).astype("boolean").fillna(False).astype(bool)


def _single_cuts(dataset: Dataset, size: float) -> pd.Series:
    """Months since 1990 in which the target was cut by at least so much at once; no state."""
    table = dataset.facts["target_changes"]
    months = table.loc[table["move_bp"] <= size, "day"].dt.to_period("M")
    return pd.Series(False, index=pd.PeriodIndex(months).unique())


def _row(study: dict[str, Any], returns: pd.Series, cuts: pd.Series) -> dict[str, Any]:
    horizon = study["horizon_high"]
    since = study["sample_start"]
    scale = _scale(study)
    row = {
        "study": study["id"],
        "who": study["who"],
        "published": study["published_on"] or study["date"],
        "kind": study["event_kind"],
        "definition": study["event_definition"],
        "metric": study["metric"],
        "qualifier": study["direction"] or study["qualifier"],
        "horizon": horizon,
        "since": float(since) if pd.notna(since) else np.nan,
        "published_low": study["value_low"] * scale,
        "published_high": study["value_high"] * scale,
    }
    reason = _not_comparable(study)
    if reason:
        return row | {"comparison": reason}
    outcomes = _outcomes(study, returns, cuts)
    if not len(outcomes):
        return row | {"comparison": "no first cut of these years has its window in the data"}
    found = _estimate(study["metric"], outcomes)
    if study["event_kind"] in SINGLE_CUTS:
        found |= {"low": np.nan, "high": np.nan}
    return row | found | {"comparison": _differs(study)}


def _scale(study: dict[str, Any]) -> float:
    """From a study's unit to decimals."""
    unit = str(study["unit"])
    if unit.startswith("of ") and unit.endswith(" events"):
        return 1.0 / float(unit.split()[1])
    return 0.01


def _not_comparable(study: dict[str, Any]) -> str:
    """Why a study has no counterpart here; empty where it has one."""
    kind = study["event_kind"]
    if kind not in FIRST_CUTS and kind not in SINGLE_CUTS and kind != BEFORE:
        return f"its events are no first cuts ({kind})"
    if "mid caps" in str(study["index"]):
        return "it sets mid caps beside small caps"
    if pd.isna(study["horizon_high"]):
        return "its horizon is not stated"
    return ""


def _differs(study: dict[str, Any]) -> str:
    """What a study does otherwise, in words."""
    said = [f"{study['index']} less {study['benchmark']} there, SMB here"]
    if study["horizon_low"] != study["horizon_high"]:
        said.append("the longer of its horizons here")
    if pd.isna(study["sample_start"]) and pd.isna(study["events"]):
        since = 1990 if study["event_kind"] in SINGLE_CUTS else 1954
        said.append(f"its years are not stated, all since {since} here")
    return "; ".join(said)


def _outcomes(study: dict[str, Any], returns: pd.Series, cuts: pd.Series) -> np.ndarray:
    """Return of the window of each first cut that the study could have known."""
    months = int(study["horizon_high"])
    sums = np.concatenate([[0.0], np.cumsum(returns.to_numpy(float))])
    places = returns.index.get_indexer(pd.PeriodIndex(cuts.index))
    begins = places + 1 if months > 0 else places + months
    ends = begins + abs(months)
    state = FIRST_CUTS.get(str(study["event_kind"]))
    kept = (places >= 0) & (begins >= 0) & (ends < len(sums))
    if pd.notna(study["known_month"]):
        last = study["known_month"].ordinal - returns.index[0].ordinal
        kept &= ends - 1 <= last
    if state is not None:
        kept &= cuts.to_numpy() == state
    if pd.notna(study["sample_start"]):
        kept &= pd.PeriodIndex(cuts.index).year >= int(study["sample_start"])
    chosen = np.flatnonzero(kept)
    if pd.isna(study["sample_start"]) and pd.notna(study["events"]):
        chosen = chosen[-int(study["events"]) :]
    found: np.ndarray = sums[ends[chosen]] - sums[begins[chosen]]
    return found


def _estimate(metric: str, outcomes: np.ndarray) -> dict[str, float]:
    """Mean with its t interval, or the share won with its exact one."""
    from scipy.stats import t

    count = len(outcomes)
    if metric == SHARE:
        won = int((outcomes > 0).sum())
        share = binomial_interval(won, count)
        ends = {"low": share.ci_low, "high": share.ci_high}
        return {"found": won / count, **ends, "events": count}
    mean = float(outcomes.mean())
    if count < 2:
        return {"found": mean, "low": np.nan, "high": np.nan, "events": count}
    half = float(t.ppf(0.975, count - 1) * outcomes.std(ddof=1) / np.sqrt(count))
    return {"found": mean, "low": mean - half, "high": mean + half, "events": count}
