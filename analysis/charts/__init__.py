"""Charts: the house theme and offline renderer here, the charts of each chapter in its file."""

from analysis.charts.renderer import enable
from analysis.charts.theme import theme

__all__ = ["enable", "theme"]
