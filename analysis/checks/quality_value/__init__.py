"""Quality and value among small caps: the screen, the tilt, recoveries, and one fund."""

from analysis.checks.quality_value.chapter import QualityValueStudy, study
from analysis.checks.quality_value.settings import Parameters

__all__ = ["Parameters", "QualityValueStudy", "study"]
