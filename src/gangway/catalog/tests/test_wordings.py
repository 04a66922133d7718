"""A check in other languages: what a translation says, when it is used, and what is told of one that is not."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog import queries
from gangway.catalog.actions import import_course
from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.examine import examine
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.markdown.source import hold, open_source
from gangway.catalog.markdown.wording import read_wording
from gangway.catalog.models import AssessmentVersion, QuestionText, QuestionVersion
from gangway.catalog.rules import (
    CheckDraft,
    ChoiceWords,
    CourseDraft,
    QuestionWords,
    SlipKind,
    check_fingerprint,
    question_fingerprint,
    slip_of,
    wording_fingerprint,
)
from gangway.catalog.tests.samples import CHECK, WAVE, write_course
from gangway.catalog.tests.test_actions import ME, NOW, host
from gangway.partners.queries import PartnerRow

assert host  # the fixture of whoever asks for it by name

GERMAN = """
title: Wissenstest
questions:
  - key: greet
    prompt: Wie grüßt man?
    choices:
      - Hallo
      - {text: Tschüss, feedback: Das kommt später.}
  - {key: polite, prompt: Höflich sein hilft.}
  - {key: both, prompt: "Was sagt man am Tag?", choices: [Hallo, Tschüss, Nichts]}
  - {key: word, prompt: "Was sagt man beim Gehen?", accepted: [Tschüss], feedback: Alles Freundliche ginge.}
"""
ENGLISH = read_check("check.yaml", CHECK)
WORDS = st.text(alphabet="ab ", max_size=3).map(str.strip)
LETTERS = "abcdef"


@st.composite
def choices(draw: st.DrawFn) -> tuple[ChoiceWords, ...]:
    texts = draw(st.lists(st.tuples(WORDS, WORDS), max_size=4))
    return tuple(
        ChoiceWords(key=key, text=text, feedback=said) for key, (text, said) in zip(LETTERS, texts, strict=False)
    )


@given(choices(), WORDS, choices(), WORDS, WORDS, st.booleans())
def test_what_is_used_of_a_translation_says_all_that_its_original_says(
    asked: tuple[ChoiceWords, ...],
    feedback: str,
    told: tuple[ChoiceWords, ...],
    prompt: str,
    said: str,
    same_answer: bool,
) -> None:
    words = QuestionWords(locale="de", prompt=prompt, choices=told, feedback=said)
    slip = slip_of(asked=asked, feedback=feedback, words=words, same_answer=same_answer)
    whole = (
        len(told) == len(asked)
        and prompt
        and (said or not feedback)
        and all(one.text and (one.feedback or not own.feedback) for own, one in zip(asked, told, strict=True))
    )
    assert (slip is None) == bool(whole and same_answer)
    if slip and slip[0] is SlipKind.CHOICES:
        assert (slip[1], slip[2]) == (len(told), len(asked))


@given(st.sampled_from(["kind", "prompt", "feedback", "text", "said", "correct", "accepted", "lesson", "topic"]))
def test_a_translation_is_made_from_words_and_not_from_what_is_right(part: str) -> None:
    before = ENGLISH.questions[0]
    first, *others = before.choices
    changed = {
        "kind": replace(before, kind=ENGLISH.questions[2].kind),
        "text": replace(before, choices=(replace(first, text="Hi"), *others)),
        "said": replace(before, choices=(replace(first, feedback="Yes."), *others)),
        "correct": replace(before, choices=(replace(first, correct=False), *others)),
        "accepted": replace(before, accepted=("x",)),
    }
    after = changed.get(part) or replace(before, **{part: "other"})
    assert (wording_fingerprint(after) == wording_fingerprint(before)) == (
        part in {"correct", "accepted", "lesson", "topic"}
    )
    assert question_fingerprint(after) != question_fingerprint(before)


def wording(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The keys of the questions that are used, and of those that are not, each with why."""
    said = read_wording("locales/de/check.yaml", "de", text, ENGLISH, CHECK.encode())
    return list(said.questions), [(slip.key, slip.kind) for slip in said.slips]


def test_a_whole_translation_is_used_whole() -> None:
    assert wording(GERMAN) == (["greet", "polite", "both", "word"], [])


