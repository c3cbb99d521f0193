"""An outlook as data: its state by day, and what is refused in one line."""

from __future__ import annotations

import copy

import pytest
import yaml

from analysis.claims import CLAIMS_FOLDER, load_claims
from analysis.claims.outlooks import Outlook, months_later
from analysis.claims.verdicts import decide
from analysis.files import digest
from analysis.results import InputError

GIVEN = {
    "first": {"earliest": "2026-01-11", "latest": "2026-01-20"},
    "horizons": [3, 6],
    "until": "2026-07-20",
    "legs": ["IWM"],
    "benchmark": "SPY",
}
DOCUMENT = yaml.safe_load((CLAIMS_FOLDER / "000.yml").read_text(encoding="utf-8"))


def load(folder, **changes):
    """The claims of a file whose only claim is an outlook with some fields changed."""
    raw = copy.deepcopy(DOCUMENT)
    claim = next(one for one in raw["claims"] if one["id"] == "outlook-000-near")
    claim["criterion"] = {"words": "a criterion that names nothing at all"}
    claim["outlook"] = {**GIVEN, **changes}
    text = yaml.safe_dump(raw | {"claims": [claim]}, allow_unicode=True)
    (folder / "000.yml").write_text(text, encoding="utf-8")
    return load_claims(folder)


def test_the_state_follows_the_day():
    """Not yet made, open, resolved; without a direction never resolved."""
    one = Outlook.model_validate(GIVEN)
    assert one.state("2026-01-10") == "not yet made"
    assert one.state("2026-01-11") == "open until 20 July 2026"
    assert one.state("2026-07-19") == "open until 20 July 2026"
    assert one.state("2026-07-20") == "resolved"
    vague = Outlook.model_validate({**GIVEN, "direction": "none"})
    assert vague.state("2030-01-01") == "no direction given"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-20", 3, "2026-04-20"),
        ("2026-03-31", 6, "2026-09-30"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-05", 12, "2027-12-05"),
    ],
)
def test_the_same_day_of_a_later_month(day, months, later):
    """Or that month's last."""
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until": "2026-01-15"}, "the horizon, 2026-01-15, does not lie after the first day"),
        ({"until": "2026-08-20"}, "6 months after 2026-01-20 is 2026-07-20"),
        ({"horizons": [6, 3]}, "ascending order"),
        ({"horizons": []}, "at least 1 item"),
        ({"legs": ["IWN", "IWMM"]}, "unknown ticker 'IWMM'; did you mean 'IWM'"),
        ({"first": {"earliest": "2026-02-01", "latest": "2026-01-20"}}, "lies before 2026-02-01"),
        ({"until": "20 July"}, "outlook.until"),
        ({"first": {"earliest": "2025-02-30", "latest": "2026-01-20"}},
         "2025-02-30 is no day of the calendar; correct it"),
        ({"facts": [{"what": "growth of earnings", "published": "2026-05", "period": "2026",
                     "value": 3.0, "unit": "percent", "status": "expected"}]}, "source"),
        ({"facts": [{"what": "growth of earnings", "published": "2026-05", "period": "2026",
                     "value": 3.0, "unit": "percent", "status": "expected", "source": "a friend"}]},
         "is no address"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(tmp_path, changes, said):
    """With file, claim and field."""
    with pytest.raises(InputError) as error:
        load(tmp_path, **changes)
    message = str(error.value)
    assert said in message and "000.yml: claim 'outlook-000-near'" in message
    assert "\n" not in message


def test_the_kind_and_the_field_belong_together(tmp_path):
    """Neither without the other."""
    raw = copy.deepcopy(DOCUMENT)
    claim = next(one for one in raw["claims"] if one["id"] == "outlook-000-near")
    claim["criterion"] = {"words": "a criterion that names nothing at all"}
    for broken in ({**claim, "kind": "direction"}, {k: claim[k] for k in claim if k != "outlook"}):
        text = yaml.safe_dump(raw | {"claims": [broken]}, allow_unicode=True)
        (tmp_path / "000.yml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="kind outlook, and no other, has the field outlook"):
            load_claims(tmp_path)


def test_the_hash_covers_the_outlook_and_leaves_other_claims_theirs(tmp_path):
    """A moved horizon is another test; claims without an outlook hash as before the kind came."""
    [before] = load(tmp_path).values()
    [after] = load(tmp_path, horizons=[6]).values()
    assert before.criterion_hash != after.criterion_hash
    claim = load_claims()["jan-58-12"]
    fields = {"id", "kind", "figures", "estimand", "design", "arguments", "grid", "not_run"}
    fields |= {"needs", "criterion"}
    tested = claim.model_dump(mode="json", include=fields)
    assert tested["criterion"].pop("each_episode") is False
    assert claim.criterion_hash == digest(tested)


def test_an_outlook_of_a_younger_note_is_not_yet_made():
    """Whatever its design says."""
    claim = load_claims()["outlook-000-near"]
    verdict = decide(claim, None, data="bundled", as_of="2007-12")
    assert (verdict.verdict, verdict.reason) == (
        None, "not yet made: the note is of January 2026",
    )  # fmt: skip


def test_only_an_open_outlook_has_a_day_from_which_it_is_judged():
    """Not one that is not yet made, is resolved, or gives no direction."""
    days = {"first": {"earliest": "2026-01-20", "latest": "2026-01-20"}, "horizons": [6]}
    told = Outlook.model_validate(days | {"until": "2026-07-20"})
    seen = ("2026-01-19", "2026-01-20", "2026-07-19", "2026-07-20")
    assert [told.open_until(day) for day in seen] == [None, "2026-07-20", "2026-07-20", None]
    none = told.model_copy(update={"direction": "none"})
    assert none.open_until("2026-02-01") is None
