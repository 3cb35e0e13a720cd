"""The template engine, set up once: everything escaped, nothing undefined, no network."""

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.reports.code import highlighted
from autograder.reports.text import display_name, number, one_line, plain
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
        "number": number,
        "mark": verdict_mark,
        "words": verdict_words,
        "status_words": lambda status: STATUS_WORDS.get(status, status),
        "highlighted": lambda source: Markup(highlighted(source)),
    }
    return environment


def render(template, **facts):
    """Return the page that a template makes of the facts."""
    return _environment().get_template(template).render(facts)
