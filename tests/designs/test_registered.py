"""What is registered is what runs: every argument is read, every axis of a grid is varied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.designs import Sampling, bind, design_names, find_design
from analysis.panel import Dataset, load_dataset

BOUND = [claim for claim in load_claims().values() if claim.design in design_names()]
FEW = Sampling(draws=99, seed=1)


class Seen:
    """Stands in for a claim's arguments and notes which of them are read."""

    def __init__(self, arguments: Any, read: set[str]) -> None:
        self._arguments, self._read = arguments, read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._arguments, name)


class SeenGrid(Mapping[str, tuple[Any, ...]]):
    """Stands in for a claim's grid and notes which axes are read."""

    def __init__(self, grid: Mapping[str, tuple[Any, ...]], read: set[str]) -> None:
        self._grid, self._read = grid, read

    def __getitem__(self, axis: str) -> tuple[Any, ...]:
        self._read.add(axis)
        return self._grid[axis]

    def __iter__(self) -> Iterator[str]:
        return iter(self._grid)

    def __len__(self) -> int:
        return len(self._grid)


def unread(claim: Claim, dataset: Dataset) -> list[str]:
    """Arguments and axes that a design did not use on a data set, each with what was missed.

    An axis counts as varied when the study's grid holds a row for each of its registered values:
    one that was run, or one that was left out with a reason.
    """
    specification, read, axes = bind(claim), set[str](), set[str]()
    instrumented = replace(
        specification,
        arguments=Seen(specification.arguments, read),
        grid=SeenGrid(specification.grid, axes),
    )
    study = find_design(str(claim.design))(dataset, instrumented, FEW)
    if study.finding.refusal is not None and claim.needs == "latest" and dataset.data == "bundled":
        return []
    missed = [f"argument {name}" for name in claim.arguments if name not in read]
    for axis, values in specification.grid.items():
        if axis not in axes:
            missed.append(f"axis {axis}: not read")
        elif axis not in study.grid.columns:
            missed.append(f"axis {axis}: no column of the study's grid")
        elif left := set(values) - set(study.grid[axis]):
            missed.append(f"axis {axis}: no row for {sorted(map(str, left))}")
    ran = study.grid["reason"].eq("") if len(study.grid) else []
    if specification.grid and study.finding.refusal is None and not any(ran):
        missed.append("no specification of the grid was run")
    return missed


@pytest.mark.parametrize("claim", BOUND, ids=lambda claim: claim.id)
def test_every_argument_is_read_and_every_axis_varied(claim):
    """On the bundled data; the latest data are instrumented with the publishers' files."""
    assert unread(claim, load_dataset("bundled")) == []


def test_a_chapter_titles_and_parameters_belong_to_claims():
    """Every parameter of a chapter stands for arguments that exist."""
    from analysis.pages.parameters import parameters_of

    for name in load_chapters():
        assert parameters_of(name)().model_dump()
