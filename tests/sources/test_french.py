"""Tests of the reader of French's zips."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.french import read_french, read_vintage, to_decimal

REGIONS = ("Asia_Pacific", "Developed", "Europe", "Japan")


def test_every_section(formats):
    """Ten sections come out under their canonical names, BE/ME titles of five lines told apart."""
    tables = read_french(formats.zipped(formats.french()))
    assert list(tables) == list(formats.titles)
    assert tables["beme_june"].index.equals(pd.period_range("2020-01", "2021-12", freq="M"))
    assert list(tables["vw_annual"].index.astype(str)) == ["2020", "2021"]
    assert tables["firms"].attrs["unit"] == "count"
    assert tables["beme_december"].attrs["unit"] == "ratio"


def test_values_by_hand():
    """Three rows typed by hand come out as they stand, both marks of missing as NaN."""
    text = (
        "This file was created by SOME_PROGRAM using the 202003 CRSP database.\r\n\r\n"
        "  Average Value Weighted Returns -- Monthly\r\n,Lo 10,2-Dec\r\n"
        "202001,   1.5000,  -99.99\r\n202002,  -999,  -2.2500\r\n202003,   0.1,  3\r\n\r\n"
        "Copyright\r\n"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.CSV", text)
    frame = read_french(packed.getvalue())["vw_monthly"]
    assert list(frame.columns) == ["Lo 10", "Dec 2"]
    np.testing.assert_array_equal(frame, [[1.5, np.nan], [np.nan, -2.25], [0.1, 3.0]])
    assert read_vintage(packed.getvalue()) == "202003"


def test_deciles_are_called_alike(formats):
    """`2-Dec` of new files and `Dec 2` of old ones are one name, and the empty column is NaN."""
    new = formats.french(("<= 0", "2-Dec"), ("size",)).replace("Market Cap", "Firm Size")
    old = formats.french(("<= 0", "Dec 2"), ("size",))
    new, old = (read_french(formats.zipped(text))["size"] for text in (new, old))
    pd.testing.assert_frame_equal(new, old)
    assert new["<= 0"].isna().all()


def test_line_ends(formats):
    """CRLF and LF give the same tables."""
    text = formats.french()
    unix = read_french(formats.zipped(text))
    dos = read_french(formats.zipped(text.replace("\n", "\r\n")))
    assert unix.keys() == dos.keys() and len(unix) > 0
    for name in unix:
        pd.testing.assert_frame_equal(unix[name], dos[name])


def test_factors(formats):
    """Factors stand under monthly and annual, or daily."""
    monthly = read_french(formats.zipped(formats.factors()))
    assert {name: len(frame) for name, frame in monthly.items()} == {"monthly": 24, "annual": 2}
    daily = read_french(formats.zipped(formats.factors(daily=True)))["daily"]
    assert daily.index[-1] == pd.Timestamp("2021-12-31")


def test_to_decimal_once(formats):
    """Percent becomes decimal once; counts and decimals are refused."""
    tables = read_french(formats.zipped(formats.french()))
    decimal = to_decimal(tables["vw_monthly"])
    np.testing.assert_allclose(decimal * 100, tables["vw_monthly"])
    for wrong in (decimal, tables["firms"]):
        with pytest.raises(InputError, match="no table of returns"):
            to_decimal(wrong)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda t: "\n".join(row for row in t.split("\n") if row[:6] != "202007"), "leaves out"),
        (lambda t: t.replace("\n202007,", "\n202006,", 1), "twice"),
        (lambda t: t.replace("\n202007,", "\n201907,", 1), "out of order"),
        (lambda t: t.replace("\n202007,", "\n202013,", 1), "'20201301' for a date"),
        (lambda t: t.replace("\n202007,", "\nxx,", 1), "does not start with its date"),
        (lambda t: t.replace("\n202007,", "\n\n202007,", 1), "outside a table"),
        (lambda t: t.replace("\n202112,", "\nx202112,", 1), "does not start with its date"),
        (lambda t: t.replace("0.7000", "    ", 1), "no number"),
        (lambda t: t.replace("0.7000", "   inf", 1), "infinite"),
        (lambda t: t.replace("0.7000", "0.7000,1", 1), "no number|numbers in each row"),
        (lambda t: t.replace("ME1 BM2", "BIG LoBM", 1), "same name twice"),
        (lambda t: t[: t.index("Copyright")].rstrip(), "cut short"),
        (lambda t: t.replace("\n", ",,\n"), "saved again by a spreadsheet"),
        (lambda t: t.replace("202112 CRSP", "202205 CRSP"), "states the vintage"),
        (lambda t: t.replace("CRSP database", "database"), "vintage"),
        (
            lambda t: t.replace(
                "Equal Weighted Returns -- Monthly", "Value Weighted Returns -- Monthly"
            ),
            "twice",
        ),
        (lambda t: t[:40], "the vintage it was made from"),
    ],
)
def test_refusals(formats, spoil, complaint):
    """A damaged table is refused by the name of its file."""
    content = formats.zipped(spoil(formats.french()))
    with pytest.raises(InputError, match=complaint) as caught:
        read_french(content, name="6_Portfolios_2x3_CSV.zip")
    assert "6_Portfolios_2x3_CSV.zip" in str(caught.value)


def test_genuine_layouts_of_other_years(formats):
    """No copyright line, a database of another region, an old title: read, with their vintage."""
    text = formats.french(tables=("vw_monthly", "size"))
    for change in (
        lambda t: t.replace("Copyright nobody\n", ""),
        lambda t: t.replace("CRSP database", "Bloomberg database"),
        lambda t: t.replace("Average Market Cap", "Average Firm Size"),
        lambda t: t.replace("Average Value Weighted Returns", "Average Value Weight Returns"),
    ):
        content = formats.zipped(change(text))
        assert list(read_french(content)) == ["vw_monthly", "size"]
        assert read_vintage(content) == "202112"


def test_every_mark_of_a_missing_cell(formats):
    """-99 is no loss of 99%: each mark the publisher has used is missing."""
    text = formats.french(tables=("vw_monthly",))
    for mark in ("-99.99", "-99.00", "-99", "-999", "-999.00"):
        frame = read_french(formats.zipped(text.replace("0.7000", mark, 1)))["vw_monthly"]
        assert frame.isna().to_numpy().sum() == 1, mark


@pytest.mark.parametrize("member", ["../x.csv", "/x.csv", "a/x.csv", "..\\x.csv", "x.exe", ".csv"])
def test_members_outside_the_folder(formats, member):
    """A zip whose file would land elsewhere, or is no CSV, is refused."""
    with pytest.raises(InputError, match="no plain CSV"):
        read_french(formats.zipped(formats.french(), member))


def test_bomb(formats):
    """A small zip of many megabytes of nothing is refused, also when it lies about its size."""
    bomb = formats.zipped(b"0" * (33 * 1024**2))
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="would unpack to"):
        read_french(bomb)
    size = (33 * 1024**2).to_bytes(4, "little")
    with pytest.raises(InputError):
        read_french(bomb.replace(size, (1000).to_bytes(4, "little")))


def test_not_one_zip(formats, tmp_path):
    """Web pages, cut zips, two members, empty and absent files are refused by name."""
    whole = formats.zipped(formats.french())
    with pytest.raises(InputError, match="web page"):
        read_french(b"\n<!DOCTYPE html><html>moved</html>")
    with pytest.raises(InputError, match="cut short"):
        read_french(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="empty"):
        read_french(b"")
    with pytest.raises(InputError, match=r"gone\.zip cannot be read"):
        read_french(tmp_path / "gone.zip")
    packed = io.BytesIO(whole)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("second.csv", "1")
    with pytest.raises(InputError, match="2 files"):
        read_french(packed.getvalue())


@pytest.mark.publishers
def test_real_files(publishers_folder):
    """The publisher's US files of three years read with every section and their vintage."""
    every = sorted(publishers_folder.glob("**/french/*.zip"))
    # the regional files are of another database and read by nothing yet
    paths = [path for path in every if not path.name.startswith(REGIONS)]
    assert len(paths) >= 7
    for path in paths:
        tables = read_french(path)
        if "Portfolios_5x5" in path.name or ("2x3_" in path.name and "6_" in path.name):
            assert set(tables) == {
                *("vw_monthly", "ew_monthly", "vw_annual", "ew_annual", "firms", "size"),
                *("beme_december", "beme_june", "op", "inv"),
            }


@pytest.mark.publishers
def test_vintages_differ_as_known(publishers_folder):
    """46% of the cells of the 25 portfolios moved by more than .05 points from 202408 to 202604."""
    name = "french/25_Portfolios_5x5_CSV.zip"
    new = read_french(publishers_folder / name)["vw_monthly"]
    old = read_french(publishers_folder / "vintages" / "2024" / name)["vw_monthly"]
    moved = (new.loc[old.index] - old).abs() > 0.05
    assert round(moved.to_numpy().mean(), 2) == 0.46
