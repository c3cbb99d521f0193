"""The supplementary tables that are kept: read as written, and refused where damaged."""

import numpy as np
import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.derived import DERIVED_FOLDER
from analysis.sources.supplements import LAYOUTS, empty_supplement, file_of, load_supplement

FILE = file_of("policy_days")
HEAD = ",".join(LAYOUTS["policy_days"].columns)
ROW = "scheduled,2024-09-18,-25,0.001,"


def write(folder, *lines, head=HEAD):
    """A table of policy days of some lines."""
    (folder / FILE).write_text("# made\n" + "\n".join([head, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_table_is_read_with_its_numbers_and_days(tmp_path):
    """An empty cell is a missing number; without a file there is no table."""
    [row] = load_supplement("policy_days", write(tmp_path, ROW)).to_dict("records")
    assert row["session"] == pd.Timestamp("2024-09-18") and row["move_bp"] == -25
    assert np.isnan(row["iwm_spy"]) and row["meeting"] == "scheduled"
    assert load_supplement("policy_means", tmp_path) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ROW.replace("0.001", "much"), "a cell is no number"),
        (ROW.replace("2024-09-18", "September"), "a cell is no day"),
        (ROW.replace("0.001", "inf"), "infinite"),
        (f"{ROW}\n{ROW}", "a row stands twice"),
        (f"{ROW},1", "6 cells for 5 columns"),
    ],
)
def test_a_damaged_table_is_refused_in_one_line(tmp_path, line, said):
    """With its file and a remedy."""
    with pytest.raises(InputError) as error:
        load_supplement("policy_days", write(tmp_path, line))
    assert str(error.value).startswith(FILE) and said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_column_and_a_flag_that_is_none_are_refused(tmp_path):
    """By name."""
    with pytest.raises(InputError, match="column session is missing"):
        load_supplement("policy_days", write(tmp_path, "scheduled", head="meeting"))
    paths = LAYOUTS["cut_paths"].columns
    text = ",".join(paths) + "\nsmb,2001-01,maybe,0,0\n"
    (tmp_path / file_of("cut_paths")).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="neither yes nor no"):
        load_supplement("cut_paths", tmp_path)


def test_a_table_without_rows_has_the_same_kinds(tmp_path):
    """So that a chart asks nothing of it that it lacks."""
    kept = load_supplement("policy_days", write(tmp_path, ROW))
    assert empty_supplement("policy_days").dtypes.equals(kept.dtypes)


def test_what_is_kept_is_whole():
    """Every table of the layouts is there, has rows and is read."""
    for name in LAYOUTS:
        table = load_supplement(name, DERIVED_FOLDER)
        assert table is not None and len(table), name
