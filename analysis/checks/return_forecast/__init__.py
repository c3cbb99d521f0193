"""The ten-year forecast: 9% a year for small caps against 1% for large, with honest uncertainty."""

from analysis.checks.return_forecast.chapter import ReturnForecastStudy, study
from analysis.checks.return_forecast.settings import Parameters

__all__ = ["Parameters", "ReturnForecastStudy", "study"]
