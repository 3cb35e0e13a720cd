"""What the rebuild scripts share: a package fetched by its checksum, files written by theirs."""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path


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
