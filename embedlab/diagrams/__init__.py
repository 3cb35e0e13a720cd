"""Diagrams made by code: SVG in light and dark, in the course's colours, from a lecture's arrays.

A diagram is drawn on a `Sketch` from blocks of cells, outlines, labels, arrows and spans, and fits
itself around what was drawn. Colours are roles: "user" and "item" mean the same in every lecture.
Labels are plain text; between dollar signs letters are italic, and `_` and `^` set a letter or
{letters} lower or higher: "$p_u$", "$W^{QK}$".

To add one, say `pyramid`, write a module with a function of the lecture's own arrays that says
in a ValueError what does not fit, draws on a Sketch and returns `sketch.done(title, sentence)`.
"""

from embedlab.diagrams.attention import attention_pipeline
from embedlab.diagrams.batch import in_batch
from embedlab.diagrams.bert4rec import bert4rec
from embedlab.diagrams.components import pca
from embedlab.diagrams.convolution import graph_convolution
from embedlab.diagrams.factorization import factorization
from embedlab.diagrams.fields import field_vectors
from embedlab.diagrams.films import film_map
from embedlab.diagrams.machine import fm_row
from embedlab.diagrams.sketch import Box, Diagram, Sketch
from embedlab.diagrams.slim import slim_column
from embedlab.diagrams.towers import two_towers
from embedlab.diagrams.words import number

__all__ = [
    "Box",
    "Diagram",
    "Sketch",
    "attention_pipeline",
    "bert4rec",
    "factorization",
    "field_vectors",
    "film_map",
    "fm_row",
    "graph_convolution",
    "in_batch",
    "number",
    "pca",
    "slim_column",
    "two_towers",
]
