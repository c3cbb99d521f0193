"""Build the distribution: flit's back end, on a copy with the project inside the package.

``pyproject.toml`` names this module. A wheel holds one package, ``smallcap``, and below it the
folder ``project`` with what a checkout has; see ``smallcap/__init__.py``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flit_core import buildapi
from flit_core.buildapi import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

#: What an installed copy holds beside the package itself, as in a checkout.
PROJECT = ("analysis", "data", "notebooks", "book", "examples", "_config.yml", "_toc.yml")

#: What flit reads.
ITS_OWN = ("smallcap", "pyproject.toml", "README.md", "LICENSE", "LICENSE-CONTENT")

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "conftest.py", "_build")


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel into a folder; the name of its file (PEP 517)."""
    target = os.path.abspath(wheel_directory)
    with _staged(Path.cwd()):
        return buildapi.build_wheel(target, config_settings, metadata_directory)


@contextmanager
def _staged(source: Path) -> Iterator[None]:
    """Work in a copy of the sources in which the project lies inside the package."""
    with tempfile.TemporaryDirectory(prefix="smallcap-wheel-") as name:
        for item in ITS_OWN:
            _copy(source / item, Path(name) / item)
        for item in PROJECT:
            _copy(source / item, Path(name) / "smallcap" / "project" / item)
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(source)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_OUT)
    else:
        shutil.copyfile(source, target)
