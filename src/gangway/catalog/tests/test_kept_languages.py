"""What modules are called, and things to keep, in other languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.catalog import queries
from gangway.catalog.actions import import_course
from gangway.catalog.markdown.locales import CourseWords, slips_of
from gangway.catalog.markdown.read import read_course
from gangway.catalog.models import ResourceText
from gangway.catalog.rules import CourseDraft, SlipKind, fingerprint
from gangway.catalog.tests.samples import COURSE, write_course
from gangway.catalog.tests.test_actions import ME, NOW, host
from gangway.partners.queries import PartnerRow

assert host  # the fixture of whoever asks for it by name

MODULES = COURSE.replace("[1-hello.md, 2-goodbye.md]", "[{file: 1-hello.md, module: Mornings}, 2-goodbye.md]")
GERMAN = """
title: Erste Schritte
summary: Zwei kurze Lektionen.
unlocks: Das Zertifikat
modules: {Mornings: Am Morgen}
resources: {the-site: Die Seite}
"""
CARD = "# Karte\n\nHallo, [tschüss](../../2-goodbye.md).\n"


def in_german(folder: Path, course: str = GERMAN, card: str = CARD) -> Path:
    german = folder / "locales" / "de"
    german.mkdir(parents=True, exist_ok=True)
    (german / "course.yaml").write_text(course)
    (german / "card.md").write_text(card)
    (german / "1-hello.md").write_text("# Hallo\n\n[Karte](card.md)\n")
    return folder


def load(folder: Path) -> tuple[CourseDraft, str]:
    draft = read_course(folder)
    return draft, import_course(draft=draft, actor=ME, now=NOW).outcome


@given(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_whatever_is_called_something_is_there_or_named(modules: set[str], kept: set[str], named: set[str]) -> None:
    words = CourseWords(modules=dict.fromkeys(named, "x"), resources=dict.fromkeys(named, "y"), file="f")
    slips = slips_of({"de": words}, modules, kept)
    assert {slip.key for slip in slips if slip.kind is SlipKind.MODULE} == named - modules
    assert {slip.key for slip in slips if slip.kind is SlipKind.RESOURCE} == named - kept


def test_a_course_without_them_keeps_its_identity(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "c", course__yaml=MODULES)
    plain = read_course(folder)
    in_german(folder)
    assert fingerprint(read_course(folder)) != fingerprint(plain)
    (said,) = read_course(folder).translations
    assert said.modules == (("Mornings", "Am Morgen"),)
    assert [(text.key, text.title) for text in said.kept] == [("the-card", "Karte"), ("the-site", "Die Seite")]


@pytest.mark.django_db
def test_one_import_brings_them_all(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c", course__yaml=MODULES))
    draft, outcome = load(folder)
    assert (outcome, load(folder)[1], draft.slips) == ("new", "unchanged", ())
    assert 'href="../keep/the-card"' in draft.translations[0].lessons[0].html
    course = queries.visible_course("first-steps", partner_id=host.id, partner_type=None)
    assert course.module_in("Mornings", "de-AT") == ("Am Morgen", "de")
    assert course.module_in("Mornings", "fr") == ("Mornings", "en")
    rows = [row.in_language("de", "en") for row in queries.resources(course.version_id)]
    assert [(row.title, row.locale) for row in rows] == [("Karte", "de"), ("Die Seite", "de")]
    page = queries.resource_page(course.version_id, "the-card", "de", "en")
    assert (page.title, page.locale, "Hallo, " in page.html) == ("Karte", "de", True)
    assert queries.resource_page(course.version_id, "the-card", "fr", "en").title == "The card"
    (row,) = queries.course_inside("first-steps", owner_id=host.id).languages
    assert (row.pages.current, row.pages.all) == (2, 2)


@pytest.mark.django_db
def test_a_page_to_keep_is_stale_until_it_is_mended(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"))
    load(folder)
    for text in ("# Card\n\nAnother one.\n", "# Card\n\nA third.\n"):
        (folder / "card.md").write_text(text)
        load(folder)
        (row,) = queries.course_inside("first-steps", owner_id=host.id).languages
        assert row.pages.stale == ("The card",)
    in_german(folder, card="# Karte\n\nEine dritte.\n")
    load(folder)
    assert not ResourceText.objects.latest("id").stale


@pytest.mark.django_db
def test_what_is_not_there_is_named_and_an_empty_page_is_none(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(write_course(tmp_path / "c"), card="\n")
    draft, _ = load(folder)
    assert [(slip.key, slip.kind) for slip in draft.slips] == [("Mornings", "module")]
    assert "no module “Mornings”" in draft.slips[0].sentence
    inside = queries.course_inside("first-steps", owner_id=host.id)
    assert (inside.slips, inside.languages[0].pages.missing) == (draft.slips, ("The card",))
    in_german(folder, GERMAN.replace("the-site", "the-sight"))
    assert "nothing to keep called “the-sight”" in read_course(folder).slips[1].sentence
