"""Linked cuts against the others: planted differences, and what the data lack."""

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.inference import linked_windows
from analysis.inference.linked_windows import kind_difference
from analysis.panel import Dataset, load_dataset

module = sys.modules[find_design("linked_difference").module]

CLAIM = load_claims()["linked-helps-more"]
MONTHS = pd.period_range("1954-01", "2018-12", freq="M", name="month")
CUTS = [f"{1957 + 5 * at}-03" for at in range(12)]


def made(linked=0.0, other=0.0, cuts=CUTS) -> Dataset:
    """Every second cut is followed by a recession; small leads by so much in the year after."""
    noise = np.random.default_rng(3).normal(0, 0.01, len(MONTHS))
    smb, recession = pd.Series(noise, MONTHS), pd.Series(0.0, MONTHS)
    for at, cut in enumerate(cuts):
        month = pd.Period(cut, "M")
        smb.loc[month + 1 : month + 12] += (linked if at % 2 == 0 else other) / 12
        if at % 2 == 0:
            recession.loc[month + 4 : month + 10] = 1.0
    cycles = pd.DataFrame({"cycle": cuts, "target_month": pd.PeriodIndex(cuts, freq="M")})
    cycles = cycles.assign(
        discount_month=cycles["target_month"] + 2,
        bank_list_month=cycles["target_month"],
        optional=False,
        excluded=False,
        flag="",
        recession_linked="open",
    )
    monthly = pd.DataFrame({"smb": smb, "recession": recession})
    return Dataset(monthly, {"easing_cycles": cycles}, "bundled", MONTHS[-1])


def study(dataset):
    return find_design("linked_difference")(dataset, bind(CLAIM), Sampling(499, 1))


@pytest.mark.parametrize(
    ("linked", "other", "expected"),
    [
        (0.20, 0.0, "supported"),
        (0.0, 0.20, "contradicted"),
        (0.0, 0.0, "not distinguishable"),
        (0.20, 0.20, "not distinguishable"),
    ],
)
def test_only_a_difference_supports(linked, other, expected):
    """Linked cuts alone, the others alone, none, and both alike."""
    found = study(made(linked, other)).finding
    assert decide(CLAIM, found, data="bundled", as_of="2018-11").verdict == expected
    assert found.n == 12 and found.usable_in_time is False


def test_the_grid_is_judged_on_whole_cycles():
    """Date rules a month or two apart are the same cycles; legs the data lack have their reason."""
    one = study(made(0.20, 0.0))
    assert one.finding.joint_p < 0.05 < study(made(0.0, 0.20)).finding.joint_p
    assert set(one.ran["date_rule"]) == {"funds", "discount", "broad", "bank"}
    assert one.grid.query("leg == 's1_s5'")["reason"].str.contains("does not hold").all()


def test_every_cut_is_shown_with_its_link():
    events = study(made(0.20, 0.0)).events
    assert list(events["first cut"]) == CUTS
    assert list(events["recession linked"]) == ["yes", "no"] * 6
    assert events.query("`recession linked` == 'yes'")["return"].mean() == pytest.approx(
        0.20, abs=0.05
    )


def test_too_few_of_a_kind_are_refused():
    assert "1 and 1 events" in study(made(cuts=CUTS[:2])).finding.refusal.reason


FEWER = {"leg": ("smb", "halves"), "date_rule": ("funds", "broad"), "horizon": (6, 24)}


def test_the_grid_is_what_each_specification_gives_alone():
    """On real data, cut: what is shared between specifications changes none of them."""
    dataset = load_dataset("bundled", "1995-12")
    bound = bind(CLAIM)
    bound = replace(bound, grid={**bound.grid, **FEWER})
    grid, parts = module._grid(dataset, bound, Sampling(199, 1))
    ran = grid[grid["reason"] == ""]
    assert len(ran) == len(parts) > 20
    for (_, row), part in zip(ran.iterrows(), parts, strict=True):
        alone = module._events(
            dataset, bound.arguments.model_copy(update={axis: row[axis] for axis in module.AXES})
        )
        for one, other in zip(part, alone, strict=True):
            assert np.array_equal(one, other)
        found = kind_difference(alone[1], alone[2], 199, 1)
        assert (row["difference"], row["p"]) == (found.estimate, found.p_value)


def test_an_earlier_month_changes_nothing_of_a_later_one():
    """What is kept from one month's grid gives another month the same numbers as a first call."""
    bound, sampling = bind(CLAIM), Sampling(199, 1)
    bound = replace(bound, grid={**bound.grid, **FEWER})
    later = load_dataset("bundled", "2003-06")

    def said():
        found = module.linked_difference(later, bound, sampling)
        return found.finding, found.grid.to_csv(float_format="%.17g")

    linked_windows._kind_difference.cache_clear()
    linked_windows._drawn.cache_clear()
    first = said()
    linked_windows._kind_difference.cache_clear()
    linked_windows._drawn.cache_clear()
    module.linked_difference(load_dataset("bundled", "2002-06"), bound, sampling)
    assert said() == first
    assert linked_windows._drawn.cache_info().hits > 0


def test_each_cut_is_left_out_in_turn():
    """As the design on a table without that cut; one cut that carries the difference is told."""
    dataset = made(0.20)
    finding = study(dataset).finding
    assert list(finding.without_one) == [cut for cut in CUTS]
    table = dataset.facts["easing_cycles"]
    for place in (0, 3):
        rest = Dataset(
            dataset.monthly, {"easing_cycles": table.drop(index=place)}, "bundled", MONTHS[-1]
        )
        twin = study(rest).finding.measures["difference_p"]
        assert finding.without_one[CUTS[place]]["difference_p"] == twin
    few = made(0.20, cuts=CUTS[:4])
    assert np.isnan(study(few).finding.without_one[CUTS[0]]["difference_p"])
