"""The broad dollar of two indices: joined by growth rates, whole months only, or refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel.rates import monthly_rates, spliced_dollar
from analysis.results import InputError

DAYS = pd.bdate_range("2006-01-02", "2006-06-30")
OLDER = pd.Series(
    np.linspace(100.0, 111.0, 12), pd.period_range("2005-05", periods=12, freq="M"), name="older"
)


def test_growth_rates_are_kept_on_both_sides():
    """Before the first common month the older growth, from it on the newer means of the month."""
    newer = pd.Series(np.linspace(90.0, 95.0, len(DAYS)), DAYS)
    joined = spliced_dollar(newer, OLDER)
    means = newer.groupby(newer.index.to_period("M")).mean()
    growth = joined / joined.shift(1)
    assert growth["2005-09"] == pytest.approx(OLDER["2005-09"] / OLDER["2005-08"])
    assert growth["2006-01"] == pytest.approx(OLDER["2006-01"] / OLDER["2005-12"])
    assert growth["2006-04"] == pytest.approx(means["2006-04"] / means["2006-03"])
    assert joined["2006-06"] == pytest.approx(means["2006-06"])
    assert joined.index.is_unique and joined.index.name == "month"


def test_a_new_base_of_the_newer_index_changes_no_growth():
    """Its level moves whenever weights are revised; growth before and after does not."""
    newer = pd.Series(np.linspace(90.0, 95.0, len(DAYS)), DAYS)
    one, other = spliced_dollar(newer, OLDER), spliced_dollar(2 * newer, OLDER)
    np.testing.assert_allclose(np.log(one).diff().dropna(), np.log(other).diff().dropna())


def test_a_month_that_has_not_ended_is_left_out():
    """The last day of a month may fall on a weekend; a month cut short is no mean."""
    newer = pd.Series(90.0, DAYS)
    assert spliced_dollar(newer.loc[:"2006-04-28"], OLDER).index[-1] == pd.Period("2006-04")
    assert spliced_dollar(newer.loc[:"2006-04-20"], OLDER).index[-1] == pd.Period("2006-03")


def test_indices_without_a_common_month_cannot_be_joined():
    """A splice without overlap is one clear error."""
    newer = pd.Series(90.0, pd.bdate_range("2010-01-01", "2010-03-31"))
    with pytest.raises(InputError, match="share no month"):
        spliced_dollar(newer, OLDER)


def test_the_panel_has_the_dollar_where_both_series_are_at_hand():
    """With one of them alone there is no column."""
    newer = pd.Series(90.0, DAYS)
    both = monthly_rates({"DTWEXBGS": newer, "TWEXBMTH": OLDER})
    assert both["broad_dollar"].notna().all() and both.index[0] == pd.Period("2005-05")
    assert "broad_dollar" not in monthly_rates({"DTWEXBGS": newer, "GS10": OLDER})
