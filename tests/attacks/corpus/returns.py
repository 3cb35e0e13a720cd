"""Functions that return, raise or are something strange."""

from corpus.submissions import ALL, function, reference, right, spoiled, wrong

RIGHT = reference()


def odd(name, body, kind=None, **outcome):
    """Register a case whose slim_objective has this body."""
    spoiled(name, "slim_objective", function(body), kind=kind, **outcome)


odd("returns_a_generator", "yield 0.0", "type", says=("generator",))
odd("returns_itself", "return slim_objective", "type", says=("a function",))
odd("returns_a_module", "return np", "type")
odd("returns_a_lambda", "return lambda: 0.0", "type")
odd("returns_nothing", "return None", "type", says=("None (is a `return` missing?)",))
odd("returns_not_a_number", "return float('nan')", "nan")
odd("returns_infinity", "return -np.inf", "nan")
odd("returns_a_huge_integer", "return 10**4000", "nan")
odd("returns_an_integer_too_long_to_write", "return 10**100000", "crashed")
odd("returns_a_complex_number", "return 1j", "type")
odd("returns_text", "return '<script>alert(1)</script>'", "type", hidden=("<script>alert",))
odd("returns_bytes", "return b'1.0'", "type")
odd("returns_objects", "return np.array([object()])", "type")
odd("returns_records", "return np.zeros(2, dtype='i4,f8')", "type")
odd("returns_long_text_as_dtype", "return np.array(['x' * 10**6])", "type")
odd("returns_a_date", "return np.datetime64('now')", "type")
odd("returns_an_empty_array", "return np.zeros((0, 10**9))", "type")
odd("returns_a_zero_copy_giant", "return np.broadcast_to(1.0, (10**6, 10**6))")
odd("returns_a_masked_array", "return np.ma.masked_all(3)", "type")
odd("returns_a_matrix", "return np.matrix([[1.0]])", "type")
odd("returns_a_sparse_giant", "return csr_array((10**4, 10**4))", "type")
odd("returns_a_meta_tensor", "import torch\nreturn torch.empty(3, device='meta')")
odd(
    "returns_a_complex_tensor", "import torch\nreturn torch.zeros(3, dtype=torch.complex64)", "type"
)
odd("returns_a_sparse_tensor", "import torch\nreturn torch.eye(3).to_sparse()", "type")
odd("returns_a_list_in_itself", "a = []\na.append(a)\nreturn a")
odd("returns_deep_lists", "a = 0.0\nfor _ in range(100_000): a = [a]\nreturn a")
odd("returns_a_dict_of_odd_keys", "return {1: 2, (): None}", "type")
odd("returns_a_wrapped_namespace", "return globals()")
right(
    "async_function",
    sources={"slim_objective": "async " + function("return 0.0")},
    earns=ALL - {"slim_objective"},
    kinds={"slim_objective": "type"},
    says=("coroutine",),
)
right(
    "class_instead_of_a_function",
    sources={"slim_objective": "class slim_objective:\n    def __init__(self, *a): pass"},
    earns=ALL - {"slim_objective"},
    kinds={"slim_objective": "type"},
)
right(
    "not_callable",
    sources={"slim_objective": "slim_objective = 0.5"},
    earns=ALL - {"slim_objective"},
    kinds={"slim_objective": "undefined"},
)

BY_LAMBDA = (
    "slim_objective = lambda A, W, l1, l2: float("
    "0.5 * ((A - A @ W)**2).sum() + l1 * np.abs(W).sum() + 0.5 * l2 * (W**2).sum())"
)
BY_PARTIAL = (
    "import functools\n"
    + RIGHT["slim_objective"].replace("def slim_objective(", "def whole(half, ")
    + "\nslim_objective = functools.partial(whole, 0.5)"
)
BY_CLASS = (
    "class Objective:\n    def __call__(self, A, W, l1, l2):\n"
    "        return 0.5 * ((A - A @ W)**2).sum() + l1 * abs(W).sum() + 0.5 * l2 * (W**2).sum()\n"
    "slim_objective = Objective()"
)
BY_DECORATOR = "import functools\n@functools.lru_cache\ndef _n(): return 1\n@(lambda f: f)\n"
right("lambda_instead_of_a_function", sources={"slim_objective": BY_LAMBDA})
right("partial_instead_of_a_function", sources={"slim_objective": BY_PARTIAL})
right("object_instead_of_a_function", sources={"slim_objective": BY_CLASS})
right("decorated_function", sources={"slim_objective": BY_DECORATOR + RIGHT["slim_objective"]})

