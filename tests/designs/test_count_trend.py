"""Numbers of listed firms: planted truths, groups that stand in, and the nearest year."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.count_trend import CountTrend, count_trend, value_near
from analysis.panel import Dataset, load_dataset

CLAIM = load_claims()["structural-decline"]


def months(first: str, count: int) -> pd.PeriodIndex:
    """A calendar of months."""
    return pd.period_range(first, periods=count, freq="M", name="month")


def listed(**ends: tuple[float, float]) -> Dataset:
    """Series that run in a line from July 1997 to December 2020."""
    index = months("1997-07", 282)
    share = np.linspace(0, 1, len(index))
    lines = {name: first + (last - first) * share for name, (first, last) in ends.items()}
    return Dataset(pd.DataFrame(lines, index=index), {}, "latest", index[-1])


def study(dataset: Dataset, **changes) -> CountTrend:
    """The claim's design with changed arguments."""
    return count_trend(dataset, bind(CLAIM, changes), Sampling(1, 1))


def bent(**knots: tuple[float, float, float, float]) -> Dataset:
    """Counts at July 1997, July 2000, July 2012 and December 2020, with lines between."""
    index = months("1997-07", 282)
    at = [0, 36, 180, 281]
    lines = {name: np.interp(np.arange(282), at, values) for name, values in knots.items()}
    return Dataset(pd.DataFrame(lines, index=index), {}, "latest", index[-1])


def verdict(dataset: Dataset) -> str | None:
    found = study(dataset).finding
    return decide(CLAIM, found, data="latest", as_of="2020-12").verdict


@pytest.mark.parametrize(
    ("small", "large", "expected"),
    [
        ((4000, 3000, 2500, 2000), (800, 790, 780, 770), "supported"),
        ((4000, 3000, 2500, 2000), (800, 700, 600, 300), "true but uninformative"),
        ((4000, 3000, 2500, 2000), (800, 700, 600, 470), "true but uninformative"),
        ((4000, 2000, 1500, 1600), (800, 790, 780, 770), "not distinguishable"),
        ((4000, 4100, 4200, 4300), (800, 790, 780, 770), "contradicted"),
        ((4000, 4000, 4000, 4000), (800, 790, 780, 770), "contradicted"),
    ],
    ids=["fell", "large fell more", "large fell more once", "mixed", "rose", "still"],
)
def test_numbers_of_firms_get_their_verdict(small, large, expected):
    """Every admissible first month has to agree; a number that stands still is not fewer."""
    assert verdict(bent(firms_small=small, firms_big=large)) == expected


def test_the_measures_are_the_least_favourable_months():
    """By hand: the largest change and the largest one relative to large firms."""
    found = study(
        bent(firms_small=(4000, 3000, 2500, 2000), firms_big=(800, 700, 600, 590))
    ).finding
    assert found.measures["largest_change"] == pytest.approx(np.log(2000 / 2500))
    assert found.measures["smallest_change"] == pytest.approx(np.log(2000 / 4000))
    assert found.measures["largest_relative_change"] == pytest.approx(
        np.log(2000 / 2500) - np.log(590 / 600)
    )
    assert found.estimate == found.measures["largest_change"]
    assert found.sample_start == "2012-07"
    assert "op_" not in found.finding and "cannot say" in found.finding


def test_profitability_changes_nothing():
    """Wild profits, or none, leave the finding as it is."""
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700)}
    assert study(listed(op_small=(2.9, -18.7), **ends)).finding == study(listed(**ends)).finding


def test_the_group_itself_goes_before_what_stands_in_for_it():
    """The smallest 30% where its firms are counted, the two smallest fifths where not."""
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700)}
    assert "firms in the two smallest fifths" in study(listed(**ends)).finding.finding
    counted = study(listed(firms_lo30=(3000, 1000), firms_hi30=(500, 500), **ends)).finding
    assert "firms in the smallest 30% by NYSE size, 1,000" in counted.finding
    assert counted.measures["smallest_change"] == pytest.approx(-np.log(3))


def test_the_grid_has_one_p_and_says_what_was_left_out():
    """Small where firms left every year, near one where they came; absent groups have a reason."""
    falling = bent(firms_small=(4000, 3000, 2500, 2000), firms_big=(800, 790, 780, 770))
    rising = bent(firms_small=(2000, 2500, 3000, 4000), firms_big=(800, 790, 780, 770))
    bound, many = bind(CLAIM), Sampling(200, 1)
    found, other = (count_trend(one, bound, many) for one in (falling, rising))
    assert found.finding.joint_p < 0.05 and other.finding.joint_p > 0.95
    assert set(found.ran["small"]) == {"lo30", "small_half"}
    assert set(found.ran["start"]) == set(bound.arguments.starts)
    lacking = found.grid[found.grid["reason"] != ""]
    assert ((lacking["small"] == "lo20") | (lacking["large"] == "hi20")).all()
    row = found.ran.query("small == 'lo30' and large == 'hi30' and start == '2012-07'")
    assert row["change"].item() == pytest.approx(found.finding.estimate)
    assert (found.finding.specifications, found.finding.left_out) == (6, 12)
    bare = count_trend(falling, replace(bound, grid={}), many)
    assert bare.finding.joint_p is None and bare.finding.measures == found.finding.measures


def test_the_error_is_that_of_yearly_changes():
    """The smallest detectable change is 2.80 roots of the summed squares of yearly changes."""
    found = study(bent(firms_small=(4000, 3000, 2500, 2000), firms_big=(800, 790, 780, 770)))
    counts = found.firms.set_index("july")["two smallest fifths"]
    yearly = np.log(counts).diff().loc[2013:]
    expected = 2.80 * np.sqrt((yearly**2).sum())
    assert found.finding.mde == pytest.approx(expected, rel=1e-3)
    assert found.finding.n == 8


def test_data_without_counts_or_a_year_are_refused():
    """The bundled data hold no numbers of firms; a first month too near has no change yet."""
    found = study(load_dataset("bundled"))
    assert found.finding.refusal.needs == "latest" and found.firms.empty
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700)}
    late = study(listed(**ends), starts=["1997-07", "2020-01"]).finding
    assert late.refusal.reason == "needs more than a year from 2020-01; the data seen end 2020-12"


def test_the_nearest_year_is_taken():
    """A value missing in the month itself is that of the nearest month."""
    series = pd.Series([1.0, np.nan, np.nan, 4.0], index=months("2000-01", 4))
    assert value_near(series, pd.Period("2000-02", "M")) == 1.0
    assert value_near(series, pd.Period("2000-03", "M")) == 4.0


def test_the_chart_says_what_it_shows():
    """Counts each July carry words; without counts there is a sentence."""
    from analysis.pages.charts import size_premium as draw

    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700)}
    shown = draw.firms(study(listed(**ends))).to_dict()["description"]
    assert shown.startswith("Listed firms by size; in July 2020: two smallest fifths 2,0")
    assert "latest data only" in str(draw.firms(study(load_dataset("bundled"))))
