"""The latest data as one panel."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from analysis.panel import (
    BASES,
    LEGS,
    Dataset,
    gaps,
    latest,
    legs_of,
    load_dataset,
    small_minus_large,
    vintage,
)
from analysis.panel.rates import month_end_target, published_survey
from analysis.panel.recessions import recession_flags
from analysis.panel.sizes import sort_names, weighted_mean
from analysis.panel.valuation import GROUPS, characteristics, derive_valuation, share_no_higher
from analysis.panel.vintage import vintage_dataset
from analysis.results import InputError
from analysis.sources import facts
from analysis.sources.readers import Reading
from analysis.sources.snapshots import Entry, Snapshot, load_snapshot, read_tables


@pytest.fixture
def pulled(tables, tmp_path, monkeypatch) -> Snapshot:
    """A snapshot of the made-up tables in place of the one on disk."""
    entries = tuple(
        Entry(
            id=id,
            path=id,
            address="made up",
            fetched="2010-03-01",
            sha256="0" * 64,
            size=1,
            vintage="200812" if "6_Portfolios" in id else "200912",
            first="2005-01",
            last="2009-12",
        )
        for id in sorted(tables)
    )
    snapshot = Snapshot(name="2010-03-01-00000000", created="", entries=entries, cache=tmp_path)
    monkeypatch.setattr(latest, "load_snapshot", lambda name=None: snapshot)
    monkeypatch.setattr(latest, "read_tables", lambda _, id: tables[id])
    monkeypatch.setattr(facts, "load_facts", lru_cache(facts.load_facts))  # they do not change
    return snapshot


@pytest.fixture(scope="module")
def real(real_cache) -> Dataset:
    """The real latest data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMALLCAP_CACHE", str(real_cache))
        return load_dataset("latest")


def days(values: dict[str, float]) -> pd.Series:
    series = pd.Series(values)
    return series.set_axis(pd.DatetimeIndex(series.index))


def test_months_are_those_of_the_factors_and_in_decimals(tables):
    """No gap, no month the factors lack; a series that ends earlier is NaN, not carried on."""
    frame = latest.monthly_frame(tables)
    assert (str(frame.index[0]), str(frame.index[-1])) == ("2005-01", "2009-12")
    assert len(frame) == 60 and frame.columns.is_unique
    assert frame["small_half"].last_valid_index() == pd.Period("2008-12", "M")
    first = tables[latest.FACTORS]["monthly"].iloc[0]
    assert frame["market"].iloc[0] == pytest.approx((first["Mkt-RF"] + first["RF"]) / 100)
    assert frame["fed_funds"].iloc[10] == pytest.approx(0.010)
    assert set(LEGS) == set(legs_of(frame))


def test_portfolios_stand_under_the_panel_s_names(tables):
    """First row, first column is the smallest of the lowest; the size is named before the other."""
    frame = latest.monthly_frame(tables)
    value, profit = tables[latest.SIZE_VALUE], tables[latest.SIZE_PROFIT]
    for name, column in {"s1v1": "SMALL LoBM", "s2v5": "ME2 BM5", "s5v1": "BIG LoBM"}.items():
        np.testing.assert_allclose(frame[name], value["vw_monthly"][column] / 100)
    np.testing.assert_allclose(frame["me4op2"], profit["vw_monthly"]["ME4 OP2"] / 100)
    sizes = tables[latest.SIZES]["vw_monthly"]
    np.testing.assert_allclose(frame["dec2"], sizes["Dec 2"] / 100)
    np.testing.assert_allclose(frame["hi30"], sizes["Hi 30"] / 100)


def test_weighted_mean_by_hand():
    """A portfolio without firms or without a value counts for nothing; none at all gives NaN."""
    values = pd.DataFrame({"a": [0.1, 0.1, np.nan, 0.1], "b": [0.4, 0.4, np.nan, np.nan]})
    weights = pd.DataFrame({"a": [1.0, 0.0, 1.0, 3.0], "b": [3.0, 2.0, 1.0, 1.0]})
    mean = weighted_mean(values, weights)
    assert list(mean[:2]) == pytest.approx([0.325, 0.4])
    assert np.isnan(mean[2]) and mean[3] == pytest.approx(0.1)


