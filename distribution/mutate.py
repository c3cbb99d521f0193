"""Change the arithmetic by one small step and see whether a test notices: ``make mutate``.

mutmut makes the mutants, in a copy, and ``mutant_runs.py`` judges them. Survivors stand in
``tests/survivors.csv``; each is killed by a better test, or says why no test can tell it from the
original: the column ``why`` is kept from run to run. Mutants that change nothing but the words of a
text are counted, not listed.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SURVIVORS = ROOT / "tests" / "survivors.csv"

COLUMNS = ("function", "change", "why")

#: What is judged where nothing else is named, and by which tests.
JUDGED: dict[str, tuple[str, ...]] = {
    "analysis/claims/verdicts.py": ("tests/claims/test_verdicts.py",),
    "analysis/claims/multiplicity.py": ("tests/claims/test_multiplicity.py",),
    "analysis/inference": ("tests/inference",),
    "analysis/designs": ("tests/designs",),
}

#: Modules whose tests stand in the file of another, or in two.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    f"analysis/inference/{name}.py": ("tests/inference/test_forecast.py",)
    for name in ("bands", "null_r_squared", "out_of_sample")
} | {
    "analysis/designs/return_forecast": (
        "tests/designs/test_return_forecast.py",
        "tests/designs/test_bank_line.py",
    )
}

_COPIED = ("analysis", "data", "tests", "notebooks", "smallcap", "book", "examples", "README.md",
           "CONTRIBUTING.md", "Makefile", "pyproject.toml", "_config.yml", "_toc.yml")  # fmt: skip

#: A text in code, as a mutant changes it.
_TEXT = re.compile(r"""(?:\b[rf])?(?:"[^"]*"|'[^']*')|\bNone\b""")

_BRACES = re.compile(r"\{[^{}]*\}")

#: mutmut's marks of a mutant that survived and of one that no test reaches.
_ALIVE = (0, 33)

#: Run in the copy: `mutmut show` starts a process for each mutant, this one for all of them.
_SHOW = """import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
json.dump({name: get_diff_for_mutant(name) for name in json.load(sys.stdin)}, sys.stdout)"""


def tests_of(source: str) -> tuple[str, ...]:
    """The tests that judge a module, a package or a room: their own file's, or their room's.

    Parameters
    ----------
    source : str
        ``analysis/inference/sharpe.py``, ``analysis/designs/state_means``, or a key of
        :data:`JUDGED`.

    Raises
    ------
    SystemExit
        For what no tests are known to judge.
    """
    if named := (JUDGED | ELSEWHERE).get(source):
        return named
    path = Path(source)
    own = Path("tests", *path.parts[1:-1], f"test_{path.stem}.py")
    if (ROOT / path).exists() and (ROOT / own).is_file():
        return (str(own),)
    raise SystemExit(f"mutate: {source} has no tests of its own; name one of {', '.join(JUDGED)}")


def change_of(diff: str) -> str:
    """A mutant in one line: what it takes out, an arrow, what it puts in.

    Parameters
    ----------
    diff : str
        As ``mutmut show`` prints it.
    """
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for line in diff.splitlines():
        if line[:1] in sides and not line.startswith(("---", "+++")):
            sides[line[0]].append(line[1:].strip())
    return " → ".join(" ".join(some) for some in sides.values())


def only_words(change: str) -> bool:
    """Whether a mutant changes nothing but the letters of a text, or leaves a text out.

    What an f-string works out between its braces is no word.

    Parameters
    ----------
    change : str
        As :func:`change_of` makes it.
    """
    before, _, after = change.partition(" → ")
    if _TEXT.sub("None", before) != _TEXT.sub("None", after):
        return False
    pairs = zip(_TEXT.findall(before), _TEXT.findall(after), strict=True)
    return all("None" in pair or _worked_out(pair[0]) == _worked_out(pair[1]) for pair in pairs)


def _worked_out(text: str) -> list[str]:
    """What a text works out between its braces, without words."""
    return [_TEXT.sub("None", part) for part in _BRACES.findall(text)]