@pytest.mark.parametrize(
    "before, after, slip",
    [
        ("key: greet", "key: grete", ("grete", "unknown")),
        ("[Hallo, Tschüss, Nichts]", "[Hallo, Tschüss]", ("both", "choices")),
        ("[Hallo, Tschüss, Nichts]", "[Hallo, Tschüss, Nichts, Alles]", ("both", "choices")),
        ("prompt: Wie grüßt man?", "prompt: ''", ("greet", "parts")),
        ("- Hallo\n", "- ''\n", ("greet", "parts")),
        (", feedback: Das kommt später.", "", ("greet", "parts")),
        (", feedback: Alles Freundliche ginge.", "", ("word", "parts")),
        ("Tschüss, feedback", "Tschüss, correct: yes, feedback", ("greet", "answer")),
        ("prompt: Höflich sein hilft.", "prompt: Höflich sein hilft., answer: no", ("polite", "answer")),
        ("prompt: Höflich sein hilft.", "prompt: Höflich sein hilft., choices: [Ja, Nein]", ("polite", "choices")),
    ],
)
def test_a_slip_in_one_question_leaves_the_others(before: str, after: str, slip: tuple[str, str]) -> None:
    assert before in GERMAN
    used, slips = wording(GERMAN.replace(before, after))
    assert slips == [slip]
    assert len(used) == 3


def test_a_translated_copy_of_the_whole_check_is_one() -> None:
    assert wording(CHECK) == (["greet", "polite", "both", "word"], [])


