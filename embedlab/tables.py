"""Tables that a command in benchmarks/ recorded: of one lecture, or of a task of the whole course.

The course has three tasks on the bundled MovieLens ratings, each with one split that all lectures
share. Every model of every lecture has a row in the table of its task.
"""

import json
import re
from html import escape
from pathlib import Path

from embedlab.errors import StudentError

RECORDED = Path(__file__).parent / "recorded"
NUMBER = re.compile(r"[-+−]?[\d.]")
LEFT = "text-align: left"
ONLY_BENCHMARK = "* measured by the benchmark alone, not in the lecture."


class RecordedTable:
    """A benchmark's table as its command wrote it, with how it was measured."""

    def __init__(self, record):
        self._record = record

    def __repr__(self):
        """Return the table as plain text."""
        lines = ["  ".join(map(str, row)) for row in self._rows()]
        return "\n".join([*lines, self._record["how"]])

    def _repr_html_(self):
        head, *body = ([escape(str(cell)) for cell in row] for row in self._rows())
        numbers = [_are_numbers(column) for column in zip(*body, strict=True)]
        # A number stands in one line; what stands at its head need not.
        head = _html_row("th", head, ["text-align: right" if n else LEFT for n in numbers])
        sides = ["text-align: right; white-space: nowrap" if n else LEFT for n in numbers]
        body = "".join(_html_row("td", cells, sides) for cells in body)
        how = escape(self._record["how"])
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table><p>{how}</p>"

    def number(self, column, *row):
        """Return a cell as a float; of a number with its error, "0.585 ± 0.006", the number.

        Args:
            column: what stands at its head.
            row: the first cells of its row, as many as tell it from the others.

        Raises:
            StudentError: the table has no such column, or not one such row.
        """
        columns, rows = self._record["columns"], self._record["rows"]
        found = [cells for cells in rows if tuple(cells[: len(row)]) == row]
        if column not in columns or len(found) != 1:
            known = ", ".join(map(repr, columns))
            raise StudentError(
                f"{len(found)} rows begin with {', '.join(map(repr, row))}: give the first cells "
                f"of one row, and one of the columns {known}."
            )
        number, _, _ = str(found[0][columns.index(column)]).partition(" ± ")
        return float(number.replace(",", ""))

    def _rows(self):
        return [self._record["columns"], *self._record["rows"]]


class CourseTable(RecordedTable):
    """The models of a task, of all lectures up to one.

    Args:
        record: what `benchmarks/course_table.py` wrote.
        lecture: such as "03_slim"; what later lectures add is left out.
    """

    def __init__(self, record, lecture):
        self.task = record["task"]
        self._models = {
            row["model"]: row for row in record["rows"] if row["lecture"][:2] <= lecture[:2]
        }
        reference = record["reference"]
        marks = any(row["only_benchmark"] for row in self._models.values())
        super().__init__(
            {
                "columns": [
                    "model", "lecture", "settings", record["measure"], f"against {reference}"
                ],
                "rows": [_cells(row, reference) for row in self._models.values()],
                "how": f"{record['how']} {ONLY_BENCHMARK}" if marks else record["how"],
            }
        )  # fmt: skip

    def __len__(self):
        """Return the number of models shown."""
        return len(self._models)

    def value(self, model):
        """Return a model's error or quality, a float rounded as the table shows it.

        Raises:
            StudentError: the table shows no such model.
        """
        if model not in self._models:
            known = ", ".join(map(repr, self._models))
            raise StudentError(f"The table of {self.task!r} has no row {model!r}. Rows: {known}.")
        return self._models[model]["value"]


def course_table(task, lecture):
    """Return the CourseTable of a task as a lecture may show it.

    Raises:
        StudentError: there is no such task, or none of its models comes up to this lecture.
    """
    records = {record["task"]: record for record in course_records()}
    if task not in records:
        known = ", ".join(map(repr, records))
        raise StudentError(f"There is no task {task!r} in the course's table. Tasks: {known}.")
    table = CourseTable(records[task], lecture)
    if len(table) == 0:
        raise StudentError(f"No model for {task!r} comes up to lecture {lecture}.")
    return table


def course_path(task):
    """Return where the record of a task lies."""
    return RECORDED / f"course_{task.replace(' ', '_')}.json"


def course_records(folder=None):
    """Return the records of all tasks, sorted by name; `folder` if not the one of the kit."""
    paths = sorted((folder or RECORDED).glob("course_*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _cells(row, reference):
    difference = f"{row['difference']:+.3f} ± {row['difference_error']:.3f}"
    return [
        row["model"] + " *" * row["only_benchmark"],
        row["lecture"][:2],
        row["settings"],
        f"{row['value']:.3f} ± {row['error']:.3f}",
        "" if row["model"] == reference else difference,
    ]


def _are_numbers(cells):
    return all(NUMBER.match(cell) for cell in cells if cell)


def _html_row(tag, cells, sides):
    whole = "".join(
        f'<{tag} style="{side}">{cell}</{tag}>' for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{whole}</tr>"
