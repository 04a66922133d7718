"""A check in the learner's language: each question whole, and a try as it was begun."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from gangway.catalog.markdown.read import read_course
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import CHECK, WAVE, write_course
from gangway.catalog.tests.test_wordings import GERMAN, in_german
from gangway.kernel import clock
from gangway.kernel.personal import Subject
from gangway.learning import actions
from gangway.learning.models import Attempt, AttemptItem
from gangway.learning.privacy import PRIVACY
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB
from gangway.learning.tests.test_views import without_token
from gangway.people.actions import set_profile

CHECK_PAGE = "/courses/first-steps/check"
ARABIC = """
title: اختبار المعرفة
questions:
  - {key: greet, prompt: كيف تلقي التحية؟, choices: [أهلا, {text: وداعا, feedback: هذا لما بعد.}]}
  - {key: polite, prompt: الأدب يفيد.}
"""
Reads = Callable[[str], Client]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course whose check is there in German whole, and half in Arabic; one prompt shows a picture."""
    pictured = GERMAN.replace("prompt: Wie grüßt man?", 'prompt: "Wie grüßt man? ![Eine Hand](wave.png)"')
    folder = in_german(write_course(tmp_path / "c"), pictured)
    (folder / "wave.png").write_bytes(WAVE)
    return in_german(folder, ARABIC, "ar")


@pytest.fixture
def reads_in(
    ana: Learner, folder: Path, publish: Callable[[CourseDraft], UUID], sign_in: Callable[[Learner], Client]
) -> Reads:
    course = publish(read_course(folder))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())

    def browser(locale: str) -> Client:
        set_profile(
            person_id=ana.id, name="Ana Lima", locale=locale, zone="Europe/Berlin", actor=ana.actor, now=clock.now()
        )
        return sign_in(ana)

    return browser


def read(browser: Client, path: str) -> str:
    return re.sub(r"\s+", " ", without_token(browser.get(path)))


def begin(browser: Client) -> str:
    """Start the check; the address of its questions."""
    return str(browser.post(CHECK_PAGE)["Location"]).rpartition("/")[0]


def place_of(key: str) -> int:
    return int(AttemptItem.objects.get(question_version__question__key=key).position)


def test_a_check_is_asked_in_the_learners_language_whole(reads_in: Reads) -> None:
    browser = reads_in("de-AT")
    page = read(browser, CHECK_PAGE)
    assert '<h1 lang="de" dir="ltr">Wissenstest</h1>' in page
    there = begin(browser)
    page = read(browser, f"{there}/{place_of('greet')}")
    assert '<legend class="prose" lang="de" dir="ltr"><p>Wie grüßt man?' in page
    assert "<bdi>Hallo</bdi>" in page
    assert "notice" not in page
    assert "<bdi>Richtig</bdi>" in read(browser, f"{there}/{place_of('polite')}")
    assert set(AttemptItem.objects.values_list("locale", flat=True)) == {"de"}


def test_a_picture_of_a_prompt_is_shown_on_every_page_of_the_check(reads_in: Reads) -> None:
    browser = reads_in("de")
    there = begin(browser)
    address = f"/courses/first-steps/files/{sha256(WAVE).hexdigest()}/wave.png"
    assert f'<img src="{address}" alt="Eine Hand" loading="lazy">' in read(browser, f"{there}/{place_of('greet')}")
    assert browser.get(address)["Content-Type"] == "image/png"
    browser.post(f"{there}/hand-in")
    assert f'src="{address}"' in read(browser, f"{there}/result")


def test_what_is_not_translated_is_asked_in_the_original_and_says_so(reads_in: Reads) -> None:
    browser = reads_in("ar")
    assert "سؤالان (2) غير متوفرين" in read(browser, CHECK_PAGE)
    there = begin(browser)
    page = read(browser, f"{there}/{place_of('greet')}")
    assert '<legend class="prose" lang="ar" dir="rtl">' in page
    assert "notice" not in page
    page = read(browser, f"{there}/{place_of('both')}")
    assert '<legend class="prose" lang="en" dir="ltr">' in page
    assert "هذا السؤال غير متوفر بلغة" in page
    locales = dict(AttemptItem.objects.values_list("question_version__question__key", "locale"))
    assert locales == {"greet": "ar", "polite": "ar", "both": "", "word": ""}


def test_a_try_stays_in_the_language_in_which_it_was_begun(reads_in: Reads, folder: Path) -> None:
    there = begin(reads_in("de"))
    n = place_of("greet")
    page = read(reads_in("de"), f"{there}/{n}")
    letters = re.findall(r'name="answer" value="(\w)"', page)
    later = read(reads_in("en"), f"{there}/{n}")
    assert re.findall(r'name="answer" value="(\w)"', later) == letters
    assert '<legend class="prose" lang="de" dir="ltr"><p>Wie grüßt man?' in later
    assert "You began this try in German, so it stays in it." in later
    later = read(reads_in("en"), f"{there}/{place_of('polite')}")
    assert "<bdi>Richtig</bdi>" in later
    browser = reads_in("en")
    browser.post(f"{there}/{place_of('word')}", {"answer": "tschüss"})
    browser.post(f"{there}/hand-in")
    page = read(browser, f"{there}/result")
    assert "Was sagt man beim Gehen?" in page
    assert AttemptItem.objects.get(question_version__question__key="word").right
    assert begin_again(browser) == {"en": {""}}


def begin_again(browser: Client) -> dict[str, set[str]]:
    """The next try, as soon as it may be begun; the languages of its questions, by the one wanted."""
    Attempt.objects.update(submitted_at=clock.now().replace(year=2020))
    browser.post(CHECK_PAGE)
    fresh = Attempt.objects.get(submitted_at=None)
    return {fresh.locale: set(AttemptItem.objects.filter(attempt=fresh).values_list("locale", flat=True))}


def test_a_new_translation_reaches_no_try_that_was_begun(
    reads_in: Reads, folder: Path, publish: Callable[[CourseDraft], UUID]
) -> None:
    there = begin(reads_in("de"))
    n = place_of("both")
    before = read(reads_in("de"), f"{there}/{n}")
    in_german(folder, GERMAN.replace("Was sagt man am Tag?", "Und am Tag?"))
    (folder / "check.yaml").write_text(CHECK.replace("What do you say in a day?", "And in a day?"))
    publish(read_course(folder))
    assert read(reads_in("de"), f"{there}/{n}") == before


def test_no_page_before_the_result_holds_what_is_right_in_any_language(reads_in: Reads) -> None:
    for locale in ("de", "ar", "en"):
        browser = reads_in(locale)
        there = begin(browser)
        pages = "".join(read(browser, f"{there}/{n}") for n in range(1, 5)) + read(browser, f"{there}/hand-in")
        for secret in ("Das kommt später", "Alles Freundliche", "هذا لما بعد", "value='tschüss'", "That is for later"):
            assert secret not in pages
        browser.post(f"{there}/hand-in")
        Attempt.objects.update(submitted_at=clock.now().replace(year=2020))
    assert "Das kommt später" not in read(reads_in("de"), CHECK_PAGE)


def test_who_exports_a_person_finds_the_words_that_were_shown(reads_in: Reads, ana: Learner) -> None:
    browser = reads_in("de")
    there = begin(browser)
    browser.post(f"{there}/{place_of('greet')}", {"answer": "a"})
    told = repr(list(PRIVACY.export(Subject(ana.id, ana.partner_id))))
    assert "Hallo" in told
    assert "How do you greet?" not in told
