"""Folders that are written: never another's, never half."""

import json
import os
import threading

import pytest

from analysis.results import InputError
from analysis.runs.folders import MARKER, check_folder, default_folder, filling


@pytest.fixture
def made(tmp_path):
    """A book this program made."""
    out = tmp_path / "_build" / "html"
    with filling(out, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("old")
    return out


@pytest.mark.parametrize("held", [".git/HEAD", "thesis.docx", "CNAME", "index.html"])
def test_what_the_program_did_not_make_is_never_replaced(tmp_path, held):
    """A repository, a thesis, a domain name, a site of another: refused, untouched."""
    path = tmp_path / "out" / held
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    for kind in ("book", "run", "sweep"):
        with pytest.raises(InputError, match="did not make; nothing there is touched"):
            check_folder(tmp_path / "out", kind)
        with pytest.raises(InputError), filling(tmp_path / "out", kind, keep=False):
            raise AssertionError("never reached")
    assert path.read_text() == "mine"


def test_another_kind_of_ours_is_not_replaced(made):
    """A run does not take the place of a book."""
    with pytest.raises(InputError, match="holds a book of this program"):
        check_folder(made, "run")


@pytest.mark.parametrize("mark", ["{", "[]", '{"kind": "book"}', '{"made by": "me"}'])
def test_a_marker_that_is_none_protects(tmp_path, mark):
    """Only the marker as the program writes it lets a folder be replaced."""
    (tmp_path / MARKER).write_text(mark)
    with pytest.raises(InputError, match="did not make"):
        check_folder(tmp_path, "book")


def test_files_and_links(tmp_path, made):
    """A file and a link to nowhere are refused; a link to our own folder stays a link."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        check_folder(tmp_path / "file", "book")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="leads nowhere"):
        check_folder(tmp_path / "nowhere", "book")
    link = tmp_path / "site"
    link.symlink_to(made)
    with filling(link, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("new")
    assert link.is_symlink() and (made / "index.html").read_text() == "new"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_place(tmp_path):
    """Said before any work."""
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="read-only"):
        check_folder(tmp_path / "out", "run")
    tmp_path.chmod(0o700)


def test_a_new_site_replaces_the_earlier_one_whole(made):
    """No page of the earlier site stays behind, and no temporary folder does."""
    (made / "stale.html").write_text("old")
    with filling(made, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("new")
    assert sorted(p.name for p in made.iterdir()) == [MARKER, "index.html"]
    assert [p.name for p in made.parent.iterdir()] == ["html"]


def test_a_failure_leaves_what_was_there(made):
    """Whatever fails while the folder is filled, readers find the old pages."""
    with pytest.raises(OSError, match="disk full"), filling(made, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("half")
        raise OSError("disk full")
    assert (made / "index.html").read_text() == "old"
    assert [p.name for p in made.parent.iterdir()] == ["html"]


def test_a_failed_swap_brings_the_earlier_folder_back(made, monkeypatch):
    """The disk refuses the second rename."""
    rename = type(made).rename

    def refuse(self, target):
        if "-new-" in str(self.parent) and self.name == "html":
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(type(made), "rename", refuse)
    with pytest.raises(OSError, match="disk full"), filling(made, "book", keep=False) as fresh:
        (fresh / "index.html").write_text("new")
    assert (made / "index.html").read_text() == "old"


def test_a_run_is_added_to_the_runs_that_are_there(tmp_path):
    """Notebooks of an earlier call stay beside the new ones, under one list of verdicts."""
    out = tmp_path / "runs"
    for name in ("one", "two"):
        with filling(out, "run", keep=True) as fresh:
            (fresh / f"{name}.ipynb").write_text("{}")
            (fresh / "verdicts.json").write_text(json.dumps([name]))
    assert {p.name for p in out.iterdir()} == {MARKER, "one.ipynb", "two.ipynb", "verdicts.json"}


def test_two_specifications_never_share_a_folder():
    """Notebook, month, data and every parameter are in the name; odd values end in a hash."""
    plain = default_folder(["first_cut"], {}, "newest", "bundled")
    assert str(plain) == "runs/first_cut-newest-bundled"
    folders = {
        default_folder(names, given, as_of, data)
        for names in (["first_cut"], ["breadth"], ["first_cut", "breadth"])
        for given in ({}, {"leg": "s1"}, {"leg": "s1/"}, {"leg": "s1_"}, {"x": "y" * 200})
        for as_of in ("newest", "2007-12")
        for data in ("bundled", "latest")
    }
    assert len(folders) == 3 * 5 * 2 * 2
    assert all(len(folder.parts) == 2 and len(folder.name) < 180 for folder in folders)


def test_what_says_the_same_is_not_written_again(tmp_path):
    """The same file stays, with its time; a changed one is new, one that is gone is gone."""
    out = tmp_path / "html"
    first = {"same.html": "a", "deep/same.html": "b", "changed.html": "old", "gone.html": "x"}
    second = {"same.html": "a", "deep/same.html": "b", "changed.html": "new", "added.html": "y"}
    before = {}
    for pages in (first, second):
        before = {str(p.relative_to(out)): p.stat() for p in out.rglob("*.html")}
        with filling(out, "book", keep=False) as fresh:
            for name, text in pages.items():
                (fresh / name).parent.mkdir(exist_ok=True)
                (fresh / name).write_text(text)
    after = {str(p.relative_to(out)): p.stat() for p in out.rglob("*.html")}
    assert set(after) == set(second)
    kept = {n for n in after if n in before and after[n].st_ino == before[n].st_ino}
    assert kept == {"same.html", "deep/same.html"}
    assert all(after[name].st_mtime_ns == before[name].st_mtime_ns for name in kept)
    assert {path.name for path in out.iterdir()} == {
        "same.html", "deep", "changed.html", "added.html", MARKER,
    }  # fmt: skip


def test_a_disk_without_hard_links_still_gets_the_new_pages(tmp_path, monkeypatch):
    """They say the same, with a new time."""
    from analysis.runs import folders

    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr(folders.os, "link", refuse)
    for _ in range(2):
        with filling(tmp_path / "html", "book", keep=False) as fresh:
            (fresh / "index.html").write_text("a")
    assert (tmp_path / "html" / "index.html").read_text() == "a"


def test_two_that_end_at_once_leave_one_whole(tmp_path):
    """Whoever comes last stands; neither is half, neither fails, nothing is left beside it."""
    out, gate, failed = tmp_path / "html", threading.Barrier(4), []

    def build(name):
        try:
            for _ in range(20):
                with filling(out, "book", keep=False) as fresh:
                    for page in range(5):
                        (fresh / f"{page}.html").write_text(name)
                    gate.wait()
        except BaseException as error:
            failed.append(error)
            gate.abort()

    threads = [threading.Thread(target=build, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len({path.read_text() for path in out.glob("*.html")}) == 1
    assert len(list(out.glob("*.html"))) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["html"]
