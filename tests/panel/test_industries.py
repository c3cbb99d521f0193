"""Industries beyond the market."""

import pandas as pd

from analysis.panel.columns import INDUSTRIES
from analysis.panel.industries import industry_lead, missing_industries


def test_industries_are_compared_with_the_market():
    """The mean of the named industries less the market; a month without one of them is left out."""
    monthly = pd.DataFrame(
        {
            "market": [0.01, 0.02, 0.0],
            "ind_money": [0.03, 0.02, 0.0],
            "ind_enrgy": [0.01, 0.04, None],
        },
        index=pd.period_range("2000-01", periods=3, freq="M"),
    )
    assert industry_lead(monthly, ("money", "enrgy")).round(6).tolist() == [0.01, 0.01]
    assert missing_industries(monthly, ("money",)) is None
    assert industry_lead(monthly, ("manuf",)).empty
    assert "no portfolios by industry" in missing_industries(monthly, ("manuf",)).reason


def test_the_twelve_industries_have_names():
    """Names a reader knows, from the dictionary of the bundled data."""
    assert len(INDUSTRIES) == 12
    assert (INDUSTRIES["money"], INDUSTRIES["manuf"]) == ("finance", "manufacturing")
