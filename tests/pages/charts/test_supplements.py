"""Charts and sentences of the supplementary tables: they say what the numbers say."""

import numpy as np
import pandas as pd
import pytest

from analysis.audit.supplements import sentences, shown
from analysis.pages import charts
from analysis.pages.charts import line_ends, record, robustness
from analysis.sources.supplements import empty_supplement

charts.enable()


def title(chart):
    """The finding above a chart."""
    return " ".join(chart.to_dict()["title"]["text"])


def test_paths_say_where_the_mean_stood_and_how_often_small_led():
    """Cuts without twelve months after them do not count."""
    rows = [
        ("smb", cut, offset, value, False)
        for cut, end in (("2001-01", 0.1), ("2007-09", -0.04))
        for offset, value in ((0, 0.0), (12, end))
    ]
    table = pd.DataFrame(rows, columns=["leg", "cut", "offset", "cumulative", "linked"])
    table.loc[len(table)] = ("smb", "2024-09", 3, 0.02, False)
    said = title(record.cut_paths(table))
    assert "3.0 points ahead" in said and "led 1 of 2 times" in said
    assert record.cut_paths(empty_supplement("cut_paths")) is None


def test_the_gap_is_ranked_among_its_own_months():
    """On both bases, as a range where they differ."""
    table = pd.DataFrame(
        {"month": ["2020-01", "2020-02", "2020-03", "2020-04"], "june": [1, 2, 4, 3.0]}
    ).assign(december=[1, 2, 3, 4.0])
    said = title(record.gap_by_month(table))
    assert said.startswith("In April 2020") and "75% to 100% of all months" in said
    assert record.gap_by_month(table[:0]) is None


def test_years_are_counted_when_they_are_whole():
    """A part of a year is drawn and does not count."""
    table = pd.DataFrame(
        {"leg": "smb", "year": [2018.0, 2019.0, 2020.0], "lead": [0.1, -0.1, 0.2]}
    ).assign(months=[12.0, 12.0, 4.0])
    assert "led in 1 of 2 calendar years" in title(record.calendar_years(table))
    assert record.calendar_years(table[:0]) is None


def test_the_running_lead_counts_each_side_of_publication_by_its_months():
    """Twelve months a year, fewer in the last; without a January of division one mean."""
    table = pd.DataFrame(
        {"leg": "smb", "year": [1979.0, 1980, 1981, 1982], "lead": [0.02, 0.04, 0.01, 0.0]}
    ).assign(months=[12.0, 12.0, 12.0, 6.0])
    chart = record.running_lead(table, pd.Period("1981-01", "M"))
    assert title(chart) == (
        "Small caps led by 3.0 points a year before January 1981 and by 0.7 since"
    )
    assert "to June 1982" in " ".join(chart.to_dict()["title"]["subtitle"])
    for split in (None, pd.Period("1981-07", "M"), pd.Period("2030-01", "M")):
        assert title(record.running_lead(table, split)) == "Small caps led by 2.0 points a year"
    assert record.running_lead(table[:0], None) is None


def test_windows_that_are_not_separate_are_not_drawn():
    """A length with fewer than two separate windows is left out."""
    table = pd.DataFrame({"leg": "smb", "first": "1926-07", "last": "2020-12", "years": [20.0, 30]})
    table = table.assign(windows=[900.0, 800], won=[0.8, 1.0], separate=[4.7, 1.5])
    chart = record.windows_won(table)
    assert "80%" in title(chart) and "only 5 separate" in title(chart)
    assert record.windows_won(table[1:]) is None


def test_labels_at_the_ends_of_lines_keep_their_distance():
    """Those that are far apart stay, those that meet are moved up in their order."""
    ends = pd.Series([0.0, 0.01, 1.0])
    low, middle, high = line_ends.spaced(ends, ends)
    assert middle - low >= 0.06 and high == pytest.approx(1.0, abs=0.05)


def studies():
    """Two means and a hit rate with a counterpart, and one without."""
    rows = {
        "study": list("abcd"), "who": ["A", "B", "C", "D"], "published": "2024-08",
        "kind": ["first cut", "first cut", "first cut", "easing span"], "definition": "first cut",
        "metric": ["mean outperformance"] * 2 + ["hit rate", "mean outperformance"],
        "qualifier": ["exact", "above", "exact", "exact"], "comparison": "SMB here",
        "horizon": [12.0, 6.0, 12.0, 12.0], "since": [1954.0, np.nan, 1954.0, 1990.0],
        "published_low": [0.12, 0.05, 0.7, 0.08], "published_high": [0.12, np.nan, 0.7, 0.08],
        "found": [0.05, 0.06, 0.6, np.nan], "low": [-0.01, 0.0, 0.3, np.nan],
        "high": [0.11, 0.12, 0.9, np.nan], "events": [14.0, 14.0, 14.0, np.nan],
    }  # fmt: skip
    return pd.DataFrame(rows)


