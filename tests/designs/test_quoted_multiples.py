"""Multiples against each other and against print, like held against like, on facts made by hand."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, Specification, bind, find_design
from analysis.designs.quoted_multiples import QuotedMultiplesArguments, quoted_multiples
from analysis.designs.quoted_multiples.comparisons import (
    EARNINGS_NOT_SAID,
    INDEX_NOT_NAMED,
    LOSS_MAKERS_NOT_SAID,
    OPEN_DATES,
    OTHER_DATES,
    OTHER_EARNINGS,
    OTHER_INDEX,
    OTHER_LOSS_MAKERS,
    OTHER_WEIGHTING,
    Allowance,
    compare_inside,
    months_apart_at_most,
    relative_difference,
)
from analysis.designs.quoted_multiples.multiples import (
    dates_in_words,
    implied_multiples,
    of_note,
    printed_multiples,
    quotations,
    stated_multiples,
)
from analysis.designs.quoted_multiples.published import (
    closed_figures,
    history,
    published_multiples,
)
from analysis.designs.quoted_multiples.registered import PRICE_EARNINGS, RELATIVE, USUAL
from analysis.designs.quoted_multiples.standing import readings, standing_of
from analysis.pages.charts import figures as draw
from analysis.pages.charts.sentences import Sentence
from analysis.panel import Dataset
from analysis.results import InputError
from analysis.sources.facts import load_facts

CLAIMS = {k: c for k, c in load_claims().items() if c.design == "quoted_multiples"}
ONE_DRAW = Sampling(1, 1)
CHARTS = (draw.multiples, draw.relatives, draw.published_forward, draw.published_relative)
ALLOWANCE = Allowance(tolerance=0.05, monthly_move=0.05)
WINTER = ("2026-01-01", "2026-01-31")


def figure(index, low, *, kind="P/E", digit=0.1, high=None, **fields):
    """One printed multiple; forward, and without loss-makers where the index has a choice."""
    screened = index.startswith("S&P")
    return {
        "kind": kind,
        "index": index,
        "earnings": "forward",
        "loss_makers": "screened" if screened else "excluded",
        "weighting": "not said",
        "low": low,
        "high": low if high is None else high,
        "last_digit": digit,
        **fields,
    }


def ratio(value, kind="relative P/E", against="S&P 500", index="Russell 2000", **fields):
    """One printed relative multiple, to two digits."""
    return figure(index, value, kind=kind, digit=0.01, against=against, **fields)


def made(claim, note, *multiples, dates=WINTER, **arguments):
    """A claim that prints some multiples."""
    values = {"tolerance": 0.05, "monthly_move": 0.05, **arguments}
    given = QuotedMultiplesArguments(
        note=note, first=dates[0], last=dates[1], multiples=list(multiples), **values
    )
    return Specification(claim, given, {"tolerance": (0.025, 0.05, 0.1)})


def row(date, index, value, metric="forward_pe", **fields):
    """One published figure: a side, or two sides with "vs" between them; dated by day or month."""
    small, _, large = index.rpartition(" vs ")
    if not small:
        is_large = index in ("S&P 500", "Russell 1000", "Russell Top 200")
        small, large = ("", index) if is_large else (index, "")
    days = pd.Period(date).start_time.normalize(), pd.Period(date).end_time.normalize()
    screened = not any("Russell" in side or "Leuthold" in side for side in (small, large))
    return {
        "date": date,
        "index": index,
        "metric": metric,
        "value_low": value,
        "value_high": value,
        "qualifier": "exact",
        "date_low": days[0],
        "date_high": days[1],
        "precision": {10: "day", 7: "month", 4: "year"}[len(date)],
        "superseded_by": "",
        "provider": "somebody",
        "definition": "as told",
        "small_index": small,
        "large_index": large,
        "earnings": "trailing" if "trailing" in metric else "forward",
        "loss_makers": "screened" if screened else "excluded",
        "weighting": "weighted",
        "source_url": "https://example.org",
        "known_month": days[1].to_period("M"),
        **fields,
    }


BLANK = row("2000-01-01", "Russell Midcap", 1.0, small_index="", large_index="")


def facts(*rows):
    """A table of published multiples."""
    return pd.DataFrame([BLANK, *rows])


def examine(table, first, *others, as_of="2026-04"):
    """The study of the first of some claims that know each other, on facts of one's own."""
    months = pd.period_range(as_of, as_of, freq="M", name="month")
    data = Dataset(
        monthly=pd.DataFrame({"market": 0.0}, index=months),
        facts={"forward_pe": table, "bank_forecasts": load_facts()["bank_forecasts"].iloc[:0]},
        data="bundled",
        as_of=months[-1],
    )
    return quoted_multiples(data, replace(first, peers=others), ONE_DRAW)


def judge(study):
    """The verdict the registered criterion gives."""
    one = next(iter(CLAIMS.values()))
    return decide(one, study.finding, data="bundled", as_of="newest").verdict


def measured(study, name):
    """One measure of a finding."""
    return study.finding.measures[name]


def standing(multiples, *rows, tolerance=0.05, **arguments):
    """Where the first figure of a claim stands among published ones."""
    claim = made("one", "901", *multiples, **arguments)
    return standing_of(
        stated_multiples(claim)[0], published_multiples(closed_figures(facts(*rows))), tolerance
    )