def test_halves_and_tenths_are_weighted_by_capitalisation(tables):
    """Month by month against a loop: firms times size beside the return are the weights."""
    frame = latest.monthly_frame(tables)
    for file, columns, ours in (
        (latest.HALVES, slice(0, 3), "small_half"),
        (latest.HALVES, slice(3, 6), "big_half"),
        (latest.SIZES, slice(10, 14), "d2d5"),
    ):
        part = {name: table.iloc[:, columns] for name, table in tables[file].items()}
        for at, month in enumerate(part["firms"].index):
            weights = part["firms"].to_numpy()[at] * part["size"].to_numpy()[at]
            mean = np.average(part["vw_monthly"].to_numpy()[at], weights=weights)
            assert frame.loc[month, ours] == pytest.approx(mean / 100)
    assert list(tables[latest.SIZES]["size"].columns[10:14]) == ["Dec 2", "Dec 3", "Dec 4", "Dec 5"]


def test_book_to_market_is_aggregated_and_known_at_the_month_s_end(tables):
    """June holds the portfolios whose first return is July's, each weighted by its firms' worth."""
    file = tables[latest.SIZE_VALUE]
    book = characteristics(file)
    july = pd.Period("2006-07", "M")
    total = worth = 0.0
    for column in file["firms"].columns[:10]:
        capital = file["firms"].loc[july, column] * file["size"].loc[july, column]
        worth += capital * file["beme_june"].loc[july, column]
        total += capital
    assert book.loc[july - 1, "bm_small_june"] == pytest.approx(worth / total)
    assert book.loc[july - 1, "firms_small"] == file["firms"].loc[july].iloc[:10].sum()
    assert str(book.index[-1]) == "2009-11"


def test_returns_of_a_group_are_those_of_its_firms(tables):
    """The two largest fifths by a loop, and the smallest fifth alone."""
    file, frame = tables[latest.SIZE_VALUE], latest.monthly_frame(tables)
    worth = (file["firms"] * file["size"]).to_numpy()
    returns = file["vw_monthly"].to_numpy() / 100
    for name, places in {"vw_big": slice(15, 25), "vw_lo20": slice(0, 5)}.items():
        means = [
            np.average(r[places], weights=w[places]) for r, w in zip(returns, worth, strict=True)
        ]
        np.testing.assert_allclose(frame[name], means)


def test_the_bases_are_not_exchanged(tables):
    """A change of the December table moves the December columns alone, of all groups."""
    file = tables[latest.SIZE_VALUE]
    before = characteristics(file)
    after = characteristics({**file, "beme_december": file["beme_december"] * 2})
    moved = [name for name in before if not before[name].equals(after[name])]
    assert moved == [f"bm_{group}_december" for group in GROUPS]


def test_gap_and_percentile_of_each_june():
    """Three Junes by hand; the percentile knows no later June."""
    months = pd.period_range("2000-06", "2002-06", freq="M")
    names = [f"bm_{group}_{basis}" for group in ("small", "big") for basis in BASES]
    book = pd.DataFrame(1.0, index=months, columns=names)
    book.loc[months.month == 6, "bm_small_june"] = [2.0, 3.0, 2.5]
    table = derive_valuation(book)
    assert list(table.index.astype(str)) == ["2000-06", "2001-06", "2002-06"]
    np.testing.assert_allclose(table["gap_june"], np.log([2.0, 3.0, 2.5]))
    np.testing.assert_allclose(table["percentile_june"], [1.0, 1.0, 2 / 3])
    np.testing.assert_allclose(table["percentile_december"], 1.0)


def test_share_no_higher_against_a_loop():
    """Ties count as no higher."""
    values = np.random.default_rng(3).integers(0, 9, 60).astype(float)
    by_loop = [np.mean(values[: at + 1] <= value) for at, value in enumerate(values)]
    np.testing.assert_allclose(share_no_higher(pd.Series(values)), by_loop)


def test_target_is_that_announced_by_the_month_s_end():
    """A cut decided on 31 July and in effect on 1 August belongs to July; a month goes on to its
    last day, and the day after must be known."""
    single = days({f"2008-12-{day:02d}": 1.0 for day in range(1, 16)})
    upper = pd.Series(0.25, index=pd.date_range("2008-12-16", "2009-03-01"))
    upper.loc["2009-02-01":] = 0.10
    target = month_end_target(single, upper)
    assert dict(zip(target.index.astype(str), target, strict=True)) == {
        "2008-12": 0.25,
        "2009-01": 0.10,
        "2009-02": 0.10,
    }


