"""The audit of the auditor: the verdict rules run on panels whose truth is known."""

from analysis.calibration.panels import run_panels
from analysis.calibration.report import (
    Calibration,
    calibrate,
    load_calibration,
    study,
    write_calibration,
)
from analysis.calibration.worlds import WORLDS, World

__all__ = [
    "WORLDS",
    "Calibration",
    "World",
    "calibrate",
    "load_calibration",
    "run_panels",
    "study",
    "write_calibration",
]