# What is registered


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_registered_multiples_are_the_figures_of_the_claim(claim):
    """Every figure of a claim is registered, discounts as relative P/Es, and nothing else is."""
    arguments = bind(claim).arguments
    ends = {round(end, 6) for m in arguments.multiples for end in (m.low, m.high)}
    values = set()
    for one in claim.figures:
        if "discount" in one.name:
            values.add(round(1.0 - float(one.value) / 100.0, 6))
        elif one.name != "multiple of the usual spread":
            values.add(float(one.value))
    assert ends == values
    for m in arguments.multiples:
        assert (m.kind == PRICE_EARNINGS) == (m.low > 2)
        whole = m.last_digit * round(m.low / m.last_digit)
        assert whole == pytest.approx(m.low), "printed to the last digit that is registered"


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_every_amendment_names_what_was_unlike(claim):
    """Each claim on multiples was amended for unlike definitions, and says what the test was."""
    assert claim.amendments[0].fault == "unlike definitions"
    assert {one.was.hash for one in claim.amendments}.isdisjoint({claim.criterion_hash})
    assert not claim.not_run


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "P/S"}, "kind"),
        ({"index": "Russel 2000"}, "index"),
        ({"low": 30.0}, "above high"),
        ({"price": 1.0}, "price"),
        ({"against": "S&P 500"}, "belongs to a relative P/E"),
        ({"index": "S&P 600", "loss_makers": "included"}, "screened by their owner"),
        ({"index": "Russell 2000", "loss_makers": "screened"}, "those of Russell are not"),
        ({"earnings": "next year"}, "earnings"),
        ({"last_digit": 0.0}, "last_digit"),
        ({"kind": "relative P/E", "index": "S&P 500", "against": "S&P 500"}, "small side"),
    ],
)
def test_an_odd_multiple_is_refused_by_claim_and_field(change, said):
    """An unknown kind, index or definition, and a range the wrong way round, pass for nothing."""
    claim = CLAIMS["pe-16-217"]
    first, *rest = claim.arguments["multiples"]
    odd = claim.model_copy(
        update={"arguments": claim.arguments | {"multiples": [first | change, *rest]}}
    )
    with pytest.raises(InputError, match=rf"(?s)'pe-16-217'.*{said}"):
        bind(odd)


def test_dates_out_of_order_are_refused():
    """The last admissible day cannot come before the first."""
    claim = CLAIMS["pe-16-217"]
    odd = claim.model_copy(update={"arguments": claim.arguments | {"first": "2030-01-01"}})
    with pytest.raises(InputError, match="after last"):
        bind(odd)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2025-10-01", "2025-12-31", "October to December 2025"),
        ("2026-01-01", "2026-01-31", "January 2026"),
        ("2026-01-01", "2026-01-15", "1 to 15 January 2026"),
        ("2025-01-01", "2026-01-20", "1 January 2025 to 20 January 2026"),
        ("2025-11-01", "2026-02-28", "November 2025 to February 2026"),
        ("2026-03-18", "2026-03-18", "18 March 2026"),
    ],
)
def test_dates_read_as_in_a_sentence(first, last, words):
    """Months in words, whole months without days."""
    assert dates_in_words(pd.Timestamp(first), pd.Timestamp(last)) == words


def test_printed_digits_say_how_far_a_figure_reaches():
    """18.1 is 18.05 to 18.15, 18 is 17.5 to 18.5, "about 26" is 5% either way."""
    claim = made(
        "one",
        "901",
        figure("Russell 2000", 18.1),
        figure("Russell 2000", 18.0, digit=1.0),
        figure("S&P 500", 26.0, digit=1.0, about=True),
    )
    spans = [(m.least, m.most) for m in printed_multiples(claim)]
    assert spans[0] == pytest.approx((18.05, 18.15))
    assert spans[1] == pytest.approx((17.5, 18.5))
    assert spans[2] == pytest.approx((24.7, 27.3))
    assert [m.words for m in printed_multiples(claim)] == ["18.1", "18", "26"]


def test_more_than_four_times_the_usual_spread():
    """36% over four is 9%, so the usual relative P/E is .91 or above, and the claim says so."""
    claim = made("one", "901", ratio(0.64), times_usual=4.0)
    printed, usual = stated_multiples(claim)
    assert (usual.kind, usual.low, usual.high) == (USUAL, pytest.approx(0.91), 1.0)
    assert usual.stated and not usual.printed and usual.roots == (printed,)


def test_two_multiples_imply_the_third_only_on_the_same_definition():
    """A forward multiple and a discount whose earnings are not said give no large-cap multiple."""
    like = made("one", "901", figure("Russell 2000", 17.0), ratio(0.64))
    (large,) = implied_multiples(like)
    assert (large.value, large.index) == (pytest.approx(17 / 0.64), "S&P 500")
    for unlike in (
        ratio(0.64, earnings="not said"),
        ratio(0.64, loss_makers="included"),
        ratio(0.64, index="small caps"),
    ):
        assert implied_multiples(made("one", "901", figure("Russell 2000", 17.0), unlike)) == ()


# Inside a note


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


def test_a_discount_that_follows_from_its_multiples_contradicts_nothing():
    """1 − 18.1/22.3 is 18.4 to 19.2% before rounding: 19 and 18% agree, 20 and 17% do not."""
    for discount, contradicts in ((0.81, False), (0.82, False), (0.80, True), (0.83, True)):
        claim = made(
            "one", "901", figure("Russell 2000", 18.1), figure("S&P 500", 22.3), ratio(discount)
        )
        found = compare_inside(of_note(quotations([claim]), "901"), ALLOWANCE)
        assert len(found) == 3 and not any(c.reasons for c in found)
        assert any(c.contradicts for c in found) == contradicts, discount


def test_a_large_multiple_that_does_not_follow_contradicts_its_own_note():
    """16 over .72 is 22.2, not 17.2: one contradiction, and both claims are in it."""
    one = made("one", "901", figure("Russell 2000", 16.0, digit=1.0), ratio(0.72))
    two = made("two", "901", figure("S&P 500", 17.2))
    for first, other in ((one, two), (two, one)):
        study = examine(facts(), first, other)
        assert judge(study) == "inconsistent"
        assert "contradicts itself" in study.finding.finding
        (line,) = study.contradictions.itertuples()
        assert line.where == "inside a note"
        assert line.difference == pytest.approx((15.5 / 0.725) / 17.25 - 1, rel=0.02)


