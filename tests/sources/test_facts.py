"""The fact tables: what they hold, what they refuse, what they show at a date."""

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.derived import load_valuation_gap
from analysis.sources.facts import FACTS_FOLDER, confirm_facts, load_facts, load_known_answers

PUBLISHED = [
    "forward_pe",
    "bank_forecasts",
    "first_cut_studies",
    "interest_burden",
    "published_figures",
]

# cycle, target date, discount date, peak, moves of target and discount rate, linked within a year
CYCLES = """
1954-02 - 1954-02-05 2.00 -25 -25 yes
1957-11 1957-11 1957-11-15 3.50 - -50 yes
1960-06 1960-06 1960-06-10 4.00 - -50 yes
1966-12 1966-12 1967-04-07 5.76 - -50 no
1970-03 1970-03 1970-11-13 9.19 - -25 yes
1971-11 - 1971-11-19 5.57 - -25 no
1974-08 1974-08 1974-12-09 12.92 - -25 yes
1980-05 1980-05 1980-05-30 17.61 - -100 yes
1981-07 1981-07 1981-11-02 19.10 - -100 yes
1984-09 1984-09-20 1984-11-21 11.50 -25 - no
1987-11 1987-11-04 - 7.3125 -50 - no
1989-06 1989-06-06 1990-12-19 9.8125 -25 - no
1995-07 1995-07-06 1996-01-31 6.00 -25 - no
1998-09 1998-09-29 1998-10-15 5.50 -25 - no
2001-01 2001-01-03 2001-01-03 6.50 -50 - yes
2007-09 2007-09-18 2007-08-17 5.25 -50 - yes
2019-07 2019-07-31 2019-08-01 2.50 -25 - yes
2024-09 2024-09-18 2024-09-19 5.50 -50 - open
"""
BANK_LIST = "1980-04 1981-06 1984-10 1987-10 1989-06 1995-07 1998-09 2001-01 2007-09 2019-07"
RECESSIONS = (
    "1945-02/1945-10 1948-11/1949-10 1953-07/1954-05 1957-08/1958-04 1960-04/1961-02 "
    "1969-12/1970-11 1973-11/1975-03 1980-01/1980-07 1981-07/1982-11 1990-07/1991-03 "
    "2001-03/2001-11 2007-12/2009-06 2020-02/2020-04"
)
PEAKS_ANNOUNCED = "1980-06 1982-01 1991-04 2001-11 2008-12 2020-06"
TROUGHS_ANNOUNCED = "1981-07 1983-07 1992-12 2003-07 2010-09 2021-07"


@pytest.fixture(scope="module")
def facts():
    return load_facts()


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(FACTS_FOLDER, tmp_path / "facts"))


def edit(folder, table, old, new):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_easing_cycle_stands_as_agreed(facts):
    """Dates, peaks, moves and links of the eighteen cycles equal the written list."""
    cycles = facts["easing_cycles"]
    kept = cycles[~cycles["excluded"]]
    fields = ["target_date", "discount_date", "peak_percent", "first_move_bp", "discount_move_bp"]
    rows = [line.split() for line in CYCLES.strip().splitlines()]
    assert list(kept["cycle"]) == [row[0] for row in rows]
    for (_, cycle), row in zip(kept.iterrows(), rows, strict=True):
        for name, wanted in zip(fields, row[1:6], strict=True):
            value = cycle[name]
            if wanted == "-":
                assert pd.isna(value) or value == "", (row[0], name)
            else:
                assert value == (float(wanted) if name.endswith(("percent", "bp")) else wanted)
        assert cycle["recession_linked"] == row[6]


def test_excluded_episodes_carry_their_reason(facts):
    """Four episodes are left out, each with a reason, and no kept cycle has one."""
    cycles = facts["easing_cycles"]
    out = cycles[cycles["excluded"]]
    assert list(out["cycle"]) == ["1968-08", "1975-10", "2020-03", "2025-09"]
    assert (out["reason"] != "").all()
    assert (cycles.loc[~cycles["excluded"], "reason"] == "").all()
    assert list(cycles.loc[cycles["optional"], "cycle"]) == ["1987-11"]