def test_studies_are_set_beside_their_counterparts():
    """Counts of what is higher, what lies inside, and what cannot be repeated."""
    said = sentences.compared(studies())
    assert "Of 2 published means after first cuts 1 are higher" in said
    assert "1 lie within its 95% interval" in said and "3 of 4 published statements" in said
    assert "+5.0 points on average (14 cuts" in said
    assert title(robustness.studies(studies())).startswith("2 of 3 published figures")
    table = shown.studies(studies())
    assert table["published"].tolist() == [
        "+12.0 points",
        "more than +5.0 points",
        "70%",
        "+8.0 points",
    ]
    assert table["here"].tolist() == [
        "+5.0 points (14 cuts)",
        "+6.0 points (14 cuts)",
        "60% (14 cuts)",
        "",
    ]
    assert len(table.columns) == 6 and robustness.studies(studies()[3:]) is None


def means(low=-0.001):
    """Cuts that cannot be told from any day, and rises that can."""
    rows = {"leg": "smb", "kind": ["all cuts", "all rises"], "first": "1990-07-13"}
    table = pd.DataFrame(rows).assign(last="2025-12-10", days=[58.0, 51.0], mean=[0.0002, 0.002])
    return table.assign(low=[low, 0.0005], high=[0.0014, 0.0035], p=[0.7, 0.01])


def test_policy_days_say_how_many_kinds_can_be_told_from_any_day():
    """In the title, and with interval and p in the sentence."""
    days = pd.DataFrame({"session": pd.to_datetime(["2024-09-18", "2023-07-26"])})
    days = days.assign(meeting="scheduled", move_bp=[-50.0, 25.0], smb=[0.001, 0.002], iwm_spy=0.0)
    said = title(robustness.policy_days(days, means()))
    assert "0.02 points" in said and "1 of 2 kinds" in said
    found = sentences.policy(means())
    assert "+0.02 points from that of any day of the same year (95% interval −0.10" in found
    assert sentences.policy(means()[:0]) == sentences.ABSENT
    assert robustness.policy_days(days[:0], means()) is None


def test_verdicts_by_leg_count_what_differs_over_the_same_months():
    """A change by the months alone is not laid at the fund's door."""
    rows = [
        ("a", "smb", "supported"), ("a", "smb, months of IWM", "not distinguishable"),
        ("a", "iwm_spy", "not distinguishable"), ("b", "smb", "supported"),
        ("b", "smb, months of IWM", "supported"), ("b", "iwm_spy", "contradicted"),
        ("c", "smb", "supported"), ("c", "smb, months of IWM", ""), ("c", "iwm_spy", ""),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["claim", "leg", "verdict"]).assign(reason="too few")
    said = sentences.verdicts(table)
    assert "IWM less SPY in 1 of 2 (b)" in said and "change 1 of 2 verdicts" in said
    assert "1 of 3 central claims cannot" in said
    wide = shown.verdicts(table)
    assert list(wide.columns) == [
        "claim",
        "SMB, all months",
        "SMB, months of the funds",
        "IWM less SPY",
    ]
    assert wide.iloc[2, 2] == "none: too few"


def test_other_markets_settle_a_margin_or_do_not():
    """Settled only where the pooled test tells what the one at home does not."""
    rows = {"markets": ["United States, since publication", "all four pooled"], "first": "1990-07"}
    table = pd.DataFrame(rows).assign(last="2025-12", months=426.0, rows=426.0)
    table = table.assign(premium=[0.003, -0.006], low=-0.03, high=[0.033, 0.014], p=0.5)
    assert "That settles" in sentences.abroad(table.assign(below_margin_p=[0.13, 0.006]))
    assert "That does not change" in sentences.abroad(table.assign(below_margin_p=[0.13, 0.2]))
    chart = robustness.size_abroad(table.assign(below_margin_p=[0.13, 0.006]), 0.02)
    assert "−0.6 points a year" in title(chart) and "1 of 2 rows" in title(chart)
    assert sentences.abroad(table[:1].assign(below_margin_p=0.1)) == sentences.ABSENT


def test_each_forecast_is_held_to_its_own_band():
    """Inside on any basis is inside; the forecasts are nominal."""
    table = pd.DataFrame({"side": ["small", "large"], "kind": "nominal", "basis": "june"})
    table = table.assign(last="2026-04", low=[0.03, 0.02], middle=0.1, high=0.3)
    table = table.assign(forecast=[0.09, 0.01], chance_of_less=[0.1, 0.02])
    said = sentences.absolute(table)
    assert "9% for small caps lies inside" in said and "1% for large caps lies outside" in said
    assert "1% for large caps lies outside" in title(robustness.absolute_forecasts(table))


