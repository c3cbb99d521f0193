"""Staging and swapping: what is built from, and what a failure leaves behind."""

from contextlib import nullcontext

import nbformat
import pytest

from analysis.files import load_yaml
from analysis.results import InputError
from analysis.runs import book as stage
from analysis.runs.folders import filling

V4 = nbformat.v4

TOC = """
format: jb-book
root: book/intro
parts:
  - caption: One
    chapters:
      - file: notebooks/first_cut
        sections:
          - file: book/methods
"""


def _cell(**changes):
    return V4.new_code_cell(**{"source": "1", "outputs": [], "execution_count": 1} | changes)


@pytest.fixture
def project(tmp_path):
    """A small project: config, contents, one page, one claim file, one executed notebook."""
    root = tmp_path / "project"
    for folder in ("book", "data/claims", "executed", ".venv"):
        (root / folder).mkdir(parents=True)
    (root / "_config.yml").write_text("title: T\n")
    (root / "_toc.yml").write_text(TOC)
    (root / "book" / "intro.md").write_text("# Intro\n")
    (root / "data" / "claims" / "000.yml").write_text("id: '000'\n")
    (root / ".venv" / "README.md").write_text("# Not for the book\n")
    _write(root, [_cell()])
    return root


def _write(root, cells):
    nbformat.write(V4.new_notebook(cells=cells), root / "executed" / "first_cut.ipynb")


def _stage(root, ledger=None):
    target = root.parent / "stage"
    stage.stage_book(root / "executed", ledger, target, root=root)
    return sorted(str(p.relative_to(target)) for p in target.rglob("*") if p.is_file())


def test_the_contents_are_read_in_order_with_sections():
    """Root first, then every file however deep it stands."""
    assert stage.contents(stage.ROOT / "_toc.yml")[0] == "book/intro"


def test_only_what_the_book_is_made_of_is_staged(project):
    """Nothing of the environment gets in; the ledger is optional, styles are the code's own."""
    staged = _stage(project)
    styles = sorted(path.name for path in (stage.CODE / "book" / "_static").iterdir())
    assert [name for name in staged if "_static" in name] == [f"book/_static/{n}" for n in styles]
    assert [name for name in staged if "_static" not in name] == [
        "_config.yml",
        "_toc.yml",
        "book/intro.md",
        "data/claims/000.yml",
        "notebooks/first_cut.ipynb",
    ]


def test_a_chapter_that_the_contents_leave_out_is_added_to_its_part(project):
    """A part that is not there yet stands at the end; what is listed already stays as it is."""
    chapters = "first_cut: {title: Cuts, part: One}\n"
    chapters += "second: {title: Two, part: One}\nthird: {title: Three, part: New}\n"
    (project / "data" / "chapters.yml").write_text(chapters)
    toc = stage.complete_toc(project)
    assert stage.pages_of(toc) == [
        "book/intro", "notebooks/first_cut", "book/methods", "notebooks/second", "notebooks/third",
    ]  # fmt: skip
    assert [part["caption"] for part in toc["parts"]] == ["One", "New"]


def test_criteria_that_claims_share_are_staged_with_them(project):
    """A claim file that names a shared criterion cannot be read without it."""
    (project / "data" / "criteria.yml").write_text("x: 1\n")
    assert "data/criteria.yml" in _stage(project)


def test_a_given_ledger_takes_the_place_of_the_committed_one(project, tmp_path):
    """The board shows the run it is built from."""
    (project / "data" / "ledger.csv").write_text("old")
    fresh = tmp_path / "fresh.csv"
    fresh.write_text("new")
    assert "data/ledger.csv" in _stage(project, fresh)
    assert (tmp_path / "stage" / "data" / "ledger.csv").read_text() == "new"


def test_a_ledger_that_is_not_there_is_refused(project, tmp_path):
    """A named ledger must exist."""
    with pytest.raises(InputError, match=r"needs .*none\.csv"):
        _stage(project, tmp_path / "none.csv")


