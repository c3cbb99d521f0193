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


@pytest.mark.parametrize(
    ("small", "large", "profit", "expected"),
    [
        ((4000, 2000), (800, 700), (0.2, 0.1), "supported"),
        ((4000, 2000), (800, 300), (0.2, 0.1), "true but uninformative"),
        ((4000, 2000), (800, 700), (0.2, 0.3), "true but uninformative"),
        ((4000, 4100), (800, 700), (0.2, 0.1), "contradicted"),
    ],
)
def test_planted_numbers_of_firms_get_their_verdict(small, large, profit, expected):
    """Fewer than large ones and poorer; fewer only; not fewer."""
    found = study(listed(firms_small=small, firms_big=large, op_small=profit)).finding
    assert found.estimate == pytest.approx(np.log(small[1] / small[0]))
    assert found.measures["profitability_change"] == pytest.approx(profit[1] - profit[0])
    assert decide(CLAIM, found, data="latest", as_of="2020-12").verdict == expected


def test_the_group_itself_goes_before_what_stands_in_for_it():
    """The smallest 30% where its firms are counted, the two smallest fifths where not."""
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700), "op_small": (0.2, 0.1)}
    stood_in = study(listed(**ends)).finding
    assert stood_in.finding.startswith("Of the two smallest fifths by NYSE size there were 4,000")
    counted = study(listed(firms_lo30=(3000, 1000), firms_hi30=(500, 500), **ends)).finding
    assert counted.finding.startswith("Of the smallest 30% by NYSE size there were 3,000 listed in")
    assert counted.estimate == pytest.approx(-np.log(3))


def test_profits_are_those_of_the_group_that_is_counted():
    """The smallest fifth is judged by its own profits where they are published."""
    ends = {"firms_lo20": (900, 600), "firms_hi20": (90, 90), "op_small": (0.2, 0.1)}
    found = study(listed(op_lo20=(0.1, -0.2), **ends), small="lo20", large="hi20").finding
    assert found.measures["profitability_change"] == pytest.approx(-0.3)
    assert "Operating profits of the smallest fifth went from 10.0% to -20.0%" in found.finding


def test_the_grid_says_what_was_left_out():
    """Every group and first month is a row: a change, or a reason."""
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700), "op_small": (0.2, 0.1)}
    found = study(listed(**ends))
    assert set(found.ran["small"]) == {"lo30", "small_half"}
    assert set(found.grid[found.grid["reason"] != ""]["small"]) == {"lo20"}
    row = found.ran.query("small == 'lo30' and start == '1997-07'")
    assert row["change"].item() == pytest.approx(found.finding.estimate)
    assert (found.finding.specifications, found.finding.left_out) == (6, 3)


def test_a_grid_may_vary_one_argument_only():
    """An axis the grid lacks keeps its registered value."""
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700), "op_small": (0.2, 0.1)}
    one = replace(bind(CLAIM), grid={"start": ("1997-07", "2001-07")})
    assert count_trend(listed(**ends), one, Sampling(1, 1)).ran["small"].tolist() == ["lo30"] * 2


def test_data_without_counts_or_a_year_are_refused():
    """The bundled data hold no numbers of firms; a first month too near has no change yet."""
    found = study(load_dataset("bundled"))
    assert found.finding.refusal.needs == "latest" and found.firms.empty
    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700), "op_small": (0.2, 0.1)}
    late = study(listed(**ends), start="2020-01").finding
    assert late.refusal.reason == "needs more than a year from 2020-01; the data seen end 2020-12"


def test_the_nearest_year_is_taken():
    """A value missing in the month itself is that of the nearest month."""
    series = pd.Series([1.0, np.nan, np.nan, 4.0], index=months("2000-01", 4))
    assert value_near(series, pd.Period("2000-02", "M")) == 1.0
    assert value_near(series, pd.Period("2000-03", "M")) == 4.0


def test_the_chart_says_what_it_shows():
    """Counts each July carry words; without counts there is a sentence."""
    from analysis.pages.charts import size_premium as draw

    ends = {"firms_small": (4000, 2000), "firms_big": (800, 700), "op_small": (0.2, 0.1)}
    shown = draw.firms(study(listed(**ends))).to_dict()["description"]
    assert shown.startswith("Listed firms by size; in July 2020: two smallest fifths 2,0")
    assert "latest data only" in draw.firms(study(load_dataset("bundled"))).to_dict()["description"]
