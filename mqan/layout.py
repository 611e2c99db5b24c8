"""What a study's table looks like: the study in the words that reports understand."""

from dataclasses import replace

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


def own_tasks(plan: Layout) -> Layout:
    """The layout with those tasks that some row has: what figures show, tables have all ten."""
    there = {task for line in plan.lines for task in line.cells}
    return replace(plan, tasks={name: plan.tasks[name] for name in plan.tasks if name in there})
