"""`embedlab start`: a student's own copies of the lectures, and JupyterLab to work in them."""

import contextlib
import json
import os
import uuid
from pathlib import Path

import zmq
from jupyterlab.labapp import LabApp
from tornado.netutil import bind_sockets

from embedlab.start_page import PAGE, page, read_lecture, write_page

ROOT = Path(__file__).resolve().parents[1]
# All of nbgrader's server extensions but the one behind the Validate button.
NBGRADER_SERVERS = [
    f"nbgrader.server_extensions.{name}"
    for name in ("formgrader", "course_list", "assignment_list")
]


class CourseError(Exception):
    """Something the student can mend; its text is the sentence to print."""


def start(root: Path, *, browser: bool, port: int | None) -> None:
    """Bring the student's folder up to date, say what was done, and run JupyterLab there."""
    if port is not None:
        require_free(port)
    for line in [*bring_lectures(root), *bring_start_page(root)]:
        print(line)
    work = root / "my_work"
    print(f"Your notebooks are in {work}")
    print("JupyterLab starts now. To stop it, press Ctrl-C here.", flush=True)
    run_jupyterlab(work, f"/tree/{PAGE}", browser=browser, port=port)


def lecture_files(root: Path) -> list[Path]:
    """The lectures the course came with, in order."""
    return sorted((root / "lectures").glob("*.ipynb"))


def bring_lectures(root: Path) -> list[str]:
    """Copy into `my_work` what is missing there, overwriting nothing; tell what was done."""
    lectures = lecture_files(root)
    if not lectures:
        raise CourseError(
            f"There are no lectures in {root / 'lectures'}: unpack or clone the course again."
        )
    work = root / "my_work"
    if work.exists() and not work.is_dir():
        raise CourseError(f"{work} is a file, not a folder: rename it and start again.")
    with _writing(work):
        work.mkdir(exist_ok=True)
        lines = [_bring(lecture, work) for lecture in lectures]
    return [line for line in lines if line]


def bring_start_page(root: Path) -> list[str]:
    """Write the start page into `my_work`, where the copies are; tell of an old one put aside."""
    work = root / "my_work"
    rows = [read_lecture(lecture, _newest_copy(lecture, work)) for lecture in lecture_files(root)]
    with _writing(work):
        aside = write_page(work, page(rows))
    return [f"You had changed {PAGE}: your text is now in {aside.name}."] if aside else []


def _newest_copy(lecture: Path, work: Path) -> Path:
    """The student's copy of a lecture; if a newer version was put beside it, that one."""
    newer = work / f"{lecture.stem}.{copied_version(lecture)}.ipynb"
    return newer if newer.exists() else work / lecture.name


@contextlib.contextmanager
def _writing(work: Path):
    """Turn what the operating system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"{work} cannot be written ({error.strerror}): free some space, or move the course "
            "to a folder of your own, and start again."
        ) from error


def _bring(lecture: Path, work: Path) -> str | None:
    """Copy one lecture, or its newer version beside the student's copy."""
    try:
        version = copied_version(lecture)
    except ValueError:
        raise CourseError(f"{lecture} is damaged: unpack or clone the course again.") from None
    copy = work / lecture.name
    if place(lecture, copy):
        return f"Copied {copy.name} for you."
    try:
        if copied_version(copy) == version:
            return None
    except ValueError:
        return (
            f"{copy.name} cannot be read as a copy of the lecture, so it was left as it is. "
            "To get a fresh copy, rename it and start again."
        )
    newer = work / f"{lecture.stem}.{version}.ipynb"
    if not place(lecture, newer):
        return None
    return (
        f"There is a newer version of {lecture.stem}: it is {newer.name}, and your work in "
        f"{copy.name} is untouched. To move on, open the new one and copy your answers into it."
    )


def copied_version(notebook: Path) -> str:
    """The version of the lecture that a notebook is, or was made from; ValueError if unreadable."""
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["embedlab"]["version"]
    except (OSError, KeyError, TypeError) as error:
        raise ValueError(f"{notebook} carries no version") from error


def place(source: Path, target: Path) -> bool:
    """Copy a file whole or not at all; False, and nothing done, if the target exists."""
    if os.path.lexists(target):
        return False
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with partial.open("xb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, target)  # unlike a rename, this never replaces a file
        except FileExistsError:
            return False
        except OSError:  # no hard links here, as on a USB stick
            if os.path.lexists(target):
                return False
            partial.rename(target)
        return True
    finally:
        partial.unlink(missing_ok=True)


def require_free(port: int) -> None:
    """Refuse a port that JupyterLab could not listen on."""
    try:
        sockets = bind_sockets(port, "127.0.0.1")
    except OSError as error:
        raise CourseError(
            f"Port {port} cannot be used ({error.strerror}): leave out --port and JupyterLab "
            "finds a free one, or name another."
        ) from None
    for socket in sockets:
        socket.close()


def run_jupyterlab(work: Path, address: str, *, browser: bool, port: int | None) -> None:
    """Run JupyterLab in a folder until the student stops it; `address` is what /lab opens."""
    arguments = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={work}",
        f"--LabApp.default_url=/lab{address}",
        # For this run: no news pop-up and update check, no tabs of nbgrader that need a course;
        # figures are saved with their notebook; Markdown opens to be read.
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'lab'}",
        "--ServerApp.contents_manager_class=embedlab.contents.CourseContents",
        # They complain that the student's folder holds no nbgrader course, which it should not.
        *(f"--ServerApp.jpserver_extensions={name}=False" for name in NBGRADER_SERVERS),
        # Else the tabs of whatever else was done in JupyterLab come back here.
        f"--LabApp.workspaces_dir={work / '.jupyterlab'}",
        "--LabApp.extension_manager=readonly",  # the default one asks PyPI
        "--ServerApp.answer_yes=True",  # Ctrl-C stops without a question
        "--ServerApp.allow_root=True",  # a container's only user is often root
        "--Application.log_level=ERROR",  # leaves the address to open easy to find
    ]
    if zmq.has("curve"):  # else kernels warn that their connection is not encrypted
        arguments.append("--KernelManager.transport_encryption=auto")
    if not browser:
        arguments.append("--ServerApp.open_browser=False")
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    LabApp.launch_instance(arguments)