def test_large_caps_may_be_the_index_the_note_names():
    """ "Large caps" is read as the S&P 500, with the tolerance; a named other index is not."""
    small, large = figure("Russell 2000", 16.0), figure("S&P 500", 17.2)
    not_said = {"loss_makers": "not said"}
    open_ = made(
        "one",
        "901",
        figure("Russell 2000", 16.0, **not_said),
        ratio(0.72, against="large caps", **not_said),
        large,
    )
    assert judge(examine(facts(), open_)) == "inconsistent"
    named = made("one", "901", small, ratio(0.72, against="Russell 1000"), large)
    study = examine(facts(), named)
    assert study.finding.refusal is not None
    assert study.contradictions.empty
    assert all(OTHER_INDEX in why for why in study.reconcilable["why"])
    near = made("one", "901", small, ratio(0.72, against="large caps"), figure("S&P 500", 21.5))
    assert examine(facts(), near).contradictions.empty, "3% apart: what the indices may leave"


def test_figures_of_one_note_on_other_dates_are_not_compared():
    """26 in late 2025 and 22.3 in January do not contradict each other."""
    late = made("one", "901", figure("S&P 500", 26.0), dates=("2025-10-01", "2025-12-31"))
    early = made("two", "901", figure("Russell 2000", 18.1), figure("S&P 500", 22.3), ratio(0.81))
    study = examine(facts(), late, early)
    assert study.contradictions.empty
    assert OTHER_DATES in set(study.reconcilable["why"])


def test_a_note_that_prints_an_index_twice_contradicts_itself():
    """28.0 and 22.0 for one index differ; 18.1 and 18.11 are one figure."""
    one, two = (
        made("one", "901", figure("S&P 500", 28.0)),
        made("two", "901", figure("S&P 500", 22)),
    )
    study = examine(facts(), two, one)
    assert judge(study) == "inconsistent"
    assert study.finding.estimate == pytest.approx(27.95 / 22.05 - 1) or (
        study.finding.estimate == pytest.approx(1 - 22.05 / 27.95)
    )
    same = made("one", "901", figure("S&P 500", 18.1), figure("S&P 500", 18.11, digit=0.01))
    assert examine(facts(), same).contradictions.empty


def test_what_a_note_leaves_open_is_the_same_throughout_the_note():
    """Earnings not said are compared inside a note, and not with another's."""
    fields = {"earnings": "not said"}
    one = made(
        "one",
        "901",
        figure("Russell 2000", 18.1, **fields),
        figure("S&P 500", 22.3, **fields),
        ratio(0.70, **fields),
    )
    assert judge(examine(facts(), one)) == "inconsistent"
    other = made("two", "902", figure("S&P 500", 30.0, **fields))
    alone = made("one", "901", figure("S&P 500", 22.3, **fields))
    study = examine(facts(), alone, other)
    assert study.contradictions.empty
    assert set(study.reconcilable["why"]) == {EARNINGS_NOT_SAID}


def test_inside_agrees_with_a_brute_force_over_random_notes():
    """Whether any of three figures is off the other two, by interval arithmetic of one's own."""
    draws = np.random.default_rng(3)
    seen = set()
    for _ in range(60):
        s, b = round(draws.uniform(12, 20), 1), round(draws.uniform(18, 26), 1)
        r = round(min(max(s / b + draws.normal(0, 0.01), 0.3), 1.2), 2)
        claim = made("one", "901", figure("Russell 2000", s), figure("S&P 500", b), ratio(r))
        study = examine(facts(), claim)
        spans = [(x - h, x + h) for x, h in ((s, 0.05), (b, 0.05), (r, 0.005))]
        low, high = spans[0][0] / spans[1][1], spans[0][1] / spans[1][0]
        apart = high < spans[2][0] or low > spans[2][1]
        assert (len(study.contradictions) == 1) == apart, (s, b, r)
        seen.add(apart)
    assert seen == {True, False}


# Between notes


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (figure("Russell 2000", 26.0, loss_makers="included"), figure("Russell 2000", 16.0),
         OTHER_LOSS_MAKERS),
        (figure("Russell 2000", 26.0, loss_makers="included"),
         figure("Russell 2000", 16.0, loss_makers="not said"), LOSS_MAKERS_NOT_SAID),
        (figure("Russell 2000", 26.0, loss_makers="not said"),
         figure("Russell 2000", 16.0, loss_makers="not said"), LOSS_MAKERS_NOT_SAID),
        (figure("Russell 2000", 22.0, loss_makers="excluded"), figure("S&P 600", 15.6),
         f"{OTHER_INDEX}; {OTHER_LOSS_MAKERS}"),
        (figure("small caps", 13.6), figure("Russell 2000", 16.0), INDEX_NOT_NAMED),
        (figure("small caps", 13.6), figure("small caps", 16.0), INDEX_NOT_NAMED),
        (figure("S&P 500", 28.0, earnings="trailing"), figure("S&P 500", 22.0), OTHER_EARNINGS),
        (figure("S&P 500", 28.0, earnings="not said"), figure("S&P 500", 22.0), EARNINGS_NOT_SAID),
        (figure("S&P 500", 28.0, weighting="median"), figure("S&P 500", 22.0), OTHER_WEIGHTING),
        (ratio(0.64, against="Russell 1000"), ratio(0.80, against="S&P 500"), OTHER_INDEX),
    ],
)  # fmt: skip
def test_figures_of_unlike_definition_are_reconcilable(one, other, why):
    """A difference that a definition can make is shown as such, and is no contradiction."""
    study = examine(facts(), made("one", "901", one), made("two", "902", other))
    assert study.contradictions.empty
    assert list(study.reconcilable["why"]) == [why]
    assert study.finding.refusal is not None, "no print and no contradiction: no verdict"


def test_like_figures_of_one_date_contradict_each_other():
    """28 and 22 for the S&P 500 in one month: both claims are inconsistent."""
    one, two = (
        made("one", "901", figure("S&P 500", 28.0)),
        made("two", "902", figure("S&P 500", 22)),
    )
    for first, other in ((one, two), (two, one)):
        study = examine(facts(), first, other)
        assert judge(study) == "inconsistent"
        said = study.finding.finding
        assert "cannot both be right: one says" in said and " times earnings for S&P 500 (" in said
        assert study.reconcilable.empty


