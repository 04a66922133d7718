"""A learner reads in their language, and is told where a text is in another one."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from gangway.catalog.markdown.read import read_course
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import write_course
from gangway.catalog.tests.test_kept_languages import MODULES, in_german
from gangway.kernel import clock
from gangway.learning import actions
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB
from gangway.people.actions import set_profile

COURSE = "/courses/first-steps"
WORDS = {
    "pt": ("Olá", "Primeiros passos", "Duas lições curtas.", "O certificado"),
    "ar": ("مرحبا", "الخطوات الأولى", "درسان قصيران.", "الشهادة"),
}


@pytest.fixture
def reads_in(
    ana: Learner, publish: Callable[[CourseDraft], UUID], tmp_path: Path, sign_in: Callable[[Learner], Client]
) -> Callable[[str], Client]:
    """Ana's browser, in a course whose first lesson is there in Portuguese and Arabic, too."""
    folder = write_course(tmp_path / "c")
    for locale, (hello, title, summary, unlocks) in WORDS.items():
        (folder / "locales" / locale).mkdir(parents=True)
        (folder / "locales" / locale / "1-hello.md").write_text(f"# {hello}\n\n{hello}, {hello}.\n")
        said = f"title: {title}\nsummary: {summary}\nunlocks: {unlocks}\n"
        (folder / "locales" / locale / "course.yaml").write_text(said)
    course = publish(read_course(folder))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())

    def browser(locale: str) -> Client:
        set_profile(
            person_id=ana.id, name="Ana Lima", locale=locale, zone="Europe/Berlin", actor=ana.actor, now=clock.now()
        )
        return sign_in(ana)

    return browser


def read(browser: Client, path: str) -> str:
    return re.sub(r"\s+", " ", browser.get(path).content.decode())


def test_who_wants_brazilian_portuguese_reads_portuguese_without_a_word(reads_in: Callable[[str], Client]) -> None:
    page = read(reads_in("pt-BR"), f"{COURSE}/lessons/hello")
    assert '<h1 lang="pt" dir="ltr">Olá</h1>' in page
    assert '<div class="prose" lang="pt" dir="ltr">' in page
    assert "is not there in" not in page


def test_arabic_is_set_from_right_to_left(reads_in: Callable[[str], Client]) -> None:
    browser = reads_in("ar")
    page = read(browser, f"{COURSE}/lessons/hello")
    assert '<div class="prose" lang="ar" dir="rtl">' in page
    page = read(browser, f"{COURSE}/lessons/goodbye")
    assert '<div class="prose" lang="en" dir="ltr">' in page
    assert "هذا الدرس غير متوفر بلغة" in page


def test_what_is_shown_in_another_language_says_so(reads_in: Callable[[str], Client]) -> None:
    browser = reads_in("pt")
    page = read(browser, f"{COURSE}/lessons/goodbye")
    assert "This lesson is not there in português yet; you read it in inglês." in page
    page = read(browser, COURSE)
    assert '<h1 dir="auto" lang="pt">Primeiros passos</h1>' in page
    assert "1 of the lessons is not there in português yet, and is in inglês." in page
    assert 'lang="pt"><a class="link-quiet" href="/courses/first-steps/lessons/hello">Olá</a>' in page
    assert 'lang="en"><a class="link-quiet" href="/courses/first-steps/lessons/goodbye">Goodbye</a>' in page
    assert "Primeiros passos" in read(browser, "/courses")
    assert "Primeiros passos" in read(browser, "/")


def test_who_reads_the_original_is_told_nothing(reads_in: Callable[[str], Client]) -> None:
    browser = reads_in("en")
    assert "is not there in" not in read(browser, COURSE) + read(browser, f"{COURSE}/lessons/goodbye")


def test_modules_pages_to_keep_and_the_library_are_told_in_the_readers_language(
    ana: Learner, publish: Callable[[CourseDraft], UUID], tmp_path: Path, sign_in: Callable[[Learner], Client]
) -> None:
    folder = in_german(write_course(tmp_path / "k", course__yaml=MODULES))
    course = publish(read_course(folder))
    set_profile(person_id=ana.id, name="Ana", locale="de-AT", zone="Europe/Berlin", actor=ana.actor, now=clock.now())
    browser = sign_in(ana)
    assert 'lang="de">Zwei kurze Lektionen.</p>' in read(browser, "/library")
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())
    page = read(browser, COURSE)
    assert '<h3 dir="auto" lang="de">Am Morgen</h3>' in page
    assert 'href="/courses/first-steps/keep/the-card" dir="auto" lang="de">Karte</a>' in page
    page = read(browser, f"{COURSE}/keep/the-card")
    assert '<h1 lang="de" dir="ltr">Karte</h1>' in page
    assert "gibt es noch nicht" not in page
    page = read(browser, "/library?q=karte")
    assert 'dir="auto" lang="de">Karte</a>' in page
    assert "Die Seite" not in page
    assert "Karte</a>" in read(browser, "/library?q=the+card")  # by its words in the original, too
    (folder / "locales" / "de" / "card.md").unlink()
    publish(read_course(folder))
    assert "Diese Seite gibt es noch nicht auf Deutsch" in read(browser, f"{COURSE}/keep/the-card")