@pytest.mark.parametrize(
    "text, words",
    [
        ("questions: [{prompt: x}]", "“key” is missing"),
        ("questions: [{key: greet, promt: x}]", "does not know “promt”"),
        (f"{GERMAN}  - {{key: greet, prompt: Noch einmal}}", "stands twice"),
        ("questions: [{key: greet, choices: [[x]]}]", "must be text"),
        ("titel: x", "does not know “titel”"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(CourseUnreadable, match=words):
        wording(text)


def test_every_slip_is_said_in_words() -> None:
    said = read_wording("x.yaml", "de", "questions: [{key: grete}, {key: both, choices: [a]}]", ENGLISH, b"")
    assert [str(slip.sentence) for slip in said.slips] == [
        "The check has no question “grete”, so its translation is not used.",
        "“both” has 1 choices instead of the 3 of its original, so the original is shown.",
    ]
    wrong = "questions: [{key: polite, prompt: x, answer: no}, {key: word, prompt: x}]"
    said = read_wording("x.yaml", "de", wrong, ENGLISH, b"")
    assert ["marks other answers" in said.slips[0].sentence, "leaves out" in said.slips[1].sentence] == [True, True]


def in_german(folder: Path, text: str = GERMAN, locale: str = "de") -> Path:
    place = folder / "locales" / locale
    place.mkdir(parents=True, exist_ok=True)
    (place / "check.yaml").write_text(text)
    return folder


def load(folder: Path) -> tuple[CourseDraft, str]:
    draft = read_course(folder)
    return draft, import_course(draft=draft, actor=ME, now=NOW).outcome


def checked(draft: CourseDraft) -> CheckDraft:
    assert draft.check is not None
    return draft.check


def shown(key: str = "greet", wanted: str = "de") -> queries.Asked:
    """The newest wording of a question, to who wants a language."""
    newest = QuestionVersion.objects.filter(question__key=key).latest("n")
    (asked,) = queries.asked_by_id(queries.languages([newest.pk], wanted, "en")).values()
    return asked


def test_a_course_without_translated_questions_keeps_its_identity(tmp_path: Path) -> None:
    plain = checked(read_course(write_course(tmp_path / "c")))
    assert check_fingerprint(plain) == "3afed13b7589473acc01fc10024b767d38f0536d5bc01bc4b279a82aa3bc82a9"
    german = checked(read_course(in_german(tmp_path / "c")))
    assert check_fingerprint(german) != check_fingerprint(plain)
    assert replace(german, translations=(), questions=plain.questions) == plain


@pytest.mark.django_db
def test_one_import_brings_the_questions_in_every_language(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"))
    assert load(folder)[1] == "new"
    assert load(folder)[1] == "unchanged"
    asked = shown(wanted="de-AT")
    assert (asked.prompt, dict(asked.choices)) == ("Wie grüßt man?", {"a": "Hallo", "b": "Tschüss"})
    assert shown(wanted="fr").prompt == "How do you greet?"
    assert shown("polite").prompt == "Höflich sein hilft."
    check = queries.visible_course("first-steps", partner_id=host.id, partner_type=None).in_language("de").check
    assert check is not None
    assert (check.title, check.told_in) == ("Wissenstest", "de")
    assert queries.bank_in(check.assessment_version_id, "de", "en") == (4, 4)
    assert queries.bank_in(check.assessment_version_id, "fr", "en") == (0, 4)
    (german,) = queries.course_inside("first-steps", owner_id=host.id).languages
    assert (german.locale, german.questions.current, german.questions.all) == ("de", 4, 4)


@pytest.mark.django_db
def test_what_is_typed_may_be_right_in_both_languages(host: PartnerRow, tmp_path: Path) -> None:
    load(in_german(write_course(tmp_path / "c")))
    question = QuestionVersion.objects.get(question__key="word").pk
    own, german = (queries.solutions({question: locale})[question] for locale in ("", "de"))
    assert [german.is_right([typed]) for typed in ("tschüss.", "BYE", "hallo")] == [True, True, False]
    assert [own.is_right([typed]) for typed in ("tschüss", "bye")] == [False, True]
    assert (own.feedback, german.feedback) == ("Anything friendly would do.", "Alles Freundliche ginge.")
    greet = QuestionVersion.objects.get(question__key="greet").pk
    told = queries.solutions({greet: "de"})[greet]
    assert (told.choice_feedback["b"], told.key.right) == ("Das kommt später.", {"a"})


@pytest.mark.django_db
def test_accepted_texts_make_no_typed_answer_of_a_choice(host: PartnerRow, tmp_path: Path) -> None:
    load(in_german(write_course(tmp_path / "c"), GERMAN.replace("key: greet\n", "key: greet\n    accepted: [x]\n")))
    greet = QuestionVersion.objects.get(question__key="greet").pk
    told = queries.solutions({greet: "de"})[greet]
    assert [told.is_right(["a"]), told.is_right(["x"])] == [True, False]


@pytest.mark.django_db
def test_a_stale_question_is_asked_in_the_original_until_it_is_mended(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"))
    load(folder)
    changed = CHECK.replace(
        "{text: Hello, correct: yes}\n      - {text: Goodbye, feedback",
        "{text: Bye, correct: yes}\n      - {text: Hello, feedback",
    )
    assert changed != CHECK
    (folder / "check.yaml").write_text(changed)
    load(folder)
    assert dict(shown().choices) == {"a": "Bye", "b": "Hello"}
    assert shown("polite").prompt == "Höflich sein hilft."  # its original is the same
    (german,) = queries.course_inside("first-steps", owner_id=host.id).languages
    assert (german.questions.current, german.questions.stale) == (3, ("How do you greet?",))
    (folder / "card.md").write_text("# Card\n\nAnother one.\n")
    load(folder)
    assert shown().prompt == "How do you greet?"  # it stays stale, however many versions come
    in_german(folder, GERMAN.replace("Hallo\n", "Servus\n"))
    load(folder)
    assert dict(shown().choices) == {"a": "Servus", "b": "Tschüss"}


@pytest.mark.django_db
def test_a_file_may_say_which_check_it_was_made_from(host: PartnerRow, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c")
    made = hashlib.md5((folder / "check.yaml").read_bytes()).hexdigest()
    load(in_german(folder, f"# original_hash: {made}\n{GERMAN}"))
    assert shown().prompt == "Wie grüßt man?"
    (folder / "check.yaml").write_text(CHECK + "\n# another file\n")
    load(folder)
    assert shown().prompt == "How do you greet?"
    assert QuestionText.objects.filter(stale=True).count() == 4
    check = queries.visible_course("first-steps", partner_id=host.id, partner_type=None).in_language("de").check
    assert check is not None
    assert (check.title, check.told_in) == ("Knowledge check", "en")


@pytest.mark.django_db
def test_title_and_introduction_come_together_or_not_at_all(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c", check=f"intro: Four questions.\n{CHECK}"))
    assert checked(load(folder)[0]).translations == ()
    in_german(folder, GERMAN.replace("Wissenstest\n", "Wissenstest\nintro: Vier Fragen.\n"))
    load(folder)
    (folder / "check.yaml").write_text(f"intro: Four hard questions.\n{CHECK}")
    load(folder)
    stale = AssessmentVersion.objects.latest("n")
    row = queries.visible_course("first-steps", partner_id=host.id, partner_type=None).in_language("de")
    assert row.check is not None
    assert (row.check.intro, row.check.told_in, stale.words["de"]["title"]) == (
        "Four hard questions.",
        "en",
        "Wissenstest",
    )


@pytest.mark.django_db
def test_what_is_not_used_is_kept_for_the_author(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"), GERMAN.replace("key: greet", "key: grete"))
    load(folder)
    inside = queries.course_inside("first-steps", owner_id=host.id)
    assert [(slip.file, slip.key, slip.kind) for slip in inside.slips] == [
        ("locales/de/check.yaml", "grete", "unknown")
    ]
    assert inside.languages[0].questions.missing == ("How do you greet?",)
    found = examine(hold(open_source(folder)))
    assert [(one.path, one.line) for one in found.warnings if "grete" in one.what] == [("locales/de/check.yaml", 4)]
    in_german(folder, "questions: [{key: greet, promt: x}]")
    (broken,) = examine(hold(open_source(folder))).blocks
    assert (broken.path, "promt" in broken.what) == ("locales/de/check.yaml", True)


LAYOUT = """
course: {key: laid-out, title: Laid out}
lessons: {include: ["lessons/*.md"]}
check: quiz.yaml
locales: {files: "t/{locale}/{name}", names: {cn: zh-Hans}}
"""


def test_a_layout_says_where_the_translated_check_stands_and_no_page_leads_there(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    texts = {
        "lessons/1.md": "# One\n\n[the answers](../t/cn/quiz.yaml) [more](../quiz.yaml) [notes](../t/cn/notes.yaml)\n",
        "quiz.yaml": CHECK.replace("lesson: hello", "").replace("lesson: goodbye", ""),
        "t/cn/quiz.yaml": GERMAN,
        "t/cn/notes.yaml": "fine",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "layout.yaml").write_text(LAYOUT)
    draft = read_course(folder, layout=tmp_path / "layout.yaml")
    assert [words.locale for words in checked(draft).translations] == ["zh-Hans"]
    assert draft.shown == {"t/cn/notes.yaml"}
    assert len(draft.unresolved) == 2


def test_what_stands_beside_a_check_on_the_command_line_comes_along(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c", check=None)
    beside = in_german(tmp_path / "overlay")
    (beside / "check.yaml").write_text(CHECK)
    in_german(beside, GERMAN.replace("Wissenstest", "اختبار"), "ar")
    in_german(beside, GERMAN, "no language at all")
    draft = read_course(folder, check=beside / "check.yaml")
    assert [words.locale for words in checked(draft).translations] == ["ar", "de"]
    told = [file.path for file in draft.files if file.path.startswith(".")]
    assert told == [".gangway/check.yaml", ".gangway/locales/ar/check.yaml", ".gangway/locales/de/check.yaml"]


PICTURED = CHECK.replace("prompt: How do you greet?", 'prompt: "![A hand](wave.png) [Read](1-hello.md) ![](gone.png)"')


@pytest.mark.django_db
def test_a_prompt_shows_pictures_as_a_lesson_does(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c", check=PICTURED))
    (folder / "wave.png").write_bytes(WAVE)
    in_german(folder, GERMAN.replace("prompt: Wie grüßt man?", 'prompt: "Wie? ![Eine Hand](wave.png)"'))
    draft, _ = load(folder)
    greet = checked(draft).questions[0]
    assert '<img src="../files/' in greet.prompt_html
    assert 'href="../lessons/hello"' in greet.prompt_html
    assert 'alt="Eine Hand"' in greet.translations[0].prompt_html
    assert [(gap.file, gap.target) for gap in draft.unresolved] == [("check.yaml", "gone.png")]
    assert draft.shown == {"wave.png"}
    (folder / "wave.png").write_bytes(WAVE + b"\1")  # a version of the question shows the picture it was made with
    load(folder)
    pages = QuestionVersion.objects.filter(question__key="greet").values_list("prompt_html", flat=True)
    assert (len(pages), len(set(pages))) == (2, 2)


ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    "folder", ["examples/security-101", "examples/opensource-guide", "src/gangway/config/demo/partner-essentials"]
)
@pytest.mark.parametrize("locale", ["ar", "de"])
def test_the_checks_that_come_with_gangway_are_whole_in_german_and_arabic(folder: str, locale: str) -> None:
    text = (ROOT / folder / "check.yaml").read_text()
    asked = read_check("check.yaml", text)
    words = (ROOT / folder / "locales" / locale / "check.yaml").read_text()
    told = read_wording(f"locales/{locale}/check.yaml", locale, words, asked, text.encode())
    assert list(told.questions) == [question.key for question in asked.questions]
    assert (told.slips, told.words is not None) == ((), True)
