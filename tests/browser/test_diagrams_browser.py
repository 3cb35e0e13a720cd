"""Diagrams and figures in a real JupyterLab: readable in both themes, and within a narrow page."""

import nbformat
import pytest
from playwright.sync_api import expect

DRAW = """
import numpy as np
from embedlab.diagrams import attention_pipeline, bert4rec, factorization, field_vectors, film_map
from embedlab.diagrams import fm_row, graph_convolution, in_batch, pca, slim_column, two_towers
"""
CELLS = (
    "U, M = np.eye(3)[:, :2], np.array([[2.0, -1.25], [-1.0, 2.0], [1.0, 1.0], [0.0, 0.0]])\n"
    "films = ['Notting Hill', 'Die Hard', 'Speed', 'March of the Penguins']\n"
    "factorization(U @ M.T, U, M, 1, 1, ['Ann', 'Ben', 'Cleo'], films)",
    "slim_column(0.25 * (1 - np.eye(5)), [1, 0, 1, 1, 0], 3, ['SW', 'PF', 'Sh', 'FG', 'Si'])",
    "letters = ['SW', 'PF', 'Sh', 'FG', 'Si']\n"
    "rows = np.eye(19)[:8] + np.eye(19)[:, ::-1][:8] / 3\n"
    "rows[:, 13] = 18.26\n"
    "blocks = {'user': [31, 47, 74], 'film': letters, 'other films': letters, 'time': [''],\n"
    "          'last film': letters}\n"
    "fm_row(rows, blocks, [4.5] * 8)",
    "X, W = np.sin(np.arange(20)).reshape(4, 5), np.cos(np.arange(45)).reshape(3, 5, 3)\n"
    "mask = np.tril(np.ones((4, 4), bool))\n"
    "attention_pipeline(X, *W, mask, 2, ['Toy Story', 'Alien', 'Seven', 'Vertigo'])",
    "titles = [f'film {n}' for n in range(40)]\n"
    "places = np.random.default_rng(0).normal(size=(40, 2))\n"
    "film_map(places, titles, ['comedy', 'other'] * 20, titles[:5], ('humour', 'length'))",
    "texts = ['lawyer', 'balance scale', 'police officer', 'salad', 'court']\n"
    "layers = np.sin(np.arange(100.0)).reshape(5, 20), np.cos(np.arange(60.0)).reshape(5, 12)\n"
    "two_towers(texts, [['#la', 'law', 'awy', 'wye', 'yer', 'er#']] * 5, layers, gamma=10)",
    "V = np.random.default_rng(0).normal(size=(5, 4, 3))\n"
    "field_vectors(V, [2, 0, 0, 1, 3], (0, 4), ['2013', 'red', 'yellow', 'Volvo', 'leather'],\n"
    "              ['colour', 'brand', 'year', 'seats'])",
    "U, V = np.sin(np.arange(20)).reshape(5, 4) - 1, np.cos(np.arange(20)).reshape(5, 4) + 1\n"
    "names = ['Ann', 'Benedikta', 'Cleo', 'Dan', 'Eve']\n"
    "in_batch(U, V, 2, names, ['Toy Story', 'Alien', 'March of the Penguins', 'Seven', 'Speed'])",
    "M = np.eye(5) + np.eye(5, k=1) + np.eye(5, k=-1) + (np.arange(5) == 0)[:, None]\n"
    "H, W = np.sin(np.arange(15)).reshape(5, 3) - 1, np.cos(np.arange(6)).reshape(3, 2)\n"
    "graph_convolution(M / M.sum(1, keepdims=True), H, W, 0, ['plaintiff', 'Ann', 'B', 'C', 'D'],\n"
    "                  relu=False)",
    "W, C = np.sin(np.arange(12)).reshape(6, 2) * 3 - 1, np.cos(np.arange(10)).reshape(5, 2)\n"
    "pca(W @ C.T + 0.25, W, C, 2, ['Ann', 'Benedikt', 'Cleo', 'Dan', 'Eve', 'Fred'],\n"
    "    ['top', 'left', 'mid', 'right', 'ink'])",
    "E, P, H = np.sin(np.arange(108)).reshape(3, 6, 6)\n"
    "films = ['Toy Story', 'Alien', 'Seven', 'Vertigo', 'Die Hard', 'Speed']\n"
    "scores = 3 * np.cos(np.arange(18)).reshape(3, 6)\n"
    "bert4rec(films, np.array([0, 1, 0, 0, 1, 1]), E, P, H, scores, films, 2)",
)
FIGURE = """
import matplotlib.pyplot as plt
from embedlab import Lecture
lecture = Lecture("01_matrix_factorization")
plt.figure(figsize=(5, 3))
plt.plot([1, 2], [3, 4], "k")
plt.xlabel("rounds")
plt.ylabel("error")
plt.show()
"""
LUMINANCE = """
const luminance = rgb => {
    const [r, g, b] = rgb.map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
};
const paper = () =>
    numbers(getComputedStyle(document.querySelector(".jp-Notebook")).backgroundColor);
const over = (colour, back, opacity) => {
    const [r, g, b, a = 1] = numbers(colour);
    return [r, g, b].map((v, i) => v * a * opacity + back[i] * (1 - a * opacity));
};
"""
# Of every text: the contrast with the shade it stands on, if any.
OF_TEXTS = (
    "svg => {"
    + LUMINANCE
    + """
    const rects = [...svg.querySelectorAll("g.cells rect[fill-opacity]")].map(one =>
        [one.getBoundingClientRect(), getComputedStyle(one)]);
    return [...svg.querySelectorAll("text")].filter(one => getComputedStyle(one).display !== "none")
        .map(one => {
            const { x, y, width, height } = one.getBoundingClientRect();
            const [cx, cy] = [x + width / 2, y + height / 2];
            let back = paper();
            for (const [box, style] of rects) {
                if (box.left < cx && cx < box.right && box.top < cy && cy < box.bottom)
                    back = over(style.fill, back, Number(style.fillOpacity));
            }
            return [one.textContent, contrast(over(getComputedStyle(one).fill, back, 1), back)];
        });
}"""
)
OUTSIDE = """
svg => [...svg.querySelectorAll("text, rect, path")]
    .filter(one => getComputedStyle(one).display !== "none")
    .map(one => [one.textContent, one.getBoundingClientRect(), svg.getBoundingClientRect()])
    .filter(([, a, b]) => a.left < b.left - 1 || a.right > b.right + 1
        || a.top < b.top - 1 || a.bottom > b.bottom + 1)
    .map(([text]) => text)
"""
# The darkest and the lightest colour of what is drawn of a picture, filters of the page included.
INK = """
async image => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.filter = getComputedStyle(image).filter;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const seen = [];
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 250) seen.push(data[i]);
    return [data[3], Math.min(...seen), Math.max(...seen)];
}
"""


