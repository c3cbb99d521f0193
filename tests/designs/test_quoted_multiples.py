"""The notes' multiples against each other and against print."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, Specification, bind, find_design
from analysis.designs.quoted_multiples import QuotedMultiplesArguments, quoted_multiples
from analysis.designs.quoted_multiples.comparisons import (
    compare_between,
    compare_inside,
    largest,
    relative_difference,
)
from analysis.designs.quoted_multiples.multiples import (
    PRICE_EARNINGS,
    RELATIVE,
    USUAL,
    implied_multiples,
    of_note,
    printed_multiples,
    quotations,
)
from analysis.designs.quoted_multiples.published import (
    closed_figures,
    history,
    in_reach,
    likely_definition,
    same_measure,
)
from analysis.designs.quoted_multiples.tables import forecast_table
from analysis.pages.charts import figures as draw
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError
from analysis.sources.facts import FACTS_FOLDER, load_facts

CLAIMS = {k: c for k, c in load_claims().items() if c.design == "quoted_multiples"}
QUOTED = [bind(claim) for claim in CLAIMS.values()]
ONE_DRAW = Sampling(1, 1)
CHARTS = (draw.multiples, draw.relatives, draw.published_forward, draw.published_relative)


def quoting(claim):
    """The registered specification of one claim."""
    return next(one for one in QUOTED if one.claim == claim)


def study(data, claim="gap-fwd-pe-jan26"):
    """The registered study of one claim on a data set."""
    return quoted_multiples(data, quoting(claim), ONE_DRAW)


@pytest.fixture(scope="module")
def whole():
    """The bundled data with every fact."""
    return load_dataset()


@pytest.fixture(scope="module")
def full(whole):
    """The study of the default run."""
    return study(whole)


def made(claim, note, *multiples, month="2026-01"):
    """A claim that prints forward multiples: (index, value)."""
    printed = [
        {"kind": "P/E", "index": index, "earnings": "forward", "low": value, "high": value}
        for index, value in multiples
    ]
    arguments = QuotedMultiplesArguments(
        note=note, note_date=month, multiples=printed, tolerance=0.1, rounding=0.05, reach=6
    )
    return Specification(claim, arguments, {"tolerance": (0.1,)})


def pair(claim, small, large, note):
    """A claim on one small-cap and one large-cap forward P/E."""
    return made(claim, note, ("small caps", small), ("S&P 500", large))


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


def examine(facts, first, *others):
    """The study of the first of some claims that know each other, on facts of one's own."""
    months = pd.period_range("2026-01", "2026-01", freq="M", name="month")
    data = Dataset(
        monthly=pd.DataFrame({"market": 0.0}, index=months),
        facts={"forward_pe": facts},
        data="bundled",
        as_of=months[-1],
    )
    return quoted_multiples(data, replace(first, peers=others), ONE_DRAW)


def judge(found):
    """The verdict the registered criterion gives."""
    claim = CLAIMS["pe-16-217"]
    return decide(claim, found.finding, data="bundled", as_of="2026-01").verdict


# What a claim prints, and what follows


def test_what_is_registered_is_what_readers_are_shown():
    """Every figure of a claim is one of its multiples, a discount d as 1 − d, and none is not."""
    for claim in CLAIMS.values():
        arguments = bind(claim).arguments
        assert arguments.note == claim.documents[0]
        ends = {end for m in arguments.multiples for end in (m.low, m.high)}
        values = set()
        for figure in claim.figures:
            if figure.unit == "percent":
                values.add(round(1 - float(figure.value) / 100, 10))
            elif figure.unit == "times":
                assert arguments.times_usual == float(re.findall(r"\d+", str(figure.value))[0])
            else:
                values.add(float(figure.value))
        assert ends == values, claim.id
        for m in arguments.multiples:
            assert (m.kind == PRICE_EARNINGS) == (m.low > 2)


def test_unstated_earnings_and_a_usual_range_are_kept():
    """A note that does not say forward or trailing, and a usual discount of 5 to 10%."""
    found = printed_multiples(quoting("pe-181-223-19"))
    by_kind = {m.kind: m for m in found if m.kind != PRICE_EARNINGS}
    assert by_kind[RELATIVE].low == by_kind[RELATIVE].high == 0.81
    assert (by_kind[USUAL].low, by_kind[USUAL].high) == (0.90, 0.95)
    assert by_kind[RELATIVE].index == "Russell 2000"
    assert [m.stated for m in found if m.kind == PRICE_EARNINGS] == [False, False]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "P/S"}, "kind"),
        ({"index": "Russel 2000"}, "index"),
        ({"low": 30.0}, "above high"),
        ({"price": 1.0}, "price"),
    ],
)
def test_an_odd_multiple_is_refused_by_claim_and_field(change, said):
    """An unknown kind, index or field, and a range the wrong way round, pass for nothing."""
    claim = CLAIMS["pe-16-217"]
    first, *rest = claim.arguments["multiples"]
    odd = claim.model_copy(
        update={"arguments": claim.arguments | {"multiples": [first | change, *rest]}}
    )
    with pytest.raises(InputError, match=rf"(?s)'pe-16-217'.*multiples.*{said}"):
        bind(odd)


