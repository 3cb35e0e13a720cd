"""What a regrade changed."""

from dataclasses import dataclass

from autograder.records import Record


@dataclass(frozen=True)
class ScoreChange:
    """One exercise of one student whose score is another one than before, and why."""

    student_id: str
    exercise: str
    score_before: float
    score_after: float
    reason: str


def score_changes(before: Record | None, after: Record) -> list[ScoreChange]:
    """Return the changes of score from one record of a student to the next, in lecture order.

    A first grading (`before` is None) changes nothing. An exercise that one of the records lacks
    counts as 0 there.
    """
    if before is None:
        return []
    changes = []
    for name in dict.fromkeys((*after.exercises, *before.exercises)):
        old, new = before.exercises.get(name), after.exercises.get(name)
        scores = old.score if old else 0.0, new.score if new else 0.0
        if scores[0] != scores[1]:
            reason = _reason(before, after, old, new)
            changes.append(ScoreChange(after.student.id, name, *scores, reason))
    return changes


def _reason(before, after, old, new):
    """Return the first thing that differs of those a score depends on."""
    if old is None or new is None:
        return "the exercise is new" if old is None else "the exercise is gone"
    verdicts = f"{old.verdict.kind} → {new.verdict.kind}"
    if before.submission != after.submission:
        return f"another submission ({verdicts})"
    if before.status != after.status:
        return f"the submission was {before.status}, now {after.status} ({verdicts})"
    if old.points != new.points:
        return f"worth {old.points:g} points before, now {new.points:g} ({verdicts})"
    if old.seed != new.seed:
        return f"cases of another seed ({verdicts})"
    if old.examination != new.examination:
        return f"the exercise's cases or reference changed ({verdicts})"
    if before.environment != after.environment:
        return f"the kit, the judge or a library changed ({verdicts})"
    return f"the same submission came out differently ({verdicts})"