def test_what_providers_may_leave_contradicts_nothing():
    """22.0 and 23.1 are 4.5% apart beyond rounding; 23.3 is more than 5%."""
    for value, contradicts in ((23.1, False), (23.2, False), (23.3, True)):
        study = examine(
            facts(),
            made("one", "901", figure("S&P 500", value)),
            made("two", "902", figure("S&P 500", 22.0)),
        )
        assert len(study.contradictions) == contradicts, value


def test_open_dates_leave_room_for_the_market_to_move():
    """Five percent a month between the furthest admissible dates, besides the tolerance."""
    autumn = ("2025-10-15", "2025-12-31")
    for value, contradicts in ((26.4, False), (26.6, True)):
        study = examine(
            facts(),
            made("one", "901", figure("S&P 500", value), dates=autumn),
            made("two", "902", figure("S&P 500", 22.0), dates=("2025-12-01", "2025-12-31")),
        )
        # 22.05 × (1 + .05 + 2 × .05) is 25.36; 26.45 less .05 over it
        limit = 22.05 * 1.15 + 0.05
        assert (value > limit) or not contradicts
        assert len(study.contradictions) == (value > limit)
        assert set(study.reconcilable["why"]) == (set() if value > limit else {OPEN_DATES})


def test_the_limit_of_open_dates_is_the_furthest_pair():
    """October to December against December: two months; the same month: none."""
    autumn, december, october = (
        printed_multiples(made("x", "901", figure("S&P 500", 22.0), dates=dates))[0]
        for dates in (
            ("2025-10-15", "2025-12-31"),
            ("2025-12-01", "2025-12-31"),
            ("2025-10-01", "2025-10-05"),
        )
    )
    assert months_apart_at_most(autumn, december) == months_apart_at_most(december, autumn) == 2
    assert months_apart_at_most(december, december) == 0
    assert months_apart_at_most(december, october) == 2
    for value, contradicts in ((25.3, False), (25.4, False), (25.5, True)):
        study = examine(
            facts(),
            made("one", "901", figure("S&P 500", value), dates=("2025-10-15", "2025-12-31")),
            made("two", "902", figure("S&P 500", 22.0), dates=("2025-12-01", "2025-12-31")),
        )
        assert len(study.contradictions) == contradicts, value


def test_dates_without_a_common_day_are_never_compared():
    """A month apart and twice as dear: still no contradiction, and said so."""
    study = examine(
        facts(),
        made("one", "901", figure("S&P 500", 40.0), dates=("2025-12-01", "2025-12-31")),
        made("two", "902", figure("S&P 500", 20.0), dates=("2026-01-01", "2026-01-31")),
    )
    assert study.contradictions.empty and list(study.reconcilable["why"]) == [OTHER_DATES]


def test_print_says_which_of_two_notes_is_right():
    """The figure print confirms is supported; the other stays inconsistent."""
    print_ = facts(
        row("2026-01-15", "S&P 500", 22.2),
        *(row(f"20{y}-01-15", "S&P 500", 10.0 + y) for y in (18, 19, 20, 21, 22)),
    )
    right, wrong = (
        made("one", "901", figure("S&P 500", 22.0)),
        made("two", "902", figure("S&P 500", 28.0)),
    )
    assert judge(examine(print_, right, wrong)) == "supported"
    assert judge(examine(print_, wrong, right)) == "inconsistent"


def test_print_does_not_save_a_note_from_its_own_arithmetic():
    """All three figures are in print, and two of them make another value of the third."""
    print_ = facts(
        row("2026-01-15", "Russell 2000", 16.0),
        row("2026-01-15", "S&P 500", 17.2),
        row("2026-01-15", "Russell 2000 vs S&P 500", 0.72, "relative_forward_pe"),
    )
    claim = made("one", "901", figure("Russell 2000", 16.0), figure("S&P 500", 17.2), ratio(0.72))
    study = examine(print_, claim)
    assert measured(study, "matched_figures") == 3
    assert judge(study) == "inconsistent"
    assert study.finding.luck is not None


# Print

HISTORY = tuple(row(f"20{y:02d}-06-30", "S&P 500", 10.0 + y / 2) for y in range(5, 20))


def test_a_true_match_is_supported():
    """Planted truth: print of the same definition and month within what providers leave."""
    print_ = (row("2026-01-15", "S&P 500", 22.9), *HISTORY)
    study = examine(facts(*print_), made("one", "901", figure("S&P 500", 22.0)))
    assert judge(study) == "supported"
    assert measured(study, "matched_figures") == 1
    assert study.finding.luck == pytest.approx(1 / 16)
    assert study.finding.finding.startswith("The figure agrees with what was published")


def test_the_opposite_is_contradicted():
    """Print of the same definition and date, and no match: nobody published the figure."""
    print_ = (row("2026-01-15", "S&P 500", 26.0), *HISTORY)
    study = examine(facts(*print_), made("one", "901", figure("S&P 500", 17.2)))
    assert judge(study) == "contradicted"
    assert study.finding.finding.startswith("Nobody published 17.2 for S&P 500, January 2026")
    assert study.finding.estimate == pytest.approx(1 - 17.2 / 26.0)
    assert study.finding.luck is None and study.finding.joint_p is None


