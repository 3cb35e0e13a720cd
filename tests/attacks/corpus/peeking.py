"""Code that looks for the answers instead of working them out. All functions are wrong."""

from autograder.paths import public_cases_path
from corpus.submissions import (
    ALL,
    LECTURE,
    POINTS,
    wrong,
)
from embedlab.public_cases import unpack

EXEC_FOUND = """
import glob, os, sys, json, re
def take(text):
    # whatever is found: a source, a notebook, a page
    try: text = "\\n".join("".join(c["source"]) for c in json.loads(text)["cells"])
    except Exception: pass
    for part in re.split(r"\\n(?=def |# %%)", text):
        try: exec(part, globals())
        except BaseException: pass
found = []
def look(pattern):
    for path in glob.glob(pattern, recursive=True):
        try: text = open(path).read()
        except (OSError, ValueError): continue
        found.append(path)
        take(text)
"""
UP = "".join(
    f"for ups in range(12): look('../' * ups + {pattern!r})\n"
    for pattern in (
        "source/*/*.ipynb",
        "solutions/*",
        "submitted/*/*/*.ipynb",
        "autograder/exercises/**/*.py",
    )
)
wrong(
    "reads_source_and_solutions",
    EXEC_FOUND + UP + "look('@ROOT@/solutions/*')\n"
    "look('@ROOT@/autograder/**/*.py')\nlook('/sandbox/**/solutions/*')",
)
wrong(
    "imports_the_autograder",
    "import autograder",
    "from autograder.lecture.reference import *",
    "import sys; sys.path[:0] = ['@ROOT@', '/sandbox']\n"
    "from autograder.lecture.reference import load_reference\n"
    f"globals().update(load_reference('{LECTURE}'))",
)
wrong(
    "reads_a_classmate",
    EXEC_FOUND + "look('@COURSE@/submitted/*/*/*.ipynb')\n"
    "look('@COURSE@/../students/*/*.ipynb')\nlook('../../*/*.ipynb')",
)
GRADEBOOK = """
import sqlite3, glob
for path in ["@COURSE@/gradebook.db", *("../" * n + "gradebook.db" for n in range(9))]:
    try:
        with sqlite3.connect(path) as db:
            db.execute("update grade set manual_score = 200, auto_score = 200")
            db.execute("delete from grade")
    except Exception: pass
open("gradebook.db", "w").write("16")
"""
wrong("writes_the_gradebook", GRADEBOOK)
wrong(
    "overwrites_records_and_the_kit",
    """
import glob, embedlab
for path in glob.glob("@COURSE@/**", recursive=True) + glob.glob(embedlab.__path__[0] + "/**"):
    try: open(path, "a").write("@MARKER@")
    except OSError: pass
for folder in ("@COURSE@", "@ROOT@", "@ROOT@/solutions", "@ROOT@/grading", "/", "/usr", "/root"):
    try: open(folder + "/@MARKER@", "w").write("here")
    except OSError: pass
""",
)
ENVIRONMENT = """
import os, glob
known = [os.environ.get(n) for n in ("SECRET_OF_THE_INSTRUCTOR", "SSH_AUTH_SOCK", "VIRTUAL_ENV")]
shown = [p for n in range(300) for p in glob.glob(f"/proc/{n}/*") if n != os.getpid()]
"""
wrong(
    "reads_environment_and_processes",
    ENVIRONMENT,
    sources={
        "slim_objective": "def slim_objective(*a):\n"
        "    raise ValueError(known + shown + glob.glob('/home/*') + glob.glob('/srv/*'))"
    },
    says=("raised ValueError: [None, None, None]",),
)

