"""The size premium: has it vanished, and what are small caps like beside large ones?"""

from analysis.checks.size_premium.settings import Parameters

__all__ = ["Parameters"]
