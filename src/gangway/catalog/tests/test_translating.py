"""The languages of a course that is not a version yet: the publish check tells what the version will be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog import queries
from gangway.catalog.actions import import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.tests import test_kept_languages as kept
from gangway.catalog.tests import test_wordings as asked
from gangway.catalog.tests.samples import CHECK, write_course
from gangway.catalog.tests.test_actions import ME, NOW, host
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import PartnerRow

assert host  # the fixture of whoever asks for it by name

pytestmark = pytest.mark.django_db
Edit = Callable[[Path], object]
LESSON = "1-hello.md"


def in_german(folder: Path) -> Path:
    return asked.in_german(kept.in_german(write_course(folder)))


STEPS: tuple[tuple[str, Edit, int, int], ...] = (
    ("as it came", lambda folder: None, 0, 1),
    ("another lesson", lambda folder: (folder / LESSON).write_text("# Hello\n\nSay it now.\n"), 1, 1),
    ("another page", lambda folder: (folder / "card.md").write_text("# Card\n\nAnother.\n"), 2, 1),
    ("another question", lambda folder: (folder / "check.yaml").write_text(CHECK.replace("greet?", "hail?")), 3, 1),
    ("the lesson mended", lambda folder: (folder / "locales/de" / LESSON).write_text("# Hallo\n\nJetzt.\n"), 2, 1),
    ("the page mended", lambda folder: (folder / "locales/de/card.md").write_text("# Karte\n\nNeu.\n"), 1, 1),
    ("a question gone", lambda folder: asked.in_german(folder, "questions: []"), 0, 5),
    ("a question back", lambda folder: asked.in_german(folder), 1, 1),
    ("a page gone", lambda folder: (folder / "locales/de/card.md").unlink(), 1, 2),
)


def test_what_is_told_before_is_what_the_version_says(host: PartnerRow, tmp_path: Path) -> None:
    folder = in_german(tmp_path / "c")
    for what, edit, stale, missing in STEPS:
        edit(folder)
        draft = read_course(folder)
        before = queries.draft_languages(draft, owner_id=host.id)
        assert [(what, row.locale, row.stale, row.missing) for row in before] == [(what, "de", stale, missing)]
        import_course(draft=draft, actor=ME, now=NOW)
        assert (what, before) == (what, queries.course_inside("first-steps", owner_id=host.id).languages)


def test_the_publish_check_names_the_languages_that_stay_behind(
    world: World, client_of: Callable[[Someone], Client], tmp_path: Path
) -> None:
    folder = in_german(tmp_path / "c")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    dee = client_of(world.dee)
    dee.post("/console/courses/first-steps/begin")
    edit = "/console/courses/first-steps/edit"
    assert "translation is stale" not in dee.get(f"{edit}/publish").content.decode()
    dee.post(f"{edit}/files/{LESSON}", {"body": "# Hello\n\nSay it now.\n", "do": "save"})
    page = dee.get(f"{edit}/publish").content.decode()
    assert "<li>German: 1 translation is stale; 1 translation is missing.</li>" in page
    assert "It can be published as version 2." in page
