"""The small lecture that the machinery is tested on: four exercises, a derivation, a figure.

`small_lecture(folder)` makes it the only lecture there is, for as long as a `with` block lasts: its
source and specifications are here, what the build makes of them goes to `folder`.
"""

import contextlib
import shutil
from pathlib import Path

import pytest

import autograder.exercises
import embedlab.lecture
from autograder import paths
from autograder.lecture.build import build_lecture, write

HERE = Path(__file__).parent
LECTURE = "90_small"


@contextlib.contextmanager
def small_lecture(folder, execute=False):
    """Build the small lecture in a folder and make it the only one.

    execute: whether its solution is run too, which takes seconds.
    """
    homes = {
        name: folder / name.lower() for name in ("LECTURES", "SOLUTIONS", "PUBLIC_CASES", "GRADING")
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, home in homes.items():
            home.mkdir(parents=True)
            patch.setattr(paths, name, home)
        shutil.copy(HERE / "solutions" / f"{LECTURE}.py", homes["SOLUTIONS"])
        patch.setattr(embedlab.lecture, "PUBLIC", homes["PUBLIC_CASES"])
        patch.setattr(
            autograder.exercises,
            "__path__",
            [*autograder.exercises.__path__, str(HERE / "exercises")],
        )
        write(build_lecture(LECTURE, homes["GRADING"], execute=execute))
        yield
