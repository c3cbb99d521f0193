"""The set-up repairs itself: a moved folder, another Python, a half-made environment."""

import re
import shutil
import subprocess
import sys

import pytest

from analysis.files import CODE

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
OWN = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def folder(tmp_path):
    """A folder whose name holds a space, with the Makefile and an environment that was set up."""
    place = tmp_path / "a folder"
    (place / ".venv" / "bin").mkdir(parents=True)
    shutil.copyfile(CODE / "Makefile", place / "Makefile")
    write_python(place / ".venv" / "bin" / "python", OWN)
    (place / ".venv" / ".installed").write_text(f"{place}\n")
    return place


def write_python(path, version):
    """Stands in for a Python of a version."""
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)


def make(folder, *arguments):
    """Run make there; what it prints."""
    done = subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_environment_that_fits_is_kept(folder):
    """Also where the same Python is named."""
    assert "make book" in make(folder, "help")
    write_python(folder / "same", OWN)
    make(folder, "PYTHON=./same", "help")
    assert (folder / ".venv" / ".installed").exists()


def test_one_of_another_python_is_made_anew(folder):
    """The one that is asked for decides."""
    write_python(folder / "other", "3.9")
    make(folder, "PYTHON=./other", "help")
    assert not (folder / ".venv").exists()


def test_an_audit_that_could_not_ask_about_a_package_is_no_pass(folder):
    """Where the service does not answer for a package, pip-audit ends well unless told not to."""
    (folder / "requirements.lock").touch()
    command = make(folder, "--dry-run", "--old-file=.venv/.installed", "audit")
    assert re.search(r"pip-audit\b.* --strict\b", command)


def test_one_that_was_moved_is_made_anew(folder):
    """Its scripts name the folder it was made in; a link to an environment elsewhere is left."""
    moved = folder.rename(folder.with_name("moved"))
    shutil.copytree(moved / ".venv", moved / "elsewhere")
    make(moved, "help")
    assert not (moved / ".venv").exists()
    (moved / ".venv").symlink_to("elsewhere")
    make(moved, "help")
    assert (moved / ".venv").is_symlink()
