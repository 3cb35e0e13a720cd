"""The ladder of sandboxes: how each starts the warm process, and with which layers.

bubblewrap  a file system with the interpreter, the kit and nothing else, plus all layers of
            `inside.confine` but Landlock, which has nothing left to hide
landlock    the layers of `inside.confine` alone, for Linux without a working bubblewrap
container   Docker or Podman, for macOS and Windows: the container hides the files
none        limits on resources only; never chosen, only asked for by name
"""

import os
import shutil
import site
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

UNCONFINED = "none"
CONFINING = ("bubblewrap", "landlock", "container")
NAMES = (*CONFINING, UNCONFINED)
CONTAINER_IMAGE = "embedlab-sandbox"
IMAGE_PYTHON = "/usr/local/bin/python"  # Python's official images have it there
MOUNTED = "/sandbox/course"  # where the image is seen in a bubblewrap or a container
WORKPLACE = "/sandbox/work"
INSTALL = (
    "Install bubblewrap (Debian, Ubuntu, Fedora: the package `bubblewrap`). Ubuntu 24.04 also\n"
    "needs an AppArmor profile that lets bwrap make user namespaces: the package\n"
    "`apparmor-profiles` has one, `bwrap-userns-restrict`. On macOS and Windows use\n"
    "--sandbox container (see the README)."
)
# the interpreter, its libraries and what they read; never /home, /root, /srv, /var or the course
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
CONFIGURATION = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "fonts",
    "ssl/openssl.cnf",
)


class SandboxError(UserError):
    """No sandbox could be had, or one broke; the message says what to do."""


@dataclass(frozen=True)
class Tier:
    """How to start the warm process.

    command: what to run. layers: names of layers of `inside.confine`, "identity" (give up root) and
    "scopes" (Landlock's signal scoping is there) included. workplace: the folder that the process
    may write to, as it sees it. environment: variables of `command`. readable: what Landlock leaves
    readable. stop: a command for what outlives `command` when that is killed.
    """

    command: tuple[str, ...]
    layers: tuple[str, ...]
    workplace: str
    environment: dict[str, str]
    readable: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()


def interpreter(kit):
    """Return the command of the warm process, whose kit is the folder `kit`."""
    code = f"import sys; sys.path.insert(0, {kit!r}); from inside.warm import main; main()"
    return ("-s", "-P", "-B", "-c", code)


def tier(name, image, workplace):
    """Return the Tier of this name; SandboxError says why there is none.

    image: the folder made by `sandbox.image`. workplace: an empty folder outside it.
    """
    return {
        "bubblewrap": _bubblewrap,
        "landlock": _landlock,
        "container": _container,
        UNCONFINED: _unconfined,
    }[name](Path(image), Path(workplace))


def one_tier(recorded):
    """Return what a record names as its sandbox if it is one tier's name, else None.

    A cluster's workers may have used several, and where nothing was run it is "".
    """
    return recorded if recorded in NAMES else None


def _python_folders():
    """Return the folders the running interpreter needs, environment included."""
    folders = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
    folders |= {path for path in site.getsitepackages() if os.path.isdir(path)}
    outside = [folder for folder in folders if not folder.startswith(SYSTEM)]
    return sorted(outside, key=len)


def visible_from(path):
    """Return the folder through which a sandbox sees an absolute path, or None."""
    folders = [*SYSTEM, *_python_folders()]
    return next((folder for folder in folders if path.is_relative_to(folder)), None)


def _bubblewrap(image, workplace):
    bwrap = shutil.which("bwrap")
    if bwrap is None or sys.platform != "linux":
        raise SandboxError("bubblewrap is not installed")
    command = [bwrap, "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net"]
    command += ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]
    if os.getuid() == 0:  # without a user namespace the process can give up root for good
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    command += ["--clearenv", *_environment()]
    for path in SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--ro-bind", path, path]
    for name in CONFIGURATION:
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    binds = [(folder, folder) for folder in _python_folders()] + [(str(image), MOUNTED)]
    for source, target in binds:
        # made beforehand: bwrap's own would take over a private folder's mode, as /root has
        for parent in reversed(Path(target).parents[:-1]):
            command += ["--dir", str(parent)]
        command += ["--ro-bind", source, target]
    command += ["--proc", "/proc", "--dev", "/dev"]
    # --perms: the warm process is somebody else than the one who starts it
    command += ["--perms", "1777", "--size", str(1 << 26), "--tmpfs", WORKPLACE]
    command += ["--perms", "1777", "--size", str(1 << 26), "--tmpfs", "/dev/shm"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORKPLACE]
    return Tier(
        (*command, sys.executable, *interpreter(MOUNTED)),
        ("identity", "namespaces", "capabilities", "seccomp"),
        WORKPLACE,
        variables(),
    )


