"""Code that never ends. Judged with short limits: each costs the whole time it is given."""

from autograder.records import STOPPED
from corpus.forged import TOOLS
from corpus.submissions import ALL, function, right, spoiled, wrong

LOOPS = {
    "endless_loop": "while True: pass",
    "endless_sleep": "import time\nwhile True: time.sleep(60)",
    "swallows_interrupts": "import signal, time\n"
    "for number in range(1, 65):\n"
    "    try: signal.signal(number, signal.SIG_IGN)\n"
    "    except (OSError, ValueError): pass\n"
    "while True:\n"
    "    try:\n        while True: time.sleep(1)\n"
    "    except BaseException: pass",
    "endless_in_c": "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
}
for name, loop in LOOPS.items():
    right(f"{name}_in_a_cell", loop, hurried=True, says=("A cell took longer than",))
for name in ("endless_loop", "swallows_interrupts"):
    spoiled(
        f"{name}_in_a_function",
        "slim_objective",
        function(LOOPS[name]),
        kind="time",
        hurried=True,
        says=("Is there a loop that never ends?",),
    )
spoiled(
    "deadlock_in_a_function",
    "slim_objective",
    function("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
    kind="time",
    hurried=True,
)
spoiled(
    "endless_generator",
    "slim_objective",
    function("import itertools\nreturn list(iter(int, 1))"),
    hurried=True,
)
# Each exercise has its own time, and the notebook as a whole has a limit too. What waits is given
# three times as long: eight of them outlast a short job, however fast the machine.
wrong(
    "every_function_is_endless",
    sources={name: function(LOOPS["endless_sleep"], name) for name in sorted(ALL)},
    status=STOPPED,
    hurried=True,
    says=("longer than",),
)
# Lines that start the clock again win time until half of it is over, not without end.
wrong(
    "restarts_the_clock",
    TOOLS + "import time\nwhile True:\n    say('\\ncell 0\\n')\n    time.sleep(0.05)",
    hurried=True,
    says=("longer than", "only what it defines was used"),
)
wrong(
    "floods_with_leaves",
    TOOLS + "while True: say('\\nleft 0 0\\n' * 500)",
    status=STOPPED,
    hurried=True,
)
# The first process of a namespace cannot be stopped from inside, an exercise's can.
STOP = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
right("stops_itself_in_a_cell", STOP)
spoiled("stops_itself_in_a_function", "slim_objective", function(STOP), kind="time", hurried=True)
