"""Spreadsheets: scores for people, and the files that Canvas and Moodle import.

Names and messages come from students, and spreadsheets run a cell that starts like a formula
(https://owasp.org/www-community/attacks/CSV_Injection). `safe_cell` makes every text inert.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.finals import EMPTY_BOOK, ClassBook
from autograder.records import Record
from autograder.reports.text import NAME_CHARACTERS, display_name, number, one_line
from autograder.reports.words import NOT_HANDED_IN, lecture_title, verdict_words

CELL_CHARACTERS = 2_000
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹢﹣﹫−]")
BEHIND_SEMICOLON = re.compile(rf";(\s*)({FORMULA.pattern[3:]})")
POINTS_POSSIBLE = "    Points Possible"  # as Canvas writes it; it looks for the two words


@dataclass(frozen=True)
class LmsExport:
    """How many students an LMS's file holds, and the ids of those it could not hold."""

    written: int
    left_out: tuple[str, ...]


def safe_cell(text):
    """Return `text` on one line, such that no spreadsheet takes it for a formula.

    A leading quote disarms the cell; inside, text stays as it is, but for one case: a spreadsheet
    that splits at semicolons (as in German) would start a formula behind "; =", so that semicolon
    becomes a comma.
    """
    text = BEHIND_SEMICOLON.sub(r",\1\2", one_line(text, CELL_CHARACTERS))
    return f"'{text}" if FORMULA.match(text) else text


def write_scores_csv(path, records: Iterable[Record], book: ClassBook = EMPTY_BOOK):
    """Write a row per student: totals, then each exercise's score, verdict kind and mistake.

    Scores are those that count (see `autograder.gradebook.finals.Entered`); "changed by hand"
    names the exercises whose score the instructor changed. Who handed in nothing has a row without
    scores.
    """
    records = list(records)
    names = list(dict.fromkeys(name for record in records for name in record.exercises))
    header = ["student", "name", "status", "late", "total", "points"]
    header += ["late penalty", "changed by hand", *names]
    header += [f"{name}: verdict" for name in names] + ["sentence", "notes"]
    # the byte-order mark tells Excel that this is UTF-8
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(map(safe_cell, header))
        for record in records:
            writer.writerow(_scores_row(record, names, book.of(record.student.id)))
        for student in book.not_handed_in(records):
            known = map(safe_cell, (student.id, student.name, NOT_HANDED_IN))
            writer.writerow([*known, *[""] * (len(header) - 3)])


def _scores_row(record, names, entered):
    student, own = record.student, record.exercises
    return [
        *map(safe_cell, (student.id, student.name, record.status)),
        "late" if student.late else "",
        number(entered.total(record)),
        number(record.points),
        number(entered.penalty) if entered.penalty else "",
        safe_cell(", ".join(entered.changed(record))),
        *(number(entered.score_of(record, name)) if name in own else "" for name in names),
        *(safe_cell(_outcome(own.get(name))) for name in names),
        safe_cell(record.sentence),
        safe_cell(" | ".join(record.notes)),
    ]


def _outcome(exercise):
    if exercise is None:
        return ""
    kind, mistake = exercise.verdict.kind, exercise.verdict.mistake
    return f"{kind}: {mistake}" if mistake else kind


def write_canvas_csv(path, records: Iterable[Record], lecture: str, book=EMPTY_BOOK):
    """Write the file that Canvas's Gradebook imports; return the LmsExport.

    The column has the lecture's title for a name: where Canvas's assignment has another, it offers
    to make a new one.
    """
    # As read in lib/gradebook_importer.rb and lib/gradebook_exporter.rb of
    # https://github.com/instructure/canvas-lms: the header starts with Student and ID; "SIS User
    # ID" and "SIS Login ID" may follow; "Section" ends the student's columns; then come
    # assignments. A row whose first cell contains "Points Possible" sets the maxima. Students are
    # found by ID (Canvas's number, Student.lms_id); the empty columns are only looked at when
    # there is none. No byte-order mark: Ruby's CSV refuses a quote behind one.
    included, export = _of_lms(records, "canvas")
    points = max((record.points for record in included), default=0)
    column = safe_cell(lecture_title(lecture))
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column])
        writer.writerow([POINTS_POSSIBLE, "", "", "", "", number(points)])
        for record in included:
            name = safe_cell(display_name(record.student))
            if POINTS_POSSIBLE.strip() in name:
                name = record.student.id  # nobody sets the maximum by their name
            total = number(book.of(record.student.id).total(record))
            writer.writerow([name, record.student.lms_id, "", "", "", total])
    return export


