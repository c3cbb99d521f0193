"""Verdicts without notebooks: the designs of a chapter, called as its notebook calls them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from analysis.claims import Claim, load_claims
from analysis.pages.chapter import Chapter
from analysis.pages.parameters import ChapterParameters, check_parameters, parameters_of
from analysis.panel import load_dataset
from analysis.runs.outputs import Record


def judge_directly(name: str, parameters: Mapping[str, Any]) -> list[Record]:
    """The records that a chapter's notebook would leave, in the order of the claim files.

    Parameters
    ----------
    name : str
        The chapter.
    parameters : mapping
        Checked values of those that differ from the chapter's own.

    Raises
    ------
    InputError
        As the notebook would.
    """
    model, claims = _chapter(name)
    checked = check_parameters(model, parameters, name)
    dataset = load_dataset(checked.data, checked.as_of)
    chapter = Chapter(name, checked, dataset, claims)
    return [chapter.judge(claim).as_record() for claim in claims]


@lru_cache(maxsize=32)
def _chapter(name: str) -> tuple[type[ChapterParameters], dict[str, Claim]]:
    """Read once in a process: parameters and claims, which a sweep does not change."""
    claims = {key: claim for key, claim in load_claims().items() if claim.chapter == name}
    return parameters_of(name), claims
