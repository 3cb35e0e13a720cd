"""A copied pair in a class whose honest members share the template and short standard solutions."""

import pytest
from report_sample import disguised, released, sample_class, stub, variants

from autograder.reports.similarity import similar_pairs

TEMPLATE = [cell.source for cell in released().cells if cell.cell_type == "code"]


def honest_class(size):
    return sample_class(size)[1]


def diligent(sources):
    """Return the students who wrote every exercise."""
    return [
        student
        for student, cells in sources.items()
        if all(cells[name] != stub(name) for name in cells)
    ]


def test_honest_students_do_not_appear():
    assert similar_pairs(honest_class(120).items(), TEMPLATE) == []


@pytest.mark.parametrize("size", [30, 120])
def test_a_disguised_copy_ranks_first(size):
    sources = honest_class(size)
    original, copier = diligent(sources)[0], f"s{size - 1:04}"
    sources[copier] = {name: disguised(code) for name, code in sources[original].items()}
    pairs = similar_pairs(sources.items(), TEMPLATE)
    assert [(pair.student_a, pair.student_b) for pair in pairs] == [(original, copier)]
    assert 60 <= pairs[0].percent <= 100
    assert "fit_slim" in pairs[0].exercises
    assert set(pairs[0].exercises) <= set(variants())


def test_who_only_has_the_template_or_the_standard_solution_resembles_nobody():
    blank = {name: stub(name) for name in variants()}
    standard = {name: choices[1][0] for name, choices in variants().items()}
    sources = honest_class(60)
    sources |= {f"blank{number}": blank for number in range(5)}
    sources |= {f"standard{number}": standard for number in range(10)}
    assert similar_pairs(sources.items(), TEMPLATE) == []


def test_the_template_is_subtracted():
    """Two who add a line each to a long given cell share nothing of their own."""
    given = "\n".join(f"value_{n} = compute(first_{n} + {n}, second[{n}])" for n in range(60))
    sources = {"a": {"cell": f"{given}\nx = 1"}, "b": {"cell": f"{given}\ny = 2"}}
    assert similar_pairs(sources.items(), [given]) == []
    assert similar_pairs(sources.items(), [])[0].percent > 90


def test_a_ring_in_a_small_class_is_found_whole():
    sources = honest_class(60)
    original = diligent(sources)[0]
    ring = [original, "s0055", "s0056", "s0057"]
    for member in ring[1:]:
        sources[member] = {name: disguised(code) for name, code in sources[original].items()}
    found = similar_pairs(sources.items(), TEMPLATE)
    assert {student for pair in found for student in (pair.student_a, pair.student_b)} == set(ring)
    assert len(found) == 6


def test_code_that_is_no_python_and_classes_of_one_are_fine():
    assert similar_pairs([], []) == []
    assert similar_pairs([("a", {"x": "1"})], TEMPLATE) == []
    strange = {"a": {"x": "%%bash\n'''\x00" * 9}, "b": {"x": ""}, "c": {}}
    assert similar_pairs(strange.items(), TEMPLATE) == []


def test_a_generator_will_do_and_the_order_does_not_matter():
    sources = honest_class(60)
    original = diligent(sources)[0]
    sources["s0059"] = {name: disguised(code) for name, code in sources[original].items()}
    forward = similar_pairs((item for item in sources.items()), iter(TEMPLATE))
    backward = similar_pairs(reversed(sources.items()), TEMPLATE)
    assert [pair.student_a for pair in forward] == [pair.student_a for pair in backward]
    assert forward[0].percent == pytest.approx(backward[0].percent)
