"""The judge as an nbgrader preprocessor: stands where nbgrader would execute the notebook."""

import html

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.judge import PRAISE, judge_notebook

GREEN, RED = "#2a7f3f", "#a8322a"


class JudgeSubmission(NbGraderPreprocessor):
    """Write each exercise's verdict and points into its check cell, where nbgrader reads them."""

    def preprocess(self, nb, resources):
        """Judge the notebook; nbgrader calls this once per submission."""
        judgement = judge_notebook(resources["nbgrader"]["assignment"], nb)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            grading = cell.metadata.get("nbgrader", {})
            verdict = judgement.verdicts.get(grading.get("grade_id", "").removeprefix("check_"))
            if grading.get("grade") and verdict:
                cell.outputs = [_verdict_output(verdict, grading["points"], judgement.seed)]
        nb.metadata.setdefault("embedlab", {})["seed"] = judgement.seed
        return nb, resources


def _verdict_output(verdict, points, seed):
    """Return the output whose plain text is the score (nbgrader's rule) and whose HTML says why."""
    score = points if verdict.passed else 0
    text = html.escape("\n".join(verdict.lines(PRAISE)))
    colour = GREEN if verdict.passed else RED
    card = (
        f'<div style="border-left: 4px solid {colour}; padding: 4px 12px">'
        f'<pre style="white-space: pre-wrap; margin: 0">{text}</pre>'
        f"<small>{score} of {points} points · cases drawn with seed {seed}</small></div>"
    )
    return nbformat.v4.new_output(
        "execute_result", data={"text/plain": str(score), "text/html": card}, execution_count=1
    )
