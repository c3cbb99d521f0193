"""A survey that has told the same story since a year: counted, with luck, and refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset
from analysis.results import InputError

CLAIM = load_claims()["standards-tight"]
MONTHS = pd.period_range("1990-05", "2025-12", freq="M", name="month")


def made(recent, before=-0.1) -> Dataset:
    """Surveys of one value up to 2021, and after it the given ones, each held three months."""
    releases = MONTHS[MONTHS.month % 3 == 2]
    values = pd.Series(before, releases, dtype=float)
    values.loc["2022-02":] = np.resize(recent, len(values.loc["2022-02":]))
    monthly = pd.DataFrame({"lending_standards": values.reindex(MONTHS).ffill(limit=2)})
    return Dataset(monthly, {}, "latest", MONTHS[-1])


def study(dataset, **changes):
    return find_design("survey_shares")(dataset, bind(CLAIM, changes), Sampling(1, 1))


def verdict(dataset):
    return decide(CLAIM, study(dataset).finding, data="latest", as_of="2026-04").verdict


@pytest.mark.parametrize(
    ("recent", "before", "expected"),
    [
        ([0.2], -0.1, "supported"),
        ([0.2, 0.1, 0.1, -0.1], -0.1, "supported"),
        ([0.2, -0.1], -0.1, "contradicted"),
        ([0.2], 0.1, "true but uninformative"),
    ],
)
def test_three_of_four_and_luck_decide(recent, before, expected):
    """Always, three of four, half, and where it always was so."""
    assert verdict(made(recent, before)) == expected


def test_the_first_quarter_may_be_any_of_2022():
    """Easing up to November 2022 and tightening since: the last admissible start meets it."""
    found = study(made([-0.1] * 3 + [0.1] * 13)).finding
    assert found.measures["tight_share"] == 1.0 and found.n == 13
    assert "Of 13 surveys released from November 2022" in found.finding
    assert len(study(made([0.2])).counted) == 16


def test_no_change_is_no_tightening():
    assert study(made([0.0])).finding.measures["tight_share"] == 0.0
    assert set(study(made([0.0])).counted["said"]) == {"no change"}


def test_a_survey_that_ends_before_or_is_not_there_is_refused():
    dataset = made([0.2])
    early = Dataset(dataset.monthly.loc[:"2024-12"], {}, "latest", pd.Period("2024-12"))
    assert "reaches November 2024" in study(early).finding.refusal.reason
    empty = Dataset(pd.DataFrame({"smb": 0.0}, MONTHS), {}, "bundled", MONTHS[-1])
    assert study(empty).finding.refusal.needs == "latest"


def test_months_out_of_order_are_an_error():
    with pytest.raises(InputError, match="in their order"):
        bind(CLAIM, {"earliest": "2023-02"})
