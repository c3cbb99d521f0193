"""The first cut: small against large after the Fed began to ease, and around recessions."""

from analysis.checks.first_cut.chapter import FirstCutStudy, study
from analysis.checks.first_cut.settings import Parameters

__all__ = ["FirstCutStudy", "Parameters", "study"]
