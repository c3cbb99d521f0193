"""The tables of the outlooks as they are derived: the same again, longer with newer closes."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.designs import Sampling, bind, find_design
from analysis.pages.outlooks import (
    LUCK_BAND,
    counted_calls,
    follow_outlooks,
    outlook_claims,
    outlook_records,
    score_sentence,
    scoreboard,
    shown_scores,
    standing,
)
from analysis.panel import Dataset
from analysis.results import InputError
from analysis.runs.outlook_tables import check_reach, outlook_frames, outlook_text
from analysis.sources.outlooks import FILES, KEYS, load_outlooks

DAYS = pd.bdate_range("2019-01-01", "2026-08-03")
MONTHS = pd.period_range("2020-01", "2026-07", freq="M", name="month")
FUNDS = ("BKLN", "HYG", "IEF", "IJR", "IWM", "IWN", "LQD", "QQQ", "SPY", "VB")


def dataset(until="2026-08-03", seed=4):
    """Ten funds that wander, and a panel whose target stands still."""
    rng = np.random.default_rng(seed)
    logs = pd.DataFrame(rng.normal(0.0002, 0.01, (len(DAYS), len(FUNDS))), DAYS, FUNDS).cumsum()
    monthly = pd.DataFrame({"target": 0.0375, "lending_standards": 0.1}, index=MONTHS)
    monthly = monthly.assign(cpi=np.linspace(250, 330, len(MONTHS)), baa=0.06, aaa=0.05)
    seen = monthly.loc[: pd.Timestamp(until).to_period("M")]
    return Dataset(seen, {}, "latest", seen.index[-1], funds=np.exp(logs).loc[:until])


def texts(data):
    """Every table as the text of its file."""
    return {FILES[name]: outlook_text(name, table) for name, table in outlook_frames(data).items()}


def write(folder, made):
    """The files on disk, as the command leaves them."""
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_deriving_twice_gives_the_same_text_and_it_reads_back(tmp_path):
    """Idempotent to the letter, on a folder that holds the tables already."""
    made = texts(dataset())
    assert texts(dataset()) == made
    check_reach(made, write(tmp_path, made))
    kept = load_outlooks(tmp_path)
    assert set(kept) == {"paths", "calls", "scores"} and len(kept["calls"])
    assert made[FILES["paths"]].startswith("# Computed by `smallcap derive`")


@pytest.mark.slow
def test_newer_closes_extend_the_tables_and_change_nothing_before(tmp_path):
    """Every row of a path but its last point stays; calls that were resolved stay as they were."""
    older = load_outlooks(write(tmp_path, texts(dataset("2026-05-29"))))
    newer = load_outlooks(write(tmp_path, texts(dataset())))
    assert len(newer["paths"]) > len(older["paths"])
    for name in ("paths", "calls"):
        keys = list(KEYS[name])
        both = older[name].merge(newer[name], on=keys, how="left", suffixes=("", "_new"))
        lost = both[both[f"{'value' if name == 'paths' else 'mean'}_new"].isna()]
        if name == "paths":
            assert (lost["day"] == pd.Timestamp("2026-05-29")).all()
        else:
            assert lost.empty
        stayed = both.drop(lost.index)
        for column in set(older[name].columns) - set(keys):
            pd.testing.assert_series_equal(
                stayed[column], stayed[f"{column}_new"], check_names=False
            )


@pytest.mark.slow
def test_shorter_closes_do_not_cut_the_tables_back(tmp_path):
    """One line with both days; a folder without tables takes any."""
    check_reach(texts(dataset("2026-05-29")), tmp_path)
    write(tmp_path, texts(dataset()))
    with pytest.raises(InputError, match=r"reaches to 2026-08-03 .* only to 2026-05-29; pull"):
        check_reach(texts(dataset("2026-05-29")), tmp_path)


def test_the_kept_tables_give_what_the_closes_give(tmp_path):
    """Every study, with the tables in place of closes: state, reason and calls to four digits."""
    data = dataset()
    kept = load_outlooks(write(tmp_path, texts(data)))
    months = pd.period_range("2000-01", "2018-11", freq="M", name="month")
    bundled = Dataset(
        pd.DataFrame({"market": 0.0}, index=months), {}, "bundled", months[-1], outlooks=kept
    )
    fresh, again = follow_outlooks(data), follow_outlooks(bundled)
    for name, study in fresh.items():
        other = again[name]
        assert (study.state, study.seen, study.days_open) == (
            other.state, other.seen, other.days_open,
        ), name  # fmt: skip
        assert list(study.calls["months"]) == list(other.calls["months"]), name
        assert list(study.calls["won"]) == list(other.calls["won"]), name
        assert study.calls["luck"].to_numpy() == pytest.approx(
            other.calls["luck"].to_numpy(), abs=1e-4
        )
        assert list(study.conditions["met"]) == list(other.conditions["met"]), name
        assert bool(study.finding) is bool(other.finding)
        assert set(study.paths["first"]) == set(other.paths["first"]), name
        assert set(study.paths["series"]) == set(other.paths["series"]), name
    one, two = scoreboard(data, fresh), scoreboard(bundled, again)
    assert list(one["won"]) == list(two["won"]) and list(one["calls"]) == list(two["calls"])


def test_the_score_counts_each_call_once_and_luck_by_plain_loops():
    """Of the site's three calls: the wins of all earlier days, each pattern slid as a whole."""
    data = dataset()
    studies = follow_outlooks(data)
    scores = scoreboard(data, studies).set_index("note")
    assert scores.loc["000", "calls"] == 3 + 12
    assert scores.loc["004", "calls"] == len(counted_calls(studies["outlook-004"])) == 3
    assert scores.loc["002", "calls"] == 0, "a sentence without a direction has no call"
    ratio = np.log(data.funds["IWM"] / data.funds["SPY"]).to_numpy()
    index = data.funds.index
    firsts = [index.get_loc(day) for day in pd.bdate_range("2026-01-12", "2026-01-20")]
    wins = []
    spans = {}
    for months in (1, 3, 6):
        ends = [
            index.searchsorted(index[f] + pd.DateOffset(months=months), "right") - 1 for f in firsts
        ]
        spans[months] = list(zip(firsts, ends, strict=True))
    reach = max(end for cells in spans.values() for _, end in cells) - firsts[0]
    for start in range(firsts[0] - reach + 1):
        shift = start - firsts[0]
        wins.append(
            sum(
                all(ratio[e + shift] > ratio[f + shift] for f, e in cells)
                for cells in spans.values()
            )
        )
    assert LUCK_BAND[1] - LUCK_BAND[0] == pytest.approx(19 / 20)
    row = scores.loc["004"]
    assert row["windows"] == len(wins)
    assert row["expected"] == pytest.approx(np.mean(wins))
    assert (row["low"], row["high"]) == tuple(np.quantile(wins, [0.025, 0.975]))


