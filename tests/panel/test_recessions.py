"""Recessions by month, and the months before them."""

import pandas as pd

from analysis.panel.recessions import recession_ahead


def test_recession_ahead_looks_from_the_month_itself_to_the_end_of_the_link():
    """A recession in the sixth month is ahead from two months before it to its last month."""
    months = pd.period_range("2000-01", periods=9, freq="M")
    recession = pd.Series([0, 0, 0, 0, 0, 1, 1, 0, 0], index=months)
    near = recession_ahead(recession, 2)
    assert near.tolist() == [False, False, False, True, True, True, True, False, False]
    assert recession_ahead(recession, 0).tolist() == (recession == 1).tolist()
