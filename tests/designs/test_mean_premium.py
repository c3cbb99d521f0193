"""One portfolio against another: planted premia, eras, publication, and nothing from the future."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIM = load_claims()["value-tilt"]
FEW = Sampling(100, 1)


def study(dataset, **changes):
    return find_design("mean_premium")(dataset, bind(CLAIM, changes), FEW)


def verdict(found):
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def made(tilt: float) -> Dataset:
    """Nine portfolios by size and value; `tilt` is added to the three of value each month."""
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    rng = np.random.default_rng(7)
    market = rng.normal(0.006, 0.045, len(months))
    columns = {
        f"s{size}v{value}": market + tilt * (value == 5) + rng.normal(0, 0.004, len(months))
        for size in (1, 3, 5)
        for value in (1, 3, 5)
    }
    monthly = pd.DataFrame(columns, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])


@pytest.fixture(scope="module")
def bundled():
    """The registered specification on the bundled data."""
    return study(load_dataset("bundled"))


@pytest.mark.parametrize(
    ("tilt", "expected"),
    [(0.006, "supported"), (0.0, "not distinguishable"), (-0.006, "contradicted")],
)
def test_a_planted_premium_gets_its_verdict(tilt, expected):
    """Value that leads, does not lead, and falls behind."""
    found = study(made(tilt))
    assert found.finding.estimate == pytest.approx(12 * tilt, abs=0.005)
    assert verdict(found) == expected


def test_every_measure_of_the_criterion_is_a_number(bundled):
    """Nothing the criterion asks for is missing."""
    for measure in CLAIM.criterion.measures():
        assert np.isfinite(bundled.finding.measures[measure]), measure
    assert bundled.finding.mde > 0
    assert bundled.finding.more_needed


def test_the_table_of_sizes_gives_the_numbers_of_the_finding(bundled):
    """The table's shared draws are the very draws of one difference."""
    measures = bundled.finding.measures
    rows = bundled.eras.set_index(["spread", "era"])
    whole, after = rows.loc[("smallest fifth", "full")], rows.loc[("smallest fifth", "from_1992")]
    assert whole["annual"] == pytest.approx(measures["premium"])
    assert whole["p"] == pytest.approx(measures["premium_p"])
    assert after["high"] == pytest.approx(measures["post_high"])
    assert after["p"] == pytest.approx(measures["post_p"])
    assert set(bundled.eras["spread"]) == {"smallest fifth", "middle fifth", "largest fifth", "HML"}


def test_the_premium_since_publication_begins_with_its_month():
    """A premium that ends in June 1992 leaves nothing for the months after."""
    dataset = made(0.0)
    monthly = dataset.monthly.copy()
    monthly.loc[:"1992-06", "s1v5"] += 0.01
    measures = study(replace(dataset, monthly=monthly)).finding.measures
    later = monthly.loc["1992-07":]
    assert measures["post_premium"] == pytest.approx(12 * (later["s1v5"] - later["s1v1"]).mean())
    assert measures["premium"] > 0.04


def test_the_era_cuts_both_samples():
    """A premium before 1981 is not seen by an era that begins there."""
    dataset = made(0.0)
    monthly = dataset.monthly.copy()
    monthly.loc[:"1980-12", "s1v5"] += 0.01
    early = replace(dataset, monthly=monthly)
    assert study(early).finding.estimate > 0.03
    assert abs(study(early, era="from_1981").finding.estimate) < 0.01
    assert study(early, era="from_1981").finding.sample_start == "1981-01"


def test_other_portfolios_reach_finding_words_and_tables():
    """The middle fifth's difference is the row that the small one's table has of it."""
    early = load_dataset("bundled", "2007-12")
    other = study(early, long="s3v5", short="s3v1")
    middle = other.eras.query("spread == 'middle fifth' and era == 'full'")["annual"].item()
    assert other.finding.estimate == pytest.approx(middle)
    assert other.finding.finding.startswith("Mid-sized value beat mid-sized growth by ")
    assert other.finding.null == "mid-sized value returns what mid-sized growth returns"
    assert other.difference == "S3V5 less S3V1"
    assert len(other.specification.deviations) == 2


def test_the_running_sum_ends_with_all_months(bundled):
    """By hand, from the first month that portfolios and factor both have."""
    monthly = load_dataset("bundled").monthly
    pair = (monthly["s1v5"] - monthly["s1v1"]).dropna().loc[:"2016-12"]
    rows = bundled.running.set_index(["spread", "month"])["lead"]
    assert rows["small value less small growth", "2016-12"] == pytest.approx(pair.sum())
    assert set(bundled.running["spread"]) == {"small value less small growth", "HML"}


def test_a_portfolio_the_data_lack_is_named():
    """The grid gives it a reason, the finding a refusal."""
    found = study(load_dataset("bundled"), long="me1op5")
    assert found.finding.refusal.needs == "latest"
    assert found.finding.refusal.reason == "needs the latest data: portfolio me1op5"
    absent = found.grid[found.grid["long"] == "me1op5"]
    assert set(absent["reason"]) == {"only 0 months; 60 are needed"}


def test_a_portfolio_against_itself_is_refused():
    """Long and short must differ, and both must be portfolios of two sorts."""
    with pytest.raises(InputError, match="long and short are both s1v1"):
        bind(CLAIM, {"long": "s1v1"})
    with pytest.raises(InputError, match=r"field arguments.long"):
        bind(CLAIM, {"long": "smb"})


@pytest.mark.parametrize(
    ("as_of", "words"),
    [("1931-06", "only 0 months"), ("1995-12", "since 1992-07, after publication: only 42")],
)
def test_little_data_is_refused_in_words(as_of, words):
    """Before the portfolios begin, and before five years have passed since publication."""
    assert words in study(load_dataset("bundled", as_of)).finding.refusal.reason
