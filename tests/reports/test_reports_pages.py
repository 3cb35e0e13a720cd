"""The two pages: what they say, and that nothing a student writes runs, loads, hides or floods."""

import copy
import html.parser
import re
import time
from dataclasses import asdict, replace

import numpy as np
import pytest
from report_sample import (
    LECTURE,
    all_of,
    notebook_with,
    record_of,
    released,
    sample_class,
    student,
    variants,
)

from autograder.gradebook.finals import ClassBook, Entered
from autograder.lecture.source import load_source
from autograder.records import GRADED, UNREADABLE, Student
from autograder.reports.changes import ScoreChange
from autograder.reports.class_report import class_report
from autograder.reports.code import MAX_CHARACTERS, highlighted, reduced
from autograder.reports.feedback import feedback_page
from autograder.reports.pages import script
from autograder.reports.plots import score_histogram
from autograder.reports.similarity import SimilarPair
from autograder.reports.text import one_line, plain
from autograder.reports.words import VERDICTS
from embedlab.diagnosis import Verdict, value_difference

EVIL = "<script>alert(1)</script></pre></details>\u202egnp.exe\x00\x1b[31m<img src=x onerror=y>"
FEEDBACK = re.compile(rf"\.\./\.\./feedback/[\w%.-]+/{LECTURE}/{LECTURE}\.html")
VOID = {"meta", "br", "img", "link", "input", "hr", "rect", "path", "use", "circle", "line"}


class Page(html.parser.HTMLParser):
    """A parsed page: visible text, elements by tag, and whether all of them are closed in order."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.words, self.stack = source, [], [], []
        self.feed(source)
        self.close()
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag, tag
        if tag not in ("span", "code", "small"):
            self.words.append(" ")  # a line or a cell ends

    def handle_data(self, data):
        if self.stack and self.stack[-1] not in ("style", "script"):
            self.words.append(data)


def safe(source):
    """Parse the page and demand that it is whole, runs nothing but our script and loads nothing."""
    code, allowed_source = script("class_list.js")
    if allowed_source in source:
        assert source.count("script-src") == 1
        source = source.replace(f"<script>{code}</script>", "", 1)
    page = Page(source)
    assert page.stack == []
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "nav",
        "footer",
        "section",
    }
    allowed |= {"h1", "h2", "h3", "p", "div", "span", "strong", "small", "code", "pre", "a", "br"}
    allowed |= {"ul", "ol", "li", "dl", "dt", "dd", "table", "tbody", "tr", "th", "td"}
    allowed |= {"details", "summary", "figure", "figcaption", "thead", "label", "input"}
    allowed |= {"svg", "g", "path", "defs", "use", "text", "rect", "clippath", "tspan"}
    for tag, attributes in page.elements:
        assert tag in allowed, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            if name in ("src", "srcset", "href", "xlink:href", "action", "data", "poster"):
                assert FEEDBACK.fullmatch(value) or value.startswith("#"), value
    assert "http-equiv" in source
    assert "default-src 'none'" in source
    assert "@import" not in source
    assert not re.search(r"url\((?!#)", source)
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", source)
    return page


@pytest.fixture(scope="module")
def members():
    return sample_class(120)


def one_of(name, kind):
    """Return (source, verdict) of a variant of the exercise with this kind of verdict."""
    return next(choice for choice in variants()[name] if choice[1].kind == kind)


def verdicts_with(**changed):
    verdicts = {name: choices[1][1] for name, choices in variants().items()}
    return verdicts | changed


# text and code


def test_hidden_characters_go_and_what_people_write_stays():
    assert plain("a\u202eb\x00c\ud800\ufeff\u2066d") == "abcd"
    assert plain("x\u202ey", stand_in="\ufffd") == "x\ufffdy"
    assert plain("Zoë Şahin 😀 नि\u200dक\ttab\nline") == "Zoë Şahin 😀 नि\u200dक\ttab\nline"
    assert plain("long" * 9, limit=8) == "longlong…"
    assert one_line(" a\r\nb\u2028c\x85d ") == "a b c d"


def test_code_is_coloured_and_escaped():
    shown = highlighted('def f(x):  # <b>\n    return "</pre>" if x < 1.5e-3 else x.real')
    assert '<span class="keyword">def</span> <span class="definition">f</span>(x)' in shown
    assert '<span class="comment"># &lt;b&gt;</span>' in shown
    assert '<span class="string">&quot;&lt;/pre&gt;&quot;</span>' in shown
    assert '<span class="number">1.5e-3</span>' in shown
    assert "x &lt; " in shown


def test_colouring_keeps_every_character():
    codes = [code for choices in variants().values() for code, _ in choices]
    for code in [*codes, "'''open", '"a\\', "1.2.3e+", "%%bash\nrm -rf $HOME", "é = 'ß'"]:
        text = re.sub("<[^>]*>", "", highlighted(code))
        assert (
            text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", '"')
            .replace("&#x27;", "'")
            .replace("&amp;", "&")
            == code
        )


@pytest.mark.parametrize("piece", ['"', "'''", '"""\\', "#", 'f"', "1e+", "\\", "a" * 9, "\x00"])
def test_hostile_code_is_cut_before_it_is_read(piece):
    began = time.process_time()
    page = highlighted(piece * 500_000)
    assert len(page) < 20 * MAX_CHARACTERS
    assert time.process_time() - began < 1


