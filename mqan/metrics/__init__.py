"""The decathlon's metrics, equal to the released scorer; pure functions, no torch.

Paper, section 2; docs/departures.md, "Metrics". Every scorer takes predictions and references of
the same length and returns a dict of floats, 0 to 100: the decaScore metric under its short name,
further columns beside it. One module per metric; `SCORERS` maps the metrics' names to them.
"""

from mqan.metrics.scorers import SCORERS, Scorer

__all__ = ["SCORERS", "Scorer"]
