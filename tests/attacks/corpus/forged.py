"""Lines and reports written into every pipe that the student's process holds open."""

from autograder.records import STOPPED
from corpus.submissions import ALL, POINTS, function, right, spoiled, wrong

# `say` writes to all pipes, `JOB` is what the process is asked to do: both are there to be found.
TOOLS = """
import gc, json, os, stat
def say(text):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    for number in range(256):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode): os.write(number, data)
        except OSError: pass
JOB = next(o for o in gc.get_objects() if type(o) is dict and {"cells", "calls"} <= o.keys())
NUMBERS = {call["exercise"]: number for number, call in enumerate(JOB["calls"])}
CASES = {call["exercise"]: len(call["cases"]) for call in JOB["calls"]}
def report(name, text): say(f"\\nreport {NUMBERS[name]} {text}\\n")
def outcomes(name, outcome): report(name, json.dumps({"outcomes": [outcome] * CASES[name]}))
"""
EVERY = TOOLS + "\nfor name in CASES: "


def forged(name, statement, **outcome):
    """Register a case that sends something for every exercise beforehand."""
    wrong(name, EVERY + statement, **outcome)


def texts(name, reports, kind="tampered"):
    """Register a case that sends a text for each of some exercises beforehand."""
    names = dict(zip(POINTS, reports, strict=False))
    lines = "".join(f"report({exercise!r}, {text})\n" for exercise, text in names.items())
    wrong(name, TOOLS + lines, kinds=dict.fromkeys(names, kind))


# Claims

forged(
    "claims_to_have_passed",
    """report(name, json.dumps({"passed": True, "kind": "passed",
    "score": 99, "verdict": {"kind": "passed"}, "outcomes": [{"passed": True}] * CASES[name]}))""",
    kinds=dict.fromkeys(ALL, "tampered"),
)
forged(
    "claims_no_outcomes",
    """report(name, '{"outcomes": []}')""",
    kinds=dict.fromkeys(ALL, "tampered"),
)
forged(
    "claims_the_right_exception",
    """outcomes(name, {"raised": "Passed", "says": "", "line": ""})""",
    kinds=dict.fromkeys(ALL, "exception"),
)
forged(
    "claims_to_be_missing",
    """report(name, '{"missing": true}')""",
    kinds=dict.fromkeys(ALL, "undefined"),
)
forged(
    "claims_an_end", """report(name, '{"ended": "output"}')""", kinds=dict.fromkeys(ALL, "output")
)
forged("claims_not_a_number", """outcomes(name, {"value": float("nan"), "changed": []})""")
forged(
    "claims_nan_arrays",
    """outcomes(name, {"value": {"array": [float("nan")] * 9,
    "dtype": "float64", "shape": [3, 3]}, "changed": []})""",
)
forged(
    "claims_a_verdict_for_all_lines",
    """say("\\nfault 0 [[\\"passed\\"]]\\npassed 1\\nscore 16\\n")""",
)

# Lines. What was reported before stays; what comes after a `done` was not tried.
wrong("done_in_a_cell", TOOLS + "say('\\ndone\\n')", status=STOPPED)
spoiled(
    "done_in_a_function",
    "recommend",
    function(TOOLS + "say('\\ndone\\n')\nimport time; time.sleep(1)", "recommend"),
    status=STOPPED,
    earns=ALL - {"recommend", "sparse_scores"},
    says=("Not tried: recommend",),
)
wrong("unconfined_in_a_cell", TOOLS + "say('\\nunconfined \"this sandbox does not hold\"\\n')")
right(
    "garbage_lines",
    TOOLS
    + r"""
for line in ("", " ", "report", "report 99 {}", "report -1 {}", "report 1e3 {}", "try 99", "left x",
             "cell 999", "fault 999 x", "cell", "done", "unknown 1 2", "\0\0", "\ud800",
             "report \u0663 {}", "\u202e"):
    if line != "done": say("\n" + line + "\n")
say(b"\n\xff\xfe\xfa\n" * 1000)
say(os.urandom(1 << 20).replace(b"\n", b""))
""",
)
right("number_of_five_thousand_digits", TOOLS + "say('\\nreport ' + '9' * 5000 + ' {}\\n')")
right(
    "half_a_line",
    TOOLS + "say('\\nreport 0 {\"outcomes\": [')",
    earns=ALL - {"slim_objective"},
    kinds={"slim_objective": "tampered"},
)
wrong(
    "gigabyte_of_lines",
    TOOLS + "block = (b'x' * 1023 + b'\\n') * 1024\nfor _ in range(1024): say(block)",
    status=STOPPED,
    says=("more data than all exercises need",),
)
wrong(
    "gigabyte_of_one_line",
    TOOLS + "block = b'x' * (1 << 20)\nfor _ in range(1024): say(block)",
    status=STOPPED,
    says=("more data than all exercises need",),
)
wrong(
    "reports_of_sixty_megabytes_not_text",
    TOOLS + "say(b'\\nreport 0 ' + b'\\xff' * (60 << 20) + b'\\n')",
    status=STOPPED,
)
wrong("leaves_that_nobody_waits_for", TOOLS + "for _ in range(300): say('\\nleft 7 0\\n')")
forged(
    "claims_to_have_left",
    """say(f"\\nleft {NUMBERS[name]} 0\\n")""",
    kinds=dict.fromkeys(ALL, "crashed"),
)
forged("claims_to_try", """say(f"\\ntry {NUMBERS[name]}\\n")""")
forged("faults_that_are_not_text", """say("\\nfault 0 " + "[" * 990 + "]" * 990 + "\\n")""")
right(
    "reports_again_what_was_right",
    sources={
        "sparse_scores": function(
            EVERY + "report(name, '{\"outcomes\": []}')\nreturn 1", "sparse_scores"
        )
    },
    earns=ALL - {"sparse_scores"},
)
spoiled(
    "reports_for_the_others",
    "recommend",
    function(EVERY + "report(name, '{\"outcomes\": []}')", "recommend"),
    earns=ALL - {"recommend", "sparse_scores"},
    kinds={"sparse_scores": "tampered"},
)