SUBCLASS = """
class Trick(np.ndarray):
    def __array_finalize__(self, other): {finalize}
    def __array_wrap__(self, *a, **k): return np.zeros(3)
    def __array__(self, *a, **k): return np.zeros(3)
    shape = property(lambda self: ())
    dtype = property(lambda self: np.dtype(float))
    tolist = ravel = astype = lambda self, *a, **k: self
    __eq__ = __lt__ = __gt__ = lambda *a: True
return np.zeros(3).view(Trick)
"""
odd("returns_an_array_that_lies", SUBCLASS.format(finalize="pass"))
odd("returns_an_array_that_raises", SUBCLASS.format(finalize="raise SystemExit(other)"))
RECURSIVE = """
class Endless:
    def __repr__(self): return repr(self)
    def __eq__(self, other): return self == other
    def __array__(self, *a, **k): return np.asarray(self)
    def __getattr__(self, name): return getattr(self, name + '_')
    __class__ = property(lambda self: float)
return Endless()
"""
odd("returns_something_endless", RECURSIVE)
CHANGES = """
for argument in arguments:
    if isinstance(argument, np.ndarray): argument[...] = np.nan
return 0.0
"""
odd("changes_its_arguments", CHANGES)
right(
    "changes_its_arguments_though_right",
    sources={
        "recommend": RIGHT["recommend"].replace("def recommend", "def _recommend")
        + "\ndef recommend(seen, W, k):\n    chosen = _recommend(seen, W, k)\n"
        "    seen[:] = 1\n    return chosen"
    },
    earns=ALL - {"recommend"},
    kinds={"recommend": "changed"},
    says=("the call changed `seen`",),
)

# Words that go to terminals, JSON and HTML.
EVIL_TEXT = r"<script>alert(1)</script>\x1b[31m\u202e\x00\ud800{{7*7}}</pre>"
odd(
    "raises_markup",
    f"raise ValueError('{EVIL_TEXT}')",
    "exception",
    says=("<script>alert(1)</script>",),
    hidden=("<script>alert", "\x1b", "\u202e", "\0"),
)
odd(
    "raises_a_type_named_markup",
    f"raise type('<img src=x onerror=alert(1)>\\x1b', (Exception,), {{}})('{EVIL_TEXT}')",
    "exception",
    hidden=("<img src=x", "<script>alert", "\x1b", "\u202e"),
)
odd(
    "returns_a_type_named_markup",
    "return type('<script>alert(1)</script>\\u202e\\x1b', (), {})()",
    "type",
    hidden=("<script>alert", "\x1b", "\u202e"),
)
odd(
    "raises_something_that_cannot_be_shown",
    "class Odd(Exception):\n    def __str__(self): raise SystemExit(self)\nraise Odd()",
)
odd(
    "raises_a_chain",
    "try: raise ValueError('a')\nexcept ValueError as e:\n"
    "    e.__cause__ = e.__context__ = e\n    raise e",
    "exception",
)
odd(
    "raises_a_group",
    "raise ExceptionGroup('many', [ValueError(i) for i in range(1000)])",
    "exception",
)
odd("raises_stop_iteration", "raise StopIteration(1)", "exception")
odd("raises_that_it_is_not_written", "raise NotImplementedError", "missing")
right(
    "fault_with_markup",
    sources={"recommend": f"raise ValueError('{EVIL_TEXT}')\nrecommend = print"},
    earns=ALL - {"recommend"},
    kinds={"recommend": "undefined"},
    hidden=("<script>alert", "\x1b", "\u202e"),
)
wrong(
    "names_bound_to_a_catch_all",
    "class Any:\n"
    "    def __getattr__(self, name): return self\n    def __call__(self, *a, **k): return self\n"
    "    __float__ = lambda self: 0.0\n" + "".join(f"{name} = Any()\n" for name in sorted(ALL)),
)
