"""A lead over some days: found where planted, its opposite contradicted, luck counted."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.dated_lead import dated_lead, value_in_recoveries
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIM = load_claims()["small-value-leads"]
ONCE = Sampling(1, 1)
FUNDS = ("IWN", "IWM", "VBR", "VB", "IJS", "IWO")
VALUE = ("IWN", "VBR", "IJS")
DAYS = pd.bdate_range("2022-01-03", "2026-01-30")


def closes(lead=0.0, before=0.0, seed=5, noise=0.002) -> pd.DataFrame:
    """Closes of six funds; value gains `lead` a session in January 2026 and `before` earlier."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, len(DAYS))
    later = DAYS > "2025-12-31"
    logs = {
        fund: market
        + rng.normal(0, noise, len(DAYS))
        + (fund in VALUE) * np.where(later, lead, before)
        for fund in FUNDS
    }
    return pd.DataFrame(logs, index=DAYS).cumsum().pipe(np.exp) * 50


def run(prices, **changes):
    """The study on some closes, with portfolios of the bundled data as context."""
    bundled = load_dataset("bundled")
    data = Dataset(
        bundled.monthly.loc[:"2018-11"],
        bundled.facts,
        "latest",
        pd.Period("2026-01", "M"),
        funds=prices,
    )
    return dated_lead(data, bind(CLAIM, changes), ONCE)


def verdict(study) -> str | None:
    """The verdict on a study's finding."""
    return decide(CLAIM, study.finding, data="latest", as_of="2026-01").verdict


def test_a_lead_is_found_its_opposite_contradicted_and_a_mixture_neither():
    """One per mille a session more, as much less, and a lead of two pairs of three."""
    assert verdict(run(closes(0.005))) == "supported"
    assert verdict(run(closes(-0.005))) == "contradicted"
    mixed = closes(0.005)
    mixed["IJS"] = closes(-0.005)["IJS"]
    study = run(mixed)
    assert study.finding.measures["share_led"] == pytest.approx(2 / 3)
    assert verdict(study) == "not distinguishable"


def test_a_lead_that_always_was_there_tells_nothing():
    """Where value leads after any day the same lead is luck."""
    study = run(closes(0.005, before=0.005))
    assert study.finding.luck > 0.9
    assert verdict(study) == "true but uninformative"
    low = run(closes(0.005, before=-0.005))
    assert low.finding.luck == 0 and verdict(low) == "supported"


def test_leads_and_luck_by_hand():
    """Plain loops over pairs, days and earlier sessions."""
    prices = closes(0.002, seed=9)
    study = run(prices)
    origin = prices.loc["2025-12-31"]
    place = DAYS.get_loc(pd.Timestamp("2025-12-31"))
    ends = [DAYS.get_loc(day) for day in DAYS if "2026-01-09" <= str(day.date()) <= "2026-01-16"]
    steps = [end - place for end in ends]
    pairs = [pair.split("/") for pair in bind(CLAIM).arguments.pairs]
    leads = {
        (DAYS[end], f"{one}/{other}"): (prices[one].iloc[end] / prices[other].iloc[end])
        / (origin[one] / origin[other])
        - 1
        for end in ends
        for one, other in pairs
    }
    admitted = study.leads[study.leads["admitted"]].set_index(["day", "pair"])["lead"]
    assert admitted.to_dict() == pytest.approx(leads)
    assert study.finding.measures["share_led"] == np.mean([lead > 0 for lead in leads.values()])
    ratio = np.array([prices[one] / prices[other] for one, other in pairs])[:, : place + 1]
    every = [
        all((ratio[:, s + k] > ratio[:, s]).all() for k in steps)
        for s in range(place + 1 - max(steps))
    ]
    assert study.finding.luck == pytest.approx(np.mean(every))
    assert study.finding.n == len(leads)
    last = np.array([ratio[:, s + max(steps)] / ratio[:, s] - 1 for s in range(len(every))])
    deviation = last.mean(axis=1).std(ddof=1)
    assert study.finding.mde == pytest.approx(2.8015852 * deviation)
    assert study.finding.estimate == pytest.approx(
        np.mean([lead for (day, _), lead in leads.items() if day == DAYS[max(ends)]])
    )


