"""Files that whoever reads meanwhile sees as they were or as they will be, always whole."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whose folder is made if it is not there; if that fails it is as it was.

    Raises:
        OSError: the file cannot be written.
    """
    written = draft(path, content)
    try:
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def draft(path: Path, content: bytes) -> Path:
    """Write the bytes beside a file; return their path, from which Path.replace puts them there.

    Raises:
        OSError: they cannot be written; nothing is left beside the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # of this process alone: two notebooks may write at once
    written = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        written.write_bytes(content)
    except BaseException:  # Ctrl-C as well
        written.unlink(missing_ok=True)
        raise
    return written
