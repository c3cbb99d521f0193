"""What moved a verdict is kept: data or method, never a corrected criterion, never twice."""

from datetime import date

import pytest

from analysis.claims.history import Change, changed_verdicts, read_history, remember, write_history
from analysis.claims.ledger import read_ledger
from analysis.results import InputError

DAY = date(2026, 12, 2)


def test_a_verdict_that_moved_is_told_with_its_cause():
    """Newer months are data, the same months are method; another criterion is an amendment's."""
    stored = read_ledger()
    fresh = stored.copy()
    moved = stored.index[stored["verdict"] == "supported"][:3]
    fresh.loc[moved, "verdict"] = "contradicted"
    fresh.loc[moved[0], "seen_to"] = "2030-01"
    fresh.loc[moved[2], "criterion_hash"] = "0" * 16
    found = changed_verdicts(stored, fresh, DAY)
    assert [(one.claim, one.moved) for one in found] == [
        (stored["claim"][moved[0]], "data"),
        (stored["claim"][moved[1]], "method"),
    ]
    assert {(one.before, one.after, one.date) for one in found} == {
        ("supported", "contradicted", "2026-12-02")
    }
    assert changed_verdicts(stored, stored, DAY) == []
    assert changed_verdicts(stored.iloc[:0], fresh, DAY) == []


def test_changes_are_added_to_those_before(tmp_path):
    """Without a change no file is written; with one, the earlier lines stay."""
    stored, path = read_ledger(), tmp_path / "history.csv"
    assert remember(stored, stored, DAY, path) == [] and not path.exists()
    earlier = Change("2026-01-01", "a-one", "latest", "supported", "no verdict", "data")
    write_history([earlier], path)
    fresh = stored.copy()
    fresh.loc[0, "verdict"] = "inconsistent" if stored["verdict"][0] != "inconsistent" else ""
    [one] = remember(stored, fresh, DAY, path)
    assert read_history(path) == [earlier, one]
    assert read_history(tmp_path / "none.csv") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,claim\n", "its columns must be date, claim, data"),
        ("date,claim,data,before,after,moved\nsoon,a,b,c,d,e\n", "'soon' is no day"),
        ("date,claim,data,before,after,moved\n2026-01-01,a\n", "history.csv"),
    ],
)
def test_a_damaged_history_is_refused_in_one_line(tmp_path, text, said):
    """The file is named, and what is wrong."""
    path = tmp_path / "history.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as error:
        read_history(path)
    assert "\n" not in str(error.value)


def test_an_outlook_that_was_open_is_called_so():
    """What its day brought is told from open on, not from no verdict."""
    stored = read_ledger()
    judged = stored.copy()
    first = stored.index[stored["open_until"] != ""][0]
    judged.loc[first, ["verdict", "open_until"]] = ["supported", ""]
    [told] = changed_verdicts(stored, judged, DAY)
    assert (told.before, told.after) == ("open", "supported")