def test_reduced_code_survives_a_disguise_and_keeps_what_does_the_work():
    code = "def f(z, t):\n    '''Doc.'''\n    return np.abs(z) - t  # mine"
    other = "def f(my_z,  other):\n    'Else'\n\n    return np.abs( my_z )-other"
    assert reduced(code) == reduced(other) == "defF(V,V):SreturnV.abs(V)-V"
    assert reduced(code) != reduced(code.replace("abs", "sign"))


# the feedback page


def test_a_student_reads_the_mistake_the_case_and_their_own_code():
    code, verdict = one_of("soft_threshold", "values")
    missing = one_of("recommend", "missing")[1]
    record = record_of(
        Student("s1", "Zoë Müller"),
        verdicts_with(soft_threshold=verdict, recommend=missing),
        notes=("The setup cell was missing.",),
        origin="/home/ada/submissions.zip/work.ipynb",
        submission="0123abcd",
    )
    page = safe(feedback_page(record, LECTURE, notebook_with({"soft_threshold": code})))
    points = sum(exercise.points for exercise in load_source(LECTURE).exercises.values())
    assert f"{points - 3} of {points} points" in page.text
    assert "03 · SLIM: learning which film points to which" in page.text
    assert "Zoë Müller" in page.text
    assert "The setup cell was missing." in page.text
    assert "Wrong: other values." in page.text
    assert verdict.sentence in page.text
    assert verdict.case in page.text
    assert all(as_read(line) in page.text for line in verdict.arguments)
    assert as_read(code) in page.text
    assert "Not written yet." in page.text
    assert "run again" not in page.text, "it is too late for that"
    assert "autograder" not in page.text
    assert "/home/ada" not in page.source
    assert "work.ipynb" in page.text
    assert "name 03_slim, s1 and the submission 0123abcd" in page.text
    assert record.exercises["recommend"].examination in page.text
    assert "bubblewrap" in page.text


def test_got_and_expected_stand_side_by_side():
    difference = value_difference(np.full((7, 7), 0.5), np.full((7, 7), 0.4), 1e-8)
    verdict = Verdict("fit_slim", case="a case", n_cases=5, **asdict(difference))
    page = safe(
        feedback_page(record_of(student(1), verdicts_with(fit_slim=verdict)), LECTURE, None)
    )
    assert "you return 0.5" in page.text
    assert "expected 0.4" in page.text
    assert "where the result at index (0, 0) (49 of 49 entries differ)" in page.text


@pytest.mark.parametrize("kind", [*VERDICTS, "a kind of tomorrow"])
def test_every_kind_of_verdict_has_words(kind):
    verdict = Verdict("recommend", kind, 5, message="says so")
    page = safe(
        feedback_page(record_of(student(1), verdicts_with(recommend=verdict)), LECTURE, None)
    )
    assert VERDICTS.get(kind, ("", kind))[1].lower() in page.text.lower()
    assert kind in ("passed", "missing") or "Says so" in page.text


