"""Lock the calling process in, before it runs anything a student wrote.

Four layers of the Linux kernel, none of which needs privileges; ctypes because the standard library
offers none of them:

- namespaces (unshare(2)): no network device, no other process in sight, a private /tmp;
- Landlock (landlock(7)): which files may be read and written, where no bubblewrap hides the rest;
- seccomp (seccomp(2)): no sockets, no tracing, no memory that no limit counts, no namespaces;
- rlimits (setrlimit(2)): memory, processes, file size, CPU time.

What a layer promises is proved before grading by `autograder.sandbox.canary`; what cannot be set up
raises Unconfined.
"""

import ctypes
import itertools
import os
import platform
import resource
import struct
import sys

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None

# unshare(2)
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = NEWUSER | NEWNS | NEWPID | NEWIPC | NEWNET | NEWUTS
# mount(2)
RDONLY, NOSUID, NODEV, NOEXEC, BIND, REC, PRIVATE = 1, 2, 4, 8, 0x1000, 0x4000, 1 << 18
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY = 442, -100, 0x8000, 1  # mount_setattr(2)
INODES = 10_000  # of a private folder: each takes memory, whatever its size
# prctl(2)
SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_NO_NEW_PRIVS = 1, 4, 24, 38
SET_SECCOMP, SET_CHILD_SUBREAPER, SECCOMP_MODE_FILTER = 22, 36, 2
KILL_SIGNAL = 9
HUGE_PAGE, COLLAPSE = 1 << 21, 25  # madvise(2), MADV_COLLAPSE since Linux 6.1
LAST_CAPABILITY = 63


class Unconfined(Exception):
    """A layer could not be set up."""


def _call(result, what):
    if result < 0:
        raise Unconfined(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def _prctl(option, *arguments):
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _libc.prctl(option, *map(ctypes.c_ulong, padded))


def hide_memory():
    """Forbid other processes of this user to read or trace this one (and its children)."""
    if LINUX:
        _call(_prctl(SET_DUMPABLE, 0), "prctl(PR_SET_DUMPABLE)")


def join_pages():
    """Put this process's memory into huge pages where the kernel can: it forks much faster."""
    if not LINUX:
        return
    with open("/proc/self/maps") as file:
        lines = [line.split() for line in file]
    for addresses, rights, _, _, inode, *name in lines:
        if rights.startswith("rw") and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in addresses.split("-"))
            # from the first whole huge page to the last; a refusal changes nothing
            start, end = -(-start // HUGE_PAGE) * HUGE_PAGE, end // HUGE_PAGE * HUGE_PAGE
            if start < end:
                _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), COLLAPSE)


def adopt_orphans():
    """Become the parent of every process that a child leaves behind."""
    if LINUX:
        _call(_prctl(SET_CHILD_SUBREAPER, 1), "prctl(PR_SET_CHILD_SUBREAPER)")


def die_with_parent():
    """Be killed when the parent ends."""
    if LINUX:
        _call(_prctl(SET_PDEATHSIG, KILL_SIGNAL), "prctl(PR_SET_PDEATHSIG)")


