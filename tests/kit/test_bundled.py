"""Bundled data: a file that is missing or altered is refused by name."""

import os
import shutil
import subprocess
import sys

import pytest

from embedlab.data import bundled
from embedlab.data.aircraft import load_aircraft
from embedlab.data.emoji import load_emoji
from embedlab.data.flights import load_flights
from embedlab.data.ratings import load_movielens_small
from embedlab.data.senate import load_senate
from embedlab.data.topics import load_topics
from embedlab.data.wordnet import load_animals
from embedlab.errors import DataError

# A data set more is its loader and its files more.
FILES = [
    (load_movielens_small, "movielens_small", "films.csv.bz2"),
    (load_movielens_small, "movielens_small", "ratings.csv.bz2"),
    (load_emoji, "emoji", "emojilib_en.json.bz2"),
    (load_animals, "wordnet_animals", "animals.tsv.bz2"),
    (load_flights, "flights2013", "flights.csv.bz2"),
    (load_topics, "wordnet_topics", "edges.tsv.bz2"),
    (load_topics, "wordnet_topics", "nodes.tsv.bz2"),
    (load_senate, "senate109", "votes.csv.bz2"),
    (load_aircraft, "flights2013_tails", "aircraft.txt.bz2"),
    (load_aircraft, "flights2013_tails", "places.csv.bz2"),
]


@pytest.mark.parametrize(("load", "data_set", "name"), FILES)
@pytest.mark.parametrize("damaged", ["the file", "SHA256SUMS"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_a_damaged_file_is_refused_by_name(
    monkeypatch, tmp_path, load, data_set, name, damaged, damage
):
    shutil.copytree(bundled.DATASETS / data_set, tmp_path / data_set)
    monkeypatch.setattr(bundled, "DATASETS", tmp_path)
    load()
    damaged = name if damaged == "the file" else damaged
    path = tmp_path / data_set / damaged
    content = path.read_bytes()
    # In SHA256SUMS within the line of the file that is meant.
    place = content.find(name.encode()) - 30 if damaged == "SHA256SUMS" else len(content) // 2
    if damage == "missing":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[:place])
    else:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.raises(DataError) as caught:
        load()
    message = str(caught.value)
    assert damaged in message
    assert ("is missing" if damage == "missing" else "cut short or altered") in message
    assert "Copy the folder datasets/ again" in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_every_data_file_is_tried_here():
    tried = {(data_set, name) for _, data_set, name in FILES}
    found = {(path.parent.name, path.name) for path in bundled.DATASETS.glob("*/*.bz2")}
    assert tried == found


def test_a_notebook_shows_the_message_without_a_traceback(tmp_path):
    code = (
        "import embedlab.data.bundled as b, embedlab.data.ratings as r, pathlib; "
        f"b.DATASETS = pathlib.Path({str(tmp_path)!r}); r.load_movielens_small()"
    )
    result = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=nocolor", "-c", code],
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    shown = result.stdout + result.stderr
    assert "is missing. Copy the folder" in shown
    assert "Traceback" not in shown
    assert "load_movielens_small()" not in shown
