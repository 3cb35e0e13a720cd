"""Exercise `principal_angles`: cases, mistakes, alternatives.

No angle of a case is a right one: there the sine, which is accurate for small angles, is not.
"""

import numpy as np

from autograder.exercises import Exercise

principal_angles = Exercise("principal_angles", points=2, tolerance=5e-10)


@principal_angles.cases
def _(rng):
    A = np.array([[2.0, 2.0], [0.0, 1.0], [0.0, 0.0]])
    B = np.array([[0.0, 3.0], [1.0, 3.0], [1.0, 3.0]])
    yield "the worked example", {"A": A, "B": B}
    yield "two lines", _planes(rng, 4, rng.uniform(0.2, 0.7, 1))
    yield "two planes", _planes(rng, 5, _apart(rng, 2))
    yield "three directions in six dimensions", _planes(rng, 6, _apart(rng, 3))
    same = _planes(rng, 5, np.zeros(2))
    yield "one plane, two bases", same
    tiny = rng.uniform(3e-9, 6e-9, 2)
    yield "angles of some billionths", _planes(rng, 5, tiny)
    less = rng.uniform(1e-9, 2e-9, 3)
    label = "a small angle beside a large one: squares lose it, and scipy's subspace_angles"
    yield label, _planes(rng, 6, np.array([*less[:1], 1.1]))
    yield "the same, in seven dimensions", _planes(rng, 7, np.array([*less[1:], 1.2]))


def _apart(rng, k):
    """Return k rising angles between 0.1 and 1.4, no two alike."""
    return np.linspace(0.1, 1.1, k) + rng.uniform(0.05, 0.3, k)


def _planes(rng, d, angles):
    """Return bases A and B (d, k) of unequal, correlated columns with these angles between them."""
    k = len(angles)
    frame = np.linalg.qr(rng.normal(size=(d, d))).Q
    one = frame[:, :k]
    if d >= 2 * k:
        aside = frame[:, k : 2 * k]
    else:
        aside = np.zeros((d, k))
        aside[:, -(d - k) :] = frame[:, k:]
        angles = np.where(np.arange(k) < 2 * k - d, 0.0, angles)
    other = one * np.cos(angles) + aside * np.sin(angles)
    return {"A": one @ _mixing(rng, k), "B": other @ _mixing(rng, k)}


def _mixing(rng, k):
    """Return an invertible (k, k) matrix far from orthogonal, of a small condition number."""
    left, right = (np.linalg.qr(rng.normal(size=(k, k))).Q for _ in range(2))
    stretched = np.diag(np.linspace(0.5, 3.0, k) if k > 1 else [2.0])
    shear = np.eye(k) + 0.6 * np.eye(k, k=1)
    return left @ stretched @ right @ shear


@principal_angles.mistake(
    "Your small angles are off by about 1e-8: that is all a cosine can see, by arccos or by "
    "sqrt(1 - c^2). Near 0 it is 1 to sixteen digits. Take the sine: the part of A's basis that is "
    "not in B's space, and its singular values."
)
def arccos_of_the_cosines(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    cosines = np.linalg.svd(A.T @ B, compute_uv=False)
    return np.arccos(np.clip(cosines, -1.0, 1.0))


@principal_angles.mistake(
    "The columns are as long as they came. First an orthonormal basis of each space: "
    "np.linalg.qr(A).Q."
)
def without_qr(A, B):
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))[::-1]


@principal_angles.mistake(
    "Columns of length 1 are not enough: they must be at right angles to each other as well. "
    "np.linalg.qr(A).Q is an orthonormal basis of the same space."
)
def columns_normalised(A, B):
    A, B = A / np.linalg.norm(A, axis=0), B / np.linalg.norm(B, axis=0)
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))[::-1]


@principal_angles.mistake(
    "Only B has an orthonormal basis. A needs one too, or the lengths of its columns count."
)
def only_b_orthonormal(A, B):
    B = np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))[::-1]


@principal_angles.mistake("Only A has an orthonormal basis. B needs one too: np.linalg.qr(B).Q.")
def only_a_orthonormal(A, B):
    A = np.linalg.qr(A).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))[::-1]


@principal_angles.mistake(
    "You compared column with column. Which vectors form the smallest angles is not known "
    "beforehand: the singular values find them."
)
def column_by_column(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    off = np.linalg.norm(A - B * (A * B).sum(axis=0), axis=0)
    return np.sort(np.arcsin(np.minimum(off, 1.0)))


@principal_angles.mistake("The angles fall. They should rise, the smallest first: turn them round.")
def falling(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))