@pytest.mark.parametrize(
    "print_",
    [
        row("2025-12-31", "S&P 500", 22.0),
        row("2026-02-01", "S&P 500", 22.0),
        row("2026", "S&P 500", 22.0),
        row("2026-01-15", "S&P 500", 22.0, "trailing_pe"),
        row("2026-01-15", "Russell 1000", 22.0),
        row("2026-01-15", "S&P 500", 22.0, weighting="median"),
        row("2026-01-15", "S&P 500", 22.0, superseded_by="another"),
        row("2026-01-15", "S&P 500", 22.0, qualifier="derived"),
        row("2026-01-15", "S&P 500", 22.0, qualifier="above", value_high=np.nan),
        row("2026-01-15", "S&P 500", 22.0, "longterm_average_forward_pe"),
    ],
    ids=["day before", "day after", "year", "trailing", "other index", "median", "superseded",
         "worked out", "open", "average"],
)  # fmt: skip
def test_print_of_another_definition_or_date_gives_no_verdict(print_):
    """Neither support nor contradiction: refused with a reason that names what is missing."""
    study = examine(facts(print_, *HISTORY), made("one", "901", figure("S&P 500", 22.0)))
    assert study.finding.refusal is not None
    assert "22.0 for S&P 500: no forward S&P 500, January 2026" in study.finding.refusal.reason


@pytest.mark.parametrize("date", ["2026-01-01", "2026-01-31", "2026-01"])
def test_the_first_and_the_last_day_are_admissible(date):
    """Days at the ends count, and so does a month some day of which is admissible."""
    for dates in (WINTER, ("2026-01-01", "2026-01-31")):
        study = examine(
            facts(row(date, "S&P 500", 22.0), *HISTORY),
            made("one", "901", figure("S&P 500", 22.0), dates=dates),
        )
        assert judge(study) == "supported"
    part = made("one", "901", figure("S&P 500", 22.0), dates=("2026-01-10", "2026-01-15"))
    found = examine(facts(row("2026-01", "S&P 500", 22.0), *HISTORY), part)
    assert judge(found) == "supported"


def test_a_year_counts_only_where_every_day_is_admissible():
    """A figure dated 2025 meets a note that admits all of 2025, and no shorter one."""
    print_ = (row("2025", "S&P 500", 22.0), *HISTORY)
    whole = made("one", "901", figure("S&P 500", 22.0), dates=("2025-01-01", "2026-01-20"))
    assert judge(examine(facts(*print_), whole)) == "supported"
    short = made("one", "901", figure("S&P 500", 22.0), dates=("2025-01-02", "2026-01-20"))
    assert examine(facts(*print_), short).finding.refusal is not None


@pytest.mark.parametrize(
    ("printed", "fields", "published", "status"),
    [
        (20.0, {}, 21.0, "matched"),
        (20.0, {}, 21.001, "contradicted"),
        (20.0, {}, 19.0, "matched"),
        (20.0, {}, 18.999, "contradicted"),
        (3.0, {"digit": 1.0}, 3.5, "matched"),
        (3.0, {"digit": 1.0}, 3.51, "contradicted"),
        (20.0, {"about": True}, 21.0, "matched"),
    ],
)
def test_a_match_is_within_tolerance_or_printed_rounding(printed, fields, published, status):
    """Five percent, or half the last digit where that is more; the ends belong to it."""
    print_ = row("2026-01-15", "S&P 500", published)
    assert standing([figure("S&P 500", printed, **fields)], print_).status == status


def test_about_leaves_five_percent_whatever_providers_leave():
    """With a tolerance of 1% an exact 20 does not match 20.9, about 20 does."""
    print_ = row("2026-01-15", "S&P 500", 20.9)
    exact = standing([figure("S&P 500", 20.0)], print_, tolerance=0.01)
    about = standing([figure("S&P 500", 20.0, about=True)], print_, tolerance=0.01)
    assert (exact.status, about.status) == ("contradicted", "matched")


def test_a_note_that_explains_its_definition_is_held_to_it():
    """26 with loss-makers meets print that counts them, never print that leaves them out."""
    counted = row("2026-01-15", "Russell 2000", 25.4, loss_makers="included")
    left_out = row("2026-01-15", "Russell 2000", 26.0, loss_makers="excluded")
    unknown = row("2026-01-15", "Russell 2000", 26.0, loss_makers="not stated")
    told = [figure("Russell 2000", 26.0, loss_makers="included")]
    assert standing(told, counted).status == "matched"
    assert standing(told, left_out).status == "not published"
    assert standing(told, unknown).status == "not published"
    far = row("2026-01-15", "Russell 2000", 33.0, loss_makers="included")
    assert standing(told, left_out, far).status == "contradicted"


def test_a_note_that_says_nothing_may_mean_any_definition():
    """Any of them matches; only print of all of them contradicts."""
    silent = [figure("Russell 2000", 18.0, loss_makers="not said")]
    counted = row("2026-01-15", "Russell 2000", 25.4, loss_makers="included")
    left_out = row("2026-01-15", "Russell 2000", 16.0, loss_makers="excluded")
    unknown = row("2026-01-15", "Russell 2000", 18.0, loss_makers="not stated")
    assert standing(silent, counted).status == "not published"
    assert [str(r) for r in standing(silent, counted).missing] == [
        "forward Russell 2000 without loss-makers"
    ]
    assert standing(silent, counted, left_out).status == "contradicted"
    assert standing(silent, counted, left_out, unknown).status == "matched"
    assert standing(silent, row("2026-01-15", "S&P 600", 18.0)).status == "not published"


def test_readings_of_what_is_not_said():
    """Unnamed small caps on unsaid earnings: three treatments of two indices, twice."""
    open_ = {"loss_makers": "not said", "earnings": "not said"}
    claim = made("one", "901", figure("small caps", 16.0, **open_), figure("S&P 500", 22.0))
    small, large = printed_multiples(claim)
    assert len(readings(small)) == 6
    assert {(r.index, r.loss_makers) for r in readings(small)} == {
        ("Russell 2000", "included"),
        ("Russell 2000", "excluded"),
        ("S&P 600", "screened"),
    }
    assert [str(r) for r in readings(large)] == ["forward S&P 500"]


