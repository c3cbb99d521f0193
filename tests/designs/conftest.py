"""What the tests of the designs share: a future that went mad."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from analysis.panel import Dataset, load_dataset, loading


@pytest.fixture
def wild_after(monkeypatch) -> Callable[[str], Dataset]:
    """The bundled data as of a month, cut from data in which every later month is wild."""

    def spoiled(as_of: str) -> Dataset:
        seen, whole = load_dataset("bundled", as_of), load_dataset("bundled")
        wild = whole.monthly.copy()
        wild.loc[wild.index > seen.as_of, wild.columns != "recession"] = 9.0
        monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
        again = load_dataset("bundled", as_of)
        assert again.monthly.index[-1] == seen.as_of
        return again

    return spoiled