def test_small_pe_and_discount_of_the_same_note_imply_the_large_pe():
    """17 over .64 is 26.6, though the two stand in different claims."""
    note = of_note(quotations(QUOTED), "002")
    (large,) = implied_multiples(quoting("fwd-pe-17"), [m for m in note if m.printed])
    assert large.value == pytest.approx(17 / 0.64)
    assert [root.value for root in large.roots] == pytest.approx([17.0, 0.64])


def test_more_than_four_times_the_usual_spread():
    """36% over four is 9%, so the usual relative P/E is .91 or above."""
    note = [m for m in quotations(QUOTED) if m.printed and m.note == "002"]
    (usual,) = implied_multiples(quoting("discount-36"), note)
    assert (usual.kind, usual.low, usual.high) == (USUAL, pytest.approx(0.91), 1.0)


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


def test_inside_a_note_every_figure_meets_what_the_others_imply():
    """16 against .72 × 17.2 is the worst of note 001."""
    note = of_note(quotations(QUOTED), "001")
    worst = largest(compare_inside(note))
    assert worst.difference == pytest.approx(16 / (0.72 * 17.2) - 1)
    assert worst.other.source == "0.72 × 17.2"


def test_inside_agrees_with_a_brute_force_over_all_triples():
    """Every s, l, r of a note whose indices can be the same: three ways to compare each."""
    for name in sorted({one.arguments.note for one in QUOTED}):
        note = [m for m in of_note(quotations(QUOTED), name) if m.printed]
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


def test_a_note_that_prints_an_index_twice_contradicts_itself():
    """28 and 22 for one index in one note differ by 28/22 − 1, without any relative P/E."""
    one, two = made("one", "901", ("S&P 500", 28.0)), made("two", "901", ("S&P 500", 22.0))
    found = examine(published(), two, one)
    assert found.finding.measures["within_note"] == pytest.approx(28 / 22 - 1)
    assert "own figures fit" not in found.finding.finding
    assert judge(found) == "inconsistent"


def test_unnamed_small_caps_meet_only_the_nearest():
    """Against a note with 15.6 and 26, small caps at 16 meet 15.6, from either side."""
    two = made("two", "901", ("Russell 2000", 26.0), ("S&P 600", 15.6))
    one = made("one", "902", ("small caps", 16.0))
    multiples = quotations([two, one])
    (met,) = compare_between("one", multiples)
    assert met.other.value == 15.6
    (back,) = compare_between("two", multiples)
    assert (back.figure.value, back.other.value) == (15.6, 16.0)


def test_agreeing_notes_near_print_are_supported():
    """Planted truth: two notes alike, and print says the same."""
    facts = published(
        ("2026-01-15", "S&P 600", "forward_pe", 16.2, "x"),
        ("2026-01-15", "S&P 500", "forward_pe", 21.5, "x"),
    )
    found = examine(facts, pair("one", 16.0, 22.0, "901"), pair("two", 16.0, 22.0, "902"))
    assert judge(found) == "supported"


def test_agreeing_notes_far_from_print_are_contradicted():
    """The same notes, with print far away."""
    facts = published(("2026-01-15", "Russell 2000", "forward_pe", 12.0, "x"))
    found = examine(facts, pair("one", 16.0, 22.0, "901"), pair("two", 16.0, 22.0, "902"))
    assert found.finding.measures["against_published"] == pytest.approx(16 / 12 - 1)
    assert judge(found) == "contradicted"


def test_disagreeing_notes_are_inconsistent_whatever_print_says():
    """Planted contradiction: one of the two prints agrees with the facts, both are inconsistent."""
    one, two = pair("one", 16.0, 22.0, "901"), pair("two", 16.0, 28.0, "902")
    facts = published(("2026-01-15", "S&P 500", "forward_pe", 22.0, "x"))
    for found in (examine(facts, one, two), examine(facts, two, one)):
        assert judge(found) == "inconsistent"
        assert found.finding.measures["between_notes"] == pytest.approx(28 / 22 - 1)


