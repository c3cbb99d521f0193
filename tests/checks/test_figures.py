"""The notes' figures against each other, against print and against the closes of funds."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks.figures import Parameters, study
from analysis.checks.figures.chapter import (
    LOOKUPS,
    forecast_table,
    others_without_seven,
    profitability_spread,
)
from analysis.checks.figures.conflicts import (
    compare_between,
    compare_inside,
    largest,
    relative_difference,
)
from analysis.checks.figures.evidence import agreement_evidence, agreements
from analysis.checks.figures.fund_gains import fund_closes, gain, gain_from_low, matching_pairs
from analysis.checks.figures.policy_facts import cut_of_late_2025, cuts_of_2026
from analysis.checks.figures.published_multiples import (
    closed_figures,
    history,
    in_reach,
    likely_definition,
    same_measure,
)
from analysis.checks.figures.quoted_multiples import (
    PRICE_EARNINGS,
    RELATIVE,
    USUAL,
    implied_multiples,
    of_note,
    printed_multiples,
    quotations,
)
from analysis.claims import Figure, load_claims
from analysis.claims.verdicts import decide
from analysis.pages.charts import figures as draw
from analysis.panel import Dataset, load_dataset
from analysis.results import Evidence, InputError, Refusal
from analysis.sources.facts import FACTS_FOLDER, load_facts

QUOTED = {
    "gap-fwd-pe-jan26",
    "gap-trailing-pe-jan26",
    "rel-pe-072",
    "pe-136-172",
    "discount-36",
    "fwd-pe-17",
    "pe-16-217",
    "pe-18-26",
    "pe-181-223-19",
}


@pytest.fixture(scope="module")
def claims():
    """The chapter's claims as registered."""
    return {k: c for k, c in load_claims().items() if c.chapter == "figures"}


@pytest.fixture(scope="module")
def whole():
    """The bundled data with every fact."""
    return load_dataset()


@pytest.fixture(scope="module")
def full(whole, claims):
    """The study of the default run."""
    return study(whole, claims, Parameters())


def quoting(claims, claim, note="900", month="2026-01", **figures):
    """A claim that prints the given figures, the name's underscores standing for blanks."""
    units = {"d": "percent"}
    made = tuple(
        Figure(name=name.replace("_", " "), value=value, unit=units.get(name[0], "times earnings"))
        for name, value in figures.items()
    )
    base = claims["pe-16-217"]
    return base.model_copy(
        update={
            "id": claim,
            "documents": (note,),
            "figures": made,
            "primary": {**base.primary, "note_date": month},
        }
    )


def pair(claims, claim, small, large, note, index="small_caps"):
    """A claim on one small-cap and one large-cap forward P/E."""
    names = {f"forward_P/E_of_{index}": small, "forward_P/E_of_the_S&P_500": large}
    return quoting(claims, claim, note, **names)


def published(*rows):
    """Facts on multiples: (date, index, metric, value, definition)."""
    frame = pd.DataFrame(rows, columns=["date", "index", "metric", "value_low", "definition"])
    days = pd.to_datetime(frame["date"])
    return frame.assign(
        value_high=frame["value_low"],
        date_low=days,
        date_high=days,
        precision="day",
        superseded_by="",
        provider="somebody",
        source_url="https://example.org",
    )


def judge(claim, agreement):
    """The verdict the registered criterion gives."""
    evidence = agreement_evidence(claim, agreement, 0.05, 0.1, "2026-01")
    return decide(claim, evidence, data="bundled", as_of="2026-01").verdict


