"""What README, CONTRIBUTING and the book say is true: commands, verdicts, the picture."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest
import typer

from analysis.__main__ import app
from analysis.files import CODE
from analysis.pages.front import central_table
from analysis.pages.records import load_records
from analysis.pages.single_page import first_picture

PAGES = [CODE / "README.md", CODE / "CONTRIBUTING.md", *sorted((CODE / "book").glob("*.md"))]

#: They ask the network, take hours, or are what runs this test.
NOT_RUN = ("smallcap pull", "smallcap calibrate", "smallcap bench", "make ", "python -m pip")


def commands_of(text: str) -> list[str]:
    """Every command line in code: after a dollar, or in backticks."""
    found = re.findall(r"^\$ (.+)$", text, re.MULTILINE)
    found += re.findall(r"`((?:\.venv/bin/)?smallcap [^`]+|make [a-z]+)`", text)
    found += re.findall(r"^((?:\.venv/bin/)?smallcap .+?)(?:\s{2,}#.*)?$", text, re.MULTILINE)
    return list(dict.fromkeys(line.removeprefix(".venv/bin/").strip() for line in found))


EVERY = [(path.name, line) for path in PAGES for line in commands_of(path.read_text("utf-8"))]
README = [line for name, line in EVERY if name == "README.md"]


def test_the_commands_are_found():
    """In blocks, in tables and in sentences."""
    assert "smallcap run first_cut --as-of 2007-12 --out runs/2007" in README
    assert "make book" in README and len({name for name, _ in EVERY}) > 2


def options_of(command) -> set[str]:
    """Every option of a verb, or of the program itself."""
    return {"--help", *(name for one in command.params for name in one.opts)}


@pytest.mark.parametrize(("page", "line"), EVERY)
def test_a_command_is_one_the_program_understands(page, line):
    """Verbs, options and targets exist."""
    program, *words = shlex.split(line.replace("...", "").rstrip(", "))
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (CODE / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert words[0] in targets
    elif program == "smallcap":
        group = typer.main.get_command(app)
        while words and words[0].startswith("-"):
            option, words = words[0], words[1:]
            assert option in options_of(group)
            words = words[1:] if option == "--project" else words
        if words:
            verb = group.commands[words[0]]
            assert {word for word in words[1:] if word.startswith("-")} <= options_of(verb)


@pytest.mark.notebooks
@pytest.mark.slow
def test_the_commands_of_the_readme_run_one_after_the_other(tmp_path):
    """In an empty folder with a file of returns, each ends with exit code 0."""
    months = pd.period_range("1960-01", "2018-11", freq="M", name="month")
    returns = np.random.default_rng(1).normal(0.01, 0.04, (len(months), 2))
    frame = pd.DataFrame(returns, index=months, columns=["small", "large"])
    frame.to_csv(tmp_path / "own.csv")
    environment = os.environ | {"PYTHONPATH": str(CODE)}
    for line in README:
        if line.startswith(NOT_RUN) or re.search(r"\b[A-Z]{3}", line.replace("YYYY", "")):
            continue
        done = subprocess.run(
            [sys.executable, "-m", "analysis", *shlex.split(line)[1:]],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert (tmp_path / "first_cut.html").is_file() and (tmp_path / "mine-book").is_dir()
    shutil.rmtree(tmp_path / "runs")


def test_the_answers_in_the_readme_are_the_ledgers():
    """The three questions with finding and verdict on both data sets, word for word."""
    text = (CODE / "README.md").read_text(encoding="utf-8")
    assert central_table(load_records(CODE)) in text, "README.md: run smallcap ledger --central"


def test_the_picture_in_the_readme_is_the_chapters():
    """Made anew, it is the same."""
    notebook = nbformat.read(CODE / "notebooks" / "first_cut.ipynb", as_version=4)
    stored = (CODE / "book" / "_static" / "first_cut.svg").read_text(encoding="utf-8")
    remedy = "smallcap page first_cut --picture book/_static/first_cut.svg"
    assert stored == first_picture(notebook), f"run {remedy}"
