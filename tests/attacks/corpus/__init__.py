"""Law 6's corpus: submissions that are hostile, broken or merely unusual, and what becomes of them.

Every module registers cases of one kind; `submissions` says what a case is.
"""

from corpus import (  # noqa: F401
    endless,
    forged,
    handed_in,
    honest,
    in_kernel,
    own_process,
    peeking,
    poison,
    resources,
    returns,
    structure,
)
from corpus.submissions import CASES

__all__ = ["CASES"]
