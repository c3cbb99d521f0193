"""Code knows designs and data, and no note, claim, chapter or title of this audit."""

import ast
import re

import pytest

from analysis.claims import load_documents
from analysis.files import CODE

MODULES = sorted((CODE / "analysis").rglob("*.py"))
DOCUMENTS = load_documents()
CLAIMS = {claim.id for document in DOCUMENTS for claim in document.claims if "-" in claim.id}
WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"


def texts(path):
    """Every text in a module's code, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    doc = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in doc:
            yield node.lineno, node.value


def faults(path):
    """What a module says of this audit alone."""
    publishers = {document.publisher for document in DOCUMENTS}
    for line, text in texts(path):
        if text in CLAIMS:
            yield f"line {line}: the claim {text}"
        if text in {document.id for document in DOCUMENTS}:
            yield f"line {line}: the document {text}"
        if any(re.search(rf"\b{re.escape(one)}\b", text) for one in publishers):
            yield f"line {line}: the publisher of a note in {text!r}"
        if re.search(rf"\b({WORDS}|\d+) notes\b", text):
            yield f"line {line}: how many notes there are, in {text!r}"
        if re.search(r"(\\d|\[0-9\])\{3\}(?!\d)", text) and "{4}" not in text:
            yield f"line {line}: an id of three digits in {text!r}"
        # the program says its own name where it introduces itself
        mine = text.startswith("smallcap/") or "put to the test" in text
        if "Small Caps, Audited" in text and not mine:
            yield f"line {line}: the title of the book"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CODE)))
def test_a_module_names_nothing_of_this_audit(path):
    """Another audit runs on the same code; what it is called and claims is its own data."""
    assert list(faults(path)) == []


def test_each_fault_is_found(tmp_path):
    """The test can fail: each kind of sentence is told."""
    lines = [repr(min(CLAIMS)), "'five notes cannot'", r"r'^\d{3}$'", "'Small Caps, Audited'"]
    for line in lines:
        path = tmp_path / "module.py"
        path.write_text(f"x = {line}\n")
        assert len(list(faults(path))) == 1, line
