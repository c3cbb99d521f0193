"""Series that ship with the project: whole, in the public domain, read and fetched all together."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.files import checksum
from analysis.panel import load_dataset, rates
from analysis.panel.columns import COLUMNS
from analysis.results import InputError
from analysis.sources import public
from analysis.sources.catalog import load_catalogue
from analysis.sources.pull import _is_publishers, pull_public
from analysis.sources.snapshots import Entry

SHIPPED = sorted(public.load_manifest())


@pytest.fixture
def folder(tmp_path):
    """A copy of the series that a test may damage."""
    return shutil.copytree(public.PUBLIC_FOLDER, tmp_path / "public")


@pytest.fixture
def mirror(tmp_path):
    """The same files as a mirror serves them."""
    made = tmp_path / "mirror" / "fred"
    made.mkdir(parents=True)
    for name in SHIPPED:
        shutil.copy(public.PUBLIC_FOLDER / f"{name}.csv", made)
    return made.parent


def edit(path, change):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_every_series_is_public_and_every_public_series_is_here():
    """The manifest, the folder and the catalogue name the same; each has the checksum stated."""
    catalogue = load_catalogue()
    flagged = {source.columns[0]: source for source in catalogue.sources if source.public}
    files = {path.stem for path in public.PUBLIC_FOLDER.iterdir()} - {"manifest"}
    assert set(flagged) == set(SHIPPED) == files
    for name, row in public.load_manifest().items():
        source = flagged[name]
        assert source.licence == catalogue.publishers["fred"].licence
        assert source.citation.startswith(("Board of Governors", "US Bureau of Labor"))
        assert (row["frequency"], row["address"]) == (source.frequency, catalogue.address(source))
        content = (public.PUBLIC_FOLDER / f"{name}.csv").read_bytes()
        assert checksum(content) == row["sha256"]


def test_the_panel_of_either_data_set_reads_each():
    """No series ships that no column of the bundled data is made of."""
    sources = [one.sources.get("bundled", "") for one in COLUMNS]
    read = {name for name in SHIPPED if any(f"/{name}.csv" in source for source in sources)}
    assert read == set(SHIPPED) <= set(rates.SERIES)


def test_nothing_later_than_the_returns_is_seen():
    """Files go on to this year; the bundled panel ends with its returns, and a cut is a cut."""
    assert public.load_public()["FEDFUNDS"].index[-1] > pd.Period("2020-01")
    whole = load_dataset("bundled")
    assert whole.monthly.index[-1] == whole.as_of == pd.Period("2018-11")
    for name in ("fed_funds", "target", "broad_dollar", "cpi", "lending_standards"):
        assert whole.monthly[name].last_valid_index() == whole.as_of, name
    assert load_dataset("bundled", "2007-12").monthly["target"].index[-1] == pd.Period("2007-12")
    # the survey of the fourth quarter of 2007 was out in November, that of 2008's first was not
    cut, full = load_dataset("bundled", "2007-12"), load_dataset("bundled")
    pd.testing.assert_series_equal(
        cut.monthly["lending_standards"], full.monthly["lending_standards"].loc[:"2007-12"]
    )


def test_the_target_is_the_one_announced():
    """From 5.25 to 4.75% in September 2007, to .25 at the end of 2008, before it took effect."""
    target = load_dataset("bundled").monthly["target"]
    assert target["2007-08"] == pytest.approx(0.0525)
    assert target["2007-09"] == pytest.approx(0.0475)
    assert target["2008-12"] == pytest.approx(0.0025)


def test_the_dollar_is_spliced_by_growth():
    """In December 2005 the growth of the older index, in February 2006 that of the newer one."""
    series, dollar = public.load_public(), load_dataset("bundled").monthly["broad_dollar"]
    older, newer = series["TWEXBMTH"], series["DTWEXBGS"].dropna()
    growth = dollar / dollar.shift(1)
    assert growth["2005-12"] == pytest.approx(older["2005-12"] / older["2005-11"])
    means = newer.groupby(newer.index.to_period("M")).mean()
    assert growth["2006-02"] == pytest.approx(means["2006-02"] / means["2006-01"])


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda f: edit(f / "GS10.csv", lambda t: t.replace("2.83", "2.84", 1)),
         "public/manifest.csv, row GS10: GS10.csv does not have the checksum"),
        (lambda f: edit(f / "GS10.csv", lambda t: t[:-9]), "row GS10: GS10.csv does not have"),
        (lambda f: (f / "GS10.csv").write_text(""), "row GS10: GS10.csv is empty"),
        (lambda f: (f / "GS10.csv").unlink(), "row GS10: GS10.csv cannot be read"),
        (lambda f: edit(f / "manifest.csv", lambda t: t.replace("GS10,monthly", "GS10,yearly")),
         "manifest.csv, row GS10: column frequency holds 'yearly'"),
        (lambda f: edit(f / "manifest.csv", lambda t: t.replace("https://fred", "javascript:", 1)),
         "row AHETPI: column address holds"),
        (lambda f: edit(f / "manifest.csv", lambda t: t.replace("GS10,", "../x,", 1)),
         "row ../x: column series"),
        (lambda f: edit(f / "manifest.csv", lambda t: t + t.splitlines()[-1] + "\n"),
         "row TWEXBMTH: the series stands twice"),
        (lambda f: edit(f / "manifest.csv", lambda t: t.replace("sha256", "md5")), "its columns"),
        (lambda f: edit(f / "manifest.csv", lambda t: t[:-1]), "ends in the middle of a line"),
    ],
)  # fmt: skip
def test_damage_is_one_line_with_its_remedy(folder, damage, complaint):
    """File, row and remedy, whatever was changed."""
    damage(folder)
    with pytest.raises(InputError) as caught:
        public.load_public(folder)
    words = str(caught.value)
    assert complaint in words and "smallcap pull --public" in words and "\n" not in words


def test_one_command_refreshes_all(folder, mirror, tmp_path):
    """A longer series replaces the stored one, its row says so; the others keep their day."""
    edit(mirror / "fred" / "FEDFUNDS.csv", lambda text: text + "2026-08-01,3.6\n")
    before = public.load_manifest(folder)
    assert pull_public(mirror, folder=folder, cache=tmp_path / "cache") == ["FEDFUNDS"]
    after = public.load_manifest(folder)
    assert after["FEDFUNDS"]["last"] == "2026-08" != before["FEDFUNDS"]["last"]
    assert {n: r for n, r in after.items() if n != "FEDFUNDS"} == {
        n: r for n, r in before.items() if n != "FEDFUNDS"
    }
    assert public.load_public(folder)["FEDFUNDS"].iloc[-1] == 3.6
    assert after["GS10"]["address"].startswith("https://fred.stlouisfed.org/")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda m: edit(m / "FEDFUNDS.csv", lambda t: "\n".join(t.splitlines()[:-30]) + "\n"),
         "fred/FEDFUNDS: .*the one in force"),
        (lambda m: edit(m / "TWEXBMTH.csv", lambda t: "\n".join(t.splitlines()[:-30]) + "\n"),
         "lost its end"),
        (lambda m: (m / "GS10.csv").write_text("<html>moved</html>"), "a web page"),
        (lambda m: (m / "GS10.csv").unlink(), "fred/GS10 is not there"),
    ],
)  # fmt: skip
def test_nothing_is_replaced_when_one_series_is_refused(
    folder, mirror, tmp_path, change, complaint
):
    """Shorter than the one in place, cut at its end, no data, or absent: the folder stays."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    change(mirror / "fred")
    edit(mirror / "fred" / "TB3MS.csv", lambda text: text + "2026-06-01,3.6\n")
    with pytest.raises(InputError, match=complaint):
        pull_public(mirror, folder=folder, cache=tmp_path / "cache")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_shorter_series_can_be_accepted(folder, mirror, tmp_path):
    """By its name, as a pull of the latest data does."""
    cut = "\n".join((mirror / "fred" / "GS10.csv").read_text().splitlines()[:-2]) + "\n"
    (mirror / "fred" / "GS10.csv").write_text(cut)
    pull_public(mirror, folder=folder, cache=tmp_path / "cache", accept=["fred/GS10"])
    assert len(public.load_public(folder)["GS10"]) == len(public.load_public()["GS10"]) - 2


