"""The workflows: least permissions, verbs that exist, actions named exactly."""

import re
import shutil
import subprocess
import sysconfig
import tomllib

import pytest
import typer
import yaml

from analysis.__main__ import app
from analysis.files import CODE

FILES = sorted((CODE / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(
    path
    for path in (CODE / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
)
MAY_WRITE = {("publish.yml", "deploy", "pages"), ("publish.yml", "deploy", "id-token"),
             ("publish.yml", "report", "issues")}  # fmt: skip


def jobs(path):
    """Name and content of every job."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()


def test_there_are_three():
    """Tests on every change, the latest edition monthly, links weekly."""
    assert [path.name for path in FILES] == ["links.yml", "publish.yml", "test.yml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_permitted_but_what_a_job_names(path):
    """No permission by default, none to write where none is needed, no secret, a time-out."""
    text = path.read_text(encoding="utf-8")
    assert yaml.safe_load(text)["permissions"] == {}
    assert "secrets." not in text and "pull_request_target" not in text
    for name, job in jobs(path):
        assert job["timeout-minutes"] <= 60
        for what, how in job["permissions"].items():
            assert how == "read" or (path.name, name, what) in MAY_WRITE, (name, what)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_named_by_a_commit(path):
    """A tag can be moved, a commit cannot; the release it was stands beside it."""
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for line in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_is_of_one_release_everywhere():
    """Two commits of one action would be two programs."""
    used = {
        line
        for path in FILES
        for line in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    }
    assert len(used) == len({line.partition("@")[0] for line in used}) > 0


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("check-jsonschema", ["--builtin-schema", "vendor.github-workflows", *map(str, FILES)]),
        ("zizmor", ["--offline", "--no-progress", str(CODE / ".github")]),
        ("actionlint", list(map(str, FILES))),
    ],
)
def test_the_linters_find_nothing(tool, arguments):
    """The schema of workflows; unpinned, over-permitted and injectable steps; expressions.

    actionlint is a program that its package fetches when it is built: it is asked where it is at
    hand, and by the workflow itself.
    """
    program = shutil.which(tool, path=sysconfig.get_path("scripts")) or shutil.which(tool)
    if program is None and tool == "actionlint":
        pytest.skip("actionlint is not at hand")
    assert program is not None, f"{tool} is part of the extra test; run make test"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=CODE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_python_the_project_names_is_tested_on_two_systems():
    """The matrix, the classifiers and the bounds say the same."""
    project = tomllib.loads((CODE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [one.rpartition(" :: ")[2] for one in project["classifiers"] if ":: 3." in one]
    matrix = dict(jobs(CODE / ".github/workflows/test.yml"))["test"]["strategy"]["matrix"]
    assert matrix["python"] == named
    assert {name.partition("-")[0] for name in matrix["system"]} == {"ubuntu", "macos"}
    last = int(named[-1].partition(".")[2])
    assert project["requires-python"] == f">={named[0]},<3.{last + 1}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_steps_are_verbs_a_person_uses(path):
    """Each smallcap verb and make target exists; no text of an event is put into a script."""
    verbs = typer.main.get_command(app).commands
    makefile = (CODE / "Makefile").read_text(encoding="utf-8")
    for _, job in jobs(path):
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
    script = "\n".join(step.get("run", "") for _, job in jobs(path) for step in job["steps"])
    asked = re.findall(r"smallcap ([a-z]+)", script)
    targets = re.findall(r"\bmake ([a-z]+)", script)
    assert asked or targets or path.name == "links.yml"
    assert set(asked) <= set(verbs)
    assert set(targets) <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_has_what_a_form_needs(path):
    """Name, description, and fields with ids of their own."""
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert ids and len(set(ids)) == len(ids)
    assert all("label" in field["attributes"] for field in form["body"])
