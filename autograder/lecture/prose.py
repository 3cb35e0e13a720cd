"""What a lecture's prose promises: questions stand before their answers, claims stay true."""

import ast
import re

ANSWER = re.compile(r"^Answer:\s*", re.MULTILINE)
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
FORM = """\
**Question.** {question}

<details><summary>Answer (write yours down first)</summary>

{answer}

</details>"""


def folded(text):
    """Return a question cell as students see it, its answer folded."""
    question, answer = ANSWER.split(text, maxsplit=1)
    return FORM.format(question=question.strip(), answer=answer.strip())


def words(text):
    """Return text in lower case without emphasis, its blank space made equal."""
    return " ".join(text.replace("*", "").replace("`", "").lower().split())


def stands_in(phrase, text):
    """Whether a phrase stands in a text, both as `words` returns them, and not inside of a word."""
    return re.search(rf"(?<![\w.]){re.escape(phrase)}(?!\w|\.\d)", text) is not None


def heart(text):
    """Return the words of a question cell's answer that are not to stand above it."""
    return words(BOLD.search(ANSWER.split(text, maxsplit=1)[1])[1])


def faults_of_question(text, above):
    """Yield what is wrong with a question cell below the sources `above`, a list of texts."""
    parts = ANSWER.split(text)
    if len(parts) != 2 or not all(part.strip() for part in parts):
        yield "a question is followed by one paragraph that starts with `Answer:`"
    elif not BOLD.search(parts[1]):
        yield "the answer has nothing in **bold**: mark the words that are not to stand above it"
    elif stands_in(heart(text), words("\n".join(above))):
        yield f"its answer, {heart(text)!r}, stands above the question: ask earlier, or ask more"


def faults_of_claims(tree, prose):
    """Yield (line of the cell, what is wrong) of a claims cell.

    tree: the parsed cell. prose: the text of all the lecture's markdown cells.
    """
    for line in tree.body:
        says = line.msg if isinstance(line, ast.Assert) else None
        if not isinstance(says, ast.Constant) or not isinstance(says.value, str):
            yield line.lineno, 'a claims cell has only lines `assert ..., "words of the prose"`'
        elif not words(says.value) or words(says.value) not in words(prose):
            message = f"no text of this lecture says {says.value!r}: quote what it says, or go"
            yield line.lineno, message
