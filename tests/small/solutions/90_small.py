# %% [markdown]
# # 90 · Small: a lecture for the tests
#
# It has one of everything that a lecture can have, and takes seconds.

# %% [markdown] tags=["overview"]
# Nobody reads this.

# %% tags=["setup"]
import numpy as np

from embedlab import Derivation, Lecture, Step
from embedlab.widgets import Curves, curve_states

lecture = Lecture("90_small")

# %% [markdown] exercise="centred" difficulty=1 minutes=2
# Subtract the mean.
#
# <details><summary>Hint</summary>
#
# `x.mean()` is a number.
#
# </details>


# %% nbgrader={"grade_id": "centred", "solution": true}
def centred(x):
    """Return x (n,) minus its mean, a new array (n,).

    >>> centred(np.array([1.0, 2.0, 6.0]))
    array([-2., -1.,  3.])
    """
    ### BEGIN SOLUTION
    return x - x.mean()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_centred", "grade": true}
lecture.check(centred)

# %% [markdown] exercise="squared_length" difficulty=2 minutes=3
# Sum the squares of what `centred` returns.
#
# <details><summary>Hint</summary>
#
# A dot product of a vector with itself.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     c = centred(x);  return the sum of c[i] * c[i] over all i
#
# </details>


# %% nbgrader={"grade_id": "squared_length", "solution": true}
def squared_length(x):
    """Return the squared length of the centred x (n,), a number.

    >>> print(squared_length(np.array([1.0, 2.0, 6.0])))
    14.0
    """
    ### BEGIN SOLUTION
    return float(centred(x) @ centred(x))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_squared_length", "grade": true}
lecture.check(squared_length)

# %% [markdown] exercise="spread" difficulty=1 minutes=2
# The root of the mean square of what `centred` returns.
#
# <details><summary>Hint</summary>
#
# `squared_length` has the sum.
#
# </details>


# %% nbgrader={"grade_id": "spread", "solution": true}
def spread(x):
    """Return the root mean square of the centred x (n,), a number.

    >>> print(round(spread(np.array([1.0, 3.0, 8.0])), 3))
    2.944
    """
    ### BEGIN SOLUTION
    return (squared_length(x) / len(x)) ** 0.5
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_spread", "grade": true}
lecture.check(spread)

# %% [markdown] exercise="largest" difficulty=2 minutes=4
# The positions of the largest values.
#
# <details><summary>Hint</summary>
#
# `np.argsort` has them in the other order.
#
# </details>
# <details><summary>Pseudocode</summary>
#
#     order the positions by their values, the largest first;  return the first k of them
#
# </details>


# %% nbgrader={"grade_id": "largest", "solution": true}
def largest(x, k):
    """Return the positions of the k largest values of x (n,), largest first, (k,) int.

    >>> largest(np.array([2.0, 9.0, 5.0]), 2)
    array([1, 2])
    """
    ### BEGIN SOLUTION
    return np.argsort(-x)[:k]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_largest", "grade": true}
lecture.check(largest)


# %% tags=["given"]
def mean_of(x):
    """Return the mean of x (n,)."""
    return x.sum() / len(x)


# %% nbgrader={"grade_id": "square_line", "solution": true}
square_line = "..."
### BEGIN SOLUTION
square_line = "np.mean(x**2) - m**2"
### END SOLUTION


# %% tags=["derivation"]
def instance(rng):
    """Draw the numbers that every line is computed on."""
    x = rng.normal(1, 2, 5)
    return {"x": x, "m": mean_of(x)}


Derivation(
    "The mean square of what is centred",
    instance,
    Step(r"\frac1n\sum_i (x_i - m)^2", "np.mean((x - m) ** 2)"),
    Step(r"\overline{x^2} - m^2", square_line, why="multiply out", yours=True, names=("x", "m")),
    Step(r"\frac1n\sum_i x_i (x_i - m)", "np.mean(x * (x - m))", why="take out x"),
).check()

# %% [markdown] tags=["question"]
# Fifty numbers are drawn with a standard deviation of 1. Is their spread above or below it?
#
# Answer: it can be either; here it is **above it, by a tenth**.

# %%
rng = np.random.default_rng(0)
print(f"{spread(rng.normal(0, 1, 50)):.3f}")
Curves(
    curve_states(np.arange(5), rng.normal(size=(3, 2, 5)), ["one", "other"], "abc"), x="x", y="y"
)

# %% tags=["claims"]
assert rng.normal() + 100 > 0, "It has one of everything"

# %%
lecture.progress()
