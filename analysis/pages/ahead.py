"""Work of a build that waits for no page, done beside the reading of the pages."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection

#: Texts that a piece of work gives, by name.
Texts = Mapping[str, str]

#: Below whoever reads pages, for which somebody waits.
_NICER = 5


class Ahead:
    """Pieces of work, each in a forked process from the moment they are given.

    Parameters
    ----------
    pieces : callables
        Each gives texts by name.
    """

    def __init__(self, *pieces: Callable[[], Texts]) -> None:
        context = multiprocessing.get_context("fork")
        self._texts: dict[str, str] = {}
        self._waiting: list[tuple[Connection, multiprocessing.process.BaseProcess]] = []
        for make in pieces:
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, make), daemon=True)
            process.start()
            theirs.close()
            self._waiting.append((mine, process))

    def texts(self) -> Texts:
        """All that was made, waited for; what a process did not send is not there.

        Raises
        ------
        RuntimeError
            With what a piece of work ended in.
        """
        failed = ""
        for mine, process in self._waiting:
            with contextlib.suppress(EOFError):
                said = mine.recv()
                failed = failed or (said if isinstance(said, str) else "")
                self._texts.update({} if isinstance(said, str) else said)
            mine.close()
            process.join()
        self._waiting.clear()
        if failed:
            raise RuntimeError(failed)
        return self._texts


def _work(theirs: Connection, make: Callable[[], Texts]) -> None:
    with contextlib.suppress(OSError):
        os.nice(_NICER)
    said: Texts | str
    try:
        said = dict(make())
    except Exception:
        said = traceback.format_exc()
    with contextlib.suppress(BrokenPipeError):
        theirs.send(said)
    theirs.close()
