"""What the build writes into a lecture's prose: how to work, the table of exercises, headings."""

from autograder.lecture.source import DIFFICULTIES

HOW_TO_WORK = """\
**How to work.** Read, run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>, and
replace `raise NotImplementedError` with your code where an exercise asks for it. The cell below
an exercise checks your function at once, tells you which mistake it recognises, and counts your
progress (run the function's cell first, and again after every change). Your functions get what
their task says, mostly NumPy arrays; unless it says otherwise, they must return new values and
leave their arguments as they were. Grading uses fresh inputs, so write for the task, not for the
visible cases.

**When you are stuck**, open the *Hint*, an idea, and then the *Pseudocode*. To go on without a
function for now, add `lecture.lend("its_name")` to its cell as the last line: where your course
lends, you get a working one, without points, and everything further down runs. **Questions** come
before their answers: write yours down, run on, then open the answer. Reading takes about an hour;
the minutes at the exercises and at the open lines come on top of it."""


def overview(source, remark):
    """Return the overview of a Source: how to work, the lecture's own remark, its exercises."""
    rows = ["| # | exercise | difficulty | minutes | points |", "|--:|:--|:--|--:|--:|"]
    for number, (name, task) in enumerate(source.tasks.items(), start=1):
        difficulty = DIFFICULTIES[task.node.metadata["difficulty"]]
        points = source.exercises[name].points
        rows.append(
            f"| {number} | `{name}` | {difficulty} | {task.node.metadata['minutes']} | {points} |"
        )
    points = sum(exercise.points for exercise in source.exercises.values())
    rows.append(f"| | **together** | | **{source.minutes}** | **{points}** |")
    return "\n\n".join(filter(None, (HOW_TO_WORK, remark, "\n".join(rows))))


def task_heading(metadata, number, points):
    """Return the heading of exercise `number`, from the metadata of the cell that sets it."""
    unit = "point" if points == 1 else "points"
    effort = f"{DIFFICULTIES[metadata.difficulty]} · about {metadata.minutes} minutes"
    return f"### Exercise {number} · `{metadata.exercise}`\n\n*{effort} · {points} {unit}*"
