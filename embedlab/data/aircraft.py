"""The bundled aircraft: where each flew from New York in 2013, flight after flight.

The data are in the public domain; datasets/flights2013_tails/README.md says where they came from.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np

from embedlab.data.bundled import read_bundled


@dataclass(frozen=True, eq=False, repr=False)
class Aircraft:
    """Aircraft and their histories: the places to which each flew, in time order.

    Places are numbered in the order of their codes. Position a of all tuples belongs to aircraft a;
    aircraft are sorted by airline and registration, so shuffle before taking the first ones.

    Attributes:
        histories: n arrays (n_flights,) int64 of places, 0 to n_places - 1, at least 20 each. A
            place comes again and again.
        carriers: n two-letter codes of the airline of the first flight.
        tails: n registrations.
        places: n_places three-letter codes of airports.
        names: n_places names of the airports; the code where the name is missing.
    """

    histories: tuple[np.ndarray, ...]
    carriers: tuple[str, ...]
    tails: tuple[str, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def n_places(self) -> int:
        """The number of different destinations."""
        return len(self.places)

    def __len__(self) -> int:
        """Return n, the number of aircraft."""
        return len(self.histories)

    def __repr__(self) -> str:
        """Return one short line instead of the histories."""
        n_flights = sum(map(len, self.histories))
        return f"Aircraft({len(self):,} aircraft, {n_flights:,} flights to {self.n_places} places)"


def load_aircraft() -> Aircraft:
    """Return the bundled aircraft: 3,146 with 321,123 flights to 104 places in 2013.

    Raises:
        DataError: a data file is missing, cut short or altered; the message names it.
    """
    text = read_bundled("flights2013_tails", "places.csv.bz2").decode("utf-8")
    _, *airports = csv.reader(io.StringIO(text))
    number = {code: place for place, (code, _) in enumerate(airports)}
    lines = read_bundled("flights2013_tails", "aircraft.txt.bz2").decode("ascii").splitlines()
    carriers, tails, flown = zip(*(line.split(" ", maxsplit=2) for line in lines), strict=True)
    return Aircraft(
        histories=tuple(np.array([number[code] for code in all_.split()]) for all_ in flown),
        carriers=carriers,
        tails=tails,
        places=tuple(number),
        names=tuple(name or code for code, name in airports),
    )


def split_last_flights(aircraft: Aircraft) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Hold out every aircraft's last flight for the test and the one before for validation.

    A model trains on the first part. To predict the flight of the test it may read all before it,
    `aircraft.histories[a][:-1]`, that of validation included.

    Returns:
        (training, validation, test): n histories without their last two flights, and two (n,) int64
        arrays of places, the last flight but one and the last.
    """
    return (
        [history[:-2] for history in aircraft.histories],
        np.array([history[-2] for history in aircraft.histories]),
        np.array([history[-1] for history in aircraft.histories]),
    )
