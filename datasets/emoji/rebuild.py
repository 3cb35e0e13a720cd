"""Rebuild the data file of this folder, byte for byte, from the package it came from.

    python datasets/emoji/rebuild.py

It needs npm, with which it downloads the package (53 kB). It verifies the package's SHA-256, and
writes the file only if it matches SHA256SUMS. If it does not, the script exits with a message and
writes nothing.
"""

import bz2
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PACKAGE = "emojilib@4.0.3"
PACKAGE_SHA256 = "7f9a6b43cff31d18985b7d65d11faba5bd971cbcc60020cf6d09322fbaaaf303"
TABLE = "package/dist/emoji-en-US.json"
NAME = "emojilib_en.json.bz2"


def download_package() -> bytes:
    """Download the pinned package and return its bytes; exit if it is not the recorded one."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm was not found: install Node.js, whose package manager it is, and try again.")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([npm, "pack", PACKAGE], cwd=folder, check=True)
        (path,) = Path(folder).iterdir()
        package = path.read_bytes()
    found = hashlib.sha256(package).hexdigest()
    if found != PACKAGE_SHA256:
        sys.exit(f"{path.name} has SHA-256 {found}, not {PACKAGE_SHA256}: not unpacked.")
    return package


def main() -> None:
    """Rebuild, compare with SHA256SUMS, write."""
    with tarfile.open(fileobj=io.BytesIO(download_package())) as archive:
        content = bz2.compress(archive.extractfile(TABLE).read())
    found = hashlib.sha256(content).hexdigest()
    recorded = (FOLDER / "SHA256SUMS").read_text(encoding="ascii")
    if recorded != f"{found}  {NAME}\n":
        sys.exit(f"{NAME}: rebuilt SHA-256 {found} is not in SHA256SUMS. Not written.")
    (FOLDER / NAME).write_bytes(content)
    print(f"{NAME}: {len(content):,} bytes, as recorded")


if __name__ == "__main__":
    main()
