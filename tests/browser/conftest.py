"""Opens notebooks in a real JupyterLab, in a headless Chromium, and watches what the page does."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from embedlab.widgets.base import CourseWidget

LAB_SETTINGS = {
    # Otherwise cells outside the window are not in the page.
    "notebook-extension/tracker": {"windowingMode": "none"},
    # Otherwise a pop-up asks about news.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# The debugger, which no lecture uses, calls it an error in the console that a kernel restarts while
# it is being asked for its state.
PAGE_SETTINGS = {"disabledExtensions": {"@jupyterlab/debugger-extension": True}}
OWN_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
)
PATIENCE_S = 180  # for JupyterLab, its kernels and a whole lecture, on a machine with other work
CELLS = "jupyterapp.shell.currentWidget.content.widgets"
SESSION = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session"
RENDER_AND_STOP = """
async ([code, plain, numbers]) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const { default: family } = await import(url);
    const bytes = name => new DataView(Uint8Array.from(numbers[name]).buffer);
    const heard = new Set();
    const model = {
        get: name => name in numbers ? bytes(name) : plain[name],
        set() {},
        on: (event, listener) => heard.add(listener),
        off: (event, listener) => heard.delete(listener),
    };
    const stop = family.render({ model, el: document.createElement("div") });
    const during = heard.size;
    stop();
    return [during, heard.size];
}
"""

expect.set_options(timeout=15_000)  # for what the page does by itself


@dataclass
class Lab:
    """A running JupyterLab.

    Attributes:
        url: where it listens, with a slash at the end.
        folder: the folder it shows; a notebook copied here can be opened.
        data: where it keeps what it trusts.
    """

    url: str
    folder: Path
    data: Path


@dataclass
class OpenNotebook:
    """A notebook open in JupyterLab.

    Attributes:
        path: the copy that JupyterLab has opened.
        page: the browser's page, for everything that has no method here.
        problems: what went wrong in the page since it opened: console errors, uncaught errors, and
            requests to anywhere but JupyterLab's own server (they are blocked).
    """

    path: Path
    page: Page
    problems: list[str] = field(default_factory=list)

    def cell(self, index: int) -> Locator:
        """Return the cell at `index`, counting every kind of cell from 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def cell_index(self, text: str) -> int:
        """Return the index of the only cell whose source contains `text`."""
        sources = self.page.evaluate(f"{CELLS}.map(cell => cell.model.sharedModel.source)")
        (index,) = [i for i, source in enumerate(sources) if text in source]
        return index

    def source(self, index: int) -> str:
        """Return the source of a cell as it is now."""
        return self.page.evaluate(f"index => {CELLS}[index].model.sharedModel.source", index)

    def edit_cell(self, index: int, source: str) -> None:
        """Replace the source of a cell, as a student who types there would."""
        self.page.evaluate(
            f"([index, source]) => {{ {CELLS}[index].model.sharedModel.setSource(source); }}",
            [index, source],
        )

    def run_cell(self, index: int) -> None:
        """Run a cell to its end; what it printed or raised stands in `outputs(index)`."""
        self._select(index)
        self._command("notebook:run-cell")

    def start_cell(self, index: int) -> None:
        """Start a cell without waiting for its end."""
        self._select(index)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")

    def run_all(self, stops: bool = False) -> None:
        """Run every cell to the end; a cell that raises stops the run and, unless it may, fails."""
        self._command("notebook:run-all-cells")
        assert stops or self.errors() == []

    def outputs(self, index: int) -> list[dict]:
        """Return the outputs of a code cell, as the notebook file would hold them."""
        return self.page.evaluate(f"index => {CELLS}[index].model.outputs.toJSON()", index)

    def errors(self) -> list[str]:
        """Return "Name: message" for every error that a cell shows."""
        # On the page an error looks like any text on stderr, so this asks the notebook's model.
        return self.page.evaluate(
            f"{CELLS}.flatMap(cell => cell.model.outputs?.toJSON() ?? [])"
            ".filter(output => output.output_type === 'error')"
            ".map(output => `${output.ename}: ${output.evalue}`)"
        )

    def active_cell(self) -> int:
        """Return the index of the cell that JupyterLab's shortcuts act on."""
        return self.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex")

    def kernel_status(self) -> str:
        """Return what JupyterLab knows of the kernel: "idle", "busy", ..."""
        return self.page.evaluate(f"{SESSION}?.kernel?.status")

    def wait_for_kernel(self, status: str) -> None:
        """Wait until the kernel has this status."""
        self.page.wait_for_function(
            f"status => {SESSION}?.kernel?.status === status",
            arg=status,
            timeout=PATIENCE_S * 1000,
        )

    def change_theme(self, theme: str) -> None:
        """Change to "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        # JupyterLab removes its splash a moment later, and a second change's before its time.
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light"
            " && !document.getElementById('jupyterlab-splash')",
            arg=str("Light" in theme).lower(),
        )

    def listeners(self, widget: CourseWidget) -> tuple[int, int]:
        """Return how many listeners a view puts on its model, and how many it leaves there."""
        # JupyterLab removes them all with the view; an exported page does not.
        traits = {name: getattr(widget, name) for name in widget.keys if name[0] != "_"}
        numbers = {name: list(one) for name, one in traits.items() if isinstance(one, bytes)}
        plain = {name: one for name, one in traits.items() if isinstance(one, dict)}
        return tuple(self.page.evaluate(RENDER_AND_STOP, [widget._esm, plain, numbers]))

    def _select(self, index: int) -> None:
        self.page.evaluate(
            "index => { Object.assign(jupyterapp.shell.currentWidget.content,"
            " { activeCellIndex: index, mode: 'command' }); }",
            index,
        )

    def _command(self, name: str) -> None:
        """Run a command of JupyterLab to its end, or fail after a while."""
        self.page.evaluate(
            "([name, seconds]) => Promise.race([jupyterapp.commands.execute(name).then(() => 0),"
            " new Promise((_, fail) => setTimeout("
            "  () => fail(new Error(`${name} not done in ${seconds} s`)), 1000 * seconds))])",
            [name, PATIENCE_S],
        )


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start one JupyterLab that knows nothing of the user's own settings."""
    home = tmp_path_factory.mktemp("jupyter")
    folder = tmp_path_factory.mktemp("notebooks")
    for name, settings in LAB_SETTINGS.items():
        path = home / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    port = _free_port()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
        *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    # away from the repository's own nbgrader configuration
    with _serve(command, port, home, folder) as url:
        yield Lab(url, folder, home / "JUPYTER_DATA_DIR")


