"""Law 10, of mutants: every edit of a reference is refused or recorded as harmless, on any seed."""

from autograder.lecture.mutant_trials import REMEDY, try_mutants
from autograder.lecture.source import load_source

SEEDS = range(5)  # `autograder mutants` takes more


def test_no_new_survivor_and_no_seed_decides(lecture):
    faults = [
        fault
        for exercise in load_source(lecture).exercises
        for fault in try_mutants(lecture, exercise, SEEDS).faults
    ]
    assert not faults, "\n\n".join(["", *faults, REMEDY])
