"""How matplotlib's figures look in a lecture: without paper, and with light ink on dark pages.

A figure is drawn once, in dark ink. Where the page is dark, a style sheet turns light and dark
round and keeps the hues: black becomes white, and a dark blue a light one.
"""

import base64
from html import escape

import matplotlib
from cycler import cycler
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import print_figure, select_figure_formats
from matplotlib.figure import Figure
from matplotlib_inline.config import InlineBackend

# The course's: C0 is for users, C1 for films, as in embedlab/widgets/colours.css.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#616161")
STYLE = {
    "axes.facecolor": "none",
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "legend.frameon": False,
}
CSS = """
.embedlab-figure { max-width: 100%; }
[data-jp-theme-light="false"] .embedlab-figure { filter: invert(1) hue-rotate(180deg); }
"""


def follow_the_theme(shell: InteractiveShell) -> None:
    """Have the figures of this kernel's cells shown so that they follow JupyterLab's theme."""
    matplotlib.rcParams.update(STYLE)
    # The inline backend reads this when it starts, now or later. It then forgets all formatters of
    # figures, so that HTML must come from the class itself.
    backend = InlineBackend.instance(parent=shell)
    backend.figure_formats = set()
    select_figure_formats(shell, set())
    Figure._repr_html_ = as_html


def as_html(figure: Figure) -> str | None:
    """Return a figure as an HTML picture whose colours follow the theme; None if it is empty."""
    png = print_figure(figure, "png", facecolor="none")
    if png is None:
        return None
    shown = "; ".join(
        f"{axes.get_ylabel() or axes.get_title()} against {axes.get_xlabel()}"
        for axes in figure.axes
    )
    data = base64.b64encode(png).decode()
    return (
        f'<style>{CSS}</style>\n<img class="embedlab-figure" alt="{escape(shown)}" '
        f'src="data:image/png;base64,{data}">'
    )
