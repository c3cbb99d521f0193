"""Texts that people write into data files: one visible line each, and addresses of the web.

A line break, a control character or a change of the writing direction can make a page, a table or
a review show something else than what the file holds. No field of ours needs one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

from analysis.results import month_words, p_words

#: Control characters, invisible formats (direction marks among them), line and paragraph
#: separators, halves of characters.
_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs")
_NAMES = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}

#: A month as a pattern, in ASCII digits: ``\d`` takes those of every script.
MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"

#: An address as a pattern of the whole text: http or https, a host, visible ASCII, and nothing
#: that ends an attribute or a Markdown link.
ADDRESS = r"https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?#][A-Za-z0-9/?#:@!$&+,;=._~%-]*)?"


def unseen(text: str) -> str | None:
    r"""The first character of a text that a reader would not see, in words; None without one.

    Examples
    --------
    >>> unseen("small\u202ecaps")
    'U+202E RIGHT-TO-LEFT OVERRIDE'
    """
    if text.isprintable():
        return None
    for letter in text:
        if unicodedata.category(letter) in _UNSEEN:
            name = _NAMES.get(letter) or unicodedata.name(letter, "a control character")
            return f"U+{ord(letter):04X} {name}" if letter not in _NAMES else name
    return None


#: A day or month by numbers, apart from a snapshot's name or an address.
_DATE = re.compile(rf"(?<![\w/.-]){MONTH}(-[0-9]{{2}})?(?![\w/-])")

#: A month that a table calls by a small letter; "march" and "may" are words as well.
_MONTH_NAME = re.compile(
    r"\b(january|february|april|june|july|august|september|october|november|december)\b"
)

#: A hyphen in front of a number, where a sign stands.
_HYPHEN = re.compile(r"(?<![\w.,)%-])-(?=[0-9])")

#: What sentences count; after rounding, one of it may be left.
_COUNTED = (
    *("month", "year", "cut", "claim", "note", "event", "window", "figure", "verdict", "decade"),
    *("recession", "specification", "day", "session", "point", "cycle", "meeting", "industry"),
    *("outlook", "call", "view", "survey", "stretch", "run", "pair"),
)

#: Each by its plural.
_SINGULAR = {
    re.sub("([^aeiou])y$", r"\1ie", name) + ("es" if name.endswith("ch") else "s"): name
    for name in _COUNTED
}

#: One of a thing that stands in the plural; "0.1 points", "9–1 years" and "−1 points" do not.
_ONE = re.compile(rf"(?<![\d.,:–−-])1 ({'|'.join(_SINGULAR)})\b(?![-’'])")

#: A count of so many of something that its digits want parting.
_THOUSANDS = re.compile(r"(?<![\w/.,:_−-])([1-9][0-9]{4,8})(?= [a-z])")

#: A p-value with more digits than say something.
_P_VALUE = re.compile(r"\b(p(?:-value)?(?: of| =|,)? )(0\.[0-9]{3,})\b")


def in_prose(text: str) -> str:
    """A sentence as it is read: months by name, minus signs, short p-values, one point.

    Examples
    --------
    >>> in_prose("since 2013-07 it was -0.5% (p 0.128)")
    'since July 2013 it was −0.5% (p 0.13)'
    >>> in_prose("in 1 months of 12 small caps lost 1 points")
    'in 1 month of 12 small caps lost 1 point'
    >>> in_prose("20705 more years, in 2018 as well")
    '20,705 more years, in 2018 as well'
    """
    text = _MONTH_NAME.sub(lambda found: found[0].capitalize(), text)
    named = _DATE.sub(lambda found: month_words(found[0]), text)
    signed = _HYPHEN.sub("−", named)
    signed = _ONE.sub(lambda found: f"1 {_SINGULAR[found[1]]}", signed)
    signed = _THOUSANDS.sub(lambda found: f"{int(found[1]):,}", signed)
    return _P_VALUE.sub(lambda found: f"{found[1]}{p_words(float(found[2]))}", signed)


def is_address(text: str) -> bool:
    """Whether a text is an address of the web that may stand behind a link."""
    return re.fullmatch(ADDRESS, text) is not None


def _checked_address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"{text!r} is no address; write http:// or https:// and visible ASCII")
    return text


#: A field that becomes a link.
Address = Annotated[str, AfterValidator(_checked_address)]


class OneLine(BaseModel):
    """A model of a data file: no unknown field, no change, and every text one visible line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _is_one_visible_line(cls, value: Any) -> Any:
        for text in _texts(value):
            if (what := unseen(text)) is not None:
                raise ValueError(f"holds {what}; write one line of visible characters")
        return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in plain values; models inside have checked their own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