@pytest.mark.parametrize(
    ("kind", "message", "got", "told"),
    [
        (
            "broken",
            "its cell stops with SyntaxError: bad",
            "SyntaxError: bad",
            "Its cell stops with an error. SyntaxError: bad",
        ),
        (
            "undefined",
            "there is no function named recommend in the notebook",
            "",
            "Not defined under its name. There is no function named recommend",
        ),
        ("missing", "its cell stops with NotImplementedError: ", "NotImpl", "Not written yet."),
        ("missing", "not written yet. Replace the line that raises.", "", "Not written yet."),
    ],
)
def test_what_cannot_run_is_told_from_what_is_blank(kind, message, got, told):
    verdict = Verdict("recommend", kind, 5, message=message, got=got)
    record = record_of(student(1), verdicts_with(recommend=verdict))
    page = safe(feedback_page(record, LECTURE, None))
    assert told in page.text
    report = safe(class_report([record], LECTURE))
    assert told.partition(".")[0].lower() in report.text.lower()


def test_a_student_reads_what_the_instructor_changed():
    verdicts = verdicts_with(recommend=one_of("recommend", "missing")[1])
    entered = Entered(
        {"recommend": 1}, {"fit_slim": 0.5}, {"recommend": f"so\n{EVIL}", "blank": "as well"}, 2
    )
    record = record_of(Student("s1", "s1"), verdicts)
    page = safe(feedback_page(record, LECTURE, None, entered))
    assert "13.5 of 16 points" in page.text
    assert "2 taken off for handing in late" in page.text
    assert "Your instructor changed this score from 0 to 1." in page.text
    assert "from 3 to 3.5, 0.5 of it extra credit" in page.text
    assert "so <script>alert(1)</script>" in page.text
    assert "Your instructor's comment as well" in page.text
    assert "s1 · s1" not in page.text
    unread = replace(
        record, status=UNREADABLE, exercises=record_of(student(1), all_of("unread", "no")).exercises
    )
    page = safe(feedback_page(unread, LECTURE, None, entered))
    assert "Your instructor changed this score from 0 to 1." in page.text


def as_read(text):
    """Return a text as `safe` reads it from a page."""
    return re.sub(r"\s+", " ", text)


def test_nothing_of_the_reference_or_of_other_cases_is_shown():
    source = load_source(LECTURE)
    wrong = {name: one_of(name, "values")[1] for name in source.exercises}
    shown = as_read(" ".join(line for one in wrong.values() for line in one.arguments))
    page = safe(feedback_page(record_of(student(1), wrong), LECTURE, released()))
    assert "BEGIN SOLUTION" not in page.source
    for name, choices in variants().items():
        body = choices[1][0].partition("### BEGIN SOLUTION\n")[2].partition("\n    ###")[0]
        assert body.strip() not in page.text, name
        assert not any(v.name in page.text for v in source.exercises[name].alternatives)
        cases = {as_read(line) for _, one in choices for line in one.arguments if len(line) > 40}
        assert not [line for line in cases if line in page.text and line not in shown], name


def test_the_last_definition_counts():
    notebook = notebook_with({"recommend": "def recommend(s, a, k):\n    return 'first'"})
    again = copy.deepcopy(notebook.cells[-1])
    again.cell_type, again.source = "code", "def recommend(s, a, k):\n    return 'second'"
    notebook.cells.append(again)
    page = safe(feedback_page(record_of(student(1), verdicts_with()), LECTURE, notebook))
    assert "'second'" in page.text
    assert "'first'" not in page.text
    assert "defined in 2 cells; the last one counts" in page.text


def test_a_submission_that_could_not_be_read_says_so():
    sentence = "The file is not a notebook: its JSON ends in the middle."
    record = record_of(student(1), all_of("unread", sentence), UNREADABLE, sentence=sentence)
    page = safe(feedback_page(record, LECTURE, None))
    assert f"Your submission: unreadable. {sentence}" in page.text
    assert "0 of 16 points" in page.text
    assert page.text.count(sentence) == 1
    assert "with the file that you meant to hand in" in page.text


