"""Run a student's cells, then try each exercise in a fork of its own, and tell what happened.

Everything here shares its process with the student's code, so nothing it says is believed: the warm
process takes its lines as claims about time and its reports as data, and the judge compares the
data with what it knows itself. Lines, each between newlines:

    cell I             cell I begins
    fault I JSON       cell I ended with an exception, [type, message]
    try K              exercise K begins, in a process of its own
    report K JSON      what the function did (`embedlab.observe`), or {"missing": true}
    left K STATUS      the process of exercise K has ended; waits for leave to go on
    done               nothing follows
"""

import ast
import contextlib
import json
import os

from IPython.core.interactiveshell import InteractiveShell

from embedlab.observe import observe

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
MEMORY = 77  # exit status of a process that ran out of its memory


def run(job, report_bytes, reduced, pending, tell, wait):
    """Run the cells of a job and try its pending calls.

    report_bytes: longest report. reduced: {cell: what to run of it}, "definitions" or "nothing",
    for cells that did not finish in an earlier attempt. pending: indices of the calls to try.
    tell: function that sends a line. wait: function that returns once what the last exercise left
    running is gone.
    """
    shell, inmate = InteractiveShell.instance(), os.getpid()
    for index, source in enumerate(job["cells"]):
        if reduced.get(index) == "nothing":
            continue
        tell(f"cell {index}")
        if reduced.get(index) == "definitions":
            source = definitions(shell, source)
        result = shell.run_cell(source, store_history=False)
        if os.getpid() != inmate:
            os._exit(0)  # a process that the cell forked and left to go on: one judgement is enough
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            tell(f"fault {index} " + json.dumps([type(error).__name__, str(error)[:300]]))
            # a line that needs the data or the screen of a whole lecture costs no function
            shell.run_cell(definitions(shell, source), store_history=False)
        if isinstance(error, MemoryError):
            # what the cell holds would count once more in every exercise's process
            os._exit(MEMORY)
    for index in pending:
        tell(f"try {index}")
        child = os.fork()
        if child == 0:
            _report(shell, index, job["calls"][index], report_bytes, tell)
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(ChildProcessError):  # process 1 inherits what others leave
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        tell(f"left {index} {os.waitstatus_to_exitcode(status)}")
        wait()
    tell("done")


def definitions(shell, source):
    """Return what a cell defines: its imports, functions, classes and literal constants."""
    try:
        tree = ast.parse(shell.transform_cell(source))
    except (SyntaxError, ValueError, RecursionError):
        return ""
    tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS) or _is_constant(node)]
    return ast.unparse(tree)


def _is_constant(node):
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _report(shell, index, call, limit, tell):
    """Try one exercise, send its report and end the process."""
    try:
        for source in call["lent"]:
            shell.run_cell(source, store_history=False)
        function = shell.user_ns.get(call["exercise"])
        if callable(function):
            driver = call["driver"]
            report = {"outcomes": [observe(function, case, driver) for case in call["cases"]]}
        else:
            report = {"missing": True}
        text = json.dumps(report)
        tell(f"report {index} " + (text if len(text) <= limit else '{"ended": "output"}'))
    except MemoryError:
        os._exit(MEMORY)
    except BaseException:
        os._exit(1)
    os._exit(0)
