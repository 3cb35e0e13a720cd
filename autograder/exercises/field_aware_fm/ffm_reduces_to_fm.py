"""Exercise `ffm_reduces_to_fm`: cases, mistakes, alternatives."""

import numpy as np

from autograder.exercises import Exercise
from autograder.exercises.factorization_machines.drawing import signed, whole

ffm_reduces_to_fm = Exercise("ffm_reduces_to_fm", points=1)


@ffm_reduces_to_fm.cases
def _(rng):
    yield "the worked example", {"v": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "n_fields": 2}
    yield "four fields", {"v": whole(rng, 2, 3), "n_fields": 4}
    yield "as many fields as features", {"v": whole(rng, 3, 2), "n_fields": 3}
    yield "as many fields as factors", {"v": whole(rng, 4, 3), "n_fields": 3}
    yield "as many features as factors", {"v": signed(rng, 3, 3), "n_fields": 2}
    yield "a single field", {"v": signed(rng, 5, 2), "n_fields": 1}
    yield "a single factor", {"v": signed(rng, 4, 1), "n_fields": 3}


@ffm_reduces_to_fm.mistake(
    "The axes are features, fields, factors, and yours come as fields, features, factors. For all "
    "fields g, V[i, g] must be row i of v."
)
def fields_first(v, n_fields):
    return np.tile(v, (n_fields, 1, 1))


@ffm_reduces_to_fm.mistake(
    "Your vectors end up with the wrong features: the shape is right, but V[i, g] is not row i of "
    "v. Tiling and reshaping mixes the rows."
)
def tiled_and_reshaped(v, n_fields):
    return np.tile(v, (n_fields, 1)).reshape(len(v), n_fields, v.shape[1])


@ffm_reduces_to_fm.mistake(
    "The last two axes are exchanged: V[i, g] must be a vector of k numbers."
)
def factors_before_fields(v, n_fields):
    return np.repeat(v[:, :, None], n_fields, axis=2)


@ffm_reduces_to_fm.mistake(
    "Only the vectors for the first field are set. A factorization machine shows the same vector "
    "to every field."
)
def first_field_only(v, n_fields):
    V = np.zeros((len(v), n_fields, v.shape[1]))
    V[:, 0] = v
    return V


@ffm_reduces_to_fm.mistake(
    "You divided the vectors by the number of fields. A pair uses one vector of each feature, not "
    "their sum, so nothing is divided."
)
def divided_by_the_fields(v, n_fields):
    return np.repeat(v[:, None], n_fields, axis=1) / n_fields


@ffm_reduces_to_fm.mistake(
    "The vectors for the first field are 0 in your V: fields are counted from 0."
)
def first_field_left_out(v, n_fields):
    V = np.zeros((len(v), n_fields, v.shape[1]))
    V[:, 1:] = v[:, None]
    return V


@ffm_reduces_to_fm.mistake(
    "Only the vectors for the last field are set. A factorization machine shows the same vector to "
    "every field."
)
def last_field_only(v, n_fields):
    V = np.zeros((len(v), n_fields, v.shape[1]))
    V[:, -1] = v
    return V


@ffm_reduces_to_fm.mistake(
    "Your V has one field. Asked for are n_fields of them: repeat the vector along the second axis."
)
def one_field(v, n_fields):
    return v[:, None, :]


@ffm_reduces_to_fm.refused
def one_long_vector(v, n_fields):
    return np.repeat(v, n_fields, axis=1)


@ffm_reduces_to_fm.refused
def two_fields_at_most(v, n_fields):
    V = np.zeros((len(v), n_fields, v.shape[1]))
    V[:, :2] = v[:, None]
    return V


@ffm_reduces_to_fm.alternative
def copied_with_a_loop(v, n_fields):
    V = np.empty((*v.shape[:1], n_fields, *v.shape[1:]))
    for g in range(n_fields):
        V[:, g] = v
    return V


@ffm_reduces_to_fm.alternative
def broadcast(v, n_fields):
    return np.broadcast_to(v[:, None, :], (len(v), n_fields, v.shape[1]))


@ffm_reduces_to_fm.alternative
def stacked(v, n_fields):
    return np.stack([v] * n_fields, axis=1)