@principal_angles.mistake("These are degrees. Angles are asked for in radians.")
def in_degrees(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return np.degrees(np.arcsin(np.minimum(sines, 1.0))[::-1])


@principal_angles.mistake("These are the sines of the angles. arcsin leads to the angles.")
def sines_alone(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    return np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)[::-1]


@principal_angles.mistake(
    "Only the largest angle came back. Asked for are all k of them, rising, shape (k,)."
)
def largest_alone(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)
    return float(np.arcsin(min(sines[0], 1.0)))


@principal_angles.mistake(
    "arcsin of the cosines: the singular values of Qa^T Qb are cosines. The sines are those of "
    "Qa - Qb Qb^T Qa."
)
def arcsin_of_the_cosines(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    cosines = np.linalg.svd(A.T @ B, compute_uv=False)
    return np.arcsin(np.minimum(cosines, 1.0))[::-1]


@principal_angles.mistake(
    "You took the eigenvalues, which are squares here, for sines: singular values are the roots "
    "of the eigenvalues of M^T M."
)
def squares_of_the_sines(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    off = A - B @ (B.T @ A)
    return np.arcsin(np.clip(np.linalg.eigvalsh(off.T @ off), 0.0, 1.0))


@principal_angles.mistake(
    "You measured the angles of the columns' differences, Qa - Qb. Two bases of one space differ "
    "and their angles are 0: project first, Qa - Qb Qb^T Qa."
)
def difference_of_the_bases(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B, compute_uv=False)
    return np.arcsin(np.minimum(sines, 1.0))[::-1]


@principal_angles.mistake(
    "Your small angles have lost their digits. Squares of sines do that, and so does SciPy's "
    "subspace_angles beside a large angle: take the singular values of Qa - Qb Qb^T Qa themselves."
)
def angles_of_scipy(A, B):
    from scipy.linalg import subspace_angles

    return subspace_angles(A, B)[::-1]


@principal_angles.refused
def tiny_angles_cut_off(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    sines = np.linalg.svd(A - B @ (B.T @ A), compute_uv=False)[::-1]
    return np.where(sines < 1e-8, 0.0, np.arcsin(np.minimum(sines, 1.0)))


@principal_angles.refused
def roots_of_the_squares(A, B):
    A, B = np.linalg.qr(A).Q, np.linalg.qr(B).Q
    off = A - B @ (B.T @ A)
    return np.arcsin(np.sqrt(np.linalg.eigvalsh(off.T @ off).clip(0.0, 1.0)))


@principal_angles.alternative
def angles_with_scipy(A, B):
    from scipy.linalg import null_space, orth, svdvals

    outside = null_space(B.T).T @ orth(A)  # coordinates of what lies outside the space of B
    sines = np.zeros(A.shape[1])
    found = svdvals(outside)
    sines[: len(found)] = found
    return np.sort(np.arcsin(np.minimum(sines, 1.0)))


@principal_angles.alternative
def angles_from_sine_and_cosine(A, B):
    A, B = np.linalg.svd(A, full_matrices=False)[0], np.linalg.svd(B, full_matrices=False)[0]
    cosines = np.linalg.svd(B.T @ A, compute_uv=False)
    sines = np.sort(np.linalg.svd(B - A @ A.T @ B, compute_uv=False))
    return np.arctan2(sines, cosines)


@principal_angles.alternative
def angles_from_projections(A, B):
    one, other = A @ np.linalg.pinv(A), B @ np.linalg.pinv(B)
    sines = np.linalg.svd((np.eye(len(B)) - other) @ one, compute_uv=False)
    return np.arcsin(np.minimum(sines[: A.shape[1]], 1.0))[::-1]


principal_angles.harmless(
    "A, B = np.linalg.qr(B).Q, np.linalg.qr(A).Q",
    because="the angles from one plane to the other are those back",
)
principal_angles.harmless(
    "sines = np.linalg.svd(B @ (B.T @ A) - A, compute_uv=False)",
    because="singular values have no sign",
)
principal_angles.harmless(
    "return np.arcsin(sines)[::-1]",
    "return np.arcsin(np.minimum(sines, 2.0))[::-1]",
    because="only at a right angle does rounding put a sine above 1, and no case has one",
)
