"""Every widget family, saved from JupyterLab as a page and opened without any server."""

import inspect

import nbformat
import pytest
from playwright.sync_api import expect

from embedlab import widgets
from embedlab.widgets.base import CourseWidget


# Each makes a small widget; they also run as cells of the notebook.
def moving_vectors():
    import numpy as np

    from embedlab.widgets import MovingVectors, descent_states

    target, start = np.array([[1.0, np.nan], [2.0, -1.0]]), np.array([[1.0, 0.5], [-0.5, 1.0]])
    names = ["</script>", "B & <b>"]  # what must not end the page's script
    states = descent_states(
        target,
        start,
        start,
        lambda u, m: (u * 0.9, m * 1.1),
        lambda u, m: 1.0,
        range(9),
        names,
        names,
    )
    return MovingVectors(states, range(9))


def slim_sparsity():
    import numpy as np

    from embedlab.data.ratings import load_movielens_small, split_at_random
    from embedlab.widgets import SlimSparsity, sparsity_states

    train, test = split_at_random(load_movielens_small().with_popular_films(300), 0.2, seed=1)

    def fit(gram, l1, l2):
        weights = np.maximum(gram - 30 * l1, 0) / (gram.max() * l2)
        np.fill_diagonal(weights, 0)
        return weights

    return SlimSparsity(sparsity_states(train, test, fit, (1, 2, 3), (1, 2, 3), np.arange(3)))


def heat_maps():
    import numpy as np

    from embedlab.widgets import HeatMaps, heat_states

    values = np.random.default_rng(0).normal(size=(5, 2, 3, 4))
    values[:, 1, 0, 0] = np.nan
    names = [f"state {n}" for n in range(5)], ["left", "right"], list("abc"), list("pqrs")
    return HeatMaps(heat_states(values, *names), slider="state")


def curves():
    import numpy as np

    from embedlab.widgets import Curves, curve_states

    values = np.random.default_rng(0).normal(size=(3, 2, 7))
    return Curves(curve_states(np.arange(7), values, ["one", "other"], "abc"), x="x", y="y")


def emoji_search():
    import numpy as np

    from embedlab.data.emoji import Emoji
    from embedlab.widgets import EmojiSearch, search_states

    emoji = Emoji(("A", "B"), ("</script> cat", "dog"), (("pet", "purr"), ("bone",)))
    rng = np.random.default_rng(0)
    sizes = [(5,), (5, 3), (3,), (3, 2), (2,)]
    arrays = [rng.normal(size=size) for size in sizes]
    trigrams = ["#ca", "cat", "#do", "#pe", "bon"]
    return EmojiSearch(search_states(emoji, trigrams, *arrays), examples=["cat"])


def field_triangle():
    import numpy as np

    from embedlab.widgets import FieldTriangle, triangle_states

    rng = np.random.default_rng(0)
    fm = 0.5, rng.normal(size=7), rng.normal(size=(7, 2))
    ffm = 0.5, rng.normal(size=7), rng.normal(size=(7, 3, 2))
    states = triangle_states("abc", np.array([0, 0, 0, 1, 1, 2, 2]), list("pqrstuv"), fm, ffm)
    return FieldTriangle(states)


def in_batch_matrix():
    import numpy as np

    from embedlab.widgets import InBatchMatrix, in_batch_states

    vectors = np.random.default_rng(0).normal(size=(3, 2))
    names = ["</script>", "B & <b>", "third"]
    return InBatchMatrix(in_batch_states(vectors, vectors, [0.1, 0.2, 0.3], names, names))


def loss_plane():
    from embedlab.widgets import LossPlane

    return LossPlane(loss="triplet", names=["</script>", "B & <b>", "negative"])


def mixing_graph():
    import numpy as np

    from embedlab.widgets import MixingGraph, mixing_states

    matrices = {"row": np.full((3, 3), 1 / 3), "none": np.ones((3, 3))}
    names = ["</script>", "B & <b>", "third"]
    states = mixing_states(matrices, np.eye(3), names, range(4))
    return MixingGraph(states, range(4), ["normalization"])


def moving_points():
    import numpy as np

    from embedlab.widgets import MovingPoints, point_states

    positions = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    names = ["</script>", "B & <b>", "third", "fourth"]
    groups = list("xyxy"), list("xy")
    return MovingPoints(
        point_states(positions, np.ones((2, 3)), [0, 1, 9], "ab", names, *groups, names)
    )


