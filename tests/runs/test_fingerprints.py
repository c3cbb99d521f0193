"""What makes a notebook stale: what it reaches, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.claims import CLAIMS_FOLDER
from analysis.files import PROJECT, reached_files
from analysis.results import InputError
from analysis.runs.fingerprints import SETTLED_BY, fingerprint, inputs_of
from analysis.runs.plan import notebook_names

V4 = nbformat.v4

CLAIMS = """
id: "000"
title: T
publisher: P
date: "2026"
claims:
  - id: own-claim
    text: Small beats large after a first cut.
    documents: ["000"]
    kind: core
    chapter: first_cut
    estimand: mean difference over twelve months
    design: event_study
    arguments: {horizon: 12}
    needs: bundled
    criterion: {words: supported when the interval excludes zero}
    change_our_mind: more events with the same mean
  - id: other-claim
    text: Industries lead the market.
    documents: ["000"]
    kind: direction
    chapter: breadth
    estimand: mean difference over the months
    design: mean_premium
    needs: bundled
    criterion: {words: supported when the interval excludes zero}
    change_our_mind: more months with the same mean
"""
CHAPTERS = """
first_cut:
  title: The first cut
  part: Questions
  draws: 100
breadth:
  title: Breadth and dispersion
  part: Further claims
  draws: 100
calibration:
  title: The audit
  part: The audit
  judges: rules
"""
CELL = "from analysis.pages.charts import first_cut as draw"


@pytest.fixture
def project(tmp_path):
    """A small package and its data; a chapter's notebook reaches half of it."""
    facts = "from analysis.sources import facts\n"
    for name, text in {
        "analysis/__init__.py": "",
        "analysis/pages/charts/first_cut.py": '"""Charts."""\nfrom analysis.panel import x\n',
        "analysis/pages/charts/breadth.py": '"""Charts."""\ny = 1\n',
        "analysis/panel.py": f"{facts}x = 1\n",
        "analysis/sources/facts.py": "z = 1\n",
        "analysis/sources/catalog.py": "z = 1\n",
        "analysis/designs/event_study.py": "from analysis.sources import catalog\n",
        "analysis/designs/mean_premium.py": "e = 1\n",
        "analysis/runs/execute.py": "x = 1\n",
        "data/claims/000.yml": CLAIMS,
        "data/chapters.yml": CHAPTERS,
        "data/facts/dates.csv": "a\n",
        "data/derived/valuation_gap.csv": "a\n",
        "data/derived/calibration.csv": "a\n",
        "data/derived/labels.csv": "a\n",
        "data/sources.yml": "a: 1\n",
        "data/ledger.csv": "a\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for folder in ("pages", "pages/charts", "sources", "designs", "runs"):
        (tmp_path / "analysis" / folder / "__init__.py").write_text("")
    return tmp_path


def write(folder, name="first_cut", source=CELL, **cell):
    """A notebook of one cell, and its path."""
    path = folder / f"{name}.ipynb"
    cell = {"execution_count": 1, "outputs": [V4.new_output("stream", text="fine\n")]} | cell
    nbformat.write(V4.new_notebook(cells=[V4.new_code_cell(source, **cell)]), path)
    return path


@pytest.mark.parametrize(
    ("file", "old", "new", "counts"),
    [
        # code within reach of the cells, and the design of the chapter's claim
        ("analysis/pages/charts/first_cut.py", "import x", "import x as y", True),
        ("analysis/panel.py", "x = 1", "x = 2", True),
        ("analysis/designs/event_study.py", "catalog", "facts", True),
        ("analysis/pages/charts/first_cut.py", "Charts.", "Other words.", False),
        ("analysis/panel.py", "x = 1", "x = 1  # so", False),
        # another chapter's charts and design, and what nothing imports
        ("analysis/pages/charts/breadth.py", "Charts.", "Other words.", False),
        ("analysis/pages/charts/breadth.py", "y = 1", "y = 2", False),
        ("analysis/designs/mean_premium.py", "e = 1", "e = 2", False),
        ("analysis/runs/execute.py", "x = 1", "x = 2", False),
        # the chapter's claim as it is tested and as it is shown, not another chapter's
        ("data/claims/000.yml", "horizon: 12", "horizon: 24", True),
        ("data/claims/000.yml", "after a first cut", "after a cut", True),
        ("data/claims/000.yml", "more events with", "more dates with", True),
        ("data/claims/000.yml", "Industries lead", "Sectors lead", False),
        ("data/claims/000.yml", "over the months", "over the years", False),
        ("data/chapters.yml", "Questions\n  draws: 100", "Questions\n  draws: 200", True),
        ("data/chapters.yml", "claims\n  draws: 100", "claims\n  draws: 200", False),
        ("data/chapters.yml", "The first cut", "First cuts", False),
        # the data this code reads on the bundled data
        ("data/facts/dates.csv", "a", "b", True),
        ("data/derived/valuation_gap.csv", "a", "b", False),
        ("data/derived/calibration.csv", "a", "b", False),
        ("data/derived/labels.csv", "a", "b", False),
        ("data/sources.yml", "a", "b", False),
        ("data/ledger.csv", "a", "b", False),
    ],
)
def test_the_fingerprint_follows_what_can_decide_the_outputs(project, file, old, new, counts):
    """What a notebook reaches counts; comments, docstrings and what it cannot reach do not."""
    path = write(project)
    before = fingerprint(path, project)
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new))
    assert (fingerprint(path, project) != before) is counts


