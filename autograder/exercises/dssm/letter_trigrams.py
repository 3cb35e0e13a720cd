"""Exercise `letter_trigrams`: cases, mistakes, alternatives."""

from autograder.exercises import Exercise
from autograder.exercises.dssm.drawing import a_word

letter_trigrams = Exercise("letter_trigrams", points=1)


@letter_trigrams.cases
def _(rng):
    yield "the worked example", {"text": "no banana"}
    yield "one word", {"text": a_word(rng, 6)}
    yield "two words", {"text": f"{a_word(rng, 7)} {a_word(rng, 5)}"}
    yield "a word of two letters", {"text": f"{a_word(rng, 5)} {a_word(rng, 2)}"}
    yield "a word of one letter in the middle", {"text": f"{a_word(rng, 4)} x {a_word(rng, 6)}"}
    yield "a word of one letter at the end", {"text": f"{a_word(rng, 5)} {a_word(rng, 1)}"}
    again = a_word(rng, 2)
    yield "letters that come again", {"text": f"{again * 3} {a_word(rng, 4)}"}
    same = a_word(rng, 4)
    yield "the same word twice", {"text": f"{same} {same}"}
    spaces = f" {a_word(rng, 4)}   {a_word(rng, 3)} "
    yield "spaces at both ends, and several between two words", {"text": spaces}
    digits = f"{rng.integers(1000, 9999)} {a_word(rng, 3)}"
    yield "digits count as letters", {"text": digits}
    capitals = f"{a_word(rng, 5).upper()} {a_word(rng, 6).title()}"
    yield "capitals stay capitals", {"text": capitals}
    a, b, c, d = (a_word(rng, n) for n in (4, 3, 2, 5))
    yield "a hyphen and an apostrophe stay in their words", {"text": f"{a}-{b} {d}'{c}"}
    yield "other signs stay too", {"text": f"{b}, ({a}) {d}_{c}! &"}


@letter_trigrams.mistake(
    "The marks are missing: put # before and behind every word first. They tell the beginning of a "
    "word from its middle, and give short words their trigrams."
)
def no_marks(text):
    return [word[i : i + 3] for word in text.split() for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Some of your trigrams reach from one word into the next: cut the text into words, and each "
    "word by itself."
)
def across_words(text):
    marked = "#" + "#".join(text.split()) + "#"
    return [marked[i : i + 3] for i in range(len(marked) - 2)]


@letter_trigrams.mistake(
    "You marked the whole text once. Every word gets its own two marks: first split, then mark."
)
def marked_once(text):
    marked = f"#{text}#"
    return [marked[i : i + 3] for i in range(len(marked) - 2)]


@letter_trigrams.mistake(
    "A trigram that comes twice stands in the list twice; yours lists each once. How often it "
    "comes will be its weight."
)
def each_once(text):
    marked = [f"#{word}#" for word in text.split()]
    every = [word[i : i + 3] for word in marked for i in range(len(word) - 2)]
    return list(dict.fromkeys(every))


@letter_trigrams.mistake(
    "Each once, and sorted: you made a set. The list keeps the order of the text, and a trigram "
    "that comes twice stands in it twice."
)
def sorted_set(text):
    marked = [f"#{word}#" for word in text.split()]
    return sorted({word[i : i + 3] for word in marked for i in range(len(word) - 2)})


@letter_trigrams.mistake(
    "Yours are the right trigrams, sorted. The list keeps the order of the text."
)
def sorted_list(text):
    marked = [f"#{word}#" for word in text.split()]
    return sorted(word[i : i + 3] for word in marked for i in range(len(word) - 2))


@letter_trigrams.mistake(
    "The last trigram of every word is missing, the one with the mark at its end. A word marked on "
    "both sides, of n characters with its marks, has n - 2 trigrams."
)
def last_missing(text):
    marked = [f"#{word}#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 3)]


@letter_trigrams.mistake(
    "There are pieces of fewer than three characters in your list: stop where a trigram ends at "
    "the last mark, n - 2 of them in a marked word of n characters."
)
def short_pieces(text):
    marked = [f"#{word}#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word))]


@letter_trigrams.mistake("Words of one letter are missing: marked, `#x#` is one trigram.")
def one_letter_words_lost(text):
    marked = [f"#{word}#" for word in text.split() if len(word) > 1]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.mistake("Words begin with a mark too: `#no#`, not `no#`.")
def no_mark_in_front(text):
    marked = [f"{word}#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Your trigrams do not overlap. Move on by one character at a time, not by three."
)
def without_overlap(text):
    marked = [f"#{word}#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(0, len(word) - 2, 3)]


@letter_trigrams.mistake(
    "You made a list for every word. Return one list of all trigrams, word after word."
)
def nested(text):
    marked = [f"#{word}#" for word in text.split()]
    return [[word[i : i + 3] for i in range(len(word) - 2)] for word in marked]


@letter_trigrams.mistake(
    "You turned capitals into small letters. Take the text as it is: where it matters, the texts "
    "are in small letters already."
)
def in_small_letters(text):
    marked = [f"#{word}#" for word in text.lower().split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Words end at hyphens, apostrophes and other signs in yours, as with `\\w+`, and the signs are "
    "lost. Only spaces separate words: split at them, and keep every other character."
)
def words_by_expression(text):
    import re

    marked = [f"#{word}#" for word in re.findall(r"\w+", text)]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Hyphens, apostrophes and other signs are missing in your trigrams. Take every character of "
    "the text as it is; only spaces are dropped."
)
def signs_removed(text):
    import re

    marked = [f"#{word}#" for word in re.sub(r"[^\w\s]", "", text).split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Your list has the trigrams of the first word only. Go through all words and return after the "
    "loop."
)
def first_word_only(text):
    word = f"#{text.split()[0]}#"
    return [word[i : i + 3] for i in range(len(word) - 2)]


@letter_trigrams.mistake(
    "Your list has the trigrams of the last word only. Make the list once, before the loop, and "
    "add to it."
)
def last_word_only(text):
    word = f"#{text.split()[-1]}#"
    return [word[i : i + 3] for i in range(len(word) - 2)]


@letter_trigrams.mistake("Your words have two marks on each side. One is enough: `#no#`.")
def two_marks(text):
    marked = [f"##{word}##" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.refused
def only_letters(text):
    marked = ["#" + "".join(c for c in word if c.isalpha()) + "#" for word in text.split()]
    return [word[i : i + 3] for word in marked for i in range(len(word) - 2)]


@letter_trigrams.alternative
def trigrams_by_zip(text):
    found = []
    for word in text.split():
        marked = f"#{word}#"
        found.extend(map("".join, zip(marked, marked[1:], marked[2:], strict=False)))
    return found


@letter_trigrams.alternative
def trigrams_by_expression(text):
    import re

    marked = " ".join(f"#{word}#" for word in text.split())
    return re.findall(r"(?=([^ ]{3}))", marked)
