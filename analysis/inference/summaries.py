"""The manners of a statsmodels result, for estimators that statsmodels does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.results import Estimate

if TYPE_CHECKING:
    from statsmodels.iolib.summary import Summary

HEADS = ("coef", "std err", "z", "P>|z|", "[0.025", "0.975]")

#: Columns in the unit of the coefficient, which get a digit more.
IN_UNITS = ("coef", "std err", "null mean", "null s.d.")

#: Half-width of a 95% interval, standard errors.
NORMAL = 1.959963984540054


class Summarised(Estimate):
    """An estimate that answers as a statsmodels result does: params, bse, pvalues, summary().

    A class of it says what its coefficients are in :meth:`_coefficients`; a refused one has none,
    and its summary gives the reason.
    """

    def _coefficients(self) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        """Coefficients, standard errors and p-values, one a predictor."""
        raise NotImplementedError

    def _column(self, place: int, name: str) -> pd.Series:
        values = [] if self.refusal is not None else list(self._coefficients()[place])
        one = len(values) == 1
        names = ["predictor" if one else f"predictor {i}" for i in range(1, len(values) + 1)]
        return pd.Series(values, index=names, name=name, dtype=float)

    @property
    def params(self) -> pd.Series:
        """Coefficients by predictor."""
        return self._column(0, "params")

    @property
    def bse(self) -> pd.Series:
        """Standard errors by predictor."""
        return self._column(1, "bse")

    @property
    def pvalues(self) -> pd.Series:
        """p-values by predictor, each of a coefficient of zero."""
        return self._column(2, "pvalues")

    def _shown(self) -> pd.DataFrame:
        """A row a predictor under :data:`HEADS`; the interval is that of the normal distribution.

        A class whose p-value comes from another distribution shows that one.
        """
        slopes, errors = self.params, self.bse
        ratio = slopes / errors.replace(0.0, np.nan)
        columns = [slopes, errors, ratio, self.pvalues]
        columns += [slopes - NORMAL * errors, slopes + NORMAL * errors]
        return pd.DataFrame(dict(zip(HEADS, columns, strict=True)))

    def summary(self) -> Summary:
        """A table as statsmodels prints it."""
        from statsmodels.iolib.summary import Summary
        from statsmodels.iolib.table import SimpleTable

        made = Summary()
        if self.refusal is not None:
            made.tables.append(SimpleTable([[f"refused: {self.refusal.reason}"]]))
            return made
        shown = self._shown()
        rows = [
            [f"{v:.4f}" if name in IN_UNITS else f"{v:.3f}" for name, v in row.items()]
            for row in shown.to_dict("records")
        ]
        made.tables.append(SimpleTable(rows, list(shown), list(shown.index), title=self.name))
        made.add_extra_txt(
            [f"n = {self.n}, separate windows = {self.effective_n:.4g}", f"Null: {self.null}"]
        )
        return made
