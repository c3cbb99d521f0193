"""Folders the program writes into: checked before any work, replaced whole, never another's.

A folder that this program made holds a marker. Only such a folder, or an empty one, is ever
replaced; what a run writes appears all together or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.files import checksum, write_whole
from analysis.results import InputError

MARKER = ".smallcap-made"

#: Longest name of a folder made of parameters; a longer one ends in a hash.
LONGEST_NAME = 120

#: Times that another call may put its folder there first.
_SWAPS = 20

#: Looks at a folder that seems another's, and the seconds between two: while one of ours takes the
#: place of another there is none, or one whose marker is already gone.
_LOOKS = 10
_LOOK_AGAIN = 0.01

_UNSAFE = re.compile(r"[^A-Za-z0-9._=+-]+")


def default_folder(names: Sequence[str], given: Mapping[str, Any], as_of: str, data: str) -> Path:
    """Where a run goes by default: named by notebooks, month, data and what differs.

    Two specifications never share one.
    """
    from analysis.files import digest

    differs = "".join(f"-{key}={value}" for key, value in sorted(given.items()))
    name = _UNSAFE.sub("_", f"{'+'.join(names)}-{as_of}-{data}{differs}")
    if len(name) > LONGEST_NAME or name != f"{'+'.join(names)}-{as_of}-{data}{differs}":
        name = f"{name[:LONGEST_NAME]}-{digest([list(names), as_of, data, dict(given)])}"
    return Path("runs") / name


def check_folder(out: Path, kind: str) -> Path:
    """Refuse, before any work, a folder that must not or cannot be written.

    Parameters
    ----------
    out : Path
    kind : str
        What the program makes there: ``"book"``, ``"run"`` or ``"sweep"``.

    Returns
    -------
    Path
        `out` with links followed, so that a link stays one.

    Raises
    ------
    InputError
        For a file, a link that leads nowhere, a folder that holds anything but what this program
        made there of that kind, or one that cannot be written.
    """
    out = Path(out)
    if out.is_symlink() and not out.exists():
        raise InputError(f"{out} is a link that leads nowhere; remove it or name another folder")
    target = out.resolve()
    for look in range(_LOOKS):
        reason = _taken(target, kind)
        if reason is None:
            break
        if look == _LOOKS - 1:
            raise InputError(f"{out} {reason}")
        # another call of this program may be putting its own folder there
        time.sleep(_LOOK_AGAIN)
    parent = next(p for p in (target, *target.parents) if p.exists())
    place = parent if parent != target else target.parent
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f"{out} cannot be written: {place} is read-only; name another folder")
    return target


def _taken(target: Path, kind: str) -> str | None:
    """Why a place cannot be filled, as the end of a sentence; None where it can."""
    try:
        held = any(target.iterdir())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return f"is a file; name a folder for the {kind}"
    what = _made(target) if held else kind
    if what == kind:
        return None
    held_words = f"a {what} of this program" if what else "something this program did not make"
    return (
        f"holds {held_words}; nothing there is touched: name an empty or a new folder for the"
        f" {kind}"
    )


@contextlib.contextmanager
def filling(out: Path, kind: str, *, keep: bool, state: str | None = None) -> Iterator[Path]:
    """A folder to fill that takes the place of `out` when the block ends without an error.

    Parameters
    ----------
    out : Path
        Checked again: it may have changed since the work began.
    kind : str
        Written into the marker.
    keep : bool
        Whether what `out` holds already is kept beside what is new.
    state : str, optional
        Hash of all that it is made from, for :func:`stands`.
    """
    target = check_folder(out, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-new-", dir=target.parent) as name:
        fresh = Path(name) / target.name
        if keep:
            _copy(target, fresh)
        fresh.mkdir(exist_ok=True)
        yield fresh
        _mark(fresh, kind, state)
        _keep_unchanged(fresh, target)
        _swap(fresh, target, Path(name) / "earlier")


def claim_folder(out: Path, kind: str) -> Path:
    """Check a folder and mark it as this program's before the first file is written.

    For what is written bit by bit and taken up again, such as a sweep.
    """
    target = check_folder(out, kind)
    if not target.is_dir() or not any(target.iterdir()):
        # another call must not see a folder of ours without its marker
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-new-", dir=target.parent) as name:
            fresh = Path(name) / target.name
            fresh.mkdir()
            _mark(fresh, kind)
            with contextlib.suppress(OSError):
                fresh.rename(target)
        target.mkdir(exist_ok=True)
        check_folder(out, kind)
    _mark(target, kind)
    return target


def stands(out: Path, kind: str, state: str) -> bool:
    """Whether a folder holds, file by file, what this program made from `state`."""
    try:
        mark = json.loads((Path(out) / MARKER).read_text(encoding="utf-8"))
        made = (mark.get("made by"), mark.get("kind"), mark.get("state"))
        return made == ("smallcap", kind, state) and mark["files"] == _sums(Path(out))
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _mark(folder: Path, kind: str, state: str | None = None) -> None:
    mark: dict[str, Any] = {"made by": "smallcap", "kind": kind}
    if state is not None:
        mark |= {"state": state, "files": _sums(folder)}
    write_whole(folder / MARKER, json.dumps(mark) + "\n")


def _sums(folder: Path) -> dict[str, str]:
    """Checksum of every file but the marker, by its path."""
    return {
        path.relative_to(folder).as_posix(): checksum(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def _made(folder: Path) -> str | None:
    """What this program made in a folder, by its marker; None where it made nothing."""
    try:
        mark = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(mark, dict) and mark.get("made by") == "smallcap"
    return str(mark.get("kind")) if is_ours else None


def _keep_unchanged(fresh: Path, target: Path) -> None:
    """Put the earlier file itself where a new one says the same: nothing is written twice.

    Who copies the folder on, or watches it, sees what changed and nothing else.
    """
    for path in fresh.rglob("*"):
        earlier = target / path.relative_to(fresh)
        if path.is_symlink() or not path.is_file() or not earlier.is_file():
            continue
        twin = path.with_name(f".{path.name}.kept")
        # a disk without hard links, or an earlier file that another call takes away meanwhile:
        # the new one says the same
        with contextlib.suppress(OSError):
            # taken first and compared then: by its path it may be another's a moment later
            os.link(earlier, twin)
            if twin.read_bytes() == path.read_bytes():
                os.replace(twin, path)
            else:
                twin.unlink()


def _copy(target: Path, fresh: Path) -> None:
    """Copy what stands at `target`; again where it is replaced, nothing where gone."""
    for attempt in itertools.count():
        try:
            shutil.copytree(target, fresh)
            return
        except (FileNotFoundError, shutil.Error):
            shutil.rmtree(fresh, ignore_errors=True)
            if not target.exists() and attempt:
                return
            if attempt == _SWAPS:
                raise
            time.sleep(_LOOK_AGAIN)


def _swap(fresh: Path, target: Path, earlier: Path) -> None:
    """Put `fresh` where `target` is; on failure the earlier one comes back.

    Of two calls that end at the same moment the later one stands, whole.
    """
    for attempt in itertools.count():
        aside = earlier.with_name(f"{earlier.name}-{attempt}")
        with contextlib.suppress(FileNotFoundError):
            target.rename(aside)
        try:
            fresh.rename(target)
            return
        except OSError as error:
            if aside.exists():
                with contextlib.suppress(OSError):
                    aside.rename(target)
            taken = error.errno in (errno.ENOTEMPTY, errno.EEXIST)
            if not taken or attempt == _SWAPS:
                raise
