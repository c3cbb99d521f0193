"""Results with one interface: a refused one is of its kind, false, and says why."""

import importlib
import pkgutil
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import pytest
from typing_extensions import TypeAliasType

import analysis
from analysis.results import Estimate, Finding, Refusal, Result, enumeration, first_refusal

for module in pkgutil.walk_packages(analysis.__path__, "analysis."):
    if module.name.split(".")[1] not in ("pages", "runs", "__main__"):
        importlib.import_module(module.name)


def kinds(base: type[Result] = Result) -> list[type[Result]]:
    """Every kind of result of the package."""
    found = [kind for own in base.__subclasses__() for kind in (own, *kinds(own))]
    return [kind for kind in dict.fromkeys(found) if kind.__module__.startswith("analysis.")]


Number = TypeVar("Number", bound=np.generic)

#: As numpy names its arrays from Python 3.12 on.
Vector = TypeAliasType("Vector", np.ndarray[Any, np.dtype[Number]], type_params=(Number,))


@dataclass(frozen=True)
class Inner:
    """A value that is no result."""

    size: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Many(Result):
    """A result with a field of each sort."""

    share: float
    count: int
    words: str
    table: pd.DataFrame
    series: pd.Series
    draws: np.ndarray
    aliased: Vector[np.float64]
    by_name: dict[str, float]
    inner: Inner
    other: Estimate
    maybe: float | None
    sort: Literal["one", "two"]

    def __str__(self) -> str:
        return f"{self.share:.1%}"


@pytest.mark.parametrize("kind", [*kinds(), Many], ids=lambda kind: kind.__name__)
def test_a_refused_result_has_the_interface_of_its_kind(kind):
    """It is of its kind, has all fields, is false, and what it says is why."""
    refused = kind.refused("too few months", needs="latest")
    assert isinstance(refused, kind) and not refused
    assert first_refusal(refused) == Refusal("too few months", "latest")
    assert all(hasattr(refused, one.name) for one in fields(kind) if one.init)
    if "__str__" in kind.__dict__ or issubclass(kind, Estimate):
        assert str(refused) == "refused: too few months"


@pytest.mark.parametrize(
    "kind",
    [kind for kind in kinds() if kind.__module__.startswith("analysis.inference.")],
    ids=lambda kind: kind.__name__,
)
def test_what_an_estimator_gives_can_be_read_without_a_branch(kind):
    """A reader meets NaN, a word, an empty table or a p-value of one: no error and no number."""
    refused = kind.refused("too few months")
    for name in dir(kind):
        own = getattr(kind, name)
        if not name.startswith("_") and (isinstance(own, property) or hasattr(own, "attrname")):
            told = getattr(refused, name)
            says_nothing = (
                np.isnan(told) or told == 0 or (name.startswith("p_") and told == 1)
                if isinstance(told, float | int)
                else isinstance(told, str) or told is None or np.size(told) == 0
            )
            assert says_nothing, f"{name}: {told!r}"


def test_nothing_is_of_the_type_asked_for():
    """NaN for a number with decimals, nothing for a word, an empty table for a table."""
    blank = Many.refused("no reason")
    assert np.isnan(blank.share) and (blank.count, blank.words) == (0, "")
    assert blank.table.empty and blank.series.empty
    assert blank.draws.size == blank.aliased.size == 0
    assert (blank.by_name, blank.maybe, blank.sort) == ({}, None, "one")
    assert blank.inner == Inner(0, ()) and not blank.other


def test_a_reason_is_handed_on_whole():
    """What another result needs is what this one needs."""
    first = Estimate.refused("only in the latest data", needs="latest")
    assert Finding.refused(first.refusal).refusal == Refusal("only in the latest data", "latest")
    assert first_refusal(None, Many.refused("a"), Estimate.refused("b")).reason == "a"
    assert first_refusal(None, Finding.refused("c").refusal).reason == "c"


def test_a_result_that_was_not_refused_speaks_for_itself():
    """The reason stands in place of the numbers only where there are none."""
    said = Estimate(name="mean", estimate=0.5, unit="share", null="none", n=3, effective_n=3.0)
    assert said and str(said).startswith("mean: 0.5 share")


def test_an_estimate_heads_a_finding_with_its_own_numbers():
    """What a finding takes over is what was estimated, unit and counts included."""
    own = {"estimate": 0.5, "unit": "share", "ci_low": 0.4, "ci_high": 0.6, "p_value": 0.01}
    own |= {"n": 12, "effective_n": 4.0}
    made = Estimate(name="share won", null="one half", **own)
    found = Finding(**made.headline(), null="", sample_start="", sample_end="", finding="So.")
    assert {name: getattr(found, name) for name in own} == own


def test_some_words_are_enumerated_as_a_sentence_has_them():
    """One alone, two with a word between them, commas before."""
    assert enumeration(["a"]) == "a"
    assert enumeration(("a", "b"), "or") == "a or b"
    assert enumeration(["a", "b", "c"]) == "a, b and c"
