"""Tariff news: sessions that meet it, planted shields, and what the data lack."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.event_days import sessions_of
from analysis.panel import Dataset
from analysis.sources.facts import load_facts

CLAIM = load_claims()["tariff-shield"]
DAYS = pd.bdate_range("2018-01-02", "2020-12-31", name="day")


def news(*rows) -> pd.DataFrame:
    """Day, kind and timing of each piece of news."""
    table = pd.DataFrame(rows, columns=["day", "kind", "timing"])
    return table.assign(day=pd.to_datetime(table["day"]), what=table["kind"])


def made(shield=0.0, kinds=("escalate", "retreat")) -> Dataset:
    """Forty events of alternating kind; SMB moves by `shield` towards the claim on each."""
    rng = np.random.default_rng(4)
    smb = pd.Series(rng.normal(0, 0.004, len(DAYS)), DAYS)
    market = pd.Series(rng.normal(0, 0.01, len(DAYS)), DAYS)
    chosen = DAYS[10:-10:18]
    table = news(*((str(day)[:10], kinds[at % 2], "not stated") for at, day in enumerate(chosen)))
    for at, day in enumerate(chosen):
        smb[day] += shield * (1 if kinds[at % 2] == "escalate" else -1)
    daily = pd.DataFrame({"smb": smb, "market": market})
    closes = 100 * (1 + pd.DataFrame({"IWM": market + smb, "SPY": market})).cumprod()
    monthly = pd.DataFrame({"smb": [0.0]}, pd.period_range("2020-12", periods=1, freq="M"))
    return Dataset(
        monthly, {"tariff_events": table}, "latest", monthly.index[-1], daily=daily, funds=closes
    )


def study(dataset, **changes):
    return find_design("event_days")(dataset, bind(CLAIM, changes), Sampling(999, 1))


@pytest.mark.parametrize(
    ("shield", "expected"),
    [(0.005, "supported"), (0.0, "not distinguishable"), (-0.005, "contradicted")],
)
def test_a_shield_is_told_from_none_and_from_its_opposite(shield, expected):
    found = study(made(shield))
    assert decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict == expected
    assert found.finding.estimate == pytest.approx(shield, abs=0.0025)


def test_news_meets_the_first_session_that_could_react():
    """Friday after the close and Saturday meet Monday; before the open meets the day itself."""
    table = news(
        ("2018-03-02", "escalate", "after close"),
        ("2018-03-10", "retreat", "weekend"),
        ("2018-03-14", "announce", "before open"),
        ("2018-03-20", "court", "during session"),
        ("2018-03-21", "escalate", "takes effect"),
        ("2018-03-22", "escalate", "not stated"),
        ("2018-03-22", "retreat", "not stated"),
        ("2018-03-26", "escalate", "during session"),
        ("2018-03-26", "announce", "not stated"),
        ("2030-01-02", "escalate", "not stated"),
    )
    found = sessions_of(table, DAYS)
    assert found["session"].dt.strftime("%m-%d").tolist() == ["03-05", "03-12", "03-14", "03-26"]
    assert found["sign"].tolist() == [1.0, -1.0, 1.0, 1.0]
    assert found["what"].iloc[-1] == "escalate; announce"


def test_the_kinds_and_ways_of_the_grid_run():
    found = study(made(0.005))
    assert len(found.ran) == len(found.grid) and found.finding.joint_p < 0.01
    assert found.by_kind.set_index("tension")["mean"].to_dict() == pytest.approx(
        {"rises": 0.005, "eases": -0.005}, abs=0.003
    )


def test_one_kind_alone_leaves_the_other_out_with_a_reason():
    dataset = made(0.0, ("escalate", "escalate"))
    assert study(dataset).grid.query("kind == 'retreats'")["reason"].str.contains("0 events").all()


def test_what_the_data_lack_is_refused():
    dataset = made(0.0)
    assert study(replace(dataset, daily=None)).finding.refusal.needs == "latest"
    few = replace(dataset, facts={"tariff_events": dataset.facts["tariff_events"].head(5)})
    assert "only 5 events" in study(few).finding.refusal.reason
    assert "IWM" in study(replace(dataset, funds=None)).grid.query("leg == 'iwm_spy'")[
        "reason"
    ].iloc[0]  # fmt: skip


def test_the_table_of_news_is_cut_at_a_month_and_has_its_sources():
    """Nothing after the month is seen; every row has an address, and both kinds occur."""
    whole = load_facts(None)["tariff_events"]
    seen = load_facts(pd.Period("2019-12"))["tariff_events"]
    assert seen["day"].max() < pd.Timestamp("2020-01-01") and len(seen) < len(whole)
    assert whole["source_url"].str.startswith("http").all()
    assert {"announce", "escalate", "retreat", "court"} == set(whole["kind"])


@pytest.mark.slow
def test_each_session_is_left_out_in_turn():
    """As the design on a table without that piece of news; one strong day out of all is named."""
    dataset = made(0.004)
    finding = study(dataset).finding
    assert len(finding.without_one) == finding.n
    table = dataset.facts["tariff_events"]
    for place in (5, 20):  # not the first or last, which bound the days that are compared
        day = str(table["day"].iloc[place])[:10]
        rest = replace(dataset, facts={"tariff_events": table.drop(index=place)})
        twin = study(rest).finding.measures["signed_p"]
        assert finding.without_one[day]["signed_p"] == pytest.approx(twin, abs=0.01)
    assert all(one["signed_p"] > finding.p_value - 0.005 for one in finding.without_one.values())
    lone = made()
    first = lone.facts["tariff_events"]["day"].iloc[10]
    lone.daily.loc[first, "smb"] += (
        0.2 if lone.facts["tariff_events"]["kind"].iloc[10] == "escalate" else -0.2
    )
    carried = study(lone).finding
    found = {day: one["signed_p"] for day, one in carried.without_one.items()}
    assert max(found, key=found.get) == str(first)[:10]
