"""The manners of a statsmodels result, for estimators that statsmodels does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.results import Estimate

if TYPE_CHECKING:
    from statsmodels.iolib.summary import Summary

HEADS = ("coef", "std err", "z", "P>|z|", "[0.025", "0.975]")

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

    def summary(self) -> Summary:
        """A table as statsmodels prints it; the interval is that of the normal distribution."""
        from statsmodels.iolib.summary import Summary
        from statsmodels.iolib.table import SimpleTable

        made = Summary()
        if self.refusal is not None:
            made.tables.append(SimpleTable([[f"refused: {self.refusal.reason}"]]))
            return made
        slopes, errors = self.params, self.bse
        ratio = slopes / errors.replace(0.0, np.nan)
        columns = [slopes, errors, ratio, self.pvalues]
        columns += [slopes - NORMAL * errors, slopes + NORMAL * errors]
        rows: list[list[Any]] = [
            [f"{column.iloc[row]:.4f}" if at < 2 else f"{column.iloc[row]:.3f}"
             for at, column in enumerate(columns)]
            for row in range(len(slopes))
        ]  # fmt: skip
        made.tables.append(SimpleTable(rows, list(HEADS), list(slopes.index), title=self.name))
        made.add_extra_txt(
            [f"n = {self.n}, separate windows = {self.effective_n:.4g}", f"Null: {self.null}"]
        )
        return made
