"""Whole files and their hashes: written in one step, digested in one place."""

import ast
import gc
import io
import os
import stat
import threading
import time
import tokenize

import pytest

from analysis.files import (
    PROJECT,
    checksum,
    digest,
    digest_code,
    digest_file,
    imported_names,
    parse_code,
    without_comments,
    write_whole,
)


def test_a_file_is_written_whole_with_its_folder(tmp_path):
    """Text as UTF-8 with its line ends, bytes as they are; everyone may read it."""
    path = write_whole(tmp_path / "new" / "a.txt", "é\r\n")
    assert path.read_bytes() == "é\r\n".encode()
    assert write_whole(path, b"\x00\xff").read_bytes() == b"\x00\xff"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_earlier_file_and_no_part(tmp_path, monkeypatch, step):
    """A full disk: the old text is still there, and nothing else, in either folder."""
    path = write_whole(tmp_path / "a" / "verdicts.json", "earlier")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    for scratch in (None, tmp_path / "scratch"):
        with pytest.raises(OSError, match="No space"):
            write_whole(path, "later", scratch=scratch)
    assert [p.name for p in path.parent.iterdir()] == ["verdicts.json"]
    assert not list((tmp_path / "scratch").iterdir())
    assert path.read_text() == "earlier"


def test_a_digest_sees_values_and_not_how_they_are_written():
    """Order of keys, white space and 2 or 2.0 do not count; a value does."""
    assert digest({"a": 1, "b": "x  y"}) == digest({"b": "x y", "a": 1.0})
    assert digest({"a": 1}) != digest({"a": 2})
    assert len(digest([])) == 16


def test_line_ends_are_no_content_of_a_text_file(tmp_path):
    """A checkout on Windows has the same digest; raw bytes do not."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"a\nb\n")
    other.write_bytes(b"a\r\nb\r\n")
    assert digest_file(one) == digest_file(other) == checksum(b"a\nb\n")
    assert checksum(other.read_bytes()) != checksum(one.read_bytes())


def test_only_what_is_reached_and_what_it_does_counts(tmp_path):
    """Comments, docstrings and modules not imported leave the digest; code in reach does not."""
    package = tmp_path / "house"
    package.mkdir()
    texts = {
        "__init__": "",
        "a": '"""Doc."""\nfrom house.b import x\n',
        "b": "x = 1\n",
        "c": "y = 1\n",
        "__main__": "import house.a\n",
    }
    for name, text in texts.items():
        (package / f"{name}.py").write_text(text)
    before = digest_code(["house.a"], tmp_path)
    (package / "c.py").write_text("y = 2\n")
    (package / "a.py").write_text('"""Another."""\n\n# said\nfrom house.b import x  # so\n')
    assert digest_code(["house.a"], tmp_path) == before
    (package / "b.py").write_text("x = 2\n")
    assert digest_code(["house.a"], tmp_path) != before


def test_one_module_hashes_and_one_writes():
    """No other module imports hashlib or puts a file in place; a scratch file is not kept."""
    hashing, writing = {"hashlib"}, {"mkstemp", "write_text", "write_bytes"}
    package, found = PROJECT / "analysis", {"hashes": set(), "writes": set()}
    for path in package.rglob("*.py"):
        place = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {node.attr} if isinstance(node, ast.Attribute) else set()
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            found["hashes"] |= {place} if names & hashing else set()
            found["writes"] |= {place} if names & writing else set()
    assert found["hashes"] == {"files.py"}
    assert {"files.py"} <= found["writes"] <= {"files.py", "runs/derivation.py"}


def test_threads_may_parse_at_once():
    """CPython 3.11 loses count of the depth of trees that several threads make together.

    It happens where one thread is interrupted in the middle of a tree, as a collection of garbage
    may do.
    """
    source = "\n".join(path.read_text("utf-8") for path in (PROJECT / "analysis").glob("*.py"))
    source = source.replace("from __future__ import annotations", "")
    made: list[ast.Module] = []
    threads = [threading.Thread(target=lambda: made.append(parse_code(source))) for _ in range(6)]

    def give_way(*_):
        time.sleep(1e-4)

    gc.callbacks.append(give_way)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(give_way)
    assert len(made) == len(threads)


TRICKY = '''"""Doc with # a sign and "quotes"."""
x = "# no comment"  # one
y = 'it\\'s # none'  # two
z = """long
# still text
"""  # three
w = f"{x}#{y!r}"  # four
v = r"\\"  # five
def f():
    # six
    return ("a"  # seven
            "b#c")
'''


def test_comments_are_those_of_the_tokenizer():
    """Of strings with signs in them, and of every module of the project."""
    modules = [path.read_text(encoding="utf-8") for path in (PROJECT / "analysis").rglob("*.py")]
    for source in (TRICKY, *modules[::7]):
        lines = source.split("\n")
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
        assert without_comments(source) == "\n".join(lines)


def test_imports_are_found_wherever_a_statement_may_stand():
    """In branches, handlers, cases and functions; not those for type checkers alone."""
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import never
elif x:
    import a
try:
    import b
except E:
    import c
else:
    import d
finally:
    import e
match y:
    case 1:
        import f
def g():
    with z:
        from h.i import j
for k in l:
    pass
else:
    import m
t = 1 if u else 2
"""
    found = set(imported_names(ast.parse(source)))
    assert found == {"typing", "typing.TYPE_CHECKING", *"abcdefm", "h.i", "h.i.j"}
