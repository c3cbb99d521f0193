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

from analysis.inference.out_of_sample import out_of_sample
from analysis.inference.predictive import ivx
from analysis.inference.sharpe import sharpe_difference
from analysis.sources.facts import load_known_answers

pytestmark = pytest.mark.publishers

ANSWERS = load_known_answers()

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


@pytest.mark.parametrize("horizon", [1, 4])
def test_ivx_on_the_data_of_its_paper(horizon):
    """Dividend–price on monthly returns: the Wald statistics of the R package ivx.

    Kostakis, Magdalinos and Stamatogiannis (2015); data as the package ships them.
    """
    file = Path(os.environ["SMALLCAP_PUBLISHERS"]) / "known" / "kms-monthly.xlsx"
    data = _columns(file)
    found = ivx(data["LOG_EXCESS_VW"].to_numpy(float), data["D/P"].to_numpy(float), horizon)
    assert len(data) == 1033
    known = ANSWERS.loc[f"kms2015-wald-{horizon}"]
    assert found.wald == pytest.approx(known["value"], abs=known["tolerance"])
    assert np.isfinite(found.p_value)


def test_no_predictor_helped_a_forecaster_as_goyal_and_welch_found():
    """A year's return, the predictor of the December before, coefficients from the past alone.

    Held against one sentence in print, the abstract of Goyal and Welch (2004), NBER working paper
    10483, published in 2008: not a single variable would have helped to forecast better than the
    past mean, and most would have hurt. Their tables are not at hand, so no figure of theirs is
    compared. The data are those of Kostakis and others: eleven of the variables, another first
    year. "Helped" is read as a gain of a hundredth of the variance, "most" as more than half.
    """
    data = _columns(Path(os.environ["SMALLCAP_PUBLISHERS"]) / "known" / "kms-monthly.xlsx")
    data = data[data["Date"].astype(int).between(192701, 200512)]
    year = data["Date"].astype(int) // 100
    returns = data.groupby(year)["LOG_EXCESS_VW"].sum().to_numpy(float)
    first = 1964 - 1927  # the forecast of 1965
    gains = []
    for predictor in data.columns.drop(["Date", "LOG_EXCESS_VW"]):
        december = data.groupby(year)[predictor].last().to_numpy(float)
        found = out_of_sample(returns, december, 1, first, expected_sign=1)
        assert len(returns) == 79 and found.n == 41
        gains.append(found.r_squared)
    assert len(gains) == 11 and max(gains) < 0.01
    assert sum(gain < 0 for gain in gains) > len(gains) / 2


def test_sharpe_ratios_of_ledoit_and_wolf():
    """Two hedge funds: ratios, standard error and p-value of the authors' own program.

    Ledoit and Wolf (2008), Journal of Empirical Finance 15. Their divisor is T - 1; their standard
    errors are .3176 (Parzen) and .3873 (prewhitened). Here the divisor is T and the bandwidth is
    that of the influence series.
    """
    file = Path(os.environ["SMALLCAP_PUBLISHERS"]) / "known" / "ret.hedge.csv"
    one, two = pd.read_csv(file).to_numpy(float).T
    found = sharpe_difference(one, two, block_length=5, draws=4999)
    divisor = np.sqrt(119 / 120)
    assert len(one) == 120
    measured = {
        "lw2008-sharpe-first": found.first * divisor,
        "lw2008-sharpe-second": found.second * divisor,
        "lw2008-p": found.p_value,
    }
    for name, value in measured.items():
        known = ANSWERS.loc[name]
        assert value == pytest.approx(known["value"], abs=known["tolerance"]), name
    assert 0.3176 < found.standard_error < 0.3873
