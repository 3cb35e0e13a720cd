"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
LECTURES = ROOT / "lectures"
KIT = ROOT / "embedlab"
PUBLIC_CASES = KIT / "public"
DATASETS = ROOT / "datasets"
GRADING = ROOT / "grading"  # nbgrader's course root, not in git
NBGRADER_CONFIG = ROOT / "nbgrader_config.py"


def relative(path):
    """Return the path as people write it: from the repository's root, with forward slashes."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
