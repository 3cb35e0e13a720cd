"""Widgets that show a lecture's idea move: computed once in Python, scrubbed in the browser.

Nothing is recomputed while a slider moves, so a widget answers at once even while the kernel trains
a model, and it needs neither the network nor a build step.

To add a family, say `maps`:

1. `maps.py`: a pure function that returns a frozen dataclass of arrays, `MapStates`, and a
   `CourseWidget` whose `__init__(states)` passes on the arrays that its repr summarises and the
   traits that the browser receives: small ones as a Dict, the big one as Bytes. Aim for a state
   below 300 kB, because notebooks keep it.
2. `maps.js` and `maps.css` beside it: `export default { render }`, no imports. The helpers in
   `course.js`, the rules in `course.css` and the colours in `colours.css` are already there;
   `_esm = javascript("maps")` and `_css = stylesheet("maps")` join them; name `theme`
   or `moving` before "maps" for what some families share. Put `keepKeys` on everything that takes
   the focus. Keep what the student chose on the model and
   listen for it, so that two views of one widget agree, and return a function that stops listening.
   End with a `saveButton`, for whoever wants the figure in a report.
3. Test the states as data in `tests/kit/test_widgets_maps.py`, drive the widget in a real
   JupyterLab in `tests/browser/test_maps_browser.py`, and add it to
   `tests/browser/test_saved_page.py`.
"""

from embedlab.widgets.curves import Curves, CurveStates, curve_states
from embedlab.widgets.graph import (
    GraphStates,
    MixingGraph,
    graph_layout,
    graph_states,
    mixing_states,
)
from embedlab.widgets.heatmap import HeatMaps, HeatStates, heat_states
from embedlab.widgets.in_batch import InBatchMatrix, InBatchStates, in_batch_states
from embedlab.widgets.masked_history import (
    MaskedHistory,
    MaskedStates,
    masked_history_states,
)
from embedlab.widgets.pictures import Pictures, PictureStates, picture_states
from embedlab.widgets.plane import LossPlane, plane_loss
from embedlab.widgets.points import MovingPoints, PointStates, point_states
from embedlab.widgets.rate import RateFilms, YourList
from embedlab.widgets.scatter import MovingVectors, ScatterStates, descent_states
from embedlab.widgets.search import (
    EmojiSearch,
    SearchStates,
    recorded_search,
    save_search,
    search_states,
)
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
    "EmojiSearch",
    "FieldTriangle",
    "GraphStates",
    "HeatMaps",
    "HeatStates",
    "InBatchMatrix",
    "InBatchStates",
    "LossPlane",
    "MaskedHistory",
    "MaskedStates",
    "MixingGraph",
    "MovingPoints",
    "MovingVectors",
    "PictureStates",
    "Pictures",
    "PointStates",
    "RateFilms",
    "ScatterStates",
    "SearchStates",
    "SlimSparsity",
    "SparsityStates",
    "TriangleStates",
    "YourList",
    "best_known_films",
    "curve_states",
    "descent_states",
    "graph_layout",
    "graph_states",
    "heat_states",
    "in_batch_states",
    "masked_history_states",
    "mixing_states",
    "picture_states",
    "plane_loss",
    "point_states",
    "recorded_search",
    "save_search",
    "search_states",
    "sparsity_states",
    "triangle_states",
]