def function_of(mutant: str) -> str:
    """The function or method that a mutant changes, by its dotted name.

    Parameters
    ----------
    mutant : str
        As mutmut names it: ``analysis.a.x_f__mutmut_1``, ``analysis.a.xǁCǁm__mutmut_1``.
    """
    plain = re.sub(r"\.x_?(.+)__mutmut_\d+$", r".\1", mutant)
    return plain.replace(".ǁ", ".").replace("ǁ", ".")


def merged(
    earlier: Sequence[Mapping[str, str]], found: Mapping[str, Sequence[str]]
) -> list[dict[str, str]]:
    """The table of survivors after a run: what was not judged stays, reasons are kept.

    Parameters
    ----------
    earlier : sequence of mapping
        Rows of the table.
    found : mapping of str to sequence of str
        By module judged, ``function: change`` of each survivor.
    """
    why = {(row["function"], row["change"]): row["why"] for row in earlier}
    kept = [dict(row) for row in earlier if not row["function"].startswith(tuple(found))]
    for survivors in found.values():
        for one in dict.fromkeys(survivors):
            function, _, change = one.partition(": ")
            reason = why.get((function, change), "")
            kept.append({"function": function, "change": change, "why": reason})
    return sorted(kept, key=lambda row: (row["function"], row["change"]))


def judge(source: str) -> tuple[list[str], int, int]:
    """Run the mutants of one module or folder.

    Parameters
    ----------
    source : str
        As :func:`tests_of` takes it.

    Returns
    -------
    survivors : list of str
        ``function: change``.
    words : int
        Survivors that change words alone.
    made : int
        All mutants.
    """
    with tempfile.TemporaryDirectory(prefix="smallcap-mutants-") as name:
        copy = Path(name)
        for item in _COPIED:
            leave = shutil.ignore_patterns("__pycache__")
            if (ROOT / item).is_dir():
                shutil.copytree(ROOT / item, copy / item, ignore=leave)
            else:
                shutil.copyfile(ROOT / item, copy / item)
        others = [item for item in _COPIED if item not in ("tests", "pyproject.toml")]
        settings = {"source_paths": [source], "also_copy": others}
        lines = [f"{key} = {value!r}" for key, value in settings.items()]
        with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", "[tool.mutmut]", *lines, ""]))
        runs = [sys.executable, str(ROOT / "distribution" / "mutant_runs.py"), *tests_of(source)]
        done = subprocess.run(runs, cwd=copy, capture_output=True, text=True)
        codes: dict[str, int | None] = {}
        for file in sorted((copy / "mutants").rglob("*.meta")):
            codes |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
        if done.returncode or not codes or None in codes.values():
            raise SystemExit(f"mutate: {source} could not be judged:\n{done.stdout[-2000:]}")
        mutants = [mutant for mutant, code in codes.items() if code in _ALIVE]
        shown = subprocess.run(
            [sys.executable, "-c", _SHOW], cwd=copy, input=json.dumps(mutants),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        survivors = [
            f"{function_of(mutant)}: {change_of(diff)}"
            for mutant, diff in json.loads(shown.stdout).items()
        ]
    telling = [one for one in survivors if not only_words(one.partition(": ")[2])]
    return telling, len(survivors) - len(telling), len(codes)


def main(sources: Sequence[str]) -> None:
    """Judge modules, write the table, and fail where a survivor has no reason.

    Parameters
    ----------
    sources : sequence of str
        Modules or folders; all of :data:`JUDGED` where none is named.
    """
    named = list(sources) or list(JUDGED)
    for source in named:
        tests_of(source)
    found = {}
    for source in named:
        telling, words, made = judge(source)
        found[source.removesuffix(".py").replace("/", ".")] = telling
        print(f"{source}: {made} mutants, {len(telling)} survive, {words} more change words alone")
    earlier = []
    if SURVIVORS.is_file():
        with SURVIVORS.open(encoding="utf-8", newline="") as file:
            earlier = list(csv.DictReader(file))
    rows = merged(earlier, found)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    SURVIVORS.write_text(text.getvalue(), encoding="utf-8")
    left = [row for row in rows if not row["why"]]
    print(f"written: {SURVIVORS.relative_to(ROOT)}, {len(left)} survivors without a reason")
    raise SystemExit(bool(left))


if __name__ == "__main__":
    main(sys.argv[1:])
