"""Pages as PDF: the browser that prints them, the whole book as one page, its failures."""

import re
import stat

import pytest

from analysis.results import InputError
from analysis.runs import pdf

PAGE = (
    "<html><head><title>{name}</title>{head}</head><body><article class='bd'>"
    '<h1 id="{name}">{name}</h1>{body}</article><footer>foot</footer></body></html>'
)
CHARTS = '<script defer src="../_static/figures.js?v=1"></script>'


@pytest.fixture
def site(tmp_path):
    """Two pages in two folders; the second has the script for charts."""
    for folder, name, head, body in (
        ("book", "intro", "", '<a href="../notebooks/cut.html#verdict-a">x</a>'),
        (
            "notebooks",
            "cut",
            CHARTS,
            '<a href="other.html#there">y</a> <a href="https://e.org/#z">',
        ),
    ):
        (tmp_path / folder).mkdir()
        text = PAGE.format(name=name, head=head, body=body)
        (tmp_path / folder / f"{name}.html").write_text(text)
    return tmp_path


def test_the_whole_book_is_one_page_with_every_article(site):
    """In the order given, with one shell, addresses inside the page, and the script for charts."""
    html = pdf.one_page(site, ["book/intro", "notebooks/cut"])
    assert re.findall(r'<h1 id="(\w+)">', html) == ["intro", "cut"]
    assert html.count("<footer>") == 1 and html.count("figures.js") == 1
    assert re.findall(r'href="([^"]+)"', html) == ["#verdict-a", "#there", "https://e.org/#z"]


def test_without_a_browser_the_remedy_is_named(monkeypatch, tmp_path):
    """Neither found nor named, and named but not there."""
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.delenv(pdf.VARIABLE, raising=False)
    with pytest.raises(InputError, match="found none; install one, or name it in SMALL"):
        pdf.find_chromium()
    monkeypatch.setenv(pdf.VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone, which is not there"):
        pdf.find_chromium()


def _browser(folder, body):
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_browser_that_prints_nothing_is_an_error_that_says_what_it_said(site, tmp_path):
    """No half-made file is left, and the joined page goes again."""
    broken = _browser(tmp_path, "echo no display >&2; exit 0")
    with pytest.raises(RuntimeError, match=r"intro\.html could not be printed: no display"):
        pdf.write_pdfs(site, ["book/intro"], broken)
    slow = _browser(tmp_path, "exec sleep 5")
    with pytest.raises(RuntimeError, match=r"more than 0\.2 seconds"):
        pdf.print_page(site / "book" / "intro.html", tmp_path / "x.pdf", slow, seconds=0.2)
    assert not list(site.rglob("*.pdf")) and not list(site.rglob("whole-book*"))


def test_every_page_is_printed_beside_its_html_and_the_book_at_the_root(site, tmp_path):
    """The order is that of the book; nothing else is left behind."""
    script = 'for a; do case "$a" in --print-to-pdf=*) echo pdf > "${a#*=}";; esac; done'
    written = pdf.write_pdfs(site, ["book/intro", "notebooks/cut"], _browser(tmp_path, script))
    names = [str(path.relative_to(site)) for path in written]
    assert names == ["book/intro.pdf", "notebooks/cut.pdf", pdf.WHOLE]
    assert all(path.read_text() == "pdf\n" for path in written)
    assert sorted(path.name for path in (site / "book").iterdir()) == ["intro.html", "intro.pdf"]
