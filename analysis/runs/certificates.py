"""A certificate of a run: what was run, on what, with which results, so that others can repeat it.

The manifest follows CODECHECK (Nüst and Eglen 2021): commands, environment, checksums of all that
went in and came out, and the verdicts. It carries a checksum of itself.

References
----------
Nüst, D. and Eglen, S. J. (2021). CODECHECK: an open science initiative for the independent
execution of computations underlying research articles. F1000Research 10:253.
"""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

import analysis
from analysis.files import CODE, PROJECT, digest, digest_file, load_yaml, write_whole
from analysis.results import InputError
from analysis.runs.outputs import Record, read_notebook, verdicts_of

#: What decides a run, below the folder of the code or of the audit at work.
INPUTS = ("analysis/**/*.py", "data/**/*.yml", "data/**/*.csv", "notebooks/*.ipynb")

#: What a third party would have time-stamped: the ledger, and the claims with their criteria.
STAMPED = ("data/ledger.csv", "data/claims/", "data/criteria.yml")

#: What belongs to an audit, so that the code's own decides nothing of another's.
AUDITS = ("data/claims/", "data/criteria.yml", "data/chapters.yml", "data/ledger.csv",
          "data/history.csv", "notebooks/")  # fmt: skip

#: Packages whose version can move a last digit.
PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "arch", "linearmodels", "altair")

_FIELDS = {"certificate", "commands", "environment", "data", "stamp", "inputs", "outputs",
           "verdicts", "checksum"}  # fmt: skip

#: Executes notebooks into a folder: names, parameters, folder.
Execute = Callable[[Sequence[str], Mapping[str, Any], Path], Sequence[Path]]


def make_certificate(
    names: Sequence[str], given: Mapping[str, str], execute: Execute
) -> dict[str, Any]:
    """Run notebooks and certify the run.

    Parameters
    ----------
    names : sequence of str
        Notebooks.
    given : mapping of str to str
        ``data`` and ``as_of``, where they are not the default.
    execute : callable
    """
    inputs = input_checksums()
    with tempfile.TemporaryDirectory(prefix="smallcap-certificate-") as folder:
        written = execute(names, given, Path(folder) / "run")
        records = [record for path in written for record in verdicts_of(read_notebook(path))]
        outputs = {path.name: digest_file(path) for path in written}
    options = "".join(f" --{key.replace('_', '-')} {value}" for key, value in sorted(given.items()))
    made: dict[str, Any] = {
        "certificate": 1,
        "commands": [f"smallcap run {name}{options}" for name in names],
        "environment": environment(),
        "data": {"names": list(names), **given, "snapshot": _snapshot(records)},
        "stamp": {name: text for name, text in inputs.items() if name.startswith(STAMPED)},
        "inputs": inputs,
        "outputs": outputs,
        "verdicts": {record["claim"]: _result(record) for record in records},
    }
    return made | {"checksum": digest(made)}


def write_certificate(made: Mapping[str, Any], path: Path) -> Path:
    """Write a certificate as YAML."""
    return write_whole(path, yaml.safe_dump(dict(made), sort_keys=False, allow_unicode=True))


def read_certificate(path: Path) -> dict[str, Any]:
    """A certificate as it was written.

    Raises
    ------
    InputError
        For what is none, and for one that was changed after it was written.
    """
    path = Path(path)
    held = load_yaml(path)
    if set(held) != _FIELDS:
        raise InputError(f"{path.name}: no certificate; smallcap certificate writes one")
    body = {key: value for key, value in held.items() if key != "checksum"}
    if digest(body) != held["checksum"]:
        raise InputError(
            f"{path.name}: changed after it was written, for its checksum is another; ask for the"
            " one that was published"
        )
    return held


def verify_certificate(path: Path, execute: Execute, run: Path | None = None) -> list[str]:
    """Everything in which a fresh run departs from a certificate; empty where nothing does.

    Parameters
    ----------
    path : Path
        The certificate.
    execute : callable
    run : Path, optional
        A folder of executed notebooks that is held against the outputs; nothing is run then.

    Raises
    ------
    InputError
        As :func:`read_certificate`.
    """
    held = read_certificate(path)
    if run is not None:
        return list(_against_folder(held["outputs"], run))
    problems = _compared("input", held["inputs"], input_checksums())
    if problems:
        return problems
    given = {key: held["data"][key] for key in ("data", "as_of") if key in held["data"]}
    fresh = make_certificate(held["data"]["names"], given, execute)
    for claim, result in held["verdicts"].items():
        now = fresh["verdicts"].get(claim)
        if now != result:
            problems.append(f"verdict on {claim}: {_told(result)} certified, {_told(now)} now")
    problems += _compared("output", held["outputs"], fresh["outputs"])
    before, after = held["data"]["snapshot"], fresh["data"]["snapshot"]
    if before != after:
        problems.append(f"snapshot: {before or 'none'} certified, {after or 'none'} in force")
    moved = _compared("environment", held["environment"], fresh["environment"])
    return problems + moved if problems else []


def input_checksums() -> dict[str, str]:
    """SHA-256 of every file that decides a run, by its place below code or audit."""
    found: dict[str, str] = {}
    for root in dict.fromkeys((CODE, PROJECT)):
        for pattern in INPUTS:
            for file in sorted(root.glob(pattern)):
                name = file.relative_to(root).as_posix()
                if root == PROJECT or not name.startswith(AUDITS):
                    found[name] = digest_file(file)
    return found


def environment() -> dict[str, str]:
    """Version of the code, the interpreter, the system, and the packages that compute."""
    return {
        "smallcap": analysis.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: _version(name) for name in PACKAGES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _snapshot(records: Sequence[Record]) -> str | None:
    return next((str(one["snapshot"]) for one in records if one.get("snapshot")), None)


def _result(record: Record) -> dict[str, Any]:
    """What is certified of a verdict: itself, its estimate and p-value, and its criterion."""
    kept = ("verdict", "estimate", "p_value", "n", "criterion_hash")
    return {name: record.get(name) for name in kept}


def _told(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return "none"
    return f"{result['verdict'] or 'no verdict'} (estimate {result['estimate']})"


def _compared(what: str, certified: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """One line for everything that is gone, new or different."""
    lines = []
    for name in sorted({*certified, *now}):
        if name not in now:
            lines.append(f"{what} {name}: certified, and not there now")
        elif name not in certified:
            lines.append(f"{what} {name}: there now, and not certified")
        elif certified[name] != now[name]:
            lines.append(f"{what} {name}: not as certified")
    return lines


def _against_folder(outputs: Mapping[str, str], run: Path) -> list[str]:
    if not run.is_dir():
        raise InputError(f"{run} is no folder; name the folder of a run")
    there = {path.name: digest_file(path) for path in sorted(run.glob("*.ipynb"))}
    return _compared("output", outputs, there)
