"""Numbers as a reader wants them: percentages, minus signs, three digits and a unit."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from analysis.texts import in_prose

MISSING = "none"

#: A name as code has it.
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")

#: A counted noun at the beginning of a unit.
_PLURAL = re.compile(r"^( (?:cut|month|year|session|window|event|point|vote|figure))s\b")

#: A count of four digits that is no year, and no part of an index's name.
_THOUSANDS = re.compile(
    r"(?<![\w/.,:_−-])(?<!Russell )(?!(?:1[89]|20)[0-9][0-9]\b)([1-9][0-9][0-9][0-9])(?= [a-z])"
)

_ONE_FIRST = re.compile(r"(?<![\d.,:–−-])1 first cuts\b")
_NO_FIRST = re.compile(r"\bonly 0 first cuts\b")

_PER_CENT = ("decimal return", "decimal rate", "decimal", "probability", "share")


class _Shown(NamedTuple):
    """How numbers of a unit are shown: multiplied, with a sign and the words after it.

    ``compounds`` for a difference of logs, which is shown as the per cent it comes to.
    """

    scale: float
    sign: str
    words: str
    compounds: bool = False

    def number(self, value: float) -> float:
        """The number that is shown for one in the estimand's own unit."""
        return self.scale * (math.expm1(value) if self.compounds else value)


_CHEAPER = "when small caps are a tenth cheaper"

#: Units of estimands that few readers know, and how they are shown. A tenth cheaper is a tenth of a
#: log point, near enough; a rate that rises by one point rises by a hundredth. The ledger keeps the
#: estimand's own.
_READABLE: tuple[tuple[re.Pattern[str], _Shown], ...] = tuple(
    (re.compile(unit), shown)
    for unit, shown in (
        (
            r"decimal return over (.+?)"
            r" (?:a log point(?: of gap)?|when the logarithm of the gap rises by one)(,.*)?",
            _Shown(10.0, "%", rf" over \1 {_CHEAPER}\2"),
        ),
        (
            r"outcome over (.+?) a log point(,.*)?",
            _Shown(10.0, "", r" points over \1 when it is a tenth wider\2"),
        ),
        (r"outcome per log point", _Shown(10.0, "", " points when it is a tenth wider")),
        (
            r"log points of the gap per unit of rate",
            _Shown(1.0, "%", " on small caps’ cheapness when the rate rises by one point"),
        ),
        (
            r"monthly return per log point of the dollar",
            _Shown(1.0, "%", " in a month in which the dollar rises by 1%"),
        ),
        (
            r"monthly return per unit of rate",
            _Shown(1.0, "%", " in a month in which the rate rises by one point"),
        ),
        (
            r"return a month per unit of the driver",
            _Shown(1.0, "%", " in a month in which the driver rises by one point"),
        ),
        (r"log points?( .+|)", _Shown(100.0, "%", r"\1", compounds=True)),
        (r"log (?:return|change)( .+|)", _Shown(100.0, "%", r"\1", compounds=True)),
    )
)


def format_quantity(value: float | None, unit: str = "") -> str:
    """One number with its unit.

    Parameters
    ----------
    value : float or None
    unit : str
        Units that begin with "decimal", "probability" or "share" are shown in per cent, and a log
        point as the tenth by which small caps are cheaper.

    Returns
    -------
    str
        ``format_quantity(-0.034, "decimal return per year")`` is ``"−3.4% per year"``.
    """
    if value is None or math.isnan(value):
        return MISSING
    shown = _shown(unit)
    digits = _digits(value, shown)
    return (digits + (_of_one(shown.words) if digits == "1" else shown.words)).strip()


def _of_one(ending: str) -> str:
    """The end of a quantity of one: ``" cut of 25 basis points"``."""
    return _PLURAL.sub(r"\1", ending, count=1)


def format_prose(value: float | None, unit: str = "") -> str:
    """One number of a sentence, to two significant digits.

    ``format_prose(0.0468, "share")`` is ``"4.7%"``, ``format_prose(0.08, "share")`` ``"8%"``.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    shown = _shown(unit)
    number = shown.number(value)
    digits = 0 if abs(number) >= 9.95 else 1
    text = f"{abs(number):,.{digits}f}".removesuffix(".0")
    minus = "−" if number < 0 and text != "0" else ""
    return (minus + text + shown.sign + shown.words).strip()


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
    shown = _shown(unit)
    below, above = (
        None if value is None or not math.isfinite(value) else _digits(value, shown)
        for value in (low, high)
    )
    if above is None:
        return MISSING if below is None else f"{below}{shown.words}, without an upper end"
    if below is None:
        return f"{above}{shown.words}, without a lower end"
    return f"{below} to {above}{shown.words}"


def format_p(value: float | None) -> str:
    """A p-value with two digits, never a bare zero."""
    if value is None or math.isnan(value):
        return MISSING
    return "< 0.001" if value < 0.001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def in_hundred(share: float) -> str:
    """A share as a count of a hundred; never none where there was one."""
    return "fewer than 1" if 0 < share < 0.005 else f"{math.floor(100 * share + 0.5)}"


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
        A number with decimals is rounded; a whole number or a word stays as it is, a month or day
        is named: November 2018.
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
    """A cell of text: names of columns and dates in words."""
    if _NAME.fullmatch(text):
        return text.replace("_", " ")
    return in_prose(text)


def told_counts(text: str) -> str:
    """A stored sentence with thousands parted and one of a thing in the singular.

    Examples
    --------
    >>> told_counts("only 1 first cuts in 1079 months since 1954, by the Russell 1000 index")
    'only 1 first cut in 1,079 months since 1954, by the Russell 1000 index'
    >>> told_counts("only 0 first cuts without a recession; 3 are needed")
    'no first cut without a recession; 3 are needed'
    """
    text = _ONE_FIRST.sub("1 first cut", _NO_FIRST.sub("no first cut", text))
    return _THOUSANDS.sub(lambda found: f"{int(found[1]):,}", text)


def format_count(value: float | None) -> str:
    """A number of observations: whole where it is whole."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.1f}"


def unit_words(unit: str) -> str:
    """A unit as a reader is shown it; the estimand's own where that is readable."""
    known = any(one.fullmatch(unit) for one, _ in _READABLE)
    return _shown(unit).words.strip() if known else unit


def plain_unit(unit: str) -> str:
    """The estimand's own unit where its number stands, a log point in words."""
    return re.sub(
        r"\b(?:a|per) log point(?: of gap)?", "when the logarithm of the gap rises by one", unit
    )


def _shown(unit: str) -> _Shown:
    for pattern, shown in _READABLE:
        if found := pattern.fullmatch(unit):
            return shown._replace(words=found.expand(shown.words))
    for beginning in _PER_CENT:
        if unit == beginning or unit.startswith(beginning + " "):
            return _Shown(100.0, "%", unit[len(beginning) :])
    return _Shown(1.0, "", f" {unit}" if unit else "")


def _digits(value: float, shown: _Shown) -> str:
    number = shown.number(value)
    if math.isinf(number):
        return "infinity" if number > 0 else "−infinity"
    size = abs(number)
    if shown.sign:
        # a change by one point of a rate is small
        decimals = 0 if size >= 100 else 2 if shown.scale == 1.0 and size < 1 else 1
        text = f"{size:.{decimals}f}{shown.sign}"
    elif size == 0 or size >= 999.5:
        text = f"{size:,.0f}"
    else:
        text = f"{size:.3g}" if size >= 1e-4 else f"{size:.1e}"
    return f"−{text}" if number < 0 and text.strip("0.%") else text