def _environment():
    """Return bubblewrap's arguments for the variables the warm process gets."""
    return [word for pair in variables().items() for word in ("--setenv", *pair)]


def variables():
    """Return the environment variables of the warm process: none of the instructor's own."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        # threads of a numeric library would neither survive the fork nor count as one core
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        # everything in one heap, which fits huge pages: see `confine.join_pages`
        "PYTHONMALLOC": "malloc",
    }


def _landlock(image, workplace):
    from autograder.sandbox.inside import confine

    version = confine.landlock_version()
    if version < 1:
        raise SandboxError("this kernel has no Landlock")
    if os.getuid() == 0 and (private := _private_folder(sys.executable)):
        raise SandboxError(
            f"root is given up first, and the interpreter is in {private}, which is private: grade "
            "as an ordinary user"
        )
    readable = [*SYSTEM, *(f"/etc/{name}" for name in CONFIGURATION), *_python_folders()]
    readable += [str(image), "/dev/null", "/dev/urandom", "/dev/random"]
    scopes = ("scopes",) if version >= 6 else ()
    return Tier(
        (sys.executable, *interpreter(str(image))),
        ("identity", "namespaces", "capabilities", "landlock", "seccomp", *scopes),
        str(workplace),
        variables(),
        tuple(readable),
    )


def _private_folder(executable):
    """Return the folder on the way to the interpreter that others may not enter, or None."""
    folders = Path(executable).resolve().parents
    return next((folder for folder in folders if not folder.stat().st_mode & 1), None)


def _container(image, workplace):
    program = _container_program()
    name = f"embedlab-{uuid.uuid4().hex}"
    command = [program, "run", "--rm", "--name", name, "--interactive", "--init"]
    # no shared memory and no folder of the engine's own (Podman's) in which a job could leave a
    # word for the next
    command += ["--network", "none", "--ipc", "none"]
    for folder in ("/tmp", "/var/tmp", "/run"):
        command += ["--tmpfs", f"{folder}:ro"]
    command += ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    command += ["--pids-limit", "256", "--memory", "6g", "--user", "65534:65534"]
    command += ["--tmpfs", f"{WORKPLACE}:size=256m,mode=1777", "--workdir", WORKPLACE]
    command += ["--volume", f"{image}:{MOUNTED}:ro"]
    for variable, value in variables().items():
        command += ["--env", f"{variable}={value}"]
    return Tier(
        (*command, CONTAINER_IMAGE, IMAGE_PYTHON, *interpreter(MOUNTED)),
        ("capabilities", "seccomp"),
        WORKPLACE,
        # the program's own: where its daemon and its images are
        dict(os.environ),
        stop=(program, "rm", "--force", name),
    )


def _container_program():
    """Return the program that has the image: Docker, else Podman (both may be installed)."""
    programs = [path for name in ("docker", "podman") if (path := shutil.which(name))]
    if not programs:
        raise SandboxError("neither docker nor podman is installed")
    for program in programs:
        known = subprocess.run([program, "image", "inspect", CONTAINER_IMAGE], capture_output=True)
        if known.returncode == 0:
            return program
    names = " or ".join(Path(program).name for program in programs)
    raise SandboxError(
        f"no image {CONTAINER_IMAGE} in {names}, which must run too: build it with "
        f"`{names.split()[0]} build -t {CONTAINER_IMAGE} -f autograder/sandbox/Containerfile .`"
    )


def _unconfined(image, workplace):
    if os.name == "nt":
        raise SandboxError("Windows cannot fork: use Docker, Podman or WSL2 (see the README)")
    command = (sys.executable, *interpreter(str(image)))
    return Tier(command, (), str(workplace), variables())
