"""Pages kept for the next build: only while all they rest on is the same, never damaged."""

import csv
import shutil

import nbformat
import pytest

from analysis.files import PROJECT
from analysis.runs import kept_pages
from analysis.runs.book import build_book
from analysis.runs.kept_pages import KeptPages, kept_sites
from analysis.runs.plan import NOTEBOOKS_FOLDER
from analysis.runs.reuse import Shelf


@pytest.fixture
def stage(tmp_path):
    """Sources of a small book: two pages, a notebook, a ledger without claims."""
    folder = tmp_path / "stage"
    for name, text in {
        "_config.yml": "title: T\n",
        "_toc.yml": "root: book/intro\n",
        "book/intro.md": "# Intro\n",
        "book/_static/own.css": "p {}\n",
        "notebooks/one.ipynb": "{}\n",
        "data/derived/table.csv": "a\n1\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def pages(tmp_path):
    return KeptPages(tmp_path / "kept", tmp_path / "html")


def build(pages, stage):
    """Whether an earlier build was there, and what it left; leave one that says more."""
    with pages.work(stage) as work:
        stood = work.built.is_dir()
        work.built.mkdir(parents=True, exist_ok=True)
        (work.built / "index.html").write_text("built")
    return stood, work


def test_the_next_build_finds_the_earlier_one_and_only_what_changed_is_touched(pages, stage):
    """A page's own source is brought over; one that says the same keeps its file."""
    assert not build(pages, stage)[0]
    kept = pages.folder / "stage"
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()}
    shutil.copytree(stage, stage.with_name("again"))
    again = stage.with_name("again")
    (again / "notebooks" / "one.ipynb").write_text("{ }\n")
    stood, work = build(pages, again)
    assert stood
    assert work.sources == kept
    assert (kept / "notebooks" / "one.ipynb").read_text() == "{ }\n"
    after = {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()}
    assert [path.name for path in after if after[path] != before[path]] == ["one.ipynb"]


@pytest.mark.parametrize(
    "name", ["_config.yml", "_toc.yml", "book/_static/own.css", "data/derived/table.csv", "new.txt"]
)
def test_what_any_page_may_rest_on_starts_anew(pages, stage, name):
    """Configuration, contents, styles, derived tables, a file more."""
    build(pages, stage)
    (stage / name).write_text("title: Other\n")
    assert not build(pages, stage)[0]


def test_a_page_that_is_gone_starts_anew(pages, stage):
    """The contents beside every page would still name it."""
    build(pages, stage)
    (stage / "notebooks" / "one.ipynb").unlink()
    assert not build(pages, stage)[0]
    assert not (pages.folder / "stage" / "notebooks" / "one.ipynb").exists()


