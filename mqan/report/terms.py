"""What reports share and what planning reads of them: nothing here loads pandas."""

DECASCORE = "decascore"
TASKS_OF_A_DECASCORE = 10
SLIDE = "Lecture 17, gap ladder slide"  # in published.csv, column `table`
STATED_GAP = "stated gap to the set of single models"  # there, column `metric`
# of two rows on the same examples; for a mean of examples it is the sign-flip test
TEST = "paired permutation test"


class TableError(ValueError):
    """Scores that cannot stand in one table; the message says which differ and what to do."""
