"""Exercises of lecture 03, SLIM (Ning and Karypis, 2011), one module each."""

from autograder.exercises.slim.coordinate_update import coordinate_update
from autograder.exercises.slim.fit_column import fit_column
from autograder.exercises.slim.fit_slim import fit_slim
from autograder.exercises.slim.kkt_violation import kkt_violation
from autograder.exercises.slim.recommend import recommend
from autograder.exercises.slim.slim_objective import slim_objective
from autograder.exercises.slim.soft_threshold import soft_threshold
from autograder.exercises.slim.sparse_scores import sparse_scores

EXERCISES = (
    slim_objective,
    soft_threshold,
    coordinate_update,
    fit_column,
    fit_slim,
    kkt_violation,
    recommend,
    sparse_scores,
)
