"""Rebuild the data file of this folder, byte for byte, from the package it came from.

    python datasets/wordnet_animals/rebuild.py

It needs Debian's apt-get and dpkg-deb, with which it downloads the package (6.5 MB) and opens it.
It verifies the package's SHA-256, and writes the file only if it matches SHA256SUMS. If it does
not, the script exits with a message and writes nothing.
"""

import bz2
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import read_from_debian, write_as_recorded  # noqa: E402

PACKAGE = "wordnet-base=1:3.0-37"
PACKAGE_SHA256 = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
TABLE = "./usr/share/wordnet/data.noun"
ANIMALS = "05"  # the lexicographer file noun.animal (WordNet's manual page lexnames)


def build(nouns: str) -> bytes:
    """Return the animals' lemmas and glosses, in the order of WordNet's file.

    A line of that file is `offset file type n lemma id lemma id ... | gloss` (its manual page
    wndb); n is hexadecimal, and the licence stands before the first synset on indented lines.
    """
    rows = ["lemmas\tgloss"]
    for line in nouns.splitlines():
        if line.startswith(" "):
            continue
        data, gloss = line.split(" | ", maxsplit=1)
        fields = data.split(" ")
        if fields[1] == ANIMALS:
            lemmas = fields[4 : 4 + 2 * int(fields[3], base=16) : 2]
            rows.append("|".join(lemmas).replace("_", " ") + "\t" + gloss.strip())
    return bz2.compress(("\n".join(rows) + "\n").encode())


def main() -> None:
    """Rebuild, compare with SHA256SUMS, write."""
    (nouns,) = read_from_debian(PACKAGE, PACKAGE_SHA256, [TABLE])
    write_as_recorded(FOLDER, {"animals.tsv.bz2": build(nouns.decode("ascii"))})


if __name__ == "__main__":
    main()