def test_the_pages_tables_speak_in_words_and_json_has_no_nan():
    """Publishers, days in words; plain values; a sentence that says how little it proves."""
    data = dataset()
    studies = follow_outlooks(data)
    table = standing(studies)
    assert len(table) == 10 and set(table["state"]) >= {"resolved", "no direction given"}
    assert (
        table["from"].str.contains("2026|2025").all() and not table["note"].str.contains("00").any()
    )
    assert table["state"].eq("open until 20 January 2027, 170 days on").sum() == 3
    records = outlook_records(data, studies)
    assert json.dumps(records, allow_nan=False)
    assert {one["claim"] for one in records["outlooks"]} == set(outlook_claims())
    scores = scoreboard(data, studies)
    assert "five notes cannot show" in score_sentence(scores)
    assert list(shown_scores(scores)["calls resolved"]) == [15, 3]


def test_before_the_notes_there_is_nothing_to_count():
    """One sentence in place of a table and of a score."""
    data = dataset("2025-06-30")
    studies = follow_outlooks(data)
    scores = scoreboard(data, studies)
    assert score_sentence(scores) == "No call of any note had been resolved by the end of this run."
    assert list(shown_scores(scores).columns) == ["no table"]
    assert set(standing(studies)["state"]) == {"not yet made"}


def test_a_changed_tilt_is_no_other_call():
    """The scoreboard counts the views of the specification that is run, once."""
    claim = outlook_claims()["views-000"]
    study = find_design("outlook_allocation")(dataset(), bind(claim, {"tilt": 0.3}), Sampling(1, 1))
    assert len(counted_calls(study)) == 12
    text = outlook_text("calls", study.calls)
    assert len(pd.read_csv(io.StringIO(text), comment="#")) == len(study.calls)


def test_the_command_prints_the_table_the_score_and_json():
    """On the committed tables; a month before the notes; a bad month is one line and code 2."""
    ran = CliRunner().invoke(app, ["outlooks"])
    assert ran.exit_code == 0 and "Calls won, by note" in ran.output
    assert "five notes cannot show" in ran.output
    made = json.loads(CliRunner().invoke(app, ["outlooks", "--json"]).output)
    assert {one["claim"] for one in made["outlooks"]} == set(outlook_claims())
    assert {one["note"] for one in made["scoreboard"]} == {"000", "001", "002", "003", "004"}
    early = json.loads(CliRunner().invoke(app, ["outlooks", "--as-of", "1995-12", "--json"]).output)
    assert {one["state"] for one in early["outlooks"]} == {"not yet made"}
    assert isinstance(
        CliRunner().invoke(app, ["outlooks", "--as-of", "2026-13"]).exception, InputError
    )
