"""Files as spreadsheets, browsers and tired hands leave them: read as they are meant, or refused.

What is read gives the very numbers of the sound file; what is refused gives one line that names
the file and, where it can be told, what was done to it. Nothing in between.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile

import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.catalog import load_catalogue
from analysis.sources.fred import read_fred
from analysis.sources.french import read_french
from analysis.sources.peers import doubts
from analysis.sources.prices import read_prices
from analysis.sources.readers import Reading, read_source

MONTHS = pd.period_range("2010-01", periods=60, freq="M")
RATES = "\n".join(
    ["observation_date,GS10", *(f"{m}-01,{2 + i % 7 / 2}" for i, m in enumerate(MONTHS)), ""]
)
DAYS = pd.bdate_range("2021-10-01", periods=60)
CLOSES = "\n".join(
    ["Date,Close", *(f"{d:%Y-%m-%d},{100 + i % 5}.25" for i, d in enumerate(DAYS)), ""]
)


def rows(text, change):
    """The text with its data lines changed, the header left."""
    head, *lines = text.rstrip("\n").split("\n")
    return "\n".join([head, *change(lines), ""])


def cell(text, value):
    """The text with the number of its tenth line replaced."""
    return rows(text, lambda ls: [*ls[:9], f"{ls[9].split(',')[0]},{value}", *ls[10:]])


def zipped(text, member="F-F_Research_Data_Factors.CSV"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, text)
    return packed.getvalue()


SAME = {
    "a byte-order mark": lambda t: b"\xef\xbb\xbf" + t.encode(),
    "Windows line ends": lambda t: t.replace("\n", "\r\n").encode(),
    "blank lines at the end": lambda t: (t + "\n\n").encode(),
    "blanks around commas": (
        lambda t: rows(t, lambda ls: [one.replace(",", " , ") for one in ls]).encode()
    ),
}  # fmt: skip

#: What was done, to either text, and what the refusal says of it.
REFUSED = {
    "UTF-16": (lambda t: t.encode("utf-16"), "text in UTF-16"),
    "UTF-16 without its mark": (lambda t: t.encode("utf-16-le"), "text in UTF-16"),
    "gzip": (lambda t: gzip.compress(t.encode()), "packed by gzip, not text: unpack it"),
    "zip": (lambda t: zipped(t), "a zip, not text: unpack it"),
    "semicolons": (lambda t: t.replace(",", ";").encode(), "semicolons between its cells"),
    "semicolons and decimal commas": (
        lambda t: t.replace(",", ";").replace(".", ",").encode(), "semicolons between its cells"),
    "decimal commas": (
        lambda t: rows(t, lambda ls: [one.replace(".", ",") for one in ls]).encode(),
        "commas for the points"),
    "line ends of an old Mac": (lambda t: t.replace("\n", "\r").encode(), "an old Mac"),
    "tabs": (lambda t: t.replace(",", "\t").encode(), "opens with"),
    "a row twice": (lambda t: rows(t, lambda ls: [*ls[:9], ls[8], *ls[9:]]).encode(), "twice"),
    "rows exchanged": (
        lambda t: rows(t, lambda ls: [*ls[:9], ls[10], ls[9], *ls[11:]]).encode(),
        "out of order|newest"),
    "newest first": (
        lambda t: rows(t, lambda ls: ls[::-1]).encode(), "out of order|newest day first"),
    "American dates": (
        lambda t: rows(
            t, lambda ls: [f"{one[5:7]}/{one[8:10]}/{one[:4]}{one[10:]}" for one in ls]).encode(),
        "for a date"),
    "digits of another script": (
        lambda t: rows(t, lambda ls: ["２" + one[1:] for one in ls]).encode(), "for a date"),
    "a word for a number": (lambda t: cell(t, "null").encode(), "no number"),
    "#N/A": (lambda t: cell(t, "#N/A").encode(), "no number"),
    "NaN": (lambda t: cell(t, "NaN").encode(), "undefined number"),
    "infinity": (lambda t: cell(t, "inf").encode(), "infinite"),
    "a thousands separator": (lambda t: cell(t, '"1,234.5"').encode(), "no number|numbers in each"),
    "a currency sign": (lambda t: cell(t, "$2.5").encode(), "no number"),
    "a per-cent sign": (lambda t: cell(t, "2.5%").encode(), "no number"),
    "an underscore": (lambda t: cell(t, "2_5").encode(), "no number"),
    "a footer": (lambda t: (t + "Source: somebody\n").encode(), "no number after|for a date"),
    "a second table": (lambda t: (t + "\n" + t).encode(), "no number"),
    "a page behind the data": (
        lambda t: (t + "<html>wait</html>\n").encode(), "no number|web page"),
    "an error in JSON": (lambda t: b'{"error_code":400}', "opens with"),
    "a page with a mark before it": (lambda t: b"\xef\xbb\xbf\n<!DOCTYPE html>", "web page"),
    "cut in a number": (lambda t: t.rstrip("\n")[:-1].encode(), "middle of a line"),
    "cut in a line": (lambda t: t[: len(t) // 2 - 3].encode(), "middle of a line|no number"),
    "a zero byte": (lambda t: t.replace("01", "0\0", 1).encode(), "UTF-16|for a date"),
    "nothing": (lambda t: b" \n\n", "is empty"),
}  # fmt: skip


def read(kind, content):
    if kind == "fred":
        return read_fred(content, series="GS10", name="fred/GS10.csv")
    return read_prices(content, name="prices/IWM.csv")


@pytest.mark.parametrize("done", SAME)
@pytest.mark.parametrize("kind", ["fred", "prices"])
def test_the_same_numbers(kind, done):
    """What a system adds on its own changes no number."""
    text = RATES if kind == "fred" else CLOSES
    pd.testing.assert_frame_equal(read(kind, SAME[done](text)), read(kind, text.encode()))


@pytest.mark.parametrize("done", REFUSED)
@pytest.mark.parametrize("kind", ["fred", "prices"])
def test_refused_in_one_line(kind, done):
    """File and fault are named; nothing is read by guess."""
    spoil, complaint = REFUSED[done]
    with pytest.raises(InputError, match=complaint) as caught:
        read(kind, spoil(RATES if kind == "fred" else CLOSES))
    words = str(caught.value)
    assert words.startswith(("fred/GS10.csv", "prices/IWM.csv")) and "\n" not in words
    assert words.isprintable() and len(words) < 500
    # nobody's fault but the exporter's
    assert kind == "fred" or "publisher" not in words


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda t: t.encode(), "the text itself: put the publisher's zip"),
        (lambda t: b"\xef\xbb\xbf" + t.encode(), "the text itself"),
        (lambda t: gzip.compress(t.encode()), "no complete zip"),
        (lambda t: zipped(t.encode("utf-16")), "does not open with the vintage"),
        (lambda t: zipped(t.replace(",", ";")), "holds no table"),
        (lambda t: zipped(t.replace(",", "\t")), "holds no table"),
        (lambda t: zipped(t.replace(".", ",")), "numbers in each row"),
        (lambda t: zipped(zipped(t), "x.zip"), "no plain CSV file"),
        (lambda t: zipped(t.replace("202003,", "Mar-20,")), "start with its date"),
        (lambda t: zipped(t.replace("202003,", "202004,")), "twice"),
        (
            lambda t: zipped("\n".join(one for one in t.split("\n") if "202003" not in one)),
            "leaves out",
        ),
        (lambda t: zipped(t.replace("0.5000", '"0.5"', 1)), "no number"),
        (lambda t: zipped(t.replace("0.5000", "   nan", 1)), "undefined"),
        (lambda t: zipped(t.replace("0.5000", "      ", 1)), "no number"),
    ],
)
def test_frenchs_zips_too(formats, spoil, complaint):
    """Saved as text, packed otherwise, passed through a spreadsheet."""
    with pytest.raises(InputError, match=complaint):
        read_french(spoil(formats.factors()), name="french/F-F_Research_Data_Factors_CSV.zip")


def test_another_unit_is_refused():
    """Rates and returns in decimals stay inside every plausible range, and reach nothing."""
    catalogue = load_catalogue()
    source = catalogue.source("fred/GS10").model_copy(update={"first": "2010-01"})
    table = source.tables["GS10"].model_copy(update={"reaches": 4.0})
    source = source.model_copy(update={"tables": {"GS10": table}})
    assert read_source(source, RATES.encode()).last == "2014-12"
    decimals = rows(RATES, lambda ls: [f"{one[:11]}{float(one[11:]) / 100}" for one in ls])
    with pytest.raises(InputError, match="in another unit"):
        read_source(source, decimals.encode())
    in_percent = [one for one in catalogue.sources if one.unit.startswith("percent")]
    assert len(in_percent) > 20
    for one in in_percent:
        returns = {n: t for n, t in one.tables.items() if t.range[0] < -0.5 and "op" != n != "inv"}
        assert all(table.reaches for table in returns.values()), one.id


def test_nothing_is_published_before_it_happened():
    """A file that ends after the day of the pull is refused; one of that month is not."""
    frame = read_fred(RATES.encode(), series="GS10")
    reading = {"fred/GS10": Reading({"GS10": frame}, "2014-12", "2010-01", "2014-12")}
    [one] = doubts(reading, today=dt.date(2014, 11, 30))
    assert (one.kind, one.refused) == ("future", True) and "2014-12" in one.words
    assert doubts(reading, today=dt.date(2014, 12, 1)) == []
