"""The class that reports are tested on is what it claims to be."""

import random

from report_sample import LECTURE, SEED, by_habit, diagnosed, sample_class, variants

from autograder.lecture.examination import examine
from autograder.lecture.reference import load_reference
from autograder.lecture.source import load_source
from autograder.records import ABSENT, GRADED, REFUSED, STOPPED, UNREADABLE


def test_the_samples_are_what_they_claim():
    for name, choices in variants().items():
        exercise = load_source(LECTURE).exercises[name]
        kinds = [verdict.kind for _, verdict in choices]
        assert kinds[0] == "missing"
        assert set(kinds[1 : 2 + len(exercise.alternatives)]) == {"passed"}
        named = [verdict.mistake for _, verdict in choices if verdict.mistake]
        assert named == [mistake.name for mistake in exercise.mistakes]


def test_habits_change_how_a_function_is_written_and_not_what_it_does():
    for name, exercise in load_source(LECTURE).exercises.items():
        examination = examine(exercise, load_reference(LECTURE)[name], SEED)
        for code, verdict in variants()[name][1:]:
            namespace = dict(load_reference(LECTURE)[name].__globals__)
            exec(by_habit(code, random.Random(name)), namespace)
            assert diagnosed(examination, namespace[name]).kind == verdict.kind, code


def test_a_sample_class_has_every_status():
    records, _ = sample_class(100)
    assert {record.status for record in records} == {GRADED, UNREADABLE, ABSENT, REFUSED, STOPPED}