@pytest.fixture(scope="module")
def student_lab(tmp_path_factory):
    """Run `embedlab start` in a course of one empty lecture."""
    home, root = tmp_path_factory.mktemp("student"), tmp_path_factory.mktemp("course")
    (root / "lectures").mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# 01 · Nothing")],
        metadata={"embedlab": {"lecture": "01_nothing", "version": "0" * 12}},
    )
    nbformat.write(notebook, root / "lectures" / "01_nothing.ipynb")
    settings = {
        "LabApp": {"expose_app_in_browser": True},
        "IdentityProvider": {"token": ""},
        "ServerApp": {"disable_check_xsrf": True},
    }
    (home / "JUPYTER_CONFIG_DIR").mkdir()
    config = home / "JUPYTER_CONFIG_DIR" / "jupyter_server_config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    port = _free_port()
    code = "import sys; from pathlib import Path; from embedlab.start import start; "
    code += "start(Path(sys.argv[1]), browser=False, port=int(sys.argv[2]))"
    with _serve([sys.executable, "-c", code, str(root), str(port)], port, home, root) as url:
        yield Lab(url, root / "my_work", home / "JUPYTER_DATA_DIR")


@pytest.fixture(scope="session")
def all_open():
    """Return the notebooks that are open now."""
    return []


@pytest.fixture(scope="module")
def open_notebook(lab: Lab, browser: Browser, all_open: list[OpenNotebook]):
    """Return open_notebook(path): copies a notebook to JupyterLab's folder and opens the copy.

    It stays open for all tests of the module that share it.
    """
    yield from _opener(lab, browser, all_open)


@pytest.fixture(scope="module")
def open_as_student(student_lab: Lab, browser: Browser, all_open: list[OpenNotebook]):
    """Return open_as_student(path), which is `open_notebook` in what `embedlab start` runs."""
    yield from _opener(student_lab, browser, all_open)


def _opener(lab, browser, all_open):
    opened = []

    def open_copy(path: Path, width: int = 1280, height: int = 1000) -> OpenNotebook:
        copy = Path(shutil.copy(path, lab.folder))
        page = browser.new_page(viewport={"width": width, "height": height})
        notebook = OpenNotebook(copy, page)
        opened.append(notebook)
        all_open.append(notebook)
        _watch(notebook, lab.url)
        # A workspace of its own, emptied: no tabs left over from another test.
        workspace = f"{path.stem}-{len(opened)}"
        page.goto(f"{lab.url}lab/workspaces/{workspace}/tree/{path.name}?reset")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=PATIENCE_S * 1000)
        notebook.wait_for_kernel("idle")
        return notebook

    yield open_copy
    for notebook in opened:
        all_open.remove(notebook)
        notebook.page.close()


@pytest.fixture(autouse=True)
def no_problem_in_any_page(all_open: list[OpenNotebook]):
    """Fail a test that leaves an error or a request to elsewhere in a page it used."""
    yield
    problems = [problem for notebook in all_open for problem in notebook.problems]
    assert problems == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """After a failure, save what the pages show, and say where."""
    report = yield
    if report.failed:
        for notebook in item.funcargs.get("all_open", ()):
            picture = notebook.path.with_suffix(".png")
            try:
                notebook.page.screenshot(path=picture)
            except Error as error:  # a page that hangs: its test's report must not be lost
                picture = error
            report.sections.append(("screenshot", str(picture)))
    return report


def _watch(notebook: OpenNotebook, url: str) -> None:
    page, problems = notebook.page, notebook.problems

    def elsewhere(address):
        return not address.startswith((url, url.replace("http", "ws", 1), "data:", "blob:"))

    def block_request(route):
        problems.append(f"request to {route.request.url}")
        route.abort()

    def block_socket(socket):
        problems.append(f"connection to {socket.url}")
        socket.close()

    def check_console(message):
        if message.type == "error":
            problems.append(f"console error: {message.text}")

    page.route(elsewhere, block_request)
    page.route_web_socket(elsewhere, block_socket)
    page.on("console", check_console)
    page.on("pageerror", lambda error: problems.append(f"uncaught error: {error}"))


@contextlib.contextmanager
def _serve(command: list[str], port: int, home: Path, folder: Path):
    """Run a JupyterLab with all its own folders in `home`; yield its address."""
    page = home / "JUPYTER_CONFIG_DIR" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps(PAGE_SETTINGS), encoding="utf-8")
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {name: str(home / name) for name in OWN_FOLDERS},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for_server(server, port, log)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_server(server: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)
