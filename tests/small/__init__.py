"""The small lecture that the machinery is tested on: four exercises, a derivation, a figure.

A module of tests that says `TRIED_ON = small.LECTURE` finds it as the only lecture there is: its
source and specifications are here, what the build makes of them is in a folder of the session.
"""

import contextlib
import shutil
from pathlib import Path

import pytest

import autograder.exercises
import embedlab.lecture
from autograder import paths
from autograder.lecture.build import build_lecture, write
from autograder.lecture.contents import BEGIN, END, contents

HERE = Path(__file__).parent
LECTURE = "90_small"


@contextlib.contextmanager
def small_lecture(folder):
    """Make the small lecture the only one, built in a folder unless it is there; it is not run."""
    homes = {
        name: folder / name.lower() for name in ("LECTURES", "SOLUTIONS", "PUBLIC_CASES", "GRADING")
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, home in homes.items():
            home.mkdir(parents=True, exist_ok=True)
            patch.setattr(paths, name, home)
        shutil.copy(HERE / "solutions" / f"{LECTURE}.py", homes["SOLUTIONS"])
        patch.setattr(embedlab.lecture, "PUBLIC", homes["PUBLIC_CASES"])
        patch.setattr(
            autograder.exercises,
            "__path__",
            [*autograder.exercises.__path__, str(HERE / "exercises")],
        )
        patch.setattr(paths, "README", folder / "README.md")
        if not any(homes["LECTURES"].iterdir()):
            write(build_lecture(LECTURE, homes["GRADING"], execute=False))
            paths.README.write_text(f"{BEGIN}\n{END}\n", "utf-8")
            write(contents([LECTURE]))
        yield
