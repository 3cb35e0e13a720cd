"""How matplotlib's figures are shown."""

import base64
import io
import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure

from embedlab.figures import COLOURS, as_html, follow_the_theme


@pytest.fixture
def shell(monkeypatch):
    """A shell of its own, with matplotlib's settings as they were afterwards."""
    from matplotlib_inline.config import InlineBackend

    shell = InteractiveShell()
    shell.display_formatter.active_types = shell.display_formatter.format_types
    monkeypatch.setattr(Figure, "_repr_html_", Figure._repr_html_)  # put back afterwards
    with matplotlib.rc_context():
        yield shell
    InlineBackend.clear_instance()


def drawn():
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([1, 2], [3, 5], label='"quoted" & more')
    axes.set(xlabel="rounds", ylabel="error < 1")
    plt.close(figure)
    return figure


def test_a_figure_is_shown_as_html_alone_whichever_was_imported_first(shell):
    follow_the_theme(shell)
    shown, _ = shell.display_formatter.format(drawn())
    assert set(shown) == {"text/html", "text/plain"}
    from matplotlib_inline.backend_inline import configure_inline_support

    configure_inline_support(shell, "inline")
    shown, _ = shell.display_formatter.format(drawn())
    assert set(shown) == {"text/html", "text/plain"}


def test_its_paper_is_transparent_and_its_bytes_are_the_same_each_time(shell):
    follow_the_theme(shell)
    html = as_html(drawn())
    assert html == as_html(drawn())
    png = base64.b64decode(re.search(r'base64,([^"]+)"', html)[1])
    pixels = plt.imread(io.BytesIO(png))
    assert pixels[0, 0, 3] == 0
    assert (np.abs(pixels[..., :3] - matplotlib.colors.to_rgb(COLOURS[0])).max(-1) < 0.01).any()


def test_it_says_what_it_shows_and_turns_in_the_dark(shell):
    html = as_html(drawn())
    assert 'alt="error &lt; 1 against rounds"' in html
    assert '[data-jp-theme-light="false"] .embedlab-figure { filter: invert(1)' in html


def test_an_empty_figure_is_not_shown():
    assert as_html(Figure()) is None
