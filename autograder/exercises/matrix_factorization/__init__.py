"""Exercises of lecture 01, matrix factorization, one module each."""

from autograder.exercises.matrix_factorization.als_step import als_step
from autograder.exercises.matrix_factorization.gradients import gradients
from autograder.exercises.matrix_factorization.logistic_gradients import logistic_gradients
from autograder.exercises.matrix_factorization.observed_loss import observed_loss
from autograder.exercises.matrix_factorization.predict_ratings import predict_ratings
from autograder.exercises.matrix_factorization.sample_negatives import sample_negatives
from autograder.exercises.matrix_factorization.sgd_step import sgd_step

EXERCISES = (
    predict_ratings,
    observed_loss,
    gradients,
    sgd_step,
    als_step,
    logistic_gradients,
    sample_negatives,
)
