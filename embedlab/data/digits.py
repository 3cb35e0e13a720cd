"""Two-digit numbers as pictures and as English words: pairs for a CLIP that trains in seconds.

A picture is two of scikit-learn's handwritten digits side by side. There are 1,797 of these, 8 x 8
pixels each: the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C.
Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0), written by 13 people.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_digits

# fmt: off
SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
# fmt: on
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBERS = np.arange(20, 100)  # their words name the left digit, then the right one
N_TRAINING_DIGITS = 1300


def number_name(number: int) -> str:
    """Return a number in English words with spaces between them: "seventy four" for 74.

    Raises:
        ValueError: `number` is not a whole number from 0 to 99.
    """
    if number not in range(100):
        raise ValueError(f"number is {number}: there are names for 0 to 99.")
    if number < 20:
        return SMALL[int(number)]
    tens, ones = divmod(int(number), 10)
    return TENS[tens - 2] + (f" {SMALL[ones]}" if ones else "")


@dataclass(frozen=True, eq=False, repr=False)
class Handwriting:
    """Pictures of single digits, from which pictures of numbers are put together.

    Attributes:
        pictures: (n, 8, 8) float32 from 0, paper, to 1, ink; sorted by digit.
        digits: (n,) int64, 0 to 9, increasing; every digit occurs.
    """

    pictures: np.ndarray
    digits: np.ndarray

    def __len__(self) -> int:
        """Return n."""
        return len(self.digits)

    def __repr__(self) -> str:
        """Return one short line instead of the arrays."""
        return f"Handwriting({len(self):,} pictures of digits)"

    def draw(self, numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a new picture of every number: its two digits, each chosen at random.

        >>> batch = pictures.train.draw(np.array([74, 20, 74]), np.random.default_rng(0))
        >>> plt.imshow(batch[0].reshape(8, 16), cmap="gray_r")

        Args:
            numbers: (n,) integers from 0 to 99; below 10 the left digit is a zero.
            rng: chooses all left digits, then all right ones.

        Returns:
            (n, 128) float32 from 0 to 1: 8 rows of 16 pixels, row after row.

        Raises:
            ValueError: `numbers` holds something else.
        """
        numbers = np.asarray(numbers)
        if numbers.ndim != 1 or not np.isin(numbers, np.arange(100)).all():
            raise ValueError("numbers must be one-dimensional, of whole numbers from 0 to 99.")
        sides = []
        for digit in np.divmod(numbers.astype(np.int64), 10):
            first = np.searchsorted(self.digits, digit)
            behind = np.searchsorted(self.digits, digit, side="right")
            sides.append(self.pictures[rng.integers(first, behind)])
        return np.concatenate(sides, axis=2).reshape(len(numbers), 128)


@dataclass(frozen=True, eq=False)
class NumberPictures:
    """What there is to train on, and what is kept for a test.

    Attributes:
        train: the digits that training pictures are drawn from.
        test: other pictures of digits, by the same 13 people.
        shown: (n_shown,) int64, the numbers from 20 to 99 to train on, increasing.
        never_shown: (n_never_shown,) int64, the others, increasing: for the zero-shot test.
    """

    train: Handwriting
    test: Handwriting
    shown: np.ndarray
    never_shown: np.ndarray


def load_number_pictures(seed: int, n_never_shown: int = 20) -> NumberPictures:
    """Split handwriting and numbers at random: 1,300 digits to train on and 497 to test on.

    Every left digit, 2 to 9, and every right one, 0 to 9, is part of a number that is shown.

    >>> pictures = load_number_pictures(seed=0)
    >>> rng = np.random.default_rng(0)
    >>> numbers = rng.choice(pictures.shown, 256)
    >>> images, names = pictures.train.draw(numbers, rng), [number_name(n) for n in numbers]

    Args:
        seed: of numpy.random.default_rng; the same seed gives the same split.
        n_never_shown: how many of the 80 numbers from 20 to 99 are kept from training, 1 to 40.

    Raises:
        ValueError: `n_never_shown` is not from 1 to 40.
    """
    if not 1 <= n_never_shown <= 40:
        raise ValueError(f"n_never_shown is {n_never_shown}: keep 1 to 40 of the 80 numbers.")
    rng = np.random.default_rng(seed)
    images, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(labels))
    train, test = (
        Handwriting(
            (images[part] / 16).astype(np.float32).reshape(-1, 8, 8), labels[part].astype(np.int64)
        )
        for part in (
            part[np.argsort(labels[part], kind="stable")]
            for part in np.split(order, [N_TRAINING_DIGITS])
        )
    )
    while True:
        never_shown = np.sort(rng.choice(NUMBERS, n_never_shown, replace=False))
        shown = np.setdiff1d(NUMBERS, never_shown)
        if len(np.unique(shown // 10)) == 8 and len(np.unique(shown % 10)) == 10:
            return NumberPictures(train, test, shown, never_shown)
