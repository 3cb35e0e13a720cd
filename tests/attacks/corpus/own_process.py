"""Code that ends, crashes or hangs on to processes, its own or others'."""

from autograder.records import STOPPED
from corpus.submissions import ALL, function, right, spoiled, wrong

CRASHES = {
    "os_exit": "import os; os._exit(0)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "abort": "import os; os.abort()",
}
for name, statement in CRASHES.items():
    body = f"def slim_objective(A, W, l1, l2):\n    {statement}"
    right(
        f"{name}_in_a_cell",
        body.replace("slim_objective", "end") + "\nend(1, 1, 1, 1)",
        says=("ended its process; only what it defines was used",),
    )
    spoiled(f"{name}_in_a_function", "slim_objective", body, kind="crashed")

# The first process of a namespace cannot be killed from inside, an exercise's can.
KILL = "import os\nos.kill(os.getpid(), 9)"
right("killed_by_itself_in_a_cell", KILL)
spoiled("killed_by_itself_in_a_function", "slim_objective", function(KILL), kind="crashed")
DOWN = "import sys\nsys.setrecursionlimit(10**9)\ndef down(): return down()\ndown()"
right("recursion_without_limit_in_a_cell", DOWN, hurried=True, says=("A cell",))
spoiled("recursion_without_limit_in_a_function", "slim_objective", function(DOWN), hurried=True)
right("exit_in_a_cell", "exit()", "quit()", "import sys; sys.exit(3)", "raise SystemExit")
right("keyboard_interrupt_in_a_cell", "raise KeyboardInterrupt")
spoiled(
    "exit_in_a_function",
    "slim_objective",
    "def slim_objective(*a):\n    raise SystemExit(0)",
    kind="exception",
)
BASE = "class Odd(BaseException): pass\ndef slim_objective(*a):\n    raise Odd('not an Exception')"
spoiled("base_exception_in_a_function", "slim_objective", BASE, kind="crashed")

# The first cell of the exercises dies with os._exit: its definitions are used, the rest stays.
right(
    "os_exit_between_definitions",
    sources={
        "slim_objective": "import os\nos._exit(1)\n"
        "def slim_objective(A, W, l1, l2):\n"
        "    E = A - A @ W\n"
        "    return 0.5 * (E**2).sum() + l1 * abs(W).sum() + 0.5 * l2 * (W**2).sum()\n"
    },
    says=("ended its process",),
)
DYING = ("import os; os._exit(1)",) * 8
right("many_dying_cells", *DYING, says=("only what it defines was used",))

# Others' processes

SIGNALS = """
import os, signal
for pid in (-1, 1, os.getppid(), 0, 2, 3):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        if pid == 0 and number != signal.SIGTERM: continue
        try: os.kill(pid, number) if pid else None
        except OSError: pass
"""
TRACING = """
import ctypes, os
libc = ctypes.CDLL(None)
for pid in (1, os.getppid()):
    libc.ptrace(16, pid, 0, 0)
    libc.ptrace(0x4206, pid, 0, 0)
    for name in ("mem", "environ", "maps", "fd/0", "root/etc/passwd"):
        try: open(f"/proc/{pid}/{name}", "r+b").write(b"x")
        except OSError: pass
"""
NAMESPACES = """
import ctypes, os, socket
libc = ctypes.CDLL(None)
done = [libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000)]
done += [libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.chroot(b"/"), libc.umount2(b"/", 2)]
done += [libc.setuid(0), libc.setgid(0), libc.prctl(38, 0), libc.prctl(4, 1), libc.personality(-1)]
def slim_objective(*a): raise RuntimeError("unshare mount chroot: %s" % done[:7])
"""
NETWORK = """
import socket, urllib.request
reached = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind)
            reached.append((family, kind))
        except OSError: pass
def slim_objective(*a): raise RuntimeError("sockets: %s" % reached)
"""
spoiled("signals_to_everybody_in_a_function", "slim_objective", function(SIGNALS))
wrong("signals_to_everybody_in_a_cell", SIGNALS)
wrong("traces_its_parents", TRACING)
wrong(
    "makes_namespaces",
    NAMESPACES,
    kinds={"slim_objective": "exception"},
    says=("chroot: [-1, -1, -1, -1, -1, -1, -1]",),
)
wrong("opens_sockets", NETWORK, kinds={"slim_objective": "exception"}, says=("sockets: []",))