def test_recursive_errors_say_who_ended_ahead():
    """By the last forecast of each line."""
    table = pd.DataFrame(
        {"basis": ["june"] * 2 + ["december"] * 2, "month": ["2000-01", "2000-04"] * 2}
    )
    table = table.assign(horizon=120.0, gain=[0.1, -0.1, 0.1, 0.2])
    assert "at 10 years on 1 of 2 bases" in sentences.errors(table)
    assert "1 of 2 forecasts" in title(robustness.forecast_errors(table))
    assert robustness.forecast_errors(table[:0]) is None


def test_junk_counts_where_holding_it_still_raises_the_pay():
    """And where that can be told from nothing."""
    rows = [
        ("the United States", held, era, "1963-07", "2026-04", alpha, alpha - 0.02, alpha + 0.02)
        for era, plain, gained in (("whole sample", 0.0, 0.03), ("since July 2013", 0.02, 0.01))
        for held, alpha in (("the market", plain), ("the market and profitability", gained))
    ]
    heads = ["region", "controls", "era", "first", "last", "alpha", "low", "high"]
    table = pd.DataFrame(rows, columns=heads).assign(p=0.1, months=754.0)
    assert "more in 1 of 2 regions and eras" in title(robustness.size_and_junk(table))
    assert "in 1 of 2 regions and eras that can be told" in sentences.junk(table)
    assert robustness.size_and_junk(table[table["controls"] == "the market"]) is None


def test_costs_say_what_is_left_at_the_stated_cost():
    """Of the rule that looks back over a year."""
    rows = {"leg": ["s1_s5", "iwm_spy"], "first": ["1927-07", "2001-06"], "last": "2026-04"}
    table = pd.DataFrame(rows).assign(months=1186.0, past=12.0, turnover=[2.5, 3.9], gross=0.03)
    table = table.assign(cost=0.002, net=[0.023, -0.015], net_low=[0.002, -0.03])
    table = table.assign(net_high=[0.044, 0.002], break_even=[0.011, -0.002])
    said = sentences.costs(table)
    assert (
        "2.5 to 3.9 times a year" in said
        and "−1.5 points a year by IWM less SPY since 2001" in said
    )
    assert "in 1 of 2 pairs" in title(robustness.rotation_costs(table))
    assert shown.costs(table)["portfolios traded a year"].tolist() == [2.5, 3.9]


def test_exposures_say_correlation_and_beta_on_smb():
    """The rows on other measures are for the table."""
    rows = {"leg": "iwm_spy", "against": ["smb", "halves"], "first": "2000-06", "last": "2026-04"}
    table = pd.DataFrame(rows).assign(months=311.0, correlation=[0.91, 0.97], beta=[0.97, 0.93])
    table = table.assign(low=0.88, high=1.06, left=-0.005, tracking=0.04)
    said = sentences.exposures(table)
    assert (
        "correlation of 0.91" in said
        and "beta of 0.97" in said
        and "0.5 points a year less" in said
    )
    assert "IWM less SPY 0.91" in title(robustness.exposures(table))
    assert shown.exposures(table).shape == (2, 6)


def test_fifths_say_upside_downside_and_the_fall():
    """Of the widest against the narrowest, the mean of both bases."""
    rows = {"basis": ["june", "june", "december", "december"], "fifth": [1.0, 5.0, 1.0, 5.0]}
    table = pd.DataFrame(rows).assign(last="2026-04", months=100.0, lead=0.02, skewness=0.1)
    table = table.assign(led_10=0.3, lagged_10=0.2, led_20=[0.1, 0.2, 0.1, 0.3], lagged_20=0.1)
    table = table.assign(relative_fall=0.2, small_fall=[0.2, 0.3, 0.2, 0.4], large_fall=0.2)
    said = sentences.fifths(table)
    assert "in 25% of the months" in said and "fell by 35%" in said and "more than the 20%" in said
    assert "20 points in 25% of months" in title(robustness.gap_fifths(table))
    assert (
        robustness.gap_fifths(table[:0]) is None and sentences.fifths(table[:0]) == sentences.ABSENT
    )


def test_a_round_trip_at_each_cut_trades_four_times():
    """Against the mean lead of the funds, by the cuts they have lived through."""
    rows = [("smb", "2001-01", 0.3), ("iwm_spy", "2001-01", 0.1), ("iwm_spy", "2007-09", -0.02)]
    table = pd.DataFrame(rows, columns=["leg", "cut", "cumulative"]).assign(
        offset=12.0, linked=True
    )
    said = sentences.round_trip(table)
    assert "0.8 points at 0.2%" in said and "+4.0 points by IWM less SPY (2 cuts)" in said
    assert sentences.round_trip(table[:1]) == sentences.ABSENT
