"""Two vintages of the same portfolios: what the comparison keeps the same, and what it finds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit import vintages
from analysis.audit.worlds import load_worlds
from analysis.claims import load_claims
from analysis.claims.verdicts import VERDICTS
from analysis.panel import Dataset
from analysis.panel.sizes import sort_names
from analysis.panel.valuation import derive_valuation
from analysis.results import Finding, InputError
from analysis.runs.derivation import DERIVED_FOLDER, VINTAGES_FILE
from analysis.sources import facts

LAST = pd.Period("2010-12", "M")


def made_up(vintage: str, last: str = "2010-12", shift: float = 0.0) -> Dataset:
    """Random portfolios with book values; `shift` is added to small firms' log BE/ME."""
    months = pd.period_range("1949-07", last, freq="M", name="month")
    rng = np.random.default_rng(3)
    names = sort_names("s", "v")
    market = rng.normal(0.006, 0.05, (len(months), 1))
    # a draw for each month and column: a longer sample begins with the shorter one
    own = np.random.default_rng(4).normal(0, 0.03, (len(months), 25))
    monthly = pd.DataFrame(market + own, index=months, columns=names)
    wave = 0.5 + 0.3 * np.sin(np.arange(len(months)) / 20) + shift
    for basis in ("june", "december"):
        monthly[f"bm_small_{basis}"] = np.exp(wave)
        monthly[f"bm_big_{basis}"] = 1.0
    monthly["vw_small"] = monthly[names[:10]].mean(axis=1)
    monthly["vw_big"] = monthly[names[15:]].mean(axis=1)
    return Dataset(
        monthly=monthly,
        facts=facts.load_facts(None),
        data="latest",
        as_of=months[-1],
        valuation=derive_valuation(monthly),
        snapshot="2026-01-01-abc",
        vintages={"french/Other_5x5": "190001", "french/25_Portfolios_5x5": vintage},
    )


@pytest.fixture(scope="module")
def table():
    """The whole comparison once: an older vintage to 2008, a newer one with wider gaps to 2010."""
    newer = made_up("201012", shift=0.4)
    newer = replace(newer, monthly=newer.monthly.assign(bill=0.003, smb=9.9, market=9.9))
    return vintages.vintage_verdicts(made_up("200812", "2008-12"), newer, draws=200)


@pytest.mark.slow
def test_every_claim_is_judged_on_three_histories(table):
    """Each claim and basis has its three lines, at the older vintage's month and at the end."""
    assert list(table.columns) == list(vintages.COLUMNS)
    lines = table.groupby(["claim", "basis"])["history"].agg(list)
    assert set(map(tuple, lines)) == {(vintages.OLDER, vintages.REVISED, vintages.LONGER)}
    seen = table.groupby("history")[["vintage", "as_of"]].first()
    assert list(seen.loc["older"]) == ["200812", "2008-12"]
    assert list(seen.loc["revised"]) == ["201012", "2008-12"]
    assert list(seen.loc["longer"]) == ["201012", "2010-12"]
    assert (table["sample_end"] <= table["as_of"]).all()
    on_bases = table[table["basis"] != ""]
    assert set(on_bases["basis"]) == {"june", "december", "both"}
    assert {"gap-precedes-outperf", "bofa-9-vs-1"} <= set(on_bases["claim"])
    assert {"first-cut-12m", "premium-vanished"} <= set(table["claim"][table["basis"] == ""])


@pytest.mark.slow
def test_only_what_was_revised_moves(table):
    """Returns are the same in both vintages here, book values are not: so say the rows."""
    at = table.set_index(["claim", "basis", "history"])["estimate"].sort_index()
    for claim in ("first-cut-12m", "premium-vanished"):
        assert at[claim, "", "older"] == at[claim, "", "revised"]
        assert at[claim, "", "longer"] != at[claim, "", "revised"]
    ratio = at["gap-book-sales-lower", "june"]
    assert ratio["revised"] / ratio["older"] == pytest.approx(np.exp(0.4))


CLAIMS = load_claims()
ON_A_BASIS = [c for c in load_worlds(CLAIMS).vintages.claims if "basis" in CLAIMS[c].arguments]


@pytest.mark.parametrize("name", ON_A_BASIS)
def test_one_basis_by_itself_is_that_basis(name):
    """Asked for one basis, nothing of the other is in the finding."""
    made, claim = made_up("200812", "2008-12"), load_claims()[name]
    dataset = replace(made, monthly=made.monthly.assign(recession=0))
    wild = dataset.valuation.assign(gap_december=7.0, percentile_december=0.0)
    alone = vintages._finding(replace(dataset, valuation=wild), claim, "s1_s5", "june", 100)
    assert alone == vintages._finding(dataset, claim, "s1_s5", "june", 100)
    # soft landings that began with a wide gap are too few to judge on any history as short
    assert (alone.refusal is None) == (name != "widest-soft-landing")


def test_what_is_seen_ends_with_the_month():
    """Months, Junes, cuts and recessions later than the date are gone."""
    dataset = made_up("201012")
    seen = vintages.seen_at(dataset, pd.Period("2001-10", "M"))
    assert seen.monthly.index[-1] == seen.as_of == pd.Period("2001-10", "M")
    assert seen.valuation.index[-1] == pd.Period("2001-06", "M")
    assert "2007-09" not in set(seen.facts["easing_cycles"]["cycle"])
    # the recession of 2001 was announced in November of that year
    assert seen.monthly["recession"].loc["2001-01":].sum() == 0
    assert vintages.seen_at(dataset, LAST).monthly["recession"].loc["2001-04":"2001-11"].all()


def test_only_the_portfolios_of_the_file_are_compared():
    """SMB, other files' portfolios and the market stay out; rates come from the newer data."""
    dataset = made_up("201012")
    more = dataset.monthly.assign(smb=1.0, me1op1=1.0, bm_small_half_june=1.0, dec1=1.0)
    rates = pd.DataFrame({"bill": 0.001}, index=more.index)
    kept = vintages._portfolios_alone(replace(dataset, monthly=more), rates).monthly
    assert set(kept) == {*dataset.monthly.columns, "bill"}


def test_a_data_set_without_its_vintage_is_refused():
    """The ex-dividend file is another one."""
    named = {"french/25_Portfolios_5x5_Wout_Div": "202407"}
    dataset = replace(made_up("200812"), vintages=named)
    with pytest.raises(InputError, match="no vintage of french/25_Portfolios_5x5 "):
        vintages.vintage_of(dataset)


def test_a_refusal_is_a_row_with_its_reason():
    """Too short a history is said, not left out."""
    claim = load_claims()["premium-vanished"]
    row = vintages._row("older", made_up("200812"), "", claim, Finding.refused("too short"))
    assert (row["verdict"], row["reason"], row["estimate"]) == (None, "too short", None)


def test_the_table_kept_is_judged_by_todays_criteria():
    """No row was judged by a criterion that has changed since; every verdict is one of ours."""
    kept = pd.read_csv(DERIVED_FOLDER / VINTAGES_FILE, comment="#", keep_default_na=False)
    claims = load_claims()
    assert len(kept) and tuple(kept.columns) == vintages.COLUMNS
    for row in kept.itertuples():
        assert row.criterion_hash == claims[row.claim].criterion_hash, row.claim
        assert row.verdict in VERDICTS or row.reason, row.claim
