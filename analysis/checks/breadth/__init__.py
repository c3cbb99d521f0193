"""Breadth: who shares the gains, how far returns scatter, and what arithmetic alone gives."""

from analysis.checks.breadth.chapter import BreadthStudy, study
from analysis.checks.breadth.settings import Parameters

__all__ = ["BreadthStudy", "Parameters", "study"]
