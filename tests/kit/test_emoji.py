"""The bundled emoji: how texts are cleaned, what is a query, and the split."""

import numpy as np
import pytest

from embedlab.data.emoji import Emoji, clean_text, load_emoji, split_keywords


@pytest.fixture(scope="module")
def emoji() -> Emoji:
    return load_emoji()


def small() -> Emoji:
    return Emoji(
        characters=("A", "B", "C", "D"),
        names=("cat", "big cat", "dog", "stone"),
        keywords=(
            ("pet", "soft", "meow", "purr", "mouse"),
            ("wild", "soft", "zoo", "stripes", "teeth", "fur", "roar"),
            ("pet",),
            (),
        ),
    )


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("grinning_face", "grinning face"),
        ("Piñata São Tomé", "pinata sao tome"),
        ("seven\xa0thirty", "seven thirty"),
        ("car’s o’clock mcdonald's", "cars oclock mcdonalds"),
        ("“free of charge”", "free of charge"),
        ("blue-square", "blue square"),
        (" 1st__place ", "1st place"),
        ("ﬁne ™ ½", "fine tm 1 2"),
        ("1\ufe0f\u20e3", "1"),
        ("İstanbul", "istanbul"),
        ("東京 :)", ""),
    ],
)
def test_a_text_is_cleaned(raw, cleaned):
    assert clean_text(raw) == cleaned


def test_the_bundled_emoji_are_as_documented(emoji):
    assert len(emoji) == len(emoji.names) == len(emoji.keywords) == 1_651
    assert len(set(emoji.characters)) == 1_651
    assert repr(emoji) == "Emoji(1,651 emoji with 11,350 keywords)"
    assert (emoji.characters[0], emoji.names[0]) == ("😀", "grinning face")
    assert emoji.keywords[0] == ("face", "smile", "happy", "joy", "d", "grin", "smiley")
    assert not any(name.startswith("flag ") for name in emoji.names)
    assert "pirate flag" in emoji.names
    for name, keywords in zip(emoji.names, emoji.keywords, strict=True):
        assert name == clean_text(name) != ""
        assert name not in keywords
        assert len(set(keywords)) == len(keywords)
        for keyword in keywords:
            assert keyword == clean_text(keyword)
            assert set(keyword) & set("abcdefghijklmnopqrstuvwxyz")


def test_a_document_is_the_name_and_the_keywords():
    assert small().documents() == (
        "cat pet soft meow purr mouse",
        "big cat wild soft zoo stripes teeth fur roar",
        "dog pet",
        "stone",
    )


def test_every_keyword_is_a_query():
    queries = small().queries()
    assert queries.texts == tuple(sorted(set(sum(small().keywords, ()))))
    assert len(queries) == 11
    assert queries.relevant.shape == queries.known.shape == (11, 4)
    found = queries.relevant.toarray()
    for text, row in zip(queries.texts, found, strict=True):
        assert row.tolist() == [float(text in words) for words in small().keywords]
    assert queries.known.nnz == 0
    assert repr(queries) == "Queries(11 queries with 13 answers)"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fraction", [0.05, 0.2, 0.5, 0.97])
def test_the_split_hides_the_documented_number_of_every_emoji(seed, fraction):
    emoji = small()
    train, test = split_keywords(emoji, fraction, seed)
    assert (train.characters, train.names) == (emoji.characters, emoji.names)
    relevant = test.relevant.toarray()
    for document, words in enumerate(emoji.keywords):
        left = train.keywords[document]
        n_hidden = max(0, min(round(fraction * len(words)), len(words) - 1))
        assert len(left) == len(words) - n_hidden
        assert [word for word in words if word in left] == list(left)
        hidden = {test.texts[row] for row in np.flatnonzero(relevant[:, document])}
        assert hidden == set(words) - set(left)
    assert (relevant.sum(axis=1) > 0).all()
    assert test.texts == tuple(sorted(set(test.texts)))


def test_known_answers_are_those_that_training_shows(emoji):
    train, test = split_keywords(emoji, 0.2, seed=0)
    assert repr(test) == "Queries(1,247 queries with 2,259 answers)"
    assert test.relevant.shape == test.known.shape == (1_247, 1_651)
    known = test.known.toarray()
    for text, row in zip(test.texts, known, strict=True):
        assert np.flatnonzero(row).tolist() == [
            document for document, words in enumerate(train.keywords) if text in words
        ]
    assert not (known * test.relevant.toarray()).any()
    assert known.any(axis=1).any()


def test_the_split_follows_its_seed(emoji):
    first, again, other = (split_keywords(emoji, 0.2, seed)[0] for seed in (0, 0, 1))
    assert first.keywords == again.keywords != other.keywords


def test_the_split_can_choose_every_subset():
    emoji = Emoji(("A",), ("cat",), (("a", "b", "c", "d"),))
    found = {split_keywords(emoji, 0.5, seed)[0].keywords for seed in range(100)}
    assert len(found) == 6


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, float("nan")])
def test_the_split_refuses_a_fraction_that_is_none(fraction):
    with pytest.raises(ValueError, match=f"test_fraction is {fraction}: .* between 0 and 1"):
        split_keywords(small(), fraction, seed=0)
