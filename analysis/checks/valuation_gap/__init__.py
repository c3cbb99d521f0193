"""The valuation gap: does it revert, and does a wide one come before small-cap outperformance?"""

from analysis.checks.valuation_gap.chapter import ValuationGapStudy, study
from analysis.checks.valuation_gap.settings import Parameters

__all__ = ["Parameters", "ValuationGapStudy", "study"]
