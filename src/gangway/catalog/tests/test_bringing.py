"""Uploads in the console: what becomes a lesson, what is refused, and the hostile set through the very same door."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog.actions import import_course
from gangway.catalog.markdown.read import read_course, read_held
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.queries import open_copies, working_bytes, working_copy, working_files
from gangway.catalog.tests import documents as made
from gangway.catalog.tests import hostile_documents as hostile
from gangway.catalog.tests.samples import write_course
from gangway.catalog.tests.test_hostile_documents import CASES, MUST_BE_REFUSED, WATCH, faults
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
Browser = Callable[[Someone], Client]
EDIT = "/console/courses/first-steps/edit"
BRING, NEW = f"{EDIT}/bring", "/console/new-course"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    folder = write_course(tmp_path / "course")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    return folder


@pytest.fixture
def dee(world: World, client_of: Browser, folder: Path) -> Client:
    browser = client_of(world.dee)
    browser.post("/console/courses/first-steps/begin")
    return browser


def files(world: World, key: str = "first-steps") -> dict[str, bytes]:
    return dict(working_bytes(working_copy(key, owner_id=world.host)))


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def titles(world: World, key: str = "first-steps") -> list[str]:
    draft = read_held(HeldSource(working_files(working_copy(key, owner_id=world.host))))
    return [lesson.title for lesson in draft.lessons]


def test_documents_become_lessons_at_the_end(world: World, dee: Client) -> None:
    before = files(world)
    sent = [
        upload("the talk.docx", made.word(made.paragraph("Some words."))),
        upload("guide.pdf", made.pdf("Words of the guide.")),
        upload("film.mp4", made.mp4()),
        upload("film.vtt", made.VTT),
    ]
    answer = dee.post(BRING, {"files": sent})
    assert answer.status_code == 200
    assert "3 lessons were added at the end." in answer.content.decode()
    assert titles(world) == ["Hello", "Goodbye", "The talk", "Guide", "Film"]
    after = files(world)
    assert after["videos/film.vtt"].startswith(b"WEBVTT")
    assert b"[Guide](resources/guide.pdf)" in after["04-guide.md"]
    assert {path: data for path, data in after.items() if path in before and path != "course.yaml"} == {
        path: data for path, data in before.items() if path != "course.yaml"
    }


def test_the_same_name_twice_takes_nothing_away(world: World, dee: Client) -> None:
    dee.post(BRING, {"files": [upload("guide.pdf", one := made.pdf("One."))]})
    dee.post(BRING, {"files": [upload("guide.pdf", two := made.pdf("Two."))]})
    kept = files(world)
    assert (kept["resources/guide.pdf"], kept["resources/guide-2.pdf"]) == (one, two)
    assert b"(resources/guide-2.pdf)" in kept["04-guide.md"]


def test_a_picture_comes_with_the_line_to_paste(world: World, dee: Client) -> None:
    shown = dee.post(BRING, {"files": [upload("our desk.png", made.picture())]}).content.decode()
    [path] = [path for path in files(world) if path.startswith("pictures/")]
    assert f"![Our desk]({path})" in shown
    assert titles(world) == ["Hello", "Goodbye"]


def test_a_video_elsewhere_is_a_link(world: World, dee: Client) -> None:
    link = {"do": "link", "title": "A film", "address": "https://youtu.be/dQw4w9WgXcQ?si=track"}
    assert "1 lesson was added" in dee.post(BRING, link).content.decode()
    assert b"(https://www.youtube.com/watch?v=dQw4w9WgXcQ)" in files(world)["03-a-film.md"]
    for address in ("https://evil.example/watch?v=dQw4w9WgXcQ", "javascript:alert(1)", ""):
        answer = dee.post(BRING, link | {"address": address, "title": "Kept"})
        assert answer.status_code == 422
        assert "This is no address of a video on YouTube or Vimeo." in answer.content.decode()
        assert "Kept" in answer.content.decode()


def zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"course/{file.name}")
    return out.getvalue()


def test_a_zip_by_itself_replaces_the_folder(world: World, dee: Client, folder: Path) -> None:
    (folder / "1-hello.md").write_text("# Hello\n\nFrom the zip.\n")
    (folder / "card.md").rename(folder / "map.md")
    (folder / "course.yaml").write_text((folder / "course.yaml").read_text().replace("card.md", "map.md"))
    assert dee.post(BRING, {"files": [upload("course.zip", zipped(folder))]}).headers["Location"] == EDIT
    assert files(world) == {file.name: file.read_bytes() for file in folder.iterdir()}
    assert set(working_copy("first-steps", owner_id=world.host).changed) == {
        "1-hello.md",
        "card.md",
        "map.md",
        "course.yaml",
    }


def test_a_new_course_from_a_zip_from_documents_and_from_nothing(world: World, dee: Client, tmp_path: Path) -> None:
    folder = write_course(tmp_path / "zip")
    (folder / "course.yaml").write_text((folder / "course.yaml").read_text().replace("first-steps", "from-zip"))
    assert dee.get(NEW).status_code == 200
    made_of_zip = dee.post(NEW, {"locale": "en", "files": [upload("any.zip", zipped(folder))]})
    assert made_of_zip.headers["Location"] == "/console/courses/from-zip/edit"
    assert titles(world, "from-zip") == ["Hello", "Goodbye"]
    talk = upload("talk.docx", made.word(made.paragraph("Some words.")))
    said = {"title": "Our talk: all of it", "locale": "de", "files": [talk]}
    assert dee.post(NEW, said).headers["Location"] == "/console/courses/our-talk-all-of-it/edit"
    assert titles(world, "our-talk-all-of-it") == ["Talk"]
    assert dee.post(NEW, {"title": "Empty", "key": "no-files"}).headers["Location"] == "/console/courses/no-files/edit"
    assert titles(world, "no-files") == ["First lesson"]
    for key, enrolled in (("from-zip", True), ("our-talk-all-of-it", False), ("no-files", False)):
        page = dee.get(f"/console/courses/{key}/edit/publish").content.decode()
        assert ("everybody at every partner is enrolled" in page) is enrolled
        assert ("Nobody is enrolled by publishing it" in page) is not enrolled
    assert {one.key for one in open_copies(owner_id=world.host)} >= {"from-zip", "our-talk-all-of-it", "no-files"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "A course needs a title."),
        ({"title": "X", "key": "first-steps"}, "There is a course “first-steps” already."),
        ({"title": "X", "key": "No Key!"}, "key"),
        ({"title": "X", "locale": "no language!"}, "language"),
    ],
)
def test_a_course_that_cannot_be_begun_is_refused_beside_the_field(
    world: World, dee: Client, typed: dict[str, str], words: str
) -> None:
    answer = dee.post(NEW, {"locale": "en", **typed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert [one.key for one in open_copies(owner_id=world.host)] == ["first-steps"]


def test_no_file_and_too_many_bytes_are_refused(world: World, dee: Client) -> None:
    assert "No file was chosen." in dee.post(BRING, {}).content.decode()
    large = [upload(f"{n}.md", b"x" * (33 * 1024 * 1024)) for n in range(2)]
    answer = dee.post(BRING, {"files": large})
    assert answer.status_code == 422
    assert "Together these files are larger than 64 MB." in answer.content.decode()
    assert not working_copy("first-steps", owner_id=world.host).changed


def test_the_hostile_set_stores_nothing_outside_and_runs_nothing(world: World, dee: Client, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_text(hostile.SECRET)
    refused = set()
    before = files(world)
    dee.get(BRING)  # templates are read before anybody looks
    dee.post(BRING, {})
    for case in CASES:
        sent = [upload(name, data) for name, data in hostile.uploads(secret.as_uri())[case]]
        with WATCH.on() as touched:
            answer = dee.post(BRING, {"files": sent})
        touched = [what for what in touched if not what.startswith("open") or "/tmp" in what]
        assert (case, touched) == (case, [])
        assert answer.status_code in (200, 302, 422), case
        if answer.status_code == 422:
            refused.add(case)
            assert "error-summary" in answer.content.decode(), case
        fresh = {path: data for path, data in files(world).items() if before.get(path) != data}
        assert (
            faults({path: data for path, data in fresh.items() if path not in ("course.yaml", ".gangway/name")}) == []
        ), case
        dee.post(f"{EDIT}/discard", {"sure": "yes"})
        dee.post("/console/courses/first-steps/begin")
    assert refused >= set(MUST_BE_REFUSED) - {"archive-inside", "empty.docx"}
    assert len(CASES) >= 90


def test_a_zip_that_leads_outside_is_refused(world: World, dee: Client) -> None:
    for name in ("../evil.md", "/etc/evil.md", "a\\..\\evil.md"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), "# Evil")
            archive.writestr("a.md", "# Fine")
        for address in (BRING, NEW):
            answer = dee.post(address, {"files": [upload("x.zip", out.getvalue())]})
            assert answer.status_code == 422
    assert not working_copy("first-steps", owner_id=world.host).changed


def test_who_does_not_edit_courses_brings_nothing(world: World, dee: Client, client_of: Browser) -> None:
    for person in (world.ana, world.ben, world.caz):
        browser = client_of(person)
        for address in (BRING, NEW):
            assert browser.get(address).status_code == 403
            sent = {"title": "Mine", "files": [upload("a.md", b"# A\n\nb")]}
            assert browser.post(address, sent).status_code == 403
    assert not working_copy("first-steps", owner_id=world.host).changed
    assert [one.key for one in open_copies(owner_id=world.host)] == ["first-steps"]