def test_a_run_on_the_latest_data_also_reads_how_they_are_read(project):
    """The catalogue decides what the publishers' files say, where they are read."""
    path = write(project)
    bundled, latest = fingerprint(path, project), fingerprint(path, project, data="latest")
    (project / "data" / "sources.yml").write_text("a: 2\n")
    assert fingerprint(path, project) == bundled
    assert fingerprint(path, project, data="latest") != latest


def test_the_chapter_of_rules_follows_every_claim(project):
    """It judges them all, though it shows none: a test counts, and words do not."""
    path = write(project, "calibration")
    claims, before = project / "data" / "claims" / "000.yml", fingerprint(path, project)
    claims.write_text(CLAIMS.replace("Industries lead", "Sectors lead"))
    assert fingerprint(path, project) == before
    claims.write_text(CLAIMS.replace("over the months", "over the years"))
    assert fingerprint(path, project) != before


def test_white_space_in_a_cell_counts(project):
    """In Python it can decide."""
    path = write(project, source="if True:\n    x = 1\n    y = 2")
    before = fingerprint(path, project)
    write(project, source="if True:\n    x = 1\ny = 2")
    assert fingerprint(path, project) != before


def test_a_cell_that_is_no_python_is_refused(project):
    """The error names notebook and cell."""
    with pytest.raises(InputError, match=r"first_cut\.ipynb: cell 1 is not Python"):
        fingerprint(write(project, source="%matplotlib inline"), project)


#: Runs a notebook's cells in a fresh process, and says what of the project was opened and loaded.
WATCHED = """
import json, sys
from pathlib import Path
name, project = sys.argv[1], Path(sys.argv[2])
opened = set()
sys.addaudithook(lambda event, given: opened.add(str(given[0])) if event == "open" else None)
import nbformat
namespace = {"__name__": "__main__"}
for cell in nbformat.read(project / "notebooks" / f"{name}.ipynb", as_version=4).cells:
    if cell.cell_type == "code":
        exec(compile(cell.source, name, "exec"), namespace)
        if "parameters" in cell.metadata.get("tags", ()):
            few = {"draws": 200, "panels": 1, "as_of": "1995-12"}
            namespace |= {key: few[key] for key in few if key in namespace}
data = str(project / "data")
loaded = [m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "analysis"]
print(json.dumps([sorted(file for file in opened if file.startswith(data)), loaded]))
"""


@pytest.mark.slow
@pytest.mark.notebooks
@pytest.mark.parametrize("name", notebook_names())
def test_nothing_decides_a_notebook_unseen(name):
    """Every file of data it opens and every module it loads is in its fingerprint."""
    command = [sys.executable, "-c", WATCHED, name, str(PROJECT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    opened, loaded = json.loads(done.stdout.splitlines()[-1])
    inputs = inputs_of(PROJECT / "notebooks" / f"{name}.ipynb")
    assert {Path(file) for file in loaded} <= set(reached_files(inputs.modules))
    shared = {"chapters.yml", "criteria.yml", *(p.name for p in CLAIMS_FOLDER.glob("*.yml"))}
    read = {Path(file) for file in opened if Path(file).name not in shared}
    assert read - {PROJECT / name for name in SETTLED_BY} <= set(inputs.files)


def test_the_fingerprint_follows_cells_and_not_outputs(project):
    """Other outputs leave it as it is; another source does not."""
    path = write(project)
    before = fingerprint(path, project)
    write(project, outputs=[])
    assert fingerprint(path, project) == before
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = "x = 2"
    nbformat.write(notebook, path)
    assert fingerprint(path, project) != before
