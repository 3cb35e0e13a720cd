"""Intake: what instructors have (a folder, an LMS download) as one Submission per notebook.

`entries` reads files and archive members without trusting them, `names` knows how LMSs write names,
`lecture` says which lecture a notebook belongs to, `layout` finds the students, `submissions`
chooses what is judged. Nothing is extracted, no link is followed, no student code is run.
"""

from autograder.intake.entries import IntakeError
from autograder.intake.submissions import Submission, read_submissions

__all__ = ["IntakeError", "Submission", "read_submissions"]
