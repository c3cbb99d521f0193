"""A premium before and since publication: planted verdicts, the grid, the unknown break."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.inference.premium_around import premium_around
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIM = load_claims()["premium-vanished"]
SPLIT = pd.Period("1981-01", "M")


def study(dataset, grid=None, **changes):
    specification = bind(CLAIM, changes)
    chosen = specification if grid is None else replace(specification, grid=grid)
    return find_design("premium_before_after")(dataset, chosen, Sampling(100, 1))


def verdict(found):
    return decide(CLAIM, found.finding, data="latest", as_of="2020-01").verdict


def made(before: float, since: float, noise: np.ndarray | float) -> Dataset:
    """SMB with annual means before and since 1981, and noise of mean zero on both sides."""
    index = pd.period_range("1931-01", periods=1200, freq="M", name="month")
    wiggle = noise * np.where(np.arange(len(index)) % 2 == 0, 1.0, -1.0)
    smb = pd.Series(np.where(index < SPLIT, before, since) / 12 + wiggle, index=index)
    return Dataset(pd.DataFrame({"smb": smb}), {}, data="latest", as_of=index[-1])


@pytest.mark.parametrize(
    ("before", "since", "expected"),
    [
        (0.04, 0.0, "supported"),
        (0.0, 0.0, "supported"),
        (0.08, 0.04, "contradicted"),
        (0.0, -0.04, "supported"),
        (0.04, 0.06, "contradicted"),
    ],
)
def test_a_planted_premium_gets_the_verdict_it_deserves(before, since, expected):
    """Gone, never there, halved but alive, turned round, grown: each gets its own verdict."""
    found = study(made(before, since, 0.01), grid={})
    assert found.premium.before.estimate == pytest.approx(before)
    assert found.premium.after.estimate == pytest.approx(since)
    assert verdict(found) == expected
    for measure in CLAIM.criterion.measures():
        assert np.isfinite(found.finding.measures[measure]), measure


def test_among_large_swings_its_absence_is_not_seen():
    """Nothing among large swings is neither shown nor refuted, and the smallest size is said."""
    noise = np.random.default_rng(0).normal(0, 0.06, 1200)
    before = np.arange(1200) < 600
    level = np.where(before, noise[before].mean(), noise[~before].mean())
    sign = np.where(np.arange(1200) % 2 == 0, 1.0, -1.0)
    found = study(made(0.03, 0.0, (noise - level) * sign), grid={})
    assert verdict(found) == "not distinguishable"
    assert found.finding.mde == pytest.approx(2.80 * found.premium.error_after, rel=1e-3)
    assert found.finding.mde > 0.03
    assert found.finding.p_value == found.premium.p_below > 0.05


def test_the_later_mean_decides_only_from_zero_up():
    """At a lower end of exactly zero it is not contradicted; above it, it is."""
    dataset = made(0.10, 0.0, 0.3)
    finding = study(dataset, grid={}).finding
    labels = {
        low: decide(
            CLAIM,
            replace(finding, measures={**finding.measures, "post_low": low}),
            data="latest",
            as_of="2020-01",
        ).verdict
        for low in (-1e-9, 0.0, 1e-9)
    }
    assert list(labels.values()) == ["not distinguishable"] * 2 + ["contradicted"]


def test_the_grid_is_every_leg_and_date():
    """Each row by hand; the sentence counts those that ran."""
    dataset = made(0.04, 0.0, 0.01)
    monthly = dataset.monthly.assign(lo30=dataset.monthly["smb"] + 0.01, hi30=0.01)
    found = study(replace(dataset, monthly=monthly))
    assert len(found.grid) == 9 * 2
    assert set(found.ran["leg"]) == {"smb", "lo30_hi30"}
    lacking = found.grid.query("leg == 'd1_d10'")["reason"]
    assert set(lacking) == {"the data set has no columns for d1_d10"}
    row = found.ran.query("leg == 'smb' and published == '1993-02'").iloc[0]
    by_hand = premium_around(dataset.monthly["smb"], pd.Period("1993-02", "M"), 0.02, 6)
    assert row["p below"] == by_hand.p_below
    assert row["fall"] == by_hand.fall.estimate
    assert row["fall p"] == by_hand.fall.p_value
    assert "Over 4 legs and dates" in found.finding.sensitivity


@pytest.mark.parametrize(("since", "low", "high"), [(-0.04, 0.0, 0.03), (0.12, 0.97, 1.0)])
def test_the_joint_p_is_small_below_the_margin_alone(since, low, high):
    """One-sided: a premium far above has a joint p near one; a date the data chose is left out."""
    noise = np.random.default_rng(3).normal(0, 0.01, 1200)
    sign = np.where(np.arange(1200) % 2 == 0, 1.0, -1.0)
    dataset = made(0.04, since, noise * sign)
    found = study(dataset)
    assert low <= found.finding.joint_p <= high
    more = study(dataset, grid={"published": ("1981-01", "1993-02", "unknown_break")})
    assert (
        more.finding.joint_p
        == study(dataset, grid={"published": ("1981-01", "1993-02")}).finding.joint_p
    )
    assert study(dataset, grid={}).finding.joint_p is None


def test_a_planted_break_is_where_the_unknown_date_splits():
    """The likeliest month of a break is that of the drop, give or take two years."""
    found = study(made(0.06, -0.02, 0.01), grid={"published": ("1981-01", "unknown_break")})
    label = pd.Period(found.found.label, "M")
    assert abs((label - SPLIT).n) <= 24
    rows = found.ran[found.ran["published"] == "unknown_break"]
    assert set(rows.loc[rows["leg"] == "smb", "split"]) == {str(label)}
    chosen = study(made(0.06, -0.02, 0.01), published="unknown_break")
    assert str(chosen.premium.split) == str(label)


def test_without_a_grid_no_break_is_looked_for():
    """A simulated panel pays for the two means alone; the rule's verdict is the same."""
    dataset = load_dataset("bundled")
    bare, whole = study(dataset, grid={}), study(dataset)
    assert bare.breaks == {}
    assert bare.finding.sensitivity == ""
    assert bare.grid.empty
    assert bare.finding.measures == whole.finding.measures
    assert bare.found.label == whole.found.label


