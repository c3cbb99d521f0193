"""A design's call in the open, and its number beside the one a notebook computes by hand."""

from __future__ import annotations

import math
import pprint
from typing import Any

from analysis.claims import Claim
from analysis.designs import Sampling, Specification
from analysis.pages.quantities import format_quantity, plain_unit, unit_words
from analysis.results import Finding, InputError, nearest

#: Characters in a line of a call.
WIDTH = 88

#: Relative difference that two ways of adding the same numbers may leave.
ROUNDING = 1e-6


def call_words(claim: Claim, specification: Specification[Any], sampling: Sampling) -> str:
    """The call of a claim's design with every argument, as Markdown.

    Parameters
    ----------
    claim : Claim
        With a design.
    specification : Specification
        Of the claim, with what a reader changed.
    sampling : Sampling
    """
    given = specification.arguments.model_dump(mode="json", exclude_none=True)
    lines = [_argument(name, value) for name, value in given.items()]
    lines.append(f"draws={sampling.draws}, seed={sampling.seed},")
    call = "\n".join(f"    {line}" for line in lines)
    where = f"`data/claims/{claim.documents[0]}.yml`"
    said = f"As registered in {where}."
    if specification.deviations:
        said = f"Not as registered in {where}: {'; '.join(specification.deviations)}."
    return f"```python\n{claim.design}(\n    dataset,\n{call}\n)\n```\n\n{said}"


def number_of(finding: Finding, measure: str) -> tuple[float, str]:
    """A design's number and its unit, or name: a measure, the headline without a name.

    Raises
    ------
    InputError
        For a measure the finding does not give.
    """
    if not measure:
        return math.nan if finding.estimate is None else float(finding.estimate), finding.unit
    if finding.refusal is None and measure not in finding.measures:
        raise InputError(f"no measure {measure!r}{nearest(measure, finding.measures)}")
    return float(finding.measures.get(measure, math.nan)), f"`{measure}`"


def beside_design(
    claim: Claim, finding: Finding, by_hand: float | None, measure: str = "", within: float = 0.0
) -> str:
    """One sentence on a number computed by hand and that of the design: equal, or refused.

    Parameters
    ----------
    claim : Claim
    finding : Finding
        Of the claim's design; where it is refused there is nothing to compare.
    by_hand : float or None
        In the unit of the design's number; None where nothing could be computed.
    measure : str
        Of the finding; its headline where empty.
    within : float
        Largest difference, in the same unit, where the hand works on a coarser grid.

    Raises
    ------
    AssertionError
        Where the two differ, or only one of them is a number.
    """
    if finding.refusal is not None:
        return (
            f"The design `{claim.design}` gives no number in this run: {finding.refusal.reason}."
            " There is nothing to compare."
        )
    number, unit = number_of(finding, measure)
    return same_number(by_hand, number, f"the design `{claim.design}` gives", unit, within)


def same_number(
    by_hand: float | None, number: float, who: str, unit: str = "", within: float = 0.0
) -> str:
    """One sentence that says two numbers are the same; parameters as :func:`beside_design`.

    Raises
    ------
    AssertionError
        Where they are not.
    """
    found = math.nan if by_hand is None else float(by_hand)
    alike = math.isclose(found, number, rel_tol=ROUNDING, abs_tol=max(within, 1e-12))
    if not alike:
        raise AssertionError(f"by hand it is {found!r}, {who} {number!r} ({unit or 'no unit'})")
    spare = f", to within {within:g}" if within else ""
    read = f"; in words {format_quantity(number, unit)}" if unit_words(unit) != unit else ""
    words = f" ({plain_unit(unit)}{read})" if unit else ""
    return _with_minus(f"By hand: {found:.4g}. {who[0].upper()}{who[1:]} {number:.4g}") + (
        f"{words}. **They are equal**{spare}."
    )


def _argument(name: str, value: object) -> str:
    text = pprint.pformat(value, width=WIDTH - len(name), compact=True, sort_dicts=False)
    return f"{name}={text},".replace("\n", "\n" + " " * (5 + len(name)))


def _with_minus(text: str) -> str:
    return text.replace(" -", " −")
