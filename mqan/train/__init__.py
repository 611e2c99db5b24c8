"""Training: the loop, the optimiser, checkpoints, logs, settings; see `loop` first."""
