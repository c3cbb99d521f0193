"""Words for a month of the calendar and the months around it."""

from __future__ import annotations

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def name_of(month: int) -> str:
    """Name of a month, 1 to 12."""
    return MONTHS[month - 1]


def plural_of(month: int) -> str:
    """Several of them: Januaries, Marches, Mays."""
    name = name_of(month)
    if name.endswith("ary"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith("ch") else f"{name}s"
