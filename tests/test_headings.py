"""The headings of a chapter: one title, no level left out, and one order in every chapter."""

import itertools
import re

import nbformat
import pandas as pd
import pytest

from analysis.claims.chapters import chapter_names, load_chapters
from analysis.claims.ledger import read_ledger
from analysis.pages.leads import leading_claim, question_of
from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names
from analysis.runs.templates import source_notebook

#: How every chapter ends.
CLOSING = ["Sensitivity and power", "What would change our mind", "Sources"]


@pytest.mark.parametrize("name", notebook_names())
def test_headings_go_down_one_level_at_a_time(name):
    """A reader's table of contents, and Sphinx, take no heading of a level that is skipped."""
    notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    levels = [len(hashes) for text in texts for hashes in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


_SHOWS = r"chapter\.(answer|opening|verdict|sensitivity|change_of_mind|sources)\("
_CHARTS = r"draw\.|value_by_date|multiple_ranges|record\.|robustness\."


def outline(cells):
    """What a chapter shows, in its order: headings, and what its cells are for."""
    for cell in cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            yield from re.findall(r"^#+ .+$", cell.source, re.MULTILINE)
        elif "remove-cell" in tags:
            continue
        elif found := re.search(_SHOWS, cell.source):
            yield found[1]
        elif "by-hand" in tags:
            yield "by hand"
        elif re.search(_CHARTS, cell.source):
            yield "chart"


def faults(parts):
    """What stands out of order: question, answer, chart, verdict, by hand, others, the closing."""
    found = []
    if parts[0][:2] != "# " or parts[1] != "answer":
        found.append("the answer does not follow the title")
    chapters = [part[3:] for part in parts if part.startswith("## ")]
    if chapters[-3:] != CLOSING or set(chapters[:-3]) & set(CLOSING):
        found.append(f"it ends with {', '.join(chapters[-3:])}")
    closing = [part for part in parts if part in ("sensitivity", "change_of_mind", "sources")]
    if closing != ["sensitivity", "change_of_mind", "sources"]:
        found.append(f"closing parts: {', '.join(closing)}")
    starts = [place for place, part in enumerate(parts) if part.startswith("## ")]
    for start, end in itertools.pairwise([*starts, len(parts)]):
        found += [f"{parts[start]}: {one}" for one in out_of_order(parts[start + 1 : end])]
    return found


def out_of_order(section):
    """Of one section: its first verdict before its first calculation by hand, and that before
    every other heading.
    """
    smaller = [part for part in section if part.startswith("### ")]
    if "### By hand" in smaller and smaller[0] != "### By hand":
        yield f"{smaller[0]} before the calculation by hand"
    for later in ("### By hand", *smaller[:1]):
        if later in section and "verdict" in section[section.index(later) :]:
            before = section[: section.index(later)]
            if "verdict" not in before and "chart" in before:
                yield f"{later} before the verdict"


@pytest.mark.parametrize("name", chapter_names())
def test_every_chapter_has_the_same_order(name):
    """Title, answer, then claims (chart, verdict, by hand, alternatives), then the closing."""
    parts = list(outline(source_notebook(NOTEBOOKS_FOLDER / f"{name}.ipynb").cells))
    assert faults(parts) == []
    first = next((place for place, part in enumerate(parts) if part == "chart"), len(parts))
    assert "by hand" not in parts[:first]


CHART, CARD = "application/vnd.vegalite.v6+json", "application/vnd.smallcap.verdict+json"


def shown(notebook):
    """Charts and verdict cards of a stored notebook, in their order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for kind in (CHART, CARD):
                if kind in output.get("data", {}):
                    yield kind, output["data"][kind]


def last_month(spec):
    """The latest month that the lines above a chart name; None where they name none."""
    lines = " ".join(spec["title"]["subtitle"])
    told = re.findall(r"\bto ((?:[A-Z][a-z]+) \d{4})\b", lines)
    return max((pd.Period(month, "M") for month in told), default=None)


def late_or_missing(name, notebook):
    """What is wrong with a chapter's first chart: behind a card, or older than its answer."""
    first, spec = next(shown(notebook))
    if first != CHART:
        return "a verdict card before the first chart"
    ledger = read_ledger()
    answer = ledger[(ledger["claim"] == leading_claim(name)) & (ledger["data"] == "latest")]
    ends = answer["sample_end"].replace("", None).dropna()
    month = last_month(spec)
    if ends.empty or month is None or month >= pd.Period(str(ends.iloc[0])[:7], "M"):
        return ""
    return f"the first chart ends in {month}, its answer in {ends.iloc[0]}"


@pytest.mark.parametrize("name", chapter_names())
def test_the_first_thing_after_the_answer_is_a_chart_as_new_as_it(name):
    """Of the bundled run, as stored: before any card, and to the month of the headline."""
    notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
    assert late_or_missing(name, notebook) == ""


def test_a_late_and_a_missing_chart_are_found():
    """A card first, and a chart that ends in 2018 under an answer of later months."""

    def holding(*bundles):
        outputs = [nbformat.v4.new_output("display_data", one) for one in bundles]
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)])

    old = {CHART: {"title": {"subtitle": ["Source: somebody, to November 2018."]}}}
    assert late_or_missing("allocation", holding({CARD: {}}, old)).startswith("a verdict card")
    assert "ends in 2018-11" in late_or_missing("allocation", holding(old, {CARD: {}}))


@pytest.mark.parametrize(
    "name", [name for name, one in load_chapters().items() if one.judges == "rules"]
)
def test_a_chapter_on_rules_opens_like_the_others(name):
    """Its title, its question with a sentence of results, the chart that carries it."""
    assert question_of(name).endswith("?")
    parts = list(outline(source_notebook(NOTEBOOKS_FOLDER / f"{name}.ipynb").cells))
    assert [parts[0][:2], *parts[1:3]] == ["# ", "opening", "chart"]


def test_another_order_is_found():
    """A calculation before its verdict, alternatives before it, and a closing that is not one."""
    good = ["# t", "answer", "chart", "## a", "verdict", "### By hand", "by hand", "### Others",
            "## Sensitivity and power", "sensitivity", "## What would change our mind",
            "change_of_mind", "## Sources", "sources"]  # fmt: skip
    assert faults(good) == []
    swapped = [*good[:4], "### Others", "chart", "### By hand", "verdict", *good[8:]]
    assert len(faults(swapped)) == 2
    assert faults([part for part in good if part != "answer"])
    assert faults([*good[:10], *good[12:]]) and faults([*good, "## More"])


@pytest.mark.parametrize("name", chapter_names())
def test_every_chapter_asks_a_question_that_one_of_its_claims_answers(name):
    """The question of the front page, or one of its own."""
    assert question_of(name).endswith("?") and leading_claim(name)
    assert (load_chapters()[name].lead is None) == (load_chapters()[name].question is not None)
