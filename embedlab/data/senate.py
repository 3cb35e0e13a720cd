"""The bundled roll calls of the 109th Senate of the United States, 2005 and 2006.

They are public record; datasets/senate109/LICENSE.txt says where they came from.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np

from embedlab.data.bundled import read_bundled

VALUES = {"y": 1.0, "n": 0.0, "-": np.nan}


@dataclass(frozen=True, eq=False, repr=False)
class Senate:
    """Legislators and their votes; position i of every attribute belongs to legislator i.

    Attributes:
        names: n_legislators different surnames, the two Nelsons with their states.
        states: n_legislators states in two letters; "USA" is the president's.
        parties: n_legislators of "D", "R" and "I", the independent.
        votes: (n_legislators, n_votes) float64: 1 for yea, 0 for nay, NaN where neither is known.
    """

    names: tuple[str, ...]
    states: tuple[str, ...]
    parties: tuple[str, ...]
    votes: np.ndarray

    def __len__(self) -> int:
        """Return n_legislators."""
        return len(self.names)

    def __repr__(self) -> str:
        """Return one short line instead of the votes."""
        known = np.isfinite(self.votes).mean()
        return f"Senate({len(self)} legislators, {self.votes.shape[1]} votes, {known:.1%} known)"


def load_senate() -> Senate:
    """Return the bundled roll calls: 102 legislators, 645 votes in the order of time.

    The first legislator is President Bush, with the positions that he announced; Corzine and
    Menendez shared a seat, one after the other.

    Raises:
        DataError: the data file is missing, cut short or altered; the message names it.
    """
    text = read_bundled("senate109", "votes.csv.bz2").decode("ascii")
    rows = list(csv.DictReader(io.StringIO(text)))
    return Senate(
        names=tuple(row["name"] for row in rows),
        states=tuple(row["state"] for row in rows),
        parties=tuple(row["party"] for row in rows),
        votes=np.array([[VALUES[letter] for letter in row["votes"]] for row in rows]),
    )


def contested_votes(votes: np.ndarray, minority: float = 0.1) -> np.ndarray:
    """Return which votes were contested, (n_votes,) bool.

    A vote is contested if more than `minority` of its known entries are on the smaller side.

    Args:
        votes: (n_legislators, n_votes), 1, 0 or NaN.
        minority: a share, at least 0 and less than a half.

    Raises:
        ValueError: `minority` is not such a share.
    """
    if not 0 <= minority < 0.5:
        raise ValueError(
            f"minority is {minority}: choose a share from 0 to less than 0.5, such as 0.1."
        )
    yeas, nays = (votes == 1).sum(axis=0), (votes == 0).sum(axis=0)
    return np.minimum(yeas, nays) > minority * (yeas + nays)