def test_relative_multiples_meet_print_of_both_sides():
    """Against large caps any large index counts, against a named one only that one."""
    print_ = row("2026-01-15", "Russell 2000 vs Russell 1000", 0.72, "relative_forward_pe")
    assert standing([ratio(0.72, against="large caps")], print_).status == "matched"
    assert standing([ratio(0.72, against="S&P 500")], print_).status == "not published"
    usual = row("2026-01-15", "Russell 2000 vs Russell 1000", 0.99, "longterm_average_relative")
    norm = [ratio(0.99, kind="usual relative P/E", against="large caps")]
    assert standing(norm, print_).status == "not published"
    assert standing(norm, print_, usual).status == "matched"


def test_a_claim_is_supported_only_if_each_of_its_figures_is_matched():
    """One figure without print leaves no verdict, one that print contradicts decides."""
    claim = made("one", "901", figure("S&P 500", 22.0), figure("Russell 2000", 16.0))
    large, small = row("2026-01-15", "S&P 500", 22.0), row("2026-01-15", "Russell 2000", 16.0)
    off = row("2026-01-15", "Russell 2000", 19.0)
    past = [row(f"20{y:02d}-06-30", "Russell 2000", 20.0 + y) for y in range(5, 20)]
    assert examine(facts(large, *HISTORY), claim).finding.refusal is not None
    assert judge(examine(facts(large, off, *HISTORY, *past), claim)) == "contradicted"
    assert judge(examine(facts(off), claim)) == "contradicted"
    assert judge(examine(facts(large, small, *HISTORY, *past), claim)) == "supported"


# Luck


def with_luck(near, far):
    """Print that matches 20, with so many other months near it and so many far from it."""
    months = pd.period_range("2010-01", periods=near + far, freq="M").astype(str)
    values = [20.0] * near + [40.0] * far
    others = [row(month, "S&P 500", v) for month, v in zip(months, values, strict=True)]
    return facts(row("2026-01-15", "S&P 500", 20.0), *others)


def test_luck_of_exactly_one_half_still_informs():
    """4 of 8 months would have matched: supported; 5 of 9: true but uninformative."""
    claim = made("one", "901", figure("S&P 500", 20.0))
    half, more = examine(with_luck(3, 4), claim), examine(with_luck(4, 4), claim)
    assert half.finding.luck == 0.5 and judge(half) == "supported"
    assert more.finding.luck == pytest.approx(5 / 9) and judge(more) == "true but uninformative"
    assert "56% would have matched" in more.finding.finding


def test_the_luckiest_figure_of_a_claim_counts():
    """One figure that any month would have matched makes the claim uninformative."""
    claim = made("one", "901", figure("S&P 500", 20.0), figure("Russell 2000", 16.0))
    small = [row(f"20{y}-01-15", "Russell 2000", 16.0) for y in (18, 20, 22, 26)]
    table = pd.concat([with_luck(1, 8), facts(*small)], ignore_index=True)
    study = examine(table, claim)
    assert study.finding.luck == 1.0 and judge(study) == "true but uninformative"


def test_an_index_and_month_counts_once():
    """Two providers in one month are one month, half of which would have matched."""
    print_ = [
        row("2026-01-15", "S&P 500", 20.0),
        row("2015-01-10", "S&P 500", 20.0),
        row("2015-01-20", "S&P 500", 40.0),
        row("2016-01", "S&P 500", 40.0),
    ]
    found = standing([figure("S&P 500", 20.0)], *print_)
    assert found.cells == 3
    assert found.luck == pytest.approx((1 + 0.5 + 0) / 3)


def test_luck_takes_any_index_of_the_side_and_any_definition_of_the_same_earnings():
    """Trailing, large-cap and median figures are not comparable; another small index is."""
    print_ = [
        row("2026-01-15", "Russell 2000", 16.0),
        row("2015-01-15", "S&P 600", 16.0),
        row("2015-02-15", "Russell 2000", 30.0, loss_makers="included"),
        row("2015-03-15", "Russell 2000", 16.0, "trailing_pe"),
        row("2015-04-15", "S&P 500", 16.0),
        row("2015-05-15", "Russell 2000", 16.0, weighting="median"),
        row("2015", "Russell 2000", 16.0),
    ]
    found = standing([figure("Russell 2000", 16.0)], *print_)
    assert found.cells == 3 and found.luck == pytest.approx(2 / 3)


def test_luck_has_the_freedom_of_the_claim():
    """More admissible print, and a word like "about", are more chances to match."""
    others = [row(f"20{y}-06-15", "S&P 500", float(y)) for y in range(10, 30)]
    one = row("2026-01-15", "S&P 500", 20.0)
    two = row("2026-01-20", "S&P 500", 14.0)
    narrow = standing([figure("S&P 500", 20.0)], one, *others, tolerance=0.01)
    wide = standing([figure("S&P 500", 20.0, about=True)], one, *others, tolerance=0.01)
    free = standing([figure("S&P 500", 20.0)], one, two, *others, tolerance=0.01)
    assert narrow.luck < wide.luck and narrow.luck < free.luck


def test_luck_agrees_with_a_brute_force():
    """Count, over random print, the months whose figure lies within 5% of an admissible one."""
    draws = np.random.default_rng(5)
    for _ in range(20):
        values = draws.uniform(15, 25, 30).round(1)
        months = pd.period_range("2010-01", periods=30, freq="M").astype(str)
        print_ = [row(m, "S&P 500", v) for m, v in zip(months, values, strict=True)]
        admitted = draws.uniform(15, 25, 3).round(1)
        days = ("2026-01-05", "2026-01-12", "2026-01-19")
        print_ += [row(d, "S&P 500", v) for d, v in zip(days, admitted, strict=True)]
        found = standing([figure("S&P 500", 20.0)], *print_)

        def share(values, admitted=admitted):
            near = [any(0.95 * v - 1e-9 <= a <= 1.05 * v + 1e-9 for a in admitted) for v in values]
            return np.mean(near)

        # January 2026 is one month with three figures
        assert found.luck == pytest.approx((30 * share(values) + share(admitted)) / 31)
        off = min(relative_difference(20.0, 20.0, a, a) for a in admitted)
        gaps = [min(relative_difference(v, v, a, a) for a in admitted) for v in values]
        assert found.as_near == pytest.approx((sum(g <= off + 1e-9 for g in gaps) + 1) / 31)


