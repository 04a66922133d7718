import random
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog.actions import CourseIncomplete
from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.layout import arrange, matches, read_layout
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.refusals import CourseUnreadable, SourceRefused
from gangway.catalog.markdown.render import render
from gangway.catalog.rules import QuestionKind, ReferenceKind, fingerprint
from gangway.catalog.tests.samples import CHECK, COURSE, write_course

LAYOUT = """
course: {key: course, title: A course}
lessons:
  include: ["[0-9]*.md"]
  exclude: ["*quiz.md"]
modules:
  - {files: "1*", title: One}
"""
FOREIGN = next(
    (
        file
        for folder in Path(__file__).parents
        if (file := folder / "shared" / "data" / "courses_md" / "security-101-9lang.zip").exists()
    ),
    None,
)
EXAMPLE = Path(__file__).parents[4] / "examples" / "security-101"


def test_headings_pictures_and_code_become_a_page() -> None:
    page = render("# The title\n\nText.\n\n![A chart](images/a.png)\n\n# Again\n\n```python\nprint(1)\n```\n")
    assert page.title == "The title"
    assert "The title" not in page.html
    assert "<h1" not in page.html
    assert '<h2 id="s-again">Again</h2>' in page.html
    assert "A chart" in page.html
    assert "<img" not in page.html
    assert [found.target for found in page.references] == ["images/a.png"]
    assert 'class="language-python"' in page.html


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](JaVaScRiPt&colon;alert(1))",
        '<a href="javascript:alert(1)" onclick="x()">x</a>',
        "<iframe src='https://evil.example'></iframe>",
        "<svg onload=alert(1)><script>1</script></svg>",
        "<p style='position:fixed'>x</p>",
        "<form action='https://evil.example'><input></form>",
        "<div hx-get='/x' hx-trigger='load'>x</div>",
        "<details ontoggle=alert(1) open>x</details>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a id='main' class='btn-danger'>x</a>",
    ],
)
def test_nothing_that_acts_survives(bad: str) -> None:
    found = Tags()
    found.feed(render(f"Before.\n\n{bad}\n\nAfter.").html)
    assert "Before." in found.words
    assert {tag for tag, _, _ in found.attributes} | found.tags <= {"p", "a", "details", "table"}
    assert {(name, value) for _, name, value in found.attributes} <= {("rel", "noopener noreferrer"), ("tabindex", "0")}


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def test_links_of_the_author_work_outwards_only() -> None:
    html = render("[out](https://example.org/a?b=1) [folder](./other.md) [mail](mailto:a@b.example)").html
    assert 'href="https://example.org/a?b=1"' in html
    assert "other.md" not in html
    assert 'href="mailto:a@b.example"' in html
    assert 'rel="noopener noreferrer"' in html


@given(st.text(max_size=300))
def test_any_text_can_be_rendered(text: str) -> None:
    page = render(text)
    assert page.words >= 0
    assert "<script" not in page.html.lower()


def test_a_course_of_its_own_is_read_whole(tmp_path: Path) -> None:
    draft = read_course(write_course(tmp_path / "c"))
    assert [(lesson.key, lesson.title) for lesson in draft.lessons] == [("hello", "Hello"), ("goodbye", "Goodbye")]
    assert [resource.key for resource in draft.resources] == ["the-card", "the-site"]
    assert draft.check is not None
    assert [question.kind for question in draft.check.questions] == list(
        [QuestionKind.SINGLE, QuestionKind.TRUE_FALSE, QuestionKind.MULTIPLE, QuestionKind.SHORT_TEXT]
    )
    assert draft.minutes == 1 + 1 + 3


def test_without_a_list_every_file_is_a_lesson_but_what_is_kept_or_asked(tmp_path: Path) -> None:
    text = COURSE.replace("lessons: [1-hello.md, 2-goodbye.md]\n", "")
    draft = read_course(write_course(tmp_path / "c", course__yaml=text, README__md="# Read me"))
    assert [lesson.key for lesson in draft.lessons] == ["hello", "goodbye"]


