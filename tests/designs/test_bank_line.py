"""The bank's own line: recovered from planted pairs, and honest about rounding."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.return_forecast import return_forecast
from analysis.designs.return_forecast.bank_line import (
    Quoted,
    fit_bank_lines,
    published_pairs,
    score_forecasts,
)
from analysis.inference.closest_line import closest_miss
from analysis.panel import load_dataset

INDEX = {"small": "Russell 2000", "large": "Russell 1000"}
QUOTED = Quoted("BofA", {"small": 15.8, "large": 21.5}, {"small": "IWM", "large": "IVV"})


def facts(pairs, multiples=(), **changes):
    """Fact tables with one forecast a (date, size, starting P/E, per cent a year)."""
    forecasts = pd.DataFrame(
        [
            {
                "bank": "BofA", "metric": "forecast", "qualifier": "exact", "horizon_low": 10,
                "size": size, "superseded_by": "", "starting_forward_pe": pe, "date": date,
                "index": INDEX[size], "value_low": value, "source_url": "https://example.org",
            } | changes
            for date, size, pe, value in pairs
        ]
    )  # fmt: skip
    columns = ["provider", "metric", "qualifier", "superseded_by", "index", "date", "value_low"]
    own = [("BofA", "forward_pe", "exact", "", INDEX[s], d, v) for d, s, v in multiples]
    return {"bank_forecasts": forecasts, "forward_pe": pd.DataFrame(own, columns=columns)}


def pairs_on(line, multiples, size="small", digits=None):
    values = [100 * (line[0] + line[1] * pe) for pe in multiples]
    if digits is not None:
        values = [round(value, digits) for value in values]
    return [
        (f"202{i}-06-30", size, pe, value)
        for i, (pe, value) in enumerate(zip(multiples, values, strict=True))
    ]


def test_a_planted_line_is_recovered():
    """Exact pairs give intercept and slope back, and the value at the multiple of the claim."""
    small = pairs_on((0.22, -0.008), [11.0, 13.5, 16.0])
    large = pairs_on((0.18, -0.007), [17.0, 19.0, 22.0], "large")
    lines = fit_bank_lines(facts(small + large), QUOTED).lines
    assert (lines["small"].intercept, lines["small"].slope) == pytest.approx((0.22, -0.008))
    assert (lines["large"].intercept, lines["large"].slope) == pytest.approx((0.18, -0.007))
    assert lines["small"].at_quoted == pytest.approx(0.22 - 0.008 * 15.8)
    assert lines["small"].largest_miss == pytest.approx(0.0, abs=1e-12)
    assert lines["small"].r_squared == pytest.approx(1.0)
    assert (lines["small"].pairs, lines["small"].forecasts) == (3, 3)


def test_whole_per_cents_are_explained_by_rounding_and_more_is_not():
    """Rounded pairs keep the flag; a point a per cent off its neighbours loses it, in words."""
    rounded = pairs_on((0.22, -0.008), [11.0, 12.3, 13.5, 14.9, 16.0], digits=0)
    found = fit_bank_lines(facts(rounded), QUOTED)
    assert found.lines["small"].within_rounding
    assert found.answers.set_index("caps").loc["small", "note"] == ""
    off = [*rounded, ("2026-06-30", "small", 13.4, 9.0)]
    found = fit_bank_lines(facts(off), QUOTED)
    assert not found.lines["small"].within_rounding
    assert "rounding does not explain" in found.answers.set_index("caps").loc["small", "note"]


def test_any_line_within_half_a_per_cent_is_enough():
    """Least squares misses by more than half a per cent here, yet another line does not."""
    x, y = np.array([10.0, 10.1, 10.2, 10.3, 20.0]), np.array([0.10, 0.10, 0.10, 0.10, 0.01])
    y[0] = 0.109
    slope, intercept = np.polyfit(x, y, 1)
    least_squares = np.abs(y - intercept - slope * x).max()
    assert least_squares > 0.005 > closest_miss(x, y)
    pairs = [
        (f"202{i}-01-31", "small", a, 100 * b) for i, (a, b) in enumerate(zip(x, y, strict=True))
    ]
    assert fit_bank_lines(facts(pairs), QUOTED).lines["small"].within_rounding


def test_a_starting_multiple_is_found_in_the_bank_s_own_series():
    """Without a P/E beside the forecast that of the same index and day counts, or none."""
    pairs = [("2024-04-30", "large", np.nan, 3.0), ("2024-05-31", "large", np.nan, 2.0)]
    table = published_pairs(facts(pairs, [("2024-04-30", "large", 20.1)]), "BofA")
    assert table["starting P/E"].tolist() == [20.1]
    assert table["forecast"].tolist() == [0.03]


def test_the_pairs_and_their_answers_by_hand():
    """In order of their dates, per cents as decimals; the line through 10 → 4, 12 → 3 and 14 → 1
    is 4.1667 less .75 a turn from ten on, and misses by a third at most."""
    rows = [("2023-01-31", "small", 14.0, 1.0), ("2021-01-31", "small", 10.0, 4.0),
            ("2022-01-31", "small", 12.0, 3.0), ("2022-06-30", "large", 20.0, 2.0)]  # fmt: skip
    found = fit_bank_lines(facts(rows), QUOTED)
    points = found.points
    assert points["date"].tolist() == sorted(row[0] for row in rows)
    assert points["size"].tolist() == ["small", "small", "large", "small"]
    assert points["index"].tolist() == [INDEX[size] for size in points["size"]]
    assert points["forecast"].tolist() == pytest.approx([0.04, 0.03, 0.02, 0.01])
    assert set(points["source"]) == {"https://example.org"}
    line = found.lines["small"]
    assert (line.intercept, line.slope) == pytest.approx((0.35 / 3, -0.0075))
    assert line.largest_miss == pytest.approx(0.01 / 3)
    # squares left .5/3, 1/3 and .5/3 of three units each: 1 − (1/6) / (14/3)
    assert line.r_squared == pytest.approx(1 - (1 / 6) / (14 / 3))
    assert points["line"].tolist() == pytest.approx(
        [0.125 / 3, 0.08 / 3, np.nan, 0.035 / 3], nan_ok=True
    )
    answers = found.answers.set_index("caps")
    assert answers.loc["small"].tolist() == pytest.approx(
        [3, 3, line.slope, line.largest_miss, 15.8, 0.35 / 3 - 0.0075 * 15.8, ""]
    )
    assert answers.loc["large", "note"] == (
        "1 published pairs for large caps; 3 are needed for a line"
    )
    assert answers.loc["large", "starting P/E of the claim"] == 21.5


def test_the_same_forecast_at_every_multiple_is_a_flat_line():
    """Nothing is left to explain, and the line explains all of it."""
    flat = [(f"202{at}-01-31", "small", 10.0 + at, 5.0) for at in range(3)]
    line = fit_bank_lines(facts(flat), QUOTED).lines["small"]
    assert line.r_squared == pytest.approx(1.0) and line.slope == pytest.approx(0.0, abs=1e-12)
    assert (line.pairs, line.forecasts) == (3, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [("provider", "GMO"), ("metric", "trailing_pe"), ("qualifier", "about"),
     ("superseded_by", "another row"), ("index", "S&P 500"), ("date", "2024-05-01")],
)  # fmt: skip
def test_other_multiples_are_not_the_bank_s_own(column, value):
    """Another provider, measure, index or day, a rough figure and a withdrawn one."""
    given = facts([("2024-04-30", "large", np.nan, 3.0)], [("2024-04-30", "large", 20.1)])
    assert published_pairs(given, "BofA")["starting P/E"].tolist() == [20.1]
    given["forward_pe"][column] = value
    assert published_pairs(given, "BofA").empty


def test_a_year_is_scored_and_less_is_not():
    """By days of 365.25 a year; a forecast dated to the month alone has no first day."""
    days = pd.DatetimeIndex(["2022-01-03", "2023-01-03", "2023-01-04"])
    prices = pd.DataFrame({"IWM": [50.0, 55.0, 60.0]}, index=days)
    points = published_pairs(facts([("2022-01-03", "small", 12.0, 12.0)]), "BofA")
    [score] = score_forecasts(points, prices, QUOTED.funds).to_dict("records")
    assert list(score) == ["date", "caps", "forecast", "so far", "years", "share run"]
    assert (score["date"], score["caps"]) == ("2022-01-03", "small")
    assert score["so far"] == pytest.approx(1.2 ** (365.25 / 366) - 1)
    assert score_forecasts(points, prices[:2], QUOTED.funds).empty
    monthly = points.assign(date="2022-01")
    both = pd.concat([monthly, points.assign(size="large"), points])
    assert len(score_forecasts(both, prices, QUOTED.funds)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"bank": "GMO"},
        {"metric": "r_squared"},
        {"qualifier": "about"},
        {"horizon_low": 7},
        {"superseded_by": "another row"},
    ],
)
def test_other_rows_are_no_pairs(changes):
    """Another bank, measure or horizon, a rough figure and a withdrawn one are left out."""
    assert published_pairs(facts(pairs_on((0.2, -0.01), [11.0, 12.0]), **changes), "BofA").empty


@pytest.mark.parametrize("multiples", [[], [11.0, 12.0], [11.0, 11.0, 11.0]])
def test_too_few_pairs_are_refused(multiples):
    """Fewer than three pairs, or one multiple only, make no line; the table says why."""
    given = facts([*pairs_on((0.2, -0.01), multiples), ("2024-01-31", "large", 20.0, 2.0)])
    found = fit_bank_lines(given, QUOTED)
    assert found.lines["small"].refusal is not None
    assert "refused" in str(found.lines["small"])
    assert "are needed for a line" in found.answers["note"].iloc[0]
    assert found.points["line"].isna().all()


def test_forecasts_are_scored_from_the_last_price_before_them():
    """Twice the price after two years is 41.4% a year; a young forecast is not scored."""
    pairs = [("2022-01-02", "small", 12.0, 12.0), ("2023-08-01", "small", 14.0, 10.0)]
    points = published_pairs(facts(pairs), "BofA")
    days = pd.DatetimeIndex(["2021-12-31", "2022-06-30", "2024-01-02"])
    prices = pd.DataFrame({"IWM": [50.0, 40.0, 100.0]}, index=days)
    [score] = score_forecasts(points, prices, QUOTED.funds).to_dict("records")
    years = 730 / 365.25
    assert score["years"] == pytest.approx(years)
    assert score["so far"] == pytest.approx(2 ** (1 / years) - 1)
    assert (score["forecast"], score["share run"]) == (0.12, pytest.approx(years / 10))
    assert score_forecasts(points, None, QUOTED.funds).empty
    assert score_forecasts(points, prices.rename(columns={"IWM": "SPY"}), QUOTED.funds).empty
    assert score_forecasts(points, prices * np.nan, QUOTED.funds).empty
    assert score_forecasts(points, prices["2022-06-30":], QUOTED.funds).empty


@pytest.mark.slow
def test_the_published_pairs_are_few_and_rounded():
    """The bundled facts give both lines, and small caps' points are not one line's, rounded."""
    claim = load_claims()["bofa-9-vs-1"]
    study = return_forecast(load_dataset("bundled"), bind(claim), Sampling(99, 1))
    lines = study.bank.lines
    assert all(lines.values())
    assert all(line.forecasts < line.pairs for line in lines.values())
    assert all(line.slope < 0 for line in lines.values())
    assert not lines["small"].within_rounding
