"""The ledger printed without pandas: the same rows, and never a ledger that is not whole."""

import subprocess
import sys

import pytest

from analysis.claims import completeness
from analysis.claims.ledger import ledger_records, read_ledger
from analysis.claims.ledger_columns import LEDGER_FILE, stored_rows
from analysis.results import InputError
from analysis.runs import ledger_listing
from analysis.runs.ledger_listing import listed_ledger
from analysis.sources.store import CACHE_VARIABLE


@pytest.fixture
def checks(monkeypatch, tmp_path):
    """A cache of the test's own, and every full check of a ledger."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    done, real = [], completeness.check_whole
    monkeypatch.setattr(completeness, "check_whole", lambda *given: done.append(1) or real(*given))
    return done


def test_the_rows_are_those_of_the_frame():
    """Field by field, numbers to the same digit, whole ones as such."""
    assert stored_rows() == ledger_records(read_ledger())


def test_a_ledger_is_checked_once_and_again_when_anything_it_is_judged_by_changed(
    checks, monkeypatch, tmp_path
):
    """The ledger, the claims, the code that judges; a mark that was damaged counts for nothing."""
    path = tmp_path / "ledger.csv"
    path.write_bytes(LEDGER_FILE.read_bytes())
    for _ in range(2):
        assert listed_ledger(path) == stored_rows()
    assert len(checks) == 1
    [mark] = (tmp_path / "cache" / "whole").iterdir()
    mark.write_text("damaged")
    listed_ledger(path)
    assert len(checks) == 2
    monkeypatch.setattr(ledger_listing, "digest_tree", lambda *_: "other claims")
    listed_ledger(path)
    assert len(checks) == 3
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match="not whole"):
        listed_ledger(path)
    with pytest.raises(InputError, match="not whole"):
        listed_ledger(path)


def test_a_cache_that_cannot_be_written_is_no_reason_to_say_nothing(checks, monkeypatch, tmp_path):
    """It is checked every time then."""
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(file / "cache"))
    for _ in range(2):
        assert listed_ledger() == stored_rows()
    assert len(checks) == 2


def test_no_ledger_at_all_is_refused(checks, tmp_path):
    """As one that lost all its rows."""
    with pytest.raises(InputError, match="not whole, 0 rows"):
        listed_ledger(tmp_path / "none.csv")


def test_a_second_listing_loads_no_frame_and_no_claim(checks, tmp_path):
    """What takes longest to import is not imported: a process that prints it knows neither."""
    code = (
        "import sys; from analysis.runs.ledger_listing import listed_ledger; listed_ledger()\n"
        "names = ('pandas', 'numpy', 'yaml.constructor', 'analysis.claims.documents')\n"
        "print([name for name in names if name in sys.modules])"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert "analysis.claims.documents" in said[0].stdout
    assert "pandas" not in said[1].stdout and "documents" not in said[1].stdout
