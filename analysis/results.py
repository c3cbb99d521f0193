"""Results that speak: estimates, evidence and refusals shared by every layer.

An *estimate* is what one estimator says; a *finding* is what one claim's design says; a *verdict*
(:mod:`analysis.claims.verdicts`) is what the written criterion makes of the evidence. A *refusal*
is a result too: it carries the reason why no number can be given.
"""

from __future__ import annotations

import calendar
import functools
import math
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Self

#: What a run is asked for, and says it sees, where nothing is cut.
NEWEST = "newest"

_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


class InputError(ValueError):
    """Input that cannot be used, named together with its remedy.

    The command line turns it into one line on standard error and exit code 2.
    """


def nearest(value: str, known: Iterable[str]) -> str:
    """The end of an error on an unknown name: the nearest known one, or all of them."""
    names = tuple(known)
    near = get_close_matches(value, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(names) or 'none'}"


def p_words(value: float) -> str:
    """A p-value inside a sentence, to two digits, as tables and cards have it."""
    return "below 0.001" if value < 0.001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def month_words(month: str) -> str:
    """A month or day inside a sentence: November 2018, 26 November 2026."""
    year, number, *day = month.split("-")
    days = "".join(f"{int(one)} " for one in day)
    return f"{days}{calendar.month_name[int(number)]} {year}"


def significant(value: float, digits: int = 6) -> float:
    """A number as tables keep it: enough digits to see a change, too few to show the machine."""
    return float(f"{value:.{digits}g}")


@dataclass(frozen=True)
class Refusal:
    """No number, and why.

    Attributes
    ----------
    reason : str
        One sentence a reader understands.
    needs : str or None
        ``"latest"`` where the latest data would allow the test, else None.
    until : str or None
        The day, ``YYYY-MM-DD``, from which there can be a number; None where none is known.
    """

    reason: str
    needs: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"refused: {self.reason}"


@dataclass(frozen=True)
class Result:
    """Anything that may be refused: a refused result has the interface of one that was not.

    Attributes
    ----------
    refusal : Refusal or None
        Why there is no number; None where there is one.
    """

    refusal: Refusal | None = field(default=None, kw_only=True)

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Whatever a kind of result says of its numbers, a refused one says why it has none."""
        super().__init_subclass__(**keywords)
        said = cls.__dict__.get("__str__")
        if said is not None:

            @functools.wraps(said)
            def speak(self: Result) -> str:
                return str(said(self)) if self.refusal is None else str(self.refusal)

            cls.__str__ = speak  # type: ignore[method-assign, assignment]

    @classmethod
    def refused(cls, reason: str | Refusal, needs: str | None = None) -> Self:
        """A result of this kind without numbers: NaN, nothing and empty tables.

        Parameters
        ----------
        reason : str or Refusal
            One sentence a reader understands, or why another result was refused.
        needs : str or None
            ``"latest"`` where the latest data would allow the test.
        """
        why = reason if isinstance(reason, Refusal) else Refusal(reason, needs)
        return cls(**_blank_fields(cls), refusal=why)

    def __bool__(self) -> bool:
        return self.refusal is None


def first_refusal(*results: Result | Refusal | None) -> Refusal | None:
    """The first reason among some results why one has no number; None where all have."""
    for result in results:
        refusal = result if isinstance(result, Refusal) else getattr(result, "refusal", None)
        if refusal is not None:
            return refusal
    return None


def number_word(count: int) -> str:
    """A small number as a sentence has it: twelve, but 13."""
    return _NUMBER_WORDS[count] if 0 <= count < len(_NUMBER_WORDS) else str(count)


def enumeration(parts: Sequence[str], last: str = "and") -> str:
    """Some words as a sentence has them: a, b and c; one alone stands alone."""
    *before, end = parts
    return f"{', '.join(before)} {last} {end}" if before else end


def _blank_fields(kind: type) -> dict[str, Any]:
    """Nothing, for every field of a dataclass that has no default."""
    return {name: _blank(hint) for name, hint in _needed_fields(kind)}


@functools.cache
def _needed_fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Names and types of a dataclass's fields that have no default; slow to find out."""
    hints = typing.get_type_hints(kind)
    return tuple(
        (one.name, hints[one.name])
        for one in fields(kind)
        if one.init and one.default is MISSING and one.default_factory is MISSING
    )


