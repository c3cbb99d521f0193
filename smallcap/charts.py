"""What MyST-NB loads, by an entry point of the distribution, to put a chart on a page."""

from analysis.pages.mime import VegaLite

__all__ = ["VegaLite"]
