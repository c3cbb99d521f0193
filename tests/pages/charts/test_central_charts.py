"""Charts of the three central chapters: described, filled, and free of NaN."""

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, bind, find_design
from analysis.designs.event_study import event_study
from analysis.pages.charts import first_cut as cut_charts
from analysis.pages.charts import return_forecast as forecast_charts
from analysis.pages.charts import valuation_gap as gap_charts
from analysis.pages.charts.renderer import missing_words
from analysis.panel import load_dataset

#: Large enough for a smooth figure, small enough for a committed notebook.
LARGEST = 250_000


def study_of(chapter, as_of, **changes):
    claims = {
        k: c for k, c in load_claims().items() if c.chapter == chapter.__name__.split(".")[-1]
    }
    return chapter.study(load_dataset("bundled", as_of), claims, chapter.Parameters(**changes))


@pytest.fixture(scope="module")
def cuts():
    """The study of first cuts, seen from the end of 1972."""
    specification = bind(load_claims()["first-cut-12m"])
    return event_study(load_dataset("bundled", "1972-12"), specification, Sampling(100, 1))


def designed(claim, as_of):
    """What the design of a claim makes of the bundled data up to a month."""
    specification = bind(load_claims()[claim])
    design = find_design(load_claims()[claim].design)
    return design(load_dataset("bundled", as_of), specification, Sampling(200, 20260101))


@pytest.fixture(scope="module")
def gaps():
    return designed("gap-precedes-outperf", "1948-12")


@pytest.fixture(scope="module")
def forecasts():
    """The forecast's study, with the pairs the bank published later on."""
    study = designed("bofa-9-vs-1", "1960-12")
    later = replace(study.dataset, facts=load_dataset("bundled").facts)
    return replace(study, dataset=later)


def checked(chart) -> dict:
    """The chart's specification, after what every chart must have."""
    spec = chart.to_dict()
    text = json.dumps(spec, allow_nan=False)
    assert len(spec["description"]) > 60
    assert not missing_words(spec)
    assert "nan" not in spec["description"].split()
    assert len(text) < LARGEST
    assert "NaN" not in text
    datasets = spec["datasets"].values()
    assert all(datasets)
    assert all(value is not None for rows in datasets for row in rows for value in row.values())
    return spec


def rows_with(spec, *names) -> pd.DataFrame:
    """The data set of a specification that has these columns."""
    [found] = [rows for rows in spec["datasets"].values() if set(names) <= set(rows[0])]
    return pd.DataFrame(found)


def test_paths_show_every_cut_and_their_mean(cuts):
    """Each cycle is zero in the month of the cut; the thick line is their mean."""
    spec = checked(cut_charts.paths(cuts))
    each = rows_with(spec, "cut", "offset")
    assert each["cut"].nunique() == cuts.paths["event"].nunique() > 2
    assert each.loc[each["offset"] == 0, "cumulative"].abs().max() < 1e-9
    mean = each.groupby("offset")["cumulative"].mean()
    others = [pd.DataFrame(r) for r in spec["datasets"].values() if "cut" not in r[0]]
    [average] = [frame for frame in others if "cumulative" in frame]
    assert average.set_index("offset")["cumulative"].to_numpy() == pytest.approx(mean.to_numpy())


def test_random_calendars_stand_beside_the_observed_mean(cuts):
    """Bars of each scheme sum to one, and the observed mean is named."""
    spec = checked(cut_charts.against_chance(cuts))
    bars = rows_with(spec, "scheme", "share")
    assert bars.groupby("scheme")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    mean = f"{cuts.schemes['shift'].event_mean:+.1%}"
    assert mean in spec["description"]
    assert f"a mean lead of {mean} or more in" in " ".join(spec["title"]["text"])


def test_the_curve_shows_every_specification_with_an_estimate(cuts):
    """As many points as the joint test has specifications, in order."""
    spec = cut_charts.curve(cuts).to_dict()
    points = pd.read_csv(io.StringIO(spec["datasets"][spec["data"]["name"]]))
    assert len(points) == len(cuts.ran)
    assert points["estimate"].to_numpy() == pytest.approx(cuts.ran["effect"], rel=1e-3)
    assert points["registered"].sum() == 1


def test_without_a_cut_nothing_is_drawn():
    """Before the funds rate begins no cut can be computed, and a grid may be left out."""
    specification = bind(load_claims()["first-cut-12m"], {"date_rule": "zigzag"})
    dataset = load_dataset("bundled", "1953-12")
    none = event_study(dataset, replace(specification, grid={}), Sampling(100, 1))
    assert cut_charts.paths(none) is cut_charts.against_chance(none) is None
    assert str(cut_charts.curve(none)) == "The claim registers no other specification."


def test_the_gap_is_drawn_on_every_basis(gaps):
    """Both bases, each quarter, ending with the value named; a wide spell is shaded."""
    spell = pd.DataFrame([{"basis": "june", "first": "1931-01", "last": "1932-06", "months": 18}])
    with_spell = replace(gaps)
    vars(with_spell)["spells"] = spell
    spec = checked(gap_charts.gap(with_spell))
    assert len(rows_with(spec, "first", "last")) == 1
    lines = rows_with(spec, "month", "gap", "basis")
    assert lines["basis"].nunique() == gaps.gaps.shape[1] == 2
    named = [
        one for one in spec["layer"][-1]["layer"][-1]["layer"] if one["mark"]["type"] == "text"
    ]
    assert len(named) == 2 and '"legend": null' in json.dumps(spec["layer"])
    times = float(np.exp(gaps.gaps["june"].iloc[-1]))
    assert f"{times:.1f} times on June" in spec["description"]
    drawn = lines[lines["basis"] == "June prices"]["gap"].astype(float)
    assert drawn.max() == pytest.approx(float(np.exp(gaps.gaps["june"]).max()), rel=0.05)


@pytest.mark.parametrize(
    ("draw", "table"),
    [
        (lambda gaps, forecasts: gap_charts.by_horizon(gaps), "horizons"),
        (lambda gaps, forecasts: forecast_charts.r_squared(forecasts), "by_horizon"),
    ],
)
def test_r_squared_stands_beside_its_null(gaps, forecasts, draw, table):
    """Every observed value has the null's 95th percentile and median drawn with it."""
    spec = checked(draw(gaps, forecasts))
    expected = getattr(gaps if table == "horizons" else forecasts, table)
    observed = rows_with(spec, "observed")
    assert sorted(observed["observed"]) == pytest.approx(sorted(expected["R²"].round(4)))
    null = rows_with(spec, "median", "top")
    assert (null["median"] < null["top"]).all()


def test_bands_show_three_views_and_the_claim(forecasts):
    """Each view's band by basis, low to high, with the claimed value as a rule."""
    spec = checked(forecast_charts.bands(forecasts))
    frame = rows_with(spec, "low", "middle", "high")
    assert len(frame) == len(forecasts.bands) == 6
    assert ((frame["low"] < frame["middle"]) & (frame["middle"] < frame["high"])).all()
    assert rows_with(spec, "claimed")["claimed"].tolist() == [0.08]


def test_the_bank_s_pairs_are_drawn_with_their_lines(forecasts):
    """Every published pair is a point; before the bank published the chart says so."""
    spec = checked(forecast_charts.bank_line(forecasts))
    assert len(rows_with(spec, "pe", "forecast", "line")) == len(forecasts.bank.points)
    none = designed("bofa-9-vs-1", "1960-12")
    assert forecast_charts.bank_line(none) is None
