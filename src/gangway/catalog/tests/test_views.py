"""C11: the list of courses and the download of one's files: the happy path, the outsider, the refusal."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog.actions import import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.tests.samples import WAVE, write_course
from gangway.catalog.tests.test_wordings import GERMAN
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
Browser = Callable[[Someone], Client]
PAGE, INSIDE, ZIP = "/console/courses", "/console/courses/first-steps", "/console/courses/first-steps/files.zip"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The folder of a course that is published, and has a picture of 2 MB."""
    folder = write_course(tmp_path / "course")
    (folder / "wave.png").write_bytes(b"\x89\0" * 1024 * 1024)
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    return folder


def test_before_there_is_a_course_the_page_says_how_to_bring_one(world: World, client_of: Browser) -> None:
    page = client_of(world.dee).get(PAGE).content.decode()
    assert "There is nothing to learn yet." in page
    assert "gangway course import FOLDER" in page


def test_the_page_says_what_can_be_learned_and_what_waits(world: World, client_of: Browser, folder: Path) -> None:
    page = client_of(world.dee).get(PAGE).content.decode()
    assert "1 course can be learned." in page
    assert "draft to publish" not in page
    assert "First steps" in page
    assert f'href="{ZIP}"' in page
    (folder / "1-hello.md").write_text("# Hello\n\nAnother greeting.\n")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), publish_it=False, actor=OPERATOR, now=MONDAY)
    page = client_of(world.dee).get(PAGE).content.decode()
    assert "1 course can be learned. 1 has a draft to publish." in page
    assert "First steps" not in client_of(world.dee).get(PAGE, {"state": "published"}).content.decode()
    assert "First steps" in client_of(world.dee).get(PAGE, {"q": "first-s"}).content.decode()


def test_the_files_come_as_a_stream_and_are_the_folder(world: World, client_of: Browser, folder: Path) -> None:
    answer = client_of(world.dee).get(ZIP)
    assert isinstance(answer, StreamingHttpResponse)
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="first-steps-1.zip"'
    pieces = list(answer)
    assert len(pieces) == 7  # six files and the directory
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            file.name: file.read_bytes() for file in folder.iterdir()
        }


def test_who_is_not_on_the_staff_sees_neither(world: World, client_of: Browser, folder: Path) -> None:
    for person in (world.ana, world.ben, world.caz):
        for address in (PAGE, INSIDE, ZIP):
            answer = client_of(person).get(address)
            assert answer.status_code == 403
            assert b"First steps" not in answer.content
    assert Client().get(ZIP).status_code == 302


def test_what_is_not_there_or_was_not_kept_is_refused(world: World, client_of: Browser, folder: Path) -> None:
    draft = read_course(folder)
    with scopes.one(world.host):
        import_course(draft=replace(draft, key="bare", files=()), actor=OPERATOR, now=MONDAY)
    with scopes.one(world.nordwind):
        import_course(draft=replace(draft, key="theirs"), actor=OPERATOR, now=MONDAY)
    browser = client_of(world.dee)
    for page in ("none", "theirs"):
        assert browser.get(f"{PAGE}/{page}").status_code == 404
    unknown, theirs = browser.get("/console/courses/none/files.zip"), browser.get("/console/courses/theirs/files.zip")
    assert unknown.status_code == theirs.status_code == 404
    refused = browser.get("/console/courses/bare/files.zip")
    assert refused.status_code == 409
    assert "The files of version 1 of “bare” were not kept." in refused.content.decode()
    page = browser.get(PAGE).content.decode()
    assert "/bare/files.zip" not in page
    assert "/theirs/files.zip" not in page


