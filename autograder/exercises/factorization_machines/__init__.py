"""Exercises of lecture 04, factorization machines (Rendle, 2010), one module each."""

from autograder.exercises.factorization_machines.best_factor import best_factor
from autograder.exercises.factorization_machines.design_row import design_row
from autograder.exercises.factorization_machines.fm_equals_biased_mf import fm_equals_biased_mf
from autograder.exercises.factorization_machines.fm_gradients import fm_gradients
from autograder.exercises.factorization_machines.fm_on_sparse_rows import fm_on_sparse_rows
from autograder.exercises.factorization_machines.n_parameters import n_parameters
from autograder.exercises.factorization_machines.pairwise_fast import pairwise_fast
from autograder.exercises.factorization_machines.pairwise_naive import pairwise_naive

EXERCISES = (
    design_row,
    n_parameters,
    pairwise_naive,
    pairwise_fast,
    fm_gradients,
    fm_on_sparse_rows,
    fm_equals_biased_mf,
    best_factor,
)
