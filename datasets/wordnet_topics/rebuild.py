"""Rebuild the data files of this folder, byte for byte, from the package they came from.

    python datasets/wordnet_topics/rebuild.py

It needs Debian's apt-get and dpkg-deb, with which it downloads the package (6.5 MB) and opens it.
It verifies the package's SHA-256, and writes the files only if they match SHA256SUMS. If they do
not, the script exits with a message and writes nothing.
"""

import bz2
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import read_from_debian, write_as_recorded  # noqa: E402

PACKAGE = "wordnet-base=1:3.0-37"
PACKAGE_SHA256 = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
WORDNET = "./usr/share/wordnet/"
PARTS = {"a": "data.adj", "n": "data.noun", "r": "data.adv", "v": "data.verb"}
N_TOPICS = 10
LEFT_OUT = "terrorism"  # mostly the names of groups
TOPIC = ";c"  # the pointer from a synset to its topic (WordNet's manual page wninput)
DOMAINS = (";", "-")  # pointers to a topic, region or usage, and back, begin so


@dataclass(frozen=True)
class Synset:
    """One synset: its words, its definition, and its pointers as (symbol, key) pairs."""

    words: list[str]
    definition: str
    pointers: list[tuple[str, str]]


def read_synsets(part: str, table: str) -> dict[str, Synset]:
    """Return {key: synset} of one data file; a key is the part of speech and the offset.

    A line is `offset file type n word id word id ... p pointers ... | gloss` (WordNet's manual page
    wndb); n is hexadecimal, p the number of pointers of four fields each, and the licence stands
    before the first synset on indented lines. Satellite adjectives, s, are in the same file as a.
    """
    synsets = {}
    for line in table.splitlines():
        if line.startswith(" "):
            continue
        data, gloss = line.split(" | ", maxsplit=1)
        fields = data.split(" ")
        end = 4 + 2 * int(fields[3], base=16)
        pointers = fields[end + 1 : end + 1 + 4 * int(fields[end])]
        synsets[part + fields[0]] = Synset(
            words=[word.replace("_", " ") for word in fields[4:end:2]],
            definition=definition_of(gloss),
            pointers=[
                (symbol, to.replace("s", "a") + offset)
                for symbol, offset, to in zip(*(pointers[i::4] for i in range(3)), strict=True)
            ],
        )
    return synsets


def definition_of(gloss: str) -> str:
    """Return a gloss without the mark in front, such as "(law)", and without its examples."""
    definition = re.sub(r"^\s*\([^)]*\)", "", gloss)
    return re.sub(r'\W*"[^"]*"?', "", definition).strip(" ;")


def first_senses(index: str) -> dict[str, str]:
    """Return {word: key of its first sense} of index.noun.

    A line is `word n senses p symbols ... senses tagged offset offset ...` with p symbols.
    """
    lines = (line.split() for line in index.splitlines() if not line.startswith(" "))
    return {fields[0]: "n" + fields[6 + int(fields[3])] for fields in lines}


def singular(word: str) -> str:
    """Return a word without its plural s, roughly: cases, stories, classes, but glass."""
    for ending, instead in (("sses", "ss"), ("ies", "y"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word


def label(synsets: dict[str, Synset]) -> dict[str, str]:
    """Return {key: topic's key} of the synsets that have one topic, one of the most frequent."""
    topic_of = {}
    for key, synset in synsets.items():
        topics = [to for symbol, to in synset.pointers if symbol == TOPIC]
        if len(topics) == 1 and synsets[topics[0]].words[0] != LEFT_OUT:
            topic_of[key] = topics[0]
    frequent = {topic for topic, _ in Counter(topic_of.values()).most_common(N_TOPICS)}
    return {key: topic_of[key] for key in sorted(topic_of) if topic_of[key] in frequent}


def join(
    synsets: dict[str, Synset], keys: list[str], senses: dict[str, str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the pairs of keys joined by a pointer, and those that only a definition joins."""
    among, by_pointer, by_word = set(keys), set(), set()
    for key in keys:
        for symbol, to in synsets[key].pointers:
            if not symbol.startswith(DOMAINS) and to in among - {key}:
                by_pointer.add((min(key, to), max(key, to)))
        for word in re.findall("[a-z]{3,}", synsets[key].definition.lower()):
            to = senses.get(word) or senses.get(singular(word))
            if to in among - {key}:
                by_word.add((min(key, to), max(key, to)))
    return by_pointer, by_word - by_pointer


def build(synsets: dict[str, Synset], senses: dict[str, str]) -> dict[str, bytes]:
    """Return {name: content} of both files."""
    topic_of = label(synsets)
    kinds = join(synsets, list(topic_of), senses)
    keys = sorted({key for pairs in kinds for pair in pairs for key in pair})
    number = {key: row for row, key in enumerate(keys)}
    nodes, edges = ["words\ttopic\tdefinition"], ["pointers\tdefinitions"]
    for key in keys:
        topic = synsets[topic_of[key]].words[0]
        nodes.append("\t".join(("|".join(synsets[key].words), topic, synsets[key].definition)))
        steps = (
            sorted(number[to] - number[key] for first, to in pairs if first == key)
            for pairs in kinds
        )
        edges.append("\t".join(" ".join(map(str, some)) for some in steps))
    files = {"nodes.tsv.bz2": nodes, "edges.tsv.bz2": edges}
    return {name: bz2.compress(("\n".join(rows) + "\n").encode()) for name, rows in files.items()}


def main() -> None:
    """Rebuild, compare with SHA256SUMS, write."""
    *tables, index = (
        content.decode("ascii")
        for content in read_from_debian(
            PACKAGE, PACKAGE_SHA256, [WORDNET + name for name in (*PARTS.values(), "index.noun")]
        )
    )
    synsets = {}
    for part, table in zip(PARTS, tables, strict=True):
        synsets |= read_synsets(part, table)
    write_as_recorded(FOLDER, build(synsets, first_senses(index)))


if __name__ == "__main__":
    main()
