"""The chart of a figure by its date: what is drawn, what is marked, and what it says."""

import pandas as pd
import pytest

from analysis.designs import Sampling, Specification
from analysis.designs.dated_figure import DatedFigureArguments, dated_figure
from analysis.pages.charts import dated_values
from analysis.pages.charts.dated_values import describe, value_by_date
from analysis.pages.charts.sentences import Sentence
from analysis.panel import Dataset

DAYS = pd.bdate_range("2020-01-01", "2026-04-30")


def study(as_of="2026-04", **changes):
    """IWM stands still until 14 January 2026, gains 5.8% that day and ten per cent the next."""
    closes = pd.Series(100.0, index=DAYS)
    closes.loc["2026-01-14":], closes.loc["2026-01-15":] = 105.8, 110.0
    months = pd.period_range("2020-01", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    funds = pd.DataFrame({"IWM": closes, "SPY": 100.0})
    dataset = Dataset(monthly, {}, "latest", months[-1], funds=funds)
    arguments = {
        "first": {"earliest": "2025-12-31", "latest": "2025-12-31"},
        "last": {"earliest": "2026-01-12", "latest": "2026-01-16"},
        "figures": [{"of": "IWM", "claimed": 0.058, "rounding": 0.0005}],
    } | changes
    specification = Specification("made", DatedFigureArguments.model_validate(arguments))
    return dated_figure(dataset, specification, Sampling(1, 1))


def layers(chart, mark):
    """Layers of a kind in all panels."""
    panels = chart.to_dict()["vconcat"]
    return [one for panel in panels for one in panel["layer"] if one["mark"]["type"] == mark]


def test_the_claim_the_admitted_days_and_the_match_are_drawn():
    """One panel; a band for the figure; the diamond filters what is matched."""
    chart = value_by_date(study())
    [panel] = chart.to_dict()["vconcat"]
    assert panel["title"] == "IWM"
    assert len(layers(chart, "rect")) == 1 and len(layers(chart, "area")) == 0
    filters = [one["transform"][0]["filter"] for one in layers(chart, "point")]
    assert "datum.matched" in filters
    words = chart.to_dict()["description"]
    assert words == (
        "On the admissible days: IWM from 0% to 10%. Days on which the claim holds: 1."
    )


def test_without_closes_what_was_kept_is_drawn_and_never_another_claims(monkeypatch):
    """On data that hold no closes; where nothing was kept the reason stands in its place."""
    whole, bare = study(), study(last={"earliest": "2027-01-12", "latest": "2027-01-16"})
    assert bare.by_date.empty
    kept = {"figure_days": whole.by_date, "figure_bands": whole.bands}

    def given(claim):
        return lambda dataset, name: kept[name].assign(claim=claim)

    monkeypatch.setattr(dated_values, "supplement", given("made"))
    drawn = value_by_date(bare, dataset=object()).to_dict()
    assert [panel["title"] for panel in drawn["vconcat"]] == ["IWM"]
    said = " ".join(drawn["title"]["text"])
    assert said.startswith("The claim holds on one of the days that the wording admits")
    monkeypatch.setattr(dated_values, "supplement", given("another"))
    refused = value_by_date(bare, dataset=object())
    assert isinstance(refused, Sentence) and refused.text == bare.refused
    # a study that has its own values draws those, and says among how many days
    assert "1 of the 5 days" in " ".join(
        value_by_date(whole, dataset=object()).to_dict()["title"]["text"]
    )


def test_a_claim_of_a_lead_alone_is_drawn_at_zero():
    """No figure is claimed anywhere: the line that has to be passed is named."""
    chart = value_by_date(study(figures=[{"of": "IWM", "against": "SPY", "wording": "ahead"}]))
    rim, text = layers(chart, "text")
    assert rim["mark"]["style"] == "halo" and "style" not in text["mark"]
    assert "above 0%" in str(chart.to_dict()["datasets"]), text


def test_a_panel_for_each_figure_and_reading():
    """Two figures, with dividends and without: four panels; a lead has a line and no band."""
    figures = [
        {"of": "IWM", "claimed": 0.058, "rounding": 0.0005},
        {"of": "IWM", "against": "SPY", "wording": "ahead"},
    ]
    chart = value_by_date(study(figures=figures, dividends={"IWM": 0.01, "SPY": 0.01}))
    titles = [panel["title"] for panel in chart.to_dict()["vconcat"]]
    assert titles == [
        "IWM, with dividends",
        "IWM over SPY, with dividends",
        "IWM, without dividends",
        "IWM over SPY, without dividends",
    ]
    assert len(layers(chart, "rect")) == 2


def test_a_lead_alone_has_its_line_at_zero():
    """A claim of one lead gives no number: the line stands where the lead begins."""
    chart = value_by_date(study(figures=[{"of": "IWM", "against": "SPY", "wording": "ahead"}]))
    assert len(layers(chart, "rule")) == 1 and len(layers(chart, "rect")) == 0
    assert "above 0%" in str(chart.to_dict())


def test_several_first_days_are_a_band():
    """The highest and the lowest over the first days."""
    spread = study(first={"earliest": "2025-12-01", "latest": "2026-01-14"})
    assert len(layers(value_by_date(spread), "area")) == 1
    drawn = spread.by_date.set_index("day").loc["2026-01-15"]
    assert (drawn["low"], drawn["high"]) == (pytest.approx(110 / 105.8 - 1), pytest.approx(0.1))
    assert "nan" not in describe(spread)


def test_without_closes_the_chart_is_the_reason():
    """A sentence in its place."""
    sentence = value_by_date(study(as_of="2025-12"))
    assert str(sentence).startswith("Not yet made") and str(sentence).endswith(".")
    assert sentence._repr_markdown_().startswith("Not yet made")
