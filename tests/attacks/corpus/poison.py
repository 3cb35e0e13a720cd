"""Code that replaces what the student's process works with: the kit, json, os, modules.

All of it may lie only about the student's own data, so wrong functions stay wrong.
"""

from corpus.submissions import function, spoiled, wrong

# What a fooled kit would say if it were asked for a verdict.
FORGED_VERDICT = """
import embedlab.diagnosis as diagnosis, embedlab.observe as observing, embedlab.wire as wire
passed = lambda *a, **k: diagnosis.Verdict("slim_objective", "passed", 6)
diagnosis.diagnose = passed
diagnosis.outcome_difference = diagnosis.value_difference = lambda *a, **k: None
diagnosis.Verdict.passed = True
"""
wrong("patched_diagnosis", FORGED_VERDICT)
# Every exercise is tried in a process of its own, so this costs the one whose function does it.
REBINDS = """
globals().update(dict.fromkeys(("recommend", "fit_slim", "sparse_scores", "kkt_violation")))
np.argsort = np.zeros = np.maximum = None
return 0.0
"""
spoiled("rebinds_the_others_when_called", "slim_objective", function(REBINDS), kind="values")
wrong(
    "patched_observe",
    """
import embedlab.observe, inside.cells, sys
forged = lambda *a, **k: {"value": True, "changed": [], "passed": True, "kind": "passed"}
embedlab.observe.observe = inside.cells.observe = forged
""",
    kinds={"slim_objective": "type"},
)
wrong(
    "patched_wire",
    """
import embedlab.wire, embedlab.observe
forged = lambda *a, **k: {"passed": True}
embedlab.wire.encode = embedlab.observe.encode = embedlab.wire.decode = forged
embedlab.observe.decode = lambda *a, **k: 0
""",
    kinds={"slim_objective": "tampered"},
)
wrong(
    "patched_json",
    """
import json
json.dumps = lambda *a, **k: '{"passed": true, "score": 16, "outcomes": []}'
json.JSONEncoder.encode = json.JSONEncoder.iterencode = json.dumps
""",
    kinds={"slim_objective": "tampered"},
)
wrong(
    "patched_drivers",
    """
from embedlab.drivers import DRIVERS
for name in DRIVERS: DRIVERS[name] = lambda function, arguments: next(iter(arguments.values()))
""",
)
wrong(
    "patched_os",
    """
import os
os.fork = lambda: 0
os.waitpid = lambda *a: (0, 0)
os._exit = lambda *a: None
os.waitstatus_to_exitcode = lambda *a: 0
""",
)
wrong(
    "patched_write",
    """
import os
really = os.write
os.write = lambda number, data: really(number, data.replace(b"-1.0", b"0.0"))
""",
)
wrong(
    "silent_write",
    "import os\nos.write = lambda number, data: len(data)",
    hurried=True,
    says=("A cell took longer than",),
)
wrong(
    "emptied_modules",
    """
import sys, builtins
for name in list(sys.modules):
    if name not in ("sys", "builtins", "__main__"): sys.modules[name] = None
builtins.__import__ = lambda *a, **k: None
""",
)
wrong(
    "emptied_builtins",
    """
import builtins
for name in ("len", "isinstance", "callable", "range", "str", "type", "list", "dict", "float"):
    setattr(builtins, name, lambda *a, **k: True)
""",
)
wrong(
    "patched_frames_of_the_caller",
    """
import sys, gc, types
for thing in gc.get_objects():
    if isinstance(thing, dict) and "calls" in thing and "cells" in thing: thing["calls"].clear()
""",
)
wrong(
    "traced",
    """
import sys, threading
def trace(frame, event, value):
    if frame.f_code.co_name == "observe" and event == "return":
        if isinstance(value, dict): value.clear(); value["passed"] = True
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
""",
)
wrong(
    "collects_and_unfreezes",
    "import gc\ngc.unfreeze(); gc.set_threshold(1); gc.collect()\n"
    "gc.callbacks.append(lambda *a: 1 / 0)",
)
wrong(
    "patched_main", "import sys, __main__\nsys.exit = sys.excepthook = print\n__main__.main = print"
)
