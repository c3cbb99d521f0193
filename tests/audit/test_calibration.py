"""The verdict rules on simulated panels: rates, intervals, and the same for any number of jobs."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from analysis import audit as calibration
from analysis.audit import panels
from analysis.audit.label_table import labels_of, load_labels
from analysis.audit.panels import run_panels
from analysis.audit.report import (
    COLUMNS,
    DEFECT,
    FALSE_POSITIVE,
    POWER,
    Audit,
    load_calibration,
    names_of,
    rates_of,
)
from analysis.audit.rules import prepare, verdicts_of
from analysis.audit.worlds import AUDIT_FILE, BLOCKS, load_worlds, name_of, worlds_for
from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.event_study import event_study
from analysis.files import load_yaml
from analysis.inference.horizon_wins import long_run_deviation
from analysis.panel import load_dataset, small_minus_large
from analysis.results import InputError
from analysis.sources.facts import load_facts

CLAIMS = load_claims()
AUDIT = load_worlds(CLAIMS)
RULES, LEFT_OUT, WORLDS = AUDIT.rules, AUDIT.left_out, AUDIT.worlds
#: What is judged on panels of the bundled data.
BUNDLED = worlds_for("bundled", CLAIMS)


@pytest.fixture(scope="module")
def dataset():
    """The bundled data."""
    return load_dataset()


@pytest.fixture(scope="module")
def short():
    """The bundled data to 1979: half the months, for what does not depend on them."""
    return load_dataset("bundled", "1979-12")


@pytest.fixture(scope="module")
def one_run(short):
    """Verdicts and tests of two panels in one job."""
    return run_panels(short, CLAIMS, 2, seed=3, draws=99)


def test_a_rule_says_what_its_design_says(dataset):
    """The audit gives the verdict of the design's own finding on the same panel."""
    from analysis.claims.verdicts import decide

    setting = prepare(dataset, CLAIMS, 999, 5)
    rules = ("first-cut-12m", "first-cut-recession-60", "early-cycle")
    said = verdicts_of(dataset, setting, rules)
    for name in rules:
        finding = event_study(dataset, bind(CLAIMS[name]), Sampling(999, 5)).finding
        judged = decide(CLAIMS[name], finding, data="bundled", as_of="2018-11")
        assert said[name] == judged.verdict


def test_every_core_rule_is_tried_where_it_is_false_and_where_it_is_true():
    """No core claim is left without a world or a reason, and others are tried beside them."""
    core = {name for name, claim in CLAIMS.items() if claim.kind == "core"}
    assert core <= set(RULES) | set(LEFT_OUT)
    assert {CLAIMS[name].kind for name in set(RULES) - core} == {"direction"}
    for kind in ("holds", "untrue", "smallest"):
        tried = {c for w in WORLDS.values() for c in getattr(w, kind)}
        assert tried == set(RULES), kind


def test_every_claim_judged_by_a_p_value_has_a_world_or_a_reason():
    """Whatever decides by chance is tried, or the file says why it cannot be."""
    judged = {
        name
        for name, claim in CLAIMS.items()
        if claim.design is not None
        and claim.kind != "outlook"
        and any(
            one.measure.endswith(("_p", "p_highest", "_low")) for one in claim.criterion.supported
        )
    }
    assert judged <= set(RULES) | set(LEFT_OUT)
    assert {"value-tilt", "barbell", "credit-gate", "dollar"} <= set(RULES)


def test_every_rule_registers_its_smallest_effect_with_a_reason():
    """Of each rule that is tried, and it is the effect of some world."""
    for rule in RULES:
        assert CLAIMS[rule].smallest_effect is not None, rule
    only = [world for world in WORLDS.values() if world.smallest and not world.holds]
    assert {world.source for world in only} == {"the smallest effect of interest"}


def test_rules_are_judged_on_panels_of_the_data_they_need():
    """What needs the latest data on theirs, all else on the bundled; another is one clear error."""
    latest = worlds_for("latest", CLAIMS)
    assert set(BUNDLED.rules) | set(latest.rules) == set(RULES)
    assert not set(BUNDLED.rules) & set(latest.rules)
    assert {CLAIMS[rule].needs for rule in latest.rules} == {"latest"}
    with pytest.raises(InputError, match="'barbell' is judged on panels of the latest data"):
        worlds_for("bundled", CLAIMS, ["barbell"])


OPPOSITE = "the opposite of "


