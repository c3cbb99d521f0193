"""What a data set says of itself: how far its tables reach, and which of them are read."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.panel import Dataset, load_dataset
from analysis.panel.columns import REVISED
from analysis.panel.dataset import FACTS, TABLES
from analysis.sources.derived import load_valuation_gap, stated_vintage, valuation_gap_vintage
from analysis.sources.public import load_manifest


@pytest.mark.parametrize("as_of", ["1931-06", "1979-12", "2007-12", "2018-11"])
def test_a_month_cuts_every_bundled_table(as_of):
    """No table holds anything later than the month; what it is called is the month."""
    seen = load_dataset("bundled", as_of)
    assert (seen.asked, str(seen.as_of), seen.reaches["monthly"]) == (as_of, as_of, as_of)
    assert [name for name, last in seen.reaches.items() if last > as_of] == []


def test_newest_names_no_month_and_cuts_no_fact():
    """Returns end in November 2018; figures published in 2026 are seen, and that is said."""
    newest = load_dataset("bundled")
    assert (newest.asked, newest.cut_at, newest.reaches["monthly"]) == ("newest", None, "2018-11")
    assert newest.reaches[f"{FACTS}forward_pe"] >= "2026-02"
    assert newest.reaches["valuation"] == "2018-06"
    cut = load_dataset("bundled", "2018-11")
    assert cut.reaches[f"{FACTS}forward_pe"] < "2018-12"
    assert cut.monthly.shape == newest.monthly.shape


def test_a_table_reaches_to_its_last_row_and_a_fact_to_the_month_it_was_known():
    """A day for tables by day, the latest month named for dates, nothing for what is empty."""
    months = pd.period_range("2000-01", "2000-03", freq="M")
    days = pd.DatetimeIndex(["2000-01-03", "2000-04-07"])
    known = pd.PeriodIndex(["2000-02", "2000-12", None], freq="M")
    facts = {
        "published": pd.DataFrame(
            {"known_month": known, "precision": ["day", "year", "unknown"],
             "published_on": ["2000-02-01", "2000", ""]}
        ),
        "dates": pd.DataFrame({"peak": months, "day": days.append(days[:1]), "word": "x"}),
        "empty": pd.DataFrame({"peak": months[:0]}),
    }  # fmt: skip
    dataset = Dataset(
        pd.DataFrame({"a": 1.0}, index=months), facts, "latest", months[-1],
        daily=pd.DataFrame({"a": 1.0}, index=days), funds=pd.DataFrame(),
    )  # fmt: skip
    assert dataset.reaches == {
        "monthly": "2000-03", "daily": "2000-04-07", "facts/published": "2000-02",
        "facts/dates": "2000-04",
    }  # fmt: skip


def test_what_is_read_is_noted_and_nothing_else():
    """A table counts when it is read, a table of facts by its name; the data are the same."""
    whole = load_dataset("bundled")
    watched, read = whole.watched()
    assert (watched.data, watched.as_of, watched.reaches.keys()) == (
        whole.data, whole.as_of, whole.reaches.keys(),
    )  # fmt: skip
    read.clear()
    assert watched.asked == "newest" and read == set()
    assert watched.valuation is whole.valuation and read == {"valuation"}
    assert watched.facts["nber_cycles"] is whole.facts["nber_cycles"]
    assert read == {"valuation", "facts/nber_cycles"}
    assert len(watched.facts) == len(whole.facts) and set(watched.facts) == set(whole.facts)
    assert read == {"valuation", "facts/nber_cycles"}
    assert isinstance(watched, Dataset) and watched.monthly is whole.monthly
    assert set(TABLES) - read == {"rates", "daily", "funds"}


def test_the_derived_gap_is_of_another_vintage_and_the_data_set_says_so():
    """The bundled returns are of 2018; the gap beside them is computed from a later vintage."""
    whole = load_dataset("bundled")
    tables = {name: one for name, one in whole.mixed.items() if name not in REVISED}
    assert tables == {"valuation": valuation_gap_vintage()}
    assert load_dataset("bundled", "2007-12").mixed == whole.mixed
    assert stated_vintage("# of 25 portfolios, vintage 202604; do not edit\n") == "202604"
    assert stated_vintage("june,gap_june\n") is None


def test_shipped_series_that_are_revised_are_named_and_no_rate_is():
    """Consumer prices, earnings and the dollar, each with the last month its copy has."""
    mixed = load_dataset("bundled").mixed
    assert set(REVISED) == set(mixed) - {"valuation"}
    assert mixed["data/public/CPIAUCSL.csv"] == load_manifest()["CPIAUCSL"]["last"].replace("-", "")
    shipped = {f"data/public/{name}.csv" for name in load_manifest()}
    assert set(REVISED) < shipped and not any("FED" in one or "GS10" in one for one in REVISED)


def test_without_the_derived_table_nothing_is_mixed(tmp_path):
    """No table, no vintage."""
    assert valuation_gap_vintage(tmp_path) is None and load_valuation_gap(None, tmp_path) is None
