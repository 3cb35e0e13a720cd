"""Find the students in a listing: nbgrader's layout, an LMS's download, folders or files."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.intake.entries import Entry, Listing
from autograder.intake.lecture import lecture_pattern, released
from autograder.intake.names import CANVAS_REVISION, Owner, parse_lms_name, student_ids
from autograder.records import Student

COLLECTED = (".ipynb", ".zip")  # what may hold somebody's work
COPY_MARK = re.compile(r"^copy of |-copy\d*|(?<!\s)\s*\(\d+\)", re.IGNORECASE)


@dataclass(frozen=True)
class Handed:
    """A file that a student handed in.

    path: as the student named it, folders first. On Canvas, revision tells a newer hand-in from an
    older one, and stem is the file name without ending and without Canvas's mark of that.
    """

    path: tuple[str, ...]
    entry: Entry
    stem: str = ""
    revision: tuple[int, ...] = ()

    @property
    def name(self):
        """The path for people to read."""
        return "/".join(filter(None, self.path)) or self.entry.name

    @property
    def suffix(self):
        """The ending, in lower case."""
        return self.entry.suffix


@dataclass
class HandIn:
    """What one student handed in for some lectures.

    expected: whether these files are for these lectures, or may be for something else.
    """

    student: Student
    files: list[Handed]
    lectures: tuple[str, ...]
    origin: str
    expected: bool = True


@dataclass
class _Person:
    files: list[Handed] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)  # directly in the student's folder
    late: bool = False
    by_lms: bool = False
    origin: str = ""

    @property
    def has_work(self):
        return any(handed.suffix in COLLECTED or handed.entry.problem for handed in self.files)


def arrange(listing, lectures, is_submitted=False):
    """Return the HandIns in a Listing, by student id; none if nothing looks like one.

    is_submitted: the listing is known to be of nbgrader's folder of that name.
    """
    known = {*lectures, *released()}
    prefix, is_wrapped_submitted = _wrapper(listing, known)
    is_submitted = is_submitted or is_wrapped_submitted
    listing = _below(listing, prefix)
    people = _people(listing, known)
    telling = [one for one in people.values() if one.by_lms or one.has_work or one.folders & known]
    if not telling and not is_submitted:
        return []
    in_folders = any(
        len(entry.parts) > 1 and entry.suffix in COLLECTED for entry in listing.entries
    )
    if not in_folders or any(one.by_lms for one in telling):
        # Names are on the files or by the LMS: a plain folder without work is no student's.
        people = {owner: one for owner, one in people.items() if one in telling}
    ids = student_ids(people)
    hand_ins = []
    for owner, one in people.items():
        student = Student(ids[owner], owner.name, owner.lms, owner.lms_id, one.late)
        hand_ins += _by_lecture(student, one, lectures, known, is_submitted)
    return sorted(hand_ins, key=lambda hand_in: hand_in.student.id)


def _by_lecture(student, person, lectures, known, is_submitted):
    """Yield one student's HandIns: one for each lecture with a folder, one for the others."""
    if person.by_lms:  # a download is of one assignment; folders in it are the student's whim
        yield HandIn(student, person.files, lectures, person.origin)
        return
    # In nbgrader's submitted/ every folder is of an assignment, whatever its name.
    sorting = person.folders if is_submitted else person.folders & known
    by_folder, loose = defaultdict(list), []
    for handed in person.files:
        is_inside = len(handed.path) > 1 and handed.path[0] in sorting
        (by_folder[handed.path[0]] if is_inside else loose).append(handed)
    for lecture in lectures:
        if lecture in sorting:
            origin = f"{person.origin}/{lecture}"
            yield HandIn(student, by_folder[lecture] + loose, (lecture,), origin)
    others = tuple(lecture for lecture in lectures if lecture not in sorting)
    if others and not is_submitted and not sorting:
        yield HandIn(student, loose, others, person.origin)
    elif others and any(handed.suffix in COLLECTED for handed in loose):
        # This student sorts by lecture, so an absent folder says nothing; a loose notebook does.
        yield HandIn(student, loose, others, person.origin, expected=False)


