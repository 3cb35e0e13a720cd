"""The bundled animals of WordNet."""

import pytest

from embedlab.data.wordnet import Animals, load_animals


@pytest.fixture(scope="module")
def animals() -> Animals:
    return load_animals()


def test_the_bundled_animals_are_as_documented(animals):
    assert len(animals) == len(animals.lemmas) == len(animals.definitions) == 7_509
    assert repr(animals) == "Animals(7,509 synsets)"
    for words, definition in zip(animals.lemmas, animals.definitions, strict=True):
        assert words
        for text in (*words, definition):
            assert text == text.strip() != ""
        assert not any(mark in word for word in words for mark in "_|\t")


def test_known_animals(animals):
    assert sum("anteater" in words for words in animals.lemmas) == 6
    numbat = animals.lemmas.index(
        ("numbat", "banded anteater", "anteater", "Myrmecobius fasciatus")
    )
    assert animals.definitions[numbat] == (
        "small Australian marsupial having long snout and strong claws for feeding on termites; "
        "nearly extinct"
    )


def test_examples_are_no_part_of_a_definition(animals):
    pest = animals.definitions[animals.lemmas.index(("pest",))]
    assert pest.endswith("that attacks food or crops or livestock etc.")
    cow = animals.definitions[animals.lemmas.index(("cow", "moo-cow"))]
    assert cow == "female of domestic cattle"
    assert not any('"' in definition for definition in animals.definitions)