FRAMES = """
import sys, gc
def slim_objective(*arguments):
    words = ("expected", "outcomes", "mistakes", "examination", "reference", "tolerance")
    frame, seen = sys._getframe(), []
    while frame:
        for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
            if isinstance(value, dict) and any(word in value for word in words):
                seen.append(name)
            if isinstance(value, dict) and "calls" in value:
                seen += [k for call in value["calls"] for k in call if k in words]
                cases = [case for call in value["calls"] for case in call["cases"]]
                seen += [key for case in cases for key in case if key in words]
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "expected" in thing and "label" in thing: seen.append("gc")
    raise ValueError(seen)
"""
wrong("walks_the_frames_for_answers", FRAMES, says=("raised ValueError: []",))
RETURNS_INPUTS = """
import inspect
def answer(*arguments):
    local = inspect.currentframe().f_back.f_locals
    return arguments[0] if arguments else local
"""
wrong("returns_its_inputs", RETURNS_INPUTS + "".join(f"{n} = answer\n" for n in POINTS))

# The public cases ship with their answers: whoever looks them up must fail on fresh ones.
LOOK_UP = """
import embedlab, pathlib
from embedlab.public_cases import unpack
from embedlab.wire import encode, decode
path = pathlib.Path(embedlab.__file__).parent / "public" / "03_slim.json.bz2"
KNOWN = unpack(path.read_bytes())
def looking_up(exercise):
    def function(*arguments):
        given = [encode(argument) for argument in arguments]
        for case in exercise["cases"]:
            if str(list(case["arguments"].values())) == str(given):
                return decode(case["expected"]["value"])
        raise ValueError("no such case")
    return function
for exercise in KNOWN: globals()[exercise["exercise"]] = looking_up(exercise)
"""
assert unpack(public_cases_path(LECTURE).read_bytes())
wrong(
    "looks_up_the_public_cases",
    LOOK_UP,
    kinds=dict.fromkeys(ALL, "exception"),
    says=("no such case",),
)

# One process serves a whole class. Nothing of a classmate may stay in its memory: neither a source
# nor what it returned, which is right for everybody, since the whole class has the same cases.
SCAVENGE = r"""
import ctypes, json, os, re, stat
libc = ctypes.CDLL(None)
libc.sbrk.restype = ctypes.c_void_p
reader, writer = os.pipe()
CHUNK = 1 << 16
def read(address):
    # write(2) says EFAULT where nothing is mapped, and no harm is done
    count = libc.write(writer, ctypes.c_void_p(address), ctypes.c_size_t(CHUNK))
    return os.read(reader, CHUNK) if count > 0 else b""
def addresses():
    # the heap, and what is mapped around the newest objects
    end, here = libc.sbrk(0) & -CHUNK, id(object()) & -CHUNK
    yield from sorted({*range(end - (512 << 20), end + CHUNK, CHUNK),
                       *range(here - (256 << 20), here + (256 << 20), CHUNK)})
reports, sources = {}, {}
REPORT = re.compile(rb'report (\d) (\{"outcomes": [ -~]{,8000})')
SOURCE = re.compile(rb"def (\w+)\([\w, ]+\):\n[\n -~]{,3000}")
before = b""
for address in addresses():
    chunk = read(address)
    text, before = before[-8192:] + chunk, chunk
    for found in REPORT.finditer(text): reports.setdefault(found[1], []).append(found[2])
    for found in SOURCE.finditer(text): sources.setdefault(found[1].decode(), []).append(found[0])
"""
EXEC_SOURCES = (
    SCAVENGE
    + """
for name, texts in sources.items():
    for text in texts:
        if b"arguments" in text or b"SOLUTION" not in text: continue
        try: exec(text.decode(), globals())
        except Exception: pass
"""
)
SEND_REPORTS = (
    SCAVENGE
    + """
for number, texts in reports.items():
    for text in sorted(texts, key=len):
        try: report = json.JSONDecoder().raw_decode(text.decode())[0]
        except ValueError: continue
        text = json.dumps(report).encode()
        for pipe in range(256):
            try:
                if stat.S_ISFIFO(os.fstat(pipe).st_mode) and pipe not in (reader, writer):
                    os.write(pipe, b"\\nreport " + number + b" " + text + b"\\n")
            except OSError: pass
"""
)
wrong("scavenges_sources_of_classmates", EXEC_SOURCES)
wrong("scavenges_results_of_classmates", SEND_REPORTS)
