"""Rates and credit: do small caps lose when rates rise, and what would their interest cost?"""

from analysis.checks.rate_sensitivity.chapter import EFFECTS, RateSensitivityStudy, study
from analysis.checks.rate_sensitivity.settings import Parameters

__all__ = ["EFFECTS", "Parameters", "RateSensitivityStudy", "study"]