def test_effects_come_from_what_was_claimed():
    """The planted sizes are the published figures."""
    studies = load_facts(None)["first_cut_studies"].set_index("id")
    claimed = bind(CLAIMS["bofa-9-vs-1"]).arguments.claimed_gap
    figures = {one.name: one.value for one in CLAIMS["rel-pe-072"].figures}
    held = dict.fromkeys(("lead", "large", "multiple", "later"), 0)
    for world in WORLDS.values():
        plant = world.plant
        if world.claims == world.smallest:
            continue  # registered with its own reason
        held["lead"] += bool(plant.lead)
        held["large"] += plant.large is not None
        held["multiple"] += plant.usual_multiple is not None
        held["later"] += bool(plant.later) and "premium-vanished" in world.claims
        if plant.lead:
            study = world.source.removeprefix("the opposite of ").split()[-1]
            assert abs(plant.lead) == studies.loc[study, "value_low"] / 100.0
            assert (plant.lead < 0) == world.source.startswith("the opposite of")
        if plant.large is not None:
            bank = bind(CLAIMS["bofa-9-vs-1"]).arguments
            right = plant.yearly_lead > 0
            assert plant.large == (bank.large_claimed if right else bank.small_claimed)
        if plant.usual_multiple is not None:
            assert abs(plant.yearly_lead) == claimed
            assert plant.usual_multiple == figures["usual relative forward P/E"]
            assert plant.multiple == figures["relative forward P/E"]
            assert plant.log_gap == pytest.approx(0.31845, abs=1e-5)
        if plant.later and "premium-vanished" in world.claims:
            assert plant.later == bind(CLAIMS["premium-vanished"]).arguments.margin
    assert min(held.values()) > 0, held


def test_a_guarantee_is_planted_where_it_is_called_true_and_nowhere_else():
    """By the swings of the real record, the planted premium wins 99 of 100 stretches, or fewer
    than 19 of 20."""
    arguments = bind(CLAIMS["enough-time"]).arguments
    record = small_minus_large(load_dataset("bundled").monthly, arguments.leg)
    swings = long_run_deviation(record.to_numpy(), arguments.lags)
    drag = swings**2 / 2
    planted = [world for world in WORLDS.values() if "enough-time" in world.claims]
    assert any(world.holds for world in planted) and len(planted) == 5
    for world in planted:
        mean = world.plant.later / 12 - drag
        won = stats.norm.cdf(np.sqrt(arguments.horizon) * mean / swings)
        if "enough-time" in world.smallest:
            assert won == pytest.approx(0.967, abs=0.005)
        else:
            assert won > 0.99 if "enough-time" in world.holds else won < arguments.share


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "premium"}, "premium needs later, leg, split and does not take events_of, lead"),
        ({"lead": None}, "after_events needs lead"),
        ({"kind": "magic"}, "plant.kind"),
        ({"events_of": "first-cut-13m"}, "did you mean 'first-cut-12m'"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_world_that_does_not_fit_is_one_error(tmp_path, change, said):
    """A plant without its size, with another's, or a claim that does not exist, by name."""
    raw = load_yaml(AUDIT_FILE)
    plant = {"kind": "after_events", "events_of": "first-cut-12m", "lead": 0.05} | change
    raw["worlds"] = {"one": raw["worlds"]["cuts matter"] | {"plant": plant}}
    path = tmp_path / "audit.yml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(raw))))
    with pytest.raises(InputError, match=said):
        load_worlds(CLAIMS, path)


@pytest.mark.slow
def test_the_report_has_every_rule_with_its_interval(one_run):
    """Counts, shares and exact intervals for every rule and test; a reason where there is none."""
    table = rates_of(*one_run, BUNDLED)
    assert list(table.columns) == list(COLUMNS)
    assert set(BUNDLED.rules) | set(LEFT_OUT) < set(table["rule"])
    for row in table.itertuples():
        if row.reason:
            assert pd.isna(row.rate)
        else:
            assert row.panels == 2
            assert row.rate == row.count / 2
            assert row.ci_low <= row.rate <= row.ci_high
    assert (table["measure"] == "size").sum() == 5


def test_rates_by_hand():
    """Three panels, one supported: a third, with the exact binomial interval; refusals are out."""
    said = ["supported", "contradicted", "not distinguishable", "refused: too short"]
    verdicts = pd.DataFrame(
        [(n, "nothing", "early-cycle", word) for n, word in enumerate(said)],
        columns=["panel", "world", "claim", "verdict"],
    )
    verdicts = pd.concat(
        [
            verdicts,
            *(
                pd.DataFrame({"panel": [0], "world": name, "claim": rule, "verdict": "refused: no"})
                for name, w in WORLDS.items()
                for rule in w.claims
                if (name, rule) != ("nothing", "early-cycle")
            ),
        ]
    )
    table = rates_of(verdicts, pd.DataFrame({"panel": [], "test": [], "p": []}), AUDIT)
    row = table[(table["rule"] == "early-cycle") & (table["measure"] == "false positive")].iloc[0]
    assert (row["panels"], row["count"]) == (3, 1)
    # Clopper and Pearson for 1 of 3
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.008404, 0.905701), abs=1e-6)
    assert (table.loc[table["world"] == "bank is right", "reason"] == "refused: no").all()