def _blank(kind: Any) -> Any:
    """Nothing, of a type: NaN for a number with decimals, an empty table for a table."""
    import numpy as np
    import pandas as pd

    origin = typing.get_origin(kind) or kind
    # from Python 3.12 on, a library's type may be an alias with a value of its own
    while (value := getattr(origin, "__value__", None)) is not None:
        origin = typing.get_origin(value) or value
    if type(None) in typing.get_args(kind):
        return None
    if origin is np.ndarray or str(origin).startswith("numpy"):
        return np.empty(0)
    makers = {float: lambda: math.nan, pd.Series: lambda: pd.Series(dtype=float)}
    if origin in makers:
        return makers[origin]()
    if origin is typing.Literal:
        return typing.get_args(kind)[0]
    if getattr(origin, "__module__", "") == "collections.abc":
        return {} if "Mapping" in str(origin) else ()
    if isinstance(origin, type) and issubclass(origin, Result):
        return origin.refused("what it rests on was refused")
    if isinstance(origin, type) and is_dataclass(origin):
        return origin(**_blank_fields(origin))
    return origin()


@dataclass(frozen=True, kw_only=True)
class Estimate(Result):
    """What one estimator says about one parameter.

    Attributes
    ----------
    name : str
        The estimator in the field's words, e.g. ``"IVX, horizon 12"``.
    estimate : float
        Point estimate in `unit`.
    unit : str
        ``"decimal return per year"``, ``"months"``, ``"probability"`` and so on.
    ci_low, ci_high : float
        Interval at `level`; an end may be infinite; NaN where the estimator gives none.
    level : float
        Coverage of the interval, .95 unless the method says otherwise.
    p_value : float or None
        Two-sided unless `null` says otherwise.
    n : int
        Observations used.
    effective_n : float
        Non-overlapping windows or events.
    null : str
        The hypothesis the p-value speaks of.
    """

    name: str
    estimate: float
    unit: str
    null: str
    n: int
    effective_n: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    level: float = 0.95
    p_value: float | None = None

    def headline(self) -> dict[str, Any]:
        """The fields of a :class:`Finding` that an estimate fills."""
        names = ("estimate", "unit", "ci_low", "ci_high", "p_value", "n", "effective_n")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        """One line a person can quote."""
        parts = [f"{self.name}: {self.estimate:.4g} {self.unit}".rstrip()]
        if not math.isnan(self.ci_low):
            parts.append(f"{self.level:.0%} interval {self.ci_low:.4g} to {self.ci_high:.4g}")
        parts.append(f"n = {self.n}, effective n = {self.effective_n:.4g}")
        if self.p_value is not None:
            parts.append(f"p = {self.p_value:.3g}")
        return "; ".join(parts) + f" (null: {self.null})"


@dataclass(frozen=True, kw_only=True)
class Finding(Result):
    """What one design found for one specification, ready for the written criterion.

    Attributes
    ----------
    estimate, unit, ci_low, ci_high, p_value, n, effective_n, null
        The headline of the primary specification, as in :class:`Estimate`.
    mde : float or None
        Minimum detectable effect in `unit` (80% power, two-sided 5%).
    more_needed : str
        How many more events or years would detect the claimed effect, in words.
    sample_start, sample_end : str
        First and last month used, ``YYYY-MM``.
    measures : mapping of str to float or bool
        Every quantity the criterion's conditions may name.
    finding : str
        One sentence, built from the numbers above, that answers the claim.
    sensitivity : str
        One sentence on what the alternatives of the grid say.
    specifications, left_out : int or None
        Specifications of the grid that were run, and those left out with a reason.
    joint_p : float or None
        p-value of the whole registered grid at once; `p_value` is that of this specification.
    usable_in_time : bool or None
        Whether it still holds from the day a person could know it; None where that is no question.
    in_time : str
        One sentence on that.
    luck : float or None
        Share of comparable figures or dates that would have matched by luck.
    without_one : mapping of str to mapping of str to float, or None
        What some measures are without each episode of the evidence; NaN where nothing can be said
        without it. None where a design counts no episodes.
    """

    estimate: float | None
    unit: str
    null: str
    n: int
    sample_start: str
    sample_end: str
    finding: str
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    effective_n: float | None = None
    mde: float | None = None
    more_needed: str = ""
    sensitivity: str = ""
    measures: Mapping[str, float | bool] = field(default_factory=dict)
    specifications: int | None = None
    left_out: int | None = None
    joint_p: float | None = None
    usable_in_time: bool | None = None
    in_time: str = ""
    luck: float | None = None
    without_one: Mapping[str, Mapping[str, float]] | None = None

    def __str__(self) -> str:
        return self.finding
