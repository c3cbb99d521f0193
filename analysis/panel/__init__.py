"""The panel: everything a check may see, in one shape, cut at one month."""

from analysis.panel.dataset import Dataset
from analysis.panel.gaps import BASES, book_gap, gaps, past_gap
from analysis.panel.legs import EVERY_LEG, LEGS, OWN, Leg, legs_of, small_minus_large
from analysis.panel.loading import build_panel, load_dataset, newest_month

__all__ = [
    "BASES",
    "EVERY_LEG",
    "LEGS",
    "OWN",
    "Dataset",
    "Leg",
    "book_gap",
    "build_panel",
    "gaps",
    "legs_of",
    "load_dataset",
    "newest_month",
    "past_gap",
    "small_minus_large",
]
