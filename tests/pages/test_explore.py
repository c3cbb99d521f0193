"""What can be explored without a kernel: specifications, verdicts by date, power."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.labels import WORLDS
from analysis.designs import Sampling, bind, find_design
from analysis.pages import charts, power
from analysis.pages import verdict_dates as dates
from analysis.pages.charts.renderer import MIME_TYPE, mimebundle
from analysis.pages.charts.specification_curve import (
    chance_words,
    csv_of,
    described,
    every_specification,
    share_words,
    specification_curve,
)
from analysis.pages.choices import AXES, choice_words
from analysis.pages.claim_pages import claim_page, load_explored
from analysis.pages.curves import (
    FILE,
    HEADLINES,
    UNIT_AXES,
    Curve,
    Headline,
    curve_of,
    load_curves,
)
from analysis.pages.records import load_records
from analysis.pages.verdict_dates import Judged, stretches
from analysis.panel import load_dataset
from analysis.results import InputError
from analysis.runs.book import ROOT
from analysis.runs.claim_tables import stale_claims

CLAIMS = load_claims()


def study_of(name, **changes):
    """A claim's study on the bundled data."""
    claim = CLAIMS[name]
    specification = bind(claim, changes or None)
    return find_design(claim.design)(load_dataset("bundled"), specification, Sampling(199, 1))


@pytest.fixture(scope="module")
def premium():
    """A small grid with intervals: nine legs, two dates."""
    return study_of("premium-vanished")


@pytest.fixture(scope="module")
def cuts():
    """A grid of hundreds with placements for a null."""
    return study_of("early-cycle")


def drawn(curve):
    """Every mark's data after Vega-Lite's own steps, as an SVG of the chart."""
    import vl_convert

    charts.enable()
    spec = mimebundle(specification_curve(curve).to_dict())[MIME_TYPE]
    for part in spec["vconcat"]:
        part.setdefault("width", 400)
    return spec, vl_convert.vegalite_to_svg(spec)


def test_every_axis_and_choice_of_every_grid_has_words():
    """No underscore and no code of ours in a chart."""
    for claim in CLAIMS.values():
        for axis, values in claim.grid.items():
            assert axis in AXES, axis
            for value in values:
                words = choice_words(axis, value)
                assert "_" not in words and words not in ("True", "False"), (axis, value)
    assert choice_words("market", True) != choice_words("market", False)
    assert choice_words("start", 1) == "the next"
    assert choice_words("tolerance", 0.025) == "2.5%"


def test_every_design_that_varies_an_axis_has_a_headline():
    """A new design with a grid is not forgotten; its column is one of its grid's."""
    used = {claim.design for claim in CLAIMS.values() if claim.grid and claim.design}
    assert used <= set(HEADLINES)


def test_a_curve_holds_what_ran_in_the_registered_order(premium):
    """One row a specification with its places; the registered one is found."""
    curve = curve_of(premium)
    ran = premium.ran
    assert len(curve.rows) == len(ran) and curve.left_out == len(premium.grid) - len(ran)
    legs = [curve.axes["leg"][place] for place in curve.rows["leg"]]
    assert legs == ran["leg"].tolist()
    assert curve.rows["estimate"].tolist() == pytest.approx(ran["since"].tolist())
    arguments = premium.specification.arguments
    at = curve.rows.loc[curve.at]
    assert curve.axes["leg"][int(at["leg"])] == arguments.leg


def test_without_an_effect_the_interval_lies_around_the_null(premium):
    """The estimate's own interval, moved: as far to either side as the interval goes."""
    # an interval that goes further up than down
    grid = premium.grid.assign(high=premium.grid["high"] + 0.01)
    study = replace(premium, grid=grid)
    curve, ran = curve_of(study), study.ran
    assert curve.rows["high"].tolist() == pytest.approx((ran["since"] - ran["low"]).tolist())
    assert curve.rows["low"].tolist() == pytest.approx((ran["since"] - ran["high"]).tolist())
    clear = (ran["low"] > 0) | (ran["high"] < 0)
    assert curve.outside.tolist() == clear.tolist()


