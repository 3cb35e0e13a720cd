"""How LMSs write who handed in what, and the ids that students get in the gradebook."""

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from autograder.intake.entries import split_ending

# Canvas: NAME[_LATE]_USERID_ATTACHMENTID_FILE, all in one folder. Who typed text or a link has
# NAME[_LATE]_USERID_text.html or _link.html. NAME is the sortable name (for group work, the
# group's), in lower case, word characters only, in any script. With anonymous grading there is no
# NAME, and "anon_" and a short code stand for the user's number.
# https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb (get_filename,
# add_upload_submission, sanitize_*). Like Canvas itself (infer_comment_context_from_filename), take
# the first two numbers; an attachment's must have three digits, so that "jane_2024_03_slim" is a
# name and not Canvas's.
_CANVAS_FILE = r"(?:(?P<attachment>\d{3,20})_(?P<file>.+)|(?:text|link)\.html)"
CANVAS = re.compile(
    r"(?P<name>.+?)_(?P<late>late_)?(?P<number>\d{1,20})_" + _CANVAS_FILE, re.IGNORECASE
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<name>anon)_(?P<number>[a-z0-9]+)_" + _CANVAS_FILE, re.IGNORECASE
)
# A file of the same name handed in again becomes 03_slim-1.ipynb, 03_slim-2.ipynb, ...
# https://github.com/instructure/canvas-lms/blob/master/app/models/attachment.rb
# (make_unique_filename)
CANVAS_REVISION = re.compile(r"(?P<stem>.+)-(?P<revision>\d{1,3})")

# Moodle: a folder "NAME_NUMBER_assignsubmission_file" ("..._file_" in older versions), or, without
# folders, files "NAME_NUMBER_assignsubmission_file_FILE". NAME is the full name with "_" replaced
# by " "; a group's name with the group's number; "Participant" (translated) under blind marking;
# older versions put "GROUP-" before it. The default group has no number. What was typed into Moodle
# is in "..._assignsubmission_onlinetext".
# https://github.com/moodle/moodle/blob/main/mod/assign/classes/downloader.php (get_student_prefix,
# load_submissionplugin_filelist), mod/assign/locallib.php before version 4.
MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d{1,20}))?_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL
)

ID_LENGTH = 56  # characters; ".NAME.json.PROCESS.part" fits a file name in any script
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows


@dataclass(frozen=True)
class Owner:
    """Whom the name of a file or folder speaks of; see autograder.records.Student."""

    name: str
    lms: str = ""
    lms_id: str = ""

    @property
    def id_name(self):
        """What the id is made from when nobody else has it.

        Canvas's number is the same in every assignment and makes the id independent of who else
        handed in. Moodle's is drawn anew for each assignment (assign_user_mapping), so it would
        make one person several: it serves only where the name is no name, or is not enough.
        """
        if self.lms == "canvas" or (self.lms == "moodle" and self.name == "Participant"):
            return self.numbered
        return self.name

    @property
    def numbered(self):
        """The name with the LMS's number."""
        return f"{self.name}_{self.lms_id}" if self.lms_id else self.name


@dataclass(frozen=True)
class CanvasOrder:
    """What Canvas says of when a file was handed in; attachment is 0 if it says nothing.

    stem: the file's name without ending and without Canvas's mark of a revision.
    """

    stem: str = ""
    revision: int = 0
    attachment: int = 0

    def is_before(self, other):
        """Whether all that Canvas counted up says that this file is the older one."""
        if not self.attachment or not other.attachment:
            return False
        one, two = self.attachment, other.attachment
        if self.stem != other.stem:
            return one < two
        return (self.revision, one) != (other.revision, two) and (
            self.revision <= other.revision and one <= two
        )


@dataclass(frozen=True)
class LmsName:
    """A file or folder name as an LMS writes it; file is "" for a folder's."""

    owner: Owner
    file: str = ""
    late: bool = False
    attachment: int = 0

    @property
    def order(self):
        """The CanvasOrder in the name."""
        if self.owner.lms != "canvas":
            return CanvasOrder()
        stem, _ = split_ending(self.file)
        match = CANVAS_REVISION.fullmatch(stem)
        if not match:
            return CanvasOrder(stem, 0, self.attachment)
        return CanvasOrder(match["stem"], int(match["revision"]), self.attachment)


def parse_lms_name(name):
    """Return the LmsName in the name of a file or folder, or None."""
    # What follows is the student's choice of a name, so the LMS whose mark comes first wrote it.
    match = CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)
    if match and "_assignsubmission_" not in match["name"]:
        owner = Owner(match["name"], "canvas", match["number"])
        attachment = int(match["attachment"] or 0)
        return LmsName(owner, match["file"] or "", bool(match["late"]), attachment)
    if match := MOODLE.fullmatch(name):
        owner = Owner(match["name"], "moodle", match["number"] or "")
        return LmsName(owner, match["file"] or "")
    return None


def canvas_order(origin):
    """Return the CanvasOrder in a Submission's origin."""
    named = map(parse_lms_name, re.split(r"[!/\\]", origin))
    return next((name.order for name in named if name and name.attachment), CanvasOrder())


def numbered_id(name, number):
    """Return the id of one of several students of a name whom the LMS numbers."""
    return f"{safe_id(name)}_{number}"


def student_ids(owners):
    """Return {owner: id}; the ids differ even where upper and lower case do not.

    The shortest spelling that nobody shares is taken, so an id depends on namesakes only: a folder
    that is an id already, the name, the name with the LMS's number, with a digest.
    """
    ids, taken, pending = {}, set(), set(owners)
    spellings = (_verbatim, lambda owner: safe_id(owner.id_name), _numbered, _digested)
    for spell in spellings:
        spelled = {owner: spell(owner) for owner in pending}
        count = Counter(spelling.casefold() for spelling in spelled.values())
        for owner, spelling in spelled.items():
            folded = spelling.casefold()
            if spelling and count[folded] == 1 and folded not in taken:
                ids[owner] = spelling
        taken.update(spelling.casefold() for spelling in ids.values())
        pending -= ids.keys()
    return ids


def safe_id(name):
    """Return the name as a folder name for every system: letters (any script), digits, "-_."."""
    kept = "".join(
        character if character in "-_." or unicodedata.category(character)[0] in "LMN" else " "
        for character in unicodedata.normalize("NFKC", name)
    )
    kept = "_".join(kept.split())[:ID_LENGTH].lstrip(".-").rstrip(".")
    if not kept:
        return f"student_{_digest(name)}"
    return f"student_{kept}" if RESERVED.fullmatch(kept) else kept


def _verbatim(owner):
    return owner.name if not owner.lms and owner.name == safe_id(owner.name) else ""


def _numbered(owner):
    return numbered_id(owner.name, owner.lms_id or _digest(owner.name))


def _digested(owner):
    return f"{safe_id(owner.name)}_{_digest(f'{owner.lms}/{owner.name}/{owner.lms_id}')}"


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]
