"""Estimators: pure functions of series and plain values, each loaded when it is first asked for."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "bands": ("predictive_bands",),
    "bootstrap": ("paired_stationary_bootstrap",),
    "breaks": ("sup_wald",),
    "curves": ("specification_curve",),
    "drawdowns": ("deepest_fall", "falls_from_peak", "growth_of"),
    "entries": ("average_exposure", "enter", "tail_gain_over_constant"),
    "lognormal_shares": ("highest_share", "lead_needed", "share_beating", "spread_needed"),
    "means": ("equivalence", "mean_before_after"),
    "moments": ("ratio_of_deviations", "ratio_of_means", "slope"),
    "null_r_squared": ("boudoukh_correlation", "null_r_squared"),
    "out_of_sample": ("out_of_sample",),
    "overlap": ("compound", "hansen_hodrick", "hodrick_1b", "newey_west"),
    "persistence": ("half_life", "kendall_bias", "unit_root_battery", "variance_ratio"),
    "power": (
        "minimum_detectable",
        "more_events_needed",
        "more_years_needed",
        "power_of_mean",
        "years_to_detect",
    ),
    "predictive": ("amihud_hurvich", "ivx", "stambaugh_bias"),
    "proportions": ("binomial_interval",),
    "rebalancing": ("rebalance",),
    "resampling": ("event_randomization", "leave_one_out"),
    "runs_of_signs": ("fit_chain", "run_probability", "runs_of_signs"),
    "sharpe": ("annual_sharpe", "sharpe_difference"),
    "windows": ("event_paths", "forward_sums"),
    "winning_runs": ("expected_starts", "run_events", "win_signs"),
}

#: Estimators that do not share their module's name can be imported from the package.
_FOUND_IN = {
    name: module for module, names in _HOMES.items() for name in names if name not in _HOMES
}

__all__ = sorted(_FOUND_IN)


def __getattr__(name: str) -> Any:
    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_FOUND_IN[name]}"), name)


def __dir__() -> list[str]:
    return __all__
