"""What decides, by name and with the reason: whether a notebook is stale, whether a verdict is.

The files are read as they are, comments included; what is not named here may change freely. What a
source and its specifications make of a notebook counts by what comes out, not by their text. A
verdict also depends on its exercise's examination and on the released notebook, which the judge
holds itself.
"""

import sys

from autograder.notebooks import digest, to_bytes
from autograder.paths import KIT, ROOT
from embedlab.tables import CourseTable, course_records

# What decides how the executed solution of every lecture looks, besides its cells and public cases.
NOTEBOOK = {
    "requirements.txt": "the versions that run it",
    "autograder/lecture/build.py": "what is recorded in it",
    "autograder/lecture/execution.py": "how it is run",
    "autograder/notebooks.py": "what is taken out of it after the run",
    "embedlab/**/*.py": "the kit that its cells import",
    "embedlab/widgets/*.js": "saved with its figures",
    "embedlab/widgets/*.css": "saved with its figures",
    "datasets/**/SHA256SUMS": "the data, by their checksums",
}

# What decides about every verdict.
VERDICT = {
    "requirements.txt": "the versions that run a student's code and the reference",
    "autograder/definitions.py": "where a function is defined",
    "autograder/hidden.py": "what is taken out of a student's words",
    "autograder/judging/**/*.py": "what is run of a notebook, and the verdict on what came back",
    "autograder/sandbox/**/*.py": "how a student's code is run",
    "embedlab/**/*.py": "comparison and diagnosis, and what a student's code may call",
}

# Of the patterns above: parts of the kit that no cell and no verdict needs.
NO_CELL = {
    "embedlab/__main__.py": "starts the command",
    "embedlab/cli.py": "the command's arguments",
    "embedlab/start.py": "copies lectures and opens JupyterLab",
    "embedlab/start_page.py": "the page that is opened first",
    "embedlab/contents.py": "how JupyterLab reads and saves notebooks",
}
NO_VERDICT = NO_CELL | {
    "embedlab/widgets/*.py": "figures; no reference and no given function calls one (tested)",
    "embedlab/diagrams/*.py": "the same",
    "embedlab/figures.py": "the same",
}


def notebook_digest(notebook, public_cases):
    """Return a digest of all that decides what a lecture's executed solution shows.

    notebook: the lecture's notebook before it is run. public_cases: the bytes that its checks read.
    """
    lecture = notebook.metadata["embedlab"]["lecture"]
    recorded = sorted((KIT / "recorded").glob(f"{lecture}_*"))
    files = recorded + _files(NOTEBOOK, NO_CELL)
    # of the course's tables what the lecture can show: a later lecture's rows make nothing stale
    shown = (CourseTable(record, lecture) for record in course_records(KIT / "recorded"))
    tables = [repr(table).encode() for table in shown if len(table) > 0]
    contents = [path.read_bytes() for path in files]
    return digest(to_bytes(notebook), public_cases, *tables, *contents)


def code_digest():
    """Return a digest of all but its examination and the lecture that decides about a verdict."""
    files = _files(VERDICT, NO_VERDICT)
    return digest(sys.version.encode(), *(path.read_bytes() for path in files))


def _files(patterns, without):
    """Return the files that match a pattern, sorted, but for those that match one of `without`."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(found - {path for pattern in without for path in ROOT.glob(pattern)})
