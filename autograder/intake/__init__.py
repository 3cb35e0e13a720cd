"""Intake: what instructors have (a folder, an LMS download) as one Submission per notebook.

`entries` reads files and archive members without trusting them, `names` knows how LMSs write names,
`lecture` says which lecture a notebook belongs to, `layers` and `layout` find the students,
`submissions` chooses what is judged. Nothing is extracted, no link is followed, no student code is
run.
"""

from autograder.intake.entries import IntakeError, Unusable
from autograder.intake.names import canvas_order, numbered_id
from autograder.intake.submissions import (
    STAMP_BYTES,
    Submission,
    read_submissions,
    utc_moment,
    utc_text,
)

__all__ = [
    "STAMP_BYTES",
    "IntakeError",
    "Submission",
    "Unusable",
    "canvas_order",
    "numbered_id",
    "read_submissions",
    "utc_moment",
    "utc_text",
]
