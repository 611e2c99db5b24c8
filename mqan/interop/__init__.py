"""Reading what others wrote: checkpoints of the original code."""