LEFT_BEHIND = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        code = (
            "import time, os, glob\\n"
            "while True:\\n"
            "    for path in ['@COURSE@/gradebook.db', '@COURSE@/judged', '/tmp', '/var/tmp',"
            " '@ROOT@', '/dev/shm', '.']:\\n"
            "        try: open(path + '/@MARKER@', 'w').write('still here')\\n"
            "        except OSError: pass\\n"
            "    time.sleep(0.1)\\n"
        )
        os.execv(sys.executable, [sys.executable, "-S", "-c", code, "@MARKER@"])
    os._exit(0)
"""
right("grandchild_left_by_a_cell", LEFT_BEHIND)
spoiled("grandchild_left_by_a_function", "slim_objective", function(LEFT_BEHIND))
right(
    "shell_in_the_background",
    "%%bash --bg\nsleep 77 @MARKER@ &\n(setsid sleep 77 &)",
    "!nohup sleep 77 &",
    "get_ipython().system('sleep 77 &')",
)
right(
    "destructive_shell",
    "!rm -rf / --no-preserve-root 2>/dev/null; rm -rf /sandbox ~ /tmp",
    "%%bash\nkill -9 -1",
)

BOTH_GO_ON = "import os\nfor _ in range(3): os.fork()"
right("forks_and_goes_on", BOTH_GO_ON)
TIME_BOMB = """
import os, threading, time
def explode():
    time.sleep(0.5)
    os._exit(0)
threading.Thread(target=explode, daemon=True).start()
"""
right("time_bomb", TIME_BOMB + "time.sleep(1)", says=("ended its process",))
CLOSES = "import os\nos.closerange(0, 256)\n"
spoiled("closes_all_files_in_a_function", "slim_objective", function(CLOSES), kind="crashed")
right("closes_all_files_in_a_cell", CLOSES, says=("ended its process",))
REDIRECTS = """
import os
null = os.open("/dev/null", os.O_RDWR)
for number in range(256):
    try: os.fstat(number), os.dup2(null, number)
    except OSError: pass
"""
# Whether its process ended or just went silent, only the definitions of this cell are lost.
right("redirects_all_files_in_a_cell", REDIRECTS, says=("A cell",))
HANDLERS = """
import signal, os, atexit, threading
for number in range(1, 65):
    try: signal.signal(number, lambda *a: os._exit(0))
    except (OSError, ValueError): pass
atexit.register(os.abort)
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
os.umask(0o777); os.nice(19)
"""
right("signal_handlers", HANDLERS)
# It ends with each exercise's process, and is tried again six times.
right(
    "dies_with_every_child",
    "import os, signal\nsignal.signal(signal.SIGCHLD, lambda *a: os._exit(0))",
    status=STOPPED,
    earns=ALL - {"recommend", "sparse_scores"},
    says=("Not tried: recommend, sparse_scores",),
)
LIMITS = """
import resource
raised = []
for name in dir(resource):
    if name.startswith("RLIMIT"):
        number = getattr(resource, name)
        for limit in ((-1, -1), (1 << 40, 1 << 40)):
            try:
                resource.setrlimit(number, limit)
                if name not in ("RLIMIT_NICE", "RLIMIT_SIGPENDING"): raised.append(name)
            except (OSError, ValueError): pass
"""
LIMITED = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
right(
    "raises_its_limits",
    LIMITS,
    sources={
        "slim_objective": f"def slim_objective(*a):\n    raise ValueError([n for n in {LIMITED}"
        " if n in raised and resource.getrlimit(getattr(resource, n))[1] in (-1, 1 << 40)])"
    },
    earns=ALL - {"slim_objective"},
    says=("raised ValueError: []",),
)
spoiled(
    "lowers_its_limits_in_a_function",
    "slim_objective",
    "def slim_objective(*a):\n    import resource\n"
    "    for n in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU):\n"
    "        resource.setrlimit(n, (1, 1))\n    return [0.0] * 10**7",
)
right("recursion_limit_raised", "import sys\nsys.setrecursionlimit(10**6)")
spoiled(
    "endless_recursion",
    "slim_objective",
    "def slim_objective(*a):\n    return slim_objective(*a)",
    kind="exception",
    says=("RecursionError",),
)