def write_moodle_csv(path, records: Iterable[Record], book=EMPTY_BOOK):
    """Write the offline grading worksheet of Moodle's assignment; return the LmsExport."""
    # As read in mod/assign/gradingtable.php (the columns) and mod/assign/feedback/offline/
    # importgradeslib.php (the import) of https://github.com/moodle/moodle: "Identifier", "Grade"
    # and "Last modified (grade)" must be there, the others are for people. Identifier is
    # "Participant " and the number that Moodle also writes into the names of downloaded
    # submissions (Student.lms_id). "Last modified (grade)" is when Moodle's own grade was last
    # changed as far as the writer of the file knows (process_import_grades in mod/assign/feedback/
    # offline/locallib.php skips a row whose grade is newer). We never saw Moodle's grades, so it is
    # empty: who has no grade in Moodle yet gets this one, and a grade that is there already is
    # replaced only if the teacher ticks "Update records that have been modified". A date of ours
    # would overwrite what somebody entered in Moodle before. A grade above the maximum is skipped.
    # "Feedback comments" is read as HTML (set_editor_text in mod/assign/feedback/comments/
    # locallib.php). Moodle looks for the titles and the number format of the teacher's language:
    # upload with Moodle set to English.
    included, export = _of_lms(records, "moodle")
    header = ["Identifier", "Full name", "Status", "Grade", "Maximum Grade"]
    header += ["Grade can be changed", "Last modified (grade)", "Feedback comments"]
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for record in included:
            entered = book.of(record.student.id)
            writer.writerow(
                [
                    f"Participant {record.student.lms_id}",
                    safe_cell(record.student.name)[:NAME_CHARACTERS],
                    safe_cell(record.status),
                    number(entered.total(record)),
                    number(record.points),
                    "Yes",
                    "",  # Moodle's to know, see above
                    _comment(record, entered),
                ]
            )
    return export


def _of_lms(records, lms):
    """Return the records with a number in the LMS, and the LmsExport that names the others."""
    included, left_out = [], []
    for record in records:
        student = record.student
        # a number and nothing else: the cell decides whose grade is written
        if student.lms == lms and student.lms_id.isascii() and student.lms_id.isdigit():
            included.append(record)
        else:
            left_out.append(student.id)
    return included, LmsExport(len(included), tuple(left_out))


def _comment(record, entered):
    """Return a line per exercise as HTML, on one line of the file."""
    lines = [record.sentence] if record.sentence else []
    for name, exercise in record.exercises.items():
        verdict = exercise.verdict
        score = entered.score_of(record, name)
        line = f"{name}: {number(score)} of {number(exercise.points)}, "
        line += verdict_words(verdict.kind)
        if score != exercise.score:
            line += f", changed by your instructor from {number(exercise.score)}"
        lines.append(f"{line}. {verdict.sentence}" if verdict.sentence else line)
        if name in entered.comments:
            lines.append(f"Your instructor on {name}: {entered.comments[name]}")
    if entered.penalty:
        lines.append(f"{number(entered.penalty)} taken off for handing in late")
    return _html_cell(lines)


def _html_cell(lines):
    """Return the lines as HTML that reads as they do, in one cell that is no formula.

    What would be a formula behind the semicolon of "&lt;" is written as a character reference.
    """
    shown = (one_line(line, CELL_CHARACTERS) for line in lines)
    text = "<br>".join(line.replace("&", "&amp;").replace("<", "&lt;") for line in shown)
    if FORMULA.match(text):
        text = f"'{text}"
    while BEHIND_SEMICOLON.search(text):
        text = BEHIND_SEMICOLON.sub(lambda found: f";{found[1]}&#{ord(found[2])};", text)
    return text
