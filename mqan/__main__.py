"""`python -m mqan` is the command `mqan`."""

from mqan.cli import app

app()
