"""Code that takes all it can get: memory, disk, processes, output. It costs only itself."""

from corpus.submissions import ALL, function, right, spoiled

ALLOCATE = "np.ones(8 << 30, dtype='u1')"  # 8 GB
right("eight_gigabytes_in_a_cell", f"x = {ALLOCATE}")
spoiled(
    "eight_gigabytes_in_a_function",
    "slim_objective",
    f"def slim_objective(*a):\n    return {ALLOCATE}",
    kind="exception",
    says=("Memory",),
)
GROWING = "held = []\nwhile True: held.append(b'x' * (1 << 24))"
right("memory_fills_in_a_cell", GROWING, hurried=True)
spoiled("memory_fills_in_a_function", "slim_objective", function(GROWING), hurried=True)

MANY_PROCESSES = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        block = bytearray(64 << 20)
        for i in range(0, len(block), 4096): block[i] = 1
        time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
SHARED = """
import mmap, time
blocks = []
for _ in range(40):
    block = mmap.mmap(-1, 32 << 20)
    for i in range(0, len(block), 4096): block[i] = 1
    blocks.append(block)
time.sleep(60)
"""
# Pages of a shared mapping stay in memory when a process says that it does not need them; a limit
# that looks at what processes have mapped does not see them any more.
HIDDEN_SHARED = """
import mmap, os, time
reader, writer = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        try:
            blocks = []
            for _ in range(16):
                block = mmap.mmap(-1, 16 << 20)
                block[::4096] = bytes([1]) * 4096
                block.madvise(mmap.MADV_DONTNEED)
                blocks.append(block)
            os.write(writer, b"h")
            time.sleep(60)
        finally:
            os._exit(0)
"""
COUNTED = """
os.set_blocking(reader, False)
try: hidden = len(os.read(reader, 100))
except BlockingIOError: hidden = 0
"""
WAITS = ("time.sleep(1)",) * 2  # a cell may wait for 3 s
HIDING = """
def slim_objective(A, W, l1, l2):
    if hidden >= 3: raise MemoryError("more than the limit was had")
    return 0.5 * ((A - A @ W)**2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum()
"""
right(
    "hidden_shared_memory",
    HIDDEN_SHARED,
    *WAITS,
    COUNTED,
    sources={"slim_objective": HIDING},
    hurried=True,
)
right(
    "memory_of_many_processes_in_a_cell",
    MANY_PROCESSES,
    hurried=True,
    says=("filled the memory",),
)
right("shared_memory_in_a_cell", SHARED, hurried=True)  # refused at once, or stopped
spoiled(
    "memory_of_many_processes_in_a_function",
    "slim_objective",
    function(MANY_PROCESSES),
    hurried=True,
    kind="memory",
)

FILES = """
import os
written = 0
for folder in (".", "/dev/shm", "/tmp", "/var/tmp", "/run"):
    for number in range(10):
        try:
            with open(f"{folder}/@MARKER@-{number}", "wb", 0) as file:
                for _ in range(64): written += file.write(b"x" * (1 << 22))
        except OSError: pass
"""
right("fills_every_folder", FILES)
HUGE_FILE = """
import os
for size in (1 << 40, 1 << 30):
    try:
        with open("huge", "wb") as file: os.truncate(file.fileno(), size)
    except OSError as error: pass
try: os.posix_fallocate(os.open("huge", os.O_RDWR | os.O_CREAT), 0, 1 << 33)
except OSError: pass
"""
right("one_huge_file", HUGE_FILE)
MANY_FILES = """
import os
try:
    for number in range(50_000): os.mkdir(f"folder-{number}")
except OSError: pass
path = "."
try:
    for _ in range(2000):
        os.mkdir("deeper"); os.chdir("deeper")
except OSError: pass
os.chmod(".", 0)
"""
right("many_folders_and_a_deep_one", MANY_FILES)
MEMFD = """
import os, ctypes
libc = ctypes.CDLL(None)
made = []
try: made.append(os.memfd_create("x"))
except OSError: pass
made += [n for n in (libc.shmget(0, 1 << 30, 0o1600), libc.msgget(0, 0o1600)) if n >= 0]
"""
right(
    "memory_without_a_limit",
    MEMFD,
    sources={"slim_objective": "def slim_objective(*a):\n    raise ValueError(made)"},
    earns=ALL - {"slim_objective"},
    says=("raised ValueError: []",),
)

FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
BOMB_THAT_ENDS = """
import os, time
for _ in range(300):
    try:
        if os.fork() == 0: time.sleep(30); os._exit(0)
    except OSError: pass
"""
right("fork_bomb_in_a_cell", FORK_BOMB, hurried=True, says=("A cell",))
spoiled("fork_bomb_in_a_function", "slim_objective", function(FORK_BOMB), hurried=True)
spoiled("fork_bomb_that_ends_in_a_function", "slim_objective", function(BOMB_THAT_ENDS))
THREADS = """
import threading, time
started = 0
try:
    for started in range(10_000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError: pass
"""
spoiled(
    "ten_thousand_threads_in_a_function",
    "slim_objective",
    function(THREADS + "return float(started)"),
    kind="values",
)
MANY_FILES_OPEN = "import os\ntry:\n    while True: os.pipe()\nexcept OSError: pass"
right("no_file_descriptors_left", MANY_FILES_OPEN)

# Output is thrown away; what a function returns is limited.
PRINTS = "block = 'x' * (1 << 20)\nfor _ in range(1024): print(block)"
right("a_gigabyte_on_stdout", PRINTS + "\nimport sys\nfor _ in range(64): sys.stderr.write(block)")
right("a_gigabyte_by_the_shell", "!head -c 1000000000 /dev/zero", hurried=True)
right("displays_200_megabytes", "display('x' * (200 << 20))")
spoiled(
    "prints_in_a_function",
    "slim_objective",
    "def slim_objective(*a):\n    for _ in range(64): print('x' * (1 << 20))\n    return 0.1",
    kind="values",
)
spoiled(
    "returns_too_much",
    "slim_objective",
    "def slim_objective(*a):\n    return np.zeros(300_000)",
    kind="output",
    says=("returned more than 4 MiB",),
)
spoiled(
    "returns_ten_megabytes_of_text",
    "slim_objective",
    "def slim_objective(*a):\n    return 'x' * (10 << 20)",
    kind="output",
)
spoiled(
    "raises_ten_megabytes_of_text",
    "slim_objective",
    "def slim_objective(*a):\n    raise ValueError('x' * (10 << 20))",
    kind="exception",
)
