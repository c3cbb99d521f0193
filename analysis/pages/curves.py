"""Every specification of a claim as a curve: its estimate, its band without an effect, its choices.

A study has its grid in the design's own columns; a curve has the one column the claim is about, in
the same form for every design, as a chart draws it and ``data/derived`` keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.claims import load_claims
from analysis.files import load_text
from analysis.inference.choice_shares import ChoiceShares, choice_shares
from analysis.pages.choices import axis_words
from analysis.results import InputError, significant

if TYPE_CHECKING:
    from analysis.claims import Claim
    from analysis.designs import Study

FILE = Path("data") / "derived" / "specification_grids.json"

REMEDY = "run `smallcap derive --claims`"

#: Digits of what is kept of an estimate.
DIGITS = 3


@dataclass(frozen=True)
class Headline:
    """The column of a design's grid that answers its claim.

    Attributes
    ----------
    column : str
    words : str
        For the axis.
    number : str
        D3 format of the values.
    null : float or None
        The value without an effect; None where no value says that.
    same_unit : tuple of str
        Axes of :data:`UNIT_AXES` that leave the unit of this column as it is.
    scale : float
        Every value is multiplied by it before it is drawn or said.
    """

    column: str
    words: str
    number: str = "%"
    null: float | None = 0.0
    same_unit: tuple[str, ...] = ()
    scale: float = 1.0


#: Axes that change the unit of an estimate: returns over other horizons, slopes per another driver.
UNIT_AXES = ("driver", "horizon", "horizon_sessions", "predictor", "second", "sessions")

_A_YEAR = Headline("annual", "return a year")

#: By design; one without an entry has no curve.
HEADLINES: Mapping[str, Headline] = {
    "both_exposures": Headline("slope", "small minus large per unit of the driver", ".2f"),
    "conditional_industry_returns": Headline("slope", "lead when the industries lead, a year"),
    "count_trend": Headline("change", "log change of the number of small firms", ".2f"),
    "dispersion_ratio": Headline("ratio", "dispersion of small over large", ".2f", 1.0),
    "event_days": Headline("mean", "lead after the announcements"),
    "event_study": Headline("effect", "lead after the events less that after any month"),
    "exposure": Headline("slope", "small minus large per unit of the driver", ".2f"),
    "fund_comovement": Headline("slope", "small minus large per unit of the driver", ".2f"),
    "fund_comparison": Headline("lead", "lead over the other fund, a year"),
    "gap_closing": Headline(
        "closed", "share of a gap closed beyond chance", same_unit=("horizon",)
    ),
    "gap_exposure": Headline("slope", "change of the slope with the gap", ".2f"),
    "horizon_lead": Headline("share", "share of windows small caps won", "%", None, ("horizon",)),
    "interest_burden": Headline("highest", "highest share of earnings", "%", None),
    "linked_difference": Headline("difference", "lead with a recession less lead without"),
    "mean_premium": _A_YEAR,
    "mean_reversion": Headline("half-life", "months until half a gap is closed", ".0f", None),
    "outcome_slope": Headline("slope", "change of what follows, a tenth wider", scale=0.1),
    "outlook_allocation": Headline("excess", "gain of the tilted portfolio"),
    "outlook_lead": Headline("smallest", "smallest lead over the first days"),
    "portfolio_mix": Headline("sharpe_difference", "Sharpe ratio of the mix less the core", ".2f"),
    "predictive_regression": Headline(
        "slope", "extra return over the horizon when small caps are a tenth cheaper", scale=0.1
    ),
    "premium_before_after": Headline("since", "premium a year since publication"),
    "quoted_multiples": Headline("conflicts", "figures that contradict it", ".0f", None),
    "regional_premium": _A_YEAR,
    "return_decomposition": Headline("rest", "return a year beyond earnings"),
    "return_forecast": Headline(
        "projection", "forecast lead of small caps a year", same_unit=("horizon", "predictor")
    ),
    "runs_of_signs": Headline("effect", "lead after a run less that after any day"),
    "screen_premium": _A_YEAR,
    "size_alpha": _A_YEAR,
    "staged_entry": Headline("mean_difference", "entry in steps less entry at once"),
    "state_means": Headline("slope", "difference between the two states, a year"),
    "valuation_rank": Headline("ratio", "price of small over large", ".2f", None),
    "volatility_ratio": Headline("ratio", "volatility of small over large", ".2f", 1.0),
}

#: Where the claim is about how often small caps won.
_WINS = Headline("win_excess", "share won after the events less that of any month")


@dataclass(frozen=True)
class Curve:
    """The specifications of a claim that have an estimate.

    Attributes
    ----------
    claim, design : str
    axes : mapping of str to tuple
        Axis and its registered alternatives.
    rows : DataFrame
        For each axis the place of the alternative taken, then ``estimate``, ``low`` and ``high``:
        between which values 95% of the estimates would lie without an effect; NaN where the design
        gives no interval.
    headline : Headline
    registered : tuple of int or None
        Places of the registered specification; None where it is no cell of the grid.
    left_out : int
        Specifications without an estimate.
    seen_to : str
        Last month of the data, ``YYYY-MM``.
    joint_p : float or None
        p-value of the registered specifications tested together; None without such a test.
    """

    claim: str
    design: str
    axes: Mapping[str, tuple[Any, ...]]
    rows: pd.DataFrame = field(repr=False)
    headline: Headline
    registered: tuple[int, ...] | None
    left_out: int
    seen_to: str
    joint_p: float | None = None

    @cached_property
    def shares(self) -> ChoiceShares:
        """The spread of the estimates divided among the choices, under their words.

        Of :attr:`standardised` estimates where there are bands: a return over ten years differs
        from one over a month by its unit, whatever the answer. Refused without a band where a
        choice changes the unit.
        """
        values = self.standardised
        if values is None:
            if mixed := self.mixed_units:
                named = " and ".join(f"“{axis_words(axis)}”" for axis in mixed)
                verb = "change" if len(mixed) > 1 else "changes"
                return ChoiceShares.refused(
                    f"which choice matters most is not said: {named} {verb} the unit of the"
                    " estimate, and no specification has a band to compare it by"
                )
            values = self.rows["estimate"]
        named_rows = self.rows.loc[values.index, list(self.axes)].rename(columns=axis_words)
        return choice_shares(named_rows, values)

    @cached_property
    def standardised(self) -> pd.Series | None:
        """Distance from the null in half-widths of the own band; None for fewer than two bands.

        On the index of the rows with a band: the null spread of each specification makes those of
        other horizons and drivers comparable.
        """
        if self.headline.null is None:
            return None
        half = (self.rows["high"] - self.rows["low"]) / 2.0
        told = half > 0
        scaled = (self.rows["estimate"] - self.headline.null)[told] / half[told]
        return scaled if len(scaled) > 1 else None

    @property
    def mixed_units(self) -> tuple[str, ...]:
        """The axes by which the estimates differ in unit."""
        return tuple(
            axis
            for axis in self.axes
            if axis in UNIT_AXES
            and axis not in self.headline.same_unit
            and len(self.rows[axis].unique()) > 1
        )

    @property
    def at(self) -> int | None:
        """Row of the registered specification, where it has an estimate."""
        if self.registered is None:
            return None
        same = (self.rows[list(self.axes)] == list(self.registered)).all(axis=1)
        return int(np.flatnonzero(same)[0]) if same.any() else None

    @property
    def outside(self) -> pd.Series:
        """Which estimates lie outside their band; False where there is none."""
        return (self.rows["estimate"] < self.rows["low"]) | (
            self.rows["estimate"] > self.rows["high"]
        )

    def as_record(self, criterion_hash: str) -> dict[str, Any]:
        """The curve as ``data/derived`` keeps it: a line a specification."""
        lines = []
        for row in self.rows.itertuples(index=False):
            places, numbers = row[: len(self.axes)], row[len(self.axes) :]
            told = [_short(value) for value in numbers]
            lines.append(" ".join([".".join(str(int(one)) for one in places), *told]).rstrip(" -"))
        return {
            "criterion_hash": criterion_hash,
            "design": self.design,
            "column": self.headline.column,
            "seen_to": self.seen_to,
            "axes": {axis: list(values) for axis, values in self.axes.items()},
            "registered": None if self.registered is None else list(self.registered),
            "left_out": self.left_out,
            "joint_p": None if self.joint_p is None else significant(self.joint_p, DIGITS),
            "specifications": lines,
        }


def curve_of(study: Study, seen_to: str | None = None) -> Curve | None:
    """The curve of a study; None where no two specifications have an estimate.

    Parameters
    ----------
    study : Study
        Of a claim of the project.
    seen_to : str, optional
        Last month of the data; that of the finding by default.
    """
    design = str(load_claims()[study.specification.claim].design)
    axes = {name: tuple(values) for name, values in study.specification.grid.items()}
    headline = _headline(study, design)
    if headline is None or not axes or headline.column not in study.grid:
        return None
    ran = study.ran
    values = pd.to_numeric(ran[headline.column], errors="coerce")
    told = pd.DataFrame({axis: _places(ran[axis], known) for axis, known in axes.items()})
    told = told.assign(estimate=values, **_band(study, ran, headline))
    told = told[np.isfinite(told["estimate"])].reset_index(drop=True)
    if len(told) < 2:
        return None
    return Curve(
        claim=study.specification.claim,
        design=design,
        axes=axes,
        rows=told,
        headline=headline,
        registered=_registered(study, axes),
        left_out=len(study.grid) - len(told),
        seen_to=str(study.finding.sample_end or "") if seen_to is None else seen_to,
        joint_p=study.finding.joint_p,
    )


def _headline(study: Study, design: str) -> Headline | None:
    won = design == "event_study" and study.finding.unit.startswith("share")
    return _WINS if won else HEADLINES.get(design)


def _places(values: pd.Series, known: tuple[Any, ...]) -> list[int]:
    """Place of each value among the registered alternatives; -1 for any other."""
    exact = {repr(one): at for at, one in enumerate(known)}
    # a column of whole numbers and words holds the words of both
    loose = {str(one): at for at, one in enumerate(known)}
    plain = [one.item() if isinstance(one, np.generic) else one for one in values]
    return [exact.get(repr(one), loose.get(str(one), -1)) for one in plain]


def _registered(study: Study, axes: Mapping[str, tuple[Any, ...]]) -> tuple[int, ...] | None:
    places = []
    for axis, known in axes.items():
        (place,) = _places(pd.Series([getattr(study.specification.arguments, axis)]), known)
        if place < 0:
            return None
        places.append(place)
    return tuple(places)


def _band(study: Study, ran: pd.DataFrame, headline: Headline) -> dict[str, Any]:
    """Where estimates lie without an effect: by placements, or the interval moved to the null."""
    nothing = {"low": np.nan, "high": np.nan}
    joint = getattr(study, "joint", None)
    if headline.column in ("effect", "win_excess") and hasattr(joint, "null_band"):
        return _placed_band(study, ran, joint, wins=headline is _WINS)
    if headline.null is None or not {"low", "high"} <= set(ran):
        return nothing
    numbers = {
        name: pd.to_numeric(ran[name], errors="coerce") for name in ("low", "high", headline.column)
    }
    found = numbers[headline.column]
    return {
        "low": headline.null - (numbers["high"] - found),
        "high": headline.null + (found - numbers["low"]),
    }


def _placed_band(study: Any, ran: pd.DataFrame, joint: Any, wins: bool) -> dict[str, Any]:
    names = [name for name in joint.estimates if name in study.specification.grid]
    band = joint.null_band(wins)
    keyed = joint.estimates[names].astype(str).join(band).drop_duplicates(names)
    found = ran[names].astype(str).merge(keyed, on=names, how="left")
    return {"low": found["null_low"].to_numpy(), "high": found["null_high"].to_numpy()}


def _short(value: Any) -> str:
    return "-" if not np.isfinite(value) else f"{significant(float(value), DIGITS):g}"


def load_curves(path: Path, claims: Mapping[str, Claim]) -> dict[str, Curve]:
    """The kept curves of the claims whose tests are still the same; empty without a file.

    Raises
    ------
    InputError
        When the file does not hold what it should.
    """
    if not path.is_file():
        return {}
    try:
        kept = json.loads(load_text(path, REMEDY))["claims"]
        current = {
            name: one
            for name, one in kept.items()
            if name in claims and one["criterion_hash"] == claims[name].criterion_hash
        }
        return {name: _from_record(name, one) for name, one in current.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name}: cannot be read ({error}); {REMEDY}") from error


def _from_record(claim: str, kept: Mapping[str, Any]) -> Curve:
    axes = {axis: tuple(values) for axis, values in kept["axes"].items()}
    parts = [line.split(" ") for line in kept["specifications"]]
    rows = pd.DataFrame([list(map(int, one[0].split("."))) for one in parts], columns=list(axes))
    for at, name in enumerate(("estimate", "low", "high"), 1):
        rows[name] = [_number(one, at) for one in parts]
    headline = next(
        one
        for one in (*HEADLINES.values(), _WINS)
        if one.column == kept["column"] and (one is _WINS or one == HEADLINES[kept["design"]])
    )
    registered, joint_p = kept["registered"], kept.get("joint_p")
    return Curve(
        claim=claim,
        design=kept["design"],
        axes=axes,
        rows=rows,
        headline=headline,
        registered=None if registered is None else tuple(registered),
        left_out=int(kept["left_out"]),
        seen_to=kept["seen_to"],
        joint_p=None if joint_p is None else float(joint_p),
    )


def _number(parts: list[str], at: int) -> float:
    return float(parts[at]) if at < len(parts) and parts[at] != "-" else np.nan
