"""Text that comes from students, made fit to be shown: nothing hidden, nothing endless.

Escaping is left to the template engine; this removes what escaping keeps: control characters, the
marks that reverse the direction of text, lone surrogates (no UTF-8 file can hold them), and length.
"""

from autograder.hidden import HIDDEN

NAME_CHARACTERS = 80
LINE_CHARACTERS = 400


def plain(text, limit=LINE_CHARACTERS, stand_in=""):
    """Return `text` with `stand_in` for each hidden character, cut to about `limit` characters."""
    text = str(text)
    shown = HIDDEN.sub(stand_in, text[:limit].replace("\r\n", "\n"))
    return f"{shown}…" if len(text) > limit else shown


def one_line(text, limit=LINE_CHARACTERS):
    """Return `text` as `plain` does, on one line."""
    # all whitespace counts, lines are split at characters that `plain` would remove
    return " ".join(plain(" ".join(str(text)[: 2 * limit].split()), limit).split())


def display_name(student):
    """Return the student's name as the LMS writes it, or the id."""
    return one_line(student.name, NAME_CHARACTERS) or one_line(student.id, NAME_CHARACTERS)


def other_id(student):
    """Return the student's id, or "" if that is all that is known and shown as the name."""
    name = display_name(student)
    shown = one_line(student.id, NAME_CHARACTERS)
    return "" if shown == name else shown


def begun(text):
    """Return the text with a capital first letter, as a sentence begins."""
    return text[:1].upper() + text[1:]


def number(value):
    """Return a score as people write it: 2, 2.5, 0.33."""
    return f"{round(value, 2):g}"
