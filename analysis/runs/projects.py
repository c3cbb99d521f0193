"""Audits of one's own: a folder with claims, chapters and pages, on the same data and designs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from analysis.results import InputError

#: The audit a new one begins as, below the folder of the code.
EXAMPLE = "examples/value_growth"

#: What every audit holds.
NEEDED = ("data/claims", "data/chapters.yml")

_MAKE_ONE = "smallcap new DIR makes an audit to start from"


def use_project(folder: Path) -> None:
    """Put an audit's folder to work in this process and in those it starts.

    Has to be called before anything of the project is read.

    Raises
    ------
    InputError
        Naming the folder, and what it lacks.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; {_MAKE_ONE}")
    for name in NEEDED:
        if not (folder / name).exists():
            raise InputError(f"{folder} is no audit, for it has no {name}; {_MAKE_ONE}")
    if not any((folder / "data" / "claims").glob("*.yml")):
        raise InputError(f"{folder}/data/claims holds no claims (*.yml); {_MAKE_ONE}")
    if "analysis.files" in sys.modules:
        raise RuntimeError("another audit is at work in this process already")
    os.environ["SMALLCAP_PROJECT"] = str(folder.resolve())


def new_project(folder: Path) -> list[Path]:
    """Make an audit to start from: the example on value against growth, with its notebooks.

    Parameters
    ----------
    folder : Path
        A new or an empty one.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        For a folder that holds anything, a file, or one that cannot be written.
    """
    from analysis.files import CODE

    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not empty; name a new folder")
    try:
        shutil.copytree(
            CODE / EXAMPLE,
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(".*", "_build", "runs", "ledger.csv"),
        )
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}); name another") from error
    return sorted(path for path in folder.rglob("*") if path.is_file())