def test_survey_is_known_in_the_second_month_and_for_three():
    """The April survey stands from May to July; an overdue one is NaN."""
    survey = pd.Series([50.0, 40.0], index=pd.period_range("1990Q2", periods=2, freq="Q"))
    months = pd.period_range("1990-04", "1990-12", freq="M")
    known = published_survey(survey, months)
    np.testing.assert_array_equal(known, [np.nan, 50, 50, 50, 40, 40, 40, np.nan, np.nan])


def test_recession_months():
    """From the month after the peak to the trough; an open one goes on."""
    months = pd.period_range("2000-01", "2000-08", freq="M")
    cycles = pd.DataFrame(
        {
            "peak": pd.PeriodIndex(["2000-01", "2000-06"], freq="M"),
            "trough": pd.PeriodIndex(["2000-03", "NaT"], freq="M"),
        }
    )
    assert list(recession_flags(months, cycles)) == [0, 1, 1, 0, 0, 0, 1, 1]


def test_newest_cuts_nothing_and_says_how_far_each_table_reaches(pulled, tables):
    """Factors decide which month is the last of the panel; prices and daily returns may go on."""
    days_after = pd.bdate_range("2009-12-01", "2010-02-26", name="day")
    tables["prices/SPY"] = {"Close": pd.DataFrame({"Close": 100.0}, index=days_after)}
    entry = pulled.entries[0].model_copy(update={"id": "prices/SPY"})
    with_prices = pulled.model_copy(update={"entries": (*pulled.entries, entry)})
    assert latest.funds_frame(pulled) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latest, "load_snapshot", lambda name=None: with_prices)
        whole = latest.load_latest()
    assert whole.as_of == whole.monthly.index[-1] == pd.Period("2009-12", "M")
    assert whole.asked == "newest" and whole.cut_at is None
    assert whole.funds.index[-1] == days_after[-1]
    assert whole.daily.index[-1] == pd.Timestamp("2010-01-29")
    assert {name: whole.reaches[name] for name in ("monthly", "daily", "funds", "valuation")} == {
        "monthly": "2009-12", "daily": "2010-01-29", "funds": "2010-02-26", "valuation": "2009-06",
    }  # fmt: skip
    assert list(whole.funds) == ["SPY"] and list(whole.daily) == ["market", "smb", "bill"]
    assert whole.valuation.index[-1] == pd.Period("2009-06", "M")
    assert whole.snapshot == "2010-03-01-00000000"
    assert set(whole.vintages) == {id for id in with_prices.ids() if id.startswith("french/")}
    assert whole.vintages[latest.HALVES] == "200812"
    assert whole.vintages[latest.SIZE_VALUE] == "200912"
    assert load_dataset("latest", "2008-06").vintages == whole.vintages


