"""Submissions by people who mean well, and the unusual things they do to their notebooks."""

import json

from autograder.notebooks import WIDGET_STATES
from corpus.submissions import (
    ALL,
    NONE,
    add,
    cell_of,
    code,
    filled,
    grade_id,
    is_solution,
    notebook,
    reference,
    right,
    to_bytes,
    wrong,
)

# Names put them before, between and after the hostile ones, in the order of judging.
right("aa_honest")
right("mm_honest")
right("zz_honest")
right("honest_hurried", hurried=True)
right("zz_honest_hurried", hurried=True)
wrong("honest_wrong")
add(
    "honest_blank",
    to_bytes(notebook({})),
    earns=NONE,
    kinds=dict.fromkeys(ALL, "missing"),
    says=("not written yet",),
)
HALF = {"slim_objective", "soft_threshold", "recommend", "sparse_scores"}
wrong("honest_half", sources={name: reference()[name] for name in HALF}, earns=frozenset(HALF))

NOISE = """
import sys, warnings, logging
warnings.warn("deprecated since yesterday")
logging.error("something to read")
print("to the errors", file=sys.stderr)
np.array([1.0]) / np.array([0.0]); np.log(np.array([-1.0])); np.exp(np.array([1e9]))
from tqdm.auto import tqdm
for _ in tqdm(range(20)): pass
for i in range(20): print(f"\\r{i}", end="")
"""
NOISY_FUNCTION = """
def slim_objective(A, W, l1, l2):
    print("debugging", A.shape, W)
    print("to the errors", file=sys.stderr)
    warnings.warn("again")
    np.array([1.0]) / np.array([0.0])
    error = A - A @ W
    return 0.5 * (error**2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum()
"""
right("honest_noisy", first=[NOISE], sources={"slim_objective": NOISY_FUNCTION})
right("plots_and_displays", "plt.plot([1, 2]); plt.show(); display(np.eye(3)); ratings")


def _retyped():
    cells = [code(source) for source in ["import numpy as np", *reference().values()]]
    return {**filled(), "cells": cells}


def _reordered():
    document = filled()
    document["cells"].reverse()
    return document


def _stripped():
    document = filled()
    document["metadata"] = {}
    for cell in document["cells"]:
        cell["metadata"] = {}
    return document


def _in_new_cells():
    document = notebook({})
    document["cells"] += [code(source) for source in reference().values()]
    return document


def _copied():
    document = filled()
    solutions = [cell for cell in document["cells"] if is_solution(cell)]
    document["cells"] += [dict(cell, id=f"{cell['id']}-copy") for cell in solutions]
    return document


def _copied_blank():
    document = filled()
    blank = {grade_id(cell): cell for cell in notebook({})["cells"]}
    document["cells"] += [dict(blank["fit_slim"], id="copy-of-the-task")]
    return document


add("retyped_in_a_new_notebook", to_bytes(_retyped()), says=("setup cell is missing",))
add("reordered", to_bytes(_reordered()))
add("all_metadata_stripped", to_bytes(_stripped()))
add("solutions_in_new_cells", to_bytes(_in_new_cells()))
add("solutions_copied", to_bytes(_copied()), says=("copies of one another",))
add("task_copied_below_its_solution", to_bytes(_copied_blank()), says=("copies of one another",))

SPLIT = {
    "slim_objective": "def slim_objective(A, W, l1, l2):\n"
    "    return _errors(A, W) + _penalties(W, l1, l2)",
    "fit_slim": "def fit_slim(gram, l1, l2, n_sweeps):\n"
    "    columns = [fit_column(gram, i, l1, l2, n_sweeps) for i in range(len(gram))]\n"
    "    return np.array(columns).T",
}
HELPERS = (
    "def _errors(A, W):\n    return 0.5 * float(((A - A @ W) ** 2).sum())",
    "def _penalties(W, l1, l2):\n    return l1 * abs(W).sum() + 0.5 * l2 * (W**2).sum()",
)
right("split_over_cells", HELPERS[1], first=[HELPERS[0]], sources=SPLIT)


def _kernel(**metadata):
    document = filled()
    document["metadata"].update(metadata)
    return document


JULIA = {"name": "julia-1.10", "display_name": "Julia 1.10", "language": "julia"}
add("wrong_kernel", to_bytes(_kernel(kernelspec=JULIA, language_info={"name": "julia"})))
WIDGETS = {WIDGET_STATES: {"state": {"x" * 32: {"state": []}}}}
add("widget_metadata", to_bytes(_kernel(widgets=WIDGETS)))


def _with_line_ends(end):
    document = filled()
    for cell in document["cells"]:
        source = "".join(cell["source"])
        cell["source"] = source.replace("\n", end)
    return document


add("crlf_in_sources", to_bytes(_with_line_ends("\r\n")))
INDENTED = json.dumps(filled(), indent=1).replace("\n", "\r\n")
add("crlf_and_a_byte_order_mark", INDENTED.encode("utf-8-sig"))


def _extra_outputs():
    document = filled()
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            text = {"name": "stdout", "output_type": "stream", "text": "16 of 16 points\n" * 100}
            cell["outputs"] = [text, {"output_type": "nonsense"}, None]
    return document


add("claims_in_outputs", to_bytes(_extra_outputs()))

MAGICS = """
%load_ext autoreload
%autoreload 2
%matplotlib inline
%timeit -n1 -r1 np.eye(3)
%time np.eye(3)
!ls
?np.eye
"""
CELL_MAGIC = "%%time\nnp.eye(3)"
right("usual_magics", CELL_MAGIC, first=[MAGICS])
right("magics_only", *MAGICS.strip().splitlines(), CELL_MAGIC)
right("top_level_await", "import asyncio\nawait asyncio.sleep(0.01)\nVALUE = 1")
right("asks_for_input", "answer = input('your name? ')")
right("raises_in_a_cell", "1 / 0", first=["undefined_name"])
right("syntax_error_in_a_cell", "def broken(:\n    pass")
# max and min are NumPy's then, with an axis as their second argument: their own notebook fails too
right(
    "star_import_shadows_builtins",
    first=["from numpy import *"],
    earns=ALL - {"coordinate_update", "fit_column", "recommend"},
    kinds={"recommend": "exception"},
)
right(
    "function_defined_twice",
    "def recommend(seen, W, k):\n    return [0]",
    earns=ALL - {"recommend"},
)
right(
    "syntax_error_in_a_function",
    sources={"recommend": "def recommend(seen, W, k)\n    return [0]"},
    earns=ALL - {"recommend"},
    kinds={"recommend": "broken"},
    says=("SyntaxError",),
)


def _without(name):
    document = filled()
    document["cells"].remove(cell_of(document, name))
    return document


add(
    "function_deleted",
    to_bytes(_without("recommend")),
    earns=ALL - {"recommend"},
    kinds={"recommend": "undefined"},
    says=("there is no function named recommend",),
)
