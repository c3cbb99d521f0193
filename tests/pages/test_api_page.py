"""The page on the code: every estimator stands on it, and everything it names is there."""

import ast
import importlib
import re

from analysis.files import CODE

PAGES = ("api", "estimators_a", "estimators_i", "estimators_p")
TEXT = "\n".join((CODE / "book" / f"{page}.md").read_text("utf-8") for page in PAGES)


def test_every_module_of_estimators_has_its_part():
    """A new one is added to the page in the same commit."""
    there = {path.stem for path in (CODE / "analysis" / "inference").glob("[a-z]*.py")}
    named = re.findall(r"automodule:: analysis\.inference\.(\w+)", TEXT)
    assert sorted(named) == sorted(there) and len(set(named)) == len(named)


def test_whatever_is_named_can_be_imported_and_has_a_docstring():
    """Functions, classes and modules."""
    named = re.findall(r"auto(function|class|module):: (analysis[\w.]+)", TEXT)
    assert {kind for kind, _ in named} == {"function", "class", "module"}
    for kind, name in named:
        if kind == "module":
            found = importlib.import_module(name)
        else:
            module, _, attribute = name.rpartition(".")
            found = getattr(importlib.import_module(module), attribute)
        assert found.__doc__, name


def test_bars_in_a_docstring_are_code():
    """On the page they would ask for a substitution, and the book would not be built."""
    modules = list((CODE / "analysis" / "inference").glob("*.py"))
    assert modules
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                told = re.sub(r"`+[^`]*`+", "", ast.get_docstring(node) or "")
                assert not re.search(r"\|\S[^|]*\|", told), f"{path.name}: {node.name}"