def test_the_joint_p_is_that_of_every_tolerance_at_once():
    """The share of figures as near to print as the claim's; no tolerance changes it."""
    others = [row(f"20{y}-06-15", "S&P 500", float(y)) for y in range(10, 30)]
    table = facts(row("2026-01-15", "S&P 500", 20.5), *others)
    found = {
        tolerance: examine(table, made("one", "901", figure("S&P 500", 20.0), tolerance=tolerance))
        for tolerance in (0.03, 0.05, 0.1)
    }
    # 20, 21 and the print itself lie as near to 20.5 as 20 does
    assert {study.finding.joint_p for study in found.values()} == {3 / 21}
    assert found[0.03].finding.luck < found[0.1].finding.luck


def test_the_whole_grid_of_tolerances_is_run():
    """Each registered tolerance has its row: contradictions, print and luck."""
    table = facts(row("2026-01-15", "S&P 500", 21.5), *HISTORY)
    study = examine(
        table,
        made("one", "901", figure("S&P 500", 20.0)),
        made("two", "902", figure("S&P 500", 22)),
    )
    assert study.grid["tolerance"].tolist() == [0.025, 0.05, 0.1]
    assert study.grid["contradicted"].tolist() == [1, 1, 0]
    assert study.grid["conflicts"].tolist() == [1, 1, 0]
    assert study.finding.specifications == 3 and (study.grid["reason"] == "").all()


@pytest.mark.slow
def test_planted_truth_is_told_from_luck_and_from_its_opposite():
    """On made-up markets true figures are supported, others are not, and the labels inform."""
    draws = np.random.default_rng(11)
    months = pd.period_range("2015-01", "2026-03", freq="M")
    labels = {"true": [], "random": [], "opposite": []}
    for _ in range(40):
        small = 16 * np.exp(np.cumsum(draws.normal(0, 0.04, len(months))))
        large = 20 * np.exp(np.cumsum(draws.normal(0, 0.04, len(months))))
        table = facts(
            *(row(str(m), "Russell 2000", v) for m, v in zip(months, small, strict=True)),
            *(row(str(m), "S&P 500", v) for m, v in zip(months, large, strict=True)),
        )
        chosen = draws.integers(0, len(months), 2)
        worlds = {
            "true": (small[-2], large[-2]),
            "random": (small[chosen[0]], large[chosen[1]]),
            "opposite": (small[-2] * 1.6, large[-2] / 1.6),
        }
        for world, (s, b) in worlds.items():
            s, b = s * (1 + draws.normal(0, 0.01)), b * (1 + draws.normal(0, 0.01))
            claim = made(
                "one",
                "901",
                figure("Russell 2000", round(s, 1)),
                figure("S&P 500", round(b, 1)),
                dates=("2026-01-01", "2026-03-31"),
            )
            labels[world].append(judge(examine(table, claim)))
    share = {world: np.mean([x == "supported" for x in given]) for world, given in labels.items()}
    assert set(labels["true"]) == {"supported", "true but uninformative"}
    assert share["true"] > 0.75
    assert share["random"] < 0.2
    assert set(labels["opposite"]) == {"contradicted"}


# The tables and charts


@pytest.fixture(scope="module")
def whole():
    """A small world: four notes that agree, contradict and differ, and some print."""
    claims = (
        made(
            "headline",
            "901",
            figure("S&P 500", 22.5, about=True),
            figure("Russell 2000", 26.0, loss_makers="included"),
            figure("S&P 600", 15.6),
            dates=("2025-01-01", "2026-01-20"),
        ),
        made(
            "relative",
            "902",
            figure("Russell 2000", 16.0, digit=1.0),
            ratio(0.72),
            ratio(0.99, kind="usual relative P/E"),
        ),
        made("deep", "903", ratio(0.64, index="small caps", loss_makers="not said"), times_usual=4),
        made("large", "902", figure("S&P 500", 17.2)),
    )
    table = facts(
        row("2025-09-26", "S&P 500", 22.5),
        row("2025-01-06", "S&P 600", 16.0),
        row("2025-01-01", "Russell 2000", 25.4, loss_makers="included"),
        row("2026-01-15", "Russell 2000", 16.2),
        row("2026-01-15", "Russell 2000 vs S&P 500", 0.72, "relative_forward_pe"),
        row("2024-01-15", "Russell 2000 vs S&P 500", 0.75, "relative_forward_pe"),
        row("2023-01-15", "Russell 2000", 14.0),
        *HISTORY,
    )
    return claims, table


@pytest.fixture(scope="module")
def full(whole):
    claims, table = whole
    return examine(table, *claims)


def test_every_multiple_has_its_index_definition_and_date(full):
    """One line a figure, with admissible days and printed rounding for a range plot."""
    table = full.multiples
    wanted = {"index", "against", "earnings", "loss-makers", "weighting", "first", "last"}
    assert wanted | {"least", "most", "dates", "definition"} <= set(table.columns)
    line = table[(table["index"] == "Russell 2000") & (table["note"] == "901")].iloc[0]
    assert (line["loss-makers"], line["first"], line["last"]) == (
        "included",
        "2025-01-01",
        "2026-01-20",
    )
    assert line["definition"] == "Russell 2000; forward; loss-makers included"
    assert (table["least"] <= table["low"]).all() and (table["high"] <= table["most"]).all()


def test_contradictions_and_reconcilable_figures_are_told_apart(full):
    """16, .72 and 17.2 contradict each other; 26 with loss-makers and 16 without do not."""
    (line,) = full.contradictions.itertuples()
    assert line.where == "inside a note" and {"902"} == set(
        re.findall(r"note (\d+)", f"{line._3} {line._4}")
    )
    small = full.reconcilable[full.reconcilable["quantity"] == "small-cap P/E"]
    assert OTHER_LOSS_MAKERS in " ".join(small["why"])
    assert (full.reconcilable["why"] != "").all() and (full.reconcilable["difference"] > 0).all()