def test_another_day_other_code_or_libraries_start_anew(pages, stage, monkeypatch):
    """The foot of each page names the day; code and libraries make them all."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    build(pages, stage)
    assert build(pages, stage)[0]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "172800")
    assert not build(pages, stage)[0]
    monkeypatch.setattr("analysis.runs.reuse.environment", lambda: "others")
    assert not build(pages, stage)[0]
    monkeypatch.setattr(kept_pages, "digest_tree", lambda *_: "other code")
    assert not build(pages, stage)[0]


def test_data_that_pages_read_where_they_lie_start_anew(pages, stage, tmp_path, monkeypatch):
    """Titles of chapters, sources and facts; the stored ledger does not, for pages show another."""
    project = tmp_path / "project"
    (project / "data" / "facts").mkdir(parents=True)
    monkeypatch.setattr(kept_pages, "PROJECT", project)
    build(pages, stage)
    (project / "data" / "ledger.csv").write_text("claim\n")
    assert build(pages, stage)[0]
    for name in ("chapters.yml", "facts/one.csv"):
        (project / "data" / name).write_text("a\n")
        assert not build(pages, stage)[0]


@pytest.mark.parametrize("name", ["built/index.html", "stage/book/intro.md", "whole.json"])
def test_what_was_damaged_on_disk_is_made_again(pages, stage, name):
    """Found by its checksum."""
    build(pages, stage)
    path = pages.folder / name
    path.write_text(path.read_text() + " ")
    (pages.folder / "built" / "more").write_text("")
    assert not build(pages, stage)[0]


def test_a_build_that_fails_leaves_nothing(pages, stage):
    """Neither one that ends in an error nor one that is killed is taken for a whole one."""
    build(pages, stage)
    with pytest.raises(RuntimeError, match="stopped"), pages.work(stage):
        raise RuntimeError("stopped")
    assert not pages.folder.exists()
    build(pages, stage)
    killed = pages.work(stage)
    killed.__enter__()
    assert kept_sites(pages.folder.parent) == []


def test_two_builds_at_once_do_not_share_a_folder(pages, stage):
    """The second builds where its sources lie, and leaves what is kept alone."""
    with pages.work(stage) as first, pages.work(stage) as second:
        assert first.built != second.built
        assert second.sources == stage
    assert build(pages, stage)[0] is False


def test_what_is_kept_is_not_used_when_everything_is_forced(pages, stage, tmp_path):
    """But kept for the next time."""
    build(pages, stage)
    forced = KeptPages(tmp_path / "kept", tmp_path / "html", force=True)
    assert forced.folder == pages.folder
    assert not build(forced, stage)[0]
    assert build(pages, stage)[0]


def test_a_folder_that_cannot_be_written_keeps_nothing(stage, tmp_path):
    """The book is built all the same."""
    (tmp_path / "file").write_text("")
    assert not build(KeptPages(tmp_path / "file", tmp_path / "html"), stage)[0]
    assert (tmp_path / "file").read_text() == ""


def test_few_books_are_kept_and_the_shelf_counts_and_prunes_them(tmp_path, stage):
    """Those used last stay; ``smallcap cache`` names their size."""
    shelf = Shelf(tmp_path / "shelf")
    for number in range(kept_pages.MOST_BOOKS + 2):
        build(shelf.pages(tmp_path / f"html-{number}"), stage)
    sites = kept_sites(shelf.folder / "pages")
    assert len(sites) == kept_pages.MOST_BOOKS
    size = sum(site.size for site in sites)
    line = f"pages of {kept_pages.MOST_BOOKS} books, {size / 1e6:.1f} MB there"
    assert shelf.lines(each=False)[-1] == line
    assert build(shelf.pages(tmp_path / f"html-{number}"), stage)[0]
    shelf.prune(most_bytes=0)
    assert kept_sites(shelf.folder / "pages") == []
    assert shelf.lines(each=False)[-1].startswith("0 notebooks")


def _reword(path, change):
    """Change the first markdown cell of a notebook, which holds its title."""
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
    cell.source, before = change(cell.source), cell.source
    assert cell.source != before
    nbformat.write(notebook, path)


def _files(folder):
    return {
        str(path.relative_to(folder)): path
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".smallcap-made"
    }


@pytest.mark.slow
def test_pages_whose_inputs_are_unchanged_are_not_written_again_and_none_is_stale(tmp_path):
    """A row of the ledger and a notebook change: their pages are new, byte for byte as built anew.

    The second book is read and written by two processes, which changes no page either. A new title
    stands on every page.
    """
    sources, ledger, out = tmp_path / "notebooks", tmp_path / "ledger.csv", tmp_path / "html"
    shutil.copytree(NOTEBOOKS_FOLDER, sources)
    for name in ("ledger.csv", "history.csv"):
        shutil.copyfile(PROJECT / "data" / name, tmp_path / name)
    pages = KeptPages(tmp_path / "kept", out)

    def build(jobs: int) -> dict[str, int]:
        build_book(sources, ledger, out, jobs=jobs, kept=pages)
        return {name: path.stat().st_ino for name, path in _files(out).items()}

    before = build(1)
    with ledger.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    for row in rows:
        if row[:2] == ["rate-sensitive", "latest"]:
            row[head.index("finding")] = f"Another sentence. {row[head.index('finding')]}"
    with ledger.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    _reword(sources / "seasonality.ipynb", lambda text: f"{text}\n\nMore words.")
    after = build(2)

    changed = {name for name in after if after[name] != before.get(name)}
    assert set(after) == set(before)
    assert {"claims/rate-sensitive.html", "book/ledger.html"} <= changed
    assert {one for one in changed if one.startswith("claims/")} == {"claims/rate-sensitive.html"}
    chapters = {one for one in changed if one.startswith("notebooks/")}
    assert "notebooks/seasonality.html" in chapters
    assert chapters <= {"notebooks/rate_sensitivity.html", "notebooks/seasonality.html"}
    assert "Another sentence." in (out / "claims" / "rate-sensitive.html").read_text("utf-8")

    build_book(sources, ledger, tmp_path / "anew", jobs=2)
    made, anew = _files(out), _files(tmp_path / "anew")
    assert set(made) == set(anew)
    assert [name for name in made if made[name].read_bytes() != anew[name].read_bytes()] == []

    _reword(sources / "seasonality.ipynb", lambda text: text.replace("# ", "# Renamed: ", 1))
    build(2)
    texts = {name: (out / name).read_text("utf-8") for name in made if name.endswith(".html")}
    shown = {name: text for name, text in texts.items() if "bd-sidebar-primary" in text}
    assert len(shown) > len(before) / 10
    assert [name for name, text in shown.items() if "Renamed: " not in text] == []
