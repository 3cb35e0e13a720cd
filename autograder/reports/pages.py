"""The template engine, set up once: everything escaped, nothing undefined, no network.

The only script a page may run is our own, which its policy names by digest.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.reports.code import highlighted
from autograder.reports.text import begun, display_name, number, one_line, other_id, plain
from autograder.reports.words import STATUS_WORDS, verdict_mark, verdict_words

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,  # by extension would miss .j2
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "plain": plain,
        "one_line": one_line,
        "display_name": display_name,
        "begun": begun,
        "number": number,
        "other_id": other_id,
        "mark": verdict_mark,
        "words": verdict_words,
        "status_words": lambda status: STATUS_WORDS.get(status, status),
        "highlighted": lambda source: Markup(highlighted(source)),
    }
    return environment


@cache
def script(name):
    """Return a script of ours for a page, and the source that the page's policy allows for it."""
    text = (TEMPLATES / name).read_text("utf-8")
    found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{found}"


def render(template, **facts):
    """Return the page that a template makes of the facts."""
    return _environment().get_template(template).render(facts)
