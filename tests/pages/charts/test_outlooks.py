"""The charts of the outlooks: what is drawn and said, and a sentence where nothing is."""

import pandas as pd
import pytest

from analysis.pages import outlooks as follow
from analysis.pages.charts import outlooks as draw
from analysis.pages.charts.sentences import Sentence
from analysis.panel import load_dataset


@pytest.fixture(scope="module")
def studies():
    """Every outlook by the committed tables."""
    return follow.follow_outlooks(load_dataset("bundled"))


@pytest.fixture(scope="module")
def unmade():
    """Every outlook before its note."""
    return follow.follow_outlooks(load_dataset("bundled", "2007-12"))


def marks(chart):
    """Kinds of marks, layer by layer."""
    return _marks(chart.to_dict())


def _marks(made):
    if "layer" in made:
        return [mark for one in made["layer"] for mark in _marks(one)]
    return [made["mark"]["type"]]


def test_a_path_is_drawn_in_the_fan_of_earlier_days(studies):
    """Band, middle, paths, zero; the title and the words say where it stands."""
    chart = draw.path(studies["outlook-000-near"])
    assert marks(chart) == ["area", "line", "line", "rule", "text", "text"]
    made = chart.to_dict()
    assert "the usual range of" in " ".join(made["title"]["text"])
    assert "IJR over SPY from 20 January 2026" in made["description"]


def test_a_path_above_below_and_inside_its_fan_says_so(studies):
    """By the last point of the first path."""
    study = studies["outlook-000-near"]
    for value, words in ((0.9, "above"), (-0.9, "below"), (0.0, "inside")):
        paths = study.paths.copy()
        paths.loc[paths["series"] == "IJR/SPY", "value"] = value
        changed = type(study)(**vars(study) | {"paths": paths})
        assert f"{words} the usual range" in " ".join(draw.path(changed).to_dict()["title"]["text"])


def test_every_first_day_and_leg_has_its_line(studies):
    """Two funds from the earliest and the latest day: four lines."""
    made = draw.path(studies["outlook-003"]).to_dict()
    data = made["datasets"][made["layer"][2]["data"]["name"]]
    assert len({row["line"] for row in data}) == 4
    assert "leads run from" in " ".join(made["title"]["text"]) and "; usual are" in " ".join(
        made["title"]["text"]
    )


def test_views_are_coloured_by_whether_they_were_right(studies):
    """Six and the portfolio at each quarter, and the count in the title."""
    made = draw.views(studies["views-000"]).to_dict()
    rows = pd.DataFrame(next(iter(made["datasets"].values())))
    assert len(rows) == 14 and set(rows["call"]) <= {"right", "wrong"}
    assert "of 6 views were right after 6 months" in " ".join(made["title"]["text"])


def test_the_decade_draws_what_is_and_what_is_forecast(studies):
    """Two sides, two paths each; the forecast's end follows from its rate."""
    study = studies["outlook-001"]
    made = draw.decade(study).to_dict()
    rows = pd.DataFrame(made["datasets"][made["layer"][0]["data"]["name"]])
    assert set(zip(rows["side"], rows["path"], strict=True)) == {
        (side, path) for side in ("small caps", "large caps") for path in ("so far", "as forecast")
    }
    last = rows[(rows["side"] == "small caps") & (rows["path"] == "as forecast")].iloc[-1]
    years = (pd.Timestamp(last["day"]) - pd.Timestamp("2025-09-02")).days / 365.25
    assert last["value"] == pytest.approx(1.09**years - 1, abs=1e-3)


def test_the_score_shows_wins_in_the_range_of_luck(studies):
    """A bar, a tick and a point for each note with a call."""
    scores = follow.scoreboard(load_dataset("bundled"), studies)
    chart = draw.scores(scores, follow.shown_scores(scores))
    assert marks(chart) == ["rule", "tick", "point"]
    beyond = scores.assign(won=99.0)
    title = " ".join(draw.scores(beyond, follow.shown_scores(beyond)).to_dict()["title"]["text"])
    assert title == "Both notes won more calls than luck gives"


def test_where_nothing_is_seen_a_sentence_stands(unmade):
    """In place of every chart."""
    made = [
        draw.path(unmade["outlook-004"]),
        draw.views(unmade["views-000"]),
        draw.decade(unmade["outlook-001"]),
        draw.scores(follow.scoreboard(load_dataset("bundled", "2007-12"), unmade), pd.DataFrame()),
    ]
    for chart in made:
        assert isinstance(chart, Sentence) and str(chart).endswith(".")
