"""Zachary's karate club, against what is known of it."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from embedlab.data.karate import load_karate


def test_the_club_is_the_one_of_the_paper():
    club = load_karate()
    assert repr(club) == "KarateClub(34 members, 78 edges)"
    assert len(club) == 34
    assert club.edges.shape == (78, 2)
    assert club.edges.dtype == club.clubs.dtype == np.int64
    assert club.edges.tolist() == sorted(club.edges.tolist())
    assert (club.edges[:, 0] < club.edges[:, 1]).all()
    assert len(set(map(tuple, club.edges.tolist()))) == 78
    degrees = np.bincount(club.edges.ravel())
    assert degrees.tolist() == [
        *(16, 9, 10, 6, 3, 4, 4, 4, 5, 2, 3, 1, 2, 5, 2, 2, 2),
        *(2, 2, 3, 2, 2, 2, 5, 3, 3, 2, 4, 3, 4, 4, 6, 12, 17),
    ]
    adjacency = np.zeros((34, 34))
    adjacency[*club.edges.T] = adjacency[*club.edges.T[::-1]] = 1
    assert connected_components(csr_array(adjacency))[0] == 1
    assert np.trace(np.linalg.matrix_power(adjacency, 3)) / 6 == 45  # triangles


def test_the_clubs_have_17_members_each_and_the_leaders_are_apart():
    club = load_karate()
    assert np.bincount(club.clubs).tolist() == [17, 17]
    assert (club.clubs[0], club.clubs[33]) == (0, 1)
    assert club.clubs[8] == 0  # member 9 of the paper, who changed sides
    between = club.clubs[club.edges[:, 0]] != club.clubs[club.edges[:, 1]]
    assert between.sum() == 11
    assert len(club.club_names) == 2
