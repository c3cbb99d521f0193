"""What nbval compares: the rounded text a reader can review, not the numbers behind a chart."""

import pytest

SKIPPED = (
    "application/vnd.vegalite.v6+json",
    "application/vnd.smallcap.verdict+json",
    "text/html",
)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Leave machine-readable outputs to the ledger's check, which has tolerances."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += SKIPPED