def test_the_reconcilable_pair_furthest_apart_is_named():
    """Of two pairs between two notes the wider one; a relative P/E that follows enters too."""
    one = made(
        "one",
        "901",
        figure("S&P 500", 22.5),
        figure("Russell 2000", 26.0, loss_makers="included"),
        figure("S&P 600", 14.0),
    )
    two = made("two", "902", figure("Russell 2000", 16.0, digit=1.0), ratio(0.72))
    table = examine(facts(), one, two).reconcilable
    assert list(table["where"].unique()) == ["inside a note", "between notes"]
    table = table[table["where"] == "between notes"].set_index("quantity")
    prices = table.loc["small-cap P/E"]
    assert prices["one figure"].startswith("26.0 for Russell 2000")
    assert prices["difference"] == pytest.approx(25.95 / 16.5 - 1)
    ratios = table.loc["relative P/E"]
    assert ratios["one figure"].startswith("0.72") and "(26 ÷ 22.5)" in ratios["other figure"]


def test_matches_name_print_of_the_same_definition(full):
    """Every stated figure is there once, what is not matched with the nearest of any date."""
    table = full.matches
    stated = [m for m in full.quoted if m.stated]
    assert len(table) == len(stated)
    by = table.set_index(["note", "figure"])
    assert by.loc[("901", "26.0"), "print"] == "matched"
    assert by.loc[("901", "26.0"), "nearest"] == "25.4 (somebody, 2025-01-01)"
    assert by.loc[("902", "17.2"), "print"] == "not published"
    assert by.loc[("902", "17.2"), "nearest at any date"].startswith("17 ")
    assert by.loc[("903", "0.91 to 1.00"), "print"] == "not published"
    assert len(full.unmatched) == (table["print"] != "matched").sum() > 0
    assert table["luck"].dropna().between(0, 1).all()


def test_implied_discounts_and_norms_by_hand(full):
    """The discounts that follow, and the way back to each note's norm."""
    table = full.implications.set_index(["claim", "small-cap index", "relative is"])
    assert table.loc[("headline", "Russell 2000", "26 ÷ 22.5"), "discount"] < 0
    back = table.loc[("relative", "Russell 2000", "printed"), "way back"]
    assert back == pytest.approx(0.99 / 0.72 - 1)


def test_loss_makers_take_the_share_that_turns_one_multiple_into_the_other(full):
    """15.6 over 26 leaves 60% of the profits."""
    assert full.loss_makers["share of profits"].tolist() == pytest.approx([1 - 15.6 / 26])


def test_whose_study_it_is_changes_no_table(whole, full):
    """All claims on multiples show the same tables, whichever is asked."""
    claims, table = whole
    for order in itertools.islice(itertools.permutations(claims), 1, 24, 7):
        other = examine(table, *order)
        for name in ("multiples", "implications", "contradictions", "reconcilable", "matches"):
            pd.testing.assert_frame_equal(getattr(full, name), getattr(other, name))


def test_a_line_joins_one_provider_index_and_definition():
    """Never one line through several providers, and no figure dated by a year."""
    table = facts(
        row("2025-01-15", "Russell 2000", 16.0),
        row("2025-02-15", "Russell 2000", 25.0, provider="another"),
        row("2025-03-15", "Russell 2000", 15.0, definition="told otherwise"),
        row("2025", "Russell 2000", 20.0),
        row("2025-04-15", "S&P 500", 22.0),
    )
    lines = history(closed_figures(table), "forward_pe")
    assert lines["line"].nunique() == len(lines) == 3
    assert history(closed_figures(table), "no_such").empty


def test_forecasts_of_the_notes_dates_name_their_start(whole):
    """Only rows with a starting multiple, none superseded, dated within the notes' days."""
    claims, table = whole
    months = pd.period_range("2026-04", "2026-04", freq="M", name="month")
    data = Dataset(
        monthly=pd.DataFrame({"market": 0.0}, index=months),
        facts={"forward_pe": table, "bank_forecasts": load_facts()["bank_forecasts"]},
        data="bundled",
        as_of=months[-1],
    )
    found = quoted_multiples(data, replace(claims[0], peers=claims[1:]), ONE_DRAW).forecasts
    assert len(found) >= 1 and found["starting P/E"].notna().all()
    assert found["date"].between("2025-01", "2026-02").all()


def test_charts_are_small_and_described(full):
    """Four charts, each with a description built from the study."""
    for chart in CHARTS:
        drawn = chart(full).to_json(indent=None)
        assert len(drawn) < 25_000
        assert "description" in drawn


def test_before_anything_was_published_the_arithmetic_stays(whole):
    """At an early date there is no print and nothing to draw; a note still contradicts itself."""
    claims, _ = whole
    order = [claims[1], claims[0], claims[2], claims[3]]
    early = examine(facts(row("1995-01-15", "S&P 500", 15.0)), *order, as_of="1995-12")
    assert early.forward.empty and (early.matches["published"] == 0).all()
    assert not early.multiples["seen"].any()
    assert judge(early) == "inconsistent"
    for chart in CHARTS:
        made = chart(early)
        drawn = str(made) if isinstance(made, Sentence) else made.to_json()
        assert "nan" not in drawn and not re.search(r'"20\d\d-\d\d-\d\d"', drawn)


def test_the_design_asks_for_its_peers():
    """A claim bound alone knows the others' figures; a reader's change leaves them registered."""
    claim = CLAIMS["pe-18-26"]
    changed = bind(claim, {"tolerance": 0.2})
    assert {one.claim for one in changed.peers} == set(CLAIMS) - {claim.id}
    assert all(one.arguments.tolerance == 0.05 for one in changed.peers)
    assert find_design("quoted_multiples").asks_for_peers
    assert {RELATIVE, USUAL} <= {m.kind for one in changed.peers for m in one.arguments.multiples}
