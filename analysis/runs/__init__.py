"""Running notebooks: one run, the committed runs, sweeps over parameters."""