@pytest.mark.parametrize(
    "change, words",
    [
        ({"course__yaml": "title: x"}, "“key” is missing"),
        ({"course__yaml": COURSE + "colour: red\n"}, "does not know “colour”"),
        ({"course__yaml": COURSE.replace("first-steps", "First Steps")}, "Use lower-case letters"),
        ({"course__yaml": COURSE + "locale: englisch?\n"}, "no language"),
        ({"course__yaml": COURSE.replace("First steps", '"First\\0steps"')}, "cannot be part of a text"),
        ({"course__yaml": "a: &x [1]\nb: *x"}, "alias"),
        ({"course__yaml": "key: a\nkey: b"}, "stands twice"),
        ({"course__yaml": "[" * 3000}, "nested too deeply|cannot be read|expected"),
        ({"course__yaml": "- a"}, "name: value"),
        ({"course__yaml": COURSE + "assign: some\n"}, "everyone, nobody"),
        ({"check__yaml": "questions: [{kind: essay, prompt: x}]"}, "single, multiple"),
        ({"check__yaml": "pass_percent: 101\nquestions: []"}, "from 1 to 100"),
        ({"check__yaml": "questions: [{prompt: x, choices: [{text: a, corect: yes}]}]"}, "does not know “corect”"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, change: dict[str, str], words: str) -> None:
    with pytest.raises(CourseUnreadable, match=words):
        read_course(write_course(tmp_path / "c", **change))


@pytest.mark.parametrize(
    "check, words",
    [
        ("questions: []", "no questions"),
        ("questions: [{prompt: x, choices: [{text: a}, {text: b}]}]", "exactly one right choice, and has 0"),
        ("questions: [{prompt: x, choices: [{text: a, correct: yes}]}]", "2 and 26 choices, and has 1"),
        ("questions: [{prompt: x, kind: short_text, accepted: ['.']}]", "accepts no answer"),
        ("questions: [{prompt: x, kind: true_false, answer: yes, lesson: nowhere}]", "“nowhere”"),
        ("draw: 2\nquestions: [{prompt: x, kind: true_false, answer: yes}]", "whole number from 1 to 1"),
        (
            "questions: [{prompt: x, kind: true_false, answer: yes}, {prompt: x, kind: true_false, answer: no}]",
            "stands twice",
        ),
    ],
)
def test_what_is_not_a_check_yet_is_told_whole(tmp_path: Path, check: str, words: str) -> None:
    with pytest.raises(CourseIncomplete, match=words):
        read_course(write_course(tmp_path / "c", check=check))


def test_a_lesson_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"no file “3-more.md”"):
        read_course(write_course(tmp_path / "c", course__yaml=COURSE.replace("1-hello.md", "3-more.md")))


def test_a_bank_says_how_it_is_drawn_and_how_often_tried(tmp_path: Path) -> None:
    terms = "draw: 2\nmax_tries: 3\ntest_out: no\n"
    asked = CHECK.replace("key: greet\n", "key: greet\n    topic: manners\n")
    draft = read_course(write_course(tmp_path / "c", check=terms + asked))
    assert draft.check is not None
    assert (draft.check.draw, draft.check.max_tries, draft.check.test_out, draft.check.asked) == (2, 3, False, 2)
    assert [question.topic for question in draft.check.questions] == ["manners", "", "", ""]


def test_a_check_in_markdown_says_the_same_as_one_in_yaml() -> None:
    check = read_check(
        "check.md",
        "# The check\n\nTake your time.\n\n## How do you greet?\n\nThink of mornings.\n\n- [x] Hello\n- [ ] Bye\n"
        "> Hello it is.\nReread: hello\n\n## All?\n- [x] a\n- [X] b\n- [ ] c\n\n## Word?\nAnswer: yes | yep\n",
    )
    first, second, third = check.questions
    assert (check.title, check.intro) == ("The check", "Take your time.")
    assert (first.kind, first.key, first.lesson, first.feedback) == (
        "single",
        "how-do-you-greet",
        "hello",
        "Hello it is.",
    )
    assert "Think of mornings." in first.prompt
    assert second.kind is QuestionKind.MULTIPLE
    assert [choice.key for choice in second.choices if choice.correct] == ["a", "b"]
    assert (third.kind, third.accepted) == (QuestionKind.SHORT_TEXT, ("yes", "yep"))


PATHS = st.lists(
    st.sampled_from(["1 a.md", "2 b.md", "10 c.md", "1 quiz.md", "x/1 d.md", "README.md", "2.png"]), unique=True
)


@given(PATHS, st.randoms())
def test_a_layout_takes_the_same_lessons_in_the_same_order_whatever_the_disk_says(
    paths: list[str], dice: random.Random
) -> None:
    layout = read_layout("layout.yaml", LAYOUT)
    shuffled = paths[:]
    dice.shuffle(shuffled)
    found = arrange(layout, shuffled)
    assert found == arrange(layout, paths)
    expected = [path for path in ("1 a.md", "2 b.md", "10 c.md") if path in paths]
    assert [lesson.path for lesson in found] == expected
    assert len({lesson.key for lesson in found}) == len(found)
    assert {lesson.module for lesson in found if lesson.path == "1 a.md"} <= {"One"}


def test_patterns_stay_in_their_folder_unless_they_say_otherwise() -> None:
    assert matches("a.md", "*.md")
    assert not matches("x/a.md", "*.md")
    assert matches("x/a.md", "x/*.md")
    assert matches("x/y/a.md", "**/a.md")
    assert matches("a.md", "**/*.md")


def test_the_order_may_be_that_of_the_patterns() -> None:
    text = 'course: {key: c, title: C}\nlessons: {include: ["b.md", "*.md"], order: listed}'
    found = arrange(read_layout("l.yaml", text), ["a.md", "b.md", "c.md"])
    assert [lesson.key for lesson in found] == ["b", "a", "c"]


@given(st.lists(st.sampled_from(["title", "summary", "unlocks"]), unique=True), st.text(alphabet="abc ", min_size=1))
def test_the_fingerprint_follows_the_words_and_nothing_else(fields: list[str], text: str) -> None:
    from dataclasses import replace

    from gangway.catalog.rules import Assign, CourseDraft, LessonDraft

    lesson = LessonDraft(key="a", title="A", module="", minutes=1, body="words", html="<p>words</p>")
    base = CourseDraft(
        key="k", locale="en", title="", summary="", unlocks="", minutes=1, assign=Assign.EVERYONE, lessons=(lesson,)
    )
    unseen = replace(
        base, assign=Assign.NOBODY, shown=frozenset({"x"}), lessons=(replace(lesson, html="<p>other</p>"),)
    )
    assert fingerprint(unseen) == fingerprint(base)
    changed = replace(base, **dict.fromkeys(fields, text))
    assert (fingerprint(changed) == fingerprint(base)) == (not fields)
    assert fingerprint(replace(base, lessons=(replace(lesson, body=text),))) != fingerprint(base)


def test_a_folder_that_says_nothing_is_guessed_at(tmp_path: Path) -> None:
    folder = tmp_path / "partner-basics"
    words = "This lesson says a good dozen words about how one begins with a partner. "
    write = {
        "01 Start.md": words,
        "02 Go on.md": f"---\ntitle: Going on\n---\n{words}",
        "03 Quiz.md": "[Quiz](https://x.example)",
    }
    folder.mkdir()
    for name, text in write.items():
        (folder / name).write_text(text)
    draft = read_course(folder)
    assert (draft.key, draft.title) == ("partner-basics", "Partner basics")
    assert [(lesson.key, lesson.title) for lesson in draft.lessons] == [("start", "Start"), ("go-on", "Going on")]
    assert draft.left_out == ("03 Quiz.md",)


@pytest.mark.skipif(FOREIGN is None, reason="the sample data is not on this machine")
def test_the_english_lessons_of_security_101_become_a_course_of_24_lessons_and_8_questions() -> None:
    assert FOREIGN is not None
    draft = read_course(FOREIGN, layout=EXAMPLE / "layout.yaml", check=EXAMPLE / "check.yaml")
    assert len(draft.lessons) == 24
    assert draft.lessons[0].title == "The CIA triad and other key concepts"
    assert draft.lessons[-1].key == "responsible-ai"
    assert not any("quiz" in lesson.key for lesson in draft.lessons)
    assert draft.check is not None
    assert len(draft.check.questions) == 8
    assert all(question.feedback and question.lesson for question in draft.check.questions)
    assert {lesson.module for lesson in draft.lessons} >= {"Foundations", "AI"}
    assert 60 < draft.minutes < 180
    assert len(draft.unresolved) == 30 * 9  # in nine languages
    assert sum(found.kind is ReferenceKind.LINK for found in draft.references) == 1515


def test_the_check_of_the_samples_stays_what_these_tests_take_it_for() -> None:
    assert [question.key for question in read_check("check.yaml", CHECK).questions] == [
        "greet",
        "polite",
        "both",
        "word",
    ]
