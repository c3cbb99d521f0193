"""Whole files and their hashes: the one place that reads strictly, writes, and digests."""

from __future__ import annotations

import ast
import contextlib
import csv
import errno
import hashlib
import io
import json
import math
import os
import re
import stat
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import yaml

from analysis.results import InputError

#: The folder of the code and of the data that belong to it: a checkout, or an installed copy.
CODE = Path(__file__).resolve().parents[1]

#: Names the folder of another audit; ``smallcap --project`` sets it.
PROJECT_VARIABLE = "SMALLCAP_PROJECT"

#: The audit at work: claims, chapters, notebooks, ledger. By default the one beside the code.
PROJECT = Path(os.environ.get(PROJECT_VARIABLE) or CODE).resolve()

#: Hex digits of a hash that stands beside a verdict.
SHORT = 16

#: Bytes of a YAML file written by hand; none of ours has a tenth of it.
LARGEST_YAML = 1_000_000
#: Levels of a YAML file; ours have six, and a parser that recurses dies of a hundred thousand.
DEEPEST_YAML = 40
#: Bytes of any other text file of the project.
LARGEST_TEXT = 32 * 1024**2


def is_checkout() -> bool:
    """Whether the code stands in a checkout of its repository, not in an installed copy."""
    return (CODE / "pyproject.toml").is_file()


def check_writable_project(what: str, folder: Path = PROJECT) -> None:
    """Refuse to change the installed copy of the project, which belongs to the installer.

    Parameters
    ----------
    what : str
        What would be changed, for the error.
    folder : Path
        The project it stands in, by default the audit at work.

    Raises
    ------
    InputError
        Where the audit at work is the installed copy.
    """
    if folder == CODE and not is_checkout():
        raise InputError(
            f"{what}: part of the installed package, which is not changed; work in a checkout of"
            " the repository, or on an audit of your own with --project"
        )


def write_whole(path: Path, content: str | bytes, scratch: Path | None = None) -> Path:
    """Replace `path` in one step: a reader sees the old file or the new one, never a part.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.
    content : str or bytes
        Text is written as UTF-8 with its line ends as they are.
    scratch : Path, optional
        Folder on the same disk for the file under way, by default the one of `path`.

    Returns
    -------
    Path
    """
    path = Path(path)
    folder = path.parent if scratch is None else Path(scratch)
    for needed in (path.parent, folder):
        needed.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(partial).unlink(missing_ok=True)
        raise
    return path


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device, which might never answer, is refused.

    Raises
    ------
    OSError
        As :func:`open` does, and for whatever is no regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", str(path))
    return os.fdopen(descriptor, "rb")


def load_text(path: Path, remedy: str, limit: int = LARGEST_TEXT) -> str:
    """A text file of the project, whole.

    Parameters
    ----------
    path : Path
    remedy : str
        What a refusal tells the reader to do.
    limit : int
        Most bytes.

    Raises
    ------
    InputError
        In one line that names the file: unreadable, no regular file, too large, not UTF-8.
    """
    path = Path(path)
    try:
        with open_regular(path) as stream:
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise InputError(f"{path.name}: larger than {limit:,} bytes; {remedy}")
        return content.decode("utf-8")
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror}); {remedy}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}: not UTF-8 text; {remedy}") from error


def load_rows(path: Path, remedy: str) -> tuple[list[str], list[list[str]]]:
    """A table of the project, strictly: its columns and its rows, every cell as text.

    Lines at the top that begin with ``#`` are passed over.

    Raises
    ------
    InputError
        In one line that names the file and the place: what :func:`load_text` refuses, no header,
        a column twice, a row with more or fewer cells than columns, a quote that is not closed,
        and an end without a line break, which a file cut short has.
    """
    path = Path(path)
    text = load_text(path, remedy)
    lines = io.StringIO(text, newline="").readlines()
    above = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    try:
        table = list(csv.reader(lines[above:], strict=True))
    except csv.Error as error:
        raise InputError(f"{path.name}: cannot be read as a table ({error}); {remedy}") from error
    if not table or not any(table[0]):
        raise InputError(f"{path.name}: no header; {remedy}")
    head, *rows = table
    if len(set(head)) < len(head):
        raise InputError(f"{path.name}: a column stands twice in its header; {remedy}")
    for number, row in enumerate(rows, above + 2):
        if len(row) != len(head):
            raise InputError(
                f"{path.name}, line {number}: {len(row)} cells for {len(head)} columns; {remedy}"
            )
    if not text.endswith("\n"):
        raise InputError(f"{path.name}: ends in the middle of a line, so it was cut; {remedy}")
    return head, rows


