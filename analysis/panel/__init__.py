"""The panel: everything a check may see, in one shape, cut at one month."""

from analysis.panel.dataset import Dataset, build_panel, load_dataset, newest_month
from analysis.panel.legs import LEGS, Leg, legs_of, past_gap, small_minus_large

__all__ = [
    "LEGS",
    "Dataset",
    "Leg",
    "build_panel",
    "legs_of",
    "load_dataset",
    "newest_month",
    "past_gap",
    "small_minus_large",
]
