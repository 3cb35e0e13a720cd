"""The bundled votes of the Senate."""

import bz2

import numpy as np
import pytest

from embedlab.data import bundled
from embedlab.data.senate import Senate, contested_votes, load_senate


@pytest.fixture(scope="module")
def senate() -> Senate:
    return load_senate()


def test_the_bundled_votes_are_as_documented(senate):
    assert len(senate) == len(senate.names) == len(senate.states) == len(senate.parties) == 102
    assert senate.votes.shape == (102, 645)
    assert senate.votes.dtype == np.float64
    assert (senate.votes == 1).sum() == 40_207
    assert (senate.votes == 0).sum() == 22_650
    assert np.isnan(senate.votes).sum() == 2_933
    assert [senate.parties.count(party) for party in "RDI"] == [56, 45, 1]
    assert repr(senate) == "Senate(102 legislators, 645 votes, 95.5% known)"


def test_every_name_is_one_persons(senate):
    assert len(set(senate.names)) == 102
    assert {name for name in senate.names if " " in name} == {"Nelson FL", "Nelson NE"}
    assert {"McCain", "McConnell", "DeMint", "DeWine"} <= set(senate.names)
    assert all(senate.states.count(state) == 2 for state in set(senate.states) - {"USA", "NJ"})
    assert senate.states.count("NJ") == 3


def test_rows_say_what_the_file_says(senate):
    text = bz2.decompress((bundled.DATASETS / "senate109" / "votes.csv.bz2").read_bytes())
    lines = text.decode("ascii").splitlines()[1:]
    for i in range(0, 102, 17):
        *person, votes = lines[i].split(",")
        assert person == [senate.names[i], senate.states[i], senate.parties[i]]
        expected = [{"y": 1, "n": 0, "-": np.nan}[letter] for letter in votes]
        np.testing.assert_array_equal(senate.votes[i], expected)


def test_known_votes(senate):
    """The second and third roll call: Rice's confirmation, 85 to 13, and Gonzales', 60 to 36."""
    person = senate.names.index
    assert (senate.votes[:, 1] == 1).sum() == 86  # with the president
    assert (senate.votes[:, 1] == 0).sum() == 13
    assert senate.votes[person("Kennedy"), 1] == 0
    assert senate.votes[person("Obama"), 1] == 1
    assert (senate.votes[:, 2] == 0).sum() == 36
    assert senate.votes[person("Obama"), 2] == 0
    assert np.isnan(senate.votes[person("Menendez"), :366]).all()
    assert senate.parties[person("Jeffords")] == "I"


def test_contested_votes_have_a_large_minority():
    votes = np.array(
        [
            [1, 1, 0, 1, np.nan],
            [1, 1, 0, 0, np.nan],
            [1, 0, 0, np.nan, np.nan],
            [1, 1, 1, 0, np.nan],
        ]
    )
    assert contested_votes(votes, 0.0).tolist() == [False, True, True, True, False]
    assert contested_votes(votes, 0.25).tolist() == [False, False, False, True, False]
    assert contested_votes(votes, 0.3).tolist() == [False, False, False, True, False]
    assert contested_votes(votes, 0.4).tolist() == [False] * 5


def test_484_votes_were_contested(senate):
    assert contested_votes(senate.votes).sum() == 484
    assert (~contested_votes(senate.votes, 0.0)).sum() == 101


@pytest.mark.parametrize("minority", [-0.1, 0.5, np.nan])
def test_a_minority_that_is_no_minority_is_refused(minority):
    with pytest.raises(ValueError, match=r"a share from 0 to less than 0\.5"):
        contested_votes(np.ones((2, 2)), minority)
