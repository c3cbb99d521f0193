"""Many claims, one error rate: p-values adjusted within their families."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np

from analysis.results import InputError, significant

HOLM = "Holm"
BENJAMINI_YEKUTIELI = "Benjamini–Yekutieli"

#: Beside the methods of statsmodels' ``fdrcorrection``.
HOLM_KEY = "holm"


@dataclass(frozen=True)
class Adjustment:
    """Raw and adjusted p-values in the order given.

    Attributes
    ----------
    raw, adjusted : tuple of float or None
        None where the claim has no p-value.
    method : tuple of str or None
        ``"Holm"`` or ``"Benjamini–Yekutieli"``; None where there is no p-value.
    """

    raw: tuple[float | None, ...]
    adjusted: tuple[float | None, ...]
    method: tuple[str | None, ...]

    def __str__(self) -> str:
        core, other = self.method.count(HOLM), self.method.count(BENJAMINI_YEKUTIELI)
        low = sum(p is not None and p < 0.05 for p in self.adjusted)
        return (
            f"{core} core p-values after Holm and {other} others after Benjamini–Yekutieli;"
            f" {low} of them below .05"
        )


@dataclass(frozen=True)
class PValue:
    """A claim's p-value, and whether it is a core claim."""

    value: float
    core: bool


@dataclass(frozen=True)
class InFamily:
    """One claim's p-value beside those of its family.

    Attributes
    ----------
    raw, adjusted : float
    size : int
        Claims of the family that have a p-value, this one included.
    method : str
    """

    raw: float
    adjusted: float
    size: int
    method: str


def adjust_within(own: PValue, others: Iterable[PValue]) -> InFamily:
    """One claim's p-value adjusted for those of the others, each to the digits the ledger keeps.

    Parameters
    ----------
    own : PValue
    others : iterable of PValue
        Of the same data set; those of the other family do not count.
    """
    family = [own, *(other for other in others if other.core is own.core)]
    kept = [significant(one.value) for one in family]
    found = adjust(kept, [own.core] * len(kept))
    adjusted, method = found.adjusted[0], found.method[0]
    if adjusted is None or method is None:
        raise InputError("a claim without a p-value has no place in a family of p-values")
    return InFamily(kept[0], significant(adjusted), len(kept), method)


def adjust(p_values: Sequence[float | None], core_mask: Sequence[bool]) -> Adjustment:
    """Adjust core claims by Holm and the others by Benjamini–Yekutieli.

    Parameters
    ----------
    p_values : sequence of float or None
        One a claim; None passes through and does not count in its family's size.
    core_mask : sequence of bool
        True for a core claim.

    Raises
    ------
    InputError
        Lengths that differ, or a p-value that is NaN or outside [0, 1].

    References
    ----------
    Holm, S. (1979), "A simple sequentially rejective multiple test procedure", Scandinavian
    Journal of Statistics 6. Benjamini, Y. and D. Yekutieli (2001), "The control of the false
    discovery rate in multiple testing under dependency", Annals of Statistics 29, theorem 1.3.
    """
    raw, core = list(p_values), [bool(flag) for flag in core_mask]
    if len(raw) != len(core):
        raise InputError(f"core_mask: {len(core)} flags for {len(raw)} p-values; give one each")
    for p in raw:
        if p is not None and not (isfinite(p) and 0 <= p <= 1):
            raise InputError(f"p_values: {p!r} is not between 0 and 1; use None for no p-value")
    adjusted: list[float | None] = [None] * len(raw)
    method: list[str | None] = [None] * len(raw)
    for wanted, key, label in ((True, HOLM_KEY, HOLM), (False, "negcorr", BENJAMINI_YEKUTIELI)):
        family = {k: p for k, p in enumerate(raw) if p is not None and core[k] is wanted}
        for k, value in zip(family, _family(list(family.values()), key), strict=True):
            adjusted[k], method[k] = value, label
    given = tuple(None if p is None else float(p) for p in raw)
    return Adjustment(given, tuple(adjusted), tuple(method))


def false_discovery_rates(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values of all claims together, adjusted by Benjamini and Hochberg, in the order given.

    The smallest rate of false discoveries at which each would count as one. Shown beside the
    registered adjustment and no part of a verdict.

    References
    ----------
    Benjamini, Y. and Y. Hochberg (1995), "Controlling the false discovery rate", Journal of the
    Royal Statistical Society B 57.
    """
    return tuple(_family([float(p) for p in p_values], "indep"))


def _family(p_values: list[float], method: str) -> list[float]:
    """The adjusted p-values in the order given; a family is adjusted once, in whatever order."""
    places = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = _adjusted(tuple(p_values[place] for place in places), method)
    return [p for _, p in sorted(zip(places, adjusted, strict=True))]


@lru_cache(maxsize=256)
def _adjusted(ascending: tuple[float, ...], method: str) -> tuple[float, ...]:
    if not ascending:
        return ()
    if method == HOLM_KEY:
        steps = np.arange(len(ascending), 0, -1) * np.array(ascending)
        return tuple(np.minimum(np.maximum.accumulate(steps), 1.0).tolist())
    # not multipletests, which looks through all memory for garbage at each call
    from statsmodels.stats.multitest import fdrcorrection

    return tuple(fdrcorrection(ascending, method=method, is_sorted=True)[1].tolist())
