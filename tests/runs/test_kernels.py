"""The kernel every notebook runs in."""

import sys

from analysis.pages.charts.renderer import OPENED
from analysis.runs.kernels import LocalKernel, kernel_folder


def test_the_kernel_is_this_interpreter_whatever_is_installed():
    """An unknown kernel name still starts the running interpreter, with one thread."""
    spec = LocalKernel(kernel_name="not-installed").kernel_spec
    assert spec.argv[0] == sys.executable
    assert spec.env["OMP_NUM_THREADS"] == "1"


def test_a_verb_typed_in_an_open_notebook_gives_what_every_run_gives():
    """Its kernels are of no open notebook: no drawing goes beside their charts."""
    assert LocalKernel().kernel_spec.env[OPENED] == ""


def test_kernels_talk_through_files_and_not_through_ports():
    """Two kernels have two connection files, short enough for a socket's name."""
    first, second = LocalKernel(), LocalKernel()
    assert first.transport == "ipc"
    assert first.connection_file != second.connection_file
    assert first.connection_file.startswith(kernel_folder())
    assert len(f"{first.connection_file}-ipc-5") < 100