def latest(funds=None, target=None, as_of="2026-04"):
    """A latest data set with closes and targets only."""
    last = pd.Period(as_of, "M")
    months = pd.period_range("2022-01", last, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    if target is not None:
        monthly["target"] = target.reindex(months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=last, funds=funds)


def closes(first="2022-01-03", last="2026-04-30", **paths):
    """Closes by business day, growing evenly from one to the given end."""
    days = pd.bdate_range(first, last)
    steps = np.linspace(0.0, 1.0, len(days))
    return pd.DataFrame({k: 100.0 * (1.0 + (v - 1.0) * steps) for k, v in paths.items()}, days)


# Reading what a claim prints


def test_a_discount_is_read_as_one_less_itself(claims):
    """19% off is a relative P/E of .81, and 5 to 10% a usual one of .90 to .95."""
    found = printed_multiples(claims["pe-181-223-19"])
    by_kind = {m.kind: m for m in found if m.kind != PRICE_EARNINGS}
    assert by_kind[RELATIVE].low == by_kind[RELATIVE].high == pytest.approx(0.81)
    assert (by_kind[USUAL].low, by_kind[USUAL].high) == pytest.approx((0.90, 0.95))
    assert by_kind[RELATIVE].index == "Russell 2000"
    assert [m.stated for m in found if m.kind == PRICE_EARNINGS] == [False, False]


def test_an_unknown_figure_is_refused_by_name(claims):
    """A new form of figure must not pass as nothing."""
    odd = quoting(claims, "odd", price_to_sales=1.5)
    with pytest.raises(InputError, match=r"'odd'.*'price to sales'"):
        printed_multiples(odd)


def test_small_pe_and_discount_of_the_same_note_imply_the_large_pe(claims):
    """17 over .64 is 26.6, though the two stand in different claims."""
    note = of_note(quotations(claims), "002")
    (large,) = implied_multiples(claims["fwd-pe-17"], [m for m in note if m.printed])
    assert large.value == pytest.approx(17 / 0.64)
    assert [root.value for root in large.roots] == pytest.approx([17.0, 0.64])


def test_more_than_four_times_the_usual_spread(claims):
    """36% over four is 9%, so the usual relative P/E is .91 or above."""
    note = [m for m in quotations(claims) if m.printed and m.note == "002"]
    (usual,) = implied_multiples(claims["discount-36"], note)
    assert (usual.kind, usual.low, usual.high) == (USUAL, pytest.approx(0.91), 1.0)


def test_every_registered_multiple_is_read(claims):
    """Nineteen figures and their consequences, nothing left aside."""
    printed = [m for m in quotations(claims) if m.printed]
    assert {m.claim for m in printed} == QUOTED
    assert len([m for m in printed if m.kind == PRICE_EARNINGS]) == 16
    assert len([m for m in printed if m.kind == RELATIVE]) == 3
    assert len([m for m in printed if m.kind == USUAL]) == 2


# Agreement


@pytest.mark.parametrize(
    ("ends", "gap"),
    [
        ((18.0, 18.0, 16.0, 16.0), 0.125),
        ((16.0, 16.0, 18.0, 18.0), 1 / 9),
        ((0.99, 0.99, 0.90, 0.95), 0.99 / 0.95 - 1),
        ((0.91, 1.0, 0.99, 0.99), 0.0),
    ],
)
def test_difference_is_that_of_the_nearest_ends(ends, gap):
    """|a/b − 1|, and nothing inside a range."""
    assert relative_difference(*ends) == pytest.approx(gap)


def test_inside_a_note_every_figure_meets_what_the_others_imply(claims):
    """16 against .72 × 17.2 is the worst of note 001."""
    note = of_note(quotations(claims), "001")
    worst = largest(compare_inside(note))
    assert worst.difference == pytest.approx(16 / (0.72 * 17.2) - 1)
    assert worst.other.source == "0.72 × 17.2"


def test_inside_agrees_with_a_brute_force_over_all_triples(claims):
    """Every s, l, r of a note whose indices can be the same: three ways to compare each."""
    for name in ("000", "001", "002", "003", "004"):
        note = [m for m in of_note(quotations(claims), name) if m.printed]
        gaps = [0.0]
        for s in (m for m in note if m.is_small):
            for r in (m for m in note if m.kind == RELATIVE):
                for b in (m for m in note if m.is_large):
                    if s.earnings == r.earnings == b.earnings:
                        pairs = (
                            (s.low, r.low * b.low),
                            (b.low, s.low / r.low),
                            (r.low, s.low / b.low),
                        )
                        gaps += [abs(x / y - 1) for x, y in pairs]
        for a in note:
            for b in note:
                same = a.kind == b.kind and a.earnings == b.earnings and a.is_large == b.is_large
                named = {a.index, b.index} == {"Russell 2000", "S&P 600"}
                if a is not b and same and not named:
                    gaps.append(abs(a.low / b.low - 1))
        worst = largest(compare_inside(note))
        assert (worst.difference if worst else 0.0) == pytest.approx(max(gaps)), name


def test_a_note_that_prints_an_index_twice_contradicts_itself(claims):
    """28 and 22 for one index in one note differ by 28/22 − 1, without any relative P/E."""
    names = {"forward_P/E_of_the_S&P_500": 28.0}, {"forward_P/E_of_the_S&P_500": 22.0}
    made = {n: quoting(claims, n, "901", **f) for n, f in zip(("one", "two"), names, strict=True)}
    found = agreements(made, published(), 6)["two"]
    assert found.within_note == pytest.approx(28 / 22 - 1)
    assert found.own is None
    assert judge(made["two"], found) == "inconsistent"


def test_unnamed_small_caps_meet_only_the_nearest(claims):
    """Against a note with 15.6 and 26, small caps at 16 meet 15.6, from either side."""
    two = quoting(
        claims,
        "two",
        "901",
        **{"forward_P/E_of_the_Russell_2000": 26.0, "forward_P/E_of_the_S&P_600": 15.6},
    )
    one = quoting(claims, "one", "902", **{"forward_P/E_of_small_caps": 16.0})
    multiples = quotations({"two": two, "one": one})
    (met,) = compare_between("one", multiples)
    assert met.other.value == 15.6
    (back,) = compare_between("two", multiples)
    assert (back.figure.value, back.other.value) == (15.6, 16.0)


def test_agreeing_notes_near_print_are_supported(claims):
    """Planted truth: two notes alike, and print says the same."""
    made = {c: pair(claims, c, 16.0, 22.0, n) for c, n in (("one", "901"), ("two", "902"))}
    facts = published(
        ("2026-01-15", "S&P 600", "forward_pe", 16.2, "x"),
        ("2026-01-15", "S&P 500", "forward_pe", 21.5, "x"),
    )
    assert judge(made["one"], agreements(made, facts, 6)["one"]) == "supported"


def test_agreeing_notes_far_from_print_are_contradicted(claims):
    """The same notes, with print far away."""
    made = {c: pair(claims, c, 16.0, 22.0, n) for c, n in (("one", "901"), ("two", "902"))}
    facts = published(("2026-01-15", "Russell 2000", "forward_pe", 12.0, "x"))
    found = agreements(made, facts, 6)["one"]
    assert found.against_published == pytest.approx(16 / 12 - 1)
    assert judge(made["one"], found) == "contradicted"


def test_disagreeing_notes_are_inconsistent_whatever_print_says(claims):
    """Planted contradiction: one of the two prints agrees with the facts, both are inconsistent."""
    made = {
        "one": pair(claims, "one", 16.0, 22.0, "901"),
        "two": pair(claims, "two", 16.0, 28.0, "902"),
    }
    facts = published(("2026-01-15", "S&P 500", "forward_pe", 22.0, "x"))
    found = agreements(made, facts, 6)
    assert found["one"].between_notes == pytest.approx(28 / 22 - 1)
    assert {judge(made[k], found[k]) for k in made} == {"inconsistent"}


def test_without_print_an_agreeing_claim_is_refused(claims):
    """No published figure in reach is no verdict, not support."""
    made = {c: pair(claims, c, 16.0, 22.0, n) for c, n in (("one", "901"), ("two", "902"))}
    facts = published(("2024-01-15", "S&P 500", "forward_pe", 22.0, "x"))
    outcome = agreement_evidence(
        made["one"], agreements(made, facts, 6)["one"], 0.05, 0.1, "2026-01"
    )
    assert isinstance(outcome, Refusal)


# What was published


def test_reach_counts_months_from_the_note(claims):
    """July to January are six months, June is out; other indices and earnings are not met."""
    multiple = printed_multiples(claims["gap-fwd-pe-jan26"])[1]
    facts = closed_figures(
        published(
            ("2025-07-31", "Russell 2000", "forward_pe", 15.4, "x"),
            ("2025-06-30", "Russell 2000", "forward_pe", 25.9, "x"),
            ("2026-01-31", "S&P 600", "forward_pe", 26.0, "x"),
            ("2026-01-31", "Russell 2000", "trailing_pe", 26.0, "x"),
        )
    )
    near = in_reach(same_measure(multiple, facts), 6)
    assert [p.low for p in near] == [15.4]
    assert near[0].difference == pytest.approx(26 / 15.4 - 1)


def test_superseded_open_and_undated_figures_are_left_out(whole):
    """The August 2022 figure that stands twice counts once; "above 22" counts never."""
    facts = whole.facts["forward_pe"]
    known = closed_figures(facts)
    assert (known["superseded_by"] == "").all()
    assert not known["qualifier"].isin(["above", "below"]).any()
    august = known[(known["date"] == "2022-08-31") & (known["metric"] == "forward_pe")]
    assert august["value_low"].tolist() == [11.8]


def test_a_line_joins_one_provider_index_and_definition(full):
    """Never one line through several providers."""
    for table in (full.forward, full.relative):
        words = table.groupby("line")[["index", "provider", "definition"]].nunique()
        assert (words == 1).all(axis=None)
        assert not table.duplicated(["line", "day"]).any()


def test_figures_dated_by_a_year_have_no_day(whole, full):
    """The year 2026 is not the last of December."""
    facts = whole.facts["forward_pe"]
    assert (facts["precision"] == "year").any()
    assert (full.forward["day"] < "2026-12").all()
    assert history(closed_figures(facts), "no_such", ("S&P 600",)).empty


def test_likely_definition_takes_the_nearest_in_time_of_those_near_in_value(claims):
    """26 times is near 25.4 of a year ago with loss-makers, not near 16.2 of this winter."""
    multiple = printed_multiples(claims["gap-fwd-pe-jan26"])[1]
    facts = closed_figures(
        published(
            ("2025-12-31", "Russell 2000", "forward_pe", 16.2, "left out"),
            ("2025-01-01", "Russell 2000", "forward_pe", 25.4, "loss-makers counted"),
            ("2010-04-30", "Russell 2000", "forward_pe", 26.0, "old"),
            ("2026-01-01", "Russell 2000", "forward_pe", 26.0, ""),
        )
    )
    assert likely_definition(multiple, facts, 0.1).definition == "loss-makers counted"
    assert likely_definition(multiple, facts, 0.001).definition == "old"


# The tables


def test_implied_discounts_and_norms_by_hand(full):
    """Six small-cap P/Es, the discounts they imply, and the way back to each note's norm."""
    table = full.implications.set_index(["claim", "small-cap index", "relative is"])
    assert table.loc[("pe-16-217", "small caps", "16 ÷ 21.7"), "discount"] == pytest.approx(
        1 - 16 / 21.7
    )
    assert table.loc[("gap-fwd-pe-jan26", "Russell 2000", "26 ÷ 22.5"), "discount"] < 0
    back = table.loc[("rel-pe-072", "Russell 2000", "printed"), "way back"]
    assert back == pytest.approx(0.99 / 0.72 - 1)


def test_each_contradiction_is_named_once_and_beyond_tolerance(full):
    """Worst first, inside notes and between them, each with words that would reconcile it."""
    table = full.contradictions
    inside = table["where"] == "inside a note"
    assert (table.loc[inside, "difference"] > 0.05).all()
    assert (table.loc[~inside, "difference"] > 0.1).all()
    assert not table.duplicated(["one figure", "other figure"]).any()
    assert (table["what would reconcile"] != "").all()
    assert table.loc[~inside, "difference"].is_monotonic_decreasing


def test_loss_makers_take_the_share_that_turns_one_multiple_into_the_other(full):
    """15.6 over 26 leaves 60% of the profits, 15.9 over 31.71 half."""
    assert full.loss_makers["share of profits"].tolist() == pytest.approx(
        [1 - 15.6 / 26, 1 - 15.9 / 31.71]
    )


def test_the_others_without_the_seven_add_up_to_the_index(claims):
    """Weights times gains give the index's gain again."""
    table = others_without_seven(claims)
    weight = table["weight of the seven"]
    total = weight * table["the seven"] + (1 - weight) * table["the others"]
    assert total.to_numpy() == pytest.approx(table["index"].to_numpy())
    assert table["the others"].is_monotonic_decreasing


def test_forecasts_near_the_notes_name_their_start(whole, full):
    """Only rows with a starting multiple, none superseded, all within reach."""
    assert len(full.forecasts) >= 1
    assert full.forecasts["starting P/E"].notna().all()
    far = forecast_table(whole.facts["bank_forecasts"], pd.Series(["1990-01"]), 6)
    assert far.empty


def test_profitability_takes_one_value_a_year():
    """July of each year, and nothing where the column is not held."""
    months = pd.period_range("2000-01", "2002-12", freq="M")
    frame = pd.DataFrame(
        {"op_small": np.where(months.month == 7, months.year - 2000.0, 99.0)}, months
    )
    row = profitability_spread(frame).iloc[0]
    assert (row["years"], row["median"]) == (3, 1.0)
    assert profitability_spread(frame[[]]).empty


# The chapter


def test_every_claim_has_its_evidence_with_every_measure(full, claims):
    """Each testable claim gets evidence or a refusal, and the criterion finds its measures."""
    assert set(full.evidence) == {k for k, c in claims.items() if not c.untestable}
    for name, outcome in full.evidence.items():
        verdict = decide(claims[name], outcome, data="bundled", as_of="2018-11")
        assert verdict.claim == name
        if claims[name].needs == "latest":
            assert isinstance(outcome, Refusal) and outcome.needs == "latest"
        else:
            assert isinstance(outcome, Evidence)


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_early_dates_show_no_later_print_but_keep_the_arithmetic(as_of, claims, full):
    """The notes' figures are the claim; what was published later is not seen."""
    early = study(load_dataset("bundled", as_of), claims, Parameters(as_of=as_of))
    assert early.forward.empty and early.forecasts.empty
    assert isinstance(early.evidence["gap-trailing-pe-jan26"], Refusal)
    for name in QUOTED - {"gap-trailing-pe-jan26"}:
        now, then = full.evidence[name].measures, early.evidence[name].measures
        assert then["conflict"] == now["conflict"]
        assert then["against_published"] == np.inf
        assert early.evidence[name].sample_end <= as_of
    assert (early.standing["of"] == 0).all()
    for chart in (draw.multiples, draw.relatives, draw.published_forward, draw.published_relative):
        drawn = chart(early).to_json()
        assert not re.search(r'"20\d\d-\d\d', drawn) and "nan" not in drawn


def test_facts_after_as_of_change_nothing(whole, claims, tmp_path):
    """Wild published values of later months leave an earlier run alone."""
    cut = load_dataset("bundled", "2017-12")
    shutil.copytree(FACTS_FOLDER, tmp_path, dirs_exist_ok=True)
    raw = pd.read_csv(FACTS_FOLDER / "forward_pe.csv", dtype=str, keep_default_na=False)
    months = whole.facts["forward_pe"]["known_month"]
    later = (months > cut.as_of) & (raw["value_low"] != "") & (raw["value_high"] != "")
    raw.loc[later, ["value_low", "value_high"]] = "999"
    raw.to_csv(tmp_path / "forward_pe.csv", index=False)
    wild = replace(cut, facts=load_facts(cut.as_of, tmp_path))
    one, two = (study(data, claims, Parameters()) for data in (cut, wild))
    pd.testing.assert_frame_equal(one.standing, two.standing)
    pd.testing.assert_frame_equal(one.forward, two.forward)
    assert len(one.forward) > 0
    assert (load_facts(None, tmp_path)["forward_pe"]["value_low"] == 999).any()


def test_charts_are_small_and_described(full):
    """Four charts, each with a description built from the study."""
    for chart in (draw.multiples, draw.relatives, draw.published_forward, draw.published_relative):
        made = chart(full).to_json(indent=None)
        assert len(made) < 25_000
        assert "description" in made


# Latest data: gains and policy


def test_gain_uses_the_last_close_on_or_before_each_day():
    """A weekend takes Friday's close."""
    days = pd.to_datetime(["2023-12-29", "2024-01-02", "2024-12-31"])
    series = pd.Series([100.0, 90.0, 125.0], index=days)
    assert gain(series, "2023-12-31", "2024-12-31") == pytest.approx(0.25)


@pytest.mark.parametrize(("end", "verdict"), [(1.249, "supported"), (1.35, "contradicted")])
def test_gain_of_a_year_planted(claims, end, verdict):
    """A total of 24.9% supports the claim, one of 35% does not."""
    days = pd.bdate_range("2023-12-29", "2024-12-31")
    path = pd.Series(np.linspace(100.0, 100.0 * end, len(days)), index=days)
    funds = pd.DataFrame({"SPY": path, "IVV": path})
    claim = claims["growth-2024-sp500"]
    found = LOOKUPS[claim.id](latest(funds, as_of="2024-12"), claim)
    assert found.measures["total_gain"] == pytest.approx(end - 1)
    assert decide(claim, found, data="latest", as_of="2024-12").verdict == verdict


@pytest.mark.parametrize(("peak", "verdict"), [(1.10, "supported"), (1.05, "contradicted")])
def test_month_and_record_planted(claims, peak, verdict):
    """7% in August, then a September above or below the earlier high."""
    days = pd.to_datetime(["2025-06-02", "2025-07-31", "2025-08-29", "2025-09-10", "2025-09-30"])
    funds = pd.DataFrame({"IWM": [108.0, 100.0, 107.0, 100.0 * peak, 101.0]}, index=days)
    claim = claims["iwm-aug25"]
    found = LOOKUPS[claim.id](latest(funds), claim)
    assert found.measures["august_gain"] == pytest.approx(0.07)
    assert found.measures["record_excess"] == pytest.approx(peak / 1.08 - 1)
    assert decide(claim, found, data="latest", as_of="2026-04").verdict == verdict


@pytest.mark.parametrize(("end", "verdict"), [(150.0, "supported"), (144.0, "contradicted")])
def test_gain_from_the_low_planted(claims, end, verdict):
    """From the lowest close of April, not from the first."""
    days = pd.to_datetime(["2025-04-02", "2025-04-03", "2025-04-08", "2026-02-27", "2026-03-17"])
    funds = pd.DataFrame({"IWM": [115.0, 110.0, 100.0, 152.0, end]}, index=days)
    claim = claims["rally-50"]
    found = gain_from_low(latest(funds), claim)
    assert found.sample_start == "2025-04"
    assert found.measures["gain"] == pytest.approx(end / 100 - 1)
    assert decide(claim, found, data="latest", as_of="2026-04").verdict == verdict


@pytest.mark.parametrize(("small", "verdict"), [(108.0, "supported"), (102.0, "contradicted")])
def test_year_to_date_planted(claims, small, verdict):
    """8% and ahead, or 2% and ahead."""
    days = pd.to_datetime(["2025-12-31", "2026-03-17"])
    funds = pd.DataFrame({"IWM": [100.0, small], "SPY": [100.0, 99.0]}, index=days)
    claim = claims["ytd-8-2026"]
    found = LOOKUPS[claim.id](latest(funds), claim)
    assert found.measures["lead"] == pytest.approx(small / 100 - 0.99)
    assert decide(claim, found, data="latest", as_of="2026-04").verdict == verdict


def test_matching_pairs_against_a_loop(claims):
    """Every start and end of the two windows, counted one by one."""
    claim = claims["since-2022-55-98"]
    funds = closes(IJR=1.66, IVV=2.35)
    found = matching_pairs(latest(funds), claim)
    ends = funds.groupby(funds.index.to_period("M")).last()
    count = 0
    for start in ("2022-09", "2022-10", "2022-11", "2022-12"):
        for end in ("2026-01", "2026-02", "2026-03", "2026-04"):
            gains = ends.loc[end] / ends.loc[start] - 1
            count += abs(gains["IJR"] - 0.55) <= 0.1 and abs(gains["IVV"] - 0.98) <= 0.1
    assert 0 < count < 16
    assert found.measures["pairs_matching"] == count
    none = matching_pairs(latest(closes(IJR=1.1, IVV=1.2)), claim)
    assert none.measures["pairs_matching"] == 0


def test_closes_that_do_not_reach_are_refused(claims):
    """A run that ends too early, a missing fund and a stale series each say why."""
    funds = closes(IWM=1.5)
    early = fund_closes(latest(funds, as_of="2026-02"), ["IWM"], "2026-03-17")
    assert "sees nothing after 2026-02" in early.reason
    assert "no closes of SPY" in fund_closes(latest(funds), ["SPY"], "2026-03-17").reason
    stale = fund_closes(latest(funds.loc[:"2026-01-31"]), ["IWM"], "2026-03-17")
    assert "do not reach 2026-03-17" in stale.reason


def target(**months):
    """The upper end of the target by month, held between the months given."""
    given = pd.Series({pd.Period(k[1:].replace("_", "-"), "M"): v for k, v in months.items()})
    index = pd.period_range(given.index[0], "2026-12", freq="M")
    return given.reindex(index).ffill()


@pytest.mark.parametrize(("end", "verdict"), [(0.0375, "supported"), (0.04, "contradicted")])
def test_cut_of_late_2025_planted(claims, end, verdict):
    """Three quarter points to 3.75%, or two."""
    claim = claims["fed-75bp"]
    found = cut_of_late_2025(latest(target=target(m2025_01=0.045, m2025_12=end)), claim)
    assert found.measures["largest_error"] == pytest.approx(end - 0.0375, abs=1e-9)
    assert decide(claim, found, data="latest", as_of="2026-04").verdict == verdict


@pytest.mark.parametrize(
    ("as_of", "last", "made", "possible", "verdict"),
    [
        ("2025-11", 0.04, 0, 8, "not distinguishable"),
        ("2026-04", 0.0375, 0, 5, "not distinguishable"),
        ("2026-09", 0.0350, 1, 3, "not distinguishable"),
        ("2026-10", 0.0375, 0, 1, "contradicted"),
        ("2026-10", 0.0300, 3, 4, "supported"),
    ],
)
def test_cuts_of_2026_planted(claims, as_of, last, made, possible, verdict):
    """Steps made since December, and meetings that end after the month seen."""
    path = {f"m{as_of.replace('-', '_')}": last}
    claim = claims["cuts-2026"]
    rates = target(m2025_01=0.045, m2025_12=0.0375, **path) if as_of > "2025" else None
    found = cuts_of_2026(latest(target=rates.sort_index(), as_of=as_of), claim)
    assert found.measures == {"cuts_made": made, "cuts_possible": possible}
    assert decide(claim, found, data="latest", as_of=as_of).verdict == verdict
