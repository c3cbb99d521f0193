"""Industries in months small beats large: planted truths, means by hand, nothing seen after."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.conditional_industry_returns import (
    ConditionalIndustryReturns,
    conditional_industry_returns,
    share_of_sets,
)
from analysis.panel import Dataset
from analysis.panel.columns import INDUSTRIES
from analysis.results import InputError

CLAIM = load_claims()["sectors-lead"]
NAMED = ("money", "manuf", "enrgy")
OTHERS = ("manuf", "money", "durbl", "shops")
ONCE = Sampling(draws=1, seed=0)


def study(dataset: Dataset, **changes) -> ConditionalIndustryReturns:
    return conditional_industry_returns(dataset, bind(CLAIM, changes), ONCE)


def panel(count: int = 400, *, truth: bool = True) -> pd.DataFrame:
    """A panel in which the named industries lead when small wins, or lag."""
    rng = np.random.default_rng(3)
    sign = 1.0 if truth else -1.0
    market, shared = rng.normal(0.008, 0.04, count), rng.normal(0.0, 0.02, count)
    columns = {"market": market, "smb": sign * shared + rng.normal(0, 0.01, count)}
    for name in INDUSTRIES:
        pull = 1.5 if name in NAMED else 0.5
        columns[f"ind_{name}"] = market + pull * shared + rng.normal(0, 0.02, count)
    index = pd.period_range("1950-01", periods=count, freq="M", name="month")
    return pd.DataFrame(columns, index=index)


def dataset_of(monthly: pd.DataFrame) -> Dataset:
    return Dataset(monthly, {}, "bundled", monthly.index[-1])


@pytest.mark.parametrize("truth", [True, False])
def test_a_planted_lead_is_found_and_gives_no_verdict(truth):
    """Industries of all sizes are context: the notes speak of sectors among small caps."""
    found = study(dataset_of(panel(truth=truth))).finding
    judged = decide(CLAIM, found, data="bundled", as_of="1983-04")
    assert judged.verdict == "untestable openly" and judged.evidence == found
    assert (found.estimate > 0) is truth and found.p_value < 0.05


def test_each_note_has_its_own_list():
    """Energy stands in one list only, durables and retail in the other; the sentence has both."""
    monthly = panel()
    found = study(dataset_of(monthly))
    won = monthly["smb"] > 0
    ahead = monthly[[f"ind_{code}" for code in OTHERS]].mean(axis=1) - monthly["market"]
    by_hand = 12 * (ahead[won].mean() - ahead[~won].mean())
    assert found.finding.measures["other_lead"] == pytest.approx(by_hand)
    assert "manufacturing, finance, durables and retail together" in found.finding.finding
    named = found.industries.set_index("code")["named"]
    assert set(named[named].index) == set(NAMED) | set(OTHERS)


def test_the_lead_is_a_difference_of_means():
    """Twelve times the mean when small wins less the mean when it does not, one by one and all."""
    monthly = panel()
    found = study(dataset_of(monthly))
    won = monthly["smb"] > 0
    for code in NAMED:
        ahead = monthly[f"ind_{code}"] - monthly["market"]
        by_hand = 12 * (ahead[won].mean() - ahead[~won].mean())
        row = found.industries.set_index("code").loc[code]
        assert row["lead"] == pytest.approx(by_hand)
        assert row["named"]
    ahead = monthly[[f"ind_{code}" for code in NAMED]].mean(axis=1) - monthly["market"]
    by_hand = 12 * (ahead[won].mean() - ahead[~won].mean())
    assert found.finding.estimate == pytest.approx(by_hand)
    assert f"In the {won.mean():.0%} of months" in found.finding.finding


def test_sets_of_as_many_industries_rank_the_named_ones():
    """With the named three strongest by far, only their own set leads as much; one of two pairs."""
    found = study(dataset_of(panel())).finding
    assert found.measures["sets_as_good"] == pytest.approx(1 / math.comb(12, 3))
    own = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    assert share_of_sets(own, ("a", "c")) == pytest.approx(2 / 3)


def test_other_industries_are_named_and_counted():
    """Two industries are two in the sentence; one stands alone; an unknown one is an error."""
    dataset = dataset_of(panel())
    two, one = (study(dataset, industries=name).finding for name in ("utils_hlth", "utils"))
    assert "utilities and health care together did" in two.finding
    assert "of the two were ahead" in two.finding
    assert "large, utilities did" in one.finding
    with pytest.raises(InputError, match="did you mean 'money'"):
        study(dataset, industries="mony_manuf")


def test_the_era_cuts_the_sample():
    """From 1981 on the headline and every industry are those of these months alone."""
    dataset = dataset_of(panel(600))
    late, whole = study(dataset, era="from_1981"), study(dataset)
    assert late.finding.sample_start == "1981-01"
    row = whole.grid.set_index(["leg", "industries", "era"]).loc[
        ("smb", "money_manuf_enrgy", "from_1981")
    ]
    assert late.finding.estimate == pytest.approx(row["slope"])
    assert late.finding.n == row["n"]
    money = whole.grid.set_index(["leg", "industries", "era"]).loc[("smb", "money", "from_1981")]
    own = late.industries.set_index("code")
    assert own.loc["money", "lead"] == pytest.approx(money["slope"])


def test_the_grid_runs_or_says_why_not():
    """Every leg, set and era has a row; the page shows those that ran, the sentence counts them."""
    found = study(dataset_of(panel()))
    assert len(found.grid) == 5 * 7 * 3
    ran = found.grid["reason"].eq("")
    assert set(found.grid.loc[ran, "leg"]) == {"smb"}
    assert "hold no leg halves" in " ".join(found.grid["reason"].unique())
    assert len(found.leads) == ran.sum() and not found.leads.isna().any(axis=None)
    assert "money, manuf, enrgy" in set(found.leads["industries"])
    assert (found.finding.specifications, found.finding.left_out) == (ran.sum(), (~ran).sum())
    assert found.finding.joint_p < 0.05
    assert f"of {ran.sum()} specifications ({(~ran).sum()} left out" in found.finding.sensitivity


def test_what_is_missing_is_said():
    """Four years of months, and a panel without industries, are refused with a reason."""
    short = study(dataset_of(panel(48)))
    assert "48" in short.finding.refusal.reason
    assert short.industries.empty and short.leads.empty
    monthly = panel()
    without = study(dataset_of(monthly[["market", "smb"]]))
    assert "hold no portfolios by industry" in without.finding.refusal.reason
    assert (without.grid["reason"] != "").all()


@pytest.mark.parametrize("as_of", ["1962-12", "1975-12"])
def test_earlier_months_see_nothing_later(as_of):
    """The sample ends before the month, and wild returns after it change nothing."""
    monthly, end = panel(), pd.Period(as_of, "M")
    wild = monthly.copy()
    wild.loc[end + 1 :] = 0.5
    before, again = (study(dataset_of(frame.loc[:end])).finding for frame in (monthly, wild))
    assert before.refusal is None and before.sample_end <= as_of
    assert again == before
