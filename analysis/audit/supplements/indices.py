"""How what can be bought differs from SMB: correlation, beta, and what a beta leaves over.

SMB is not the Russell 2000: it weighs value groups equally and reaches to the smallest firms. A
reader's own returns, such as a Russell index, come in as the leg ``own``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.audit.supplements.spreads import investable, spread
from analysis.panel import Dataset

#: What each fund pair is compared with.
AGAINST = ("smb", "halves", "d2d5_hi10", "lo30_hi30")

#: Newey-West lags of the regressions on SMB, months.
LAGS = 6

#: Fewest shared months of a comparison.
FEWEST = 60

EXPOSURES = [
    *("leg", "against", "first", "last", "months", "correlation", "beta", "low", "high", "left"),
    "tracking",
]


def index_exposures(dataset: Dataset) -> pd.DataFrame:
    """Correlation and beta of what can be bought on the factors of the literature.

    Returns
    -------
    DataFrame
        :data:`EXPOSURES`: the beta's interval by Newey-West errors; ``left`` is twelve times the
        intercept, ``tracking`` the standard deviation a year of the plain difference.
    """
    rows = []
    for leg in investable(dataset):
        for against in AGAINST:
            both = pd.concat([spread(dataset, leg), spread(dataset, against)], axis=1).dropna()
            if len(both) >= FEWEST:
                rows.append((leg, against, *_exposure(both)))
    return pd.DataFrame(rows, columns=EXPOSURES)


def _exposure(both: pd.DataFrame) -> tuple[object, ...]:
    import statsmodels.api as sm

    own, other = (both.iloc[:, place].to_numpy(float) for place in (0, 1))
    lags = {"maxlags": LAGS, "use_correction": True}
    fit = sm.OLS(own, sm.add_constant(other)).fit(cov_type="HAC", cov_kwds=lags, use_t=True)
    low, high = (float(end) for end in fit.conf_int()[1])
    return (
        *(str(both.index[0]), str(both.index[-1]), len(both)),
        *(float(np.corrcoef(own, other)[0, 1]), float(fit.params[1]), low, high),
        *(12.0 * float(fit.params[0]), float(np.sqrt(12.0) * (own - other).std(ddof=1))),
    )
