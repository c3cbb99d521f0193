"""Tests of the reader of Shiller's workbook."""

import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.shiller import read_shiller


def test_months_and_gaps(formats):
    """October is written .1, CAPE starts late, the last earnings are not out, a note is no row."""
    frame = read_shiller(formats.shiller())
    assert frame.index.equals(pd.period_range("2020-01", "2021-12", freq="M"))
    assert list(frame.columns[:5]) == ["price", "dividend", "earnings", "cpi", "gs10"]
    assert frame["cape"].isna().sum() == 3
    assert frame["earnings"].isna().tolist() == [False] * 23 + [True]
    assert frame.loc["2020-10", "price"] == 8.5


def test_refusals(formats):
    """A renamed column, a month left out, another sheet, a page or half a workbook are refused."""
    renamed = dict(formats.shiller.__func__.__globals__["SHILLER_HEADS"])
    renamed["Dividend|Payout"] = renamed.pop("Dividend|D")
    with pytest.raises(InputError, match="no single column headed 'Dividend D'"):
        read_shiller(formats.shiller(renamed))
    with pytest.raises(InputError, match="between 2020-05 and 2020-07"):
        read_shiller(formats.shiller(skip=5))
    with pytest.raises(InputError, match="no workbook with a sheet Data"):
        read_shiller(formats.workbook([(0, 0, "Date")], sheet="Note"))
    with pytest.raises(InputError, match=r"ie_data\.xls is a web page"):
        read_shiller(b"<html>", name="ie_data.xls")
    whole = formats.shiller()
    with pytest.raises(InputError, match="no workbook"):
        read_shiller(whole[: len(whole) // 3])


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ((8, 1, "text"), "in place of a number"),
        ((9, 0, 2020.14), "for a date"),
        ((9, 0, "x"), "without a date"),
        ((9, 3, ""), "no earnings for a month between others"),
    ],
)
def test_odd_cells(formats, cell, complaint):
    """Words among the numbers, a fourteenth month and a row without its date are refused."""
    heads = formats.shiller.__func__.__globals__["SHILLER_HEADS"]
    cells = [
        (7 - len(h.split("|")) + 1 + n, c, w)
        for h, c in heads.items()
        for n, w in enumerate(h.split("|"))
    ]
    for row, date in enumerate((2020.01, 2020.02, 2020.03), start=8):
        cells += [(row, column, 20.0) for column in range(1, 15)] + [(row, 0, date)]
    read_shiller(formats.workbook(cells))
    cells = [old for old in cells if old[:2] != cell[:2]] + [cell]
    with pytest.raises(InputError, match=complaint):
        read_shiller(formats.workbook(cells))


@pytest.mark.publishers
def test_real_workbook(publishers_folder):
    """The publisher's workbook starts in 1871-01 and CAPE passed 44 in December 1999 (Shiller)."""
    frame = read_shiller(publishers_folder / "shiller" / "ie_data.xls")
    assert str(frame.index[0]) == "1871-01"
    assert frame["cape"].idxmax() == pd.Period("1999-12", "M")
    assert round(frame["cape"].max(), 1) == 44.2