def test_two_indices_that_do_not_meet_make_no_panel():
    """A splice without overlap names both files, the rows that do not meet, and the remedy."""
    series = dict(public.load_public())
    series["TWEXBMTH"] = series["TWEXBMTH"].loc[:"2005-06"]
    with pytest.raises(InputError) as caught:
        rates.monthly_rates(series)
    assert str(caught.value) == (
        "DTWEXBGS.csv begins in its row of 2006-01-02 and TWEXBMTH.csv, the index before it, ends"
        " in that of 2005-06: they share no month, so their growth rates cannot be joined; pull"
        " both files again"
    )


def test_columns_are_in_decimals():
    """Rates and shares of the bundled panel are decimals, as those of the latest are."""
    monthly = load_dataset("bundled").monthly
    assert monthly["fed_funds"].max() == pytest.approx(0.191)
    assert np.nanmax(monthly["lending_standards"].abs()) < 1.0


def test_the_verb(folder, mirror, tmp_path, monkeypatch):
    """It says what changed, keeps no snapshot, and takes no prices."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(public, "PUBLIC_FOLDER", folder)
    edit(mirror / "fred" / "TB3MS.csv", lambda text: text + "2026-06-01,3.6\n")
    command = ["pull", "--public", "--from", str(mirror)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0 and done.stdout == "data/public: 1 series changed: TB3MS\n"
    assert CliRunner().invoke(app, command).stdout == "data/public: 0 series changed\n"
    assert not (tmp_path / "cache" / "current").exists()
    refused = CliRunner().invoke(app, [*command, "--prices", "x"]).exception
    assert isinstance(refused, InputError) and "--public fetches no prices" in str(refused)


def test_a_mirrors_copy_is_not_said_to_be_retrieved(folder, mirror, monkeypatch, tmp_path):
    """The day is that of a fetch from the publisher's address; nothing that ships claims one."""
    shipped = public.load_manifest()
    assert {row["retrieved"] for row in shipped.values()} == {""}
    assert all(len(row["last"]) >= 6 for row in shipped.values())
    for path in folder.iterdir():
        path.unlink()
    pull_public(mirror, folder=folder, cache=tmp_path / "cache")
    assert {row["retrieved"] for row in public.load_manifest(folder).values()} == {""}
    monkeypatch.setattr("analysis.sources.pull._is_publishers", lambda entry, catalogue: True)
    # the same bytes, now from the publisher: the day is known from here on
    pull_public(mirror, folder=folder, cache=tmp_path / "cache")
    days = {row["retrieved"] for row in public.load_manifest(folder).values()}
    assert len(days) == 1 and "" not in days
    monkeypatch.undo()
    pull_public(mirror, folder=folder, cache=tmp_path / "cache")
    assert {row["retrieved"] for row in public.load_manifest(folder).values()} == days


def test_only_the_publishers_own_address_is_a_retrieval():
    """Down to the address of the series."""
    catalogue = load_catalogue()
    source = catalogue.source("fred/CPIAUCSL")
    made = {"id": source.id, "path": source.path, "fetched": "2026-11-26T00:00:00+00:00",
            "sha256": "0" * 64, "size": 1, "first": "1947-01", "last": "2026-07",
            "vintage": "2026-07"}  # fmt: skip
    own = Entry(address=str(catalogue.address(source)), **made)
    mirrored = Entry(address="http://127.0.0.1:8000/fred/CPIAUCSL.csv", **made)
    assert _is_publishers(own, catalogue) and not _is_publishers(mirrored, catalogue)
