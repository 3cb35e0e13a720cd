"""The entries of a zip archive, as an LMS or a student made it."""

import io
import re
import stat
import struct
import zipfile
import zlib
from functools import partial

from autograder.intake.entries import (
    ALONE,
    MEGABYTE,
    Entry,
    IntakeError,
    Listing,
    Problem,
    Unusable,
    is_junk,
    link,
    printable,
    read_capped,
)
from autograder.records import REFUSED, UNREADABLE

ENTRY_LIMIT = 50_000
RATIO_LIMIT = 200  # notebooks full of printed rows reach about 50; a bomb reaches 1000
RATIO_FREE = MEGABYTE  # small files may compress as well as they like

DRIVE = re.compile(r"^[A-Za-z]:")
ENCRYPTED = 0x1  # general purpose flags of the zip format
UTF8_NAME = 0x800
CENTRAL_ENTRY = b"PK\x01\x02"

# zipfile raises all of these for damaged archives (NotImplementedError is a RuntimeError).
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def list_archive(path):
    """Return the Listing of a zip archive; raises IntakeError if it is not one."""
    try:
        archive = zipfile.ZipFile(path)
    except ARCHIVE_ERRORS as error:
        raise IntakeError(
            f"{path}: not a zip archive that can be read ({error}). Name the folder of the "
            "submissions or the zip archive as the LMS gave it; unpack other archives first."
        ) from None
    if len(archive.infolist()) > ENTRY_LIMIT:
        archive.close()
        message = f"more than {ENTRY_LIMIT:,} entries. Unpack it and name the folder."
        raise IntakeError(f"{path}: {message}")
    # The entries keep the archive open for as long as one of them can be read.
    return _list_members(
        archive.infolist(), path, lambda info: partial(_read_member, archive, info)
    )


def list_inner(entry):
    """Return the Listing of a zip archive that is itself an entry; raises Unusable.

    Its entries open it anew when they are read, so that it is not kept in memory.
    """
    with _open_inner(entry) as archive:
        members = archive.infolist()
    return _list_members(members, entry.origin, lambda info: partial(_read_inner, entry, info))


def _open_inner(entry):
    contents = entry.read()
    if contents.count(CENTRAL_ENTRY) > ENTRY_LIMIT:  # before zipfile builds an object for each
        sentence = f"{entry.name} holds more than {ENTRY_LIMIT:,} files. {ALONE}"
        raise Unusable(Problem(REFUSED, sentence))
    try:
        return zipfile.ZipFile(io.BytesIO(contents))
    except ARCHIVE_ERRORS as error:
        sentence = f"{entry.name} is not a zip archive that can be read ({error}). {ALONE}"
        raise Unusable(Problem(UNREADABLE, sentence)) from None


def _read_inner(entry, info):
    with _open_inner(entry) as archive:
        return _read_member(archive, info)


def _list_members(members, origin, loader):
    listing = Listing(f"{origin}!")
    for info in members:
        name = _member_name(info)
        steps = [step for step in re.split(r"[/\\]", DRIVE.sub("", name)) if step]
        parts = tuple(printable(step) for step in steps if step not in (".", ".."))
        if not parts or any(map(is_junk, parts)):
            continue
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        problem = _path_problem(name, steps) or (link(name) if is_link else None)
        if not info.is_dir():
            where = listing.where + printable(name)
            if is_link and "." not in parts[-1]:
                parts = (*parts, "")  # probably of a folder
            listing.entries.append(Entry(parts, where, info.date_time, loader(info), problem))
        elif not problem:
            listing.folders.append(parts)
    return listing


def _member_name(info):
    """Return the name as it stands in the archive; ZipInfo.filename is cut and repaired.

    macOS and old tools write UTF-8 without saying so, which zipfile reads as code page 437.
    """
    if info.flag_bits & UTF8_NAME:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _path_problem(name, steps):
    escapes = name.startswith("/") or DRIVE.match(name) or ".." in steps
    if not escapes and "\\" not in name and "\0" not in name:
        return None
    sentence = f"The archive entry {printable(name)} has a path that may lead out of its folder"
    return Problem(REFUSED, f"{sentence}, so it was not read. {ALONE}")


def _read_member(archive, info):
    name = printable(_member_name(info))
    problem = _content_problem(name, info)
    if problem:
        raise Unusable(problem)
    try:
        with archive.open(info) as stream:
            return read_capped(stream, name, info.file_size)
    except ARCHIVE_ERRORS as error:
        sentence = f"{name} is damaged in the archive ({error}). Please hand it in again."
        raise Unusable(Problem(UNREADABLE, sentence)) from None


def _content_problem(name, info):
    if info.flag_bits & ENCRYPTED:
        sentence = f"{name} is encrypted. Please hand it in without a password."
        return Problem(UNREADABLE, sentence)
    # Other methods are rare, and some reserve as much memory as the archive asks for.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        sentence = f"{name} is compressed in a way that is not supported. {ALONE}"
        return Problem(UNREADABLE, sentence)
    if info.file_size > max(RATIO_FREE, RATIO_LIMIT * info.compress_size):
        sentence = f"{name} would unpack to more than {RATIO_LIMIT} times its size"
        return Problem(REFUSED, f"{sentence}, so it was not read. {ALONE}")
    return None
