"""A sentence where a chart would have nothing to draw."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.pages.markup import plain


@dataclass(frozen=True)
class Sentence:
    """What is missing, and which data would fill it.

    Attributes
    ----------
    text : str
    """

    text: str

    def __str__(self) -> str:
        text = self.text[:1].upper() + self.text[1:]
        return text if text.endswith((".", "!", "?")) else f"{text}."

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return plain(str(self))
