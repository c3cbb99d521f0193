"""The layers, the names and the contents, as ARCHITECTURE.md has them."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from analysis.runs.book import contents

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "analysis"

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "core", "common", "misc", "tools"}
NETWORK = ("requests", "pooch", "urllib.request", "http", "socket", "yfinance", "ftplib")
#: The only modules that touch the network; `sources/pull.py` does so through them.
PULLERS = ("sources/downloads.py", "sources/yahoo.py")
#: A module three times as long as we like is two modules.
LONGEST_MODULE = 600


def order() -> list[str]:
    """The import order, read from ARCHITECTURE.md so that the page and the test are one."""
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    [chain] = re.findall(r"```\n(results <.*?)```", text, flags=re.DOTALL)
    return re.split(r"\s*<\s*", " ".join(chain.split()))


@cache
def _parsed(path: Path, changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree, made once for all tests that read it."""
    return _parsed(path, path.stat().st_mtime_ns)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every module a file imports, also inside functions and by text."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield node.lineno, module
            if module == "analysis":
                yield from ((node.lineno, f"analysis.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            text = ast.unparse(node.args[0]).lstrip("f").strip("'\"")
            yield node.lineno, text


def violations(package: Path) -> list[str]:
    """Every import in a package folder that goes to the right, or is relative."""
    ranks = {layer: rank for rank, layer in enumerate(order())}
    found = []
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        own = place.parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        if own not in ranks:
            found.append(f"{place}: its layer {own!r} is not in ARCHITECTURE.md")
            continue
        for line, module in imports_of(path):
            layer = module.split(".")[1] if module.startswith("analysis.") else None
            if module.startswith("."):
                found.append(f"{place}:{line}: relative import of {module}")
            elif layer and ranks.get(layer, len(ranks)) > ranks[own]:
                found.append(f"{place}:{line}: {own} imports {layer}, which stands to its right")
    return found


def test_modules_import_only_from_their_left():
    """The package keeps the order, counting imports inside functions."""
    assert violations(PACKAGE) == []


@pytest.mark.parametrize(
    "source",
    [
        "from analysis.pages.charts import theme",
        "def f():\n    import analysis.designs.registry",
        "from analysis import panel",
        "import importlib\ndef f(n):\n    importlib.import_module(f'analysis.pages.{n}')",
        "from . import claims",
        "from analysis.nowhere import x",
    ],
)
def test_an_import_to_the_right_is_found(tmp_path, source):
    """The rule has been seen to fail: at the top, inside a function, by text, relative."""
    (tmp_path / "claims.py").write_text("from analysis.results import InputError\n")
    assert violations(tmp_path) == []
    (tmp_path / "claims.py").write_text(source + "\n")
    assert len(violations(tmp_path)) == 1


def test_a_module_outside_the_order_is_found(tmp_path):
    """A new top-level module must be given its place in ARCHITECTURE.md first."""
    (tmp_path / "stray.py").write_text("")
    assert violations(tmp_path) == ["stray.py: its layer 'stray' is not in ARCHITECTURE.md"]


def test_the_table_of_rooms_is_the_package():
    """Every room of the package stands in the table once, in the order of the imports."""
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text[text.index("## The rooms") :].partition("\nData: ")[0]
    rooms = re.findall(r"^\| `(\w+)/?` \|", table, flags=re.MULTILINE)
    there = {
        path.stem for path in PACKAGE.iterdir() if path.stem not in ("__init__", "__pycache__")
    }
    assert rooms == order() and set(rooms) == there
    for module in re.findall(r"`([a-z_]+)`", table):
        found = [*PACKAGE.rglob(f"{module}.py"), *PACKAGE.rglob(f"{module}/__init__.py")]
        names = PACKAGE.joinpath("files.py").read_text(encoding="utf-8")
        assert found or f"def {module}(" in names or module in ("pull_", "load_"), module


#: Rooms whose modules the table names each; an estimator or a design is found by its own name.
NAMED = ("claims", "sources", "panel", "audit", "pages", "runs")


def test_the_table_of_rooms_names_every_module():
    """A new module says what it is for in the map, designs and estimators apart."""
    from analysis.designs import design_names

    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for room in (*NAMED, "designs"):
        [row] = re.findall(rf"^\| `{room}/` \|.*$", text, flags=re.MULTILINE)
        there = {path.stem for path in (PACKAGE / room).glob("[a-z]*")}
        unnamed = there - set(re.findall(r"`([a-z_]+)/?`", row)) - set(design_names())
        assert not unnamed, f"{room}: {sorted(unnamed)}"


def test_every_dependency_has_its_reason():
    """What `pyproject.toml` asks for stands in the table of what is bought, and nothing else."""
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## What is bought, and why")[2].partition("\n\nuv installs")[0]
    cells = re.findall(r"^\| (?!library|-)(.*?) \|", table, flags=re.MULTILINE)
    named = [re.split(r"[ (]", one)[0] for cell in cells for one in cell.split(", ")]
    asked = {re.split(r"[<>=\[]", one)[0] for one in wanted}
    assert sorted(named) == sorted(asked | {"flit-core"})


def test_nothing_is_named_after_nothing():
    """No module or folder is called utils or the like, and no public function test_."""
    for path in PACKAGE.rglob("*.py"):
        assert not {part.removesuffix(".py") for part in path.parts[-2:]} & FORBIDDEN_NAMES, path
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                assert not node.name.startswith("test_"), f"{path}: {node.name}"


def test_only_the_pull_touches_the_network():
    """No other module imports a library that opens a connection."""
    opening = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for _, module in imports_of(path)
        if f"{module}.".startswith(tuple(f"{name}." for name in NETWORK))
    }
    assert opening == set(PULLERS)


def test_no_module_is_longer_than_three():
    """A long module is split before it is read by nobody."""
    for path in PACKAGE.rglob("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= LONGEST_MODULE, f"{path.relative_to(PACKAGE)} has {lines} lines"


def test_every_module_says_what_it_is_for():
    """Each module opens with a docstring."""
    for path in PACKAGE.rglob("*.py"):
        tree = tree_of(path)
        assert not tree.body or ast.get_docstring(tree), path


def test_opening_a_chapter_does_not_load_the_heavy_libraries():
    """A kernel is ready in a second: the slow imports wait until an estimator needs them."""
    heavy = ("statsmodels", "arch", "linearmodels", "altair", "scipy.stats", "papermill")
    code = f"import sys, analysis.pages.chapter; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_contents_are_what_exists():
    """Every page and notebook stands in the contents once, and every entry exists."""
    listed = contents(PROJECT / "_toc.yml")
    pages = [*(PROJECT / "book").rglob("*.md"), *(PROJECT / "notebooks").glob("*.ipynb")]
    existing = [path.relative_to(PROJECT).with_suffix("").as_posix() for path in pages]
    assert sorted(listed) == sorted(existing)


def test_nothing_speaks_of_where_it_was_made():
    """No committed text names this machine's folders or a package index."""
    folders = [f"{folder.as_posix().rstrip('/')}/" for folder in (PROJECT, Path.home())]
    traces = [folder for folder in folders if folder != "/"] + ["index-" + "url"]
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.split()
    for path in (PROJECT / name for name in listed):
        if path.is_file() and path.name != "Makefile":
            text = path.read_bytes().decode("utf-8", errors="ignore")
            assert not [trace for trace in traces if trace in text], path


def test_the_version_is_one():
    """The package, its metadata and the citation say the same."""
    import tomllib

    import yaml

    import analysis

    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    cited = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert analysis.__version__ == tomllib.loads(text)["project"]["version"] == cited["version"]


SPHINX = {
    *("pages/directives.py", "pages/formulas.py", "pages/mime.py", "pages/publishing.py"),
    "pages/unchanged.py",
}


def test_only_the_modules_of_the_pages_know_sphinx():
    """What is no page does not depend on how pages are built."""
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] in ("sphinx", "docutils") for _, name in imports_of(path))
    }
    assert knowing == SPHINX