def test_the_band_of_dates_is_that_of_their_placements(cuts):
    """A twin by hand: percentiles of the effect over all shifts of the dates."""
    band, plan = cuts.joint.null_band(), cuts.joint._plan
    means = plan.means(cuts.joint._deviations)
    first = int(plan.grid.order[0])
    mine = means[:, 0][np.isfinite(means[:, 0])]
    assert band.loc[first].tolist() == pytest.approx(np.quantile(mine, [0.025, 0.975]).tolist())
    told = cuts.joint.estimates["reason"].eq("")
    assert band[told].notna().all(axis=None) and band[~told].isna().all(axis=None)
    curve = curve_of(cuts)
    judged = curve.rows["low"].notna()
    assert judged.any() and (curve.rows.loc[judged, "low"] < curve.rows.loc[judged, "high"]).all()


def test_a_curve_is_kept_and_read_as_it_was(tmp_path, premium):
    """Three digits, every place; a claim whose test changed is left out."""
    curve, claim = curve_of(premium), CLAIMS["premium-vanished"]
    path = tmp_path / FILE.name

    def keep(criterion):
        path.write_text(
            json.dumps({"claims": {claim.id: curve.as_record(criterion)}}) + "\n", encoding="utf-8"
        )
        return load_curves(path, CLAIMS)

    again = keep(claim.criterion_hash)[claim.id]
    names = ["leg", "published"]
    assert again.rows[names].to_numpy().tolist() == curve.rows[names].to_numpy().tolist()
    assert again.rows["estimate"].tolist() == pytest.approx(curve.rows["estimate"], rel=5e-3)
    assert (again.registered, again.left_out, again.headline) == (
        curve.registered,
        curve.left_out,
        curve.headline,
    )
    assert curve.joint_p == premium.finding.joint_p
    assert again.joint_p == pytest.approx(curve.joint_p, rel=5e-3)
    older = json.loads(path.read_text(encoding="utf-8"))
    del older["claims"][claim.id]["joint_p"]
    path.write_text(json.dumps(older), encoding="utf-8")
    assert load_curves(path, CLAIMS)[claim.id].joint_p is None
    assert keep("0000000000000000") == {}
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="derive --claims"):
        load_curves(path, CLAIMS)
    assert load_curves(tmp_path / "none.json", CLAIMS) == {}


def test_the_chart_draws_every_specification_and_its_choices_in_words(premium):
    """As many points as rows; the panel names the alternatives; one is told in words."""
    curve = curve_of(premium)
    spec, svg = drawn(curve)
    inside = curve.rows["estimate"].between(curve.rows["low"], curve.rows["high"])
    assert svg.count("inside its band") >= int(inside.sum())
    assert "smallest less largest fifth" in svg and "s1_s5" not in svg
    assert "premium-vanished" not in svg
    place = int(curve.rows["estimate"].rank(method="first")[curve.at])
    assert f"Number {place} of {len(curve.rows)}" in svg
    assert len([one for one in spec["params"] if "bind" in one]) == len(curve.axes) + 1


def test_a_filter_keeps_one_alternative(premium):
    """What the menu does, done by hand: the order is counted anew among what is left."""
    curve = curve_of(premium)
    charts.enable()
    chart = specification_curve(curve).to_dict()
    first = next(one for one in chart["params"] if one["name"].startswith("only"))
    first["value"] = int(curve.rows.iloc[0]["leg"])
    import vl_convert

    for part in chart["vconcat"]:
        part.setdefault("width", 400)
    svg = vl_convert.vegalite_to_svg(chart)
    left = int((curve.rows["leg"] == first["value"]).sum())
    assert 0 < left < len(curve.rows)
    assert f" of {left}:" in svg and f" of {len(curve.rows)}:" not in svg


def test_the_words_of_a_curve_say_which_choice_moves_it(premium):
    """The largest share first, and where the registered one stands."""
    curve = curve_of(premium)
    said = described(curve)
    assert f"“{curve.shares.shares.index[0]}”" in said
    assert f"{curve.shares.shares.iloc[0]:.0%} of the spread" in said
    assert "The registered specification gives" in said
    assert said.startswith(f"{int((curve.rows['estimate'] > 0).sum())} of ")


