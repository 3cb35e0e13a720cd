"""Rebuild the data file of this folder, byte for byte, from the package it came from.

    python datasets/wordnet_animals/rebuild.py

It needs Debian's apt-get and dpkg-deb, with which it downloads the package (6.5 MB) and opens it.
It verifies the package's SHA-256, and writes the file only if it matches SHA256SUMS. If it does
not, the script exits with a message and writes nothing.
"""

import bz2
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PACKAGE = "wordnet-base=1:3.0-37"
PACKAGE_SHA256 = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
TABLE = "./usr/share/wordnet/data.noun"
ANIMALS = "05"  # the lexicographer file noun.animal (WordNet's manual page lexnames)
NAME = "animals.tsv.bz2"


def download_table() -> str:
    """Download the pinned package and return its nouns; exit if it is not the recorded one."""
    for command in ("apt-get", "dpkg-deb"):
        if shutil.which(command) is None:
            sys.exit(f"{command} was not found: run this on Debian, or in a container of it.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
        (path,) = Path(folder).iterdir()
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != PACKAGE_SHA256:
            sys.exit(f"{path.name} has SHA-256 {found}, not {PACKAGE_SHA256}: not unpacked.")
        unpacked = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True
        ).stdout
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        return archive.extractfile(TABLE).read().decode("ascii")


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
    content = build(download_table())
    found = hashlib.sha256(content).hexdigest()
    recorded = (FOLDER / "SHA256SUMS").read_text(encoding="ascii")
    if recorded != f"{found}  {NAME}\n":
        sys.exit(f"{NAME}: rebuilt SHA-256 {found} is not in SHA256SUMS. Not written.")
    (FOLDER / NAME).write_bytes(content)
    print(f"{NAME}: {len(content):,} bytes, as recorded")


if __name__ == "__main__":
    main()
