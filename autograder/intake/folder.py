"""The files in a folder."""

import os
import stat
from functools import partial

from autograder.intake.entries import (
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
from autograder.records import UNREADABLE

FILES_LIMIT = 1_000_000  # they are on disk already; this stops whoever names the wrong folder


def list_folder(root):
    """Return the Listing of a folder; raises IntakeError if it cannot be read at all."""
    listing, pending = Listing(f"{root}/"), [((), root)]
    while pending:  # a loop: students can nest folders deeper than Python recurses
        parts, folder = pending.pop()
        try:
            with os.scandir(folder) as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError as error:
            if not parts:
                raise IntakeError(f"{root}: cannot be read ({error}).") from None
            sentence = f"The folder {parts[-1]} cannot be entered ({error.strerror})."
            listing.entries.append(
                Entry(
                    (*parts, ""),
                    listing.where + "/".join(parts),
                    problem=Problem(UNREADABLE, sentence),
                )
            )
            continue
        for child in children:
            if is_junk(child.name):
                continue
            child_parts = (*parts, printable(child.name))
            if child.is_dir(follow_symlinks=False):
                listing.folders.append(child_parts)
                pending.append((child_parts, child.path))
            else:
                where = listing.where + "/".join(child_parts)
                listing.entries.append(_file_entry(child_parts, where, child))
        if len(listing.entries) > FILES_LIMIT:
            message = f"more than {FILES_LIMIT:,} files. Name the folder of the submissions alone."
            raise IntakeError(f"{root}: {message}")
    listing.entries.sort(key=lambda entry: entry.parts)
    return listing


def _file_entry(parts, origin, child):
    if child.is_symlink():
        # Only asks what the link points at: a linked folder stands for all that is in it.
        parts = (*parts, "") if os.path.isdir(child.path) else parts
        return Entry(parts, origin, problem=link(child.name))
    try:
        status = child.stat(follow_symlinks=False)
    except OSError as error:
        return Entry(parts, origin, problem=_unreadable(child.name, error))
    if not stat.S_ISREG(status.st_mode):
        sentence = (
            f"{printable(child.name)} is not a file. Please hand in the notebook file itself."
        )
        return Entry(parts, origin, problem=Problem(UNREADABLE, sentence))
    return Entry(parts, origin, (status.st_mtime,), partial(_read_file, child.path))


def _read_file(path):
    name = os.path.basename(path)
    # The flags are for a file that is swapped for a link or a FIFO after it was listed.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a file any more")
            return read_capped(stream, name, status.st_size)
    except OSError as error:
        raise Unusable(_unreadable(name, error)) from None


def _unreadable(name, error):
    sentence = f"{printable(name)} cannot be read ({error.strerror or error})."
    return Problem(UNREADABLE, f"{sentence} Please hand it in again.")
