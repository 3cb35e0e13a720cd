"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "autograder" / "exercises"
LECTURES = ROOT / "lectures"
KIT = ROOT / "embedlab"
PUBLIC_CASES = KIT / "public"
DATASETS = ROOT / "datasets"
README = ROOT / "README.md"
GRADING = ROOT / "grading"  # nbgrader's course root, not in git
NBGRADER_CONFIG = ROOT / "nbgrader_config.py"


def lecture_names():
    """Return the names of all lectures, such as "03_slim", in order of study."""
    return sorted(path.stem for path in SOLUTIONS.glob("[0-9][0-9]_*.py"))


def source_path(lecture):
    """Return the path of a lecture's source."""
    return SOLUTIONS / f"{lecture}.py"


def solution_path(lecture):
    """Return the path of a lecture's executed solution, a notebook."""
    return SOLUTIONS / f"{lecture}.ipynb"


def released_path(lecture):
    """Return the path of the notebook that students get."""
    return LECTURES / f"{lecture}.ipynb"


def public_cases_path(lecture):
    """Return the path of the cases that students' checks use."""
    from embedlab.public_cases import SUFFIX  # with NumPy: a command's help need not wait for it

    return PUBLIC_CASES / f"{lecture}{SUFFIX}"


def relative(path):
    """Return the path as people write it: from the repository's root, with forward slashes."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
