"""How often the verdict rules err: rates with exact intervals, made, written and read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.audit.committed_tables import load_committed
from analysis.audit.label_table import labels_of, load_labels, readable_labels, write_labels
from analysis.audit.panels import DRAWS, run_panels
from analysis.audit.rule_search import candidates, load_search
from analysis.audit.rules import DEFECT, NOMINAL
from analysis.audit.worlds import BLOCKS, World, Worlds, load_worlds, name_of, worlds_for
from analysis.claims import Claim, load_claims
from analysis.claims.labels import FOUND, LABELS_FILE
from analysis.claims.verdicts import CONTRADICTED, SUPPORTED
from analysis.files import PROJECT, write_whole
from analysis.inference.proportions import binomial_interval
from analysis.panel import Dataset

FILE = PROJECT / "data" / "derived" / "calibration.csv"

#: A false positive is a claim found supported or suggestive; power counts supported alone.
FALSE_POSITIVE, POWER, WRONG = "false positive", "power", "wrongly contradicted"
#: Supported or suggestive where nothing is planted and blocks keep what the real data have: no
#: size of a rule.
BLOCKS_ALONE = "supported, blocks alone"
POWER_SMALLEST = "power, smallest effect"
SIZE = "size"

COLUMNS = (
    "rule", "measure", "world", "panels", "count", "rate", "ci_low", "ci_high", "reason",
)  # fmt: skip

_DIGITS = 4


@dataclass(frozen=True)
class Calibration:
    """The committed run beside a small one made now.

    Attributes
    ----------
    table : DataFrame
        The committed run, ``rule, measure, world, panels, count, rate, ci_low, ci_high, reason``;
        rates are shares, intervals exact binomial at 95%.
    live : DataFrame
        The same from this run's few panels.
    labels : DataFrame
        Every label of the committed run.
    searches : DataFrame
        The committed searches for decisive tests, as :func:`.rule_search.load_search`.
    """

    table: pd.DataFrame
    live: pd.DataFrame
    labels: pd.DataFrame
    searches: pd.DataFrame

    @property
    def answer(self) -> str:
        """How often the rules err, in one sentence."""
        false, power = self._rates(FALSE_POSITIVE), self._rates(POWER)
        worst = false.loc[false["rate"].idxmax()]
        only = "only " if worst["rate"] <= DEFECT else ""
        return (
            f"When a claim was false, even the rule that errs most called it true in {only}"
            f"{worst['rate']:.1%} of {worst['panels']:.0f} simulated histories; when a claim was"
            f" true, the rule in the middle recognised it in {power['rate'].median():.0%} of them"
            f" and the weakest in {power['rate'].min():.0%}."
        )

    @property
    def ends(self) -> str:
        """The best and the worst rule, in two sentences."""
        false, power, claims = self._rates(FALSE_POSITIVE), self._rates(POWER), load_claims()
        over = int((false["rate"] > DEFECT).sum())
        weakest = power.loc[power["rate"].idxmin()]
        claim = claims.get(weakest["rule"])
        whose = f" (“{claim.text.rstrip('.')}”)" if claim is not None else ""
        return (
            f"False claims are called true in {false['rate'].min():.1%} to"
            f" {false['rate'].max():.1%} of the histories, and {over or 'none'} of {len(false)}"
            f" rates {'lie' if over > 1 else 'lies'} above {DEFECT:.0%}. The weakest"
            f" rule{whose} supports a true claim in {weakest['rate']:.0%} of them, the strongest"
            f" in {power['rate'].max():.0%}."
        )

    @property
    def both_rates(self) -> pd.DataFrame:
        """Each rule's largest error and smallest power: ``rule, claim, wrong, right``, shares.

        A rule stands here where both are known; ``claim`` is its text.
        """
        wrong = self._rates(FALSE_POSITIVE).groupby("rule", sort=False)["rate"].max()
        right = self._rates(POWER).groupby("rule", sort=False)["rate"].min()
        table = pd.DataFrame({"wrong": wrong, "right": right}).dropna().reset_index(names="rule")
        claims = load_claims()
        named = [claims[rule].text if rule in claims else rule for rule in table["rule"]]
        return table.assign(claim=named)[["rule", "claim", "wrong", "right"]]

    def _rates(self, measure: str) -> pd.DataFrame:
        return self.table[self.table["measure"] == measure].dropna(subset=["rate"])

    @property
    def every_label(self) -> pd.DataFrame:
        """Each label of each rule by kind of world, and its likelihood ratio."""
        return readable_labels(self.labels).assign(rule=lambda table: names_of(table["rule"]))

    @property
    def every_candidate(self) -> pd.DataFrame:
        """The candidates of every search, with their worst false and weakest true world."""
        return candidates(self.searches).assign(claim=lambda table: names_of(table["claim"]))

    def exhibit(self, *measures: str) -> pd.DataFrame:
        """Rows of the committed run, for reading."""
        rows = self.table[self.table["measure"].isin(measures)]
        return _readable(rows)

    @property
    def powers(self) -> pd.DataFrame:
        """Power of each rule against the claimed and against the smallest effect of interest.

        ``rule, as claimed, smallest effect, why none smaller is of interest, against it``; shares
        of panels, of several true worlds the smallest.
        """
        claims = load_claims()
        kinds = (POWER, POWER_SMALLEST)
        rows = self.table[self.table["measure"].isin(kinds)].dropna(subset=["rate"])
        wide = rows.pivot_table(
            index="rule", columns="measure", values="rate", aggfunc="min", sort=False
        ).reindex(columns=list(kinds))
        told = {rule: claims[rule].smallest_effect for rule in wide.index if rule in claims}
        return pd.DataFrame(
            {
                "rule": names_of(wide.index),
                "as claimed": wide[POWER].to_numpy(),
                "smallest effect": [one.words if (one := told.get(r)) else "" for r in wide.index],
                "against it": wide[POWER_SMALLEST].to_numpy(),
                "why none smaller is of interest": [
                    one.because if (one := told.get(r)) else "" for r in wide.index
                ],
            }
        )

    @property
    def reproduced(self) -> pd.DataFrame:
        """This run's counts beside the committed rates."""
        keys = ["rule", "measure", "world"]
        both = self.live.merge(self.table, on=keys, suffixes=("", " committed"))
        inside = both.dropna(subset=["rate"])
        return pd.DataFrame(
            {
                "rule or test": names_of(inside["rule"]),
                "measure": inside["measure"],
                "world": inside["world"],
                "panels now": inside["panels"],
                "share now": inside["rate"],
                "share in the committed run": inside["rate committed"],
                "compatible": [
                    "yes" if low <= rate <= high else "no"
                    for low, rate, high in zip(
                        inside["ci_low"], inside["rate committed"], inside["ci_high"], strict=True
                    )
                ],
            }
        )