def test_what_is_said_of_a_lead():
    """Days, pairs, points on the last day and luck, whether all led, some or none."""
    some = closes(0.005)
    some["IJS"] = closes(-0.005)["IJS"]
    for prices, said in (
        (closes(0.005), "small value led in all 3 pairs of funds"),
        (closes(-0.005), "small value led in none of the 3 pairs of funds"),
        (some, "small value led in 12 of 18 pairs and days"),
    ):
        study = run(prices)
        finding, on_last = study.finding, study.leads["day"] == pd.Timestamp("2026-01-16")
        last = study.leads.loc[on_last, "lead"]
        points = [f"{100 * lead:.2g}".replace("-", "−") for lead in (last.mean(), *last)]
        assert finding.finding == (
            "From 31 December 2025 to each of the 6 sessions up to 16 January 2026"
            f" {said}, by {points[0]} points in the mean on the last; of all earlier stretches as"
            f" long it led in every pair on every such day in {finding.luck:.0%}."
        )
        assert finding.sensitivity == (
            f"Lead to 16 January 2026: IWN over IWM {points[1]} points, VBR over VB {points[2]}"
            f" points, IJS over IWO {points[3]} points."
        )
        assert finding.measures["mean_lead"] == finding.estimate
        assert finding.measures["luck"] == finding.luck
    assert (finding.sample_start, finding.sample_end) == ("2025-12", "2026-01")
    assert finding.effective_n == 1.0 and finding.p_value is None


def test_the_leads_of_every_session_since_the_start():
    """To the last day admitted, one row a pair and session; those before the first are marked."""
    prices = closes(0.003)
    study = run(prices)
    assert list(study.leads.columns) == ["day", "pair", "lead", "admitted"]
    sessions = DAYS[(DAYS > "2025-12-31") & (DAYS <= "2026-01-16")]
    assert study.pairs == ("IWN/IWM", "VBR/VB", "IJS/IWO")
    for pair in study.pairs:
        rows, (one, other) = study.leads.query("pair == @pair"), pair.split("/")
        ratio = prices[one] / prices[other]
        assert rows["day"].tolist() == sessions.tolist()
        since = ratio[sessions] / ratio["2025-12-31"] - 1
        assert rows["lead"].to_numpy() == pytest.approx(since.to_numpy())
        assert rows["admitted"].tolist() == (sessions >= "2026-01-09").tolist()
    days = [f"{day} January 2026" for day in (9, 12, 13, 14, 15, 16)]
    assert study.shown["to"].tolist() == days
    told = study.leads.query("pair == 'VBR/VB' and admitted")["lead"]
    assert study.shown["VBR/VB"].tolist() == told.tolist()


def test_two_hundred_and_fifty_earlier_stretches_are_needed():
    """As many sessions before the start as have the last day's number of sessions after them."""
    place = DAYS.get_loc(pd.Timestamp("2025-12-31"))
    steps = DAYS.get_loc(pd.Timestamp("2026-01-16")) - place
    enough = run(closes().iloc[place + 1 - steps - 250 :]).finding
    assert enough.refusal is None and (250 * enough.luck) % 1 == pytest.approx(0, abs=1e-9)
    for fewer, count in ((249, 249), (1, 1), (0, 0), (1 - steps, 0)):
        short = run(closes().iloc[place + 1 - steps - fewer :])
        assert short.finding.refusal.reason == (
            f"{count} earlier stretches of as many sessions; 250 are needed"
        )
        assert short.pairs == () and short.leads.empty


def test_days_on_which_some_fund_has_no_close_are_no_ends():
    """With none left among those admitted there is nothing to count."""
    changes = {"first_end": "2026-01-16", "last_end": "2026-01-16"}
    prices = closes()
    prices.loc["2026-01-16", "VB"] = np.nan
    reason = run(prices, **changes).finding.refusal.reason
    assert reason == "no session of all funds from 2026-01-16 to 2026-01-16"
    assert run(closes(), **changes).finding.n == 3


@pytest.mark.parametrize(
    ("share", "luck", "said"),
    [
        (1.0, 0.499, "supported"),
        (1.0, 0.5, "true but uninformative"),
        (17 / 18, 0.1, "not distinguishable"),
        (1 / 18, 0.1, "not distinguishable"),
        (0.0, 0.1, "contradicted"),
    ],
)
def test_the_limits_are_those_of_the_words(share, luck, said):
    """All, one half, none."""
    from dataclasses import replace

    finding = run(closes(0.005)).finding
    measures = {"share_led": share, "luck": luck, "mean_lead": 0.01}
    changed = replace(finding, measures=measures)
    assert decide(CLAIM, changed, data="latest", as_of="2026-01").verdict == said


def test_only_days_on_which_every_fund_has_a_close_count():
    """A fund without a close on a day takes the day from all pairs."""
    prices = closes(0.005)
    prices.loc["2026-01-14", "VB"] = np.nan
    study = run(prices)
    assert study.finding.n == 3 * 5
    assert "14 January 2026" not in set(study.shown["to"])
    assert list(study.shown.columns) == ["to", *study.pairs]