# Data


def array(numbers="[0.0]", dtype='"float64"', shape="[1]"):
    """Return the text of an encoded array, right or wrong."""
    return f'{{"array": {numbers}, "dtype": {dtype}, "shape": {shape}}}'


def outcome(value, changed="[]"):
    """Return the text of a report whose first value is this text."""
    return repr(f'{{"outcomes": [{{"value": {value}, "changed": {changed}}}]}}')


def sparse(data=None, indices=None, indptr=None, shape="[1, 1]"):
    """Return the text of an encoded sparse matrix, right or wrong."""
    data = data or array("[1.0]")
    indices = indices or array("[0]", '"int32"')
    indptr = indptr or array("[0, 1]", '"int32"', "[2]")
    parts = f'{{"data": {data}, "indices": {indices}, "indptr": {indptr}}}'
    return f'{{"sparse": {parts}, "shape": {shape}}}'


texts(
    "evil_dtypes",
    [
        outcome(array(dtype=dtype))
        for dtype in (
            '"object"',
            '"U1000000000"',
            '"V1000000000"',
            '"O"',
            '"datetime64[ns]"',
            "[]",
            "null",
            '["i4", "f8"]',
        )
    ],
)
texts(
    "evil_shapes",
    [
        outcome(array(shape=shape))
        for shape in (
            "[-1]",
            "[-1, -1]",
            "[1000000000000, 1000000000000, 0]",
            "[1e300]",
            '["1"]',
            "[[1]]",
            "null",
            "{}",
        )
    ],
)
texts(
    "evil_numbers",
    [
        outcome(array(numbers))
        for numbers in (
            '["x"]',
            "[[0.0], [0.0, 1.0]]",
            "[{}]",
            "12",
            '"x"',
            "{}",
            "[" + "9" * 400 + "]",
            "[[[1.0, 2.0]]]",
        )
    ],
)
texts(
    "evil_sparse_matrices",
    [
        outcome(value)
        for value in (
            sparse(indices=array("[1000000000]", '"int64"')),
            sparse(indices=array("[-5]", '"int32"')),
            sparse(indptr=array("[0, 1000000]", '"int32"', "[2]")),
            sparse(indptr=array("[-9, 1]", '"int32"', "[2]")),
            sparse(shape="[-1, -1]"),
            sparse(shape="null"),
            '{"sparse": {}, "shape": [1, 1]}',
            '{"sparse": [1, 2], "shape": [1, 1]}',
        )
    ],
)
texts(
    "evil_keys",
    [
        outcome(value)
        for value in (
            "{}",
            '{"unknown": 1}',
            '{"array": [1.0]}',
            '{"tensor": 3}',
            '{"tuple": 3}',
            '{"dict": []}',
            '{"tensor": {"unreadable": 1}}',
            '{"tuple": [{"tuple": [{}]}]}',
        )
    ],
)
texts(
    "evil_outcomes",
    [
        repr(text)
        for text in (
            '{"outcomes": [1]}',
            '{"outcomes": ["raised"]}',
            '{"outcomes": {"value": 1}}',
            '{"outcomes": [{"raised": 1}]}',
            '{"outcomes": [{"value": 1}]}',
            '{"outcomes": null}',
            '{"outcomes": [{"value": -1.0, "changed": 3}]}',
            "[]",
        )
    ],
)
texts(
    "evil_json",
    [
        repr("{"),
        repr(""),
        repr("nul"),
        repr("9" * 5000),
        repr("NaN"),
        repr('"\\ud800"'),
        '"[" * 100_000 + "]" * 100_000',
        """'{"outcomes": [{"value": ' + "[" * 100_000 + "]" * 100_000 + ', "changed": []}]}'""",
    ],
)
# NumPy and Python take what they are given at its word: these must not cost time or memory.
texts(
    "evil_sizes",
    [
        """'{"outcomes": [{"value": {"array": [], "dtype": "float64", "shape": [' """
        """+ ("9" * 4000 + ",") * 400 + '0]}, "changed": []}]}'""",
        outcome(array("[]", shape="[0, 99999999999999999999]")),
        """'{"outcomes": [{"value": {"array": [0.0], "dtype": "float64", "shape": [' """
        """+ "1," * 100_000 + '1]}, "changed": []}]}'""",
    ],
)
texts(
    "many_empty_lists",
    [
        """'{"outcomes": [{"value": [' + '[],' * (1 << 17) + '[]], "changed": []}]}'""",
    ],
    kind="type",
)
forged(
    "names_of_ten_megabytes",
    """outcomes(name, {"value": {"unreadable": "<b>" * (1 << 16)},
    "changed": ["<script>alert(1)</script>" * 1000]})""",
    hidden=("<script>alert",),
)
forged(
    "words_with_markup",
    r"""outcomes(name, {"raised": "<script>alert(1)</script>\x1b[31m",
    "says": "\u202e\x00\ud800<script>alert(2)</script>" * 1000, "line": "</code><img src=x>"})""",
    hidden=("<script>alert", "<img src=x", "\x1b", "\u202e"),
)