def test_bank_list_is_complete(facts):
    """The ten months of the published list are matched to ten cycles."""
    months = facts["easing_cycles"]["bank_list_month"].dropna()
    assert list(months.astype(str)) == BANK_LIST.split()


def test_recessions_and_announcements_stand_as_agreed(facts):
    """Peaks and troughs since 1945 and the announcements since 1980 equal the written list."""
    nber = facts["nber_cycles"]
    late = nber[nber["peak"] >= pd.Period("1945-01")]
    assert list(late["peak"].astype(str) + "/" + late["trough"].astype(str)) == RECESSIONS.split()
    assert list(nber["peak_announced"].dropna().astype(str)) == PEAKS_ANNOUNCED.split()
    assert list(nber["trough_announced"].dropna().astype(str)) == TROUGHS_ANNOUNCED.split()
    assert nber.loc[nber["peak"] < pd.Period("1980-01"), "peak_announced"].isna().all()


def test_links_follow_from_the_recession_table(facts):
    """The months to the next recession, and the link within a year, are those of the NBER table."""
    cycles, nber = facts["easing_cycles"], facts["nber_cycles"]
    start = cycles["target_month"].fillna(cycles["discount_month"])
    for month, given, link in zip(
        start, cycles["linked_months"], cycles["recession_linked"], strict=True
    ):
        following = nber[nber["trough"] >= month]
        if following.empty:
            assert pd.isna(given) and link == "open"
            continue
        distance = max(0, (following.iloc[0]["peak"] + 1 - month).n)
        assert given == distance
        assert link == ("yes" if distance <= 12 else "no")


def test_superseded_figure_is_marked(facts):
    """August 2022 stands twice for the Russell 2000; the rounded 12 points to 11.8."""
    table = facts["forward_pe"].set_index("id")
    old = table[table["superseded_by"] != ""]
    assert list(old["value_low"]) == [12.0]
    assert table.loc[old["superseded_by"].iloc[0], "value_low"] == 11.8


def test_known_pairs_of_valuation_and_forecast(facts):
    """The pairs of September 2024 and 2025 are held as numbers, open ends as open ends."""
    table = facts["bank_forecasts"]
    bofa = table[table["bank"] == "BofA"].set_index(["date", "index"])
    small, large = (
        bofa.loc[("2024-09-30", "Russell 2000")],
        bofa.loc[("2024-09-30", "Russell 1000")],
    )
    assert (small["starting_forward_pe"], small["starting_relative_pe"]) == (15.8, 0.73)
    assert (small["value_low"], large["value_low"]) == (9.0, 1.0)
    assert large["starting_forward_pe"] == 21.5
    low = bofa.loc[("2025-09-30", "Russell 1000")]
    assert low["qualifier"] == "below" and pd.isna(low["value_low"]) and low["value_high"] == 1.0
    assert bofa.loc[("2023-02", "Russell 2000"), "starting_forward_pe"] == 13.5
    gmo = table[table["bank"] == "GMO"]
    assert set(gmo["real_or_nominal"]) == {"real"} and (gmo["value_low"] == -4.1).sum() == 2


def test_definitions_of_one_month_stay_apart(facts):
    """July 2006 keeps both trailing multiples and September 2024 both forward ones."""
    table = facts["forward_pe"]
    small = table[table["index"] == "Russell 2000"]
    trailing = small[small["date"].str.startswith("2006-07") & (small["metric"] == "trailing_pe")]
    assert set(trailing["value_low"]) == {19.2, 36.0}
    forward = small[small["date"].str.startswith("2024-09") & (small["metric"] == "forward_pe")]
    assert set(forward["value_low"]) == {15.8, 10.7}
    assert forward["definition"].nunique() == 2


