"""Charts: the house theme and offline renderer here, the charts of each chapter in its file."""

from analysis.pages.charts.renderer import enable
from analysis.pages.charts.theme import theme

__all__ = ["enable", "theme"]
