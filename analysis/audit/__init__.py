"""The audit of the auditor: the verdict rules run on panels whose truth is known."""

from analysis.audit.panels import run_panels
from analysis.audit.report import (
    Calibration,
    calibrate,
    load_calibration,
    study,
    write_calibration,
)
from analysis.audit.worlds import World, load_worlds

__all__ = [
    "Calibration",
    "World",
    "calibrate",
    "load_calibration",
    "load_worlds",
    "run_panels",
    "study",
    "write_calibration",
]
