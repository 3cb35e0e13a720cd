"""What the diagrams draw, read back from their SVG."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from embedlab.diagrams import (
    Diagram,
    Sketch,
    attention_pipeline,
    bert4rec,
    factorization,
    field_vectors,
    film_map,
    fm_row,
    graph_convolution,
    in_batch,
    number,
    pca,
    slim_column,
    two_towers,
)
from embedlab.diagrams.sketch import COLOURS, RING, SHAPES

SVG = "{http://www.w3.org/2000/svg}"
USERS, FILMS = ["Ann", "Ben", "Cleo"], ["Notting Hill", "Die Hard", "Speed", "Penguins"]
U = np.array([[2.0, 0.0], [-1.0, 2.0], [1.0, 1.5]])
M = np.array([[2.0, -1.0], [-1.0, 2.5], [1.0, 1.0], [0.0, 0.0]])
R = np.array([[4, np.nan, 2, 0], [-4, 6, np.nan, 1], [np.nan, 3, 2, 0]])
W = np.array([[0, 0.3, 0.1, 0], [0.25, 0, 0, 0.2], [0.1, 0, 0, 0.4], [0, 0.2, 0.35, 0]])
WATCHED = np.array([1, 0, 1, 1])
SHORT = ["SW", "PF", "Sh", "FG"]
ROWS = np.array([[1, 0, 0, 1, 0, 18.26], [0, 1, 1, 0, 0, 0.0], [0, 1, 0, 0, 1, 3.5]])
BLOCKS = {"user": [31, 47], "film": ["A", "B", "C"], "time": [""]}
X = np.random.default_rng(1).normal(size=(3, 5))
W_Q, W_K = np.random.default_rng(2).normal(size=(2, 5, 4))
W_V = np.random.default_rng(3).normal(size=(5, 2))
TEXTS = ["lawyer", "balance scale", "police officer", "salad"]
TRIGRAMS = [["#la", "law", "awy", "wye", "yer", "er#"], ["#ba"] * 12, ["#po", "pol"], ["#sa"]]
HIDDEN, VECTORS = (np.random.default_rng(n).normal(size=(4, 10 - 3 * n)) for n in (0, 1))
V = np.array([[[1.0, 0.0], [0.5, -1.0], [1.0, 1.0]], [[2.0, -1.0], [0.0, 1.0], [1.0, 0.5]],
              [[1.5, 0.5], [-2.0, 1.0], [0.25, 0.0]]])  # fmt: skip
MIXING = np.array([[2, 2, 0, 0], [1, 1, 2, 0], [0, 2, 1, 1], [0, 0, 2, 2]]) / 4
HELD = np.array([[1.0, -2.0], [3.0, 0.0], [0.0, 4.0], [2.0, 2.0]])
FILTER = np.array([[1.0, -0.5, 0.0], [0.5, 0.0, -1.0]])
DATA = np.array([[1.0, -2, 0.5, 0.5], [0.0, 1, -1, 0], [-1.0, 1, 0.5, -0.5]])
COORDINATES = np.array([[-2.0, 0.5], [1.25, 0.0], [0.75, -0.5]])
DIRECTIONS = np.array([[-0.5, -0.3], [0.75, -0.5], [-0.35, 0.8], [0.1, 0.15]])
FLOWN, HIDDEN_PLACES = ["ATL", "BOS", "ATL", "MCO"], np.array([False, True, False, True])
PLACES = ["ATL", "BOS", "CLT", "MCO", "SFO"]
LOOKED_UP, POSITIONS, STATES = np.random.default_rng(7).normal(size=(3, 4, 5))
SCORES = np.array([[1.0, 2.5, 0.0, 0.5, -1.0], [4.0, 0.0, 1.0, 2.0, 0.0]])
MASK = np.array([[False, False, False], [False, True, False], [False, True, True]])


def make(name, **change):
    """Draw one of the examples, with some arguments changed."""
    function, arguments = {
        "factorization": (
            factorization,
            dict(
                ratings=R, user_factors=U, item_factors=M, user=2, item=1, user_names=USERS,
                item_names=FILMS,
            ),
        ),
        "slim_column": (slim_column, dict(weights=W, watched=WATCHED, film=3, names=SHORT)),
        "field_vectors": (
            field_vectors,
            dict(
                vectors=V, fields=[0, 1, 2], pair=(1, 2), feature_names=["2013", "red", "Volvo"],
                field_names=["year", "colour", "brand"],
            ),
        ),
        "fm_row": (fm_row, dict(rows=ROWS, blocks=BLOCKS, targets=[4.5, 3.0, 1.0])),
        "attention_pipeline": (
            attention_pipeline,
            dict(
                inputs=X, w_queries=W_Q, w_keys=W_K, w_values=W_V, mask=MASK, place=2,
                names=SHORT[:3],
            ),
        ),
        "bert4rec": (
            bert4rec,
            dict(
                history=FLOWN, hidden=HIDDEN_PLACES, vectors=LOOKED_UP, positions=POSITIONS,
                states=STATES, scores=SCORES, item_names=PLACES, n_layers=2,
            ),
        ),
        "two_towers": (
            two_towers,
            dict(names=TEXTS, pieces=TRIGRAMS, layers=[HIDDEN, VECTORS], gamma=2.0),
        ),
        "pca": (
            pca,
            dict(
                data=DATA, coordinates=COORDINATES, directions=DIRECTIONS, instance=0,
                instance_names=USERS, feature_names=["width", "height", "ink", "slope"],
            ),
        ),
        "in_batch": (
            in_batch,
            dict(
                user_vectors=U, film_vectors=M[:3], row=2, user_names=USERS, film_names=FILMS[:3]
            ),
        ),
        "graph_convolution": (
            graph_convolution,
            dict(matrix=MIXING, features=HELD, weights=FILTER, node=1, names=SHORT),
        ),
    }[name]  # fmt: skip
    return function(**arguments | change)


ALL = (
    *("factorization", "slim_column", "field_vectors", "fm_row"),
    *("attention_pipeline", "bert4rec", "in_batch", "two_towers", "pca", "graph_convolution"),
)
PARAMETER = {
    "factorization": ("user", 1),
    "slim_column": ("film", 1),
    "field_vectors": ("pair", (0, 2)),
    "fm_row": ("targets", [4.5, 3.0, 2.0]),
    "attention_pipeline": ("place", 1),
    "bert4rec": ("n_layers", 1),
    "two_towers": ("gamma", 3.0),
    "in_batch": ("row", 1),
    "graph_convolution": ("node", 0),
    "pca": ("instance", 2),
}


def blocks(diagram):
    """Return the blocks of cells as (colour, [[opacity of a cell]]), in the order of drawing."""
    found, colour, shaded = [], None, {}
    for element in ElementTree.fromstring(diagram.svg):
        kind = element.get("class", "").split()
        if kind[:1] == ["cells"]:
            colour = kind[1]
            shaded = {
                (float(rect.get("x")), float(rect.get("y"))): float(rect.get("fill-opacity", 0))
                for rect in element
            }
        elif kind == ["grid"] and element.get("d"):  # no frame of a plane
            lines = re.findall(r"M([-\d.]+) ([-\d.]+)([vh])", element.get("d"))
            xs = sorted({float(x) for x, _, way in lines if way == "v"})[:-1]
            ys = sorted({float(y) for _, y, way in lines if way == "h"})[:-1]
            found.append((colour, [[shaded.get((x, y), 0.0) for x in xs] for y in ys]))
    return found


def texts(diagram):
    return [
        "".join(each.itertext()) for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}text")
    ]


def outlines(diagram):
    return [
        (each.get("class").split()[1], [float(each.get(k)) for k in ("x", "y", "width", "height")])
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}rect")
        if each.get("class", "").startswith("outline")
    ]


# ---- what holds for all ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_is_one_picture_that_says_what_it_shows(name):
    diagram = make(name)
    root = ElementTree.fromstring(diagram.svg)  # well-formed
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == diagram.title
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text == diagram.description
    assert diagram.description.endswith(".")
    assert len(diagram.description.split()) > 12


@pytest.mark.parametrize("name", ALL)
def test_refers_to_nothing_and_shares_no_id_with_another(name):
    shown = make(name)._repr_html_()
    assert not re.search(r"\bid=|href|url\(|@import|<script|<image", shown)
    assert shown.count("http") == shown.count("http://www.w3.org/2000/svg") == 1


@pytest.mark.parametrize("name", ALL)
def test_colours_are_variables_that_both_themes_set(name):
    diagram = make(name)
    assert not re.search(r'(fill|stroke|color)="|#[0-9a-f]{3}', diagram.svg)
    css = diagram._repr_html_().split("</style>")[0]
    used = {kind for colour, _ in blocks(diagram) for kind in [colour]}
    assert used <= set(COLOURS)
    assert all(f".embedlab-diagram .{kind} {{ --colour: var(--" in css for kind in used)
    dark = css.index('[data-jp-theme-light="false"]')
    assert css.index("--main: #0072b2") < dark < css.index("--main: #56b4e9")
    assert css.index("--accent: #d55e00") < dark < css.index("--accent: #f0a030")


@pytest.mark.parametrize("name", ALL)
def test_letters_stay_above_twelve_pixels_however_narrow_the_page(name):
    diagram = make(name)
    root = ElementTree.fromstring(diagram.svg)
    width = float(root.get("viewBox").split()[2])
    narrowest = float(re.search(r"min-width: ([\d.]+)px", root.get("style"))[1])
    sizes = [float(text.get("font-size")) for text in root.iter(f"{SVG}text")]
    assert min(sizes) * narrowest / width >= 11.99
    assert float(np.median(sizes)) >= 15
    assert narrowest <= 620, "an open page of 820 pixels has room for 620"


@pytest.mark.parametrize("name", ALL)
def test_same_arguments_give_the_same_bytes_and_others_another_repr(name):
    assert make(name)._repr_html_() == make(name)._repr_html_()
    assert repr(make(name)) == repr(make(name))
    key, value = PARAMETER[name]
    assert repr(make(name, **{key: value})) != repr(make(name))
    assert repr(make(name)).startswith("<Diagram ")
    assert len(repr(make(name))) < 90


def test_words_of_a_lecture_cannot_end_the_picture():
    diagram = make("slim_column", names=["<b>", "A&B", "</svg>", '"'])
    assert "</svg>" in texts(diagram)


# ---- factorization -----------------------------------------------------------------------------


def test_factorization_colours_one_row_one_column_and_one_cell():
    table, pick, left, right = blocks(make("factorization"))
    assert table[0] == "ink"
    expected = np.isfinite(R) * 0.16
    expected[2, 1] = 0
    np.testing.assert_allclose(table[1], expected)
    assert pick[0] == "third"
    assert left[0] == "user"
    assert [row[0] > 0.4 for row in left[1]] == [False, False, True]
    assert right[0] == "item"
    assert np.shape(right[1]) == (2, 4)
    assert [column > 0.4 for column in right[1][0]] == [False, True, False, False]


def test_factorization_outlines_cross_in_the_cell():
    (_, row), (_, column), *_ = frames = outlines(make("factorization"))
    assert [colour for colour, _ in frames] == ["user", "item", "user", "item"]
    root = ElementTree.fromstring(make("factorization").svg)
    (pick,) = next(group for group in root.iter(f"{SVG}g") if group.get("class") == "cells third")
    assert (float(pick.get("x")), float(pick.get("y"))) == (column[0], row[1])


def test_factorization_computes_the_cell():
    shown = texts(make("factorization"))
    assert "r̂ui = pu · qi = 1 · (−1) + 1.5 · 2.5 = 2.75" in shown
    assert shown.count("k = 2") == 2
    assert "≈" in shown
    assert "=" in texts(make("factorization", ratings=U @ M.T))
    assert "?" in texts(make("factorization", item=0))


# ---- SLIM --------------------------------------------------------------------------------------


def test_slim_column_stresses_what_is_added_up():
    table, *rest = blocks(make("slim_column"))
    strong = np.array(table[1]) > 0.4
    assert np.argwhere(strong).tolist() == [[2, 3]]  # watched, and a weight in column 3
    np.testing.assert_array_equal(np.array(table[1]) > 0, W > 0)
    assert [colour for colour, cells in rest if np.shape(cells) == (1, 1)] == ["ink"] * 4 + [
        "third"
    ]
    row = next(cells for colour, cells in rest if colour == "user")
    np.testing.assert_array_equal(np.array(row[0]) > 0, WATCHED == 1)
    assert "score of FG = .4: only watched films add to it" in texts(make("slim_column"))
    shown = texts(make("slim_column", film=2))
    assert "score of Sh = .1 + .35 = .45: only watched films add to it" in shown


def test_slim_column_shows_the_zero_diagonal():
    root = ElementTree.fromstring(make("slim_column").svg)
    grey = [group[0] for group in root.iter(f"{SVG}g") if group.get("class") == "cells ink"]
    places = [(float(one.get("x")), float(one.get("y"))) for one in grey]
    assert places == [(42.0 * n, 34.0 * n) for n in range(4)]


# ---- factorization machines --------------------------------------------------------------------


def test_fm_row_has_a_colour_per_block_and_pale_zeros():
    user, film, time, target = blocks(make("fm_row"))
    assert [user[0], film[0], time[0], target[0]] == ["user", "item", "third", "ink"]
    for (_, cells), part in zip((user, film, time), np.split(ROWS, [2, 5], axis=1), strict=True):
        np.testing.assert_array_equal(np.array(cells) > 0, part != 0)
    root = ElementTree.fromstring(make("fm_row").svg)
    zeros = [each for each in root.iter(f"{SVG}text") if "".join(each.itertext()) == "0"]
    assert {each.get("class") for each in zeros} == {"faint"}
    assert len(zeros) == (ROWS == 0).sum()


def test_fm_row_names_blocks_columns_and_targets():
    shown = texts(make("fm_row"))
    for word in (*BLOCKS, "31", "47", "A", "B", "C", "18.26", "target", "4.5", "x(3)"):
        assert word in shown


# ---- fields ------------------------------------------------------------------------------------


def cell_at(diagram, row, column):
    """Return where the block of a row of V for a column of V lies, as an outline would say it."""
    grids = [
        [float(number) for number in re.findall(r"[-\d.]+", each.get("d"))]
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}path")
        if each.get("class") == "grid"
    ]
    numbers = grids[3 * column + row]  # drawn column by column
    return [numbers[0], numbers[1], 68.0, 34.0]


@pytest.mark.parametrize(
    ("pair", "cells", "said"),
    [
        ((1, 2), [(1, 2), (2, 1)], "v[red, brand] · v[Volvo, colour]\n= 1 · (−2) + .5 · 1 = −1.5"),
        ((2, 0), [(0, 2), (2, 0)], "v[2013, brand] · v[Volvo, year]\n= 1 · 1.5 + 1 · .5 = 2"),
        ((0, 1), [(0, 1), (1, 0)], "v[2013, colour] · v[red, year]\n= .5 · 2 + (−1) · (−1) = 2"),
    ],
)
def test_exactly_the_two_vectors_that_meet_are_framed_and_joined(pair, cells, said):
    diagram = make("field_vectors", pair=pair)
    assert texts(diagram)[-2:] == said.split("\n")
    framed = [cell_at(diagram, *cell) for cell in cells]
    assert outlines(diagram) == [("ink", box) for box in framed]
    upper, lower = framed
    ends = {(upper[0] + 34, upper[1] + 34), (lower[0] + 34, lower[1])}
    heads = {
        tuple(float(x) for x in re.findall(r"[-\d.]+", each.get("d"))[:2])
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}path")
        if each.get("class", "").startswith("head")
    }
    assert heads == ends


def test_a_vector_that_meets_nobody_is_pale():
    def shaded(diagram):
        return [
            [any(cells[0]) for _, cells in blocks(diagram)[3 * g : 3 * g + 3]] for g in range(3)
        ]

    assert shaded(make("field_vectors")) == [
        [row != column for row in range(3)] for column in range(3)
    ]
    two_brands = make("field_vectors", fields=[0, 2, 2], pair=(1, 2))
    assert shaded(two_brands) == [[False, True, True], [False] * 3, [True] * 3]
    assert texts(two_brands)[-2:] == ["v[red, brand] · v[Volvo, brand]", "= 1 · .25 + .5 · 0 = .25"]


# ---- attention ---------------------------------------------------------------------------------


def test_attention_has_the_shapes_of_its_arguments():
    a, q, k, v, s, w, z = blocks(make("attention_pipeline"))
    shapes = [np.shape(cells) for _, cells in (a, q, k, v, s, w, z)]
    assert shapes == [(3, 5), (3, 4), (3, 4), (3, 2), (3, 3), (3, 3), (3, 2)]
    shown = texts(make("attention_pipeline"))
    assert [text for text in shown if re.fullmatch(r"\d × \d", text)] == [
        "3 × 5", "3 × 4", "3 × 4", "3 × 2", "3 × 3", "3 × 3", "3 × 2",
    ]  # fmt: skip
    assert [a[0], q[0], k[0], v[0], z[0]] == ["item", "fourth", "third", "item", "item"]


def test_attention_weights_and_answers_are_computed():
    diagram = make("attention_pipeline")
    *_, w, z = blocks(diagram)
    scores = (X @ W_Q) @ (X @ W_K).T / 2
    expected = np.zeros((3, 3))
    expected[1, 1] = 1
    expected[2, 1:] = np.exp(scores[2, 1:]) / np.exp(scores[2, 1:]).sum()
    np.testing.assert_allclose(np.array(w[1]) / 0.4, expected, atol=0.02)
    answers = np.abs(expected @ (X @ W_V))
    np.testing.assert_allclose(z[1], 0.08 + 0.62 * answers / answers.max(), atol=0.006)
    assert texts(diagram).count("−∞") == (~MASK).sum()
    assert "Sh reads PF, Sh." in diagram.description
    assert "SW reads nothing." in make("attention_pipeline", place=0).description


# ---- BERT4Rec ----------------------------------------------------------------------------------


def test_bert4rec_hides_the_masked_items_and_frames_their_places():
    diagram = make("bert4rec")
    history, *_ = blocks(diagram)
    assert history == ("item", [[0.2], [0.0], [0.2], [0.0]])
    shown = texts(diagram)
    assert shown[: shown.index("history")] == ["ATL", "[mask]", "ATL", "[mask]"]
    frames = [box for colour, box in outlines(diagram) if colour == "third"]
    grids = [
        [float(one) for one in re.findall(r"[-\d.]+", each.get("d"))[:2]]
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}path")
        if each.get("class") == "grid"
    ]
    first, states, table = grids[0], grids[-2], grids[-1]
    for place, expected in zip((1, 3), (frames[:2], frames[2:4]), strict=True):
        assert [box[:2] for box in expected] == [
            [first[0], 30.0 * place], [states[0], 30.0 * place],
        ]  # fmt: skip
    width, height = frames[4][2:]
    assert [box[:2] for box in frames[4:]] == [  # BOS in the first row, MCO in the second
        [table[0] + width, table[1]], [table[0] + 3 * width, table[1] + height],
    ]  # fmt: skip


def test_bert4rec_has_the_vectors_of_its_arguments_and_both_halves_of_a_layer():
    _, e, p, _, *parts, h, _ = blocks(make("bert4rec"))
    for (colour, cells), values, expected in zip(
        (e, p, h), (LOOKED_UP, POSITIONS, STATES), ("item", "fourth", "item"), strict=True
    ):
        assert colour == expected
        shades = 0.06 + 0.64 * np.abs(values) / np.abs(values).max()
        np.testing.assert_allclose(cells, shades, atol=0.006)
    assert len(parts) == 4
    shown = texts(make("bert4rec"))
    at = shown.index("self-attention")
    assert shown[:at].count("norm") == 1  # after the positions
    assert shown[at : at + 4] == ["self-attention", "add & norm", "feed-forward", "add & norm"]
    assert "2 layers" in shown
    assert "1 layer" in texts(make("bert4rec", n_layers=1))
    assert shown.count("4 × 5") == 3


def test_bert4rec_computes_the_probabilities_of_the_items():
    *_, (colour, table) = blocks(make("bert4rec"))
    P = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
    assert colour == "item"
    np.testing.assert_allclose(table, 0.7 * P, atol=0.006)
    shown = texts(make("bert4rec"))
    at = shown.index("softmax of GELU(hW + b) ET + bO")
    rows = [number(value) for value in P.ravel()]
    assert [text for text in shown[:at] if re.fullmatch(r"\.?\d+|place \d", text)] == [
        *rows, "place 2", "place 4",
    ]  # fmt: skip
    assert shown[shown.index("place 2") - 5 : shown.index("place 2")] == PLACES
    assert "framed: what stood there" in shown
    said = make("bert4rec").description
    assert "Place 2, where BOS was: ATL .15, BOS .68," in said
    assert said.count("where") == 2


# ---- two towers --------------------------------------------------------------------------------


def towers(**change):
    """Return the blocks of the pieces, layers, relevances and posteriors, and all texts."""
    diagram = make("two_towers", **change)
    found = blocks(diagram)
    n, n_layers = len(change.get("names", TEXTS)), len(change.get("layers", (0, 0)))
    layers, pieces = [], []
    for colour, cells in found[: -2 * (n - 1)]:
        (layers if len(cells[0]) > 1 else pieces).append((colour, cells))
    assert len(layers) == n * n_layers
    relevance, posterior = found[-2 * (n - 1) : -(n - 1)], found[-(n - 1) :]
    return pieces, layers, relevance, posterior, texts(diagram)


def test_towers_show_the_pieces_there_is_room_for():
    pieces, *_, shown = towers()
    assert [colour for colour, _ in pieces] == ["user"] * 6 + ["item"] * (4 + 2 + 1)
    assert "+8" in shown
    assert [text for text in shown if text in TRIGRAMS[0]] == TRIGRAMS[0]
    for name in TEXTS:
        assert name in shown


def test_towers_show_the_beginning_of_every_layer_and_its_length():
    _, layers, *_, shown = towers()
    for row in range(4):
        for layer, values in enumerate((HIDDEN, VECTORS)):
            colour, cells = layers[2 * row + layer]
            assert colour == ("item" if row else "user")
            expected = 0.06 + 0.74 * np.abs(values[row, :8]) / np.abs(values).max()
            np.testing.assert_allclose(cells[0], expected, atol=0.006)
    assert "10 numbers" in shown
    assert "7 numbers" in shown
    assert shown.count("…") == 4
    assert "the same weights for all" in shown


def test_towers_compute_cosines_and_the_posterior():
    *_, relevance, posterior, shown = towers()
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    cosines = unit[1:] @ unit[0]
    P = np.exp(2 * cosines) / np.exp(2 * cosines).sum()
    np.testing.assert_allclose([c[0][0] for _, c in relevance], 0.35 * np.abs(cosines), atol=0.006)
    np.testing.assert_allclose([c[0][0] for _, c in posterior], 0.7 * P, atol=0.006)
    for value in (*cosines, *P):
        assert number(value) in shown
    assert "softmax of 2 R" in shown
    assert "cosine R" in shown
    ((colour, _),) = outlines(make("two_towers"))
    assert colour == "third"


def test_towers_of_a_history_and_of_films_have_one_layer_and_a_dot_product():
    Y = np.array([[1.0, 2.0], [3.0, 0.5], [0.0, -1.0]])
    change = dict(
        names=["Ann", "Die Hard", "Speed"], pieces=[["Alien", "Heat"], ["Die Hard"], ["Speed"]],
        layers=[Y], gamma=1.0, columns=("what enters", "vector $y$"), shared=False, cosine=False,
    )  # fmt: skip
    pieces, layers, *_, shown = towers(**change)
    assert [colour for colour, _ in pieces] == ["user"] * 2 + ["item"] * 2
    assert [np.shape(cells) for _, cells in layers] == [(1, 2)] * 3
    for text in ("4", "−2", "1", "0", "product R", "a tower of its own for each side"):
        assert text in shown
    assert "product" in make("two_towers", **change).description


def test_towers_give_a_vector_of_zeros_the_cosine_0():
    *_, shown = towers(layers=[HIDDEN, np.zeros((4, 3))])
    assert shown.count("0") == 3
    assert shown.count(".33") == 3


# ---- a batch -----------------------------------------------------------------------------------


def test_a_batch_is_the_product_with_its_pairs_on_the_diagonal():
    found = blocks(make("in_batch"))
    users, films, square, *pairs, row, pair = found
    shapes = [np.shape(cells) for _, cells in found]
    assert shapes == [(3, 2), (2, 3), (3, 3), (1, 1), (1, 1), (1, 1), (1, 3), (1, 1)]
    assert [users[0], films[0], square[0], row[0]] == ["user", "item", "ink", "ink"]
    assert {colour for colour, _ in (*pairs, pair)} == {"third"}
    np.testing.assert_array_equal(np.array(square[1]) == 0, np.eye(3) == 1)
    root = ElementTree.fromstring(make("in_batch").svg)
    spots = [
        (float(group[0].get("x")), float(group[0].get("y")))
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "cells third"
    ]
    steps = np.diff(spots[:3], axis=0)
    assert steps.tolist() == [[steps[0][0], 34.0]] * 2
    assert spots[3][0] == spots[2][0], "below the picked row's own film"


def test_a_batch_computes_scores_shares_and_the_loss_of_the_row():
    scores = U @ M[:3].T
    shares = np.exp(scores[2]) / np.exp(scores[2]).sum()
    shown = texts(make("in_batch"))
    for value in scores.ravel():
        assert number(value, 1) in shown
    np.testing.assert_allclose(
        np.array(blocks(make("in_batch"))[6][1])[0, :2], 0.45 * shares[:2], atol=0.006
    )
    assert f"loss: −log {number(shares[2])} = {number(-np.log(shares[2]))}" in shown
    assert "softmax of Cleo's row" in shown
    assert "Speed" in shown
    assert "Die Hard" not in shown
    assert "users U" in shown
    assert "scores UVT" in shown


def test_a_batch_outlines_user_film_and_row():
    (_, user), (_, film), (_, row) = frames = outlines(make("in_batch", row=1))
    assert [colour for colour, _ in frames] == ["user", "item", "user"]
    assert user[1] == row[1] == 34
    assert film[2] * 3 == row[2]


# ---- a graph convolution -----------------------------------------------------------------------


def test_a_node_gathers_the_rows_it_takes_from_and_the_matrices_do_it_for_all():
    diagram = make("graph_convolution")
    *way, matrix, held, weights, scores, out = blocks(diagram)
    assert [colour for colour, _ in way] == ["item"] * 4 + ["third"] * 2
    np.testing.assert_array_equal(
        [np.array(cells[0]) > 0 for _, cells in way[:3]], HELD[[0, 1, 2]] != 0
    )
    by_hand = {"matrix": MIXING, "held": HELD, "weights": FILTER}
    by_hand |= {"scores": MIXING @ HELD @ FILTER}
    by_hand["out"] = np.maximum(by_hand["scores"], 0)
    for block, values in zip((matrix, held, weights, scores, out), by_hand.values(), strict=True):
        np.testing.assert_array_equal(np.array(block[1]) > 0, values != 0)
    shown = texts(diagram)
    numbers_of_all = [number(value) for values in by_hand.values() for value in values.ravel()]
    assert [text for text in shown if text in set(numbers_of_all)][-len(numbers_of_all) :] == (
        numbers_of_all
    )
    assert shown.count("ReLU") == 2
    assert shown.count("PF") == 2
    assert "PF gathers" in shown
    assert "FG" not in shown[: shown.index("PF gathers")]


def test_cells_below_0_have_a_hue_of_their_own():
    root = ElementTree.fromstring(make("graph_convolution").svg)
    last = [each for each in root if (each.get("class") or "").startswith("cells")][-2:]
    scores = MIXING @ HELD @ FILTER
    n_negative = [sum(rect.get("class") == "negative" for rect in each) for each in last]
    assert n_negative == [(scores < 0).sum(), 0]
    assert n_negative[0] > 0


def test_a_node_s_row_is_framed_from_the_matrix_to_the_result():
    framed = [colour for colour, _ in outlines(make("graph_convolution"))]
    assert framed == ["third", "ink", "item", "item", "item", "third", "third"]
    without = make("graph_convolution", relu=False)
    assert [colour for colour, _ in outlines(without)] == framed[:-1]
    assert "ReLU" not in without.svg
    assert len(blocks(without)) == len(blocks(make("graph_convolution"))) - 2
    (_, row), _, *read, (_, result) = outlines(without)
    heights = [frame[1] for _, frame in read]
    assert heights == sorted(set(heights))
    assert result[2] == pytest.approx(row[2])


# ---- principal components ----------------------------------------------------------------------


def test_pca_has_the_shapes_of_its_arguments_and_the_larger_the_stronger():
    data, left, right = blocks(make("pca"))
    assert [data[0], left[0], right[0]] == ["ink", "user", "item"]
    for (_, cells), values in (
        (data, DATA), (left, COORDINATES), (right, DIRECTIONS.T),
    ):  # fmt: skip
        expected = 0.08 + 0.3 * np.abs(values) / np.abs(values).max()
        np.testing.assert_allclose(cells, expected, atol=0.006)


def test_pca_outlines_the_row_in_both_matrices_and_both_directions():
    (_, row), (_, coordinates), (_, first), (_, second) = frames = outlines(make("pca", instance=1))
    assert [colour for colour, _ in frames] == ["user", "user", "item", "item"]
    assert row[1] == coordinates[1]
    assert row[2] == 2 * first[2] - first[2] == second[2], "as many features"
    assert (row[3], coordinates[3], second[1] - first[1]) == (34, 34, 34)
    assert row[1] - outlines(make("pca"))[0][1][1] == 34


def test_pca_says_what_the_row_is_made_of():
    shown = texts(make("pca"))
    assert "Ann ≈ (−2) · direction 1 + .5 · direction 2" in shown
    assert shown.count("≈") == 1
    assert "=" not in shown
    exact = texts(make("pca", data=COORDINATES @ DIRECTIONS.T, instance=1))
    assert "Ben = 1.25 · direction 1 + 0 · direction 2" in exact
    assert "=" in exact
    assert "lies −2 along the first and .5 along the second" in make("pca").description
    assert [shown.count(name) for name in ("width", "height", "ink", "slope")] == [2] * 4


def test_pca_places_the_instances_by_their_coordinates():
    diagram = make("pca")
    found = np.array([place for _, *place in places_of(diagram, SHAPES[0])])
    unit = (found[1] - found[0]) / (COORDINATES[1] - COORDINATES[0])
    assert unit[0] == pytest.approx(-unit[1], rel=0.01), "as long up as across"
    expected = found[0] + (COORDINATES - COORDINATES[0]) * unit
    np.testing.assert_allclose(found, expected, atol=0.3)
    ((_, *ring),) = places_of(diagram, RING)
    assert ring == found[0].tolist()
    heads = [
        [float(x) for x in re.findall(r"[-\d.]+", each.get("d"))[:2]]
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}path")
        if each.get("class", "").startswith("head")
    ]
    corner = found[0] - [0, 0.5 * unit[1]]
    np.testing.assert_allclose(heads, [corner, found[0]], atol=0.3)
    one_arrow = make("pca", instance=1).svg
    assert one_arrow.count('class="head item"') == 1, "Ben's second coordinate is 0"


def test_pca_of_instances_at_zero_is_drawn_too():
    diagram = make("pca", data=np.zeros((3, 4)), coordinates=np.zeros((3, 2)))
    assert "nan" not in diagram.svg
    assert len({tuple(place) for place in places_of(diagram, SHAPES[0])}) == 1


# ---- a map -------------------------------------------------------------------------------------


def places_of(diagram, kind):
    """Return [(colour, x, y)] of the points that are films, not of legend or rings."""
    return [
        (each.get("class").split()[1], *map(float, re.findall(r"[-\d.]+", each.get("transform"))))
        for each in ElementTree.fromstring(diagram.svg).iter(f"{SVG}path")
        if each.get("class", "").startswith("point") and each.get("d") == kind
    ]


def a_map(**change):
    arguments = {
        "places": np.array([[-2.0, 1.0], [0.0, 0.0], [2.0, -3.0], [1.0, 0.5]]),
        "titles": ["Alien", "Fargo", "Titanic & Co", "Seven"],
        "groups": ["crime", "crime", "love", "crime"],
        "labelled": ["Alien"],
        "axes": ("first", "second"),
    }
    return film_map(**arguments | change)


def test_a_map_puts_films_where_they_lie_in_the_colour_of_their_group():
    diagram = a_map()
    crime, love = places_of(diagram, SHAPES[0])[:3], places_of(diagram, SHAPES[1])[:1]
    assert [colour for colour, *_ in crime + love] == ["ink"] * 3 + ["item"]
    # across from 12 to 728 for -2 to 2, upwards from 448 to 12 for -3 to 1
    np.testing.assert_allclose(
        [place for _, *place in crime + love],
        [[12, 12], [370, 121], [549, 66.5], [728, 448]],
        atol=0.06,
    )
    assert len(places_of(diagram, RING)) == 1


def test_a_map_tells_every_title_and_shows_the_chosen_ones():
    root = ElementTree.fromstring(a_map().svg)
    assert [spot.find(f"{SVG}title").text for spot in root.iter(f"{SVG}circle")] == [
        "Alien", "Fargo", "Titanic & Co", "Seven",
    ]  # fmt: skip
    always = [one for one in root.findall(f"{SVG}text") if one.get("class") == "on-paper"]
    assert ["".join(one.itertext()) for one in always] == ["Alien"]
    assert repr(a_map()) != repr(a_map(labelled=["Fargo"]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"places": np.ones((4, 3))}, r"not of shape \(4, 3\)"),
        ({"titles": ["a"]}, "titles must hold 4 names"),
        ({"groups": list("abcd"), "places": np.full((4, 2), np.nan)}, "finite"),
        ({"labelled": ["Aliens"]}, "'Aliens', which is not among the titles"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        a_map(**change)


def test_a_map_has_colours_for_four_groups():
    five = np.arange(10.0).reshape(5, 2)
    with pytest.raises(ValueError, match="5 groups; a map has colours for 4"):
        film_map(five, list("abcde"), list("abcde"), [], ("x", "y"))


# ---- what does not fit -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("factorization", {"ratings": np.ones((9, 4))}, r"\(9, 4\): draw a table of at most 8"),
        ("factorization", {"user_factors": M}, r"user_factors must be \(3, k\)"),
        ("factorization", {"item_factors": M[:, :1]}, r"not \(3, 2\) and \(4, 1\)"),
        ("factorization", {"user": 3}, "user must be from 0 to 2, not 3"),
        ("factorization", {"item": -1}, "item must be from 0 to 3, not -1"),
        ("factorization", {"item_names": USERS}, "item_names must hold 4 names, not 3"),
        ("slim_column", {"weights": W[:3]}, "2 to 6 films, not"),
        ("slim_column", {"weights": W + np.eye(4)}, "diagonal of weights must be 0"),
        ("slim_column", {"watched": 2 * WATCHED}, "0 and 1 only"),
        ("slim_column", {"names": ["a long name", *SHORT[1:]]}, "at most 9 characters"),
        ("slim_column", {"film": 4}, "film must be from 0 to 3"),
        ("field_vectors", {"vectors": V[0]}, r"shape \(3, 2\): draw \(n, n_fields, k\)"),
        ("field_vectors", {"vectors": np.ones((6, 3, 2))}, "at most 5 features, 4 fields and 3"),
        ("field_vectors", {"fields": [0, 1]}, r"fields is \[0, 1\]: give 3 numbers from 0 to 2"),
        ("field_vectors", {"fields": [0, 1, 3]}, "the field of each feature"),
        ("field_vectors", {"pair": (1, 1)}, "a feature does not meet itself"),
        ("field_vectors", {"pair": (1, 3)}, "pair must be from 0 to 2, not 3"),
        ("field_vectors", {"feature_names": ["a", "b"]}, "feature_names must hold 3 names"),
        ("field_vectors", {"field_names": ["manufacturer", "b", "c"]}, "at most 9 characters"),
        ("fm_row", {"targets": [1.0]}, r"the shape must be \(1, 6\)"),
        ("fm_row", {"blocks": {"user": [1]}}, r"the blocks name 1 columns"),
        ("fm_row", {"blocks": {name: ["x"] for name in "abcdef"}}, "only 5 colours"),
        (
            "in_batch",
            {"film_vectors": M},
            r"user_vectors has shape \(3, 2\) and film_vectors \(4, 2",
        ),
        ("in_batch", {"user_vectors": np.eye(6), "film_vectors": np.eye(6)}, "n from 2 to 5"),
        ("in_batch", {"user_vectors": U[:1], "film_vectors": M[:1]}, "n from 2 to 5"),
        ("in_batch", {"user_vectors": U[0], "film_vectors": M[0]}, r"has shape \(2,\)"),
        ("in_batch", {"user_names": USERS[:2]}, "user_names must hold 3 names"),
        ("in_batch", {"user_names": ["a" * 10, "b", "c"]}, "at most 9 characters"),
        ("in_batch", {"film_names": FILMS}, "film_names must hold 3 names, not 4"),
        ("in_batch", {"row": 3}, "row must be from 0 to 2, not 3"),
        ("attention_pipeline", {"inputs": X[0]}, r"\(5,\): draw at most 5 places"),
        ("attention_pipeline", {"w_keys": W_V}, r"not \(5, 4\), \(5, 2\) and \(5, 2\)"),
        ("attention_pipeline", {"mask": MASK[:2]}, r"mask must be \(3, 3\)"),
        ("attention_pipeline", {"place": 3}, "place must be from 0 to 2"),
        ("graph_convolution", {"matrix": MIXING[:3]}, r"\(3, 4\): draw \(n, n\), with 2 to 5"),
        ("graph_convolution", {"matrix": np.eye(6)}, r"\(6, 6\): draw"),
        ("graph_convolution", {"features": HELD[:3]}, r"features must be \(4, d\)"),
        ("graph_convolution", {"features": np.ones((4, 4))}, "d at most 3, not"),
        ("graph_convolution", {"weights": FILTER.T}, r"weights must be \(2, k\)"),
        ("graph_convolution", {"weights": np.ones((2, 4))}, "k at most 3, not"),
        ("graph_convolution", {"weights": 10 * FILTER - 0.25}, "wider than a page: draw fewer"),
        ("graph_convolution", {"names": SHORT[1:]}, "names must hold 4 names, not 3"),
        ("graph_convolution", {"node": 4}, "node must be from 0 to 3, not 4"),
        ("graph_convolution", {"matrix": MIXING * [[1], [0], [1], [1]]}, "Row 1 of matrix is 0"),
        ("pca", {"data": DATA[0]}, r"data has shape \(4,\): draw at most 6 instances and 5"),
        ("pca", {"data": np.ones((7, 4))}, "draw at most 6 instances"),
        ("pca", {"coordinates": DATA}, r"must be \(3, 2\) and directions \(4, 2\), not \(3, 4\)"),
        ("pca", {"directions": DIRECTIONS.T}, r"directions \(4, 2\), not \(3, 2\) and \(2, 4\)"),
        ("pca", {"data": DATA * np.nan}, "must be finite"),
        ("pca", {"instance": 3}, "instance must be from 0 to 2, not 3"),
        ("pca", {"instance_names": USERS[:2]}, "instance_names must hold 3 names"),
        ("pca", {"feature_names": ["circumference", *"abc"]}, "at most 9 characters"),
        ("pca", {"feature_names": ["wide word"] * 4}, "names are too long for 4 features"),
        ("bert4rec", {"hidden": [False] * 4}, "hidden 0 of 4: draw 2 to 6 places, some of them"),
        ("bert4rec", {"hidden": [True] * 4}, "hidden 4 of 4"),
        ("bert4rec", {"hidden": [True, False]}, "history has 4 names and hidden 1 of 2"),
        ("bert4rec", {"history": ["ATL"]}, "history has 1 names"),
        ("bert4rec", {"vectors": LOOKED_UP[:3]}, r"vectors has shape \(3, 5\): .* \(4, d\)"),
        ("bert4rec", {"vectors": np.ones((4, 7))}, "d at most 6"),
        ("bert4rec", {"positions": STATES.T}, r"must be \(4, 5\), as vectors is, not \(5, 4\)"),
        ("bert4rec", {"states": STATES[:, :4]}, r"and \(4, 4\)"),
        ("bert4rec", {"scores": SCORES[:1]}, r"scores has shape \(1, 5\): it must be \(2, 5\)"),
        ("bert4rec", {"scores": np.ones((2, 7)), "item_names": list("ABCDEFG")}, "of 2 to 6 items"),
        ("bert4rec", {"states": STATES * np.nan}, "must be finite"),
        ("bert4rec", {"n_layers": 0}, "n_layers is 0"),
        ("bert4rec", {"history": ["ATL", "BOS", "Los Angeles", "MCO"]}, "at most 9 characters"),
        ("bert4rec", {"item_names": [*PLACES[:4], "San Francisco"]}, "at most 9 characters"),
        ("bert4rec", {"history": ["ATL", "BOS", "LAX", "MCO"]}, "'LAX', which is not among"),
        ("two_towers", {"names": TEXTS[:1]}, "1 names and pieces 4 lists"),
        ("two_towers", {"pieces": TRIGRAMS[:3]}, "4 names and pieces 3 lists"),
        ("two_towers", {"pieces": [[], *TRIGRAMS[1:]]}, "at least one piece"),
        ("two_towers", {"layers": []}, "0 layers and 3 columns"),
        ("two_towers", {"layers": [HIDDEN]}, "1 layers and 3 columns"),
        ("two_towers", {"layers": [HIDDEN, VECTORS[:3]]}, r"shape \(3, 7\): it must have 4 rows"),
        ("two_towers", {"layers": [HIDDEN, VECTORS * np.nan]}, "must be finite"),
        ("two_towers", {"gamma": np.inf}, "must be finite"),
        ("two_towers", {"names": ["a" * 60, *TEXTS[1:]]}, "names must fit above their pieces"),
    ],
)
def test_what_does_not_fit_is_refused(name, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        make(name, **change)


# ---- the sketch --------------------------------------------------------------------------------


def test_a_sketch_fits_around_what_was_drawn():
    sketch = Sketch()
    block = sketch.block(100, 200, np.eye(2), "user")
    sketch.span(block, "left", "two")
    sketch.arrow((0, 0), (90, 190))
    diagram = sketch.done("Boxes", "Two boxes.")
    left, top, width, height = map(
        float, ElementTree.fromstring(diagram.svg).get("viewBox").split()
    )
    assert (left, top) == (-6, -6)
    assert (left + width, top + height) == (block.right + 6, block.bottom + 6)
    assert isinstance(diagram, Diagram)


def test_a_sketch_refuses_unknown_colours_and_texts_of_another_shape():
    with pytest.raises(ValueError, match="no colour 'red'"):
        Sketch().block(0, 0, np.eye(2), "red")
    with pytest.raises(ValueError, match="2 rows of 2"):
        Sketch().block(0, 0, np.eye(2), "user", [["1", "2"]])


def test_math_in_labels():
    sketch = Sketch()
    sketch.label(0, 0, "all $W^{QK}_i$ = $M^T$ of 2 < 3")
    diagram = sketch.done("A label", "A label.")
    (text,) = ElementTree.fromstring(diagram.svg).iter(f"{SVG}text")
    spans = [(span.text, span.get("class"), float(span.get("dy", 0))) for span in text]
    assert spans == [
        ("all ", None, 0.0),
        ("W", "math italic", 0.0),
        ("QK", "math italic", -6.1),
        ("i", "math italic", 10.1),
        (" = ", None, -4.0),
        ("M", "math italic", 0.0),
        ("T", "math", -6.1),
        (" of 2 < 3", None, 6.1),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.331, ".33"),
        (-1.5, "−1.5"),
        (2.0, "2"),
        (0.001, "0"),
        (-0.001, "0"),
        (10, "10"),
        (np.nan, ""),
    ],
)
def test_numbers_are_short(value, text):
    assert number(value) == text
