"""Characters that do not show, or change how others are shown: nobody's words may hold them.

Control characters but tab and newline, the marks that reverse the direction of text, separators of
lines, tags, and lone surrogates, which no UTF-8 file can hold. The joiners that Persian, Hindi and
emoji are written with (U+200C, U+200D) are not among them.
"""

import re

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
