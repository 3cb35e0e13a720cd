"""The bundled flights and their splits."""

import bz2
import csv
import io
from datetime import date

import numpy as np
import pytest

from embedlab.data import bundled
from embedlab.data.flights import FIELDS, Flights, load_flights, split_days, split_rows


@pytest.fixture(scope="module")
def flights() -> Flights:
    return load_flights()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    text = bz2.decompress((bundled.DATASETS / "flights2013" / "flights.csv.bz2").read_bytes())
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def small_flights(n: int, n_days: int, seed: int) -> Flights:
    """Return n flights on n_days days far apart, with fields of 4 and 5 features."""
    rng = np.random.default_rng(seed)
    days = np.sort(np.r_[np.arange(n_days), rng.integers(n_days, size=n - n_days)]) * 7
    # The first field numbers the rows: what a split does with each can be followed.
    features = np.stack([np.arange(n), n + rng.integers(5, size=n)], axis=1)
    values = tuple(f"value {i}" for i in range(n + 5))
    field_of = np.repeat([0, 1], [n, 5])
    return Flights(features, rng.integers(2, size=n), days, ("row", "other"), field_of, values)


def values_of(flights: Flights, row: int) -> dict[str, str]:
    """Return {field: value} of a row."""
    return {
        field: flights.values[feature]
        for field, feature in zip(flights.fields, flights.features[row].tolist(), strict=True)
    }


def test_bundled_flights_have_the_documented_shapes(flights):
    assert flights.fields == FIELDS
    assert (len(flights), flights.n_fields, flights.n_features) == (100_000, 11, 7_590)
    assert flights.features.shape == (100_000, 11)
    assert flights.late.shape == flights.days.shape == (100_000,)
    assert flights.field_of.shape == (7_590,)
    for array in (flights.features, flights.late, flights.days, flights.field_of):
        assert array.dtype == np.int64
    assert (flights.late == 1).sum() == 23_707
    assert (flights.late == 0).sum() == 76_293
    assert np.array_equal(np.unique(flights.days), np.arange(365))
    assert (np.diff(flights.days) >= 0).all()
    assert repr(flights) == "Flights(100,000 flights, 7,590 features of 11 fields, 23,707 late)"


def test_every_row_has_one_feature_of_every_field(flights):
    assert np.array_equal(flights.field_of[flights.features], np.tile(np.arange(11), (100_000, 1)))
    assert np.array_equal(np.unique(flights.features), np.arange(7_590))
    assert (np.diff(flights.field_of) >= 0).all()


def test_rows_say_what_the_file_says(flights, rows):
    for row in range(0, len(rows), 501):
        written, read = rows[row], values_of(flights, row)
        day = date(2013, int(written["month"]), int(written["day"]))
        assert read.pop("weekday") == day.strftime("%A")
        assert read == {field: written[field] or "unknown" for field in read}
        assert flights.days[row] == (day - date(2013, 1, 1)).days
        assert flights.late[row] == int(written["late"])


def test_known_flights(flights):
    """Two rows of the source: arrived 8 minutes early, 38 minutes late."""
    fields = "carrier", "flight", "tailnum", "origin", "dest", "hour", "model", "built"
    for values, day, late in (
        (("B6", "79", "N593JB", "JFK", "MCO", "6", "A320-232", "2004"), 0, 0),
        (("B6", "2002", "N179JB", "JFK", "BUF", "22", "ERJ 190-100 IGW", "2005"), 364, 1),
    ):
        wanted = [flights.feature(*pair) for pair in zip(fields, values, strict=True)]
        columns = [FIELDS.index(field) for field in fields]
        found = (flights.features[:, columns] == wanted).all(axis=1) & (flights.days == day)
        assert flights.late[found].tolist() == [late]


