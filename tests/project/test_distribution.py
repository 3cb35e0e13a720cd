"""Tests of one file and lecture run in one process, so that what they share is made once."""

import pytest

ran_here = []  # the tests that have run in this process


@pytest.mark.parametrize("number", range(6))
def test_the_others_ran_here(number):
    ran_here.append(number)
    assert ran_here == list(range(number + 1))
