"""How a verdict looks in a notebook: the output of a check cell, and a notice above everything."""

import html

from nbformat.notebooknode import from_dict

from autograder.judging.judge import PRAISE

GREEN, RED = "#2a7f3f", "#a8322a"


def verdict_output(verdict, score, points, seed):
    """Return the output whose plain text is the score (nbgrader's rule) and whose HTML says why."""
    text = html.escape("\n".join(verdict.lines(PRAISE)))
    earned = f"{score:.12g} of {points:.12g} {'point' if points == 1 else 'points'}"
    inner = (
        f'<pre style="white-space: pre-wrap; margin: 0">{text}</pre>'
        f"<small>{earned} · cases drawn with seed {seed}</small>"
    )
    data = {"text/plain": f"{score:.12g}", "text/html": _card(inner, verdict.passed)}
    return from_dict(
        {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
    )


def notice(sentence):
    """Return the source of a markdown cell that says `sentence`, as text whoever wrote it."""
    return _card(html.escape(" ".join(sentence.split())), good=False)


def literal(words):
    """Return the source of a markdown cell that shows `words` letter by letter."""
    # on one line: markdown ends a block of HTML at an empty line
    escaped = html.escape(words).replace("\r", "").replace("\n", "&#10;")
    return f'<pre style="white-space: pre-wrap">{escaped}</pre>'


def _card(inner, good):
    colour = GREEN if good else RED
    return f'<div style="border-left: 4px solid {colour}; padding: 4px 12px">{inner}</div>'
