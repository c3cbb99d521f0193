"""The cache folder: files under their checksum, written whole or not at all.

``objects/SHA256`` holds the publishers' files untouched, ``snapshots/NAME.json`` the manifests,
``current`` the name of the one in force, ``partial/`` what is under way and is never read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from analysis.files import checksum, write_whole
from analysis.results import InputError

CACHE_VARIABLE = "SMALLCAP_CACHE"

#: Folder of the cache for files under way.
PARTIAL = "partial"


class DiskError(InputError):
    """The cache cannot be written."""


def cache_folder(cache: Path | str | None = None) -> Path:
    """`cache`, else what ``SMALLCAP_CACHE`` names, else the platform's cache folder of the user."""
    if cache is None:
        cache = os.environ.get(CACHE_VARIABLE) or None
    if cache is None:
        import platformdirs

        cache = platformdirs.user_cache_path("smallcap")
    return Path(cache).expanduser().resolve()


@contextlib.contextmanager
def writing(cache: Path, name: str | None = None, note: str = "") -> Iterator[None]:
    """Turn errors of the disk into one sentence with its remedy.

    Parameters
    ----------
    cache : Path
    name : str, optional
        What is being written; by default what the error names.
    note : str
        Said at the end.

    Raises
    ------
    DiskError
        If the disk is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        file = name or error.filename or "a file"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            what, remedy = "the disk is full", "free some space"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what, remedy = "the folder is read-only", "make it writable"
        else:
            what, remedy = error.strerror or str(error), "check the folder"
        raise DiskError(
            f"{file} cannot be written to the cache {cache}: {what}; {remedy} or name another "
            f"folder in {CACHE_VARIABLE}{note}"
        ) from error


def partial_path(cache: Path) -> Path:
    """A new place for a file under way."""
    folder = cache / PARTIAL
    folder.mkdir(parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def clear_partials(cache: Path) -> None:
    """Remove what a killed pull left under way; only for who holds the lock."""
    folder = cache / PARTIAL
    for path in folder.glob("*") if folder.is_dir() else ():
        path.unlink(missing_ok=True)


def keep_file(path: Path, content: bytes, cache: Path) -> None:
    """Write a file of the cache so that readers see all of it or what was there before."""
    write_whole(path, content, scratch=cache / PARTIAL)


def keep_object(content: bytes, cache: Path) -> str:
    """Store content under its checksum, which is returned; what is there and sound stays."""
    digest = checksum(content)
    if not has_object(digest, cache):
        keep_file(cache / "objects" / digest, content, cache)
    return digest


def has_object(digest: str, cache: Path) -> bool:
    """Whether the object is there and has its checksum."""
    path = cache / "objects" / digest
    try:
        return checksum(path.read_bytes()) == digest
    except OSError:
        return False


def load_object(digest: str, cache: Path, name: str) -> bytes:
    """Content of an object, checked against its checksum.

    Raises
    ------
    InputError
        If it is not there or was changed.
    """
    try:
        content = (cache / "objects" / digest).read_bytes()
    except OSError as error:
        raise InputError(
            f"{name} is not in the cache {cache} any more; run `smallcap pull`"
        ) from error
    if checksum(content) != digest:
        raise InputError(
            f"{name} in the cache {cache} does not have its checksum, so it was changed or "
            f"damaged; remove {cache / 'objects' / digest} and run `smallcap pull`"
        )
    return content
