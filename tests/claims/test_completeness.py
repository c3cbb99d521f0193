"""A ledger that is not whole is refused in one line that says what is wrong with it."""

import math

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.completeness import REMEDY, check_whole
from analysis.claims.ledger import LEDGER_FILE, read_ledger
from analysis.results import InputError

CLAIMS = load_claims()


@pytest.fixture
def table():
    return read_ledger().copy()


def test_the_committed_ledger_is_whole(table):
    """Every claim stands on both data sets, once."""
    check_whole(table, CLAIMS)


def _set(column, value, row=0):
    def change(table):
        table.loc[table.index[row], column] = value
        return table

    return change


DAMAGES = {
    "cut at the end": (lambda t: t.iloc[:-1], r"\d+ rows .*: no row of [a-z0-9-]+ \(latest\)"),
    "cut in the middle": (lambda t: t.iloc[:64], r"64 rows .* more"),
    "empty": (lambda t: t.iloc[:0], r"0 rows .*no row of [a-z0-9-]+ \(bundled\)"),
    "only the latest": (lambda t: t[t["data"] == "latest"], r"\(bundled\)"),
    "a row twice": (lambda t: pd.concat([t, t.iloc[:1]]), "stands 2 times"),
    "an unknown claim": (_set("claim", "no-such"), r"no-such \(bundled\): in no claim file"),
    "an unknown data set": (_set("data", "newest"), "unknown data set"),
    "an unknown verdict": (_set("verdict", "proven"), "unknown verdict 'proven'"),
    "a verdict where none can be": (
        lambda t: t.assign(verdict=t["verdict"].replace("untestable openly", "supported")),
        "verdict 'supported' on a claim that cannot be tested",
    ),
    "no test where one can be": (
        lambda t: t.assign(verdict=t["verdict"].replace("supported", "untestable openly")),
        "verdict 'untestable openly' on a claim that can be tested",
    ),
    "without a reason": (_set("reason", ""), "no reason"),
    "another chapter": (_set("chapter", "breadth"), "chapter 'breadth', the claim file says"),
    "another kind": (lambda t: t.assign(kind="core"), "kind 'core'"),
    "a p-value above one": (_set("p_value", 1.2), "p_value 1.2 is no probability"),
    "an interval turned round": (
        lambda t: t.assign(ci_low=t["ci_high"], ci_high=t["ci_low"] - math.ulp(1)),
        "the interval ends before it begins",
    ),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=list(DAMAGES))
def test_a_ledger_that_is_not_whole_is_refused(table, damage, said):
    """One line: the file, its rows, claim and data set, and the remedy."""
    with pytest.raises(InputError, match=said) as caught:
        check_whole(damage(table), CLAIMS)
    [line] = str(caught.value).splitlines()
    assert line.startswith("ledger.csv: not whole, ")
    assert line.endswith(REMEDY)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.999])
def test_a_ledger_cut_anywhere_is_refused(tmp_path, share):
    """By its reader in the middle of a line, by the check between two."""
    content = LEDGER_FILE.read_bytes()
    path = tmp_path / "ledger.csv"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"ledger\.csv") as caught:
        check_whole(read_ledger(path), CLAIMS)
    assert "\n" not in str(caught.value)
    path.write_bytes(content[: content.rindex(b"\n", 0, int(len(content) * share)) + 1])
    with pytest.raises(InputError, match="not whole"):
        check_whole(read_ledger(path), CLAIMS)
