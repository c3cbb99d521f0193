"""What several designs ask of a data set is made once, and nobody can spoil it for another."""

import dataclasses

import pandas as pd

from analysis.panel import Dataset

MONTHS = pd.period_range("1990-01", "1990-03", freq="M", name="month")


def made(value=0.1) -> Dataset:
    return Dataset(pd.DataFrame({"smb": value}, MONTHS), {}, "bundled", MONTHS[-1])


def test_it_is_made_once_also_for_a_watched_copy():
    """The watched copies that chapters give their designs share what was made."""
    dataset, calls = made(), []
    for one in (dataset, dataset.watched()[0], dataset.watched()[0]):
        assert one.once("sum", lambda: calls.append(1) or 3.0) == 3.0
    assert calls == [1]


def test_writing_into_what_was_given_leaves_what_is_kept():
    """A frame or a series is given as a copy on write."""
    dataset = made()
    first = dataset.once("leg", lambda: pd.Series([1.0, 2.0]))
    first.iloc[0] = 9.0
    assert dataset.once("leg", lambda: pd.Series([0.0])).tolist() == [1.0, 2.0]


def test_other_tables_are_another_data_set():
    """A data set with one table replaced begins anew, and equality does not ask what was made."""
    dataset = made()
    dataset.once("leg", lambda: 1)
    other = dataclasses.replace(dataset, monthly=dataset.monthly * 2)
    assert other.once("leg", lambda: 2) == 2
    assert dataset.reaches == {"monthly": "1990-03"}
    dataset.reaches["monthly"] = "never"
    assert dataset.reaches == {"monthly": "1990-03"}
