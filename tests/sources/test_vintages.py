"""Every genuine layout there has been since 2015 (Shiller's since 2010), made up in its shape.

Titles, preambles and marks are those of files as they were served in the years named; the numbers
are made up. A layout is read rightly when its tables have their names, its numbers stand under
their months, and its vintage is the one it states.
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.french import read_french, read_vintage
from analysis.sources.shiller import SINCE_2018, read_shiller
from analysis.sources.workbooks import read_sheet

THREE, FIVE = "Mkt-RF,SMB,HML,RF", "Mkt-RF,SMB,HML,RMW,CMA,RF"
OLD_TENTHS = "<= 0,Lo 10,Dec 2,Dec 9,Hi 10"
NEW_TENTHS = "<= 0,Lo 10,2-Dec,9-Dec,Hi 10"
JANUARY = " Annual Factors: January-December "
COPYRIGHT = "Copyright {year} Kenneth R. French"
BOTH = "Copyright {year} Eugene F. Fama and Kenneth R. French"
BY_DECEMBER = (
    "  For portfolios formed in June of year t\n"
    "  Value Weight Average of BE/ME Calculated for June of t to June of t+1 as: \n"
    "  Sum[ME(Mth) * BE(Fiscal Year t-1) / ME(Dec t-1)] / Sum[ME(Mth)]\n"
    "  Where Mth is a month from June of t to June of t+1\n"
    "  and BE(Fiscal Year t-1) is adjusted for net stock issuance to Dec t-1"
)

#: Year, opening line, titles with their keys, columns, end, line end.
FRENCH = {
    "three factors, 2015": (
        "201512", "This file was created by CMPT_ME_BEME_RETS using the {v} CRSP database.",
        {"": "monthly", JANUARY: "annual"}, THREE, COPYRIGHT, "\r\n"),
    "three factors, 2024": (
        "202412", "This file was created by CMPT_ME_BEME_RETS using the {v} CRSP database.",
        {"": "monthly", JANUARY: "annual"}, THREE, BOTH, "\n"),
    "three factors, 2026": (
        "202604", "This file was created by using the {v} CRSP database.",
        {"": "monthly", JANUARY: "annual"}, THREE, BOTH, "\r\n"),
    "three factors daily, 2016": (
        "201611", "This file was created by CMPT_ME_BEME_RETS_DAILY using the {v} CRSP database.",
        {"": "daily"}, THREE, COPYRIGHT, "\r\n"),
    "three factors daily, 2025": (
        "202506", "This file was created using the {v} CRSP database.",
        {"": "daily"}, THREE, BOTH, "\n"),
    "five factors without a copyright line, 2018": (
        "201812", "This file was created by CMPT_ME_BEME_OP_INV_RETS using the {v} CRSP database.",
        {"": "monthly", JANUARY: "annual"}, FIVE, "", "\r\n"),
    "five factors without a copyright line, 2021": (
        "202101", "This file was created by CMPT_ME_BEME_OP_INV_RETS using the {v} CRSP database.",
        {"": "monthly", JANUARY: "annual"}, FIVE, "\n", "\n"),
    "momentum, 2026": (
        "202602", "This file was created using the {v} CRSP database.  It",
        {"": "monthly", "Annual Factors:": "annual"}, "Mom   ", BOTH, "\r\n"),
    "sizes, 2017 to 2023": (
        "202012", "This file was created by CMPT_ME_RETS using the {v} CRSP database.  It contains",
        {"  Value Weight Returns -- Monthly": "vw_monthly",
         "  Equal Weight Returns -- Monthly": "ew_monthly",
         "  Value Weight Returns -- Annual from January to December": "vw_annual",
         "  Equal Weight Returns -- Annual from January to December": "ew_annual",
         "  Number of Firms in Portfolios": "firms", "  Average Firm Size": "size"},
        OLD_TENTHS, COPYRIGHT, "\r\n"),
    "sizes, 2017, weighted": (
        "201709", "This file was created by CMPT_ME_RETS using the {v} CRSP database.  It contains",
        {"  Value Weighted Returns -- Monthly": "vw_monthly",
         "  Equal Weighted Returns -- Monthly": "ew_monthly",
         "  Number of Firms in Portfolios": "firms", "  Average Market Cap": "size"},
        OLD_TENTHS, COPYRIGHT, "\n"),
    "sizes, 2026": (
        "202602", "This file was created using the {v} CRSP database.  It contains",
        {"  Average Value Weight Returns -- Monthly": "vw_monthly",
         "  Average Equal Weighted Returns -- Monthly": "ew_monthly",
         "  Value Weight Returns -- Annual from January to December": "vw_annual",
         "  Equal Weight Returns -- Annual from January to December": "ew_annual",
         "  Number of Firms in Portfolios": "firms", "  Average Firm Size": "size"},
        NEW_TENTHS, BOTH, "\r\n"),
    "sizes daily, 2026": (
        "202607", "This file was created using the {v} CRSP database.  It contains",
        {"  Average Value Weighted Returns -- Daily": "vw_daily",
         "  Average Equal Weighted Returns -- Daily": "ew_daily"}, OLD_TENTHS, BOTH, "\r\n"),
    "25 portfolios, 2016": (
        "201607", "This file was created by CMPT_ME_BEME_OP_INV_RETS using the {v} CRSP database.",
        {"  Average Value Weighted Returns -- Monthly": "vw_monthly",
         "  Average Equal Weighted Returns -- Annual": "ew_annual",
         "  Average Market Cap": "size", BY_DECEMBER: "beme_december"},
        "SMALL LoBM,ME1 BM2,BIG HiBM", COPYRIGHT, "\r\n"),
    "25 portfolios without dividends, 2024": (
        "202407", "This file was created by CMPT_ME_BEME_OP_INV_RETS using the {v} CRSP database.",
        {"  Average Value Weighted Returns -- Monthly": "vw_monthly",
         "  Average Value Weighted Returns -- Annual": "vw_annual",
         "  Number of Firms in Portfolios": "firms", BY_DECEMBER: "beme_december"},
        "SMALL LoBM,ME1 BM2,BIG HiBM", BOTH, "\n"),
    "another region, 2025": (
        "202509", "This file was created using the {v} Bloomberg database.",
        {"": "monthly", JANUARY: "annual"}, FIVE, "", "\r\n"),
}  # fmt: skip


def keys_of(key: str, vintage: str) -> list[str]:
    """Dates of a table that reaches its vintage: three days, months or years."""
    last = pd.Period(vintage, "M")
    if "daily" in key:
        days = pd.bdate_range(end=last.end_time.normalize(), periods=3)
        return [f"{day:%Y%m%d}" for day in days]
    if "annual" in key:
        year = last.year if last.month == 12 else last.year - 1
        return [f"  {one}" for one in range(year - 2, year + 1)]
    return [f"{month:%Y%m}" for month in pd.period_range(end=last, periods=3, freq="M")]


def text_of(layout: str) -> tuple[str, dict[str, np.ndarray]]:
    """A file of that layout, and the numbers of its tables by key."""
    vintage, opening, titles, columns, end, newline = FRENCH[layout]
    width = columns.count(",") + 1
    parts = [opening.format(v=vintage), "Made up, for tests.", ""]
    numbers = {}
    for at, (title, key) in enumerate(titles.items()):
        values = np.round(1.0 + at + np.arange(3.0 * width).reshape(3, width) / 8, 2)
        if columns.startswith("<= 0"):
            values[:, 0] = -99.99
        numbers[key] = np.where(values == -99.99, np.nan, values)
        # files of other regions have blanks before their commas
        cell = "   ,{:.2f}" if "Bloomberg" in opening else ",{:8.2f}"
        rows = [
            one + "".join(cell.format(value) for value in row)
            for one, row in zip(keys_of(key, vintage), values, strict=True)
        ]
        parts += [*([title] if title else []), f",{columns}", *rows, ""]
    parts.append(end.format(year=vintage[:4]))
    return "\n".join(parts).replace("\n", newline) + newline, numbers


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("File.CSV", text)
    return packed.getvalue()


@pytest.mark.parametrize("layout", FRENCH)
def test_french(layout):
    """Tables under their names, numbers under their dates, the vintage as stated."""
    text, numbers = text_of(layout)
    vintage = FRENCH[layout][0]
    found = read_french(zipped(text))
    assert list(found) == list(numbers) and read_vintage(zipped(text)) == vintage
    for key, expected in numbers.items():
        np.testing.assert_allclose(found[key].to_numpy(), expected)
        assert f"{found[key].index[-1]}".startswith(keys_of(key, vintage)[-1].strip()[:4])
        assert not any("-Dec" in column for column in found[key].columns)


@pytest.mark.parametrize("layout", FRENCH)
def test_no_layout_hides_a_cut(layout):
    """Whatever the layout, a file whose first table stops a row early is refused."""
    text, _ = text_of(layout)
    vintage, _, titles, *_ = FRENCH[layout]
    last = keys_of(next(iter(titles.values())), vintage)[-1]
    newline = FRENCH[layout][5]
    lines = text.split(newline)
    if "daily" in layout or "annual" in next(iter(titles.values())):
        at = next(n for n, line in enumerate(lines) if line.startswith(last))
        cut = newline.join(lines[:at]) + newline + lines[at][:12]
    else:
        cut = newline.join(line for line in lines if not line.startswith(last))
    with pytest.raises(InputError):
        read_french(zipped(cut))


HEADS = {
    "S&P|Comp.|P": "price", "Dividend|D": "dividend", "Earnings|E": "earnings",
    "Consumer|Price|Index|CPI": "cpi", "Date|Fraction": "", "Long|Interest|Rate GS10": "gs10",
    "Real|Price": "real_price", "Real|Dividend": "real_dividend",
    "Real|Total|Return|Price": "real_total_return_price", "Real|Earnings": "real_earnings",
    "Real|TR|Scaled|Earnings": "",
    "Cyclically|Adjusted|Price|Earnings|Ratio|P/E10 or|CAPE": "cape",
    "Cyclically|Adjusted|Price|Earnings|Ratio|P/E10": "cape",
    "Cyclically|Adjusted|Total Return Price|Earnings|Ratio|TR P/E10 or|TR CAPE": "tr_cape",
    "Excess|CAPE|Yield": "",
}  # fmt: skip
NEW = [head for head in HEADS if not head.endswith("|P/E10")]
OLD = [
    head for head, ours in HEADS.items()
    if ours not in SINCE_2018 and head not in ("Excess|CAPE|Yield", "Real|TR|Scaled|Earnings")
]  # fmt: skip

SHILLER = {
    "2010, P/E10 alone": [head for head in OLD if not head.endswith("CAPE")],
    "2013, P/E10 or CAPE": [head for head in OLD if not head.endswith("|P/E10")],
    "2018, total return": [
        head for head in NEW if head not in ("Excess|CAPE|Yield", "Real|TR|Scaled|Earnings")
    ],
    "2020, excess yield": NEW,
}


def cells_of(heads: list[str]) -> list[tuple[int, int, float | str]]:
    """Eight rows of headings, four months that pass October, a footnote."""
    cells: list[tuple[int, int, float | str]] = [(1, 0, "Made up, for tests"), (7, 0, "Date")]
    for column, head in enumerate(heads, 1):
        words = head.split("|")
        cells += [(8 - len(words) + at, column, word) for at, word in enumerate(words)]
    for row, date in enumerate((2009.09, 2009.1, 2009.11, 2009.12), 8):
        cells.append((row, 0, date))
        cells += [(row, at, 10.0 * at + row) for at in range(1, len(heads) + 1)]
    return [*cells, (12, 1, "the last price is a guess")]


def xlsx(cells: list[tuple[int, int, float | str]], sheet: str = "Data") -> bytes:
    """A workbook in the newer format: texts shared, numbers as they are."""
    texts = list(dict.fromkeys(str(value) for *_, value in cells if isinstance(value, str)))
    rows: dict[int, str] = {}
    for row, column, value in sorted(cells, key=lambda cell: cell[:2]):
        place = f"{chr(ord('A') + column)}{row + 1}"
        rows[row] = rows.get(row, "") + (
            f'<c r="{place}" t="s"><v>{texts.index(value)}</v></c>' if isinstance(value, str)
            else f'<c r="{place}"><v>{value!r}</v></c>'
        )  # fmt: skip
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    body = "".join(f'<row r="{row + 1}">{inside}</row>' for row, inside in rows.items())
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {main} xmlns:r="{office}"><sheets><sheet'
            f' name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="rId1"'
            ' Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/sharedStrings.xml", f"<sst {main}>{shared}</sst>")
        sheet_text = f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet_text)
    return packed.getvalue()


@pytest.mark.parametrize("layout", SHILLER)
@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_shiller(layout, kind, formats):
    """October is .1; each column under its name; what an older workbook has not is NaN."""
    heads = SHILLER[layout]
    cells = cells_of(heads)
    content = formats.workbook(cells) if kind == "xls" else xlsx(cells)
    frame = read_shiller(content)
    assert [str(month) for month in frame.index] == ["2009-09", "2009-10", "2009-11", "2009-12"]
    for column, head in enumerate(heads, 1):
        if HEADS[head]:
            assert frame[HEADS[head]].tolist() == [10.0 * column + row for row in range(8, 12)]
    old = set(SINCE_2018) - {HEADS[head] for head in heads}
    assert {name for name in frame if frame[name].isna().all()} == old


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (xlsx([(0, 0, "Date")], sheet="Note"), "No sheet named 'Data'"),
        (xlsx([(0, 120, 1.0)])[:400], "no workbook"),
        (xlsx([one for one in cells_of(NEW) if one[:2] != (9, 0)]), "without a date"),
        (xlsx([one for one in cells_of(NEW) if one[:2] != (9, 3)]), "no earnings for a month"),
    ],
)
def test_a_newer_workbook_is_read_as_strictly(content, complaint):
    """Another sheet, half a file, months without their numbers."""
    with pytest.raises(InputError, match=complaint):
        read_shiller(content, name="ie_data.xlsx")


def test_a_workbook_that_declares_entities_is_refused():
    """Nothing is expanded; nor is a sheet of a million columns made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(ValueError, match="declares entities"):
        read_sheet(packed.getvalue(), "Data")
    with pytest.raises(ValueError, match="too many"):
        read_sheet(xlsx([(20_000, 0, 1.0)]), "Data")
