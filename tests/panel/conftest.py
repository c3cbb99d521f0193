"""Made-up tables in the shape the readers give, and the publishers' real files where at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.panel.rates import DOLLARS, LEVEL, RATES
from analysis.sources.catalog import load_catalogue

MONTHS = pd.period_range("2005-01", "2009-12", freq="M", name="month")
RETURNS, COUNTS = ("vw_monthly", "monthly", "daily"), {"firms": 40, "size": 200}


def make_table(source: str, name: str, index: pd.Index, seed: int) -> pd.DataFrame:
    """Random numbers of a plausible size under the catalogue's columns."""
    columns = list(load_catalogue().source(source).columns)
    noise = np.random.default_rng(seed).random((len(index), len(columns)))
    if name in RETURNS:
        values, unit = np.round(10 * noise - 4, 2), "percent"
    else:
        values, unit = COUNTS.get(name, 1) * (0.5 + noise), "ratio"
    if name == "firms":
        values = np.floor(values)
    frame = pd.DataFrame(values, index=index, columns=columns)
    frame.attrs["unit"] = unit
    return frame


def make_tables() -> dict[str, dict[str, pd.DataFrame]]:
    """Every file the latest panel is made of; 6_Portfolios ends a year before the others."""
    made: dict[str, dict[str, pd.DataFrame]] = {}
    for number, source in enumerate(load_catalogue().sources):
        if source.publisher != "french" or source.id.endswith("Wout_Div"):
            continue
        index = MONTHS[:-12] if "6_Portfolios" in source.id else MONTHS
        if source.frequency == "daily":
            index = pd.bdate_range("2005-01-03", "2010-01-29", name="day")
        names = [name for name in source.tables if "annual" not in name]
        made[source.id] = {
            name: make_table(source.id, name, index, 10 * number + at)
            for at, name in enumerate(names)
        }
    days = pd.date_range("2005-01-01", "2010-02-28", name="day")
    quarters = pd.period_range("2005Q2", "2009Q4", freq="Q", name="quarter")
    spans = {"DRTSCILM": quarters, "DFEDTAR": days[days < "2008-12-16"]}
    spans |= dict.fromkeys(("VIXCLS", "BAMLH0A0HYM2", "DTWEXBGS"), days)
    spans["DRTSCIS"] = quarters
    spans["DFEDTARU"] = days[days >= "2008-12-16"]
    for name in (*RATES, LEVEL, "AHETPI", "TWEXBMTH", *spans):
        span = spans.get(name, MONTHS)
        values = (1.0 if name in DOLLARS else 0.0) + np.arange(len(span)) / 10.0
        made[f"fred/{name}"] = {name: pd.DataFrame({name: values}, index=span)}
    made["shiller/ie_data"] = {"data": pd.DataFrame({"cape": 20.0}, index=MONTHS)}
    return made


@pytest.fixture
def tables() -> dict[str, dict[str, pd.DataFrame]]:
    """A fresh set of made-up tables."""
    return make_tables()


@pytest.fixture(scope="session")
def real_cache(publishers_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with a snapshot of the real files."""
    from analysis.sources.pull import pull_snapshot

    cache = tmp_path_factory.mktemp("cache")
    pull_snapshot(publishers_folder, prices=publishers_folder / "prices", cache=cache)
    return cache
