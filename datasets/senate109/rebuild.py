"""Rebuild the data file of this folder, byte for byte, from the package it came from.

    pip install -r datasets/requirements.txt
    python datasets/senate109/rebuild.py

It needs Debian's apt-get and dpkg-deb, on amd64, with which it downloads the package (3.5 MB) and
opens it. It verifies the package's SHA-256, and writes the file only if it matches SHA256SUMS. If
it does not, the script exits with a message and writes nothing.
"""

import bz2
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zlib
from collections import Counter
from pathlib import Path

import rdata

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))
from rebuilding import write_as_recorded  # noqa: E402

PACKAGE = "r-cran-pscl:amd64=1.5.5-1+b1"
PACKAGE_SHA256 = "646b2c6c04fc385f50efe9709f0ef64302fe7e07bb1953e424fb65e8bb43ac47"
DATABASE = "./usr/lib/R/site-library/pscl/data/Rdata"
ROLL_CALL = "s109"
MARKS = {1: "y", 6: "n"}  # 7 and 9: no vote; 0: not in the Senate
INDEPENDENT = "Indep"
# The package has all names in capitals.
SPELLINGS = {name.upper(): name for name in ("DeMint", "DeWine", "McCain", "McConnell")}


def download_database() -> tuple[bytes, bytes]:
    """Return the index and the content of the pinned package's data; exit if it is another one."""
    for command in ("apt-get", "dpkg-deb"):
        if shutil.which(command) is None:
            sys.exit(f"{command} was not found: run this on Debian, or in a container of it.")
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["apt-get", "download", PACKAGE], cwd=folder).returncode:
            sys.exit(f"{PACKAGE} was not downloaded: see above. Debian 12, bookworm, has it.")
        (path,) = Path(folder).iterdir()
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != PACKAGE_SHA256:
            sys.exit(f"{path.name} has SHA-256 {found}, not {PACKAGE_SHA256}: not unpacked.")
        unpacked = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True
        ).stdout
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        return tuple(archive.extractfile(DATABASE + end).read() for end in (".rdx", ".rdb"))


def read_roll_call(index: bytes, content: bytes) -> dict:
    """Return the package's roll call, an R list, as a dictionary.

    The index tells each object's place and length in the content. There it is its length once it
    is unpacked, four bytes, and the object as zlib packs it (R Internals, "Lazy loading").
    """
    with warnings.catch_warnings(action="ignore"):  # classes of R that stay lists
        start, length = rdata.conversion.convert(rdata.parser.parse_data(index))["variables"][
            ROLL_CALL
        ]
        packed = content[start + 4 : start + length]
        return rdata.conversion.convert(rdata.parser.parse_data(zlib.decompress(packed)))


def build(roll_call: dict) -> dict[str, bytes]:
    """Return the content of the data file by name: a line per legislator, in their order."""
    people, votes = roll_call["legis.data"], roll_call["votes"].values.astype(int).tolist()
    # SHELBY (R AL)
    surnames = [str(label).split(" (")[0] for label in people.index]
    often = Counter(surnames)
    lines = ["name,state,party,votes"]
    for surname, state, party, row in zip(
        surnames, people["state"], people["party"], votes, strict=True
    ):
        name = SPELLINGS.get(surname, surname.title())
        if often[surname] > 1:
            name += f" {state}"
        party = "I" if party == INDEPENDENT else party
        lines.append(f"{name},{state},{party},{''.join(MARKS.get(code, '-') for code in row)}")
    return {"votes.csv.bz2": bz2.compress(("\n".join(lines) + "\n").encode("ascii"))}


if __name__ == "__main__":
    write_as_recorded(FOLDER, build(read_roll_call(*download_database())))
