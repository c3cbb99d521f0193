"""The worlds a rule is tried in: some make its claim false, some make it true."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.audit.simulation import NO_EFFECT, Effect
from analysis.claims import Claim
from analysis.designs.event_study.windows import event_months
from analysis.panel import Dataset, small_minus_large
from analysis.panel.events import troughs
from analysis.sources.facts import load_facts

#: Lead of small over large in the year after a first cut that a published study reports.
CUT_STUDY = "2024-08-fidelity-first-cut-small-caps-mean-outperformance"

#: The core rules that run on monthly panels, in the order of the book.
RULES = (
    "first-cut-12m",
    "first-cut-recession-60",
    "early-cycle",
    "gap-precedes-outperf",
    "cheap-stays-cheap",
    "bofa-9-vs-1",
    "premium-vanished",
)

#: The core rule that does not, and why.
LEFT_OUT = {
    "streak-11": "needs daily returns and fund prices, which a monthly panel cannot give",
}

#: Half-life of the gap, in months, where it is planted to be slow.
_HALF_LIFE = 36


@dataclass(frozen=True)
class World:
    """One way the data could have come about.

    Attributes
    ----------
    name : str
    words : str
        What holds in it, for the reader.
    rules : tuple of str
        Claims judged in it.
    claim_holds : bool
        Whether those claims are true in it.
    effect : callable
        From the real data and the claims to what is planted.
    """

    name: str
    words: str
    rules: tuple[str, ...]
    claim_holds: bool
    effect: Callable[[Dataset, Mapping[str, Claim]], Effect]


def _nothing(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return NO_EFFECT


def _after_cuts(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    rule = str(claims["first-cut-12m"].primary["date_rule"])
    return Effect(after_events=cut_lead(), events=tuple(event_months(dataset, rule)))


def _after_troughs(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    months = troughs(dataset.facts["nber_cycles"])
    return Effect(after_events=cut_lead(), events=tuple(months))


def _slope(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(slope=_yearly_lead(claims) / bank_gap(claims) / 12.0)


def _bank(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    """From the bank's gap at the end, the expected ten-year lead is the claimed one.

    A gap g that fades at rate ρ earns slope × g × (1 − ρ^h) / (1 − ρ) over h months.
    """
    horizon = int(claims["bofa-9-vs-1"].primary["horizon"])
    rho = 0.5 ** (1.0 / _HALF_LIFE)
    months = (1.0 - rho**horizon) / (1.0 - rho)
    gap = bank_gap(claims)
    slope = _yearly_lead(claims) * horizon / 12.0 / gap / months
    return Effect(slope=slope, half_life=_HALF_LIFE, gap_now=gap)


def _fast(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    months = float(claims["cheap-stays-cheap"].primary["long_months"])
    return Effect(half_life=months, through_returns=True)


def _fast_books(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(half_life=float(claims["cheap-stays-cheap"].primary["long_months"]))


def _slow(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return Effect(half_life=_HALF_LIFE, through_returns=True)


def _premium(dataset: Dataset, claims: Mapping[str, Claim], later: float) -> Effect:
    claim = claims["premium-vanished"]
    split = pd.Period(str(claim.primary["published"]), "M")
    spread = small_minus_large(dataset.monthly, str(claim.primary["leg"]))
    before = float(spread[spread.index < split].mean())
    return Effect(premium_from=split, premium_before=before, premium=later / 12.0)


def _goes_on(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return _premium(dataset, claims, float(claims["premium-vanished"].primary["margin"]))


def _gone(dataset: Dataset, claims: Mapping[str, Claim]) -> Effect:
    return _premium(dataset, claims, 0.0)


def cut_lead() -> float:
    """The published lead in the year after a first cut, decimal, whatever month the panel ends."""
    studies = load_facts(None)["first_cut_studies"].set_index("id")
    return float(studies.loc[CUT_STUDY, "value_low"]) / 100.0


def bank_gap(claims: Mapping[str, Claim]) -> float:
    """How far the relative forward P/E stood below its usual level, in log points.

    From the note that quotes both: usual relative P/E over the one at the time.
    """
    figures = {f.name: float(f.value) for f in claims["rel-pe-072"].figures}
    return math.log(figures["usual relative forward P/E"] / figures["relative forward P/E"])


def _yearly_lead(claims: Mapping[str, Claim]) -> float:
    return float(claims["bofa-9-vs-1"].primary["claimed_gap"])


_CUTS = ("first-cut-12m", "first-cut-recession-60")

WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World(
            "nothing",
            "no date and no gap says anything about later returns",
            (*_CUTS, "early-cycle", "gap-precedes-outperf", "bofa-9-vs-1"),
            False,
            _nothing,
        ),
        World(
            "quick correction",
            "prices close half of the gap within twelve months, the limit of the claim",
            ("cheap-stays-cheap",),
            False,
            _fast,
        ),
        World(
            "quick renewal",
            "half of the gap goes within twelve months, through new book values each June",
            ("cheap-stays-cheap",),
            False,
            _fast_books,
        ),
        World(
            "premium goes on",
            "since 1981 small has earned 2% a year more, the limit of the claim",
            ("premium-vanished",),
            False,
            _goes_on,
        ),
        World(
            "cuts matter",
            "small leads by the published five points in the year after each first cut",
            _CUTS,
            True,
            _after_cuts,
        ),
        World(
            "troughs matter",
            "small leads by five points in the year after each trough",
            ("early-cycle",),
            True,
            _after_troughs,
        ),
        World(
            "gap matters",
            "a gap like the bank's earns its eight points a year while it lasts",
            ("gap-precedes-outperf",),
            True,
            _slope,
        ),
        World(
            "bank is right",
            "today's gap is the bank's, and the next ten years are expected to earn eight points",
            ("bofa-9-vs-1",),
            True,
            _bank,
        ),
        World(
            "slow correction",
            "prices need three years to close half of the gap",
            ("cheap-stays-cheap",),
            True,
            _slow,
        ),
        World(
            "premium gone",
            "small earned its premium up to 1980 and nothing since",
            ("premium-vanished",),
            True,
            _gone,
        ),
    )
}
