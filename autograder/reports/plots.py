"""The class report's plots: matplotlib's SVG made part of the page.

Colours are written as the page's CSS variables, so plots follow light and dark; text stays text.
"""

import io
import math
import re

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# what matplotlib draws in, and what the page puts there
INK, FAINT, MAIN, SOFT, ACCENT, LINE = (f"#00000{digit}" for digit in range(1, 7))
VARIABLES = {
    INK: "ink",
    FAINT: "faint",
    MAIN: "main",
    SOFT: "main-paper",
    ACCENT: "accent",
    LINE: "line",
}
STYLE = {
    "svg.fonttype": "none",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "class report",  # the same class gives the same bytes
}
POINTS = re.compile(r' (?:width|height)="[\d.]+pt"')
WIDTH = 5.0  # inches; narrow, so that text is still readable when a phone shows all of it
NOT_INLINE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>", re.DOTALL)
IDS = re.compile(r'(?<=\bid=")|(?<=url\(#)|(?<=href="#)')


def score_histogram(scores, points, mean, median):
    """Return the distribution of total scores as inline SVG."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        axes = figure.add_subplot()
        step = (1 if points == int(points) and points <= 40 else points / 20) or 1
        most = max(points, *scores)  # extra credit may go beyond the points to be had
        n_bins = math.ceil(round(most / step, 6)) + 1
        edges = [step * (edge - 0.5) for edge in range(n_bins + 1)]
        axes.hist(scores, bins=edges, color=MAIN, rwidth=0.86)
        axes.axvline(mean, color=ACCENT, linewidth=1.6)
        axes.axvline(median, color=INK, linewidth=1.6, linestyle=(0, (4, 3)))
        top = axes.get_ylim()[1]
        axes.set_ylim(0, top * 1.28)
        left = "mean" if mean <= median else "median"
        for word, value, colour in (("mean", mean, ACCENT), ("median", median, INK)):
            axes.annotate(
                f"{word} {value:.3g}",
                (value, top * 1.27),
                (-5 if word == left else 5, 0),  # on the outer side of its line
                textcoords="offset points",
                ha="right" if word == left else "left",
                va="top",
                color=colour,
            )
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xlabel(f"points of {points:g}")
        axes.set_ylabel("students")
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        label = (
            f"Histogram of the scores of {len(scores)} students, 0 to {points:g} points: "
            f"mean {mean:.3g}, median {median:.3g}."
        )
        return _inline(figure, "scores", label)


def pass_rates(rows):
    """Return horizontal bars of (exercise, difficulty marks, passed, tried) as inline SVG."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.5 + 0.3 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        shares = [passed / tried if tried else 0 for _, _, passed, tried in rows]
        places = range(len(rows))
        axes.barh(places, [1] * len(rows), color=SOFT, height=0.62)
        axes.barh(places, shares, color=MAIN, height=0.62)
        for place, share in zip(places, shares, strict=True):
            axes.text(1.02, place, f"{share:.0%}", va="center", color=INK)
        names = [f"{name}  {marks}" for name, marks, _, _ in rows]
        axes.set_yticks(places, names, color=INK)
        axes.tick_params(axis="y", length=0)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
        axes.set_xlim(0, 1.14)
        axes.invert_yaxis()
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        listed = "; ".join(f"{name} {passed} of {tried}" for name, _, passed, tried in rows)
        return _inline(figure, "rates", f"Share of students who pass each exercise: {listed}.")


def _inline(figure, name, label):
    """Return the figure as an SVG element with a spoken label, made for the inside of a page."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    svg = NOT_INLINE.sub("", file.getvalue()).strip()
    svg = IDS.sub(f"{name}-", svg)  # two plots on a page must not share ids
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var(--{variable})")
    svg = POINTS.sub("", svg, count=2)  # the page decides about the size
    return Markup(svg.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1))
