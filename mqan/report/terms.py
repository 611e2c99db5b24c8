"""What reports share and what planning reads of them: nothing here loads pandas."""

DECASCORE = "decascore"
TASKS_OF_A_DECASCORE = 10


class TableError(ValueError):
    """Scores that cannot stand in one table; the message says which differ and what to do."""
