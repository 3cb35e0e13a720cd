"""Folders and archives as students hand them in; `test_intake.py` has the many ways, one by one."""

import io
import stat
import zipfile

from autograder.records import ABSENT, REFUSED
from corpus.submissions import NONE, NOTEBOOK, Link, add, filled, reference, right, to_bytes, wrong

GOOD = to_bytes(filled())
EVIL_NUMPY = b"raise ImportError('not the one you wanted')\n"


def _archive(**members):
    """Return a zip archive; a member's name may be given as ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _with_link():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(NOTEBOOK)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


add("renamed", {"my homework FINAL (2).ipynb": GOOD})
add("renamed_by_the_browser", {"03_slim-Copy1.ipynb.txt": GOOD})
add("in_a_folder_of_its_own", {f"work/slim/{NOTEBOOK}": GOOD})
add("zipped", {"work.zip": _archive(**{NOTEBOOK: GOOD})})
REFUSALS = {
    "zip_bomb": ({"work.zip": _archive(**{NOTEBOOK: bytes(40 << 20)})}, "unpack to more"),
    "zip_that_climbs": ({"work.zip": _archive(**{f"../../{NOTEBOOK}": GOOD})}, "out of its folder"),
    "zip_with_a_link": ({"work.zip": _with_link()}, "link"),
    "link_to_a_solution": ({NOTEBOOK: Link("@ROOT@/solutions/03_slim.ipynb")}, "link"),
    "link_to_a_device": ({NOTEBOOK: Link("/dev/zero")}, "link"),
}
for name, (files, word) in REFUSALS.items():
    add(name, files, status=REFUSED, earns=NONE, says=(word,))
add("nothing_handed_in", {}, status=ABSENT, earns=NONE, says=("no notebook",))
add(
    "only_a_script",
    {"slim.py": "\n".join(reference().values()).encode()},
    status=ABSENT,
    earns=NONE,
    says=("slim.py",),
)

# Files beside the notebook are not taken along, so they can neither help nor hurt.
right("own_numpy_beside", files={"numpy.py": EVIL_NUMPY, "embedlab.py": EVIL_NUMPY})
right(
    "own_helpers_beside",
    "from helpers import slim_objective",
    files={"helpers.py": b"def slim_objective(A, W, l1, l2):\n    return 0.0\n"},
)
SHADOWED_NUMPY = """
for name in ("numpy", "scipy", "json", "embedlab"):
    with open(f"{name}.py", "w") as file:
        file.write("def __getattr__(name): return lambda *a, **k: True\\n")
import sys, importlib
sys.path.insert(0, "")
for name in list(sys.modules):
    if name.split(".")[0] in ("numpy", "scipy", "json", "embedlab"):
        del sys.modules[name]
import numpy as np, json
"""
wrong("own_numpy_written_at_run_time", SHADOWED_NUMPY)
wrong(
    "own_numpy_written_by_magic",
    "%%writefile numpy.py\ndef allclose(*a): return True",
    "%run numpy.py",
)
