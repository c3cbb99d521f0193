"""Research designs: one module each, with its registered arguments, its finding and its tables.

A claim names a design and gives its arguments (``data/claims``); nothing here knows a claim.
:mod:`analysis.designs.registry` finds a design by its name and binds claims to it.
"""

from analysis.designs.registry import (
    Arguments,
    Design,
    Sampling,
    Specification,
    Study,
    bind,
    bind_all,
    design,
    design_names,
    find_design,
    judge,
)

__all__ = [
    "Arguments",
    "Design",
    "Sampling",
    "Specification",
    "Study",
    "bind",
    "bind_all",
    "design",
    "design_names",
    "find_design",
    "judge",
]
