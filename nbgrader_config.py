"""nbgrader's settings; nbgrader reads this file when it is started in this folder."""

from pathlib import Path

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.root = str(Path(__file__).resolve().parent / "grading")

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError"}

# A deleted check cell comes back from the gradebook instead of costing its points.
c.OverwriteCells.add_missing_cells = True

# The judge stands where nbgrader would run the notebook and read the verdict from its outputs;
# its record is kept when the gradebook has it.
c.Autograde.autograde_preprocessors = [
    "autograder.grading.nbgrader_judge.JudgeSubmission",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
    "autograder.grading.nbgrader_judge.KeepRecord",
]
