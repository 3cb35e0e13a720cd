"""How `embedlab start` reads and saves notebooks, so that figures survive without a kernel.

JupyterLab puts the state of every widget that it has met into a saved notebook, also of those that
a cell run again has replaced: a week of work would be megabytes of figures that nobody sees. And
where a figure's state is missing it shows an error. Both are mended here, on the way to and from
the file.
"""

import json
import re

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from embedlab.widgets.base import RUN_AGAIN

VIEW = "application/vnd.jupyter.widget-view+json"
STATES = "application/vnd.jupyter.widget-state+json"
MODEL_ID = re.compile(r"[0-9a-f]{32}")


class CourseContents(AsyncLargeFileManager):
    """Files as JupyterLab reads and saves them, with `tidy_figures` applied to notebooks."""

    async def get(self, path, content=True, type=None, format=None, **options):
        """Return a file's model; what the file holds stays as it is."""
        model = await super().get(path, content, type, format, **options)
        if model["type"] == "notebook" and content:
            tidy_figures(model["content"])
        return model

    async def save(self, model, path=""):
        """Save a file's model."""
        if model.get("type") == "notebook" and model.get("content"):
            tidy_figures(model["content"])
        return await super().save(model, path)


def tidy_figures(notebook: dict) -> None:
    """Keep, in place, the widget states that an output shows, and the views that have a state.

    An output without its state says to run the cell instead. A notebook of any other form than
    nbformat 4 is left as it is.
    """
    shown = [
        output["data"]
        for cell in notebook.get("cells", [])
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    states = notebook.get("metadata", {}).get("widgets", {}).get(STATES, {}).get("state", {})
    for data in shown:
        if data[VIEW].get("model_id") not in states:
            del data[VIEW]
            data.setdefault("text/html", RUN_AGAIN)
    if not states:
        return
    kept, found = set(), {data[VIEW]["model_id"] for data in shown if VIEW in data}
    while found:  # a state names the models it consists of, such as its layout
        kept |= found
        named = {name for one in found for name in MODEL_ID.findall(json.dumps(states[one]))}
        found = (named & states.keys()) - kept
    for unseen in states.keys() - kept:
        del states[unseen]
