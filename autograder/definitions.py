"""Where a notebook's code defines a name, found by lines: every room looks with the same eyes.

To parse what a student wrote can take minutes and gigabytes.
"""

import re
from functools import cache

DEFINITION = re.compile(r"^(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)


def defined(source):
    """Return the names of the functions and classes that a cell defines, in order, not nested."""
    return DEFINITION.findall(source)


def binds(source, name):
    """Whether a cell defines the name as a function or class, or assigns to it (a lambda, say)."""
    return name in source and (name in defined(source) or bool(_assignment(name).search(source)))


@cache
def _assignment(name):
    return re.compile(rf"^{re.escape(name)}[ \t]*(?:=(?!=)|:[^=\n]*=)", re.MULTILINE)