def drop_root(identity):
    """Give up root for good: the kernel does not count processes against root's limits."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(identity, identity, identity)
        os.setresuid(identity, identity, identity)


def close_descriptors(kept):
    """Close every descriptor but these: an open file of the warm process leads to the next job."""
    edges = [-1, *sorted(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0]]
    for low, high in itertools.pairwise(edges):
        if low + 1 < high:  # os.closerange takes an empty range for everything
            os.closerange(low + 1, high)


def enter_namespaces(workplace, tmpfs_bytes, read_only):
    """Enter fresh namespaces; children are alone with a private, empty `workplace`.

    read_only: whether all the rest of the file system is still to be made so. The next fork is
    process 1 of the new PID namespace.
    """
    uid, gid = os.getuid(), os.getgid()
    _call(_libc.unshare(NAMESPACES), "unshare")
    # writing the maps needs a dumpable process
    _call(_prctl(SET_DUMPABLE, 1), "prctl(PR_SET_DUMPABLE)")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1")):
        _write(f"/proc/self/{name}", text)
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
    _write("/proc/self/oom_score_adj", "1000")  # memory short: the student's processes go first
    _call(_prctl(SET_DUMPABLE, 0), "prctl(PR_SET_DUMPABLE)")
    _call(_libc.mount(b"none", b"/", None, REC | PRIVATE, None), "mount(/)")
    if read_only:  # Landlock does not keep a file's owner from changing its mode
        attributes = struct.pack("=QQQQ", ATTR_RDONLY, 0, 0, 0)
        size = ctypes.c_size_t(len(attributes))
        done = _libc.syscall(MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, attributes, size)
        _call(done, "mount_setattr(/)")
    flags = NOSUID | NODEV
    for folder in {workplace, "/dev/shm"}:
        if os.path.isdir(folder):
            options = f"size={tmpfs_bytes},nr_inodes={INODES},mode=700,uid={uid},gid={gid}"
            done = _libc.mount(b"tmpfs", folder.encode(), b"tmpfs", flags, options.encode())
            _call(done, f"mount({folder})")
    if os.path.exists("/dev/zero"):  # a shared mapping of it is memory that no limit counts
        done = _libc.mount(b"/dev/null", b"/dev/zero", None, BIND, None)
        _call(done, "mount(/dev/zero)")
    # the processes that /proc shows are those outside: show none
    empty = _libc.mount(b"tmpfs", b"/proc", b"tmpfs", flags | NOEXEC | RDONLY, b"nr_inodes=2")
    _call(empty, "mount(/proc)")


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


def drop_capabilities():
    """Give up every capability, those inside the own user namespace included."""
    _call(_prctl(SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)")
    for capability in range(LAST_CAPABILITY + 1):
        _prctl(CAPBSET_DROP, capability)  # fails where it is dropped already or unknown
    version_3 = struct.pack("=Ii", 0x20080522, 0)
    _call(_libc.capset(version_3, bytes(24)), "capset")


def limit_resources(address_space, processes, file_bytes, cpu_seconds):
    """Set the hard limits that children inherit; address_space and file_bytes are in bytes."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: 128,
    }
    if LINUX:  # macOS refuses both
        limits[resource.RLIMIT_AS] = address_space
        limits[resource.RLIMIT_NPROC] = processes
        limits[resource.RLIMIT_MSGQUEUE] = 0
        limits[resource.RLIMIT_MEMLOCK] = 0
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def address_space():
    """Return the bytes of address space that this process has."""
    if not LINUX:
        return 0
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


# --- Landlock -----------------------------------------------------------------------------------

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE
# what each version of the interface added to the thirteen rights of the first
FILESYSTEM = [(1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15)]
TCP, SCOPES = 0b11, 0b11  # bind and connect (version 4); abstract sockets and signals (version 6)


