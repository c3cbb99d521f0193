"""Charts of the rates chapter: described, small, and sliders that compute what Python does."""

import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, bind, find_design
from analysis.inference.repricing import even_ladder, interest_burden
from analysis.pages.charts import interest_calculator
from analysis.pages.charts import rate_sensitivity as draw
from analysis.pages.charts.renderer import MIME_TYPE, mimebundle
from analysis.pages.charts.sentences import Sentence
from analysis.pages.parameters import parameters_of
from analysis.panel import Dataset
from analysis.sources.facts import load_facts

CLAIMS = {key: c for key, c in load_claims().items() if c.chapter == "rate_sensitivity"}


def studies_on(dataset):
    """Every study of the chapter, by claim."""
    return {
        name: find_design(claim.design)(dataset, bind(claim), Sampling(1, 1))
        for name, claim in CLAIMS.items()
        if claim.design is not None
    }


def made_up(last="2025-12"):
    """Data with every rate of the chapter and a gap, all moving at random, up to a month."""
    rng = np.random.default_rng(5)
    months = pd.period_range("1926-07", "2025-12", freq="M", name="month")
    step = pd.DataFrame(rng.normal(0, 0.003, (len(months), 4)), index=months)
    short = 0.05 + step[0].cumsum()
    market = pd.Series(rng.normal(0.006, 0.04, len(months)), index=months)
    frame = pd.DataFrame(
        {
            "smb": rng.normal(0.001, 0.03, len(months)),
            "market": market,
            "market_excess": market,
            "bill_rate": short.shift(1, fill_value=0.05),
            "fed_funds": short,
            "target": (short / 0.0025).round() * 0.0025,
            "gs10": 0.06 + step[1].cumsum(),
            "aaa": 0.05,
            "baa": 0.06 + step[2].cumsum(),
            "lending_standards": step[3].where(months.month % 3 == 2).ffill(limit=2),
        },
        index=months,
    )
    junes = months[months.month == 6]
    gaps = {f"gap_{basis}": rng.normal(0, 0.1, len(junes)) for basis in ("june", "december")}
    end = pd.Period(last, "M")
    return Dataset(
        frame.loc[:end],
        load_facts(None if last == "2025-12" else end),
        "latest",
        end,
        valuation=pd.DataFrame(gaps, index=junes).loc[:end],
        snapshot="synthetic",
    )


@pytest.fixture(scope="module")
def made():
    """The studies of the made-up data."""
    return studies_on(made_up())


def calculator(studies):
    """The calculator where its sliders start."""
    parameters = parameters_of("rate_sensitivity")()
    burden, relief = studies["interest-32"], studies["interest-2pp"]
    return interest_calculator.calculator(burden, relief, parameters)


def charts(studies):
    """Every chart of the chapter."""
    both = (studies["rate-sensitive"], studies["credit-gate"].first)
    drawn = [draw.slopes(*both), draw.asymmetry(*both), draw.ranges(studies["interest-32"])]
    drawn += [draw.specifications(studies["floating-debt-benefit"])]
    drawn += [draw.rises(studies["interest-2pp"])]
    return [*drawn, draw.gap_and_rate(studies["debt-sensitivity-gap"]), calculator(studies)]


def test_every_chart_speaks_and_stays_small(made):
    """Each chart has a description, and all together weigh little."""
    made = [mimebundle(chart.to_dict(validate=False)) for chart in charts(made)]
    assert all(bundle["text/plain"] for bundle in made)
    assert sum(len(json.dumps(bundle[MIME_TYPE])) for bundle in made) < 100_000


def test_charts_without_data_say_so():
    """Before any regression can be run the charts give the reason in words."""
    early = studies_on(made_up("1931-06"))
    assert sum(isinstance(chart, Sentence) for chart in charts(early)) == 5


def test_moves_of_rates_and_of_the_spread_stand_in_one_table(made):
    """The table on the page holds all rates and the credit spread, without empty cells."""
    table = draw.moves(made["rate-sensitive"], made["credit-gate"].first)
    assert {"one-month bill rate", "funds rate target", "BAA less AAA"} <= set(table["driver"])
    assert set(table["step"]) == {"a quarter point", "a tenth of a point"}
    assert not table.isna().any(axis=None) and set(draw.EFFECTS) < set(table.columns)


def test_the_sliders_arithmetic_is_that_of_the_calculator():
    """On a grid of slider values the Vega expressions and the Python function agree."""
    years = 5
    yearly = [interest_calculator.hit_expression(str(t), years) for t in range(1, years + 1)]
    summed, step = (
        interest_calculator.sum_expression(years),
        interest_calculator.step_expression(years),
    )
    assert re.fullmatch(r"[a-z0-9 .+*/()-]+", "".join([*yearly, summed, step]))
    grid = itertools.product((0, 3.5, 12), (0, 42, 100), (0, 75, 100), (0, 3.625), (0, 4))
    for debt, floating, maturing, gap, cuts in grid:
        values = dict(debt=debt, floating=floating, maturing=maturing, gap=gap, cuts=cuts)
        ladder = even_ladder(maturing / 100, years)

        def burden(steps, debt=debt, floating=floating, gap=gap, ladder=ladder):
            path = [gap / 100 - 0.0025 * steps] * years
            return interest_burden(debt, floating / 100, ladder, path, years)

        ours, fewer = burden(cuts), burden(cuts + 1)
        assert [_value(text, values) for text in yearly] == pytest.approx(ours.yearly)
        assert _value(summed, values) == pytest.approx(ours.cumulative[-1])
        assert _value(step, values) == pytest.approx(ours.last_year - fewer.last_year)


def _value(expression, values):
    return eval(expression, {"__builtins__": {}}, values)


@pytest.mark.parametrize("chosen", [(5.25, 42, 75, 3.625, 0), (8, 100, 0, 5, 4)])
def test_vega_draws_what_python_computes(made, chosen):
    """Drawn by Vega itself, the chart shows the calculator's numbers and what they meet."""
    import vl_convert

    spec = calculator(made).to_dict()
    for param, value in zip(spec["params"], chosen, strict=True):
        param["value"] = value
    text = re.sub(r"<[^>]+>", "\n", vl_convert.vegalite_to_svg(json.dumps(spec)))
    debt, floating, maturing, gap, cuts = chosen
    ladder, rate = even_ladder(maturing / 100, 5), gap / 100 - 0.0025 * cuts
    burden = interest_burden(debt, floating / 100, ladder, [rate] * 5, 5)
    relief = debt * burden.repriced[-1] * 0.25
    assert f"Year 5: {burden.last_year:.1%} of operating earnings" in text
    assert f"Each 25bp: {relief:.2f} points" in text
    assert f"All 5 years added up: {burden.cumulative[-1]:.0%} of one year" in text
    reached = "reached" if burden.last_year >= 0.32 - 1e-12 else "not reached"
    assert f"32% quoted (dashed): {reached}" in text
    met = "met" if 1.5 <= relief <= 2.5 else "not met"
    assert f"About 2 points quoted: {met}" in text
    assert all(f"{hit:.1%}" in text for hit in burden.yearly)
