"""A reader's own small minus large, beside the project's legs."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import LEGS, legs_of, load_dataset, small_minus_large
from analysis.panel.own_leg import monthly_spread
from analysis.results import InputError
from analysis.sources.own_returns import VARIABLE, load_own_returns


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Write a file of random returns by month and put it to use."""

    def file(first="1980-01", months=240, columns=("small", "large")):
        index = pd.period_range(first, periods=months, freq="M", name="month")
        values = np.random.default_rng(1).normal(0, 0.03, (months, len(columns))).round(6)
        frame = pd.DataFrame(values, index=index, columns=list(columns))
        frame.to_csv(tmp_path / "own.csv")
        monkeypatch.setenv(VARIABLE, f"{tmp_path / 'own.csv'}:{'-'.join(columns)}")
        return frame

    return file


def test_the_leg_is_small_less_large_on_the_months_of_the_panel(use):
    """And the data set says in words what it is made of."""
    frame = use()
    dataset = load_dataset()
    own = small_minus_large(dataset.monthly, "own")
    assert np.allclose(own, frame["small"] - frame["large"])
    assert legs_of(dataset.monthly)[-1] == "own"
    assert dataset.own.startswith("own.csv, column small less column large, monthly returns, seen")
    assert "January 1980 to December 1999" in dataset.own


def test_nothing_after_the_month_asked_for_is_seen(use):
    """A cut data set holds no later month of the file, and says how many it leaves out."""
    use()
    dataset = load_dataset("bundled", "1990-12")
    assert small_minus_large(dataset.monthly, "own").index[-1] == pd.Period("1990-12", "M")
    assert "(108 months outside the data set are not seen)" in dataset.own


def test_one_column_is_a_spread_already(use):
    """It is taken as it is."""
    frame = use(columns=("spread",))
    own = small_minus_large(load_dataset().monthly, "own")
    assert np.allclose(own, frame["spread"])


def test_too_few_shared_months_are_refused(use):
    """Naming the file and where the data end."""
    use(first="2016-01")
    with pytest.raises(InputError, match=r"own\.csv: 35 months .* 2018-11, .* at least 60"):
        load_dataset()


def test_without_a_file_there_is_no_such_leg(monkeypatch):
    """The data set is as ever, and asking for the leg says how to give one."""
    monkeypatch.delenv(VARIABLE, raising=False)
    dataset = load_dataset()
    assert set(legs_of(dataset.monthly)) <= set(LEGS) and dataset.own == ""
    with pytest.raises(InputError, match=r"give --leg FILE\.csv:SMALL-LARGE"):
        small_minus_large(dataset.monthly, "own")


def test_days_are_compounded_over_whole_months(tmp_path):
    """A month that begins within the file is left out; columns compound before they are set off."""
    days = pd.bdate_range("2001-01-15", "2001-03-30")
    frame = pd.DataFrame({"a": 0.001, "b": 0.0005}, index=days.rename("day"))
    frame.to_csv(tmp_path / "d.csv", date_format="%Y-%m-%d")
    spread = monthly_spread(load_own_returns(f"{tmp_path / 'd.csv'}:a-b"))
    assert [str(month) for month in spread.index] == ["2001-02", "2001-03"]
    in_february = int((days.month == 2).sum())
    assert spread.iloc[0] == pytest.approx(1.001**in_february - 1.0005**in_february)