@pytest.mark.parametrize(
    ("sandbox", "warned"), [("none", True), ("bubblewrap", False), ("", False)]
)
def test_a_missing_sandbox_is_announced(sandbox, warned):
    record = record_of(student(1), verdicts_with(), sandbox=sandbox)
    assert ("without a sandbox" in feedback_page(record, LECTURE, None)) == warned
    assert ("graded without a sandbox" in class_report([record], LECTURE)) == warned


def hostile_record(kind="values"):
    verdict = Verdict(
        "fit_slim",
        kind,
        5,
        case=EVIL,
        arguments=(EVIL,) * 50,
        message=f"{EVIL}: got {EVIL}, expected {EVIL}",
        mistake=EVIL,
        sentence=EVIL,
    )
    who = Student("s1", EVIL, "canvas", EVIL, late=True)
    facts = {"origin": EVIL, "submission": EVIL, "environment": EVIL}
    verdicts = verdicts_with(fit_slim=verdict)
    return record_of(who, verdicts, GRADED, sentence=EVIL, notes=(EVIL,) * 50, **facts)


@pytest.mark.parametrize("kind", ["values", "exception", "tampered", EVIL])
def test_hostile_strings_are_text(kind):
    record = hostile_record(kind)
    notebook = notebook_with({"fit_slim": f"def fit_slim():\n    {EVIL}"})
    pages = [
        safe(feedback_page(record, LECTURE, notebook)),
        safe(
            class_report(
                [record],
                LECTURE,
                [SimilarPair("s1", EVIL, 99.0, (EVIL,))],
                [ScoreChange("s1", EVIL, 0.0, 1.0, EVIL)],
            )
        ),
    ]
    for page in pages:
        assert "<script>alert(1)</script>" in page.text
        assert "script" not in [tag for tag, _ in page.elements]


def test_a_million_characters_do_not_flood_the_pages():
    long = "x<" * 500_000
    verdict = Verdict("fit_slim", "values", 5, long, (long,) * 3, long, long, long)
    record = record_of(
        Student("s1", long), verdicts_with(fit_slim=verdict), sentence=long, notes=(long,)
    )
    notebook = notebook_with({"fit_slim": f"def fit_slim():\n    '{long}'"})
    assert len(safe(feedback_page(record, LECTURE, notebook)).source) < 100_000
    assert len(safe(class_report([record], LECTURE)).source) < 100_000


def test_a_page_can_be_written_as_utf8():
    record = record_of(Student("s1", "lone \ud800 surrogate"), verdicts_with())
    feedback_page(record, LECTURE, None).encode("utf-8")
    class_report([record], LECTURE).encode("utf-8")


# the class report


def test_the_report_counts_the_class(members):
    records, _ = members
    page = safe(class_report(records, LECTURE))
    read = [record for record in records if record.status in ("graded", "stopped")]
    assert "submissions 120" in page.text
    assert f"Over the {len(read)} submissions that could be read" in page.text
    for name in load_source(LECTURE).exercises:
        passed = sum(record.exercises[name].verdict.passed for record in read)
        assert re.search(rf"{name} .{{,40}}✓ {passed} of {len(read)} pass", page.text), name
    for word in ("unreadable", "refused", "no notebook", "stopped before the end"):
        assert word in page.text


def test_the_report_names_every_mistake_how_often_and_who(members):
    records, _ = members
    page = safe(class_report(records, LECTURE))
    for name, exercise in load_source(LECTURE).exercises.items():
        for mistake in exercise.mistakes:
            made = [r for r in records if r.exercises[name].verdict.mistake == mistake.name]
            if not made:
                continue
            sentence = re.escape(re.sub(r"\s+", " ", mistake.sentence))
            start = re.search(rf"{len(made)} ✗ ?{sentence}", page.text)
            assert start, mistake.name
            listed = page.text[start.end() : start.end() + 60 * len(made) + 200]
            assert all(record.student.id in listed for record in made), mistake.name


