"""Estimators on the data of published examples; the data are not ours to ship."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from analysis.inference.predictive import ivx

pytestmark = pytest.mark.publishers

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _columns(path: Path) -> pd.DataFrame:
    """The first sheet of a workbook with a row of names, all other cells numbers."""
    with zipfile.ZipFile(path) as book:
        texts = [
            "".join(part.text or "" for part in text.iter(f"{_SHEET}t"))
            for text in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{_SHEET}row"):
        cells = {}
        for cell in row:
            value = cell.find(f"{_SHEET}v")
            if value is not None and value.text:
                letters = re.sub(r"\d", "", cell.attrib["r"])
                shared = cell.get("t") == "s"
                cells[letters] = texts[int(value.text)] if shared else float(value.text)
        rows.append(cells)
    return pd.DataFrame(rows[1:]).rename(columns=rows[0]).dropna(how="all")


@pytest.mark.parametrize(("horizon", "wald"), [(1, 2.0309), (4, 2.2712)])
def test_ivx_on_the_data_of_its_paper(horizon, wald):
    """Dividend–price on monthly returns: the Wald statistics of the R package ivx.

    Kostakis, Magdalinos and Stamatogiannis (2015); data as the package ships them.
    """
    file = Path(os.environ["SMALLCAP_PUBLISHERS"]) / "known" / "kms-monthly.xlsx"
    data = _columns(file)
    found = ivx(data["LOG_EXCESS_VW"].to_numpy(float), data["D/P"].to_numpy(float), horizon)
    assert len(data) == 1033
    assert found.wald == pytest.approx(wald, abs=5e-5)
    assert np.isfinite(found.p_value)