def test_a_wider_tolerance_leaves_more_to_definitions():
    """22 and 28 are 27% apart: in conflict at a tenth, not at three tenths, which a grid shows."""
    one, two = pair("one", 16.0, 22.0, "901"), pair("two", 16.0, 28.0, "902")
    facts = published(("2026-01-15", "S&P 500", "forward_pe", 22.0, "x"))
    wide = replace(
        one,
        arguments=one.arguments.model_copy(update={"tolerance": 0.3}),
        grid={"tolerance": (0.1, 0.3)},
    )
    found = examine(facts, wide, two)
    assert found.finding.measures["conflict"] == pytest.approx((28 / 22 - 1) / 0.3)
    assert found.grid["conflict"].tolist() == pytest.approx([(28 / 22 - 1) / t for t in (0.1, 0.3)])
    assert judge(found) == "supported"


def test_without_print_an_agreeing_claim_is_refused():
    """No published figure in reach is no verdict, not support."""
    facts = published(("2024-01-15", "S&P 500", "forward_pe", 22.0, "x"))
    found = examine(facts, pair("one", 16.0, 22.0, "901"), pair("two", 16.0, 22.0, "902"))
    assert "no published figure" in found.finding.refusal.reason


def test_whose_study_it_is_changes_no_table(whole, full):
    """All claims on multiples show the same tables, whichever is asked."""
    other = study(whole, "pe-181-223-19")
    for name in ("multiples", "implications", "contradictions", "standing", "loss_makers"):
        pd.testing.assert_frame_equal(getattr(full, name), getattr(other, name))


# What was published


def test_reach_counts_months_from_the_note():
    """July to January are six months, June is out; other indices and earnings are not met."""
    multiple = printed_multiples(quoting("gap-fwd-pe-jan26"))[1]
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
    assert history(closed_figures(facts), "no_such").empty


def test_likely_definition_takes_the_nearest_in_time_of_those_near_in_value():
    """26 times is near 25.4 of a year ago with loss-makers, not near 16.2 of this winter."""
    multiple = printed_multiples(quoting("gap-fwd-pe-jan26"))[1]
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


def test_forecasts_near_the_notes_name_their_start(whole, full):
    """Only rows with a starting multiple, none superseded, all within reach."""
    assert len(full.forecasts) >= 1
    assert full.forecasts["starting P/E"].notna().all()
    long_ago = pd.PeriodIndex(["1990-01"], freq="M")
    assert forecast_table(whole.facts["bank_forecasts"], long_ago, 6).empty


# Other dates


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_early_dates_show_no_later_print_but_keep_the_arithmetic(as_of, whole, full):
    """The notes' figures are the claim; what was published later is not seen."""
    cut = load_dataset("bundled", as_of)
    early = study(cut)
    assert early.forward.empty and early.forecasts.empty
    assert (early.standing["of"] == 0).all()
    assert full.multiples["seen"].all() and not early.multiples["seen"].any()
    for one in QUOTED:
        now, then = (study(data, one.claim).finding for data in (whole, cut))
        if now.measures["conflict"] <= 1:
            assert then.refusal is not None
            continue
        assert then.measures["conflict"] == now.measures["conflict"]
        assert then.measures["against_published"] == np.inf
        assert then.sample_end <= as_of
    for chart in CHARTS:
        drawn = chart(early).to_json()
        assert not re.search(r'"20\d\d-\d\d', drawn) and "nan" not in drawn


def test_facts_after_as_of_change_nothing(whole, tmp_path):
    """Wild published values of later months leave an earlier run alone."""
    cut = load_dataset("bundled", "2017-12")
    shutil.copytree(FACTS_FOLDER, tmp_path, dirs_exist_ok=True)
    raw = pd.read_csv(FACTS_FOLDER / "forward_pe.csv", dtype=str, keep_default_na=False)
    months = whole.facts["forward_pe"]["known_month"]
    later = (months > cut.as_of) & (raw["value_low"] != "") & (raw["value_high"] != "")
    raw.loc[later, ["value_low", "value_high"]] = "999"
    raw.to_csv(tmp_path / "forward_pe.csv", index=False)
    wild = replace(cut, facts=load_facts(cut.as_of, tmp_path))
    one, two = study(cut), study(wild)
    pd.testing.assert_frame_equal(one.standing, two.standing)
    pd.testing.assert_frame_equal(one.forward, two.forward)
    assert len(one.forward) > 0
    assert (load_facts(None, tmp_path)["forward_pe"]["value_low"] == 999).any()


def test_charts_are_small_and_described(full):
    """Four charts, each with a description built from the study."""
    for chart in CHARTS:
        drawn = chart(full).to_json(indent=None)
        assert len(drawn) < 25_000
        assert "description" in drawn


def test_the_design_asks_for_its_peers():
    """A claim bound alone knows the others' figures; a reader's change leaves them registered."""
    claim = CLAIMS["pe-18-26"]
    changed = bind(claim, {"tolerance": 0.2})
    assert {one.claim for one in changed.peers} == set(CLAIMS) - {claim.id}
    assert all(one.arguments.tolerance == 0.1 for one in changed.peers)
    assert find_design("quoted_multiples").asks_for_peers
