"""The dictionary of the panel: every column, its unit and its source, held against the data."""

import numpy as np
import pytest

from analysis.files import PROJECT
from analysis.panel import latest, load_dataset
from analysis.panel.columns import COLUMNS, column_names
from analysis.sources.bundled import CITATIONS
from analysis.sources.catalog import load_catalogue

#: What a number of each unit may be; a rate in per cent or a share above one is none of ours.
RANGES = {
    "decimal return a month": (-1.0, 4.0),
    "decimal return a day": (-0.5, 0.5),
    "decimal rate a year": (-0.05, 0.25),
    "ratio": (-1000.0, 1000.0),
    "log ratio": (-5.0, 5.0),
    "share": (-1.0, 1.0),
    "firms": (0.0, 20_000.0),
    "million dollars": (0.0, 1e9),
    "0 or 1": (0.0, 1.0),
    "index level": (1.0, 1000.0),
    "dollars an hour": (1.0, 200.0),
    "decimal volatility a year": (0.0, 2.0),
}
TABLES = ("monthly", "daily", "valuation")


def check(dataset) -> None:
    """Every table holds the columns declared for it, in their units."""
    for table in TABLES:
        frame = getattr(dataset, table)
        held = set() if frame is None else set(frame.columns)
        assert set(column_names(dataset.data, table)) == held, table
        for one in COLUMNS:
            if one.table == table and dataset.data in one.sources:
                low, high = RANGES[one.unit]
                values = frame[list(one.names)].to_numpy()
                assert np.nanmin(values) >= low and np.nanmax(values) <= high, one


def test_the_bundled_data_hold_what_is_declared():
    """No column without its entry, no entry without its column, and no unit but its own."""
    check(load_dataset("bundled"))


def test_the_latest_frame_has_the_columns_declared(tables):
    """Made of made-up files, the frame holds every column but the recessions, and no other."""
    made = {*latest.monthly_frame(tables), "recession"}
    assert made == set(column_names("latest"))
    assert set(latest.daily_frame(tables[latest.DAILY])) == set(column_names("latest", "daily"))


@pytest.mark.publishers
def test_the_latest_data_hold_what_is_declared(real_cache, monkeypatch):
    """The same of the publishers' files, table by table."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(real_cache))
    check(latest.load_latest())


def test_a_column_is_declared_once():
    """Two entries for one name would give it two units."""
    for data in ("bundled", "latest"):
        for table in TABLES:
            names = column_names(data, table)
            assert len(names) == len(set(names))
    assert {one.table for one in COLUMNS} == set(TABLES)
    assert {one.unit for one in COLUMNS} == set(RANGES)


def test_every_source_is_one_of_ours():
    """A latest column names files of the catalogue, a bundled one a package's data or a table."""
    known = {source.id for source in load_catalogue().sources}
    cited = set()
    for one in COLUMNS:
        assert one.meaning and one.sources and set(one.sources) <= {"bundled", "latest"}
        for data, source in one.sources.items():
            if source.startswith("data/"):
                assert all((PROJECT / file).is_file() for file in source.split(", "))
            elif data == "latest":
                assert set(source.split(", ")) <= known, one.names
            else:
                assert source in CITATIONS, one.names
                cited.add(source)
    assert cited == set(CITATIONS)


def test_the_files_of_the_monthly_frame_are_those_its_columns_name():
    """A file the panel reads gives a column, and a column's file is read."""
    named = {
        source
        for one in COLUMNS
        if one.table == "monthly" and "latest" in one.sources
        for source in one.sources["latest"].split(", ")
    }
    assert named - {"data/facts/nber_cycles.csv"} == set(latest.MONTHLY_FILES)
