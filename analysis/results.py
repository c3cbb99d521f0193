"""Results that speak: estimates, evidence and refusals shared by every layer.

An *estimate* is what one estimator says; *evidence* is what one claim's check says; a *verdict*
(:mod:`analysis.claims.verdicts`) is what the written criterion makes of the evidence. A *refusal*
is a result too: it carries the reason why no number can be given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


class InputError(ValueError):
    """Input that cannot be used, named together with its remedy.

    The command line turns it into one line on standard error and exit code 2.
    """


@dataclass(frozen=True)
class Refusal:
    """No number, and why.

    Attributes
    ----------
    reason : str
        One sentence a reader understands.
    needs : str or None
        ``"latest"`` where the latest data would allow the test, else None.
    """

    reason: str
    needs: str | None = None

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"refused: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Estimate:
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
class Evidence:
    """What one check found for one claim, ready for the written criterion.

    Attributes
    ----------
    claim : str
        Claim id.
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
    """

    claim: str
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

    def __str__(self) -> str:
        return self.finding