def landlock_version():
    """Return the version of the kernel's Landlock interface; 0 where there is none."""
    if not LINUX:
        return 0
    return max(0, _libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def restrict_files(readable, writable):
    """Allow reading below the paths `readable`, everything below `writable`, and nothing else."""
    version = landlock_version()
    if version < 1:
        raise Unconfined("this kernel has no Landlock")
    handled = sum(rights for since, rights in FILESYSTEM if version >= since)
    attributes = struct.pack("=QQQ", handled, TCP if version >= 4 else 0, SCOPES)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(
        _libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0), "Landlock ruleset"
    )
    for paths, rights in ((readable, READ), (writable, handled)):
        for path in filter(os.path.exists, paths):
            _allow(ruleset, path, rights & handled)
    _call(_prctl(SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)")
    _call(_libc.syscall(RESTRICT_SELF, ruleset, 0), "Landlock restriction")
    os.close(ruleset)


def _allow(ruleset, path, rights):
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not os.path.isdir(path):
        rights &= ON_FILES
    rule = struct.pack("=Qi", rights, place)
    _call(_libc.syscall(ADD_RULE, ruleset, 1, rule, 0), f"Landlock rule for {path}")
    os.close(place)


# --- seccomp ------------------------------------------------------------------------------------

# Denied system calls by name: numbers on (x86_64, aarch64), from the kernel's tables.
DENIED = {
    "socket": (41, 198),  # socketpair stays, as a stream: asyncio needs it
    "connect": (42, 203),
    "bind": (49, 200),
    "setsockopt": (54, 208),  # larger buffers are memory that no limit counts
    "inotify_init1": (294, 26),
    "io_setup": (206, 0),
    "semget": (64, 190),
    "syslog": (103, 116),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "memfd_create": (319, 279),  # memory that no limit counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "io_uring_setup": (425, 425),  # would do denied things on another thread
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
}
# Without a PID namespace or Landlock's scopes, the user's other processes must be out of reach.
SIGNALS = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
}
CLONE, CLONE3 = (56, 220), (435, 435)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # classic BPF
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
SOCKETPAIR, STREAM, TYPE = (53, 199), 1, 0xF
PRLIMIT, PRCTL = (302, 261), (157, 167)
MMAP, SHARED_ANONYMOUS, AND = (9, 222), 0x21, 0x54
# offsets in struct seccomp_data
NUMBER, ARCHITECTURE = 0, 4
FIRST_ARGUMENT, SECOND_ARGUMENT, FOURTH_ARGUMENT = 16, 24, 40
X32 = 0x40000000  # the second system call table of x86_64


def filter_system_calls(signals):
    """Refuse the system calls in DENIED with EPERM; those in SIGNALS too if not `signals`."""
    if platform.machine() not in ARCHITECTURES:
        raise Unconfined(f"no seccomp filter is known for {platform.machine()}")
    column, architecture = ARCHITECTURES[platform.machine()]
    denied = [numbers[column] for numbers in DENIED.values()]
    denied += [] if signals else [numbers[column] for numbers in SIGNALS.values()]
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERRNO | EPERM),
        # glibc falls back to clone, whose flags can be looked at
        (EQUAL, 0, 1, CLONE3[column]),
        (RETURN, 0, 0, ERRNO | ENOSYS),
    ]
    for number in denied:
        program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | EPERM)]
    program += [
        # a datagram could be sent to a socket of this machine by its path
        (EQUAL, 0, 5, SOCKETPAIR[column]),
        (LOAD, 0, 0, SECOND_ARGUMENT),
        (AND, 0, 0, TYPE),
        (EQUAL, 1, 0, STREAM),
        (RETURN, 0, 0, ERRNO | EPERM),
        (LOAD, 0, 0, NUMBER),
        # the limits of another process
        (EQUAL, 0, 4, PRLIMIT[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, 0),
        (RETURN, 0, 0, ERRNO | EPERM),
        (LOAD, 0, 0, NUMBER),
        # to outlive the parent
        (EQUAL, 0, 4, PRCTL[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 0, 1, SET_PDEATHSIG),
        (RETURN, 0, 0, ERRNO | EPERM),
        (LOAD, 0, 0, NUMBER),
        # memory that stays when nobody has it mapped any more, and that no limit counts
        (EQUAL, 0, 5, MMAP[column]),
        (LOAD, 0, 0, FOURTH_ARGUMENT),
        (AND, 0, 0, SHARED_ANONYMOUS),
        (EQUAL, 0, 1, SHARED_ANONYMOUS),
        (RETURN, 0, 0, ERRNO | EPERM),
        (LOAD, 0, 0, NUMBER),
        (EQUAL, 0, 3, CLONE[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 0, 1, NAMESPACES | NEWCGROUP),
        (RETURN, 0, 0, ERRNO | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    # struct sock_fprog: the number of instructions, padding, a pointer
    head = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    _call(_prctl(SET_NO_NEW_PRIVS, 1), "prctl(PR_SET_NO_NEW_PRIVS)")
    head_buffer = ctypes.create_string_buffer(head)
    done = _libc.prctl(
        SET_SECCOMP,
        ctypes.c_ulong(SECCOMP_MODE_FILTER),
        ctypes.c_void_p(ctypes.addressof(head_buffer)),
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
    )
    _call(done, "seccomp")
