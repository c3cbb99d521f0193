"""Inputs out of public bug reports, each put in the place of the sound file it replaces."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from analysis.panel import load_dataset
from analysis.results import InputError
from analysis.sources.pull import pull_snapshot
from analysis.sources.snapshots import load_snapshot, read_tables

pytestmark = pytest.mark.publishers

REFUSED = {
    "fred-html-200": ("fred/GS10.csv", "a web page, not data"),
    "french-excel-resave": (
        "french/F-F_Research_Data_5_Factors_2x3_CSV.zip",
        "saved again by a spreadsheet",
    ),
    "french-missing-factor": (
        "french/F-F_Research_Data_Factors_CSV.zip",
        "has no SMB for 1980-03",
    ),
    "price-date-with-time": ("prices/IWM.csv", "a time behind its dates"),
    "price-investing-com": ("prices/IWM.csv", "Date,Close"),
    "price-lower-case-name": ("prices/iwm.csv", "name the file IWM.csv"),
    "price-newest-first": ("prices/IWM.csv", "newest day first"),
    "price-split-3-for-2": ("prices/IWM.csv", "on 2016-01-04"),
    "price-weekly-as-daily": ("prices/IWM.csv", "is not daily"),
    "price-yfinance-two-headers": ("prices/IWM.csv", "two header lines"),
}


@pytest.fixture
def folder() -> Path:
    """The folder of cases, beside the publishers' files."""
    return Path(os.environ["SMALLCAP_PUBLISHERS"]).resolve().parent / "cases"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """The publishers' files as a mirror that a test may change."""
    source = Path(os.environ["SMALLCAP_PUBLISHERS"]).resolve()
    made = tmp_path / "mirror"
    for name in ("french", "fred", "shiller", "prices"):
        (made / name).mkdir(parents=True)
        for path in (source / name).iterdir():
            (made / name / path.name).symlink_to(path)
    return made


def _place(mirror: Path, folder: Path, case: str, path: str) -> None:
    target = mirror / path
    (mirror / path.replace("iwm", "IWM")).unlink(missing_ok=True)
    [file] = [one for one in (folder / case).iterdir() if one.name != "README"]
    shutil.copy(file, target)


@pytest.mark.quick("fred-html-200", "french-excel-resave", "price-yfinance-two-headers")
@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, folder, mirror, tmp_path):
    """One line names the file and the fault, no snapshot is made, the publisher is not blamed."""
    path, complaint = REFUSED[case]
    _place(mirror, folder, case, path)
    with pytest.raises(InputError, match=complaint) as caught:
        pull_snapshot(mirror, cache=tmp_path / "cache")
    words = str(caught.value)
    assert "\n" not in words and len(words) < 700
    if path.startswith("prices/"):
        assert "publisher" not in words
    with pytest.raises(InputError, match="there is no snapshot"):
        load_snapshot(cache=tmp_path / "cache")


@pytest.mark.slow
@pytest.mark.parametrize("case", ["fred-cpi-next-shutdown", "fred-date-header-and-dot"])
def test_a_month_without_prices(case, folder, mirror, tmp_path):
    """A blank month is NaN; one that was not known of is told."""
    _place(mirror, folder, case, "fred/CPIAUCSL.csv")
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    values = read_tables(snapshot, "fred/CPIAUCSL")["CPIAUCSL"]["CPIAUCSL"]
    blank = ["2025-10", "2026-03"] if "next" in case else ["2025-10"]
    assert list(values.index[values.isna()].astype(str)) == blank
    told = [note for note in snapshot.notes if note.startswith("fred/CPIAUCSL")]
    assert told == (["fred/CPIAUCSL: no value for 2026-03-01"] if "next" in case else [])


def test_minus_99_is_missing(folder, mirror, tmp_path, monkeypatch):
    """-99.00 is a mark, not a loss of 99%."""
    _place(mirror, folder, "french-missing-code-99", "french/25_Portfolios_5x5_CSV.zip")
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path / "cache"))
    pull_snapshot(mirror)
    assert load_dataset("latest").monthly["s1v1"].isna()["1980-03"]


@pytest.mark.slow
def test_an_ending_in_capitals_is_read(folder, mirror, tmp_path):
    """IWM.CSV alone is IWM."""
    (mirror / "prices" / "IWM.csv").unlink()
    shutil.copy(folder / "price-upper-case-ending" / "IWM.CSV", mirror / "prices" / "IWM.CSV")
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    assert len(read_tables(snapshot, "prices/IWM")["Close"]) > 100


@pytest.mark.slow
def test_a_mirror_without_the_workbook(mirror, tmp_path, monkeypatch):
    """No claim reads it: the pull completes, says so, and the column is empty."""
    shutil.rmtree(mirror / "shiller")
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path / "cache"))
    snapshot = pull_snapshot(mirror)
    assert "shiller/ie_data" in snapshot.absent
    assert any(note.startswith("shiller/ie_data: not there") for note in snapshot.notes)
    assert load_dataset("latest").monthly["cape"].isna().all()


@pytest.mark.slow
def test_accepted_by_name(folder, mirror, tmp_path):
    """What is odd is kept when the user says so, and the snapshot says so too."""
    _place(mirror, folder, "price-weekly-as-daily", "prices/IWM.csv")
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache", accept=["IWM"])
    [note] = [one for one in snapshot.notes if one.startswith("prices/IWM")]
    assert "is not daily" in note and note.endswith("(accepted)")
    # typed, for the cards of the claims that read it
    assert list(snapshot.oddities) == ["prices/IWM"]
    assert "is not daily" in snapshot.oddities["prices/IWM"]
    assert load_snapshot(cache=tmp_path / "cache").oddities == snapshot.oddities


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["french/25_Portfolios_5x5_CSV.zip", "fred/GS10.csv", "prices"])
def test_an_absent_file_refuses_its_claims_only(gone, mirror, tmp_path, monkeypatch):
    """The panel is made of what there is; funds that were held before are missed aloud."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path / "cache"))
    pull_snapshot(mirror)
    place = mirror / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    snapshot = pull_snapshot(mirror)
    dataset = load_dataset("latest")
    assert "smb" in dataset.monthly
    assert ("s1v1" in dataset.monthly) is not gone.startswith("french")
    assert ("gs10" in dataset.monthly) is not gone.startswith("fred")
    if gone == "prices":
        assert dataset.funds is None
        assert any("IWM" in note and "--prices FOLDER" in note for note in snapshot.notes)


def test_the_home_page_links_to_another_kind_of_workbook(folder):
    """The page's new link is named, with what to do."""
    from analysis.sources.downloads import find_link

    page = (folder / "shiller-page-xlsx" / "index.html").read_bytes()
    with pytest.raises(InputError, match=r"now links to ie_data\.xlsx .*--from FOLDER"):
        find_link(page, "ie_data.xls", "https://example.org/")