def test_the_report_lists_whom_to_look_at(members):
    records, _ = members
    page = safe(class_report(records, LECTURE))
    look = page.text[page.text.rindex("Needs a look") : page.text.rindex("Similar submissions")]
    for record in records:
        tampered = any(e.verdict.kind == "tampered" for e in record.exercises.values())
        expected = record.status != GRADED or tampered or record.student.late
        assert (f"{record.student.id} " in look) == expected, record.student.id
        if record.status != GRADED:
            assert record.sentence in look


def test_the_class_list_has_everybody(members):
    records, _ = members
    book = ClassBook(
        {"s0002": Entered({"recommend": 0.25}, penalty=0.25)}, {"ghost": "Gerda <b>", "s0002": "x"}
    )
    page = safe(class_report(records, LECTURE, book=book))
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    for record in records:
        assert f"../../feedback/{record.student.id}/{LECTURE}/{LECTURE}.html" in links
    assert "Gerda <b> ghost" in page.text
    assert "not handed in" in page.text
    assert "0.25*" in page.text
    assert "0.25 taken off for handing in late." in page.text
    read = [record for record in records if record.status in ("graded", "stopped")]
    assert f"of the {len(read)} graded" in page.text


def test_similar_pairs_and_changes_are_listed(members):
    records, _ = members
    pairs = [SimilarPair("s0001", "s0002", 87.4, ("fit_slim",))] * 40
    changes = [ScoreChange("s0003", "recommend", 0.0, 2.0, "another submission")]
    page = safe(class_report(records, LECTURE, pairs, changes))
    assert "never a verdict" in page.text
    assert page.text.count("87 %") == 40
    assert "28 more" in page.text
    assert "recommend 0 ▲ 2 another submission" in page.text
    many = safe(class_report(records, LECTURE, pairs * 10))
    assert "400 pairs, of which the first 200 are listed" in many.text
    assert many.text.count("87 %") == 200
    alone = safe(class_report(records, LECTURE, []))
    assert "No pair shares more than the task explains." in alone.text
    assert "changed by this regrade" not in alone.text
    assert "Not looked for in this run." in class_report(records, LECTURE)


def test_plots_speak_and_follow_the_page(members):
    source = class_report(members[0], LECTURE)
    page = safe(source)
    labels = [a["aria-label"] for tag, a in page.elements if tag == "svg" and a["role"] == "img"]
    assert len(labels) == 2
    assert "Histogram of the scores of" in labels[0]
    assert "soft_threshold" in labels[1]
    plots = "".join(re.findall(r"<svg.*?</svg>", source, re.DOTALL))
    assert "#0000" not in plots
    assert "var(--main)" in plots
    ids = re.findall(r'\bid="([^"]*)"', source)
    assert len(ids) == len(set(ids))
    assert class_report(members[0], LECTURE) == source


def test_extra_credit_stays_in_the_histogram():
    record = record_of(student(1), verdicts_with())
    book = ClassBook({record.student.id: Entered(extra={"recommend": 3})})
    source = class_report([record], LECTURE, book=book)
    assert "mean 19, median 19" in safe(source).source
    within, beyond = (score_histogram([16.0, score], 16, 1, 1) for score in (15.0, 19.0))
    assert within.count("<path") == beyond.count("<path") - 3, "a bar for each point up to 19"


def test_an_empty_class_and_one_nobody_could_read_are_reported():
    assert "submissions 0" in safe(class_report([], LECTURE)).text
    record = record_of(student(1), all_of("unread", "no"), UNREADABLE, sentence="no", sandbox="")
    assert "judged 0 of 1 submissions" in safe(class_report([record], LECTURE)).text


def test_two_thousand_students_fit_on_a_page(members):
    records = [
        replace(record, student=replace(record.student, id=f"n{copy:02}{record.student.id}"))
        for copy in range(17)
        for record in members[0]
    ]
    assert len(safe(class_report(records, LECTURE)).source) < 4_000_000
