"""All languages of a course in one import, and which of them are stale."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog import queries
from gangway.catalog.actions import import_course
from gangway.catalog.markdown.layout import read_layout
from gangway.catalog.markdown.locales import Locales, translations
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.models import LessonText
from gangway.catalog.rules import (
    CourseDraft,
    TextDraft,
    fallbacks,
    is_another_language,
    made_from,
    nearest_locale,
    origin,
    said_original,
    text_fingerprint,
)
from gangway.catalog.tests.samples import WAVE, write_course
from gangway.catalog.tests.test_actions import ME, NOW, host
from gangway.catalog.tests.test_links import EXAMPLES, PACKAGES, PAIRS, counted, here
from gangway.partners.queries import PartnerRow

assert host  # the fixture of whoever asks for it by name
TAGS = ["en", "de", "de-AT", "ar", "pt-BR", "zh-Hant-TW", "zh-Hant", "zh"]


@given(st.sets(st.sampled_from(TAGS)), st.sampled_from([*TAGS, "pt", "fr-CA", "zh_hant_tw", "?"]))
def test_one_reads_ones_own_language_or_the_next_or_the_original(offered: set[str], wanted: str) -> None:
    found = nearest_locale(offered, wanted, "en")
    assert found in offered | {"en"}
    if wanted in offered:
        assert found == wanted
    if found != "en":
        assert not is_another_language(found, wanted)
    elif "en" not in fallbacks(wanted):
        assert not offered & set(fallbacks(wanted))


def test_the_chain_goes_from_the_region_to_the_language() -> None:
    assert fallbacks("pt-BR") == ("pt-BR", "pt")
    assert fallbacks("zh_hant_tw") == ("zh-Hant-TW", "zh-Hant", "zh")
    assert fallbacks("?") == ("?",)
    assert nearest_locale({"pt"}, "pt-BR", "en") == "pt"
    assert nearest_locale({"pt-BR"}, "pt", "en") == "en"


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_a_translation_may_name_the_bytes_it_was_made_from(kind: str) -> None:
    said = hashlib.new(kind, b"original").hexdigest()
    assert said_original(f"---\ntitle: x\noriginal_hash: {said}\n---\n") == said
    assert said_original(f'<!--\n{{"original_hash": "{said.upper()}"}}\n-->') == said
    assert made_from(said, b"original", "now") == "now"
    assert made_from(said, b"another", "now") == said


@given(st.booleans(), st.booleans(), st.booleans())
def test_what_a_translation_was_made_from_is_said_or_known_or_taken_to_be_the_present(
    says: bool, was_there: bool, reworded: bool
) -> None:
    text = TextDraft(key="hello", title="Hallo", body="Gruß", html="", made_from="said" if says else "")
    known = ("Hallo", "Guten Tag" if reworded else "Gruß", "known") if was_there else None
    assert origin(text, known, "now") == ("said" if says else "known" if was_there and not reworded else "now")


def test_what_is_no_hash_says_nothing() -> None:
    for text in ("", "original_hash: none", f"original_hash: {'a' * 33}", "x" * 2001 + f"original_hash: {'a' * 32}"):
        assert said_original(text) == ""
    assert made_from("", b"original", "now") == ""


PATHS = [
    "1.md",
    "a/2.md",
    "locales/de/1.md",
    "locales/de/a/2.md",
    "locales/pt_br/1.md",
    "locales/old/1.md",
    "t/de/2.md",
]


def test_translations_stand_where_the_layout_says() -> None:
    assert translations(Locales(), ["1.md", "a/2.md"], PATHS) == {
        "locales/de/1.md": ("de", "1.md"),
        "locales/de/a/2.md": ("de", "a/2.md"),
        "locales/pt_br/1.md": ("pt-BR", "1.md"),
        "locales/old/1.md": ("old", "1.md"),
    }
    by_name = Locales(place="t/{locale}/{name}", names={"de": "de-AT"})
    assert translations(by_name, ["a/2.md"], PATHS) == {"t/de/2.md": ("de-AT", "a/2.md")}
    beside = Locales(place="{folder}/{locale}/{name}")
    assert translations(beside, ["a/2.md"], ["a/2.md", "a/de/2.md", "a/nonsense/2.md"]) == {
        "a/de/2.md": ("de", "a/2.md")
    }
    assert translations(Locales(place="{locale}/{name}"), ["de/1.md"], ["de/1.md"]) == {}


@pytest.mark.parametrize(
    "locales, words",
    [
        ("{files: 'x/{name}'}", "once each"),
        ("{files: '{locale}/{locale}/{name}'}", "once each"),
        ("{names: {zh: '?'}}", "no language"),
        ("{names: [zh]}", "language: value"),
        ("{texts: {de: {titel: x}}}", "does not know"),
        ("{texts: {'?': {title: x}}}", "no language"),
    ],
)
def test_what_is_wrong_with_the_languages_of_a_layout_is_named(locales: str, words: str) -> None:
    with pytest.raises(CourseUnreadable, match=words):
        read_layout("layout.yaml", f"course: {{key: k, title: T}}\nlocales: {locales}\n")


def in_german(
    folder: Path, hello: str = "# Hallo\n\nGrüße *zuerst*. ![Winken](wave.png) [Tschüss](2-goodbye.md)\n"
) -> Path:
    german = folder / "locales" / "de"
    german.mkdir(parents=True, exist_ok=True)
    (german / "1-hello.md").write_text(hello)
    (german / "course.yaml").write_text(
        "title: Erste Schritte\nsummary: Zwei kurze Lektionen.\nunlocks: Das Zertifikat\n"
    )
    (folder / "wave.png").write_bytes(WAVE)
    return folder


def load(folder: Path) -> tuple[CourseDraft, str]:
    draft = read_course(folder)
    return draft, import_course(draft=draft, actor=ME, now=NOW).outcome


def stale(n: int) -> Counter[bool]:
    texts = LessonText.objects.filter(lesson_version__course_version__n=n)
    originals = dict(texts.filter(locale="en").values_list("lesson_version", "source_hash"))
    made = texts.exclude(locale="en").values_list("lesson_version", "source_hash")
    return Counter(originals[lesson] != source for lesson, source in made)


@pytest.mark.django_db
def test_a_folder_of_its_own_holds_its_languages(host: PartnerRow, tmp_path: Path) -> None:
    draft, outcome = load(in_german(write_course(tmp_path / "c")))
    (german,) = draft.translations
    assert (german.locale, german.title, german.unlocks) == ("de", "Erste Schritte", "Das Zertifikat")
    (text,) = german.lessons
    assert (text.key, text.title) == ("hello", "Hallo")
    assert "wave.png" in text.html  # as its original would find it
    assert 'href="../lessons/goodbye"' in text.html
    assert (outcome, draft.unresolved, draft.shown) == ("new", (), {"wave.png"})
    assert load(tmp_path / "c")[1] == "unchanged"
    version = queries.visible_course("first-steps", partner_id=host.id, partner_type=None)
    page = queries.lesson_page(version.version_id, "hello", "de-AT")
    assert (page.title, page.locale) == ("Hallo", "de")
    assert queries.lesson_page(version.version_id, "goodbye", "de").locale == "en"
    (rows,) = queries.lessons([version.version_id], "de").values()
    assert [(row.title, row.locale) for row in rows] == [("Hallo", "de"), ("Goodbye", "en")]
    told = version.in_language("de-AT")
    assert (told.title, told.told_in, told.locale) == ("Erste Schritte", "de", "en")
    assert version.in_language("fr").title == "First steps"


@pytest.mark.django_db
def test_a_title_without_its_summary_is_told_in_the_original_whole(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"))
    (folder / "locales" / "de" / "course.yaml").write_text("title: Erste Schritte\n")
    load(folder)
    told = queries.visible_course("first-steps", partner_id=host.id, partner_type=None).in_language("de")
    assert (told.title, told.told_in) == ("First steps", "en")


@pytest.mark.django_db
def test_a_translation_is_stale_from_the_change_of_its_original_until_it_is_mended(
    host: PartnerRow, tmp_path: Path
) -> None:
    folder = in_german(write_course(tmp_path / "c"))
    load(folder)
    assert stale(1) == {False: 1}
    (folder / "1-hello.md").write_text("# Hello\n\nSay hello *loudly*.\n")
    assert load(folder)[1] == "changed"
    assert stale(2) == {True: 1}
    (folder / "2-goodbye.md").write_text("# Goodbye\n\nSay it softly.\n")
    load(folder)
    assert stale(3) == {True: 1}  # it stays so, however many versions come
    in_german(folder, "# Hallo\n\nGrüße *laut*.\n")
    load(folder)
    assert stale(4) == {False: 1}
    said = hashlib.md5(b"something else").hexdigest()
    in_german(folder, f"---\noriginal_hash: {said}\n---\n# Hallo\n\nGrüße *laut*.\n")
    assert load(folder)[0].translations[0].lessons[0].made_from == said
    inside = queries.course_inside("first-steps", owner_id=host.id)
    (german,) = inside.languages
    lessons = german.lessons
    assert (german.locale, lessons.current, lessons.stale, lessons.missing) == ("de", 0, ("Hello",), ("Goodbye",))
    assert (german.questions.current, german.questions.all, german.missing) == (0, 4, 7)


EVERYTHING = """
course: {key: everything, title: Everything}
lessons: {include: ["[0-9].[0-9] *.md", "README.md"]}
locales: {files: "translations/{locale}/{name}"}
"""


@here
def test_264_translations_know_whether_their_original_has_changed(tmp_path: Path) -> None:
    """The package names the MD5 of each original: 256 match, and 8, the READMEs, do not."""
    assert PACKAGES is not None
    (tmp_path / "layout.yaml").write_text(EVERYTHING)
    draft = read_course(PACKAGES / "security-101-9lang.zip", layout=tmp_path / "layout.yaml")
    originals = {lesson.key: text_fingerprint(lesson.title, lesson.body) for lesson in draft.lessons}
    found = {(said.locale, text.key): text.made_from for said in draft.translations for text in said.lessons}
    fresh = {key for key, made in found.items() if made == originals[key[1]]}
    assert (len(originals), len(found), len(fresh)) == (33, 264, 256)
    assert {key for _, key in found.keys() - fresh} == {"readme"}
    assert all(found.values())


LANGUAGES = {
    "security-101": ({"ar", "de", "es", "fr", "he", "ja", "pl", "zh"}, 24, 24),
    "opensource-guide": ({"ar", "de", "es", "fa", "fr", "ja", "ko", "pl", "pt", "zh-Hans"}, 13, 12),
}


@here
@pytest.mark.django_db
@pytest.mark.parametrize("package, example", PAIRS)
def test_both_packages_come_in_all_their_languages(host: PartnerRow, package: str, example: str) -> None:
    assert PACKAGES is not None
    folder = EXAMPLES / example
    draft = read_course(PACKAGES / f"{package}.zip", layout=folder / "layout.yaml", check=folder / "check.yaml")
    assert draft.check is not None
    assert len(draft.check.questions) == 8
    assert all(question.lesson for question in draft.check.questions)
    spoken = [{words.locale for words in question.translations} for question in draft.check.questions]
    assert spoken == [{"ar", "de"}] * 8
    assert draft.slips == ()  # whatever the layout calls in another language is there
    locales, lessons, translated = LANGUAGES[example]
    assert {said.locale for said in draft.translations} == locales
    assert {len(said.lessons) for said in draft.translations} == {translated}
    version = import_course(draft=draft, actor=ME, now=NOW).version_id
    assert LessonText.objects.count() == lessons + len(locales) * translated
    arabic = queries.lesson_page(version, draft.lessons[-1].key, "ar-EG")
    assert arabic.locale == "ar"
    files = {file.path: file.text or "" for file in draft.files}
    links, pictures = counted([strip(files[path]) for path in dict.fromkeys(ref.file for ref in draft.references)])
    kinds = Counter(reference.kind for reference in draft.references)
    assert (kinds["link"], kinds["picture"]) == (links, pictures)


def strip(text: str) -> str:
    """Without the front matter."""
    return text.split("---\n", 2)[2] if text.startswith("---\n") else text