def test_a_multiple_has_its_definition_in_columns(facts):
    """Side, earnings and loss-makers are fields; what is only probable counts as not stated."""
    table = facts["forward_pe"].set_index("id")
    fields = ["small_index", "large_index", "earnings", "loss_makers", "weighting"]
    bofa = table.loc["2025-09-30-russell-2000-vs-russell-1000-relative-forward-pe-bofa", fields]
    assert list(bofa) == ["Russell 2000", "Russell 1000", "forward", "excluded", "weighted"]
    barrons = table.loc["2010-04-russell-2000-forward-pe-unstated", fields]
    assert list(barrons) == ["Russell 2000", "", "forward", "not stated", "not stated"]
    probable = table["definition"].str.contains("loss-makers probably")
    assert probable.any() and table.loc[probable, "loss_makers"].eq("not stated").all()


def test_floating_shares_and_the_interest_hit(facts):
    """The floating shares of all sources and the hits with and without cuts are there."""
    table = facts["interest_burden"]
    share = table[(table["metric"] == "floating_share") & table["index"].str.startswith("Russell")]
    assert set(share["value_low"]) == {30.0, 33.0, 40.0, 41.0, 51.0}
    hit = table.set_index("metric")["value_low"]
    assert (hit["interest_hit_no_cuts"], hit["interest_hit_100bp_cuts"]) == (42.0, 35.0)


def test_conditional_studies_are_told_apart(facts):
    """The three points after 12 months belong to cuts of 50bp, not to first cuts."""
    table = facts["first_cut_studies"]
    three = table[(table["value_low"] == 3.0) & (table["metric"] == "mean outperformance")]
    assert list(three["event_kind"]) == ["50bp cut"]
    short = table[(table["who"] == "Strategas") & (table["metric"] == "mean outperformance")]
    assert list(short["value_low"]) == [-1.38]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_row_is_dated_and_sourced(facts, name):
    """Ids are unique, addresses real, and ranges ordered."""
    table = facts[name]
    assert table["id"].is_unique
    assert table["source_url"].str.startswith("http").all()
    numeric = table[table["qualifier"].isin(["exact", "about", "range", "derived", "worded"])]
    assert (numeric["value_low"] <= numeric["value_high"]).all()


@pytest.mark.parametrize(
    "as_of", ["1953-12", "1990-06", "2007-08", "2007-12", "2018-11", "2025-01"]
)
def test_nothing_after_as_of_is_seen(as_of):
    """Every month in every table lies at or before as_of."""
    month = pd.Period(as_of, "M")
    for table in load_facts(month).values():
        for column in table.columns:
            if isinstance(table[column].dtype, pd.PeriodDtype):
                assert (table[column].dropna() <= month).all(), column
            if column in ("date_low", "date_high", "target_date", "discount_date"):
                assert (table[column].astype(str).str[:7].replace("NaT", "") <= as_of).all()


def test_links_are_not_known_before_the_recession_comes():
    """The cut of June 1989 is open for a year, then unlinked; its recession shows in 1990-08."""

    def cut(as_of):
        table = load_facts(pd.Period(as_of, "M"))["easing_cycles"].set_index("cycle")
        return table.loc["1989-06", "recession_linked"], table.loc["1989-06", "linked_months"]

    assert cut("1990-05")[0] == "open" and pd.isna(cut("1990-05")[1])
    assert cut("1990-06")[0] == "no" and pd.isna(cut("1990-07")[1])
    assert cut("1990-08") == ("no", 14)


def test_a_later_date_of_one_rule_is_missing():
    """In August 2007 the discount rate had moved, the target had not."""
    cycles = load_facts(pd.Period("2007-08"))["easing_cycles"].set_index("cycle")
    row = cycles.loc["2007-09"]
    assert str(row["discount_month"]) == "2007-08"
    assert pd.isna(row["target_month"]) and row["target_date"] == ""
    assert pd.isna(row["first_move_bp"]) and row["recession_linked"] == "open"


def test_turns_are_seen_from_their_announcement_on():
    """The peak of July 1990 was announced in April 1991, its trough in December 1992."""
    assert str(load_facts(pd.Period("1991-03"))["nber_cycles"]["peak"].iloc[-1]) == "1981-07"
    last = load_facts(pd.Period("1992-11"))["nber_cycles"].iloc[-1]
    assert (str(last["peak"]), str(last["peak_announced"])) == ("1990-07", "1991-04")
    assert last[["trough", "trough_announced"]].isna().all()
    assert str(load_facts(pd.Period("1992-12"))["nber_cycles"]["trough"].iloc[-1]) == "1991-03"


