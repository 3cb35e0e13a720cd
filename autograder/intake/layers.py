"""The folders around the students (wrappers, sections, lectures), and how they are taken off."""

import re
from collections import defaultdict
from dataclasses import replace

from autograder.intake.entries import IntakeError, Listing, some_of, split_ending
from autograder.intake.lecture import lecture_in_name, lecture_pattern
from autograder.intake.names import parse_lms_name

COLLECTED = (".ipynb", ".zip")  # what may hold somebody's work
COPY_MARK = re.compile(r"^copy of |-copy\d*|(?<!\s)\s*\(\d+\)", re.IGNORECASE)
NBGRADER_FOLDERS = ("source", "release", "submitted", "autograded", "feedback")
NAMES_SHOWN = 6  # folders that a refusal lists


def without_layers(listing, known, is_submitted=False):
    """Return the Listing of the students, and whether it is of nbgrader's submitted/.

    A folder is a student's if an LMS named it, if it holds a notebook itself or directly in a
    lecture's folder, or if it stands beside such folders and these are not outnumbered. A folder
    alone at the top that holds several others is taken off, and so are several folders that hold
    folders with work, none of these of the same name. Where neither is so and a student would get
    what may be the work of several, IntakeError names the folders.

    known: names of lectures.
    """
    while not is_submitted:
        prefix, is_submitted = _wrapper(listing, known)
        if prefix:
            listing = _below(listing, prefix)
        elif not is_submitted and _are_groups(listing, known):
            listing = _ungrouped(listing)
        else:
            break
    return listing, is_submitted


def person_in(file_name, known):
    """Return who a name such as "jane_03_slim (1).ipynb" speaks of, "" if only of a lecture."""
    name = COPY_MARK.sub("", split_ending(file_name)[0])
    for lecture in sorted(known, key=len, reverse=True):
        name = lecture_pattern(lecture).sub("", name)
    return name.strip(" _-.")


# One folder around the students


def _wrapper(listing, known):
    """Return the folders around the students, and whether they are nbgrader's submitted/.

    A folder that a student handed in can have that name too: what an LMS named is a student's
    whatever is in it, and beside a `submitted` at the top only nbgrader's own folders hold work.
    """
    trusted = _trusted(listing)
    tops = {parts[0] for parts in trusted}
    if any(map(parse_lms_name, tops)):
        return (), False
    if any(parts[0] == "submitted" and len(parts) > 1 for parts in trusted):
        is_course = all(parts[0] in NBGRADER_FOLDERS for parts in _work(listing))
        return (("submitted",), True) if is_course else ((), False)
    if len(tops) != 1:
        return (), False
    (top,) = tops
    below = [parts[1:] for parts in trusted if len(parts) > 1]
    if any(parts[0] == "submitted" and len(parts) > 1 for parts in below):
        return (top, "submitted"), True
    return ((top,) if _is_wrapper(top, below, known) else ()), False


def _trusted(listing):
    """Return the paths of all folders and files but those that may be a lie."""
    return [entry.parts for entry in listing.entries if not entry.problem] + listing.folders


def _is_wrapper(top, below, known):
    """Whether the only folder at the top holds students, and is not a student's itself."""
    while True:  # down through folders that hold one folder each
        names = {parts[0] for parts in below}
        if parse_lms_name(top) or any(parts[1:2] and parts[1] in known for parts in below):
            return not parse_lms_name(top)
        if any(map(parse_lms_name, names)):
            return True
        folders = {parts[0] for parts in below if len(parts) > 1}
        files = {name for name in names - folders if _may_hold_work(name)}
        if folders & known:
            inside = [_inside_lecture(parts, known) for parts in below]
            work = [parts for parts in inside if _may_hold_work(parts[-1])]
            return _branches(work, known)
        if not all(person_in(name, known) for name in files):
            return False
        if len(folders) != 1 or files:
            return len(folders) > 1 or len(files) > 1
        (top,) = folders
        below = [parts[1:] for parts in below if parts[0] == top and len(parts) > 1]


def _may_hold_work(file_name):
    return split_ending(file_name)[1] in COLLECTED


# Several folders around the students: sections, groups, lectures


def _are_groups(listing, known):
    """Whether the folders at the top hold students' folders; raises IntakeError if unclear."""
    by_top = defaultdict(list)
    for top, *below in _work(listing):
        if below:
            by_top[top].append(tuple(below))
    names = {parts[0] for found in by_top.values() for parts in found}
    if not by_top or any(map(parse_lms_name, by_top)):
        return False
    if by_top.keys() <= known or all(map(parse_lms_name, names)):
        return True
    inside = {
        top: [_inside_lecture(parts, known) for parts in found] for top, found in by_top.items()
    }
    settled = {top for top, found in inside.items() if any(len(parts) == 1 for parts in found)}
    branching = {top for top, found in inside.items() if _branches(found, known)}
    if len(branching) <= len(settled) and (settled or not _lectures_below(inside, known)):
        return False
    folders = [
        name.casefold() for found in inside.values() for name in {parts[0] for parts in found}
    ]
    is_loose = any(len(parts) == 1 for parts in _work(listing))
    if not settled and not is_loose and len(by_top) > 1 and len(set(folders)) == len(folders):
        return True
    if not branching:
        return False
    raise _unclear(listing, {top: inside[top] for top in sorted(branching)})


def _inside_lecture(parts, known):
    """Return the path without a lecture's folder at its start."""
    return parts[1:] if parts[0] in known and len(parts) > 1 else parts


def _lectures_below(inside, known):
    return any(parts[1] in known for found in inside.values() for parts in found if len(parts) > 2)


def _work(listing):
    """Return the paths of what may hold somebody's work."""
    return [
        entry.parts for entry in listing.entries if entry.suffix in COLLECTED and not entry.problem
    ]


def _branches(found, known):
    """Whether only subfolders hold work, several of them work that could be of one lecture."""
    if any(len(parts) == 1 for parts in found):
        return False
    lectures = defaultdict(set)
    for parts in found:
        lectures[parts[0]].add(lecture_in_name(parts[-1], known))
    each = [lecture for of_one in lectures.values() for lecture in of_one]
    return len(lectures) > 1 and (None in each or len(set(each)) < len(each))


def _unclear(listing, by_top):
    folders = [
        f"{top}/{name}"
        for top, found in by_top.items()
        for name in {parts[0]: 0 for parts in found}
    ]
    return IntakeError(
        f"{listing.where}: {some_of(folders, NAMES_SHOWN)} hold notebooks, and nothing "
        "says whether these folders are students or parts of what one student handed in. Unpack it "
        "if it is an archive and name a folder with one folder per student, or one group's folder "
        "after the other."
    )


def _ungrouped(listing):
    """Return the Listing without the folders at the top; a file or refused entry there stays."""
    below = Listing(listing.where)
    for entry in listing.entries:
        is_deep = len(entry.parts) > 1 and not entry.problem
        below.entries.append(replace(entry, parts=entry.parts[1:]) if is_deep else entry)
    below.folders = [folder[1:] for folder in listing.folders if len(folder) > 1]
    return below


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
