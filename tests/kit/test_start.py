"""`embedlab start`: the student's folder, which nothing ever overwrites, and JupyterLab in it."""

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbgrader
import pytest
from jupyter_client import BlockingKernelClient
from typer.testing import CliRunner

import embedlab.cli
from embedlab import start
from embedlab.start import CourseError, bring_lectures

OLD, NEW = "0123456789ab", "ba9876543210"


def write_lecture(root: Path, name: str, version: str) -> Path:
    path = root / "lectures" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    notebook = {
        "cells": [],
        "metadata": {"embedlab": {"lecture": name, "version": version}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def root(tmp_path):
    """A course with one lecture."""
    root = tmp_path / "my course"
    root.mkdir()
    write_lecture(root, "01_tiny", OLD)
    return root


@pytest.fixture
def worked(root):
    """The same, with a copy the student has worked in."""
    bring_lectures(root)
    copy = root / "my_work" / "01_tiny.ipynb"
    notebook = json.loads(copy.read_text())
    notebook["cells"] = [{"my": "work"}]
    copy.write_text(json.dumps(notebook))
    return root


def test_copies_what_is_missing(root):
    write_lecture(root, "02_small", OLD)
    lines = bring_lectures(root)
    assert contents(root / "my_work") == contents(root / "lectures")
    assert lines == ["Copied 01_tiny.ipynb for you.", "Copied 02_small.ipynb for you."]
    write_lecture(root, "03_next", OLD)
    assert bring_lectures(root) == ["Copied 03_next.ipynb for you."]


def test_work_on_the_same_version_is_left_alone(worked):
    before = contents(worked / "my_work")
    assert bring_lectures(worked) == []
    assert contents(worked / "my_work") == before


def test_newer_version_is_put_beside_and_announced_once(worked):
    before = contents(worked / "my_work")
    newer = write_lecture(worked, "01_tiny", NEW)
    (line,) = bring_lectures(worked)
    assert "newer version of 01_tiny" in line
    assert f"01_tiny.{NEW}.ipynb" in line
    assert "your work in 01_tiny.ipynb is untouched" in line
    assert contents(worked / "my_work") == before | {f"01_tiny.{NEW}.ipynb": newer.read_bytes()}

    copy = worked / "my_work" / f"01_tiny.{NEW}.ipynb"
    copy.write_text("work in the new copy")
    assert bring_lectures(worked) == []
    assert copy.read_text() == "work in the new copy"


@pytest.mark.parametrize("damage", [b"", b'{"cells": [', b"[]", b'{"metadata": {}}', b"\xff\xfe"])
def test_unreadable_copy_is_left_and_named(worked, damage):
    copy = worked / "my_work" / "01_tiny.ipynb"
    copy.write_bytes(damage)
    write_lecture(worked, "01_tiny", NEW)
    write_lecture(worked, "02_small", OLD)
    told, copied = bring_lectures(worked)
    assert told.startswith("01_tiny.ipynb cannot be read as a copy of the lecture")
    assert "rename it and start again" in told
    assert copied == "Copied 02_small.ipynb for you."
    assert copy.read_bytes() == damage


def test_interrupted_copy_leaves_nothing_and_is_made_next_time(root, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            bring_lectures(root)
        assert contents(root / "my_work") == {}
    bring_lectures(root)
    assert contents(root / "my_work") == contents(root / "lectures")


def test_file_that_appears_during_the_copy_is_kept(root, monkeypatch):
    target = root / "my_work" / "01_tiny.ipynb"
    target.parent.mkdir()
    target.write_text("just saved")
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    assert not start.place(root / "lectures" / "01_tiny.ipynb", target)
    assert contents(target.parent) == {target.name: b"just saved"}


def test_disk_without_hard_links(root, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    bring_lectures(root)
    assert contents(root / "my_work") == contents(root / "lectures")


def test_file_that_appears_on_a_disk_without_hard_links_is_kept(root, monkeypatch):
    def refuse(source, target):
        Path(target).write_text("just saved")
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    bring_lectures(root)
    assert contents(root / "my_work") == {"01_tiny.ipynb": b"just saved"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "No space left on device"),
        (errno.EACCES, "Permission denied"),
        (errno.EROFS, "Read-only file system"),
    ],
)
def test_folder_that_cannot_be_written(root, monkeypatch, number, text):
    def refuse(descriptor):
        raise OSError(number, text)

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(CourseError, match=rf"cannot be written \({text}\): free some space, or"):
        bring_lectures(root)
    assert contents(root / "my_work") == {}


def test_file_in_place_of_the_folder(root):
    (root / "my_work").write_text("mine")
    with pytest.raises(CourseError, match="my_work is a file, not a folder: rename it"):
        bring_lectures(root)


def test_no_lectures(tmp_path):
    with pytest.raises(CourseError, match=r"no lectures in .*: unpack or clone the course again"):
        bring_lectures(tmp_path)


def test_damaged_lecture(root):
    (root / "lectures" / "01_tiny.ipynb").write_text("{")
    with pytest.raises(CourseError, match=r"01_tiny\.ipynb is damaged: unpack or clone"):
        bring_lectures(root)


def test_taken_port(root):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CourseError, match=f"Port {port} cannot be used .*: leave out --port"):
            start.start(root, browser=False, port=port)


def test_command_line(monkeypatch):
    calls = []
    monkeypatch.setattr(embedlab.cli, "start", lambda root, **options: calls.append(options))
    run = CliRunner().invoke
    assert run(embedlab.cli.app, ["start"]).exit_code == 0
    assert run(embedlab.cli.app, ["start", "--no-browser", "--port", "8901"]).exit_code == 0
    assert calls == [{"browser": True, "port": None}, {"browser": False, "port": 8901}]


def test_command_line_prints_the_sentence(monkeypatch):
    def refuse(root, **options):
        raise CourseError("Do this.")

    monkeypatch.setattr(embedlab.cli, "start", refuse)
    result = CliRunner().invoke(embedlab.cli.app, ["start"])
    assert result.exit_code == 1
    assert result.stderr == "embedlab: Do this.\n"


def test_the_start_page_is_opened(root, monkeypatch):
    pages = []
    monkeypatch.setattr(start, "run_jupyterlab", lambda work, page, **_: pages.append((work, page)))
    start.start(root, browser=True, port=None)
    assert pages == [(root / "my_work", "/tree/start.md")]
    assert "[01_tiny](01_tiny.ipynb)" in (root / "my_work" / "start.md").read_text("utf-8")


def test_a_start_page_that_cannot_be_written(root, monkeypatch):
    def refuse(self, target):
        raise PermissionError(errno.EACCES, "Permission denied")

    start.bring_lectures(root)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(CourseError, match=r"cannot be written \(Permission denied\): free some"):
        start.bring_start_page(root)


def test_jupyterlab_runs_in_the_folder(root, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code = "import sys; from pathlib import Path; from embedlab.start import start; "
    code += "start(Path(sys.argv[1]), browser=False, port=int(sys.argv[2]))"
    directories = {f"JUPYTER_{d}_DIR": str(tmp_path / d) for d in ("CONFIG", "DATA", "RUNTIME")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(root), str(port)],
        env={**os.environ, **directories, "JUPYTER_TOKEN": "secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )

    def get(path: str, query: str = "") -> str:
        url = f"http://127.0.0.1:{port}{path}?token=secret{query}"
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()

    try:
        while process.poll() is None:
            try:
                get("/api")
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        listed = json.loads(get("/api/contents"))["content"]
        assert {file["name"] for file in listed} == {"01_tiny.ipynb", "start.md"}
        page = get("/")  # redirects to the start page
        config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>([^<]*)<', page)[1])
        assert config["treePath"] == "start.md"
        assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
        assert config["extensionManager"]["can_install"] is False
        # the extension behind the Validate button still answers
        assert json.loads(get("/nbgrader_version", f"&version={nbgrader.__version__}"))["success"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/kernels?token=secret", b'{"name": "python3"}'
        )
        with urllib.request.urlopen(request) as answer:
            kernel = json.loads(answer.read())["id"]
        client = BlockingKernelClient()
        client.load_connection_file(str(tmp_path / "RUNTIME" / f"kernel-{kernel}.json"))
        client.start_channels()
        client.wait_for_ready(timeout=120)
        client.stop_channels()
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Copied 01_tiny.ipynb for you." in output
    assert "Traceback" not in output
    assert "[E " not in output, "no false alarm when the server starts"
    assert "WARNING" not in output, "nor when a kernel does"
