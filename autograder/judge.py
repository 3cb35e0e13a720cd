"""The judge: decides about a submitted notebook without running any of it in this process.

The student's functions get fresh inputs in a process of their own and return data
(`autograder.runner`). Here the reference runs on the same inputs, and the diagnosis that students
know from the local check compares the two.
"""

import secrets
from dataclasses import dataclass

import nbformat

from autograder.examination import examine
from autograder.paths import LECTURES
from autograder.reference import load_reference
from autograder.runner import run_job
from autograder.source import load_source
from embedlab.diagnosis import Verdict, diagnose

PRAISE = "correct on fresh cases"


@dataclass(frozen=True)
class Judgement:
    """The verdicts on one notebook, by exercise, and the seed that draws the same cases again."""

    seed: int
    verdicts: dict[str, Verdict]


def judge_notebook(lecture, notebook, seed=None):
    """Return the Judgement on a submitted notebook (nbformat node) of a lecture.

    seed: draws the cases; None takes a new one, which the Judgement records.
    """
    seed = secrets.randbits(32) if seed is None else seed
    functions = load_reference(lecture)
    examinations = {
        name: examine(exercise, functions[name], seed)
        for name, exercise in load_source(lecture).exercises.items()
    }
    result = run_job(
        {
            "cells": student_cells(lecture, notebook),
            "calls": [
                {"exercise": name, "cases": [case["arguments"] for case in examination["cases"]]}
                for name, examination in examinations.items()
            ],
        }
    )
    return Judgement(
        seed,
        {
            name: _verdict(examination, result.reports.get(name), result.ended)
            for name, examination in examinations.items()
        },
    )


def student_cells(lecture, notebook):
    """Return the sources to run: the lecture's setup, then what the student wrote or changed.

    Cells of the lecture that the student left as they were (demonstrations, training, checks) are
    not run: no exercise depends on them, and they take minutes.
    """
    released = nbformat.read(LECTURES / f"{lecture}.ipynb", as_version=4)
    setup = [cell.source for cell in _code(released) if "setup" in cell.metadata.get("tags", [])]
    untouched = {
        cell.source
        for cell in _code(released)
        if not cell.metadata.get("nbgrader", {}).get("solution")
    }
    written = [cell.source for cell in _code(notebook) if cell.source not in untouched]
    return setup + written


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _verdict(examination, report, ended):
    name, n_cases = examination["exercise"], len(examination["cases"])
    if report is None:
        return Verdict(name, "stopped", n_cases, message=ended or "the code gave no result")
    if report.get("missing"):
        message = f"there is no function named {name} in the notebook, or its cell fails"
        return Verdict(name, "missing", n_cases, message=message)
    try:
        return diagnose(examination, report["outcomes"])
    except (KeyError, TypeError, ValueError):
        # not what our worker writes: the student's code tampered with the report
        return Verdict(name, "tampered", n_cases, message="the code did not return data")