@pytest.mark.slow
def test_the_number_of_jobs_changes_nothing(short, one_run, monkeypatch):
    """Two processes, a panel each, give the same verdicts, in the same order, as one."""
    monkeypatch.setattr(panels, "BATCH", 1)
    for mine, theirs in zip(
        one_run, run_panels(short, CLAIMS, 2, jobs=2, seed=3, draws=99), strict=True
    ):
        pd.testing.assert_frame_equal(mine, theirs)


@pytest.mark.parametrize("wrong", [{"panels": 0}, {"panels": 1, "jobs": 0}, {"panels": True}])
def test_bad_sizes_are_refused(dataset, wrong):
    """No panels, no jobs, or a flag in place of a number."""
    with pytest.raises(InputError, match="at least 1"):
        run_panels(dataset, CLAIMS, **wrong)


def test_a_template_that_ends_too_early_is_refused():
    """In 1935 there was no cut to speak of, and the message says what to do."""
    with pytest.raises(InputError, match="a later month"):
        calibration.calibrate(load_dataset("bundled", "1935-12"), CLAIMS, 1)


@pytest.mark.slow
def test_the_table_survives_writing_and_reading(one_run, tmp_path):
    """The file opens with its command and gives the table back, rounded."""
    made = Audit(rates_of(*one_run, BUNDLED), labels_of(one_run[0], BUNDLED))
    path = calibration.write_calibration(made, "smallcap calibrate --panels 6", folder=tmp_path)
    assert path.read_text().startswith("# Computed by `smallcap calibrate --panels 6`")
    again, labels = calibration.load_calibration(path), load_labels(tmp_path / "labels.csv")
    pd.testing.assert_frame_equal(again, made.rates.round(4), check_dtype=False)
    pd.testing.assert_frame_equal(labels, made.labels)
    with pytest.raises(InputError, match="smallcap calibrate"):
        calibration.load_calibration(tmp_path / "none.csv")


def test_the_committed_run_is_large_and_whole():
    """Every rule, enough panels for an interval of a few points, its command in the header."""
    table = calibration.load_calibration()
    assert set(RULES) | set(LEFT_OUT) < set(table["rule"])
    judged = table[table["reason"] == ""]
    assert judged["panels"].min() >= 300
    core = judged[judged["rule"].isin([name for name in RULES if CLAIMS[name].kind == "core"])]
    assert len(core) and core["panels"].min() >= 400
    assert set(load_labels()["claim"]) == set(RULES)


def test_no_rule_supports_a_false_claim_more_often_than_it_may():
    """The size of every rule is at most 7%, up to the chance of the panels drawn."""
    table = calibration.load_calibration()
    false = table[(table["measure"] == "false positive") & (table["reason"] == "")]
    assert (false["ci_low"] <= DEFECT).all(), false.query("ci_low > @DEFECT")


def test_labels_by_hand():
    """Two of three true histories supported, none of two opposite ones; a refusal counts not."""
    said = [
        ("cuts matter", "supported"),
        ("cuts matter", "supported"),
        ("cuts matter", "not distinguishable"),
        ("cuts matter", "refused: too short"),
        ("cuts hurt", "contradicted"),
        ("cuts hurt", "not distinguishable"),
        ("nothing", "not distinguishable"),
    ]
    verdicts = pd.DataFrame(
        [(n, world, "first-cut-12m", label) for n, (world, label) in enumerate(said)],
        columns=["panel", "world", "claim", "verdict"],
    )
    table = labels_of(verdicts, AUDIT.only(["first-cut-12m"]))
    rows = {(r.label, r.world_kind): (r.count, r.panels, r.share) for r in table.itertuples(False)}
    assert len(rows) == 9  # three labels in three kinds of world: none with the smallest effect
    assert rows["supported", "holds"] == (2, 3, 0.6667)
    assert rows["supported", "opposite"] == (0, 2, 0.0)
    assert rows["contradicted", "opposite"] == (1, 2, 0.5)
    assert rows["not distinguishable", "nothing"] == (1, 1, 1.0)


