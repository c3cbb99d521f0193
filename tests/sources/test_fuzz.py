"""Fuzzing the readers: damaged bytes give a valid frame or a refusal, nothing else.

``SMALLCAP_FUZZ_EXAMPLES`` sets the number of examples of each reader for a long run by hand.
"""

import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.results import InputError
from analysis.sources.fred import read_fred
from analysis.sources.french import read_french
from analysis.sources.prices import read_prices
from analysis.sources.shiller import read_shiller

EXAMPLES = int(os.environ.get("SMALLCAP_FUZZ_EXAMPLES", "100"))
TOKENS = (
    b",",
    b"\n",
    b"\r\n",
    b"-999",
    b"nan",
    b"1e999",
    b"-",
    b"0",
    b"9" * 30,
    b"\xff",
    b"<",
    b'"',
)

fuzzed = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 100,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "repeat", "end", "swap"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 400),
        st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=6,
)


def damage(content, changes):
    """Apply edits at places given as shares of the length."""
    for kind, share, length, token in changes:
        at = int(share * len(content))
        head, tail = content[:at], content[at:]
        content = {
            "set": head + token + tail[len(token) :],
            "cut": head + tail[length:],
            "insert": head + token + tail,
            "repeat": head + tail[:length] + tail,
            "end": head,
            "swap": head + tail[length : 2 * length] + tail[:length] + tail[2 * length :],
        }[kind]
    return content


def assert_valid(frame):
    """Dates in order and without a gap, columns distinct, numbers finite or missing."""
    assert len(frame) > 0 and frame.columns.is_unique
    assert frame.index.is_monotonic_increasing and frame.index.is_unique
    if isinstance(frame.index, pd.PeriodIndex):
        assert len(frame) == len(pd.period_range(frame.index[0], frame.index[-1]))
    assert all(dtype == np.float64 for dtype in frame.dtypes)
    assert not np.isinf(frame.to_numpy()).any()


def attempt(read, content, **options):
    try:
        found = read(content, name="the file", **options)
    except InputError as error:
        assert str(error).startswith("the file")
        assert len(str(error)) < 500 and str(error).isprintable()
        return
    for frame in found.values() if isinstance(found, dict) else [found]:
        assert_valid(frame)


@pytest.fixture(scope="module")
def text(formats):
    return formats.french(tables=("vw_monthly", "vw_annual", "beme_june")).encode()


@fuzzed
@given(changes=edits)
def test_french_text(formats, text, changes):
    """A damaged text inside a sound zip."""
    attempt(read_french, formats.zipped(damage(text, changes)))


@fuzzed
@given(changes=edits)
def test_french_zip(formats, text, changes):
    """A damaged zip."""
    attempt(read_french, damage(formats.zipped(text), changes))


@fuzzed
@given(changes=edits, frequency=st.sampled_from(["monthly", "quarterly", "daily"]))
def test_fred(formats, changes, frequency):
    """A damaged FRED file."""
    content = formats.fred("X", blank="2020-10").encode()
    attempt(
        read_fred, damage(content, changes), series="X", frequency=frequency, blanks=["2020-10"]
    )


@fuzzed
@given(changes=edits)
def test_prices(formats, changes):
    """A damaged export."""
    attempt(read_prices, damage(formats.prices().encode(), changes))


@fuzzed
@given(changes=edits)
def test_shiller(files, changes):
    """A damaged workbook."""
    attempt(read_shiller, damage(files["shiller/ie_data.xls"], changes))


@fuzzed
@given(content=st.binary(max_size=300))
def test_noise(content):
    """Bytes that never were a file."""
    attempt(read_french, content)
    attempt(read_prices, content)
    attempt(read_shiller, content)
    attempt(read_fred, content, series="X")
