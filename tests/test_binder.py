"""What Binder builds from this repository: the environment, and a notebook opened in it."""

import os
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest

from analysis.files import CODE
from analysis.pages.cards import VERDICT_MIME
from analysis.pages.charts.renderer import MIME_TYPE

FILES = CODE / ".binder"
CHAPTER = "breadth"


def test_the_files_are_those_binder_reads():
    """A Python that the project names, and an executable script; it builds no other environment."""
    assert {path.name for path in FILES.iterdir()} == {
        "requirements.txt",
        "runtime.txt",
        "postBuild",
    }
    project = tomllib.loads((CODE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = (FILES / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
    assert os.access(FILES / "postBuild", os.X_OK)


def verdicts(notebook):
    """Claim and verdict of every card, and the kinds of output beside each chart."""
    bundles = [
        output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())
    ]
    cards = [bundle[VERDICT_MIME] for bundle in bundles if VERDICT_MIME in bundle]
    charts = [set(bundle) for bundle in bundles if MIME_TYPE in bundle]
    return [(card["claim"], card["verdict"]) for card in cards], charts


@pytest.mark.slow
@pytest.mark.notebooks
def test_a_notebook_runs_in_the_environment_that_binder_builds(tmp_path):
    """The steps of repo2docker: requirements, script, then a kernel beside the notebook.

    It asks the package index for everything, as Binder does.
    """
    place, home, environment = tmp_path / "jovyan", tmp_path / "home", tmp_path / "environment"
    home.mkdir()
    leave = shutil.ignore_patterns("_build", "__pycache__", ".[!b]*")
    shutil.copytree(CODE, place, ignore=leave)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SMALLCAP_", "PYTHON"))}
    kept |= {"PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    kept |= {"PIP_NO_COMPILE": "1", "PIP_CACHE_DIR": str(pip_cache())}

    def step(*command, **more):
        done = subprocess.run(
            command, cwd=place, env=kept | more, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    try:
        step(sys.executable, "-m", "venv", str(environment))
        step("pip", "install", "--quiet", "-r", ".binder/requirements.txt")
        step("./.binder/postBuild")
        step("pip", "check")
        path = place / "notebooks" / f"{CHAPTER}.ipynb"
        stored = nbformat.read(path, as_version=4)
        # as a server opens it: a kernel of the notebook's own name, in the folder of the notebook
        step("jupyter", "execute", "--inplace", str(path), JPY_SESSION_NAME=path.name)
        opened = nbformat.read(path, as_version=4)
    finally:
        shutil.rmtree(environment, ignore_errors=True)
    judged, charts = verdicts(opened)
    assert judged == verdicts(stored)[0] and judged
    assert charts and all("image/svg+xml" in kinds for kinds in charts)


def pip_cache():
    """Where pip keeps what it fetched; another home would have none."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