def test_an_effect_of_the_smallest_size_is_counted_apart_and_so_are_blocks_alone():
    """Suggestive counts where a claim is false, which is the stricter size, and not as power."""
    said = [
        ("cuts matter", "suggestive"),
        ("cuts matter", "supported"),
        ("cuts matter a little", "suggestive"),
        ("cuts matter a little", "contradicted"),
        (BLOCKS, "supported"),
        ("nothing", "suggestive"),
        ("nothing", "not distinguishable"),
    ]
    verdicts = pd.DataFrame(
        [(n, world, "first-cut-12m", label) for n, (world, label) in enumerate(said)],
        columns=["panel", "world", "claim", "verdict"],
    )
    worlds = AUDIT.only(["first-cut-12m"])
    kept = {name: world for name, world in worlds.worlds.items() if name != "cuts hurt"}
    worlds = worlds.model_copy(update={"worlds": kept})
    rates = rates_of(verdicts, pd.DataFrame({"panel": [], "test": [], "p": []}), worlds)
    own = rates[rates["rule"] == "first-cut-12m"].set_index(["measure", "world"])["rate"]
    assert own.to_dict() == {
        ("false positive", "nothing"): 0.5,
        ("supported, blocks alone", BLOCKS): 1.0,
        ("power", "cuts matter"): 0.5,
        ("wrongly contradicted", "cuts matter"): 0.0,
        ("power, smallest effect", "cuts matter a little"): 0.0,
    }
    table = labels_of(verdicts, worlds)
    rows = {(r.label, r.world_kind): (r.count, r.panels) for r in table.itertuples(False)}
    assert rows["suggestive", "smallest"] == (1, 2) and rows["suggestive", "nothing"] == (1, 2)
    assert rows["supported", "smallest"] == (0, 2) and rows["supported", "nothing"] == (0, 2)


@pytest.mark.slow
def test_each_data_set_keeps_its_rows_and_its_command(one_run, tmp_path):
    """A run on one data set leaves what the other gave; a rule no world judges any more goes."""
    made = Audit(rates_of(*one_run, BUNDLED), labels_of(one_run[0], BUNDLED))
    path = calibration.write_calibration(made, "calibrate --panels 2", folder=tmp_path)
    stale = made.rates.iloc[:1].assign(rule="no-such-rule")
    other = Audit(made.rates.iloc[:1].assign(rule="barbell"), made.labels.iloc[:0])
    path.write_text(path.read_text() + stale.to_csv(index=False, header=False))
    calibration.write_calibration(other, "calibrate --data latest", ["barbell"], tmp_path)
    calibration.write_calibration(made, "calibrate --panels 3", folder=tmp_path)
    again = calibration.load_calibration(path)
    assert set(again["rule"]) == {*made.rates["rule"], "barbell"}
    assert path.read_text().splitlines()[:2] == [
        "# Computed by `calibrate --panels 3`; do not edit.",
        "# Rules that need the latest data: `calibrate --data latest`.",
    ]
    alone = Audit(made.rates[made.rates["rule"] == "early-cycle"], made.labels.iloc[:0])
    some = "calibrate --panels 9 --only early-cycle"
    calibration.write_calibration(alone, some, ["early-cycle"], tmp_path)
    assert path.read_text().splitlines()[2] == f"# Some rules made anew: `{some}`."
    calibration.write_calibration(made, "calibrate --panels 3", folder=tmp_path)
    assert "made anew" not in path.read_text()


