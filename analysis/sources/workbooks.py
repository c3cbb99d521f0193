"""A sheet of a workbook as rows of cells, in either of Excel's formats: ``.xls`` and ``.xlsx``."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

from analysis.sources.tables import MAX_FILE

#: Most rows and columns of a sheet.
MAX_CELLS = 10_000, 100

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_sheet(content: bytes, sheet: str) -> list[list[Any]]:
    """Rows of one sheet, each a list of floats and texts; an empty cell is an empty text.

    Parameters
    ----------
    content : bytes
        The workbook; a zip is an ``.xlsx`` whatever it is called.
    sheet : str
        Name of the sheet.

    Raises
    ------
    Exception
        Of any kind, for what is no workbook, has no such sheet, or is too large.
    """
    if content.startswith(b"PK"):
        return _read_xlsx(content, sheet)
    import xlrd

    book = xlrd.open_workbook(
        file_contents=content, logfile=io.StringIO(), on_demand=True, formatting_info=False
    )
    found = book.sheet_by_name(sheet)
    _check_size(found.nrows, found.ncols)
    return [found.row_values(row) for row in range(found.nrows)]


def _read_xlsx(content: bytes, sheet: str) -> list[list[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = _parse(archive, "xl/workbook.xml")
        names = {one.get("name"): one.get(_RELATION) for one in book.iter(f"{_SPACE}sheet")}
        if sheet not in names:
            raise ValueError(f"No sheet named {sheet!r}")
        targets = {
            one.get("Id"): str(one.get("Target"))
            for one in _parse(archive, "xl/_rels/workbook.xml.rels")
        }
        place = posixpath.normpath(posixpath.join("/xl", targets[names[sheet]])).lstrip("/")
        shared: list[str] = []
        if "xl/sharedStrings.xml" in archive.namelist():
            strings = _parse(archive, "xl/sharedStrings.xml")
            shared = [_texts(one) for one in strings.iter(f"{_SPACE}si")]
        return _rows(_parse(archive, place), shared)


def _parse(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    with archive.open(member) as stream:
        text = stream.read(MAX_FILE + 1)
    if len(text) > MAX_FILE or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError(f"{member} is too large, or declares entities")
    return ElementTree.fromstring(text)


def _rows(sheet: ElementTree.Element, shared: list[str]) -> list[list[Any]]:
    cells: dict[tuple[int, int], Any] = {}
    for cell in sheet.iter(f"{_SPACE}c"):
        found = _PLACE.fullmatch(str(cell.get("r")))
        if found is None:
            raise ValueError(f"a cell at {cell.get('r')!r}")
        column = 0
        for letter in found[1]:
            column = 26 * column + ord(letter) - ord("A") + 1
        cells[int(found[2]) - 1, column - 1] = _value(cell, shared)
    height = 1 + max((row for row, _ in cells), default=-1)
    width = 1 + max((column for _, column in cells), default=-1)
    _check_size(height, width)
    return [[cells.get((row, column), "") for column in range(width)] for row in range(height)]


def _value(cell: ElementTree.Element, shared: list[str]) -> float | str:
    kind, inside = cell.get("t", "n"), cell.find(f"{_SPACE}v")
    if kind == "inlineStr":
        return _texts(cell)
    if inside is None or not inside.text:
        return ""
    if kind == "s":
        return shared[int(inside.text)]
    return float(inside.text) if kind == "n" else inside.text


def _texts(element: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{_SPACE}t"))


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_CELLS[0] or columns > MAX_CELLS[1]:
        raise ValueError(f"{rows} rows and {columns} columns are too many")
