"""What a study's table looks like: the study in the words that reports understand."""

from mqan.report.tables import Layout, Line
from mqan.study import Study
from mqan.tasks import TASKS


def layout(study: Study, whole: bool = False) -> Layout:
    """Rows, cells and titles of the study's decathlon table, or of its whole matrix."""
    rows = study.matrix if whole else study.table
    lines = [
        Line(
            row.row,
            row.title,
            {
                task: (run, study.decode_of(name) if row.trains else "")
                for task, run in study.plan[name].items()
            },
            row.published,
            row.differences.wording or "",
        )
        for name, row in rows.items()
    ]
    tasks = {name: (TASKS[name].title, TASKS[name].metric) for name in TASKS}
    return Layout(study.study, study.title, study.data_label, study.size, tasks, lines)
