"""The bundled flights from New York in 2013 as rows of categorical fields, and their splits.

The data are in the public domain; datasets/flights2013/README.md says where they came from.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from embedlab.data.bundled import read_bundled

FIELDS = (
    *("carrier", "origin", "dest", "month", "weekday", "hour"),
    *("tailnum", "manufacturer", "model", "built", "flight"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, eq=False, repr=False)
class Flights:
    """Flights as rows with one feature of every field, and whether each was late.

    A feature is a value of a field: carrier EV, origin EWR. In a one-hot row exactly n_fields of
    the n_features entries are 1, and `features` holds their positions. Rows are sorted by date and
    scheduled hour; every split keeps that order.

    Attributes:
        features: (n, n_fields) int64; features[r, f] is the feature that row r has in field f,
            0 to n_features - 1. A field's features are consecutive, no two fields share one.
        late: (n,) int64, 1 if the flight arrived more than 15 minutes late, otherwise 0.
        days: (n,) int64 day of the year, 0 (1 January) to 364.
        fields: names of the n_fields fields.
        field_of: (n_features,) int64 field of each feature, increasing.
        values: n_features strings, the value that each feature stands for.
    """

    features: np.ndarray
    late: np.ndarray
    days: np.ndarray
    fields: tuple[str, ...]
    field_of: np.ndarray
    values: tuple[str, ...]

    @property
    def n_features(self) -> int:
        """The number of features of all fields, those without a row here included."""
        return len(self.values)

    @property
    def n_fields(self) -> int:
        """The number of fields."""
        return len(self.fields)

    def __len__(self) -> int:
        """Return n, the number of flights."""
        return len(self.late)

    def __repr__(self) -> str:
        """Return one short line instead of the arrays."""
        return (
            f"Flights({len(self):,} flights, {self.n_features:,} features "
            f"of {self.n_fields} fields, {self.late.sum():,} late)"
        )

    def feature(self, field: str, value: str) -> int:
        """Return the feature that stands for a value of a field, as in feature("origin", "EWR").

        Raises:
            ValueError: there is no such field, or it has no such value.
        """
        if field not in self.fields:
            raise ValueError(f"There is no field {field!r}: choose of {', '.join(self.fields)}.")
        among = np.flatnonzero(self.field_of == self.fields.index(field))
        found = [i for i in among.tolist() if self.values[i] == value]
        if not found:
            some = ", ".join(repr(self.values[i]) for i in among[:5])
            raise ValueError(f"No flight has {field} {value!r}: values are strings such as {some}.")
        return found[0]

    def _at(self, rows: np.ndarray) -> "Flights":
        """Return the flights where the (n,) boolean array is true; features keep their numbers."""
        return replace(
            self, features=self.features[rows], late=self.late[rows], days=self.days[rows]
        )


def load_flights(fields: Sequence[str] = FIELDS) -> Flights:
    """Return the bundled flights: 100,000 that left New York's three airports in 2013 and arrived.

    Args:
        fields: which fields a row has, in this order: any of `FIELDS`, and "day", the date. With
            the default there are 7,590 features of 11 fields.

    Values are strings. Those of a field are numbered in the order of numbers where they are
    numbers (month, hour, built, flight), from Monday to Sunday, and otherwise of their letters;
    "unknown" (manufacturer, model, built) comes last.

    Raises:
        DataError: a data file is missing, cut short or altered; the message names it.
        ValueError: a field is unknown or named twice, or none is named.
    """
    known = (*FIELDS, "day")
    strange = [field for field in fields if field not in known]
    if strange or len(set(fields)) != len(fields) or not fields:
        raise ValueError(
            f"fields is {tuple(fields)!r}: choose each at most once, and at least one, "
            f"of {', '.join(known)}."
        )
    text = read_bundled("flights2013", "flights.csv.bz2").decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text))
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    pairs = list(zip(columns["month"], columns["day"], strict=True))
    date_of = {pair: date(2013, *map(int, pair)) for pair in set(pairs)}
    dates = [date_of[pair] for pair in pairs]
    columns["day"] = [day.isoformat() for day in dates]
    columns["weekday"] = [WEEKDAYS[day.weekday()] for day in dates]

    features, values, sizes = [], [], []
    for field in fields:
        found = _in_order(set(columns[field]))
        number = {value: len(values) + i for i, value in enumerate(found)}
        features.append([number[value] for value in columns[field]])
        values += [value or "unknown" for value in found]
        sizes.append(len(found))
    return Flights(
        features=np.array(features, dtype=np.int64).T.copy(),
        late=np.array(columns["late"], dtype=np.int64),
        days=np.array([day.toordinal() for day in dates]) - date(2013, 1, 1).toordinal(),
        fields=tuple(fields),
        field_of=np.repeat(np.arange(len(fields)), sizes),
        values=tuple(values),
    )


def _in_order(found: set[str]) -> list[str]:
    """Return a field's values in the order in which they are numbered."""
    known = found - {""}
    if known <= set(WEEKDAYS):
        known = sorted(known, key=WEEKDAYS.index)
    elif all(value.isdecimal() for value in known):
        known = sorted(known, key=int)
    else:
        known = sorted(known)
    return known + [""] * ("" in found)


def split_rows(flights: Flights, seed: int) -> tuple[Flights, Flights, Flights]:
    """Hold out rows at random, a tenth for validation and a tenth for the test.

    A day's other flights are then nearly all in training: compare `split_days`.

    Args:
        flights: what to split.
        seed: of numpy.random.default_rng; the same seed gives the same split.

    Returns:
        (train, validation, test), disjoint, together all flights, with the same features. Of n
        rows, validation and test have n // 10 each.
    """
    part = _part_of(len(flights), seed)
    return tuple(flights._at(part == i) for i in range(3))


def split_days(flights: Flights, seed: int) -> tuple[Flights, Flights, Flights]:
    """Hold out whole days at random, a tenth of them for validation and a tenth for the test.

    All flights of a day are in the same part, so nothing in training tells how a day of the test
    went.

    Args:
        flights: what to split.
        seed: of numpy.random.default_rng; the same seed gives the same split.

    Returns:
        (train, validation, test), disjoint, together all flights, with the same features. Of d
        days that have flights, validation and test have d // 10 each.
    """
    days, day_of = np.unique(flights.days, return_inverse=True)
    part = _part_of(len(days), seed)[day_of]
    return tuple(flights._at(part == i) for i in range(3))


def _part_of(n: int, seed: int) -> np.ndarray:
    """Return the part of each of n things, drawn: 0 train, 1 validation, 2 test; (n,) int64."""
    part = np.zeros(n, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(n)
    part[order[: n // 10]] = 2
    part[order[n // 10 : 2 * (n // 10)]] = 1
    return part