@pytest.mark.slow
def test_one_rule_made_again_leaves_the_others(short, one_run, tmp_path):
    """The same panels give one rule the same rows, whatever else is judged; others stay as kept."""
    made = Audit(rates_of(*one_run, BUNDLED), labels_of(one_run[0], BUNDLED))
    spoilt = made.rates.assign(count=made.rates["count"].where(made.rates["rule"] != "early-cycle"))
    calibration.write_calibration(Audit(spoilt, made.labels), "a", folder=tmp_path)
    alone = calibration.calibrate(short, CLAIMS, 2, seed=3, draws=99, only=["early-cycle"])
    assert set(alone.labels["claim"]) == {"early-cycle"}
    path = calibration.write_calibration(alone, "b", ["early-cycle"], tmp_path)
    again = calibration.load_calibration(path)
    pd.testing.assert_frame_equal(again, made.rates.round(4), check_dtype=False)
    with pytest.raises(InputError, match="no world judges the rule 'early-cycel'; did you mean"):
        AUDIT.only(["early-cycel"])
    assert "smallcap calibrate --panels" in calibration.report.FILE.read_text().splitlines()[0]


def test_the_answer_of_the_chapter_says_what_the_table_holds():
    """The largest error, the median power, and no rule's name; a bad rule loses its "only"."""
    from analysis.pages.charts import calibration as draw

    table = pd.DataFrame(
        [
            ("first-cut-12m", FALSE_POSITIVE, 0.05), ("first-cut-12m", FALSE_POSITIVE, 0.01),
            ("first-cut-12m", POWER, 0.4), ("premium-vanished", POWER, 0.6),
            ("premium-vanished", FALSE_POSITIVE, 0.02),
        ],
        columns=["rule", "measure", "rate"],
    ).assign(panels=400, world="w")  # fmt: skip
    made = calibration.Calibration(table, table, table, table)
    assert "called it true in only 5.0% of 400" in made.answer
    assert "middle recognised it in 50% of them and the weakest in 40%" in made.answer
    assert "none of 3 rates" in made.ends and "in 40% of them" in made.ends
    both = made.both_rates.set_index("rule")
    assert both.loc["first-cut-12m", ["wrong", "right"]].tolist() == [0.05, 0.4]
    title = " ".join(draw.both_rates(made).to_dict()["title"]["text"])
    assert title.startswith("None of 2 rules calls") and "; 1 support a true one" in title
    worse = calibration.Calibration(table.assign(rate=0.2), table, table, table)
    assert "true in 20.0% of" in worse.answer and "3 of 3" in worse.ends
    for words in (made.answer, made.ends):
        assert "first-cut-12m" not in words


@pytest.mark.slow
def test_the_chapter_says_how_often_the_rules_err(dataset):
    """The study sets a live run beside the committed one, and its charts describe themselves."""
    from analysis.pages.charts import calibration as draw

    study = calibration.study(dataset, panels=1, draws=99, seed=1)
    assert study.answer
    assert set(study.reproduced["compatible"]) <= {"yes", "no"}
    for chart in (draw.false_positives(study), draw.power(study), draw.sizes(study)):
        assert "exact 95% intervals" in chart.to_dict()["description"]


@pytest.mark.slow
def test_the_command_prints_json_and_refuses_nonsense(monkeypatch, capsys):
    """`smallcap calibrate --json` is one JSON document; no panels or jobs is bad input."""
    import sys

    from analysis import __main__ as command_line

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["smallcap", "calibrate", *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return ended.value.code or 0

    assert run("--panels", "1", "--jobs", "1", "--as-of", "1995-12", "--json") == 0
    said = capsys.readouterr()
    assert {row["rule"] for row in json.loads(said.out)["rates"]} > set(BUNDLED.rules)
    assert "seconds a panel" in said.err
    for words in (("--panels", "0"), ("--jobs", "0")):
        assert run(*words) == 2


def test_every_rule_has_a_name_that_a_row_of_a_chart_holds():
    """Few words, no id, and no two alike; the usual tests have their own."""
    rules = [rule for rule in dict.fromkeys(load_calibration()["rule"]) if rule in CLAIMS]
    names = {rule: name_of(rule, CLAIMS) for rule in rules}
    assert set(names) == set(AUDIT.names)
    assert len(set(names.values())) == len(names)
    assert all(len(name) <= 40 and "-" not in name for name in names.values())
    assert names_of(["IVX"]) == ["IVX"]


def test_a_name_for_no_claim_is_refused(tmp_path):
    """With the claim that comes nearest."""
    path = tmp_path / "audit.yml"
    text = AUDIT_FILE.read_text(encoding="utf-8")
    path.write_text(text.replace("\n  dollar: a flatter", "\n  dolar: a flatter"), encoding="utf-8")
    with pytest.raises(InputError, match=r"names: no claim is called 'dolar'.*dollar"):
        load_worlds(CLAIMS, path)
