"""Every figure of every lecture, as its executed solution holds it, moved in a real browser.

The families are driven in JupyterLab by tests of their own; here it is each lecture's own numbers.
"""

import nbformat
import pytest

from autograder.notebooks import WIDGET_STATES
from autograder.paths import solution_path

PERSONAL = ("RateFilms", "YourList")  # a saved notebook holds nothing that they could show
SHOW = """
async ([code, css, plain, buffers]) => {
    const bytes = text => new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const { default: family } = await import(url);
    const listeners = {};
    const model = {
        get: name => name in buffers ? bytes(buffers[name]) : plain[name],
        set(name, value) {
            plain[name] = value;
            for (const listener of listeners[`change:${name}`] ?? []) listener();
        },
        on(event, listener) { (listeners[event] ??= []).push(listener); },
        off() {}, save_changes() {},
    };
    document.body.innerHTML = "<style></style><div></div>";
    document.body.firstChild.textContent = css;
    family.render({ model, el: document.body.lastChild });
}
"""


@pytest.fixture(scope="module")
def figures(lecture):
    """The saved models of the lecture's figures."""
    notebook = nbformat.read(solution_path(lecture), as_version=4)
    models = notebook.metadata.widgets[WIDGET_STATES]["state"].values()
    return [model for model in models if "_esm" in model["state"]]


def test_every_figure_of_the_lecture_moves(lecture, figures, browser):
    assert figures, f"{lecture} shows no figure"
    with browser.new_context(offline=True) as context:
        for model in figures:
            page, problems = context.new_page(), []
            page.on("pageerror", lambda error, problems=problems: problems.append(str(error)))
            page.on("console", lambda message, problems=problems: problems.append(message.text))
            state = model["state"]
            buffers = {one["path"][0]: one["data"] for one in model.get("buffers", [])}
            page.evaluate(SHOW, [state["_esm"], state["_css"], state, buffers])
            if state["_anywidget_id"].endswith(PERSONAL):
                assert "Run this cell to see your" in page.locator("body > div").inner_text()
                assert problems == []
                page.close()
                continue
            # Home and End move a slider, and choose the first and the last of a drop-down;
            # where there is neither, two words are typed
            controls = page.get_by_role("slider").all() or page.get_by_role("combobox").all()
            boxes = [] if controls else page.get_by_role("searchbox").all()
            assert controls or boxes, state["_anywidget_id"]
            for control in controls or boxes:
                seen = []
                for step in ("cat", "rain") if boxes else ("Home", "End"):
                    control.fill(step) if boxes else control.press(step)
                    results = page.locator("body > div ol" if boxes else "body > div")
                    seen.append(results.first.screenshot())
                name = control.locator("..").inner_text()
                assert seen[0] != seen[1], f"{lecture}: nothing moves with {name!r}"
            assert problems == []
            page.close()
