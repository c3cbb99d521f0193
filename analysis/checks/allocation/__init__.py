"""Allocation: a sleeve of small caps beside a core, and entering in stages or at once."""

from analysis.checks.allocation.chapter import AllocationStudy, study
from analysis.checks.allocation.settings import Parameters

__all__ = ["AllocationStudy", "Parameters", "study"]
