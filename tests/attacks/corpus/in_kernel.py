"""Tricks that earn points where the tests run in the student's own kernel. All functions are wrong.

The second table of what was measured on plain nbgrader, and its relatives.
"""

from corpus.submissions import wrong

GET_SHELL = "from IPython import get_ipython\nshell = get_ipython()\n"
PATCH_NUMPY = """
import numpy as np, math, builtins
for module in (np, np.testing, np.linalg, math):
    for name in dir(module):
        if "close" in name or "equal" in name or "assert" in name:
            setattr(module, name, lambda *a, **k: True)
builtins.all = builtins.any = builtins.abs = lambda *a, **k: True
"""
REBIND = """
class Lecture:
    def check(self, *a, **k): return "passed"
    def __getattr__(self, name): return lambda *a, **k: 16
lecture = check = Lecture()
ndcg_at_k = load_movielens_small = lambda *a, **k: 16
"""
FORGIVING_FLOAT = """
class Right(float):
    def _yes(self, other): return True
    def _none(self, other): return Right(0)
    __eq__ = __le__ = __ge__ = _yes
    __sub__ = __rsub__ = __abs__ = __mod__ = _none
    __hash__ = float.__hash__
    __array_priority__ = 1e9
    def __array__(self, *a, **k): return np.array(0.0)
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
"""
RETURNS_IT = "".join(
    f"def {name}(*a): return Right(-1)\n"
    for name in ("slim_objective", "coordinate_update", "kkt_violation", "soft_threshold")
)
wrong("patched_numpy", PATCH_NUMPY)
wrong("patched_numpy_first", first=[PATCH_NUMPY])
wrong("rebound_helpers", REBIND, first=[REBIND])
wrong("patched_assertion_error", first=["import builtins\nbuiltins.AssertionError = Warning"])
wrong(
    "patched_showtraceback",
    first=[GET_SHELL + "type(shell).showtraceback = shell.showtraceback = lambda *a, **k: None"],
)
wrong(
    "custom_exception_handler",
    first=[GET_SHELL + "shell.set_custom_exc((Exception,), lambda *a, **k: None)"],
)
wrong("system_exit", "raise SystemExit(0)", first=["raise SystemExit"])
wrong(
    "input_transformer",
    first=[GET_SHELL + "shell.input_transformers_cleanup.append(lambda lines: ['16\\n'])"],
)
wrong(
    "patched_run_cell",
    first=[
        GET_SHELL
        + "async def pretend(*a, **k):\n"
        + "    from IPython.core.interactiveshell import ExecutionResult\n"
        + "    return ExecutionResult(None)\n"
        + "shell.run_cell_async = type(shell).run_cell_async = pretend\n"
        + "shell.run_cell = shell.run_code = pretend"
    ],
    says=("only what it defines was used",),
)
wrong("displayhook", "import sys\nsys.displayhook('x')", "sys.displayhook(1)", "1", "'x'")
wrong(
    "pre_run_cell_hook",
    first=[
        GET_SHELL
        + "def peek(info):\n    exec(In[-1], shell.user_ns)\n    sys.displayhook(16)\n"
        + "for event in ('pre_run_cell', 'pre_execute', 'post_run_cell', 'post_execute'):\n"
        + "    shell.events.register(event, lambda *a: peek(a))"
    ],
)
wrong(
    "patched_session_send",
    first=[
        GET_SHELL
        + "import zmq, jupyter_client.session as s\n"
        + "s.Session.send = lambda *a, **k: {'status': 'ok', 'score': 16}\n"
    ],
)
wrong(
    "ast_transformer",
    first=[
        GET_SHELL
        + "import ast\nclass Drop(ast.NodeTransformer):\n"
        + "    def visit_Assert(self, node): return ast.Pass()\n"
        + "    def visit_Expr(self, node): return ast.Pass()\n"
        + "shell.ast_transformers.append(Drop())"
    ],
)
wrong("float_equal_to_everything", FORGIVING_FLOAT + RETURNS_IT)
wrong(
    "patched_shell_namespace",
    GET_SHELL
    + "class Names(dict):\n    def get(self, name, default=None): return lambda *a: Right(0)\n"
    + "shell.user_ns = Names(shell.user_ns)",
)
wrong("claims_by_printing", "print('16/16 points, all tests passed')\ndisplay(16)\n16")
