"""The files of datasets/, read only after their checksum was verified."""

import bz2
import hashlib
from pathlib import Path

from embedlab.errors import DataError

DATASETS = Path(__file__).resolve().parents[2] / "datasets"


def read_bundled(data_set: str, name: str) -> bytes:
    """Return the decompressed content of the .bz2 file datasets/`data_set`/`name`.

    Raises:
        DataError: the file or its folder's SHA256SUMS is missing, or the file's SHA-256 is not
            recorded there; the message names the file.
    """
    folder = DATASETS / data_set
    remedy = (
        "Copy the folder datasets/ again from the course's download, "
        f"or rebuild the file as {folder / 'README.md'} says."
    )
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8", errors="replace").splitlines()
        packed = (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"The data file {error.filename} is missing. {remedy}") from None
    if f"{hashlib.sha256(packed).hexdigest()}  {name}" not in lines:
        raise DataError(
            f"The data file {folder / name} is not the one the course published: its SHA-256 is "
            f"not in SHA256SUMS. One of the two was cut short or altered. {remedy}"
        )
    return bz2.decompress(packed)