def _people(listing, known):
    """Return {Owner: _Person}."""
    people = defaultdict(_Person)

    def person_of(top, owner, lms_name):
        person = people[owner]
        person.origin = person.origin or listing.where + top
        person.by_lms = lms_name is not None
        person.late |= person.by_lms and lms_name.late
        return person

    for entry in listing.entries:
        top, *below = entry.parts
        lms_name = parse_lms_name(top)
        if not lms_name and not below and entry.suffix not in COLLECTED:
            continue  # beside the submissions, and nobody's
        if lms_name:
            owner, path = lms_name.owner, tuple(below) or (lms_name.file or top,)
        else:
            name = top if below else _person_in(top, known) or Path(top).stem
            owner, path = Owner(name), tuple(below) or (top,)
        person = person_of(top, owner, lms_name)
        person.files.append(_handed(path, entry, lms_name))
        person.folders.update(path[:-1][:1])
    for top, *below in listing.folders:
        lms_name = parse_lms_name(top)
        owner = lms_name.owner if lms_name else Owner(top)
        person_of(top, owner, lms_name).folders.update(below[:1])
    return people


def _handed(path, entry, lms_name):
    if not lms_name or lms_name.owner.lms != "canvas" or len(path) > 1:
        return Handed(path, entry)
    match = CANVAS_REVISION.fullmatch(Path(path[0]).stem)
    stem, revision = (match["stem"], int(match["revision"])) if match else ("", 0)
    return Handed(path, entry, stem, (revision, lms_name.attachment))


def _person_in(file_name, known):
    """Return who a name such as "jane_03_slim (1).ipynb" speaks of, "" if only of a lecture."""
    name = COPY_MARK.sub("", Path(file_name).stem)
    for lecture in sorted(known, key=len, reverse=True):
        name = lecture_pattern(lecture).sub("", name)
    return name.strip(" _-.")


# A folder or two around the students


def _wrapper(listing, known):
    """Return the folders around the students, and whether they are nbgrader's submitted/."""
    trusted = [entry.parts for entry in listing.entries if not entry.problem] + listing.folders
    if any(parts[0] == "submitted" and len(parts) > 1 for parts in trusted):
        return ("submitted",), True
    tops = {parts[0] for parts in trusted}
    if len(tops) != 1:
        return (), False
    (top,) = tops
    below = [parts[1:] for parts in trusted if len(parts) > 1]
    if any(parts[0] == "submitted" and len(parts) > 1 for parts in below):
        return (top, "submitted"), True
    return ((top,) if _is_wrapper(top, below, known) else ()), False


def _is_wrapper(top, below, known):
    """Whether the only folder at the top holds students, and is not a student's itself."""
    names = {parts[0] for parts in below}
    if parse_lms_name(top) or any(parts[1:2] and parts[1] in known for parts in below):
        return not parse_lms_name(top)
    if any(map(parse_lms_name, names)):
        return True
    folders = {parts[0] for parts in below if len(parts) > 1}
    files = {name for name in names - folders if name.lower().endswith(COLLECTED)}
    if folders & known or not all(_person_in(name, known) for name in files):
        return False
    return len(folders) > 1 or len(files) > 1


def _below(listing, prefix):
    """Return the part of the listing below the folders `prefix`.

    A refused entry stays, wherever its path claims to be: its student should hear of it.
    """
    depth = len(prefix)
    below = Listing(listing.where + "".join(f"{step}/" for step in prefix))
    for entry in listing.entries:
        if entry.parts[:depth] == prefix and len(entry.parts) > depth:
            below.entries.append(replace(entry, parts=entry.parts[depth:]))
        elif entry.problem:
            below.entries.append(entry)
    for folder in listing.folders:
        if folder[:depth] == prefix and len(folder) > depth:
            below.folders.append(folder[depth:])
    return below
