"""One chapter as one HTML file to mail: no script, no link to another file, charts drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import nbformat

from analysis.files import CODE
from analysis.pages.cards import VERDICT_MIME
from analysis.pages.charts.pictures import picture
from analysis.pages.charts.renderer import MIME_TYPE
from analysis.results import InputError

STYLE = CODE / "book" / "_static" / "smallcap.css"

#: Cells that the site leaves out, those whose output it folds away, and those shown without code.
_HIDDEN, _FOLDED = "remove-cell", "hide-output"
_WITHOUT_CODE = {"remove-input", "hide-input"}

_ROLE = re.compile(r"\{[a-z:]+\}`([^`<]*?)(?:\s*<[^`]*>)?`")
_OWN_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f2730; background: #fff;
  font: 1.02rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
h1 { font-size: 2.1rem; line-height: 1.15; } h2 { margin-top: 2.4rem; }
figure { margin: 1.5rem 0; } figure svg { width: 100%; height: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #dde2e8; text-align: left; }
pre { overflow-x: auto; background: #f7f9fb; padding: 0.7rem; font-size: 0.85rem; }
footer { margin-top: 3rem; border-top: 1px solid #dde2e8; font-size: 0.85rem; color: #56616d; }
"""


def single_page(notebook: nbformat.NotebookNode, title: str, footer: str) -> str:
    """A whole HTML document of an executed notebook.

    Parameters
    ----------
    notebook : notebook
        Executed; what the site hides is left out here too.
    title : str
    footer : str
        Where the page comes from, as text.

    Returns
    -------
    str
        Without scripts and references to other files.

    Raises
    ------
    InputError
        For a notebook without outputs.
    """
    if not any(cell.get("outputs") for cell in notebook.cells):
        raise InputError("the notebook has no outputs; run it first")
    body = "\n".join(part for cell in notebook.cells for part in _cell(cell))
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}\n{_OWN_STYLE}</style>\n</head>\n"
        f'<body class="bd-article">\n{body}\n<footer><p>{escape(footer)}</p></footer>\n'
        "</body>\n</html>\n"
    )


def _cell(cell: nbformat.NotebookNode) -> Iterator[str]:
    tags = set(cell.metadata.get("tags", ()))
    if _HIDDEN in tags:
        return
    if cell.cell_type == "markdown":
        yield _markdown(cell.source)
    if cell.cell_type != "code":
        return
    if not tags & _WITHOUT_CODE and cell.source.strip():
        yield f"<pre><code>{escape(cell.source)}</code></pre>"
    shown = "\n".join(_output(output) for output in cell.outputs)
    yield f"<details><summary>Output</summary>{shown}</details>" if _FOLDED in tags else shown


def _output(output: nbformat.NotebookNode) -> str:
    data: dict[str, Any] = output.get("data", {})
    if MIME_TYPE in data:
        return _figure(data[MIME_TYPE])
    if VERDICT_MIME in data or "text/html" in data:
        return str(data.get("text/html", ""))
    if "text/markdown" in data:
        return _markdown(data["text/markdown"])
    text = data.get("text/plain", output.get("text", ""))
    return f"<pre>{escape(text)}</pre>" if text.strip() else ""


def _markdown(source: str) -> str:
    """Markdown as HTML; a role is shown as its text, and HTML in it as written."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable(["table"])
    return str(reader.render(_ROLE.sub(r"\1", source)))


def first_picture(notebook: nbformat.NotebookNode) -> str:
    """The first chart of an executed notebook, as an SVG document.

    Raises
    ------
    InputError
        For a notebook without a chart.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MIME_TYPE in output.get("data", {}):
                return picture(output["data"][MIME_TYPE])
    raise InputError("the notebook holds no chart; run it first")


def _figure(spec: dict[str, Any]) -> str:
    """A chart drawn once and for all, with its description for who cannot see it."""
    words = escape(str(spec.get("description", "")), quote=True)
    return f'<figure role="img" aria-label="{words}">{picture(spec)}</figure>'


def page_footer(title: str, name: str, code: str, where: Path | None) -> str:
    """One sentence on where a page comes from.

    Parameters
    ----------
    title : str
        The book.
    name : str
        The chapter.
    code : str
        Version of the code.
    where : Path or None
        Folder of the run it shows; None for the stored notebooks.
    """
    origin = "as it is stored with the project" if where is None else f"as run into {where.name}"
    return (
        f"{title}, chapter {name}, by smallcap {code}, {origin}. Prose and figures: CC BY 4.0."
        " Nothing here is investment advice."
    )