def test_the_era_cuts_the_sample():
    """From 1954 on the earlier premium is that of 27 years."""
    found = study(load_dataset("bundled"), grid={}, era="from_1954")
    assert found.finding.sample_start == "1954-01"
    assert found.premium.before.n == 27 * 12


@pytest.mark.parametrize("as_of", ["1931-06", "1985-11"])
def test_too_few_months_on_a_side_are_refused(as_of):
    """Five years on either side, or a reason; tables and regimes stand nevertheless."""
    found = study(load_dataset("bundled", as_of))
    assert "60 are needed on each side" in found.finding.refusal.reason
    assert not found.premium
    assert not found.decades.empty
    assert not found.switching.empty


def test_the_regimes_and_decades_of_the_bundled_data_are_shown():
    """Two regimes in per cent, the higher first; the last decade's row is all months."""
    found = study(load_dataset("bundled"), grid={})
    assert found.switching["regime"].tolist() == ["higher mean", "lower mean"]
    assert found.switching["mean a year"].str.endswith("%").all()
    assert found.decades["decade"].iloc[-1] == "all"
    assert found.decades["months"].iloc[-1] == len(found.spread)
    few = study(load_dataset("bundled", "1955-12"), grid={})
    assert few.switching.columns.tolist() == ["no regimes"]


def test_a_leg_without_months_is_named():
    """A leg whose portfolios begin after the date is an input that cannot be used."""
    with pytest.raises(InputError, match=r"'s1_s5' needs .*does not hold up to 1945-12"):
        study(load_dataset("bundled", "1945-12"), leg="s1_s5")


def test_the_future_changes_nothing(wild_after):
    """Wild values after the date leave the finding as it was."""
    before = study(load_dataset("bundled", "1995-12")).finding
    assert study(wild_after("1995-12")).finding == before