def study(dataset: Dataset, panels: int, draws: int, seed: int) -> Calibration:
    """A few panels made now, beside the committed run.

    Parameters
    ----------
    dataset : Dataset
        The template of the panels.
    panels : int
        Panels of each world.
    draws, seed : int
    """
    live = calibrate(dataset, load_claims(), panels, seed=seed, draws=draws)
    return Calibration(load_calibration(), live.rates, load_labels(), load_search())


@dataclass(frozen=True)
class Audit:
    """What many panels say of the rules.

    Attributes
    ----------
    rates : DataFrame
        Columns :data:`COLUMNS`.
    labels : DataFrame
        How often each rule gave each label, as :func:`analysis.audit.label_table.labels_of`.
    """

    rates: pd.DataFrame
    labels: pd.DataFrame


def calibrate(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    panels: int,
    *,
    jobs: int = 1,
    seed: int = 0,
    draws: int = DRAWS,
    only: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Audit:
    """False-positive rate and power of every rule, its labels, and the size of the usual tests.

    Parameters
    ----------
    dataset : Dataset
        The template of the panels.
    claims : mapping of str to Claim
    panels, jobs, seed, draws, only, progress
        As :func:`analysis.audit.panels.run_panels`.

    Returns
    -------
    Audit
        In the rates, `measure` is a false positive (the criterion holds by its own p-value where
        the claim is false, supported or, where one episode carries it, suggestive), power
        (supported where it is true as claimed, or by the smallest effect of interest), wrongly
        contradicted (where it is true) or, for the usual tests, size (p below 5% where
        nothing is predictable). A rule that gave no verdict has a `reason` and no rate.
    """
    verdicts, tests = run_panels(
        dataset, claims, panels, jobs=jobs, seed=seed, draws=draws, only=only, progress=progress
    )
    worlds = worlds_for(dataset.data, claims, only)
    return Audit(rates_of(verdicts, tests, worlds), labels_of(verdicts, worlds))


def rates_of(verdicts: pd.DataFrame, tests: pd.DataFrame, worlds: Worlds) -> pd.DataFrame:
    """Rates with their intervals.

    Parameters
    ----------
    verdicts, tests : DataFrame
        As returned by :func:`analysis.audit.panels.run_panels`.
    worlds : Worlds
    """
    rows = []
    for name, world in worlds.worlds.items():
        for rule in world.claims:
            chosen = (verdicts["world"] == name) & (verdicts["claim"] == rule)
            rows += _judged(rule, name, world, verdicts.loc[chosen, "verdict"])
    rows += [
        {"rule": rule, "measure": FALSE_POSITIVE, "world": "", "panels": 0, "reason": reason}
        for rule, reason in worlds.left_out.items()
    ]
    for name, found in tests.groupby("test", sort=False)["p"]:
        rows.append(
            _rate(name, SIZE, worlds.usual_tests.world, int((found < NOMINAL).sum()), len(found))
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return _replaced(table.iloc[:0], table, "rule", set(table["rule"]), worlds.order)


def write_calibration(
    audit: Audit,
    command: str,
    only: Collection[str] = (),
    folder: Path = FILE.parent,
    claims: Mapping[str, Claim] | None = None,
) -> Path:
    """Write both tables with the command that makes them.

    Parameters
    ----------
    audit : Audit
    command : str
        That made all of it.
    only : collection of str
        The rules that were judged; the kept rows of others stay. Empty where all were.
    folder : Path
        Receives both files.
    claims : mapping of str to Claim, optional
        For the order of the rules.

    Returns
    -------
    Path
        Of the rates.
    """
    path, labels_path = folder / FILE.name, folder / LABELS_FILE.name
    rates, labels = audit.rates, audit.labels
    if path.exists():
        worlds = load_worlds(load_claims() if claims is None else claims)
        judged = set(only) or set(rates["rule"])
        kept = load_calibration(path)
        # rules of the other data set stay; those that no world judges any more go
        known = {*worlds.rules, *worlds.left_out, *kept.loc[kept["measure"] == SIZE, "rule"]}
        rates = _replaced(kept[kept["rule"].isin(known)], rates, "rule", judged, worlds.order)
        old = load_labels(labels_path)
        old = old[old["claim"].isin(known)]
        labels = _replaced(old, labels, "claim", judged, worlds.order)
    commands = _commands(path, command, bool(only))
    header = commands + "# rate: share of simulated panels; ci: exact 95% binomial interval.\n"
    whole = rates.round(_DIGITS).assign(count=rates["count"].astype("Int64"))
    write_labels(labels, commands, labels_path)
    return write_whole(path, header + whole.to_csv(index=False, lineterminator="\n"))


def _commands(path: Path, command: str, of_some: bool) -> str:
    """The lines that say what made the table: one of each data set, one of each run of some rules.

    A run of all rules of a data set takes the place of its line and of those of some rules.
    """
    first, second, some = (
        "# Computed by `",
        "# Rules that need the latest data: `",
        "# Some rules made anew: `",
    )
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = {start: [one for one in lines if one.startswith(start)] for start in (first, second)}
    anew = [one for one in lines if one.startswith(some)]
    latest = "--data latest" in command
    own = second if latest else first
    if of_some and kept[own]:
        anew = [*(one for one in anew if one != f"{some}{command}`."), f"{some}{command}`."]
    else:
        kept[own] = [f"{own}{command}`{'; do not edit.' if own == first else '.'}"]
        anew = [one for one in anew if ("--data latest" in one) != latest]
    return "".join(f"{one}\n" for one in (*kept[first], *kept[second], *anew))


def _replaced(
    kept: pd.DataFrame, fresh: pd.DataFrame, key: str, only: Collection[str], order: dict[str, int]
) -> pd.DataFrame:
    """The kept table with some rules' rows made anew, in the order of the worlds' file."""
    both = pd.concat([kept[~kept[key].isin(only)], fresh[fresh[key].isin(only)]])
    return both.sort_values(
        key, key=lambda rules: rules.map(order).fillna(len(order)), kind="stable"
    ).reset_index(drop=True)


def load_calibration(path: Path = FILE) -> pd.DataFrame:
    """The committed run; errors as :func:`.committed_tables.load_committed`."""
    table = load_committed(path, COLUMNS, "smallcap calibrate --write")
    return table.assign(world=table["world"].fillna(""), reason=table["reason"].fillna(""))


def _judged(rule: str, name: str, world: World, verdicts: pd.Series) -> list[dict[str, Any]]:
    """Rates of one rule in one world."""
    given = verdicts[~verdicts.str.startswith("refused")]
    measures: tuple[str, ...] = (POWER, WRONG) if rule in world.holds else ()
    measures += (POWER_SMALLEST,) if rule in world.smallest else ()
    measures = measures or ((BLOCKS_ALONE if name == BLOCKS else FALSE_POSITIVE),)
    if given.empty:
        reason = verdicts.iloc[0]
        return [
            {"rule": rule, "measure": measure, "world": name, "panels": 0, "reason": reason}
            for measure in measures
        ]
    counted = dict.fromkeys(measures, FOUND) | dict.fromkeys((POWER, POWER_SMALLEST), (SUPPORTED,))
    counted |= {WRONG: (CONTRADICTED,)}
    return [
        _rate(rule, measure, name, int(given.isin(counted[measure]).sum()), len(given))
        for measure in measures
    ]


def _rate(rule: str, measure: str, world: str, count: int, panels: int) -> dict[str, Any]:
    share = binomial_interval(count, panels, NOMINAL)
    if share.refusal is not None:
        return {"rule": rule, "measure": measure, "world": world, "reason": share.refusal.reason}
    return {
        "rule": rule,
        "measure": measure,
        "world": world,
        "panels": panels,
        "count": count,
        "rate": share.estimate,
        "ci_low": share.ci_low,
        "ci_high": share.ci_high,
        "reason": "",
    }


def names_of(rules: Iterable[str]) -> list[str]:
    """What a reader is told each rule is, or the test's own name where it judges no claim."""
    claims = load_claims()
    return [name_of(rule, claims) for rule in rules]


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    worlds = load_worlds(load_claims()).worlds
    words = {name: world.words for name, world in worlds.items()}
    return pd.DataFrame(
        {
            "rule or test": names_of(rows["rule"]),
            "where": rows["world"].map(words).fillna(""),
            "panels": rows["panels"],
            "share": rows["rate"],
            "from": rows["ci_low"],
            "to": rows["ci_high"],
            "note": rows["reason"],
        }
    )