def test_what_cannot_be_seen_is_refused():
    """The bundled data, a run that ends before the note, a fund not held, too short a past."""
    bundled = dated_lead(load_dataset("bundled"), bind(CLAIM), ONCE)
    assert bundled.finding.refusal.needs == "latest"
    assert "needs the latest data" in bundled.shown.iloc[0, 0] and bundled.pairs == ()
    data = load_dataset("bundled")
    early = Dataset(data.monthly, data.facts, "latest", pd.Period("2025-12", "M"), funds=closes())
    reason = dated_lead(early, bind(CLAIM), ONCE).finding.refusal.reason
    assert reason.startswith("not yet made: the note speaks of January 2026")
    assert "closes of IJS" in run(closes().drop(columns="IJS")).finding.refusal.reason
    later = run(closes().loc["2026-01-02":])
    assert later.finding.refusal.reason == "no session of all funds up to 2025-12-31"
    assert later.pairs == () and later.shown.iloc[0, 0] == later.finding.refusal.reason
    short = run(closes().loc["2025-10-01":]).finding.refusal.reason
    assert "earlier stretches of as many sessions; 250 are needed" in short


def test_a_fund_that_moves_with_the_other_has_not_led():
    """The same closes twice: a lead of zero counts neither among the leads nor as luck."""
    prices = closes(0.005)
    prices["IWN"] = prices["IWM"]
    finding = run(prices).finding
    assert finding.measures["share_led"] == pytest.approx(2 / 3) and finding.luck == 0
    assert "small value led in 12 of 18 pairs and days" in finding.finding


def test_closes_that_end_before_the_last_day_are_named():
    reason = run(closes().loc[:"2026-01-07"]).finding.refusal.reason
    assert reason.startswith("the closes of ") and reason.endswith(" do not reach 2026-01-16")


def test_recoveries_need_the_three_portfolios_and_a_lead_above_zero():
    """Nothing else is read; portfolios that earn the same lead in no year."""
    data = load_dataset("bundled")
    same = pd.DataFrame(0.01, data.monthly.index, ["s1v1", "s1v3", "s1v5"])
    table, usual = value_in_recoveries(Dataset(same, data.facts, "bundled", same.index[-1]))
    assert len(table) > 0 and set(table["value led"]) == {"no"}
    assert usual == pytest.approx(0.0, abs=1e-15)


def test_closes_after_the_last_day_change_nothing():
    """Sessions after the note, and those of the note in the base rate."""
    prices = closes(0.002)
    wild = prices.copy()
    wild.loc["2026-01-19":, list(VALUE)] *= 10
    assert run(wild).finding == run(prices).finding


def test_recoveries_are_context_by_hand():
    """The lead after November 2001 is the sum of twelve monthly leads from December on."""
    data = load_dataset("bundled")
    monthly = data.monthly.loc["2001-12":"2002-11"]
    by_hand = (monthly["s1v5"] - (monthly["s1v1"] + monthly["s1v3"]) / 2).sum()
    found = run(closes())
    rows = found.recoveries.set_index("trough")
    assert rows.loc["2001-11", "lead"] == pytest.approx(by_hand)
    assert rows.loc["2001-11", "value led"] == ("yes" if by_hand > 0 else "no")
    assert list(found.recoveries.columns) == ["trough", "lead", "value led"]
    every = data.monthly.loc[:"2018-11"]
    spread = every["s1v5"] - (every["s1v1"] + every["s1v3"]) / 2
    years = spread.dropna().rolling(12).sum().dropna()
    assert found.usual_lead == pytest.approx(years.iloc[1:].mean(), rel=1e-9)
    assert set(rows["value led"]) == {"yes", "no"}
    assert ((rows["lead"] > 0) == (rows["value led"] == "yes")).all()
    without = Dataset(every.drop(columns="s1v3"), data.facts, "bundled", every.index[-1])
    table, usual = value_in_recoveries(without)
    assert table.empty and list(table.columns) == list(rows.reset_index().columns)
    assert np.isnan(usual)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pairs": ["IWN-IWM"]}, "field arguments.pairs.0"),
        ({"pairs": ["IWN/IWM", "IWN/IWM"]}, "one stands twice"),
        ({"pairs": []}, "field arguments.pairs"),
        ({"first_end": "2025-12-31"}, "start comes before first_end"),
        ({"last_end": "2026-01-08"}, "start comes before first_end"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(changes, said):
    """One error that names the field."""
    with pytest.raises(InputError) as caught:
        bind(CLAIM, changes)
    assert said in str(caught.value)
