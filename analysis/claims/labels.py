"""How much a verdict says: the odds of each label, from the rules' runs on simulated worlds."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.claims.verdicts import SUGGESTIVE, SUPPORTED, LabelOdds
from analysis.files import PROJECT
from analysis.results import NEWEST, InputError, nearest, significant

LABELS_FILE = PROJECT / "data" / "derived" / "labels.csv"

COLUMNS = ("claim", "label", "world_kind", "panels", "count", "share")

#: The claim holds in a world, its opposite does, or nothing happens at all; or it holds by the
#: smallest effect that is of interest, which is no part of a likelihood ratio.
HOLDS, OPPOSITE, NOTHING, SMALLEST = "holds", "opposite", "nothing", "smallest"
WORLDS = (HOLDS, OPPOSITE, NOTHING, SMALLEST)

#: Labels of a criterion that holds by its own p-value: what a false claim must seldom get. Power
#: counts the first alone, so that either rate is the stricter of two.
FOUND = (SUPPORTED, SUGGESTIVE)

#: Half-width of a 95% interval in standard errors.
_Z = 1.959963984540054


@dataclass(frozen=True)
class Power:
    """How often a rule finds an effect that is there.

    Attributes
    ----------
    supported : float
        Share of the histories with the effect in which the rule supports the claim, 0 to 1.
    at_least_suggestive : float
        The same with those in which it calls the claim suggestive.
    """

    supported: float
    at_least_suggestive: float


@dataclass(frozen=True)
class _Count:
    """Panels of one kind of world, and those on which a rule gave a label."""

    given: int
    panels: int


def odds_of(record: Mapping[str, Any], path: Path | None = None) -> LabelOdds | None:
    """The odds of a record's verdict.

    None for another than the registered specification and for an earlier month: the audit runs
    the rules on histories as long as the newest.
    """
    if record.get("deviations") or record.get("as_of") != NEWEST:
        return None
    verdict = record.get("verdict")
    if verdict == SUGGESTIVE and not record.get("carried_by"):
        # the audit has no other claims: what they take from a label it gives as supported
        verdict = SUPPORTED
    return label_odds(str(record.get("claim")), verdict, path)


def label_odds(claim_id: str, verdict: str | None, path: Path | None = None) -> LabelOdds | None:
    """The likelihood ratio of a claim's verdict.

    Parameters
    ----------
    claim_id : str
    verdict : str or None
    path : Path, optional
        The audit's table; :data:`LABELS_FILE` by default.

    Returns
    -------
    LabelOdds or None
        None without a verdict, where the table lacks the rule, or the label was never given. A
        rule is audited by its own p-value, so that suggestive means there that one episode carries
        it.

    Raises
    ------
    InputError
        For a table that is none of the audit's.
    """
    path = LABELS_FILE if path is None else path
    if verdict is None or not path.is_file():
        return None
    rules = _read(path, path.stat().st_mtime_ns)
    labels, panels = rules.get(claim_id, ({}, {}))
    counts = labels.get(verdict, {})
    true = _total(counts, panels, (HOLDS,))
    false = _total(counts, panels, (OPPOSITE, NOTHING))
    if not counts or not true.panels or not false.panels:
        return None
    return likelihood_ratio(true.given, true.panels, false.given, false.panels)


def powers_of(record: Mapping[str, Any], path: Path | None = None) -> dict[str, Power]:
    """Power of a record's rule by kind of world: :data:`HOLDS` and :data:`SMALLEST`.

    Empty where :func:`odds_of` has nothing to say; without a kind of world the audit has not.

    Raises
    ------
    InputError
        As :func:`label_odds`.
    """
    path = LABELS_FILE if path is None else path
    if record.get("deviations") or record.get("as_of") != NEWEST or not path.is_file():
        return {}
    labels, panels = _read(path, path.stat().st_mtime_ns).get(str(record.get("claim")), ({}, {}))

    def share(kind: str, *counted: str) -> float:
        found = sum(labels.get(label, {}).get(kind, 0) for label in counted)
        return significant(found / panels[kind])

    return {
        kind: Power(share(kind, SUPPORTED), share(kind, *FOUND))
        for kind in (HOLDS, SMALLEST)
        if kind in panels
    }


def power_columns(record: Mapping[str, Any], path: Path | None = None) -> dict[str, Any]:
    """Against the claimed and the smallest effect of interest, as records and the ledger have it.

    Power is the share of the worlds with the effect in which the rule supports the claim; None
    where :func:`powers_of` has none.
    """
    powers = powers_of(record, path)
    names = {"power": HOLDS, "power_smallest": SMALLEST}
    return {
        name: powers[kind].supported if kind in powers else None for name, kind in names.items()
    }


def likelihood_ratio(
    given_true: int, panels_true: int, given_false: int, panels_false: int
) -> LabelOdds:
    """Ratio of two shares, each count and its panels raised by one half; 95% interval of its log.

    References
    ----------
    Katz, D. et al. (1978), "Obtaining confidence intervals for the risk ratio in cohort studies",
    Biometrics 34. Pettigrew, H. M., J. J. Gart and D. G. Thomas (1986), "The bias and higher
    cumulants of the logarithm of a binomial variate", Biometrika 73: why one half.
    """
    parts = [count + 0.5 for count in (given_true, panels_true, given_false, panels_false)]
    ratio = parts[0] / parts[1] / (parts[2] / parts[3])
    error = math.sqrt(1 / parts[0] - 1 / parts[1] + 1 / parts[2] - 1 / parts[3])
    ends = (ratio * math.exp(side * _Z * error) for side in (-1, 1))
    return LabelOdds(significant(ratio), *map(significant, ends))


Labels = dict[str, dict[str, int]]
Panels = dict[str, int]


def _total(counts: dict[str, int], panels: Panels, kinds: Iterable[str]) -> _Count:
    chosen = [kind for kind in kinds if kind in panels]
    return _Count(sum(counts.get(kind, 0) for kind in chosen), sum(panels[k] for k in chosen))


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, tuple[Labels, Panels]]:
    """By claim: how often each label was given in each kind of world, and the panels of each."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(line for line in handle if not line.startswith("#"))
        rows = list(reader)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(f"{path.name}: its columns are not {', '.join(COLUMNS)}")
    rules: dict[str, tuple[Labels, Panels]] = {}
    for number, row in enumerate(rows, 1):
        where = f"{path.name}, row {number}"
        kind = row["world_kind"]
        if kind not in WORLDS:
            raise InputError(f"{where}: unknown world_kind {kind!r}{nearest(kind, WORLDS)}")
        try:
            found = _Count(int(row["count"]), int(row["panels"]))
        except ValueError as error:
            raise InputError(f"{where}: count and panels are whole numbers") from error
        labels, panels = rules.setdefault(row["claim"], ({}, {}))
        given = labels.setdefault(row["label"], {})
        if not 0 <= found.given <= found.panels or not found.panels:
            raise InputError(f"{where}: {found.given} of {found.panels} panels cannot be")
        if panels.setdefault(kind, found.panels) != found.panels or kind in given:
            raise InputError(
                f"{where}: {row['claim']} has the label {row['label']!r} twice in worlds where"
                f" {kind!r}, or on other numbers of panels"
            )
        given[kind] = found.given
    return {claim: (_occurring(labels), panels) for claim, (labels, panels) in rules.items()}


def _occurring(labels: Labels) -> Labels:
    """Labels that were given on some panel."""
    return {label: counts for label, counts in labels.items() if any(counts.values())}