def pictures():
    import numpy as np

    from embedlab.widgets import Pictures, picture_states

    rows = {"</script>": np.random.default_rng(0).random((2, 3, 4, 5, 6)) - 0.5}
    names = [1, 2, 3], list("abcd")
    numbers = {"B & <b>": np.arange(6.0).reshape(2, 3)}
    states = picture_states(rows, *names, signed=rows, choice_names="no", numbers=numbers)
    return Pictures(states)


def masked_history():
    import numpy as np

    from embedlab.widgets import MaskedHistory, masked_history_states

    rng = np.random.default_rng(0)
    histories = [[0, 1, 2, 1], [2, 0]]
    logits = [rng.normal(size=(len(h), 3)) for h in histories]
    weights = [rng.dirichlet(np.ones(len(h)), size=(len(h), 2, 1)) for h in histories]
    names = ["</script>", "B & <b>", "third"], ["Ann", "Ben"]
    return MaskedHistory(masked_history_states(histories, logits, weights, *names, k=2))


MAKERS = {
    "Curves": curves,
    "EmojiSearch": emoji_search,
    "FieldTriangle": field_triangle,
    "HeatMaps": heat_maps,
    "InBatchMatrix": in_batch_matrix,
    "LossPlane": loss_plane,
    "MixingGraph": mixing_graph,
    "MovingPoints": moving_points,
    "MaskedHistory": masked_history,
    "MovingVectors": moving_vectors,
    "Pictures": pictures,
    "SlimSparsity": slim_sparsity,
}


PERSONAL = {"RateFilms", "YourList"}  # of a page they would keep nothing: see test_rate_browser.py


def test_every_family_is_here():
    families = [getattr(widgets, name) for name in widgets.__all__]
    assert MAKERS.keys() | PERSONAL == {
        family.__name__
        for family in families
        if isinstance(family, type) and issubclass(family, CourseWidget)
    }


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """A notebook with one family per cell, in the order of MAKERS."""
    sources = (f"{inspect.getsource(maker)}\n{maker.__name__}()" for maker in MAKERS.values())
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "saved.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(len(cells)):
        notebook.run_cell(index)
    return notebook


def control(view):
    """Return the first slider or drop-down of a widget, or its search box."""
    return view.locator("input[type=range], input[type=search], select").first


def move(view, n):
    """Show state n = 0 or 1 of a family."""
    box = view.get_by_role("searchbox")
    if box.count():
        box.fill(["a cat", "dogs"][n])
    else:
        control(view).press(["Home", "ArrowRight"][n])


# The page, all its widgets open, and the same page with one family's rules at the end of it.
STYLES = """
([view, css]) => {
    const styles = () => [...view.querySelectorAll("*")].map(element => {
        const computed = getComputedStyle(element);
        return [...computed].map(name => `${name}: ${computed.getPropertyValue(name)}`);
    });
    const before = styles(), sheet = document.createElement("style");
    sheet.textContent = css;
    document.head.append(sheet);
    const after = styles();
    sheet.remove();
    return before.flatMap((one, n) => one.filter((rule, m) => rule !== after[n][m]));
}
"""


@pytest.mark.parametrize("width", [1280, 700])
@pytest.mark.parametrize("family", MAKERS)
def test_no_other_family_on_the_page_takes_a_rule_away(notebook, family, width):
    # Each brings what all share along, so that stands after the rules of those shown before.
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    view = notebook.cell(list(MAKERS).index(family)).locator(".course-widget").element_handle()
    css = getattr(widgets, family)._css
    assert notebook.page.evaluate(STYLES, [view, str(css)]) == []
    notebook.page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("family", MAKERS)
def test_a_saved_page_shows_what_was_seen_and_moves_offline(notebook, browser, tmp_path, family):
    view = notebook.cell(list(MAKERS).index(family)).locator(".course-widget")
    move(view, 1)
    save = view.get_by_role("button", name="Save as a page")
    with notebook.page.expect_download() as download:
        save.click()
    assert download.value.suggested_filename.endswith(".html")
    path = tmp_path / "saved.html"
    download.value.save_as(path)
    seen = view.inner_text().replace(save.inner_text(), "").strip()

    with browser.new_context(offline=True) as context:
        page, problems = context.new_page(), []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on("request", lambda request: problems.append(request.url))
        page.goto(path.as_uri())
        saved = page.locator(".course-widget")
        expect(control(saved)).to_be_visible()
        assert saved.inner_text().strip() == seen
        move(saved, 0)
        assert control(saved).input_value() in ("0", "a cat")
        assert saved.inner_text().strip() != seen
        assert problems == [path.as_uri()]
