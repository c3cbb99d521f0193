"""Supplementary tables as files: written, read back, and never made shorter."""

import pandas as pd
import pytest

from analysis.audit import supplements
from analysis.results import InputError
from analysis.runs import supplement_tables
from analysis.runs.supplement_tables import check_reach, supplement_text, supplement_texts
from analysis.sources.supplements import file_of, load_supplement

GAPS = pd.DataFrame(
    {"month": ["2020-01", "2020-02"], "june": [0.51234, 0.5], "december": [float("nan"), 0.25]}
)


def test_a_table_is_written_and_read_back_to_its_digits(tmp_path):
    """Under a header with command and last month; a missing number is an empty cell."""
    text = supplement_text("gap_by_month", GAPS)
    head, says, _, first, _ = text.splitlines()
    assert head.startswith("# Computed by `smallcap derive`") and "to 2020-02" in head
    assert says.startswith("# june, december") and first == "2020-01,0.512,"
    (tmp_path / file_of("gap_by_month")).write_text(text, encoding="utf-8")
    kept = load_supplement("gap_by_month", tmp_path)
    assert kept["june"].tolist() == [0.512, 0.5] and kept["december"].isna().tolist() == [
        True,
        False,
    ]


def test_flags_and_whole_numbers_are_written_as_such(tmp_path):
    """yes and no, and counts without a point."""
    paths = pd.DataFrame(
        {"leg": "smb", "cut": "2001-01", "offset": [0.0, 1.0], "cumulative": [0.0, 0.01]}
    ).assign(linked=[True, False])
    text = supplement_text("cut_paths", paths)
    assert text.splitlines()[-2:] == ["smb,2001-01,0,0,yes", "smb,2001-01,1,0.01,no"]


def test_a_shorter_table_is_refused_with_both_months(tmp_path):
    """And one as long, or longer, is taken."""
    file = file_of("gap_by_month")
    (tmp_path / file).write_text(supplement_text("gap_by_month", GAPS), encoding="utf-8")
    check_reach({file: supplement_text("gap_by_month", GAPS)}, tmp_path)
    with pytest.raises(InputError, match=r"reaches to 2020-02 and the snapshot only to 2020-01"):
        check_reach({file: supplement_text("gap_by_month", GAPS.iloc[:1])}, tmp_path)


def test_a_snapshot_without_factors_makes_none_and_one_with_them_all(monkeypatch):
    """Each table from one data set."""

    class Snapshot:
        name = "made"

        def __init__(self, *ids):
            self._ids = ids

        def ids(self):
            return self._ids

    monkeypatch.setattr(supplement_tables, "load_latest", lambda name: name)
    monkeypatch.setattr(supplement_tables, "MAKERS", {"gap_by_month": lambda dataset: GAPS})
    monkeypatch.setattr(supplement_tables, "KEPT_MAKERS", {})
    assert supplement_texts(Snapshot("fred/GS10")) == {}
    made = supplement_texts(Snapshot(supplement_tables.FACTORS))
    assert list(made) == [file_of("gap_by_month")]


def test_the_reach_of_a_table_is_its_last_month():
    """Of months, days or last months; nothing where it does not say."""
    assert supplements.reach(GAPS) == "2020-02"
    assert supplements.reach(pd.DataFrame({"last": ["2019-12", "2020-03"]})) == "2020-03"
    days = pd.DataFrame({"session": pd.to_datetime(["2024-09-18", "2025-12-10"])})
    assert supplements.reach(days) == "2025-12" and supplements.reach(days[["session"]][:0]) == ""
