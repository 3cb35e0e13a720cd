"""The bundled animals of WordNet 3.0: words and their definitions, for a reverse dictionary.

The data's terms, WordNet's licence, are in datasets/wordnet_animals/LICENSE.txt.
"""

import re
from dataclasses import dataclass

from embedlab.data.bundled import read_bundled


@dataclass(frozen=True, eq=False, repr=False)
class Animals:
    """Synsets: words with one meaning; position i of every attribute belongs to synset i.

    Attributes:
        lemmas: n_synsets tuples of the words, such as ("seahorse", "sea horse").
        definitions: n_synsets strings, the glosses without their examples.
    """

    lemmas: tuple[tuple[str, ...], ...]
    definitions: tuple[str, ...]

    def __len__(self) -> int:
        """Return n_synsets."""
        return len(self.lemmas)

    def __repr__(self) -> str:
        """Return one short line instead of the definitions."""
        return f"Animals({len(self):,} synsets)"


def load_animals() -> Animals:
    """Return the bundled synsets of WordNet's lexicographer file noun.animal: 7,509.

    Raises:
        DataError: the data file is missing, cut short or altered; the message names it.
    """
    text = read_bundled("wordnet_animals", "animals.tsv.bz2").decode("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return Animals(
        lemmas=tuple(tuple(lemmas.split("|")) for lemmas, _ in rows),
        # Examples stand in double quotes behind the definition.
        definitions=tuple(re.split(r'[;:] *"', gloss)[0] for _, gloss in rows),
    )
