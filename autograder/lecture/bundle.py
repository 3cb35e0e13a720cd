"""What students receive: one zip with the lectures, the kit and the data."""

import json
import zipfile

from autograder.paths import ROOT, lecture_names

FOLDERS = ("lectures", "embedlab", "datasets")
FILES = ("course.py", "requirements.txt", "pyproject.toml", "LICENSE")
STUDENTS_README = "docs/students.md"
STAFF = "# staff"  # a line that ends in this note is not for students


def bundle_files():
    """Return {name in the bundle: bytes}, for every file students receive."""
    paths = [ROOT / name for name in FILES]
    for folder in FOLDERS:
        found = (ROOT / folder).rglob("*")
        paths += [p for p in sorted(found) if p.is_file() and "__pycache__" not in p.parts]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}
    files["README.md"] = (ROOT / STUDENTS_README).read_bytes()
    for name in ("requirements.txt", "pyproject.toml"):
        lines = files[name].decode("utf-8").splitlines(keepends=True)
        files[name] = "".join(line for line in lines if STAFF not in line).encode("utf-8")
    return files


def lent_files():
    """Return {name in the bundle: bytes} of what `lecture.lend` needs: the solutions' functions."""
    from autograder.lecture.source import load_source  # slow, and every command imports this

    files = {}
    for lecture in lecture_names():
        source = load_source(lecture)
        cells = [
            cell.node.source
            for cell in source.cells
            if cell.is_graded_with and (not cell.is_solution or cell.grade_id in source.exercises)
        ]
        files[f"embedlab/lent/{lecture}.json"] = json.dumps(cells).encode()
    return files


def write_bundle(target, lend=False):
    """Write the zip `target`, and its folder; return the names of the files in it.

    lend: whether students can borrow working functions: then solutions are in it.
    """
    files = bundle_files() | (lent_files() if lend else {})
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # a fixed date, so that equal content gives an equal zip
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content)
    return list(files)