@pytest.mark.parametrize("as_of", ["2008-06", "2009-11"])
def test_a_month_cuts_every_table(pulled, tables, as_of):
    """Returns, daily returns, prices, the gap and the facts end with the month, or before it."""
    days = pd.bdate_range("2005-01-03", "2010-02-26", name="day")
    tables["prices/SPY"] = {"Close": pd.DataFrame({"Close": 100.0}, index=days)}
    entry = pulled.entries[0].model_copy(update={"id": "prices/SPY"})
    with_prices = pulled.model_copy(update={"entries": (*pulled.entries, entry)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latest, "load_snapshot", lambda name=None: with_prices)
        seen = load_dataset("latest", as_of)
    assert seen.asked == str(seen.as_of) == as_of
    assert {"monthly", "rates", "daily", "funds", "valuation"} < set(seen.reaches)
    assert [name for name, last in seen.reaches.items() if last[:7] > as_of] == []
    assert seen.reaches["funds"][:7] == seen.reaches["daily"][:7] == as_of


def test_a_later_month_changes_nothing_before_it(pulled, tables):
    """Cut at June 2008, the panel of a wild future is that of a tame one, table by table.

    What June knows stands beside July in the files by BE/ME and a day later in the targets.
    """
    tame, newest = load_dataset("latest", "2008-06"), load_dataset("latest").monthly
    ahead = {latest.SIZE_VALUE, latest.HALVES, "fred/DFEDTAR", "fred/DFEDTARU"}
    for id, held in tables.items():
        last = pd.Period("2008-07" if id in ahead else "2008-06", "M")
        for name, frame in held.items():
            daily = isinstance(frame.index, pd.DatetimeIndex)
            months = frame.index.to_period("M") if daily else frame.index.asfreq("M", "start")
            held[name] = frame + 9.0 * np.asarray(months > last)[:, None]
            held[name].attrs = frame.attrs
    wild, later = load_dataset("latest", "2008-06"), load_dataset("latest").monthly
    for name in ("monthly", "rates", "valuation", "daily"):
        pd.testing.assert_frame_equal(getattr(tame, name), getattr(wild, name))
    moved = (newest != later) & newest.notna()
    assert moved.loc["2008-11"].drop("recession").all()


def test_without_a_snapshot_the_remedy_is_named(tmp_path, monkeypatch):
    """The message says to pull."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="run `smallcap pull`"):
        load_dataset("latest")


def test_a_vintage_holds_its_own_file_and_nothing_else(tables, tmp_path, monkeypatch):
    """Returns and book values of the one file; no series of another vintage beside them."""
    held = Reading(tables[latest.SIZE_VALUE], "200912", "2005-01", "2009-12")
    monkeypatch.setattr(vintage, "read_source", lambda source, path: held)
    path = tmp_path / "french" / "25_Portfolios_5x5_CSV.zip"
    path.parent.mkdir()
    path.touch()
    old, now = vintage_dataset(tmp_path), latest.monthly_frame(tables)
    assert (str(old.as_of), old.snapshot) == ("2009-12", None)
    assert old.vintages == {latest.SIZE_VALUE: "200912"}
    names = [name for name in old.monthly if name != "recession"]
    pd.testing.assert_frame_equal(old.monthly[names], now[names])
    assert not {"smb", "market", "bill", "lo30", "small_half"} & set(names)
    assert vintage_dataset(tmp_path, now["bill"]).monthly["bill"].equals(now["bill"])
    assert str(old.valuation.index[-1]) == "2009-06"


def test_a_folder_without_the_file_is_no_vintage(tmp_path):
    """The message names the file that is looked for."""
    with pytest.raises(InputError, match="25_Portfolios_5x5_CSV"):
        vintage_dataset(tmp_path)


#: Columns that are levels, not returns, rates or shares.
LEVELS = ["cpi", "cape", "hourly_earnings", "broad_dollar"]


@pytest.mark.publishers
def test_real_panel_is_whole_and_finite(real):
    """Every column ARCHITECTURE.md names is there, finite, and no return looks like a per cent."""
    frame = real.monthly
    assert legs_of(frame) == tuple(LEGS)
    values = frame.drop(
        columns=[c for c in frame if c.startswith(("op_", "bm_", "firms_", "cap_"))]
    )
    assert np.isfinite(frame.fillna(0.0)).all().all()
    assert values.drop(columns=LEVELS).abs().max().max() < 2.0
    blank = frame["cpi"].loc["1947":].isna()
    assert list(blank[blank].index.astype(str)) == ["2025-10"]


@pytest.mark.publishers
def test_real_factors_meet_the_published_means(real):
    """Fama and French (1993), table 2, 1963:07 to 1991:12: market .43, SMB .27, HML .40 a month."""
    means = 100 * real.monthly.loc["1963-07":"1991-12", ["market_excess", "smb", "hml"]].mean()
    assert means.to_list() == pytest.approx([0.43, 0.27, 0.40], abs=0.03)


@pytest.mark.publishers
def test_real_weights_give_back_what_is_published(real, real_cache):
    """Tenths weighted by capitalisation are French's groups; halves move with SMB."""
    file = read_tables(load_snapshot(None, real_cache), latest.SIZES)
    worth = file["firms"] * file["size"]
    for group, parts in {"Hi 30": ["Dec 8", "Dec 9", "Hi 10"], "Hi 20": ["Dec 9", "Hi 10"]}.items():
        beside = weighted_mean(file["vw_monthly"][parts], worth[parts])
        before = weighted_mean(file["vw_monthly"][parts], worth[parts].shift())
        published = file["vw_monthly"][group]
        assert (beside - published).abs().mean() < 0.005 < (before - published).abs().mean()
    halves = small_minus_large(real.monthly, "halves")
    assert halves.corr(real.monthly["smb"]) > 0.9
    # the 25 portfolios hold the firms with a positive book value, the deciles all; other vintages
    for ours, theirs in {"vw_lo20": "lo20", "vw_hi20": "hi20"}.items():
        assert real.monthly[ours].corr(real.monthly[theirs]) > 0.99


@pytest.mark.publishers
def test_groups_are_the_unions_of_fifths_nearest_to_the_claims(real_cache):
    """Lo40 is nearer to Lo30 than Lo20 is, Hi40 to Hi30 than Hi20, by capitalisation."""
    file = read_tables(load_snapshot(None, real_cache), latest.SIZES)
    worth = file["firms"] * file["size"]
    for target, one, second in (("Lo 30", "Lo 20", "Qnt 2"), ("Hi 30", "Hi 20", "Qnt 4")):
        fifth, two = worth[one], worth[one] + worth[second]
        away = [np.log(union / worth[target]).abs().mean() for union in (fifth, two)]
        assert away[1] < away[0]
    assert (GROUPS["small"], GROUPS["big"]) == ((1, 2), (4, 5))


@pytest.mark.publishers
def test_real_recessions_are_usrec(real, real_cache):
    """The flags of the fact table are FRED's, month by month."""
    theirs = read_tables(load_snapshot(None, real_cache), "fred/USREC")["USREC"]["USREC"]
    both = real.monthly["recession"].index.intersection(theirs.index)
    assert len(both) > 1100
    assert real.monthly["recession"][both].equals(theirs[both])


@pytest.mark.publishers
def test_real_rates_go_on_where_the_returns_end(real):
    """Each is that of the monthly panel as far as returns go, and prices and target go further."""
    shared = real.monthly.columns.intersection(real.rates.columns)
    both = real.monthly.index.intersection(real.rates.index)
    assert {"target", "cpi", "fed_funds", "gs10", "lending_standards"} <= set(shared)
    pd.testing.assert_frame_equal(
        real.monthly.loc[both, shared], real.rates.loc[both, shared], check_freq=False
    )
    for name in ("target", "cpi", "gs10"):
        assert real.rates[name].last_valid_index() > real.as_of, name


@pytest.mark.publishers
def test_real_target_falls_in_the_month_of_the_decision(real):
    """31 July 2019 and 18 September 2007: both dating rules."""
    target = real.monthly["target"]
    assert (target["2019-06"], target["2019-07"]) == (0.025, 0.0225)
    assert (target["2007-08"], target["2007-09"]) == (0.0525, 0.0475)


@pytest.mark.publishers
def test_real_panel_cut_at_a_month_is_its_own_start(real, real_cache, monkeypatch):
    """As of 2007-12 nothing later is seen, and what is seen is the same."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(real_cache))
    cut = load_dataset("latest", "2007-12")
    columns = [name for name in cut.monthly if name != "recession"]
    pd.testing.assert_frame_equal(cut.monthly[columns], real.monthly.loc[:"2007-12", columns])
    pd.testing.assert_frame_equal(cut.valuation, real.valuation.loc[:"2007-12"])
    pd.testing.assert_frame_equal(cut.rates, real.rates.loc[:"2007-12"])
    end = pd.Timestamp("2007-12-31")
    assert cut.daily.index[-1] == end and cut.funds.index[-1] == end


@pytest.mark.publishers
def test_an_older_vintage_is_a_data_set_of_its_own(real, publishers_folder):
    """Both bases and the portfolios' legs, to its own last month; its numbers are not today's."""
    old = vintage_dataset(publishers_folder / "vintages" / "2024")
    assert old.vintages == {latest.SIZE_VALUE: "202408"} and str(old.as_of) == "2024-08"
    assert legs_of(old.monthly) == ("s1_s5", "s1v3_s5v3", "s3_s5")
    assert set(gaps(old.monthly, old.valuation, "s1_s5")) == {"june", "december"}
    names = sort_names("s", "v")
    moved = (old.monthly[names] - real.monthly.loc[:"2024-08", names]).abs() > 0.0005
    # 46% of the cells moved by more than .05 points, says the list of the vintages' quirks
    assert moved.to_numpy().mean() == pytest.approx(0.46, abs=0.02)
