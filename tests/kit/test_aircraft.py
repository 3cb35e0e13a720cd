"""The bundled aircraft and the split by their last flights."""

import bz2
import csv
import io

import numpy as np
import pytest

from embedlab.data import bundled
from embedlab.data.aircraft import Aircraft, load_aircraft, split_last_flights


@pytest.fixture(scope="module")
def aircraft() -> Aircraft:
    return load_aircraft()


@pytest.fixture(scope="module")
def flown() -> dict[str, list[tuple[int, str]]]:
    """{registration: [(month, destination)]} of the 100,000 flights of the other data set."""
    text = bz2.decompress((bundled.DATASETS / "flights2013" / "flights.csv.bz2").read_bytes())
    found = {}
    for row in csv.DictReader(io.StringIO(text.decode("utf-8"))):
        found.setdefault(row["tailnum"], []).append((int(row["month"]), row["dest"]))
    return found


def test_bundled_aircraft_have_the_documented_shapes(aircraft):
    assert len(aircraft) == len(aircraft.carriers) == len(aircraft.tails) == 3_146
    assert aircraft.n_places == len(aircraft.places) == len(aircraft.names) == 104
    lengths = [len(history) for history in aircraft.histories]
    assert (sum(lengths), min(lengths), max(lengths), np.median(lengths)) == (321_123, 20, 544, 77)
    assert {history.dtype for history in aircraft.histories} == {np.dtype(np.int64)}
    assert np.array_equal(np.unique(np.concatenate(aircraft.histories)), np.arange(104))
    assert repr(aircraft) == "Aircraft(3,146 aircraft, 321,123 flights to 104 places)"


def test_places_and_aircraft_are_in_order_and_named(aircraft):
    assert list(aircraft.places) == sorted(aircraft.places)
    known = list(zip(aircraft.carriers, aircraft.tails, strict=True))
    assert known == sorted(known)
    assert len(set(aircraft.tails)) == 3_146
    assert len(set(aircraft.carriers)) == 14
    names = dict(zip(aircraft.places, aircraft.names, strict=True))
    assert names["ATL"] == "Hartsfield Jackson Atlanta Intl"
    assert names["MVY"] == "Martha's Vineyard"
    assert [code for code, name in names.items() if code == name] == ["BQN", "PSE", "SJU", "STT"]


def test_an_aircraft_flew_where_the_other_data_set_says(aircraft, flown):
    """The same flights, of which that data set has about a third."""
    for a in range(0, len(aircraft), 37):
        counts = np.bincount(aircraft.histories[a], minlength=aircraft.n_places)
        drawn = np.zeros_like(counts)
        for _, place in flown.get(aircraft.tails[a], []):
            drawn[aircraft.places.index(place)] += 1
        assert (drawn <= counts).all(), aircraft.tails[a]
        assert drawn.sum() > 0


def test_months_stand_in_the_order_of_numbers(aircraft, flown):
    """A place to which an aircraft flew in one month only tells where that month stands.

    Sorted as text, the months would stand in the order 1, 10, 11, 12, 2, ..., 9.
    """
    right = wrong = 0
    for tail, history in zip(aircraft.tails, aircraft.histories, strict=True):
        for place in np.flatnonzero(np.bincount(history) == 1):
            months = [m for m, code in flown.get(tail, []) if code == aircraft.places[place]]
            for month in months:
                at = np.flatnonzero(history == place)[0] / (len(history) - 1)
                right += (month >= 11) == (at > 0.75) if month in (2, 3, 11, 12) else 0
                wrong += (month >= 11) != (at > 0.75) if month in (2, 3, 11, 12) else 0
    assert right + wrong > 500
    assert right > 5 * wrong


@pytest.mark.parametrize(
    ("tail", "carrier", "n", "first", "last"),
    [
        ("N328AA", "AA", 389, "LAX LAX LAX LAX", "BOS MIA LAX"),
        ("N725MQ", "MQ", 544, "RDU DTW CRW RDU BNA CLE", "RDU CMH XNA CMH XNA CMH"),
    ],
)
def test_known_aircraft(aircraft, tail, carrier, n, first, last):
    """Read off the source: until 30 December, and until 1 November, not until September."""
    a = aircraft.tails.index(tail)
    codes = [aircraft.places[place] for place in aircraft.histories[a]]
    assert (aircraft.carriers[a], len(codes)) == (carrier, n)
    assert " ".join(codes).startswith(f"{first} ")
    assert " ".join(codes).endswith(f" {last}")


def test_a_flight_that_left_late_after_midnight_comes_after_the_others_of_its_day(aircraft):
    """N841AY on 18 March: 14:43 to Norfolk; at 0:14, from 19:30, to Charlotte. Then 21 March."""
    history = aircraft.histories[aircraft.tails.index("N841AY")]
    assert [aircraft.places[place] for place in history[5:9]] == ["ROC", "ORF", "CLT", "CVG"]


def test_the_last_flights_are_held_out(aircraft):
    training, validation, test = split_last_flights(aircraft)
    assert len(training) == len(validation) == len(test) == len(aircraft)
    assert validation.dtype == test.dtype == np.int64
    for a, history in enumerate(aircraft.histories):
        assert np.array_equal(np.append(training[a], [validation[a], test[a]]), history)