def made_curve(rows, axes, **changes):
    """A curve by hand: the choices' places, an estimate and a band in each row."""
    table = pd.DataFrame(rows, columns=[*axes, "estimate", "low", "high"])
    blank = {"claim": "c", "design": "exposure", "axes": axes, "rows": table, "seen_to": "2020-01",
             "headline": HEADLINES["exposure"], "registered": None, "left_out": 0}  # fmt: skip
    return Curve(**blank | changes)


LEGS = {"leg": ("smb", "s1_s5"), "driver": ("fed_funds", "gs10")}

#: The second driver is measured in hundredths, so that its slopes are a hundred times as large.
UNLIKE = [(0, 0, 1, -2, 2), (1, 0, 3, -2, 2), (0, 1, 100, -200, 200), (1, 1, 300, -200, 200)]


def test_a_choice_that_changes_the_unit_is_not_said_to_move_the_answer():
    """Slopes per another driver are compared by their bands: only the leg moves the answer."""
    curve = made_curve(UNLIKE, LEGS)
    assert curve.standardised.tolist() == [0.5, 1.5, 0.5, 1.5]
    assert curve.shares.shares.round(6).to_dict() == {"small minus large": 1.0, "moves with": 0.0}
    assert share_words(curve) == (
        "Counting each estimate in half-widths of its own 95% band, the choice that moves the"
        " answer most is “small minus large”, with 100% of the spread."
    )
    one_lacks = made_curve([*UNLIKE[:3], (1, 1, 300, np.nan, np.nan)], LEGS)
    assert len(one_lacks.standardised) == one_lacks.shares.n == 3
    assert share_words(one_lacks).startswith("Counting each of the 3 estimates that have one in")
    away = made_curve(UNLIKE, LEGS, headline=replace(HEADLINES["exposure"], null=1.0))
    assert away.standardised.tolist() == [0.0, 1.0, 0.495, 1.495]


def test_without_bands_no_share_is_given_across_units():
    """It says which choices forbid it; where none changes the unit the estimates are compared."""
    bare = [(*row[:3], np.nan, np.nan) for row in UNLIKE]
    curve = made_curve(bare, LEGS)
    assert curve.standardised is None and curve.mixed_units == ("driver",)
    assert share_words(curve) == (
        "Which choice matters most is not said: “moves with” changes the unit of the estimate, and"
        " no specification has a band to compare it by."
    )
    same = made_curve([row for row in bare if row[1] == 0], LEGS)
    assert same.mixed_units == () and share_words(same).startswith("The choice that moves")
    wins = made_curve(
        bare, {"leg": LEGS["leg"], "horizon": (60, 120)}, headline=HEADLINES["horizon_lead"]
    )
    assert wins.mixed_units == () and set(UNIT_AXES) <= set(AXES)


def test_what_lies_outside_a_band_is_set_against_chance():
    """Bands of single specifications leave out one in twenty; the joint p-value stands beside."""
    rows = [(0, 0, 1.0, -2, 2), (1, 0, 3.0, -2, 2), (0, 1, 2.5, -2, 2), (1, 1, 1.0, np.nan, np.nan)]
    curve = made_curve(rows, LEGS)
    alone = "By chance alone fewer than one of the 3 with a band would lie outside (5%)."
    assert described(curve).startswith(
        "All 4 specifications are above zero; 2 lie outside their own 95% band. " + alone
    )
    joint = replace(curve, joint_p=0.0334)
    end = " Tested together, as they share their data, the specifications have p = 0.033."
    assert chance_words(joint) == alone + end
    many = made_curve([rows[0]] * 60, LEGS, joint_p=0.0001)
    assert "about 3 of the 60" in chance_words(many) and chance_words(many).endswith("p < 0.001.")
    none = made_curve([rows[3]] * 2, LEGS, joint_p=0.5)
    assert chance_words(none) == "" and "outside" not in described(none)


@pytest.mark.parametrize(("registered", "said"), [(None, False), ((0, 0), True), ((1, 0), False)])
def test_the_registered_one_is_spoken_of_where_the_curve_has_it(registered, said):
    """No cell of the grid, a cell with an estimate, a cell without one."""
    charts.enable()
    rows = [row for row in UNLIKE if row[:2] != (1, 0)]
    curve = made_curve(rows, LEGS, registered=registered)
    under = " ".join(specification_curve(curve).to_dict()["title"]["subtitle"])
    assert ("The diamond is the registered one" in under) is said
    assert "By chance alone" in under