def load_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds one mapping, strictly.

    Raises
    ------
    InputError
        Naming the file: for text that is no YAML or not UTF-8, more than :data:`LARGEST_YAML`
        bytes, more than :data:`DEEPEST_YAML` levels, a key given twice (YAML would keep the last,
        in silence), an alias or a merge (they can grow a short file without bound), and for
        anything but a mapping.
    """
    raw = _load_strictly(Path(path))
    if not isinstance(raw, dict):
        raise InputError(f"{Path(path).name}: expected a mapping of names to values")
    return raw


def load_yaml_list(path: Path) -> list[Any]:
    """A YAML file that holds one list, as strictly as :func:`load_yaml`."""
    raw = _load_strictly(Path(path))
    if not isinstance(raw, list):
        raise InputError(f"{Path(path).name}: expected a list of entries")
    return raw


def _load_strictly(path: Path) -> Any:
    text = load_text(path, "correct it, or put the committed file back", LARGEST_YAML)
    try:
        _check_events(path.name, text)
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}: not valid YAML: {_told(error)}") from error
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        # a tag that does not fit its value, a number of ten thousand digits, 30 February
        raise InputError(f"{path.name}: a value that is none ({error}); correct it") from error


def _check_events(name: str, text: str) -> None:
    """Refuse aliases and depth while the file is parsed, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise InputError(f"{name}: line {mark.line + 1}: an alias (*); write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST_YAML:
            raise InputError(f"{name}: line {mark.line + 1}: nested too deeply; write it flatter")


def _told(error: yaml.YAMLError) -> str:
    """What is wrong and in which line."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None or problem is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}: {problem}"


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = sorted(name for name, count in names.items() if count > 1)
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {twice[0]!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def digest(value: Any) -> str:
    """First 16 hex digits of the SHA-256 of plain values.

    Independent of the order of keys, of white space in texts, and of whether a whole number is
    written ``2`` or ``2.0``.
    """
    text = json.dumps(_folded(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return checksum(text.encode())[:SHORT]


def checksum(content: bytes) -> str:
    """SHA-256 of bytes as they are, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, line ends folded, 64 hex digits."""
    return checksum(Path(path).read_bytes().replace(b"\r\n", b"\n"))


def digest_code(modules: Iterable[str], project: Path = CODE) -> str:
    """First 16 hex digits of the SHA-256 of all code some modules can reach.

    Comments, docstrings and empty lines do not count: what the code does is hashed, not how it is
    told.

    Parameters
    ----------
    modules : iterable of str
        Dotted names of modules of this package.
    project : Path
        The folder that holds the package.
    """
    hasher = hashlib.sha256()
    for path in reached_files(modules, project):
        hasher.update(f"{path.relative_to(project).as_posix()}\0{code_of(path).text}\0".encode())
    return hasher.hexdigest()[:SHORT]


def digest_code_of(path: Path) -> str:
    """As :func:`digest_code`, of one file alone."""
    return checksum(code_of(path).text.encode())[:SHORT]


def digest_tree(project: Path, patterns: Iterable[str]) -> str:
    """SHA-256 of the bytes and names of all files that patterns match, hidden ones apart."""
    hasher = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in project.glob(pattern)}):
        name = path.relative_to(project)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in name.parts):
            hasher.update(f"{name.as_posix()}\0{checksum(path.read_bytes())}\0".encode())
    return hasher.hexdigest()


def reached_files(modules: Iterable[str], project: Path = CODE) -> tuple[Path, ...]:
    """Files of the package that some modules import, themselves and at any remove.

    Imports inside functions count; those for type checkers only do not, and neither do modules
    imported by a name that is computed.
    """
    # texts and not paths, and each name looked for once: hundreds of files name the same ones
    place = str(project)
    listed: dict[str, frozenset[str]] = {}
    tried: set[str] = set()
    found: set[str] = set()
    todo = list(modules)
    while todo:
        module = todo.pop()
        if module in tried:
            continue
        tried.add(module)
        for path in _files_of(module, place, listed):
            if path not in found:
                found.add(path)
                todo += code_of(path).imports
    return tuple(sorted(Path(path) for path in found))


def _files_of(module: str, project: str, listed: dict[str, frozenset[str]]) -> list[str]:
    """The file of a module and the packages it stands in; nothing for what is not of the package.

    `from package import name` may name a module or something inside one. Names in folders are
    `listed` once for all modules.
    """
    found: list[str] = []
    place = project
    *packages, last = module.split(".")
    for number, part in enumerate((*packages, last)):
        inside = _names_in(place, listed)
        if number == len(packages) and number and f"{part}.py" in inside:
            found.append(f"{place}{os.sep}{part}.py")
        place = f"{place}{os.sep}{part}"
        if part not in inside:
            break
        if "__init__.py" in _names_in(place, listed):
            found.append(f"{place}{os.sep}__init__.py")
        elif number == 0:
            break
    return found


def _names_in(folder: str, listed: dict[str, frozenset[str]]) -> frozenset[str]:
    if folder not in listed:
        with contextlib.suppress(OSError):
            listed[folder] = frozenset(os.listdir(folder))
    return listed.setdefault(folder, frozenset())


class Code(NamedTuple):
    """What a module imports, and its source without comments, docstrings and empty lines."""

    imports: tuple[str, ...]
    text: str


def code_of(path: Path | str) -> Code:
    """What a module is, kept while its file has the same time and size."""
    state = os.stat(path)
    return _code_read(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2048)
def _code_read(path: str, changed: int, size: int) -> Code:
    """What is asked of a module's tree, which is made once."""
    source = Path(path).read_text(encoding="utf-8")
    tree = parse_code(source)
    return Code(imported_names(tree), _code_text(source, tree))


_PARSING = threading.Lock()


def parse_code(source: str) -> ast.Module:
    """The syntax tree of a source, one at a time.

    CPython 3.11 counts the depth of all trees that are being made in one place, and threads that
    parse at once end each other with a SystemError (its issue 106905).

    Raises
    ------
    SyntaxError
        For what is not Python.
    """
    with _PARSING:
        return ast.parse(source)


def imported_names(tree: ast.Module) -> tuple[str, ...]:
    """Dotted names of all that code imports, but for type checkers alone.

    `from package import name` may name a module or something inside one: both are given.
    """
    names: list[str] = []
    for node in _statements(tree, skipped=_for_type_checkers):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


def _statements(
    tree: ast.Module, skipped: Callable[[ast.AST], bool] = lambda _: False
) -> Iterator[ast.AST]:
    """A module and its statements at any depth, without the expressions, which are most of it.

    Of a branch that is skipped the others count.
    """
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if skipped(node):
            todo += getattr(node, "orelse", ())
            continue
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            held = getattr(node, part, None)
            # the parts of a conditional expression have these names too, and are no lists
            todo += held if isinstance(held, list) else ()


def _for_type_checkers(node: ast.AST) -> bool:
    test = getattr(node, "test", None) if isinstance(node, ast.If) else None
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def _code_text(source: str, tree: ast.Module) -> str:
    """The source without docstrings, comments and empty lines, the same in every Python."""
    lines = without_comments(source).split("\n")
    for node in _statements(tree):
        if _has_doc(node):
            first = node.body[0]  # type: ignore[attr-defined]
            for number in range(first.lineno - 1, first.end_lineno):
                lines[number] = ""
    return "\n".join(text for line in lines if (text := line.rstrip()))


#: A string of Python, which may hold a number sign, or a comment.
_STRING_OR_COMMENT = re.compile(
    r"""\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(#[^\n]*)""",
    re.DOTALL,
)


def without_comments(source: str) -> str:
    """Python code without its comments; lines stay where they are.

    Parameters
    ----------
    source : str
        Valid in Python 3.11, so that no string stands in another of the same quotes.
    """
    return _STRING_OR_COMMENT.sub(lambda found: "" if found[1] else found[0], source)


def _has_doc(node: ast.AST) -> bool:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _folded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_folded(item) for item in value]
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value
