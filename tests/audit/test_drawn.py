"""What first charts draw: a kept table for the bundled data, the study's own for any other run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit import supplements
from analysis.audit.kept import drawn
from analysis.audit.kept.drawn import DRAWN, DRAWN_MAKERS, SAMPLING, drawn_table, last_of
from analysis.audit.kept.registered import registered_study
from analysis.audit.supplements import laid_out
from analysis.claims import load_claims
from analysis.designs import bind, find_design
from analysis.pages import charts
from analysis.pages.charts import breadth, seasonality
from analysis.panel import load_dataset
from analysis.sources.supplements import LAYOUTS, load_supplement

charts.enable()


@pytest.fixture(scope="module")
def bundled():
    return load_dataset("bundled")


def study_of(dataset, claim, **changes):
    claim = load_claims()[claim]
    return find_design(claim.design)(dataset, bind(claim, changes), SAMPLING)


@pytest.mark.parametrize("name", DRAWN)
def test_a_kept_table_has_the_columns_of_the_study_and_whole_numbers_as_such(name, bundled):
    """So that one chart draws either."""
    kept = load_supplement(name)
    claim = load_claims()[kept["claim"].iloc[0]]
    study = registered_study(bundled, claim, SAMPLING)
    shown = drawn_table(name, study, bundled)
    own = drawn_table(name, study)
    assert set(shown) == set(own)
    assert all(pd.api.types.is_integer_dtype(shown[column]) for column in DRAWN[name].whole)
    assert last_of(shown) > "2018-11" and (own.empty or last_of(own) <= "2018-11")


def test_another_run_shows_its_own_table(bundled):
    """One that is cut, one of newer data, and one whose arguments a reader changed."""
    claim = "best-january-decade"
    study = study_of(bundled, claim)
    own = drawn_table("calendar_months", study)
    cut = replace(bundled, cut_at=pd.Period("2018-11", "M"))
    newer = replace(bundled, data="latest")
    changed = study_of(bundled, claim, years=5)
    for one, dataset in ((study, cut), (study, newer), (changed, bundled), (study, None)):
        pd.testing.assert_frame_equal(drawn_table("calendar_months", one, dataset), own)
    assert not drawn_table("calendar_months", study, bundled)["mean"].equals(own["mean"])


def test_a_claim_that_was_not_kept_shows_its_own_table(bundled, monkeypatch):
    """As of another audit, whose claims are others."""
    study = study_of(bundled, "best-january-decade")
    monkeypatch.setattr(drawn, "supplement", lambda dataset, name: load_supplement(name)[:0])
    shown = drawn_table("calendar_months", study, bundled)
    pd.testing.assert_frame_equal(shown, drawn_table("calendar_months", study))


@pytest.mark.parametrize("name", ["calendar_months", "years_ahead", "exposure_shares"])
def test_what_is_made_is_what_the_study_draws(name, bundled):
    """Every claim of its designs that has such a table, in the columns of the layout."""
    made = laid_out(name, DRAWN_MAKERS[name](bundled))
    assert list(made) == list(LAYOUTS[name].columns)
    assert not made.duplicated(list(LAYOUTS[name].keys)).any()
    designs = {load_claims()[claim].design for claim in made["claim"]}
    assert designs == set(DRAWN[name].designs)


def test_a_path_after_a_run_is_thinned_and_keeps_its_end():
    """Every third point, and the last."""
    paths = pd.DataFrame(
        {"event": "2001-01-02", "sessions": np.arange(0, 30, 6), "cumulative": 0.0}
    )

    class Runs:
        returns = pd.Series(0.0, pd.bdate_range("2001-01-02", periods=30))

    Runs.paths = paths
    kept = drawn.thinned_paths(Runs)
    assert kept["sessions"].tolist() == [0, 18, 24] and last_of(kept) == "2001-02"


def test_kinds_that_the_newest_data_lack_are_drawn_to_their_own_month(bundled, monkeypatch):
    """Industries end with the bundled data, and the source says so."""
    study = study_of(bundled, "breadth-19")
    lines = " ".join(breadth.years(study, bundled).to_dict()["title"]["subtitle"])
    assert "industries to December 2016, size and value portfolios to December 2025" in lines
    alone = " ".join(breadth.years(study).to_dict()["title"]["subtitle"])
    assert alone.endswith("data library, to December 2016.")


def test_a_chart_says_how_far_its_kept_table_reaches(bundled):
    """Title and source of one table."""
    study = study_of(bundled, "best-january-decade")
    chart = seasonality.months_of_year(study, bundled).to_dict()
    kept = supplements.supplement(bundled, "calendar_months")
    month = pd.Period(kept["last"].max(), "M").strftime("%B %Y")
    assert " ".join(chart["title"]["subtitle"]).endswith(f"to {month}.")