def test_turns_that_nobody_announced_are_seen_from_their_date_on():
    """Before 1980 there were no announcements; nobody could be more careful than the dates."""
    assert str(load_facts(pd.Period("1957-08"))["nber_cycles"]["peak"].iloc[-1]) == "1957-08"
    assert load_facts(pd.Period("1958-03"))["nber_cycles"]["trough"].isna().iloc[-1]


def test_a_fact_is_seen_when_it_was_published():
    """The share of loss-makers in the 1990s, published in 2024, is not seen in 2018."""
    assert not load_facts(pd.Period("2018-11"))["forward_pe"]["date"].eq("1990/1999").any()
    assert load_facts(pd.Period("2024-12"))["forward_pe"]["date"].eq("1990/1999").any()


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("easing_cycles", "1957-11-15", "1957-13-15", ["line 3", "discount_date", "1957-13-15"]),
        ("easing_cycles", "1957-11-15", "1957-11-31", ["line 3", "discount_date", "calendar"]),
        ("easing_cycles", "17.61", "high", ["peak_percent", "'high'"]),
        ("easing_cycles", "cycle,", "cycles,", ["column cycle"]),
        ("nber_cycles", "1920-01", "1918-08", ["column peak", "twice; take one row out"]),
        ("nber_cycles", "1920-01", "", ["line 3", "column peak"]),
        ("forward_pe", ",2.24,2.24,", ",2.24,2.0,", ["value_high", "below value_low"]),
        ("forward_pe", ",2.24,2.24,", ",2.24,,", ["value_high", "one number"]),
        ("forward_pe", ",1.7,,above", ",1.7,1.8,above", ["value_high", "'above'"]),
        ("forward_pe", "https://", "ftp://", ["line 2", "source_url"]),
        (
            "forward_pe",
            ",Russell 2000,,trailing,included,",
            ",Russell 2000,,trailing,screened,",
            ["loss_makers", "cannot be 'screened'"],
        ),
        (
            "forward_pe",
            ",S&P 600,,forward,screened,",
            ",S&P 600,,forward,excluded,",
            ["loss_makers", "must be 'screened'"],
        ),
        (
            "forward_pe",
            ",Russell 2000,,trailing,included,",
            ",Russell 2000,,,included,",
            ["earnings", "is missing"],
        ),
        (
            "forward_pe",
            ",Russell 2000,,trailing,included,",
            ",Russell 2000,,trailing,left out,",
            ["loss_makers", "'left out'"],
        ),
        ("forward_pe", None, None, ["line 5", "superseded_by", "no id"]),
        ("bank_forecasts", ",real,total,", ",really,total,", ["real_or_nominal", "'really'"]),
        ("interest_burden", ",exact,", ",precise,", ["line 2", "qualifier"]),
    ],
)
def test_bad_content_is_refused_by_file_row_and_column(folder, table, old, new, words):
    """A damaged table is refused with file, line and column in one sentence."""
    if old is None:
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        frame.loc[3, "superseded_by"] = "nowhere"
        frame.to_csv(folder / f"{table}.csv", index=False)
    else:
        edit(folder, table, old, new)
    with pytest.raises(InputError) as caught:
        load_facts(folder=folder)
    for word in [f"{table}.csv", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("easing_cycles", "source"),
        ("forward_pe", "source_url"),
        ("published_figures", "source_url"),
        ("target_changes", "source_url"),
        ("tariff_events", "source_url"),
    ],
)
def test_a_fact_without_a_source_is_none(folder, table, column):
    """File, line, column and what to do."""
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    frame.loc[2, column] = ""
    frame.to_csv(folder / f"{table}.csv", index=False)
    with pytest.raises(InputError) as caught:
        load_facts(folder=folder)
    assert str(caught.value) == (
        f"{table}.csv, line 4, column {column}: is empty, and a fact without a source is none; give"
        " its source, or take the row out"
    )


