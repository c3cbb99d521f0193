"""Judge the mutants of a copy, each in a fork of one pytest that has collected the tests.

Run by ``mutate.py`` in the copy, with the tests as arguments. mutmut makes the mutants and keeps
what became of them. Its own runner starts pytest anew for each, from a process whose caches hold
what the sound code made of the same data, and takes one for killed that a busy computer slowed.
Here no test has run before a fork, a mutant is stopped by its processor time alone, and the tests
that killed others of its function come first.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name

#: Mutants judged at once.
AT_ONCE = 2

#: A mutant may take so many times what its tests take of the processor, and so many seconds more.
TIMES, SECONDS = 20, 20

#: mutmut's mark of a mutant that no test reaches.
NO_TESTS = 33

#: Imported before the forks, so that it is paid once: the package imports them where it uses them.
LIBRARIES = ("scipy.optimize", "scipy.signal", "scipy.stats", "statsmodels.api", "arch.unitroot")


class Judge:
    """Takes the place of pytest's loop over the tests.

    Parameters
    ----------
    files : list of SourceFileMutationData
        Mutants by file; what becomes of each is written there.
    """

    def __init__(self, files: list[SourceFileMutationData]) -> None:
        self.files = files
        self.killers: Counter[tuple[str, int]] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once for what they reach and how long they take, then every mutant."""
        for library in LIBRARIES:
            importlib.import_module(library)
        gc.collect()
        gc.freeze()  # what the forks share is not looked through by each
        reach: dict[str, list[int]] = {}
        took = []
        for place in range(len(session.items)):
            # a fork each: what an earlier test has made or cached would not be reached again
            functions, seconds = _in_fork(session, partial(_reached, place=place))
            took.append(seconds)
            for function in functions:
                reach.setdefault(function, []).append(place)
        running: dict[int, tuple[SourceFileMutationData, str, int]] = {}
        for file in self.files:
            for mutant in file.exit_code_by_key:
                function = mangled_name_from_mutant_name(mutant)
                tests = reach.get(function, [])
                if not tests:
                    file.exit_code_by_key[mutant] = NO_TESTS
                    continue
                while len(running) >= AT_ONCE:
                    self._end(running)
                tests.sort(key=lambda one: (-self.killers[function, one], took[one]))
                read, write = os.pipe()
                if (child := os.fork()) == 0:
                    limit = int(TIMES * sum(took[one] for one in tests)) + SECONDS
                    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
                    try:
                        os.write(write, str(_killer(session, mutant, tests)).encode())
                    finally:
                        os._exit(0)
                os.close(write)
                running[child] = file, mutant, read
        while running:
            self._end(running)
        for file in self.files:
            file.save()
        return True

    def _end(self, running: dict[int, tuple[SourceFileMutationData, str, int]]) -> None:
        """Wait for one mutant: killed where a test failed, or where it did not come to an end."""
        child, _ = os.waitpid(-1, 0)
        file, mutant, read = running.pop(child)
        with os.fdopen(read) as said:
            killer = said.read()
        file.exit_code_by_key[mutant] = int(killer != "None")
        if killer.isdecimal():
            self.killers[mangled_name_from_mutant_name(mutant), int(killer)] += 1


def _reached(session: pytest.Session, place: int) -> tuple[list[str], float]:
    """Functions that a test reaches, its fixtures included, and what it takes of the processor."""
    set_mutant_under_test("stats")
    state()._stats.clear()
    before = os.times().user
    _run(session, place, None)
    if session.testsfailed:
        raise RuntimeError("a test fails on the sound code")
    return sorted(state()._stats), os.times().user - before


def _killer(session: pytest.Session, mutant: str, tests: list[int]) -> int | None:
    """Place of the first test that fails on a mutant; None where it survives."""
    set_mutant_under_test(mutant)
    for place, after in zip(tests, [*tests[1:], None], strict=True):
        _run(session, place, after)
        if session.testsfailed:
            return place
    return None


def _run(session: pytest.Session, place: int, after: int | None) -> None:
    items = session.items
    following = None if after is None or after >= len(items) else items[after]
    items[place].config.hook.pytest_runtest_protocol(item=items[place], nextitem=following)


def _in_fork(session: pytest.Session, make: Any) -> Any:
    """What a function makes of the session in another process, so that this one stays clean."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            with os.fdopen(write, "w") as said:
                json.dump(make(session), said)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        text = said.read()
    os.waitpid(child, 0)
    if not text:
        raise pytest.UsageError("the tests do not pass on the sound code")
    return json.loads(text)


def main(tests: list[str]) -> None:
    """Make the mutants that the copy's ``pyproject.toml`` names, and judge them by some tests."""
    config()
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(AT_ONCE)
    files = []
    for path in walk_mutatable_files():
        file = SourceFileMutationData(path=path)
        file.load()
        file.meta_path = file.meta_path.resolve()
        files.append(file)
    os.chdir("mutants")
    options = ["--rootdir=.", "-q", "-n0", "-p", "no:cacheprovider", "--tb=no", "--assert=plain"]
    raise SystemExit(pytest.main([*options, "-m", "not slow", *tests], plugins=[Judge(files)]))


if __name__ == "__main__":
    main(sys.argv[1:])
