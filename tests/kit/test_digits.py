"""Numbers as pictures and as words, and what is kept for the test."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from embedlab.data.digits import NUMBERS, Handwriting, load_number_pictures, number_name


@pytest.fixture(scope="module")
def pictures():
    return load_number_pictures(seed=0)


def test_names_by_hand():
    named = {0: "zero", 7: "seven", 10: "ten", 19: "nineteen", 20: "twenty", 74: "seventy four"}
    named |= {30: "thirty", 45: "forty five", 51: "fifty one", 68: "sixty eight", 99: "ninety nine"}
    assert {number: number_name(number) for number in named} == named
    assert number_name(np.int64(83)) == "eighty three"
    assert len({number_name(number) for number in range(100)}) == 100


@pytest.mark.parametrize("number", [-1, 100, 20.5])
def test_other_numbers_have_no_name(number):
    with pytest.raises(ValueError, match=f"number is {number}: there are names for 0 to 99"):
        number_name(number)


def test_a_picture_is_the_left_digit_beside_the_right_one():
    shades = np.repeat(np.arange(10, dtype=np.float32), 2)[:, None, None] / 10
    ramp = np.arange(64, dtype=np.float32).reshape(8, 8) / 1000
    hand = Handwriting(shades + ramp, np.repeat(np.arange(10), 2))
    seven_four = hand.draw(np.array([74]), np.random.default_rng(0)).reshape(8, 16)
    np.testing.assert_allclose(seven_four[:, :8], 0.7 + ramp, atol=1e-6)
    np.testing.assert_allclose(seven_four[:, 8:], 0.4 + ramp, atol=1e-6)
    nine = hand.draw(np.array([9]), np.random.default_rng(0)).reshape(8, 16)
    np.testing.assert_allclose(nine, np.hstack((ramp, 0.9 + ramp)), atol=1e-6)


def test_each_side_is_any_picture_of_its_digit(pictures):
    hand = pictures.train
    drawn = hand.draw(np.full(4000, 38), np.random.default_rng(1)).reshape(-1, 8, 16)
    for side, digit in ((drawn[:, :, :8], 3), (drawn[:, :, 8:], 8)):
        chosen = {one.tobytes() for one in side}
        assert chosen == {one.tobytes() for one in hand.pictures[hand.digits == digit]}


def test_pictures_are_float32_between_paper_and_ink_and_follow_their_generator(pictures):
    numbers = np.arange(100)
    first, again, other = (
        pictures.test.draw(numbers, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert first.shape == (100, 128)
    assert first.dtype == np.float32
    assert (first.min(), first.max()) == (0, 1)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("numbers", [[100], [-1], [20.5], [[20, 30]], 20])
def test_what_is_no_list_of_numbers_is_refused(pictures, numbers):
    with pytest.raises(ValueError, match="whole numbers from 0 to 99"):
        pictures.train.draw(np.array(numbers), np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(5))
def test_training_and_test_share_no_picture_of_a_digit(seed):
    pictures = load_number_pictures(seed)
    assert (len(pictures.train), len(pictures.test)) == (1300, 497)
    parts = pictures.train, pictures.test
    together = np.concatenate([part.pictures.reshape(len(part), 64) for part in parts])
    labels = np.concatenate([part.digits for part in parts])
    images, digits = load_digits(return_X_y=True)

    def rows(images, digits):
        return sorted((int(digit), *image) for image, digit in zip(images, digits, strict=True))

    assert rows((together * 16).round(), labels) == rows(images, digits)


@pytest.mark.parametrize(("n_never_shown", "n_seeds"), [(1, 3), (20, 3), (40, 100)])
def test_numbers_are_shown_or_not_and_every_digit_is_somewhere(n_never_shown, n_seeds):
    for seed in range(n_seeds):
        pictures = load_number_pictures(seed, n_never_shown)
        assert len(pictures.never_shown) == n_never_shown
        both = np.concatenate((pictures.shown, pictures.never_shown))
        np.testing.assert_array_equal(np.sort(both), NUMBERS)
        assert set(pictures.shown // 10) == set(range(2, 10))
        assert set(pictures.shown % 10) == set(range(10))


def test_a_split_follows_its_seed():
    first, again, other = map(load_number_pictures, (5, 5, 6))
    np.testing.assert_array_equal(first.never_shown, again.never_shown)
    np.testing.assert_array_equal(first.train.pictures, again.train.pictures)
    assert first.never_shown.tolist() != other.never_shown.tolist()
    assert (first.train.pictures != other.train.pictures).any()


@pytest.mark.parametrize("n_never_shown", [0, 41])
def test_too_many_or_no_hidden_numbers_are_refused(n_never_shown):
    with pytest.raises(ValueError, match=f"n_never_shown is {n_never_shown}: keep 1 to 40"):
        load_number_pictures(0, n_never_shown)
