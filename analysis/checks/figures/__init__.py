"""Who contradicts whom: the notes' figures against each other and against what was published."""

from analysis.checks.figures.chapter import FiguresStudy, study
from analysis.checks.figures.settings import Parameters

__all__ = ["FiguresStudy", "Parameters", "study"]
