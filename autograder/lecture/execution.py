"""Run a lecture's solution; where it fails, say in which line of the source and why."""

import ast
import re
import tempfile
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from autograder.errors import UserError
from autograder.paths import relative
from embedlab.public_cases import SUFFIX

CELL_SECONDS = 120
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^Cell In\[(\d+)\], line (\d+)", re.MULTILINE)  # as IPython writes it


class ExecutionError(UserError):
    """A cell of a solution fails; the message starts with file:line and ends with the cell."""


def run_solution(notebook, source, public_cases):
    """Run the notebook made of a Source, in place. Raises ExecutionError.

    public_cases: the bytes of the lecture's public cases. The kernel reads them from a folder of
    its own, so that a run that fails leaves nothing behind.
    """
    started = []
    with tempfile.TemporaryDirectory() as cases, tempfile.TemporaryDirectory() as workplace:
        Path(cases, f"{source.lecture}{SUFFIX}").write_bytes(public_cases)
        look_there = (
            f"import embedlab.lecture as _kit; _kit.PUBLIC = type(_kit.PUBLIC)({cases!r}); del _kit"
        )
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # how prints are split into messages is chance
            resources={"metadata": {"path": workplace}},
            extra_arguments=[
                "--IPKernelApp.log_level=40",  # not its advice on encryption
                f"--IPKernelApp.exec_lines={look_there}",
            ],
            on_cell_start=lambda cell, cell_index: started.append(cell_index),
        )
        try:
            client.execute()
        except CellExecutionError as error:
            reason, trace = f"{error.ename}: {COLOUR.sub('', error.evalue)}", error.traceback
        except CellTimeoutError:
            reason, trace = f"the cell takes longer than {CELL_SECONDS} s", ""
        except DeadKernelError:
            reason, trace = "the kernel ended: a crash, an exit, or too little memory", ""
        else:
            return
    cell, line = _place_of_fault(notebook, source, started[-1], reason, COLOUR.sub("", trace))
    raise ExecutionError(f"{relative(source.path)}:{line}: {reason}\n{_listing(cell, line)}")


def _place_of_fault(notebook, source, position, reason, trace):
    """Return the cell at fault, a SourceCell, and the line of the source."""
    cell = source.cells[position]
    if line := _line_of_step(cell, reason):
        return cell, line
    counts = {run.get("execution_count"): number for number, run in enumerate(notebook.cells)}
    frames = [(int(count), int(line)) for count, line in FRAME.findall(trace)]
    for count, line in reversed(frames):
        if count in counts:
            cell = source.cells[counts[count]]
            return cell, cell.line + line
    return cell, cell.line


def _line_of_step(cell, reason):
    """Return the line of the source on which the step stands that a derivation complains of."""
    for title, lines in step_lines(cell).items():
        complaint = re.search(rf"Line (\d+) of {re.escape(repr(title))}", reason)
        if complaint and int(complaint[1]) <= len(lines):
            return lines[int(complaint[1]) - 1]
    return None


def step_lines(cell):
    """Return {title: line of the source on which each step stands} of a cell's derivations."""
    if isinstance(cell.tree, SyntaxError):  # a magic command
        return {}
    calls = filter(_is_derivation, ast.walk(cell.tree))
    return {
        call.args[0].value: [cell.line + step.lineno for step in call.args[2:]] for call in calls
    }


def _is_derivation(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Derivation"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )


def _listing(cell, line):
    """Return the cell's source with the line numbers of the file, the line at fault marked."""
    lines = enumerate(cell.node.source.splitlines(), start=cell.line + 1)
    return "\n".join(f"{'>' if number == line else ' '}{number:5} {text}" for number, text in lines)