def test_a_missing_table_is_named(folder):
    """A file that is not there is refused by name."""
    (folder / "nber_cycles.csv").unlink()
    with pytest.raises(InputError, match=r"nber_cycles\.csv"):
        load_facts(folder=folder)


@pytest.mark.parametrize("bad", ["2007-12", pd.Period("2007"), 2007])
def test_malformed_as_of_is_refused(bad):
    """Only a monthly period or None is a date."""
    with pytest.raises(InputError, match="as_of"):
        load_facts(bad)


def test_known_answers_are_complete():
    """Every answer has a value, a tolerance with its reason, and a source with its year."""
    answers = load_known_answers()
    assert len(answers) == 23 and answers.index.is_unique
    assert answers.loc["ff1993-smb-mean", "value"] == 0.27
    assert answers.loc["kendall-bias-095", "value"] == pytest.approx(-(1 + 3 * 0.95) / 100)
    assert (answers["tolerance"] >= 0).all()
    assert all(re.search(r"\(\d{4}\)", source) for source in answers["source"])
    bundled = answers["bundled"].notna()
    distance = (answers["bundled"] - answers["value"]).abs()
    assert (distance[bundled] <= answers["tolerance"][bundled]).all()


def test_derived_gap_is_read_cut_and_checked(tmp_path):
    """The yearly gap is absent without its file, cut at a date, and refused when damaged."""
    assert load_valuation_gap(folder=tmp_path) is None
    path = tmp_path / "valuation_gap.csv"
    head = "june,gap_june,gap_december,percentile_june,percentile_december\n"
    path.write_text(head + "1927-06,0.5,0.6,1,1\n1928-06,0.4,,0.5,\n")
    table = load_valuation_gap(folder=tmp_path)
    assert table.loc["1928-06", "gap_june"] == 0.4 and table.index.freqstr == "M"
    assert len(load_valuation_gap(pd.Period("1928-05"), tmp_path)) == 1
    assert load_valuation_gap(pd.Period("1926-12"), tmp_path) is None
    for damaged, word in [
        (head + "1927-07,0.5,0.6,1,1\n", "june"),
        (head + "1927-06,wide,0.6,1,1\n", "gap_june"),
        (head + "1927-06,0.5,0.6,97,1\n", "percentile_june"),
        (head + "1928-06,1,1,1,1\n1927-06,1,1,1,1\n", "ascend"),
        ("june,gap_june\n1927-06,1\n", "gap_december"),
    ]:
        path.write_text(damaged)
        with pytest.raises(InputError, match=word):
            load_valuation_gap(folder=tmp_path)


def small_world():
    """A target that falls from 5 to 4.5 on 10 March 2001 and recession months May and June."""
    days = pd.date_range("2001-03-01", "2001-03-31")
    target = pd.Series([5.0] * 9 + [4.5] * 22, index=days)
    months = pd.date_range("2001-01-01", "2001-12-01", freq="MS")
    flags = pd.Series([0] * 4 + [1] * 2 + [0] * 6, index=months)
    return {"DFEDTAR": target, "USREC": flags}


def small_facts(**changes):
    cycle = {
        "cycle": "2001-03",
        "target_date": "2001-03-10",
        "discount_date": "",
        "bank_list_date": "",
        "peak_percent": 5.0,
        "peak_series": "DFEDTAR",
        "first_move_bp": -50.0,
        "linked_months": 2,
        "target_month": pd.Period("2001-03"),
        "discount_month": pd.NaT,
        "bank_list_month": pd.NaT,
    } | changes
    turn = {"peak": "2001-04", "trough": "2001-06", "peak_announced": "2001-11"}
    nber = pd.DataFrame([{name: pd.Period(month) for name, month in turn.items()}])
    nber["trough_announced"] = pd.NaT
    return {"easing_cycles": pd.DataFrame([cycle]), "nber_cycles": nber}


def status(facts, series):
    return confirm_facts(facts, series).set_index("column")["status"].to_dict()