def test_a_number_without_a_null_is_told_by_its_range(premium):
    """Nothing is above or below a value that means nothing."""
    bare = Headline("since", "premium", "%", None)
    curve = replace(curve_of(premium), headline=bare)
    assert re.match(r"\d+ specifications give between −?\d", described(curve))


def test_the_rows_of_the_chart_are_whole(premium):
    """Every specification is a row with its estimate to four digits, and one is the registered."""
    curve = curve_of(premium)
    rows = pd.read_csv(io.StringIO(csv_of(curve)))
    assert len(rows) == len(curve.rows) and rows["registered"].sum() == 1
    assert rows["estimate"].to_numpy() == pytest.approx(curve.rows["estimate"], rel=1e-3)


def test_without_two_specifications_a_sentence_stands():
    """Which data are missing is in the grid; the page says how many were registered."""
    none = study_of("size-abroad")
    assert re.match(r"None of the \d+ registered", str(every_specification(none)))


# --- verdicts by date


def test_years_of_one_verdict_are_one_stretch_and_a_gap_ends_it():
    """1990 and 1991 alike, 1992 missing, 1993 alike again, then another."""
    told = [(1990, "supported"), (1991, "supported"), (1993, "supported"), (1994, "contradicted")]
    rows = [Judged(year, verdict, "bundled") for year, verdict in told]
    assert stretches(rows) == [
        (1990, 1991, "supported"),
        (1993, 1993, "supported"),
        (1994, 1994, "contradicted"),
    ]
    strip = dates.strip(rows, (1990, 1999))
    assert 'left:0.00%;width:20.00%" title="1990 to 1991: supported"' in strip
    assert 'left:40.00%;width:10.00%" title="1994: contradicted"' in strip
    assert 'aria-label="1990 to 1991: supported; 1993: supported; 1994: contradicted"' in strip
    assert "in 3, “contradicted” in 1; since 1994 it has said “contradicted”" in dates.story(rows)


def table(path, rows):
    """A table of verdicts by date."""
    head = "claim,data,month,verdict,criterion_hash\n"
    path.write_text("# by hand\n" + head + "".join(f"{','.join(row)}\n" for row in rows))
    return path


def test_a_stale_verdict_by_date_is_seen_and_left_out(tmp_path):
    """Another hash than the claim's: the page says so, and draws nothing of it."""
    own = CLAIMS["premium-vanished"].criterion_hash
    path = table(
        tmp_path / "verdict_by_date.csv",
        [
            ("premium-vanished", "bundled", "1990-12", "supported", own),
            ("premium-vanished", "bundled", "1991-12", "supported", own),
            ("enough-time", "bundled", "1990-12", "supported", "0000000000000000"),
            ("no-such-claim", "bundled", "1990-12", "supported", own),
        ],
    )
    kept = dates.load_dates(path, CLAIMS)
    assert set(kept.by_claim) == {"premium-vanished"}
    assert kept.stale == ("enough-time", "no-such-claim")
    page = dates.board(kept, CLAIMS, lambda name: f"claims/{name}.html", "x.csv")
    assert "2 claims were changed since" in page and page.count("<li>") == 1
    assert "changed since" in dates.claim_line(kept, CLAIMS["enough-time"])
    assert dates.claim_line(kept, CLAIMS["dollar"]) == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("premium-vanished", "bundled", "now", "supported", "x"), "no verdict by date"),
        (("premium-vanished", "bundled", "1990-12", "perhaps", "x"), "no verdict by date"),
    ],
)
def test_a_damaged_table_of_dates_is_refused(tmp_path, row, words):
    """In one line with the remedy."""
    with pytest.raises(InputError, match=f"{words}; run `smallcap derive --claims`"):
        dates.load_dates(table(tmp_path / "t.csv", [row]), CLAIMS)


def test_the_kept_tables_are_of_the_present_claims():
    """A claim changed without `smallcap derive --claims` shows here."""
    assert stale_claims() == []


