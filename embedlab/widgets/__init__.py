"""Widgets that show a lecture's idea move: computed once in Python, scrubbed in the browser.

Nothing is recomputed while a slider moves, so a widget answers at once even while the kernel trains
a model, and it needs neither the network nor a build step.

To add a family, say `graph`:

1. `graph.py`: a pure function that returns a frozen dataclass of arrays, `GraphStates`, and a
   `CourseWidget` whose `__init__(states)` passes on the arrays that its repr summarises and the
   traits that the browser receives: small ones as a Dict, the big one as Bytes. Aim for a state
   below 300 kB, because notebooks keep it.
2. `graph.js` and `graph.css` beside it: `export default { render }`, no imports. The helpers in
   `course.js`, the rules in `course.css` and the colours in `colours.css` are already there;
   `_esm = javascript("graph")` and `_css = stylesheet("graph")` join them. Put
   `keepKeys` on everything that takes the focus. Keep what the student chose on the model and
   listen for it, so that two views of one widget agree, and return a function that stops listening.
   End with a `saveButton`, for whoever wants the figure in a report.
3. Test the states as data in `tests/kit/test_widgets_graph.py`, drive the widget in a real
   JupyterLab in `tests/browser/test_graph_browser.py`, and add it to
   `tests/browser/test_saved_page.py`.
"""

from embedlab.widgets.curves import Curves, CurveStates, curve_states
from embedlab.widgets.heatmap import HeatMaps, HeatStates, heat_states
from embedlab.widgets.in_batch import InBatchMatrix, InBatchStates, in_batch_states
from embedlab.widgets.plane import LossPlane, plane_loss
from embedlab.widgets.rate import RateFilms, YourList
from embedlab.widgets.scatter import MovingVectors, ScatterStates, descent_states
from embedlab.widgets.sparsity import (
    SlimSparsity,
    SparsityStates,
    best_known_films,
    sparsity_states,
)
from embedlab.widgets.triangle import FieldTriangle, TriangleStates, triangle_states

__all__ = [
    "CurveStates",
    "Curves",
    "FieldTriangle",
    "HeatMaps",
    "HeatStates",
    "InBatchMatrix",
    "InBatchStates",
    "LossPlane",
    "MovingVectors",
    "RateFilms",
    "ScatterStates",
    "SlimSparsity",
    "SparsityStates",
    "TriangleStates",
    "YourList",
    "best_known_films",
    "curve_states",
    "descent_states",
    "heat_states",
    "in_batch_states",
    "plane_loss",
    "sparsity_states",
    "triangle_states",
]