def test_the_page_of_a_course_says_what_is_in_it_and_what_to_mend(
    world: World, client_of: Browser, folder: Path
) -> None:
    page = client_of(world.dee).get(INSIDE).content.decode()
    assert "Version 1 is learned." in page
    assert "Its pages hold no link and no picture." in page
    assert f'href="{ZIP}"' in page
    (folder / "1-hello.md").write_text("# Hello\n\n![A wave](wave.png) [more](more.md) [on](2-goodbye.md)\n")
    (folder / "wave.png").write_bytes(WAVE)
    with scopes.one(world.host):
        import_course(draft=read_course(folder), publish_it=False, actor=OPERATOR, now=MONDAY)
    page = client_of(world.dee).get(INSIDE).content.decode()
    assert "Version 1 is learned; version 2 is a draft." in page
    assert "Its pages hold 2 links and 1 picture. 1 leads nowhere or cannot be shown." in page
    assert "<bdi>more.md</bdi>" in page
    (folder / "more.md").write_text("More.")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), publish_it=False, actor=OPERATOR, now=MONDAY)
    assert "All of them lead somewhere." in client_of(world.dee).get(INSIDE).content.decode()
    assert f'href="{INSIDE}"' in client_of(world.dee).get(PAGE).content.decode()


def test_a_course_nobody_can_learn_yet_says_so(world: World, client_of: Browser, folder: Path) -> None:
    with scopes.one(world.host):
        draft = replace(read_course(folder), key="bare", files=())
        import_course(draft=draft, publish_it=False, actor=OPERATOR, now=MONDAY)
    page = client_of(world.dee).get("/console/courses/bare").content.decode()
    assert "Nobody can learn it yet: version 1 is a draft." in page
    assert "/bare/files.zip" not in page


def test_a_course_that_shows_its_pictures_now_is_another_version(world: World, folder: Path) -> None:
    (folder / "1-hello.md").write_text("# Hello\n\n![A wave](wave.png)\n")
    (folder / "wave.png").write_bytes(WAVE)
    draft = read_course(folder)
    with scopes.one(world.host):
        import_course(draft=replace(draft, shown=frozenset()), actor=OPERATOR, now=MONDAY)
        assert import_course(draft=draft, actor=OPERATOR, now=MONDAY).outcome == "files"
        assert import_course(draft=draft, actor=OPERATOR, now=MONDAY).outcome == "unchanged"


def test_the_page_of_a_course_says_which_translations_wait(world: World, client_of: Browser, folder: Path) -> None:
    page = client_of(world.dee).get(INSIDE).content.decode()
    assert "It is there in English only." in page
    assert "locales/LANGUAGE/" in page

    def bring(**files: str) -> str:
        for name, text in files.items():
            (folder / "locales" / "de" / name.replace("__", ".").replace("_", "-")).write_text(text)
        with scopes.one(world.host):
            import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
        return " ".join(client_of(world.dee).get(INSIDE).content.decode().split())

    (folder / "locales" / "de").mkdir(parents=True)
    page = bring(**{"1_hello__md": "# Hallo\n\nGuten Morgen.\n"})
    assert "It is written in English and there in 1 more language. 7 translations are missing." in page
    assert "What waits in German" in page
    assert '<bdi lang="en">Goodbye</bdi></span><span class="soft small">missing: shown in English</span>' in page
    assert '<span>Question: <bdi lang="en">How do you greet?</bdi></span>' in page
    slips = GERMAN.replace("key: greet", "key: grete")
    page = bring(**{"2_goodbye__md": "# Tschüss\n\nBis bald.\n", "check__yaml": slips})
    assert "3 translations are missing." in page
    assert '<span>Page to keep: <bdi lang="en">The card</bdi></span>' in page
    assert "1 translation is not used:" in page
    assert "The check has no question “grete”, so its translation is not used." in page
    kept = {"card__md": "# Karte\n\nHallo.\n", "course__yaml": "resources: {the-site: Die Seite}\n"}
    page = bring(check__yaml=GERMAN, **kept)
    assert "Everything is up to date in each of them." in page
    assert "is not used" not in page
    (folder / "1-hello.md").write_text("# Hello\n\nAnother greeting.\n")
    page = bring()
    assert "1 translation is stale." in page
    assert (
        '<bdi lang="en">Hello</bdi></span><span class="soft small">stale: the original has changed since</span>' in page
    )
