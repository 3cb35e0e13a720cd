"""Find the students in a listing: nbgrader's layout, an LMS's download, folders or files."""

from collections import defaultdict
from dataclasses import dataclass, field

from autograder.intake.entries import Entry, split_ending
from autograder.intake.layers import COLLECTED, person_in, without_layers
from autograder.intake.lecture import released
from autograder.intake.names import Owner, parse_lms_name, student_ids
from autograder.records import Student


@dataclass(frozen=True)
class HandedFile:
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
    files: list[HandedFile]
    lectures: tuple[str, ...]
    origin: str
    expected: bool = True


@dataclass
class _Person:
    files: list[HandedFile] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)  # directly in the student's folder
    late: bool = False
    by_lms: bool = False
    origin: str = ""

    @property
    def has_work(self):
        return any(handed.suffix in COLLECTED or handed.entry.problem for handed in self.files)


def arrange(listing, lectures, is_submitted=False):
    """Return the HandIns in a Listing, by student id; none if nothing looks like one.

    is_submitted: the listing is known to be of nbgrader's folder of that name. Raises IntakeError
    if it is not clear which folders are the students'.
    """
    known = {*lectures, *released()}
    listing, is_submitted = without_layers(listing, known, is_submitted)
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
            name = top if below else person_in(top, known) or split_ending(top)[0]
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
        return HandedFile(path, entry)
    order = lms_name.order
    stem = order.stem if order.revision else ""
    return HandedFile(path, entry, stem, (order.revision, order.attachment))
