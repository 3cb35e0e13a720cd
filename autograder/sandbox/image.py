"""What the sandbox contains: a folder with the student's kit, the data and `inside`."""

import shutil
from pathlib import Path

from autograder.lecture.bundle import bundle_files

INSIDE = Path(__file__).parent / "inside"
KIT = ("embedlab/", "datasets/")


def write_image(folder):
    """Fill the folder; everybody may read it, nobody else may write."""
    for name, content in bundle_files().items():
        if name.startswith(KIT):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    shutil.copytree(INSIDE, folder / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    folder.chmod(0o755)
