"""Numbers as a reader wants them: percentages, minus signs, three digits and a unit."""

from __future__ import annotations

import math
import re
from typing import Any

from analysis.texts import in_prose

MISSING = "none"

#: A name as code has it.
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")

#: A month or day, or two of them, by numbers: what a cell of a table may hold.
_MONTHS = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?( to [0-9]{4}-[0-9]{2}(-[0-9]{2})?)?")

#: A counted noun at the beginning of a unit.
_PLURAL = re.compile(r"^( (?:cut|month|year|session|window|event|point|vote|figure))s\b")

_PER_CENT = ("decimal return", "decimal rate", "decimal", "probability", "share")


def format_quantity(value: float | None, unit: str = "") -> str:
    """One number with its unit.

    Parameters
    ----------
    value : float or None
    unit : str
        Units that begin with "decimal", "probability" or "share" are shown in per cent.

    Returns
    -------
    str
        ``format_quantity(-0.034, "decimal return per year")`` is ``"−3.4% per year"``.
    """
    if value is None or math.isnan(value):
        return MISSING
    scale, ending = _scale(unit)
    digits = _digits(value, scale)
    return (digits + (_of_one(ending) if digits == "1" else ending)).strip()


def _of_one(ending: str) -> str:
    """The end of a quantity of one: ``" cut of 25 basis points"``."""
    return _PLURAL.sub(r"\1", ending, count=1)


def format_prose(value: float | None, unit: str = "") -> str:
    """One number of a sentence, to two significant digits.

    ``format_prose(0.0468, "share")`` is ``"4.7%"``, ``format_prose(0.08, "share")`` ``"8%"``.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    scale, ending = _scale(unit)
    number = value * scale
    digits = 0 if abs(number) >= 9.95 else 1
    text = f"{abs(number):,.{digits}f}".removesuffix(".0")
    sign = "−" if number < 0 and text != "0" else ""
    return (sign + text + ("%" if scale == 100.0 else "") + ending).strip()


def format_measure(value: float | bool | None, unit: str = "") -> str:
    """A measure of a criterion: a number with its unit, a p-value, a count, or yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit in ("p-value", "count"):
        return format_p(value) if unit == "p-value" else format_count(value)
    return format_quantity(value, unit)


def format_interval(low: float | None, high: float | None, unit: str = "") -> str:
    """An interval with its unit; an end that is missing is shown as open."""
    if low is None and high is None:
        return MISSING
    scale, ending = _scale(unit)
    below, above = (
        f"no {end} end" if value is None or not math.isfinite(value) else _digits(value, scale)
        for value, end in ((low, "lower"), (high, "upper"))
    )
    return f"{below} to {above}{ending}"


def format_p(value: float | None) -> str:
    """A p-value with two digits, never a bare zero."""
    if value is None or math.isnan(value):
        return MISSING
    return "< 0.001" if value < 0.001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def in_hundred(share: float) -> str:
    """A share as a count of a hundred; never none where there was one."""
    return "fewer than 1" if 0 < share < 0.005 else f"{100 * share:.0f}"


def also_suggestive(supported: float, at_least_suggestive: float) -> str:
    """Beside the histories with support those with at least the next label, where they differ."""
    wider = in_hundred(at_least_suggestive)
    differs = wider != in_hundred(supported)
    return f" (at least suggestive in {wider} of 100)" if differs else ""


def format_cell(value: Any, column: str, as_percent: bool = False) -> str:
    """One cell of a table, by the name of its column; empty where there is no value.

    Parameters
    ----------
    value : object
        A number with decimals is rounded; a whole number, a month or a word stays as it is.
    column : str
        A column called ``p``, or ``p`` with a test after a comma or a space, holds p-values.
    as_percent : bool
    """
    if value is None or value != value or str(value) == "NaT":
        return ""
    if as_percent:
        return format_quantity(float(value), "share")
    if not isinstance(value, float):
        return _read(str(value))
    return format_p(value) if re.split(r"[ ,]", column)[0] == "p" else format_quantity(value)


def _read(text: str) -> str:
    """A cell of text: names of columns in words, dates inside a sentence in words."""
    if _NAME.fullmatch(text):
        return text.replace("_", " ")
    return text if _MONTHS.fullmatch(text) else in_prose(text)


def format_count(value: float | None) -> str:
    """A number of observations: whole where it is whole."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.1f}"


def _scale(unit: str) -> tuple[float, str]:
    for beginning in _PER_CENT:
        if unit == beginning or unit.startswith(beginning + " "):
            return 100.0, unit[len(beginning) :]
    return 1.0, f" {unit}" if unit else ""


def _digits(value: float, scale: float) -> str:
    number = value * scale
    if math.isinf(number):
        return "infinity" if number > 0 else "−infinity"
    size = abs(number)
    if scale == 100.0:
        text = f"{size:.0f}%" if size >= 100 else f"{size:.1f}%"
    elif size == 0 or size >= 999.5:
        text = f"{size:,.0f}"
    else:
        text = f"{size:.3g}" if size >= 1e-4 else f"{size:.1e}"
    return f"−{text}" if number < 0 and text.strip("0.%") else text
