"""Tests of the catalogue of the latest data."""

import json

import pytest
import yaml

from analysis.results import InputError
from analysis.sources.catalog import CATALOGUE_FILE, load_catalogue
from analysis.sources.readers import read_source


def test_every_source_says_all():
    """Each source has an https address, a licence, a citation and a place of its own."""
    catalogue = load_catalogue()
    assert len(catalogue.ids) >= 20
    for source in catalogue.sources:
        assert catalogue.address(source).startswith("https://")
        assert source.licence and source.citation and source.unit and source.first
        assert source.path.startswith(source.id)
    paths = [source.path for source in catalogue.sources]
    assert len(set(paths)) == len(paths)


def test_addresses():
    """The publishers' names are put behind the publishers' base addresses."""
    catalogue = load_catalogue()
    address = catalogue.address(catalogue.source("french/25_Portfolios_5x5"))
    assert address.endswith("dartmouth.edu/pages/faculty/ken.french/ftp/25_Portfolios_5x5_CSV.zip")
    address = catalogue.address(catalogue.source("fred/GS10"))
    assert address == "https://fred.stlouisfed.org/graph/fredgraph.csv?id=GS10"
    assert catalogue.address(catalogue.source("prices/SPY")) is None


def test_any_ticker_is_known_and_nothing_else():
    """Funds beyond those the book asks for have an entry; unknown names are refused by name."""
    catalogue = load_catalogue()
    assert "prices/IWM" in catalogue.price_ids()
    assert catalogue.source("prices/BRK-B").path == "prices/BRK-B.csv"
    for unknown in ("fred/NONE", "prices/../x", "spy", "prices/spy"):
        with pytest.raises(InputError, match="no source is called"):
            catalogue.source(unknown)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda raw: raw["sources"][0].update(colour="red"), "5x5.colour"),
        (lambda raw: raw["sources"][0].update(reader="excel"), "5x5.reader"),
        (lambda raw: raw["sources"][0].update(id="french/../x"), "x.id"),
        (lambda raw: raw["sources"].append(dict(raw["sources"][0])), "same id"),
        (lambda raw: raw["sources"][0].update(publisher="nobody"), "licence|publisher"),
        (lambda raw: raw["sources"][-1]["tables"]["data"].update(range=[1, 0]), "is empty"),
        (lambda raw: raw.pop("prices"), "prices"),
        (lambda raw: raw.pop("sources"), "no catalogue"),
    ],
)
def test_faults_are_named(tmp_path, change, complaint):
    """A fault in the file is named with its place."""
    raw = yaml.safe_load(CATALOGUE_FILE.read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / "sources.yml"
    plain = json.loads(json.dumps(raw, default=str))
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    with pytest.raises(InputError, match=complaint):
        load_catalogue(path)


def test_unreadable(tmp_path):
    """A missing file and one that is no YAML are refused."""
    with pytest.raises(InputError, match="cannot be read"):
        load_catalogue(tmp_path / "none.yml")
    (tmp_path / "bad.yml").write_text("a: [1")
    with pytest.raises(InputError, match="not valid YAML"):
        load_catalogue(tmp_path / "bad.yml")


def test_entries_hold_files_to_account(small_catalogue, formats):
    """A renamed column, an absent table, a late start or an implausible value is refused."""
    source = load_catalogue().source("french/6_Portfolios_2x3")
    good = formats.french()
    reading = read_source(source, formats.zipped(good))
    assert (reading.vintage, reading.first, reading.last) == ("202112", "2020-01", "2021-12")
    for spoiled, complaint in (
        (good.replace("SMALL LoBM", "SMALL BM1"), "no column 'SMALL LoBM'"),
        (good.replace("ME2 BM2,BIG HiBM", "BIG HiBM,ME2 BM2"), "the columns"),
        (good.replace("Number of Firms in Portfolios", "Count"), "no table firms"),
        (good.replace("0.6000", "999.000", 1), "999 for ME1 BM2 in 2020-01, outside its plausible"),
    ):
        with pytest.raises(InputError, match=complaint) as caught:
            read_source(source, formats.zipped(spoiled))
        assert source.path in str(caught.value)
    late = source.model_copy(update={"first": "2019-12"})
    with pytest.raises(InputError, match="starts in 2020-01, later than 2019-12"):
        read_source(late, formats.zipped(good))


@pytest.mark.publishers
def test_real_files(publishers_folder):
    """Each of the publishers' files passes its reader and its entry."""
    catalogue = load_catalogue()
    there = [one for one in catalogue.sources if (publishers_folder / one.path).exists()]
    assert there
    for source in there:
        assert read_source(source, publishers_folder / source.path).last >= "2008-12-15"
