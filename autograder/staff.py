"""What `course.py start` leaves out of a student's environment, and `autograder` needs."""

import importlib.metadata
import importlib.util
import re
import sys
from pathlib import Path

from autograder.errors import UserError
from autograder.paths import ROOT

PINNED = re.compile(r"[\w.-]+(?===)")


def require_staff_packages():
    """Install, once, what requirements.txt marks for the staff; raises UserError if it cannot be.

    Only the environment that course.py made is changed.
    """
    course = _course()
    requirements = ROOT / "requirements.txt"
    lines = requirements.read_text(encoding="utf-8").splitlines()
    names = [name[0] for line in lines if course.STAFF in line and (name := PINNED.match(line))]
    if not _missing(names):
        return
    if Path(sys.prefix).resolve() == course.VENV.resolve():
        try:
            course.prepare_environment(course.EVERYTHING)
        except course.Problem as problem:
            raise UserError(str(problem)) from None
        except OSError as error:
            raise UserError(course.explain_oserror(error)) from None
        except KeyboardInterrupt:
            raise UserError("Stopped. The same command goes on from there.") from None
        importlib.invalidate_caches()
    if missing := _missing(names):
        raise UserError(
            f"The autograder needs {', '.join(missing)}, and this environment lacks that: run "
            f"{sys.executable} -m pip install -r requirements.txt in {ROOT}."
        )


def _course():
    """Return course.py as a module."""
    spec = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _missing(names):
    return [name for name in names if not any(importlib.metadata.distributions(name=name))]
