"""Size by era with junk controlled for, here and abroad, and all markets taken together.

Shown beside the claims on the size premium and part of no registered grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.claims import load_claims
from analysis.designs import bind
from analysis.designs.regional_premium import APART, spread_of
from analysis.designs.size_alpha import CONTROL_WORDS, CONTROLS, REGION_WORDS, alpha_of
from analysis.panel import Dataset
from analysis.panel.eras import era_words
from analysis.panel.legs import small_minus_large
from analysis.panel.regions import WORDS

#: Eras of the table; outside the United States the factors begin in 1990.
ERAS = ("full", "to_1980", "from_1981", "from_1992", "from_2013")

#: Newey-West lags, months.
LAGS = 6

#: Design whose registered margin and date of publication the table of markets uses.
BEFORE_AFTER = "premium_before_after"

JUNK = ["region", "controls", "era", "first", "last", "alpha", "low", "high", "p", "months"]
ABROAD = [
    *("markets", "first", "last", "months", "rows", "premium", "low", "high", "p"),
    "below_margin_p",
]


def size_and_junk(dataset: Dataset) -> pd.DataFrame:
    """SMB beyond the market, profitability and value, by era, in the US and developed markets.

    Every row of a region is of months that have profitability, so that rows of one era differ by
    what is held still alone.

    References
    ----------
    Asness, C., A. Frazzini, R. Israel, T. Moskowitz and L. Pedersen (2018), "Size Matters, If You
    Control Your Junk", Journal of Financial Economics 129.
    """
    rows = []
    for region in REGION_WORDS:
        held = _with_profit(dataset, region)
        seen: set[tuple[str, str, str]] = set()
        for era in ERAS:
            for controls in CONTROLS:
                chosen = {"region": region, "leg": "smb", "controls": controls, "era": era}
                found = alpha_of(held, chosen, LAGS)
                if found.refusal is not None:
                    continue
                ends = (str(found.left.index[0]), str(found.left.index[-1]))
                # an era that begins before the factors do is the whole sample again
                if (controls, *ends) in seen:
                    continue
                seen.add((controls, *ends))
                numbers = (found.estimate, found.ci_low, found.ci_high, found.p_value, found.n)
                names = (REGION_WORDS[region], CONTROL_WORDS[controls], era_words(era))
                rows.append((*names, *ends, *numbers))
    return pd.DataFrame(rows, columns=JUNK)


def _with_profit(dataset: Dataset, region: str) -> Dataset:
    """The data set from the first month of a region's profitability factor on."""
    column = "rmw" if region == "us" else f"rmw_{region}"
    if column not in dataset.monthly:
        return replace(dataset, monthly=dataset.monthly.iloc[:0])
    return replace(
        dataset, monthly=dataset.monthly.loc[dataset.monthly[column].first_valid_index() :]
    )


def size_abroad(dataset: Dataset) -> pd.DataFrame:
    """The size premium by market, and of several pooled, with errors clustered by month.

    Every month of every market is a row of one regression on a constant. Markets of one month share
    its shocks, so the errors are clustered by month (Cameron and Miller). ``below_margin_p`` asks
    whether the premium lies below the margin that the registered test of the vanished premium has.

    References
    ----------
    Cameron, A. C. and D. L. Miller (2015), "A Practitioner's Guide to Cluster-Robust Inference",
    Journal of Human Resources 50.
    """
    home, abroad = small_minus_large(dataset.monthly, "smb"), _abroad(dataset)
    published, margin = _registered()
    samples: dict[str, Sequence[pd.Series]] = {
        "United States, since publication": [home.loc[published:]],
    }
    if abroad:
        common = pd.concat(list(abroad.values()), axis=1).index
        own = home[home.index.isin(common)]
        samples |= {
            "United States, months of the others": [own],
            **{WORDS[name]: [one] for name, one in abroad.items()},
            "the three others pooled": list(abroad.values()),
            "all four pooled": [own, *abroad.values()],
        }
    rows = [_pooled(name, parts, margin) for name, parts in samples.items()]
    return pd.DataFrame([row for row in rows if row is not None], columns=ABROAD)


def _abroad(dataset: Dataset) -> dict[str, pd.Series]:
    found = {name: spread_of(dataset, name).dropna() for name in APART}
    return {name: one for name, one in found.items() if len(one)}


def _registered() -> tuple[str, float]:
    """Month of publication and margin of the registered test of the vanished premium."""
    for claim in load_claims().values():
        if claim.design == BEFORE_AFTER:
            arguments = bind(claim).arguments
            return str(arguments.published), float(arguments.margin)
    return "1981-01", 0.02


def _pooled(name: str, parts: Sequence[pd.Series], margin: float) -> tuple[object, ...] | None:
    import statsmodels.api as sm
    from scipy.stats import norm

    stacked = pd.concat(parts).dropna().astype(float)
    months = pd.PeriodIndex(stacked.index)
    if months.nunique() < 60:
        return None
    model = sm.OLS(12.0 * stacked.to_numpy(), np.ones(len(stacked)))
    groups = months.astype("int64")
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": np.asarray(groups)})
    mean, error = float(fit.params[0]), float(fit.bse[0])
    low, high = (float(end) for end in fit.conf_int()[0])
    below = float(norm.cdf((mean - margin) / error))
    span = (str(months.min()), str(months.max()), months.nunique(), len(stacked))
    return (name, *span, mean, low, high, float(fit.pvalues[0]), below)
