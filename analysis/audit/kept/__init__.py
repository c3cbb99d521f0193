"""Supplementary tables that rest on claims of every chapter: made by ``smallcap derive`` alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.audit.kept.drawn import DRAWN_MAKERS
from analysis.audit.kept.figures import figure_bands, figure_days
from analysis.audit.kept.tested_legs import index_verdicts
from analysis.panel import Dataset

#: How each of them is computed.
KEPT_MAKERS: Mapping[str, Callable[[Dataset], pd.DataFrame]] = {
    "figure_days": figure_days,
    "figure_bands": figure_bands,
    "index_verdicts": index_verdicts,
    **DRAWN_MAKERS,
}

__all__ = ["KEPT_MAKERS"]
