"""Zachary's karate club: who met whom outside of it, and on which side each member ended.

Source: Wayne W. Zachary, "An Information Flow Model for Conflict and Fission in Small Groups",
Journal of Anthropological Research 33(4), 1977, pages 452-473. A conflict between the instructor
("Mr. Hi") and the president split the club; he calls the latter's side the officers' club. His
members 1 to 34 are 0 to 33 here. How often two met in how many places, his matrix C, is left out.
"""

from dataclasses import dataclass

import numpy as np

N_MEMBERS = 34
FRIENDS = {  # of each member, those with a larger number
    0: (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31),
    1: (2, 3, 7, 13, 17, 19, 21, 30),
    2: (3, 7, 8, 9, 13, 27, 28, 32),
    3: (7, 12, 13),
    4: (6, 10),
    5: (6, 10, 16),
    6: (16,),
    8: (30, 32, 33),
    9: (33,),
    13: (33,),
    14: (32, 33),
    15: (32, 33),
    18: (32, 33),
    19: (33,),
    20: (32, 33),
    22: (32, 33),
    23: (25, 27, 29, 32, 33),
    24: (25, 27, 31),
    25: (31,),
    26: (29, 33),
    27: (33,),
    28: (31, 33),
    29: (32, 33),
    30: (32, 33),
    31: (32, 33),
    32: (33,),
}
OFFICERS = (9, 14, 15, 18, 20, *range(22, N_MEMBERS))


@dataclass(frozen=True, eq=False, repr=False)
class KarateClub:
    """A graph of 34 members.

    Attributes:
        edges: (78, 2) int64, each pair once, the smaller member first, sorted.
        clubs: (34,) int64 club that each member joined after the split, 0 or 1.
        club_names: of the two clubs. Member 0 is Mr. Hi, member 33 the president.
    """

    edges: np.ndarray
    clubs: np.ndarray
    club_names: tuple[str, str] = ("Mr. Hi's", "the officers'")

    def __len__(self) -> int:
        """Return 34."""
        return len(self.clubs)

    def __repr__(self) -> str:
        """Return one short line instead of the edges."""
        return f"KarateClub({len(self)} members, {len(self.edges)} edges)"


def load_karate() -> KarateClub:
    """Return Zachary's karate club."""
    edges = np.array([(a, b) for a, friends in FRIENDS.items() for b in friends])
    return KarateClub(edges, np.isin(np.arange(N_MEMBERS), OFFICERS).astype(np.int64))
