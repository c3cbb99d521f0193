"""Which series a claim's test reads: what it registers, what its design names, and no more."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs.registry import Sampling, bind, find_design, judge
from analysis.designs.series import cautions_on, drivers_taken, mixed_on, readers_of, series_read
from analysis.pages.cards import notes_of
from analysis.pages.provenance import mixture_words
from analysis.panel import Dataset, load_dataset
from analysis.panel.columns import COLUMNS
from analysis.results import Finding

CLAIMS = load_claims()
MONTHS = pd.period_range("1960-01", "2020-12", freq="M", name="month")

#: Designs that take a second at most on the bundled data.
QUICK = (
    *("rate-sensitive", "credit-gate", "inflation-hurts", "real-wages-help", "dollar"),
    *(
        "floating-debt-benefit",
        "debt-sensitivity-gap",
        "confirmation-first",
        "slowdown-hurts-small",
    ),
    *("sectors-lead", "higher-volatility", "barbell", "quality-screen", "value-tilt"),
)


@pytest.mark.parametrize(
    ("claim", "read", "not_read"),
    [
        ("rate-sensitive", {"fred/FEDFUNDS", "fred/GS10", "fred/DFEDTAR, fred/DFEDTARU"},
         {"fred/AHETPI", "fred/DRTSCILM", "prices/SPY"}),
        ("dollar", {"fred/DTWEXBGS, fred/TWEXBMTH"}, {"fred/FEDFUNDS", "fred/GS10"}),
        ("credit-gate", {"fred/BAMLH0A0HYM2", "fred/BAA", "fred/DRTSCILM", "fred/DRTSCIS"},
         {"fred/FEDFUNDS"}),
        ("real-wages-help", {"fred/AHETPI", "fred/CPIAUCSL"}, {"fred/BAA"}),
        ("volatility-hurts", {"fred/VIXCLS", "french/F-F_Research_Data_Factors_daily"}, set()),
        ("quality-screen", {"french/25_Portfolios_ME_OP_5x5"}, {"prices/SPY"}),
        ("size-abroad", {"french/Japan_5_Factors", "french/Europe_3_Factors"}, set()),
        ("size-without-junk", {"french/Developed_ex_US_5_Factors"}, {"french/Europe_3_Factors"}),
        ("gaps-close", {"french/25_Portfolios_5x5"}, {"fred/FEDFUNDS"}),
        ("easing-with-gap", {"fred/FEDFUNDS", "fred/BAA", "fred/AAA"}, {"fred/GS10"}),
        ("avuv-vs-peers", {"prices/AVUV", "prices/IJS"}, {"prices/SPY"}),
        ("outlook-003", {"prices/VB", "fred/DTWEXBGS, fred/TWEXBMTH"}, {"fred/BAA"}),
        ("pe-18-26", set(), {"french/F-F_Research_Data_Factors"}),
        ("retail-share", set(), {"french/F-F_Research_Data_Factors"}),
    ],
)  # fmt: skip
def test_what_is_read_is_named(claim, read, not_read):
    """Of the latest files, those of the registered arguments and grid, and of the design's code."""
    found = set(series_read(CLAIMS[claim], "latest"))
    assert read <= found and not found & not_read


@pytest.mark.parametrize("claim", QUICK)
def test_no_column_is_read_that_is_not_named(claim, monkeypatch):
    """Every column a design takes from the bundled panel comes from a source it names."""
    dataset = load_dataset("bundled")
    monthly = [one for one in COLUMNS if one.table == "monthly"]
    names = {name: one.sources.get("bundled") for one in monthly for name in one.names}
    taken: set[str] = set()
    plain = pd.DataFrame.__getitem__

    def watched(self, key):
        if self is dataset.monthly:
            keys = [key] if isinstance(key, str) else list(key) if isinstance(key, list) else []
            taken.update(one for one in keys if isinstance(one, str))
        return plain(self, key)

    monkeypatch.setattr(pd.DataFrame, "__getitem__", watched)
    design = find_design(CLAIMS[claim].design)
    design(dataset, bind(CLAIMS[claim], {}), Sampling(50, 1))
    monkeypatch.undo()
    read = set(series_read(CLAIMS[claim], "bundled"))
    assert {name for name in taken if names.get(name) not in read} == set()


def test_what_nothing_reads_is_not_there():
    """The catalogue's other way round: a file's readers, and none for what is only kept."""
    readers = readers_of(CLAIMS.values())
    assert "exposure" in readers["fred/FEDFUNDS"] and "survey_shares" in readers["fred/DRTSCILM"]
    assert "shiller/ie_data" not in readers and "fred/DFEDTARL" not in readers


def made(last: str = "2020-12", **oddities: str) -> Dataset:
    noise = np.random.default_rng(1).normal(0, 0.02, len(MONTHS))
    frame = pd.DataFrame({"smb": noise, "hourly_earnings": 10.0, "cpi": 100.0}, index=MONTHS)
    frame.loc[pd.Period(last, "M") < MONTHS, "hourly_earnings"] = np.nan
    return Dataset(frame, {}, "latest", MONTHS[-1], snapshot="made up", oddities=oddities)


