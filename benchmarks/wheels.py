"""Resolve requirements.txt for every system the course says it runs on: wheels alone, no building.

    python benchmarks/wheels.py

Nothing is installed or run. uv reads the index as if it were that system, its environment markers
included, which pip cannot; so each row says that all pinned packages and all that they need have a
wheel for it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "Windows, x86-64": "x86_64-pc-windows-msvc",
    "macOS 14, Apple silicon": "aarch64-apple-darwin",
    "Linux, x86-64": "x86_64-manylinux_2_28",
    "Linux, ARM 64": "aarch64-manylinux_2_28",
}


def main():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if "==" in line]
    students = [line for line in pinned if "# staff" not in line]
    print(f"{len(students)} pinned for students, {len(pinned)} with the staff's;")
    print("all that is installed, for students / with the staff's:\n")
    print("| | " + " | ".join(f"Python {version}" for version in VERSIONS) + " |")
    print("|:--|" + "--:|" * len(VERSIONS))
    missing = []
    for system, platform in SYSTEMS.items():
        row = []
        for version in VERSIONS:
            counts = []
            for wanted in (students, pinned):
                count, complaint = resolve(wanted, platform, version)
                counts.append(str(count or "none"))
                if complaint:
                    missing.append(f"{system}, Python {version}:\n{complaint}")
            row.append(" / ".join(counts))
        print(f"| {system} | " + " | ".join(row) + " |", flush=True)
    print("\n".join(["", *missing]))
    return bool(missing)


def resolve(requirements, platform, version):
    """Return how many packages are installed there, and what uv says if one has no wheel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.in"
        path.write_text("\n".join(requirements), encoding="utf-8")
        options = ["--only-binary", ":all:", "--no-annotate", "--no-header", "--no-config", "-q"]
        target = ["--python-platform", platform, "--python-version", version]
        found = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "compile", *options, *target, str(path)],
            env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"},
            capture_output=True,
            text=True,
        )
    return len(found.stdout.split("\n")) - 1, found.stderr if found.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
