"""The recipes of CONTRIBUTING.md, followed to the letter on a scratch copy."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.files import CODE

TEXT = (CODE / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(
    re.findall(
        r"^### (.+?)\n(.*?)(?=^##)", TEXT.partition("## Recipes")[2], flags=re.DOTALL | re.MULTILINE
    )
)
STEP = re.compile(
    r"(?:(?P<how>[Aa]ppend to|[Ww]rite|[Ii]n) `(?P<file>[^`]+)`"
    r"(?:,\s+before\s+the\s+line\s+`(?P<line>[^`]+)`,\s+put)?:\s*\n\n)?"
    r"```(?P<kind>\w+)\n(?P<content>.*?)```",
    flags=re.DOTALL,
)
#: What each recipe's last command has to say.
SAID = {
    "A claim of a known design": "value-since-2006: ",
    "A chapter": "value-again: ",
    "An estimator": "passed",
    "A design": "won-most-months: ",
    "A series": "passed",
}


@pytest.fixture
def copy(tmp_path):
    """A copy of the project without its outputs."""
    for name in ("analysis", "data", "tests", "notebooks", "smallcap"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CODE / name, tmp_path / name, ignore=leave)
    shutil.copyfile(CODE / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def follow(step: re.Match[str], folder: Path) -> str:
    """Do what one step says; what its commands print."""
    if step["kind"] == "console":
        return "".join(
            command(line, folder) for line in re.findall(r"^\$ (.+)$", step["content"], re.M)
        )
    path, content = folder / step["file"], step["content"]
    if step["line"]:
        text = path.read_text(encoding="utf-8")
        assert text.count(step["line"] + "\n") == 1, step["line"]
        content = text.replace(step["line"] + "\n", content + step["line"] + "\n")
    elif step["how"].lower() == "append to":
        content = path.read_text(encoding="utf-8") + content
    else:
        assert not path.exists(), path
    path.write_text(content, encoding="utf-8")
    return ""


def command(line: str, folder: Path) -> str:
    """Run one command line in the copy; what it prints."""
    program, *arguments = shlex.split(line)
    module = {"smallcap": "analysis", "pytest": "pytest"}[program]
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_is_a_recipe_for_whatever_is_added():
    """Each has a last word that shows that it worked."""
    assert list(RECIPES) == list(SAID)


@pytest.mark.notebooks
@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_as_it_is_written(copy, name):
    """Each block goes where the text says, and the commands say what came out."""
    said = "".join(follow(step, copy) for step in STEP.finditer(RECIPES[name]))
    assert SAID[name] in said


@pytest.mark.parametrize("name", RECIPES)
def test_every_block_of_a_recipe_says_where_it_goes(name):
    """No file's content stands without its place, and every step is understood."""
    steps = list(STEP.finditer(RECIPES[name]))
    assert len(steps) == RECIPES[name].count("```") // 2
    assert all(step["kind"] == "console" or step["file"] for step in steps)
    assert sum(step["kind"] == "console" for step in steps) == 1
