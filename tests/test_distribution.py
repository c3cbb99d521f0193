"""The wheel: one package that holds the whole project, at work in an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from analysis.files import CODE

BUILD = (
    "import sys; sys.path.insert(0, 'distribution'); import staged_wheel;"
    "print(staged_wheel.build_wheel(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built by the project's own back end."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, out], cwd=CODE, capture_output=True, text=True, check=True
    )
    return out / done.stdout.strip()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder of installed packages that holds the wheel's content and nothing else."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


@pytest.fixture
def python(installed, tmp_path):
    """Run code in an empty folder, with the installed package before this checkout."""

    def run(code, *arguments):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SMALLCAP_", "PYTHON"))}
        kept["SMALLCAP_CACHE"] = str(tmp_path / "cache")
        return subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {code}",
             *map(str, arguments)],
            cwd=tmp_path, env=kept, capture_output=True, text=True,
        )  # fmt: skip

    return run


COMMAND = "import smallcap; smallcap.main()"


def test_one_package_is_installed_with_the_project_inside(wheel):
    """Nothing called analysis; data, notebooks and pages as they are here."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"smallcap"}
    held = {name.removeprefix("smallcap/project/") for name in names}
    folders = ("analysis", "data", "notebooks", "book", "examples")
    wanted = [
        path.relative_to(CODE).as_posix()
        for folder in folders
        for path in (CODE / folder).rglob("*")
        if path.suffix in (".py", ".yml", ".csv", ".ipynb", ".md", ".css", ".js", ".bib")
        and path.name != "conftest.py"
    ]
    assert [name for name in wanted if name not in held] == []
    assert not [name for name in names if "__pycache__" in name]


def test_the_code_runs_from_the_package(python, installed):
    """The version names code, data and snapshot; the modules are those of the package."""
    done = python(COMMAND, "--version")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "smallcap", "data:", "snapshot:",
    ]  # fmt: skip
    assert "returns to November 2018" in done.stdout and "none; smallcap pull" in done.stdout
    done = python("import smallcap, analysis.files; print(analysis.files.CODE)")
    assert Path(done.stdout.strip()) == installed / "smallcap" / "project"


def test_another_package_of_that_name_is_not_taken_for_ours(python, tmp_path):
    """Whoever has an analysis of their own loaded is told in one line."""
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("")
    done = python("sys.path.insert(0, '.'); import analysis; import smallcap")
    assert done.returncode == 1
    assert "ImportError: a package called analysis is in use already" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", ["notebooks --refresh", "ledger --update", "derive", "calibrate --write"]
)
def test_what_needs_a_checkout_says_so(python, arguments):
    """One line, exit code 2, before anything is run."""
    done = python(COMMAND, *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "part of the installed package, which is not changed; work in a checkout" in line


@pytest.mark.notebooks
@pytest.mark.slow
def test_a_chapter_runs_from_an_empty_folder(python, tmp_path):
    """With its verdicts, by kernels that find the package too."""
    done = python(COMMAND, "run", "first_cut", "--out", "x")
    assert done.returncode == 0, done.stderr
    verdicts = json.loads((tmp_path / "x" / "verdicts.json").read_text(encoding="utf-8"))
    assert "first-cut-12m" in [one["claim"] for one in verdicts]
    # the shelf of executed notebooks, which a test keeps to itself, may lie beside it
    assert {path.name for path in tmp_path.iterdir()} - {"cache"} == {"x"}


@pytest.mark.notebooks
@pytest.mark.slow
def test_an_audit_of_ones_own_is_made_and_built_into_a_book(python, tmp_path):
    """The builder of the book finds pages, styles and the renderer in the package."""
    assert python(COMMAND, "new", "mine").returncode == 0
    done = python(COMMAND, "--project", "mine", "book", "--out", "html")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "notebooks" / "value_growth.html").is_file()
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "html").rglob("*.html")]
    assert not any("Small Caps, Audited" in page for page in pages)
    assert any("Value against growth, audited" in page for page in pages)
