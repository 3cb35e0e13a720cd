"""The states of the search widget, as data."""

import json

import numpy as np
import pytest

from embedlab.data.emoji import Emoji, load_emoji, split_keywords
from embedlab.search import answer_recall_at_k
from embedlab.widgets import EmojiSearch, recorded_search, search_states
from embedlab.widgets import search as module

EMOJI = Emoji(
    ("A", "B", "C"), ("cat", "big dog", "stone"), (("pet", "banana"), ("pet", "bone"), ())
)
TRIGRAMS = ["#ca", "cat", "at#", "ana", "#pe", "pet", "#do", "one"]
NAMES = ("weights", "W1", "b1", "W2", "b2")


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    sizes = [(8,), (8, 5), (5,), (5, 4), (4,)]
    found = {name: rng.normal(size=size) for name, size in zip(NAMES, sizes, strict=True)}
    found["weights"] = np.abs(found["weights"]) + 0.5
    return found


@pytest.fixture
def states():
    return search_states(EMOJI, TRIGRAMS, **arrays())


def row(text):
    """Return a text's weighted counts of trigrams, of length 1, by a loop."""
    counts = np.zeros(len(TRIGRAMS))
    for word in text.split():
        for i in range(len(word)):
            piece = f"#{word}#"[i : i + 3]
            if piece in TRIGRAMS:
                counts[TRIGRAMS.index(piece)] += arrays()["weights"][TRIGRAMS.index(piece)]
    return counts / (np.linalg.norm(counts) or 1)


def vector(text, *, W1, b1, W2, b2, **_):
    y = np.tanh(row(text) @ W1 + b1) @ W2 + b2
    return y / np.linalg.norm(y)


def test_a_tower_is_rounded_to_the_byte(states):
    given = arrays()
    kept = states.codes * states.scales[:, None]
    assert states.codes.dtype == np.int8
    assert (np.abs(states.codes).max(axis=1) == 127).all()
    half = np.abs(given["W1"]).max(axis=1, keepdims=True) / 254
    assert (np.abs(kept - given["W1"]) <= 1.01 * half).all()
    for name in ("weights", "b1", "W2", "b2"):
        np.testing.assert_allclose(
            getattr(states, name), given[name], atol=np.abs(given[name]).max() / 65_000
        )
    assert (states.characters, states.names) == (EMOJI.characters, EMOJI.names)
    assert states.keywords == ("pet banana", "pet bone", "")
    assert states.trigrams == tuple(TRIGRAMS)


def test_scores_equal_those_of_the_tower_that_was_given(states):
    typed = ["cat", "cats_and-dogs", "banana", "PET’s", "Stoné"]
    towers, shared = states.scores(typed)
    assert towers.shape == shared.shape == (5, 3)
    for n, query in enumerate(["cat", "cats and dogs", "banana", "pets", "stone"]):
        for m, document in enumerate(EMOJI.documents()):
            expected = vector(query, **arrays()) @ vector(document, **arrays())
            assert towers[n, m] == pytest.approx(expected, abs=0.02)
            assert shared[n, m] == pytest.approx(row(query) @ row(document), abs=1e-3)


def test_a_query_without_a_known_trigram_scores_zero(states):
    for scores in states.scores(["zzz", ""]):
        assert scores.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_row_of_zeros_stays(states):
    given = arrays()
    given["W1"][2] = 0
    with np.errstate(all="raise"):
        kept = search_states(EMOJI, TRIGRAMS, **given)
    assert not kept.codes[2].any()
    assert np.isfinite(kept.scales).all()


@pytest.mark.parametrize("name", NAMES)
def test_shapes_that_do_not_fit_are_refused_by_name(name):
    given = arrays()
    given[name] = given[name][:-1]
    with pytest.raises(ValueError, match=r"(weights|W1|W2) has shape .*: it must be \("):
        search_states(EMOJI, TRIGRAMS, **given)
    given = arrays()
    given[name] = given[name][None]
    with pytest.raises(ValueError, match="has shape"):
        search_states(EMOJI, TRIGRAMS, **given)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_are_not_finite_are_refused_by_name(name):
    given = arrays()
    given[name].flat[0] = np.nan
    with pytest.raises(ValueError, match=f"{name} holds NaN or infinite"):
        search_states(EMOJI, TRIGRAMS, **given)


@pytest.mark.parametrize("wrong", ["#cat", "##", "Cat", "c t", "#c-", "###", ""])
def test_what_is_no_trigram_is_refused(wrong):
    with pytest.raises(ValueError, match="trigrams holds"):
        search_states(EMOJI, [*TRIGRAMS[:-1], wrong], **arrays())


def test_a_trigram_twice_is_refused():
    with pytest.raises(ValueError, match="trigrams holds one twice"):
        search_states(EMOJI, [*TRIGRAMS[:-1], "cat"], **arrays())


def test_the_browser_receives_what_is_kept(states):
    widget = EmojiSearch(states, examples=["cat", "dog"])
    codes = np.frombuffer(widget.codes, dtype=np.int8).reshape(8, 5)
    np.testing.assert_array_equal(codes, states.codes)
    small = np.frombuffer(widget.small, dtype="<i2")
    parts = np.split(small, np.cumsum([8, 8, 5, 20]))
    for name, part in zip(("scales", "weights", "b1", "W2", "b2"), parts, strict=True):
        kept = part * (widget.states["reaches"][name] / 32_767)
        np.testing.assert_allclose(kept, getattr(states, name).ravel(), rtol=1e-9)
    assert widget.states["sizes"] == [8, 5, 4]
    assert widget.states["trigrams"] == "".join(TRIGRAMS)
    assert widget.states["examples"] == ["cat", "dog"]


def test_the_repr_changes_with_the_tower(states):
    same = EmojiSearch(search_states(EMOJI, TRIGRAMS, **arrays()))
    assert repr(EmojiSearch(states)) == repr(same)
    for name in ("W1", "W2"):
        changed = arrays() | {name: arrays(seed=1)[name]}
        assert repr(same) != repr(EmojiSearch(search_states(EMOJI, TRIGRAMS, **changed)))


def test_no_example_is_refused(states):
    with pytest.raises(ValueError, match="examples is empty"):
        EmojiSearch(states, examples=[])


def test_a_tower_that_was_saved_is_read_again(states, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RECORDED", tmp_path / "tower.npz")
    module.save_search(states)
    again = recorded_search(EMOJI)
    assert again.trigrams == states.trigrams
    assert again.keywords == states.keywords
    for one, other in zip(
        again.scores(["cat", "pets"]), states.scores(["cat", "pets"]), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert EmojiSearch(again).small == EmojiSearch(states).small


def test_the_recorded_tower_finds_hidden_keywords_and_is_small():
    train, test = split_keywords(load_emoji(), 0.2, seed=0)
    states = recorded_search(train)
    towers, shared = states.scores(test.texts)
    assert answer_recall_at_k(towers, test, 10).mean() > 0.45
    assert answer_recall_at_k(shared, test, 10).mean() < 0.2
    widget = EmojiSearch(states)
    assert len(widget.codes) + len(widget.small) + len(json.dumps(widget.states)) < 700_000