def test_values_are_numbered_in_order(flights):
    def of(field):
        among = flights.field_of == FIELDS.index(field)
        return [flights.values[i] for i in np.flatnonzero(among)]

    assert of("origin") == ["EWR", "JFK", "LGA"]
    assert of("month") == [str(month) for month in range(1, 13)]
    assert of("hour") == [str(hour) for hour in range(5, 24)]
    assert of("weekday")[0] == "Monday"
    assert of("weekday")[-1] == "Sunday"
    assert of("flight") == sorted(of("flight"), key=int)
    assert of("built")[-1] == of("model")[-1] == of("manufacturer")[-1] == "unknown"
    assert of("model")[:-1] == sorted(of("model")[:-1])


def test_the_date_can_be_a_field_and_fields_can_be_left_out(flights):
    dated = load_flights(("origin", "day"))
    assert dated.fields == ("origin", "day")
    assert dated.n_features == 3 + 365
    assert dated.values[3] == "2013-01-01"
    assert dated.values[-1] == "2013-12-31"
    assert np.array_equal(dated.features[:, 1] - 3, flights.days)
    assert np.array_equal(dated.late, flights.late)
    assert np.array_equal(dated.features[:, 0], flights.features[:, 1] - 16)


@pytest.mark.parametrize("fields", [["carriers"], ["origin", "dest", "origin"], []])
def test_fields_that_cannot_be_are_refused(fields):
    with pytest.raises(ValueError, match=r"choose each at most once, .* of carrier, .*, day"):
        load_flights(fields)


def test_a_feature_is_found_by_name(flights):
    feature = flights.feature("origin", "EWR")
    assert flights.values[feature] == "EWR"
    assert FIELDS[flights.field_of[feature]] == "origin"
    assert flights.feature("month", "7") != flights.feature("hour", "7")
    with pytest.raises(ValueError, match="no field 'origins': choose of carrier, origin"):
        flights.feature("origins", "EWR")
    with pytest.raises(ValueError, match=r"No flight has origin 'LAX': .* 'EWR', 'JFK', 'LGA'"):
        flights.feature("origin", "LAX")


@pytest.mark.parametrize("split", [split_rows, split_days])
@pytest.mark.parametrize("seed", range(3))
def test_the_parts_are_disjoint_and_together_complete(split, seed):
    flights = small_flights(n=230, n_days=47, seed=seed)
    parts = split(flights, seed)
    numbers = np.concatenate([part.features[:, 0] for part in parts])
    assert np.array_equal(np.sort(numbers), np.arange(230))
    for part in parts:
        rows = part.features[:, 0]  # in the first field, a row's feature is its number
        assert (np.diff(rows) > 0).all()
        assert np.array_equal(part.features, flights.features[rows])
        assert np.array_equal(part.late, flights.late[rows])
        assert np.array_equal(part.days, flights.days[rows])
        assert part.values is flights.values
        assert part.fields == flights.fields
        assert part.field_of is flights.field_of


def test_split_rows_takes_the_documented_numbers(flights):
    assert [len(part) for part in split_rows(flights, 0)] == [80_000, 10_000, 10_000]
    assert [len(part) for part in split_rows(small_flights(47, 9, 0), 0)] == [39, 4, 4]


@pytest.mark.parametrize("seed", range(5))
def test_split_days_keeps_every_day_whole(seed):
    flights = small_flights(n=230, n_days=47, seed=seed)
    days = [set(part.days.tolist()) for part in split_days(flights, seed)]
    assert [len(part) for part in days] == [39, 4, 4]
    assert len(set.union(*days)) == 47


@pytest.mark.parametrize("split", [split_rows, split_days])
def test_a_split_follows_its_seed(split):
    flights = small_flights(n=230, n_days=47, seed=0)
    first, again, other = (split(flights, seed)[2].features[:, 0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("part", [1, 2])
def test_every_day_can_be_held_out(part):
    flights = small_flights(n=60, n_days=20, seed=0)
    held_out = [frozenset(split_days(flights, seed)[part].days.tolist()) for seed in range(200)]
    assert set.union(*map(set, held_out)) == set(flights.days.tolist())
    assert len(set(held_out)) > 50