def test_the_board_has_a_strip_for_every_kept_claim():
    """Each linked, with its years in words, and the claims in the order of the files."""
    kept = dates.load_dates(ROOT / dates.FILE, CLAIMS)
    page = dates.board(kept, CLAIMS, lambda name: f"claims/{name}.html", "x.csv")
    told = {name for name, rows in kept.by_claim.items() if len(rows) > 1}
    assert page.count('role="img"') == len(told) > 25
    linked = re.findall(r'href="claims/([a-z0-9-]+)\.html"', page)
    assert linked == [name for name in CLAIMS if name in told]
    assert "Source:" in page and 'href="x.csv"' in page


# --- power


def labels(path, extra=""):
    """A small table of labels, with a column of another day's making where asked."""
    head = f"claim,label,world_kind,panels,count,share{',more' if extra else ''}\n"
    rows = [
        ("premium-vanished", "supported", "holds", "200", "50", "0.25"),
        ("premium-vanished", "not distinguishable", "holds", "200", "150", "0.75"),
        ("premium-vanished", "contradicted", "nothing", "400", "400", "1.0"),
        ("premium-vanished", "suggestive", "nothing", "400", "12", "0.03"),
        ("premium-vanished", "suggestive", "smallest", "100", "10", "0.1"),
        ("premium-vanished", "supported", "smallest", "100", "30", "0.3"),
    ]
    path.write_text(head + "".join(f"{','.join(row)}{extra}\n" for row in rows))
    return path


@pytest.mark.parametrize("extra", ["", ",0.5"])
def test_support_is_counted_by_kind_of_history_whatever_stands_beside(tmp_path, extra):
    """As the ledger's power is; what is suggestive is said beside it, and every kind has words."""
    found = power.load_power(labels(tmp_path / "labels.csv", extra))["premium-vanished"]
    assert [(one.kind, one.count, one.suggestive, one.panels) for one in found] == [
        ("holds", 50, 0, 200),
        ("smallest", 30, 10, 100),
        ("nothing", 0, 12, 400),
    ]
    assert power.power_words(found) == (
        "Of 100 histories like ours this test would have supported the claim in 25 if the claim"
        " were true, 30 (at least suggestive in 40 of 100) if only the smallest effect of interest"
        " were there and 0 (at least suggestive in 3 of 100) if nothing were there."
    )
    assert power.bars(found).count("at least suggestive in") == 2
    assert set(WORLDS) <= set(power._KINDS)


def test_odds_become_a_chance_with_its_interval():
    """Even odds times three is three in four; below one it is turned around."""
    row = {"verdict": "supported", "likelihood_ratio": 3.0, "lr_low": 1.0, "lr_high": 9.0}
    said = power.odds_words(row)
    assert "3 times as likely for a true claim" in said
    assert "chance of 75% that the claim holds (95% interval 50% to 90%)" in said
    against = power.odds_words({**row, "likelihood_ratio": 0.25})
    assert "280 times" in power.odds_words({**row, "likelihood_ratio": 283.0})
    assert "4 times as likely for an untrue one" in against and "chance of 20%" in against
    assert power.odds_words(None) == power.odds_words({"likelihood_ratio": None}) == ""


def test_a_table_without_a_column_or_a_number_is_refused(tmp_path):
    """Named, with the remedy."""
    path = tmp_path / "labels.csv"
    path.write_text("claim,label,world_kind,panels\na,supported,holds,5\n")
    with pytest.raises(InputError, match="no column 'count'"):
        power.load_power(path)
    path.write_text("claim,label,world_kind,panels,count\na,supported,holds,5,x\n")
    with pytest.raises(InputError, match="row 1"):
        power.load_power(path)


def test_the_pages_of_claims_show_what_there_is_and_no_empty_heading():
    """Curve, power and dates where they are kept; nothing of them for a matter of record."""
    records = load_records(ROOT)
    explored = load_explored(ROOT, records.claims)
    whole = claim_page(records, CLAIMS["premium-vanished"], None, explored)
    for heading in ("Every specification", "What the test could have seen", "The verdict by date"):
        assert f"<h2>{heading}</h2>" in whole
    assert whole.count('class="sc-spec"') == 1
    bare = claim_page(records, CLAIMS["iwm-facts"], None, explored)
    assert "Every specification" not in bare and "The verdict by date" not in bare
    assert pd.Series(re.findall(r"<h2>(.*?)</h2>", whole)).is_unique
