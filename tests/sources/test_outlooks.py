"""The derived tables of the outlooks: read as written, and refused in one line where damaged."""

import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.derived import DERIVED_FOLDER
from analysis.sources.outlooks import COLUMNS, FILES, KEYS, empty_outlooks, load_outlooks

PATHS = FILES["paths"]
HEAD = ",".join(COLUMNS["paths"])
ROW = "IWM/SPY,2026-01-20,5,2026-01-27,0.01,-0.02,0,0.02,100"


def write(folder, *lines):
    """A table of paths of some lines."""
    (folder / PATHS).write_text("# made\n" + "\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_table_is_read_with_its_numbers_and_days(tmp_path):
    """Those without a file are left out, and an empty cell is a missing number."""
    tables = load_outlooks(write(tmp_path, ROW, "target,2026-01-20,1,2026-01-31,0.0375,,,,"))
    assert set(tables) == {"paths"}
    first, second = tables["paths"].to_dict("records")
    assert (first["day"], first["value"]) == (pd.Timestamp("2026-01-27"), 0.01)
    assert pd.isna(second["low"]) and second["session"] == 1.0
    assert empty_outlooks("paths").dtypes.equals(tables["paths"].dtypes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ROW.replace("0.01", "much"), "a cell is no number or day"),
        (ROW.replace("2026-01-27", "27 of January"), "a cell is no number or day"),
        (f"{ROW}\n{ROW}", "a row stands twice"),
        (f"{ROW},1", "10 cells for 9 columns"),
    ],
)
def test_a_damaged_table_is_refused_in_one_line(tmp_path, line, said):
    """With its file and a remedy."""
    with pytest.raises(InputError) as error:
        load_outlooks(write(tmp_path, line))
    assert str(error.value).startswith(PATHS) and said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_column_and_a_share_above_one_are_refused(tmp_path):
    """By name."""
    (tmp_path / PATHS).write_text("series,first\nIWM,2026-01-20\n", encoding="utf-8")
    with pytest.raises(InputError, match="column session is missing"):
        load_outlooks(tmp_path)
    (tmp_path / PATHS).unlink()
    cells = dict.fromkeys(COLUMNS["calls"], "1") | {"end": "2026-04-20", "luck": "1.5"}
    text = ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"
    (tmp_path / FILES["calls"]).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"column luck: a share outside 0 to 1"):
        load_outlooks(tmp_path)


def test_the_committed_tables_are_whole_and_hold_no_close_of_a_fund():
    """Leads and shares: nothing of a publisher's level, and each row once."""
    tables = load_outlooks(DERIVED_FOLDER)
    assert set(tables) == set(FILES)
    for name, table in tables.items():
        assert len(table) and not table.duplicated(list(KEYS[name])).any()
    paths = tables["paths"]
    begins = paths[(paths["session"] == 0) & paths["low"].notna()]
    assert (begins["value"] == 0).all(), "a path that does not begin at zero is a level"
