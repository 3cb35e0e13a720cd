"""What a verdict depends on besides the exercise: the code that runs and judges."""

import sys

from autograder.notebooks import digest
from autograder.paths import KIT, ROOT

HERE = ROOT / "autograder"


def code_digest():
    """Return a digest of the kit, of the judge, of the pinned versions and of Python's."""
    files = [
        ROOT / "requirements.txt",
        HERE / "definitions.py",
        HERE / "hidden.py",
        *sorted(KIT.rglob("*.py")),
    ]
    for room in ("judging", "sandbox"):
        files += sorted((HERE / room).rglob("*.py"))
    return digest(sys.version.encode(), *(path.read_bytes() for path in files))
