"""Seasonality: January, the strongest January in years, and runs of winning sessions."""

from analysis.checks.seasonality.chapter import SeasonalityStudy, study
from analysis.checks.seasonality.settings import Parameters

__all__ = ["Parameters", "SeasonalityStudy", "study"]
