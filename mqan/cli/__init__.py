"""The command `mqan`: arguments to function, nothing else; what is slow loads when called."""

from mqan.cli import corpora, costs, models, reports, scores
from mqan.cli.options import app

__all__ = ["app", "corpora", "costs", "models", "reports", "scores"]