@pytest.fixture(scope="module")
def notebook(open_notebook, tmp_path_factory):
    """All diagrams and, in the last cell, a figure, 820 pixels wide, without the side bar."""
    cells = [nbformat.v4.new_code_cell(source) for source in (DRAW, *CELLS, FIGURE)]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path_factory.mktemp("source") / "diagrams.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path, width=820)
    notebook.page.evaluate("jupyterapp.shell.collapseLeft()")
    notebook.run_all()
    return notebook


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark"])
def theme(request, notebook):
    notebook.change_theme(request.param)
    yield request.param
    notebook.change_theme("JupyterLab Light")


DIAGRAMS = range(1, len(CELLS) + 1)


@pytest.mark.parametrize("index", DIAGRAMS)
def test_a_narrow_page_has_room_for_all_of_it(notebook, index):
    picture = notebook.cell(index).locator(".embedlab-diagram svg")
    expect(picture).to_be_visible()
    box = notebook.cell(index).locator(".embedlab-diagram")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert picture.evaluate(OUTSIDE) == []
    assert picture.evaluate(
        "svg => Math.min(...[...svg.querySelectorAll('text')].map(text =>"
        " parseFloat(text.getAttribute('font-size')) * svg.getScreenCTM().a))"
    ) >= 12  # fmt: skip


@pytest.mark.parametrize("index", DIAGRAMS)
def test_words_and_numbers_stand_out_in_both_themes(notebook, theme, index):
    picture = notebook.cell(index).locator(".embedlab-diagram svg")
    pale = [(text, seen) for text, seen in picture.evaluate(OF_TEXTS) if seen < 3.9]
    assert pale == []


def test_users_and_films_have_the_colours_of_the_widgets(notebook, theme):
    colours = notebook.cell(1).locator(".embedlab-diagram svg").evaluate(
        "svg => ['user', 'item'].map(name => getComputedStyle(svg.querySelector("
        "`.outline.${name}`)).stroke)"
    )  # fmt: skip
    assert (
        colours
        == {
            "JupyterLab Light": ["rgb(0, 114, 178)", "rgb(213, 94, 0)"],
            "JupyterLab Dark": ["rgb(86, 180, 233)", "rgb(240, 160, 48)"],
        }[theme]
    )


def test_a_map_tells_the_title_of_the_film_under_the_mouse(notebook):
    cell = notebook.cell(5)
    spot = cell.locator(".spot").nth(30)
    title = spot.locator("xpath=../*[name()='text']")
    expect(title).to_be_hidden()
    spot.hover(force=True)
    expect(title).to_be_visible()
    assert title.text_content() == "film 30"


def test_a_figure_has_no_paper_and_its_ink_follows_the_theme(notebook, theme):
    picture = notebook.cell(len(CELLS) + 1).get_by_role("img", name="error against rounds")
    alpha, darkest, lightest = picture.evaluate(INK)
    assert alpha == 0
    assert darkest < 40 if "Light" in theme else lightest > 215, (darkest, lightest)
