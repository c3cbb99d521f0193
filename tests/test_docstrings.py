"""Docstrings of what others call: every parameter, with its type, and the shape of every array."""

import inspect
import re

import pytest

import analysis.designs
import analysis.inference
import analysis.panel

PUBLIC = [
    function
    for package in (analysis.inference, analysis.panel, analysis.designs)
    for function in (getattr(package, name) for name in package.__all__)
    if inspect.isfunction(function)
]

SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}|\Z)", re.DOTALL | re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : (.+))?$", re.MULTILINE)


def documented(function) -> dict[str, str]:
    """Each parameter that its docstring names, with what stands beside it."""
    section = SECTION.search(inspect.getdoc(function) or "")
    return {
        name.strip("* "): kind or ""
        for names, kind in ENTRY.findall(section[1] if section else "")
        for name in names.split(",")
    }


@pytest.mark.parametrize("function", PUBLIC, ids=lambda one: one.__name__)
def test_every_parameter_is_documented(function):
    """None is left out, and none is there that the function does not take."""
    assert list(documented(function)) == list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    "function",
    [one for one in PUBLIC if one.__module__.startswith("analysis.inference.")],
    ids=lambda one: one.__name__,
)
def test_an_array_has_a_shape(function):
    """What an estimator computes with says how long it is, or which other it is like."""
    said = documented(function)
    for name, one in inspect.signature(function).parameters.items():
        if re.search(r"ndarray|Series|ArrayLike|Vector|\bArray\b", str(one.annotation)):
            assert re.search("shape|scalar|like|as ", said[name]), (name, said[name])