def test_confirmation_by_hand():
    """A correct date is confirmed, one without a series is said to be not confirmable."""
    assert status(small_facts(), small_world()) == {
        "target_date": "confirmed",
        "peak_percent": "confirmed",
        "linked_months": "confirmed",
        "peak": "confirmed",
        "trough": "confirmed",
        "peak_announced": "not confirmable",
    }
    # Announced on the 9th, in force on the 10th: the day after counts too.
    assert (
        status(small_facts(target_date="2001-03-09"), small_world())["target_date"] == "confirmed"
    )


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"target_date": "2001-03-20"}, "target_date"),
        ({"first_move_bp": -25.0}, "target_date"),
        ({"peak_percent": 5.25}, "peak_percent"),
        ({"linked_months": 3}, "linked_months"),
    ],
)
def test_a_wrong_fact_is_contradicted(changes, column):
    """A wrong day, size, peak or link is called contradicted."""
    assert status(small_facts(**changes), small_world())[column] == "contradicted"


def test_without_series_nothing_is_confirmed():
    """No series, no confirmation; an unknown series is refused."""
    assert set(status(small_facts(), {}).values()) == {"not confirmable"}
    with pytest.raises(InputError, match="GDP"):
        confirm_facts(small_facts(), {"GDP": pd.Series(dtype=float)})


def publishers_series():
    folder = Path(os.environ["SMALLCAP_PUBLISHERS"]) / "fred"
    return {
        name: pd.read_csv(folder / f"{name}.csv", index_col=0, parse_dates=True).iloc[:, 0]
        for name in ("FEDFUNDS", "DFEDTAR", "DFEDTARU", "USREC")
    }


@pytest.mark.publishers
@pytest.mark.skipif(
    not os.environ.get("SMALLCAP_PUBLISHERS"),
    reason="SMALLCAP_PUBLISHERS does not name a folder with the publishers' files",
)
def test_publishers_bear_out_every_date_they_speak_of(facts):
    """Every target date and NBER turn is confirmed; the rest is known to be beyond the series."""
    found = confirm_facts(facts, publishers_series())
    print(found[found["status"] != "confirmed"].to_string())
    keys = found["row"] + " " + found["column"]
    cycles, nber = facts["easing_cycles"], facts["nber_cycles"]
    contradicted = {f"{cycle} bank_list_date" for cycle in ("1980-05", "1981-07", "1987-11")}
    assert set(keys[found["status"] == "contradicted"]) == contradicted
    silent = {f"{cycle} discount_date" for cycle in cycles["cycle"][cycles["discount_date"] != ""]}
    silent |= {"1954-02 peak_percent"}
    for column in ("peak_announced", "trough_announced"):
        silent |= {f"{peak} {column}" for peak in nber["peak"][nber[column].notna()]}
    assert set(keys[found["status"] == "not confirmable"]) == silent
    dated = found[found["column"].isin(["target_date", "peak", "trough"])]
    assert len(dated) == 19 + 2 * 19 and (dated["status"] == "confirmed").all()


def test_changes_of_the_target_add_up_and_are_cut_at_a_month(facts):
    """Each level is the one before and its move; a change is known in its month."""
    table = facts["target_changes"]
    assert (table["upper_percent"].diff().dropna() * 100).round().tolist() == table["move_bp"].iloc[
        1:
    ].tolist()
    first = facts["easing_cycles"].query("target_date.str.len() == 10 and ~excluded")
    days = set(table["date"])
    assert {day for day in first["target_date"] if day >= "1991"} <= days
    known = load_facts(pd.Period("2007-12", "M"))["target_changes"]
    assert known["date"].max() == "2007-12-11"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2007-12-11-cut,2007-12-11,-25", "2007-12-11-cut,2007-12-11,-50", "not the level before"),
        ("2007-12-11-cut,2007-12-11", "2007-12-11-cut,2006-12-11", "does not lie after"),
        ("2007-12-11,-25,", "2007-12-11,0,", "is not of the right form"),
    ],
)
def test_a_change_of_the_target_that_does_not_add_up_is_refused(folder, old, new, said):
    """With file, line and column."""
    edit(folder, "target_changes", old, new)
    with pytest.raises(InputError, match=rf"target_changes\.csv, line 7\d, column .*{said}"):
        load_facts(None, folder)