def test_a_series_that_ends_early_is_said_where_it_is_read():
    """On the claim of wages and on no other; a month's delay is no news, and a cut removes it."""
    wages, rates = CLAIMS["real-wages-help"], CLAIMS["rate-sensitive"]
    said = cautions_on(wages, made("2020-05"))
    assert said == {"fred/AHETPI": "ends in May 2020, 7 months before the returns"}
    assert cautions_on(rates, made("2020-05")) == {}
    assert cautions_on(wages, made("2020-11")) == {}
    cut = dataclasses.replace(made("2020-05"), monthly=made("2020-05").monthly.loc[:"2020-05"])
    assert cautions_on(wages, cut) == {}


def test_what_was_accepted_though_odd_stands_on_the_card():
    """From the snapshot to the record, and from the record to the card's words."""
    dataset = dataclasses.replace(
        made(),
        oddities={"fred/AHETPI": "is a price return: it falls behind", "fred/GS10": "is odd"},
    )
    finding = Finding(
        estimate=0.0, unit="x", null="none", n=9, mde=1.0, sample_start="1965-02",
        sample_end="2020-12", finding="nothing",
        measures={"slope": 0.0, "slope_p": 0.9, "slope_high": 1.0}, p_value=0.9,
    )  # fmt: skip
    record = judge(CLAIMS["real-wages-help"], finding, dataset).as_record()
    assert record["cautions"] == {"fred/AHETPI": "is a price return: it falls behind"}
    said = "FRED’s series “AHETPI” is a price return: it falls behind."
    assert ("About the data", said) in notes_of(record)
    inside = {"The driver “rates”": "is made of the target (fred/DFEDTAR, fred/DFEDTARU)"}
    told = dict(notes_of(record | {"cautions": inside}))["About the data"]
    assert told.endswith("(FRED’s series “DFEDTAR”, FRED’s series “DFEDTARU”).")


def test_the_bundled_portfolios_say_that_they_end_before_the_factors():
    """Twenty months lie between them."""
    said = cautions_on(CLAIMS["rate-sensitive"], load_dataset("bundled"))
    assert said == {
        "linearmodels.datasets.french": "ends in March 2017, 20 months before the returns"
    }


def test_the_record_says_which_series_a_driver_is():
    """All prices where the data hold them, core prices where not, nothing where neither is held."""
    claim, whole = CLAIMS["inflation-hurts"], load_dataset("bundled")
    driver = "The driver “inflation: all prices, else core prices”"
    assert "data/public/CPIAUCSL.csv" in drivers_taken(claim, whole)[driver]
    core = dataclasses.replace(whole, monthly=whole.monthly.drop(columns="cpi"))
    assert "CPILFESL" in drivers_taken(claim, core)[driver] or (
        "less food and energy" in drivers_taken(claim, core)[driver]
    )
    bare = dataclasses.replace(core, monthly=core.monthly.drop(columns="core_cpi"))
    assert drivers_taken(claim, bare) == {}
    assert drivers_taken(claim, whole).items() <= cautions_on(claim, whole).items()


def test_a_claim_on_falling_rates_says_which_rate():
    """The funds rate, or the bill where the data lack it; a claim of another state says nothing."""
    whole = load_dataset("bundled")
    [said] = drivers_taken(CLAIMS["easing-with-gap"], whole).values()
    assert "data/public/FEDFUNDS.csv" in said
    bill = dataclasses.replace(whole, monthly=whole.monthly.drop(columns="fed_funds"))
    [said] = drivers_taken(CLAIMS["easing-with-gap"], bill).values()
    assert "one-month Treasury bill" in said
    assert drivers_taken(CLAIMS["margin-of-safety"], whole) == {}
    assert drivers_taken(CLAIMS["loan-duration"], whole) == {}


def test_revised_series_stand_on_the_cards_of_claims_that_read_them():
    """Prices on the claim on inflation, the dollar on its own, on a claim on rates neither."""
    whole = load_dataset("bundled")
    assert set(mixed_on(CLAIMS["inflation-hurts"], whole, frozenset())) == {
        "data/public/CPIAUCSL.csv"
    }
    dollar = mixed_on(CLAIMS["dollar"], whole, frozenset())
    assert set(dollar) == {"data/public/DTWEXBGS.csv", "data/public/TWEXBMTH.csv"}
    assert mixed_on(CLAIMS["rate-sensitive"], whole, frozenset()) == {}
    gap = mixed_on(CLAIMS["gap-precedes-outperf"], whole, frozenset({"valuation"}))
    assert set(gap) == {"valuation"}
    words = mixture_words(dollar)
    assert words.startswith("Revised after their month, and not as first published: the broad")
    assert "ends in July 2026" in words and "valuation" not in words
    assert "earlier vintage" in mixture_words(gap) and "Revised" not in mixture_words(gap)
    assert mixture_words({}) == ""
