"""What is to run: names, parameters and dates, all checked before anything starts."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis.claims import load_claims
from analysis.designs.registry import bind_all
from analysis.files import PROJECT, parse_code
from analysis.pages.chapter import chapters
from analysis.pages.parameters import (
    NEWEST,
    ChapterParameters,
    check_parameters,
    parameters_of,
    taken,
)
from analysis.results import InputError, nearest
from analysis.runs.outputs import is_parameters
from analysis.runs.templates import source_notebook

NOTEBOOKS_FOLDER = PROJECT / "notebooks"

#: Parameters that say what a run sees.
_SEEN = ("as_of", "data")


@dataclass(frozen=True)
class Run:
    """One notebook and the parameters it is given.

    Attributes
    ----------
    name : str
    source : Path
    parameters : dict
        Checked values; only those that differ from the notebook's own need to be given.
    label : str
        Shown while it runs.
    """

    name: str
    source: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        return self.label or self.name


@dataclass(frozen=True)
class Refused:
    """A combination that one chapter does not accept and another does.

    Attributes
    ----------
    name : str
    parameters : dict
        As they were given.
    label : str
    why : str
    """

    name: str
    parameters: Mapping[str, Any]
    label: str
    why: str


def notebook_names(folder: Path = NOTEBOOKS_FOLDER) -> list[str]:
    """Names of the notebooks in a folder, in the order of the book.

    In the audit's own folder every chapter has one: its template stands in for a missing file.
    """
    names = [path.stem for path in in_book_order(folder)]
    if Path(folder) != NOTEBOOKS_FOLDER:
        return names
    order = chapters()
    return [*order, *(name for name in names if name not in order)]


def plan(
    names: Sequence[str],
    parameters: Mapping[str, Any],
    *,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
    where_taken: Mapping[str, Any] | None = None,
) -> list[Run]:
    """Check claim files, names, parameters and dates; give what would run.

    Parameters
    ----------
    names : sequence of str
        Notebooks of `folder`.
    parameters : mapping of str to value
        Given to every notebook; each must know them all.
    folder : Path
    from_text : bool
        True where values were typed and ``"12"`` may mean 12.
    where_taken : mapping of str to value, optional
        Given to the notebooks that take such a parameter, in text.

    Raises
    ------
    InputError
        One line for every problem; for what is given `where_taken`, where no notebook takes it.
    """
    bind_all(load_claims())
    known = notebook_names(folder)
    if not names:
        raise InputError(f"name at least one notebook of {', '.join(known)}")
    runs = []
    for name in dict.fromkeys(names):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(known)}"
            raise InputError(f"unknown notebook {name!r}{hint}")
        if name not in chapters():
            raise InputError(
                f"{name}.ipynb: data/chapters.yml has no chapter {name!r}; give it a title there,"
                f" or take the notebook away{nearest(name, chapters())}"
            )
        model = check_parameters(parameters_of(name), parameters, name, from_text=from_text)
        _check_cells(folder / f"{name}.ipynb")
        given = model.model_dump(mode="json", include=set(parameters))
        given |= taken(parameters_of(name), where_taken or {}, name)
        runs.append(Run(name, folder / f"{name}.ipynb", given))
    for name, value in (where_taken or {}).items():
        if not any(name in run.parameters for run in runs):
            raise InputError(f"no chapter takes {name}={value!r}; leave it out")
    check_dates(runs)
    return runs


def plan_grid(
    names: Sequence[str],
    cells: Sequence[Mapping[str, Any]],
    *,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
) -> list[Run | Refused]:
    """Check every notebook with every combination of values; what only one chapter refuses.

    Parameters
    ----------
    names, folder, from_text
        As in :func:`plan`.
    cells : sequence of mapping
        Values of the same parameters.

    Returns
    -------
    list of Run or Refused
        Combination by combination, in each notebook by notebook.

    Raises
    ------
    InputError
        For whatever no notebook accepts, and for names and parameters that one does not know.
    """
    plan(names, {}, folder=folder)
    names = list(dict.fromkeys(names))
    models = {name: parameters_of(name) for name in names}
    planned: list[Run | Refused] = []
    for cell in cells:
        refused: list[InputError] = []
        for name, model in models.items():
            label = _label(name, cell)
            try:
                checked = check_parameters(model, cell, name, from_text=from_text)
            except InputError as error:
                if len(names) == 1 or set(cell) - set(model.model_fields):
                    raise
                refused.append(error)
                planned.append(Refused(name, dict(cell), label, str(error)))
                continue
            given = checked.model_dump(mode="json", include=set(cell))
            planned.append(Run(name, folder / f"{name}.ipynb", given, _label(name, given)))
        if len(refused) == len(names):
            raise refused[0]
    runs = [one for one in planned if isinstance(one, Run)]
    months = sorted({str(run.parameters.get("as_of", NEWEST)) for run in runs} - {NEWEST})
    # what lies between the first month and the last is inside the data where these two are
    ends = {*months[:1], *months[-1:]}
    check_dates([run for run in runs if run.parameters.get("as_of", NEWEST) in {NEWEST, *ends}])
    return planned


def _label(name: str, given: Mapping[str, Any]) -> str:
    told = ", ".join(f"{key}={value}" for key, value in given.items())
    return f"{name} ({told})" if told else name


def _check_cells(path: Path) -> None:
    """Refuse a notebook whose parameters would not be the ones that are asked for.

    Raises
    ------
    InputError
        For a damaged notebook, one without a cell tagged ``parameters`` or with two, and one whose
        own month or data set is not the default, so that a run would be named after another.
    """
    tagged = [cell for cell in source_notebook(path).cells if is_parameters(cell)]
    if len(tagged) != 1:
        raise InputError(
            f"{path.name}: {len(tagged) or 'no'} cells are tagged 'parameters', so that what is"
            " given would not be what runs; tag the one cell that sets them"
        )
    for name, value in _assigned(path, tagged[0].source).items():
        default = ChapterParameters.model_fields[name].default
        if value != default:
            raise InputError(
                f"{path.name}: its parameters cell sets {name} to {value!r}, not to {default!r};"
                f" put that back and give {name} to the run"
            )


def _assigned(path: Path, source: str) -> dict[str, Any]:
    """Month and data set as the parameters cell sets them; both have to stand there."""
    found: dict[str, Any] = {}
    try:
        for node in parse_code(source).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", 0)]
            value = getattr(node, "value", None)
            for target in targets:
                if isinstance(target, ast.Name) and value is not None:
                    found[target.id] = ast.literal_eval(value)
    except (SyntaxError, ValueError) as error:
        raise InputError(
            f"{path.name}: its parameters cell holds more than names and plain values ({error})"
        ) from error
    if missing := [name for name in _SEEN if name not in found]:
        raise InputError(f"{path.name}: its parameters cell does not set {missing[0]}")
    return {name: found[name] for name in _SEEN}


def check_dates(runs: Sequence[Run]) -> None:
    """Load each data set that is asked for: a damaged file or a month outside stops everything."""
    from analysis.panel import load_dataset

    wanted = {
        (r.parameters.get("data", "bundled"), r.parameters.get("as_of", NEWEST)) for r in runs
    }
    for data, as_of in wanted:
        load_dataset(data, as_of)


def in_book_order(folder: Path) -> list[Path]:
    """The notebooks of a folder, in the order of the book."""
    order = {name: number for number, name in enumerate(chapters())}
    return sorted(
        Path(folder).glob("*.ipynb"), key=lambda path: (order.get(path.stem, len(order)), path.stem)
    )
