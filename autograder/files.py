"""Files that whoever reads meanwhile sees as they were or as they will be, always whole."""

import os


def write_whole(path, content):
    """Write the bytes to a file, whose folder is made if it is not there."""
    os.replace(draft(path, content), path)


def draft(path, content):
    """Write the bytes beside a file; return their path, from which os.replace puts them there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{path.name}.part")
    written.write_bytes(content)
    return written
