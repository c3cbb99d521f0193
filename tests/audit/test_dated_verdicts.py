"""Every claim at each year's end: which data speak, and that nothing is seen before its time."""

import pandas as pd
import pytest

from analysis.audit import dated_verdicts as dated
from analysis.claims import load_claims
from analysis.files import load_rows
from analysis.panel import load_dataset
from analysis.runs.claim_tables import DATES
from analysis.sources.derived import DERIVED_FOLDER

CLAIMS = load_claims()

#: Claims whose test takes no time.
QUICK = ("early-cycle", "slowdown-hurts-small", "premium-vanished", "higher-volatility")


@pytest.fixture
def bundled_alone(monkeypatch):
    """The bundled data in the place of both; nothing was pulled here."""
    real = load_dataset

    def load(data, as_of="newest"):
        return real("bundled", as_of)

    monkeypatch.setattr(dated, "load_dataset", load)


def test_every_december_that_has_passed_is_judged(bundled_alone):
    """The bundled data end in November 2018: 2017 is the last whole year."""
    months = dated.year_ends()
    assert (months[0], months[-1]) == ("1931-12", "2017-12")
    assert len(months) == 87


def test_the_bundled_data_speak_as_far_as_they_reach():
    """A claim they can carry is theirs until 2018; another is never."""
    theirs, other = CLAIMS["premium-vanished"], CLAIMS["volatility-hurts"]
    assert (theirs.needs, other.needs) == ("bundled", "latest")
    assert dated.data_for(theirs, "2017-12") == "bundled"
    assert dated.data_for(theirs, "2018-12") == dated.data_for(other, "1990-12") == "latest"


@pytest.mark.slow
def test_a_year_s_row_is_what_a_run_of_that_month_gives(bundled_alone):
    """The kept rows of quick claims, made again: estimate, verdict, data, month, hash."""
    chosen = {name: CLAIMS[name] for name in QUICK}
    made = dated.dated_verdicts(["1985-12", "2005-12"], claims=chosen)
    assert list(made.columns) == list(dated.COLUMNS)
    head, rows = load_rows(DERIVED_FOLDER / DATES, "")
    kept = pd.DataFrame(rows, columns=head).set_index(["claim", "month"])
    assert set(made["claim"]) == set(QUICK)
    assert made["claim"].tolist() == sorted(made["claim"], key=QUICK.index)
    for row in made.itertuples():
        stored = kept.loc[(row.claim, row.month)]
        assert float(stored["estimate"]) == pytest.approx(row.estimate, rel=1e-3)
        assert float(stored["p_value"]) == pytest.approx(row.p_value, abs=0.02)
        assert stored["criterion_hash"] == row.criterion_hash == CLAIMS[row.claim].criterion_hash
        assert stored["data"] == "bundled"


def test_a_claim_without_a_verdict_has_no_row(bundled_alone):
    """Five years after the rates begin no recession test can be run; figures are not yet made."""
    chosen = {name: CLAIMS[name] for name in (*QUICK, "growth-2024-sp500", "domestic-share")}
    made = dated.dated_verdicts(["1935-12"], claims=chosen)
    assert set(made["claim"]) <= {"slowdown-hurts-small"}


def test_progress_counts_the_months(bundled_alone):
    """One call a month, in order."""
    seen = []
    dated.dated_verdicts(
        ["1985-12", "1986-12"],
        claims={"early-cycle": CLAIMS["early-cycle"]},
        progress=lambda *call: seen.append(call),
    )
    assert seen == [("months", 1, 2), ("months", 2, 2)]