def test_a_missing_notebook_is_named(project):
    """The contents promise a notebook that nobody ran."""
    (project / "executed" / "first_cut.ipynb").unlink()
    with pytest.raises(InputError, match=r"name first_cut\.ipynb"):
        _stage(project)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (_cell(execution_count=None), "cell 2 was never executed"),
        (_cell(outputs=[V4.new_output("error")]), "cell 2 ended in an error"),
    ],
)
def test_a_stripped_or_failed_notebook_is_refused(project, cell, words):
    """jupyter-book would publish it without a word."""
    _write(project, [V4.new_markdown_cell("x"), cell])
    with pytest.raises(InputError, match=words):
        _stage(project)


def test_an_empty_code_cell_needs_no_execution(project):
    """papermill gives no count to a cell with nothing in it."""
    _write(project, [_cell(source=" \n", execution_count=None)])
    assert "notebooks/first_cut.ipynb" in _stage(project)


def test_the_citation_and_the_history_beside_the_ledger_are_staged(project):
    """The pages quote the one and tell the other; a ledger elsewhere brings its own history."""
    (project / "CITATION.cff").write_text("title: T\n")
    fresh = project / "run"
    fresh.mkdir()
    (fresh / "ledger.csv").write_text("l\n")
    (fresh / "history.csv").write_text("fresh\n")
    (project / "data" / "history.csv").write_text("committed\n")
    assert {"CITATION.cff", "data/history.csv"} <= set(_stage(project, fresh / "ledger.csv"))
    assert (project.parent / "stage" / "data" / "history.csv").read_text() == "fresh\n"


def test_the_address_of_the_site_is_set_in_the_staged_configuration(tmp_path):
    """With a slash at its end; what is no address, or has no place, is refused."""
    config = tmp_path / "_config.yml"
    config.write_text('title: T\nhtml:\n  baseurl: ""\n')
    stage.set_address(config, "")
    assert load_yaml(config)["html"]["baseurl"] == ""
    stage.set_address(config, "https://example.org/book")
    assert load_yaml(config)["html"]["baseurl"] == "https://example.org/book/"
    for wrong in ("example.org", "https://", 'https://e.org/"\nx: 1', "https://e.org/?a=1"):
        with pytest.raises(InputError, match="is no address of a site"):
            stage.set_address(config, wrong)
    config.write_text("title: T\n")
    with pytest.raises(InputError, match="no line 'baseurl:'"):
        stage.set_address(config, "https://example.org")


def test_a_pdf_without_a_browser_is_refused_before_anything_is_built(project, monkeypatch):
    """In one line that names the remedy; nothing is written."""
    monkeypatch.setenv("SMALLCAP_CHROMIUM", str(project / "gone"))
    with pytest.raises(InputError, match="a PDF is printed by Chromium or Chrome"):
        stage.build_book(project / "executed", None, project / "out", root=project, pdf=True)
    assert not (project / "out").exists()


def test_a_failed_build_leaves_the_earlier_site_and_shows_the_log(project, tmp_path, monkeypatch):
    """The error carries the warnings that failed the build."""
    out = tmp_path / "html"
    with filling(out, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("old")

    class Failing(nullcontext):
        def __enter__(self):
            return self

        def build(self, arguments, jobs):
            assert arguments[0] == "build" and jobs == 1
            return 1, "reading\nintro.md:3: WARNING: unknown document\ndone"

    monkeypatch.setattr(stage, "Waiting", Failing)
    with pytest.raises(RuntimeError, match=r"intro\.md:3: WARNING: unknown document"):
        stage.build_book(project / "executed", None, out, root=project)
    assert (out / "index.html").read_text() == "old"


def test_a_builder_that_is_not_asked_leaves_no_process():
    """It ends with its block, and by itself when whoever would ask is gone."""
    with stage.Waiting() as waiting:
        process = waiting._process
        assert process.poll() is None
    assert process.poll() is not None
    with stage.Waiting() as waiting:
        waiting._process.stdin.close()
        assert waiting._process.wait(60) == 0


def test_pages_of_the_contents_exist():
    """Every page of the committed contents is there, and every page there is in the contents."""
    listed = {page for page in stage.contents(stage.ROOT / "_toc.yml") if page.startswith("book/")}
    there = {f"book/{path.stem}" for path in (stage.ROOT / "book").glob("*.md")}
    assert listed == there
