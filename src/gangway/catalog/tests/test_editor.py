"""C12: the editor of a course: the happy path, the outsider, the refusal; what was typed is never lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog.actions import change_files, import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.write import files_of
from gangway.catalog.queries import course_folder, working_bytes, working_copy
from gangway.catalog.rules import FileChange
from gangway.catalog.tests.samples import WAVE, write_course
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
Browser = Callable[[Someone], Client]
COURSE = "/console/courses/first-steps"
EDIT, HELLO = f"{COURSE}/edit", f"{COURSE}/edit/files/1-hello.md"


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    folder = write_course(tmp_path / "course")
    (folder / "wave.png").write_bytes(WAVE)
    (folder / "2-goodbye.md").write_bytes(b"\xef\xbb\xbf# Goodbye\r\n\r\nSay goodbye last.\r\n")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    return folder


@pytest.fixture
def dee(world: World, client_of: Browser, folder: Path) -> Client:
    browser = client_of(world.dee)
    assert browser.post(f"{COURSE}/begin").headers["Location"] == EDIT
    return browser


def files(world: World) -> dict[str, bytes]:
    return dict(working_bytes(working_copy("first-steps", owner_id=world.host)))


def digest(world: World, path: str) -> str:
    return working_copy("first-steps", owner_id=world.host).files[path].digest


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_course_page_says_what_is_learned_and_leads_into_the_editor(
    world: World, client_of: Browser, folder: Path
) -> None:
    browser = client_of(world.dee)
    assert f'href="{COURSE}"' in page(browser, "/console/courses")
    shown = page(browser, COURSE)
    assert "Version 1 is learned." in shown
    assert "Edit this course" in shown
    browser.post(f"{COURSE}/begin")
    assert "Go on editing" in page(browser, COURSE)
    assert "Being edited" in page(browser, "/console/courses")
    assert browser.get(f"{COURSE}/files.zip?version=1").status_code == 200
    assert browser.get(f"{COURSE}/files.zip?version=7").status_code == 404


def test_the_editor_shows_lessons_check_and_other_files(dee: Client) -> None:
    shown = page(dee, EDIT)
    assert "Nothing differs from version 1 yet." in shown
    for words in ("Hello", "Goodbye", "1-hello.md", "wave.png", "card.md", "Edit the check"):
        assert words in shown


def test_a_lesson_is_changed_and_the_other_files_stay_as_they_were(world: World, dee: Client) -> None:
    before = files(world)
    shown = page(dee, HELLO)
    assert "Say hello <em>first</em>." in shown, "the page as learners get it"
    assert "As in version 1" in shown
    typed = {"body": "# Hello\r\n\r\nSay **hello** now.\r\n", "seen": digest(world, "1-hello.md"), "do": "save"}
    assert dee.post(HELLO, typed).headers["Location"] == HELLO
    assert files(world) == before | {"1-hello.md": b"# Hello\n\nSay **hello** now.\n"}
    assert "Changed on" in page(dee, HELLO)
    assert "1 file differs from version 1." in page(dee, EDIT)


def test_saving_what_was_not_changed_keeps_the_very_bytes(world: World, dee: Client, folder: Path) -> None:
    address = f"{EDIT}/files/2-goodbye.md"
    typed = {"body": "# Goodbye\r\n\r\nSay goodbye last.\r\n", "seen": digest(world, "2-goodbye.md")}
    assert dee.post(address, typed).status_code == 302
    assert not working_copy("first-steps", owner_id=world.host).changed
    dee.post(address, typed | {"body": "# Goodbye\r\n\r\nBye.\r\n"})
    assert files(world)["2-goodbye.md"] == b"\xef\xbb\xbf# Goodbye\r\n\r\nBye.\r\n"


def test_the_preview_is_the_servers_own_and_saves_nothing(world: World, dee: Client) -> None:
    typed = {
        "body": "# New\n\n<script>alert(1)</script>\n\n**bold**",
        "seen": digest(world, "1-hello.md"),
        "do": "preview",
    }
    whole = dee.post(HELLO, typed).content.decode()
    assert "<strong>bold</strong>" in whole
    assert "&lt;script&gt;alert(1)" in whole, "it stands in the form as it was typed"
    assert "Not saved yet" in whole
    piece = dee.post(HELLO, typed, headers={"HX-Request": "true"}).content.decode()
    assert piece.strip().startswith("<h1>New</h1>")
    assert "<strong>bold</strong>" in piece
    assert "script" not in piece
    assert not working_copy("first-steps", owner_id=world.host).changed


def test_the_preview_shows_pictures_and_leads_to_other_lessons(dee: Client) -> None:
    body = "# Hello\n\n![A wave](wave.png) [next](2-goodbye.md) [card](card.md) [none](none.md)"
    piece = dee.post(HELLO, {"body": body, "do": "preview"}, headers={"HX-Request": "true"}).content.decode()
    assert f'href="{EDIT}/files/2-goodbye.md"' in piece
    assert f'href="{EDIT}/files/card.md"' in piece
    [picture] = re.findall(rf'src="({EDIT}/shown/[0-9a-f]+)"', piece)
    answer = dee.get(picture)
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (WAVE, "image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "none.md" not in piece
    assert dee.get(f"{EDIT}/shown/{'0' * 64}").status_code == 404


def test_the_preview_is_in_the_language_of_its_file_and_not_of_the_console(world: World, dee: Client) -> None:
    path = "locales/ar/1-hello.md"
    with scopes.one(world.host):
        made = [FileChange(path=path, data="# مرحبا".encode())]
        change_files(key="first-steps", changes=made, actor=world.dee.actor, now=MONDAY)
    for page, said in ((HELLO, 'lang="en" dir="ltr"'), (f"{EDIT}/files/{path}", 'lang="ar" dir="rtl"')):
        [article] = re.findall(r'<article class="prose" id="preview"[^>]*>', dee.get(page).content.decode())
        assert said in article


def test_the_second_of_two_people_is_told_and_keeps_what_they_typed(world: World, dee: Client) -> None:
    seen = digest(world, "1-hello.md")
    with scopes.one(world.host):
        theirs = [FileChange(path="1-hello.md", data=b"# Hello\n\nTheir words.")]
        change_files(key="first-steps", changes=theirs, actor=world.dee.actor, now=MONDAY)
    answer = dee.post(HELLO, {"body": "# Hello\n\nMy words.", "seen": seen})
    assert answer.status_code == 409
    shown = answer.content.decode()
    for words in ("was changed by Dee Diaz after you had opened it", "Their words.", "My words.", "Not saved yet"):
        assert words in shown
    assert files(world)["1-hello.md"] == b"# Hello\n\nTheir words."
    again = {"body": "# Hello\n\nMy words.", "seen": digest(world, "1-hello.md")}
    assert again["seen"] in shown
    assert dee.post(HELLO, again).status_code == 302


@pytest.mark.parametrize("body", ["a\0b", "x" * (1024 * 1024 + 1)])
def test_what_is_no_text_is_refused_and_stays_in_the_form(world: World, dee: Client, body: str) -> None:
    answer = dee.post(HELLO, {"body": body, "seen": digest(world, "1-hello.md")})
    assert answer.status_code == 422
    assert "This is no text of at most 1 MB." in answer.content.decode()
    assert not working_copy("first-steps", owner_id=world.host).changed


def test_lessons_are_moved_added_renamed_and_removed(world: World, dee: Client) -> None:
    arrange = f"{EDIT}/arrange"
    dee.post(arrange, {"do": "up", "path": "2-goodbye.md"})
    assert b"lessons: [2-goodbye.md, 1-hello.md]" in files(world)["course.yaml"]
    dee.post(arrange, {"do": "down", "path": "2-goodbye.md"})
    assert b"lessons: [1-hello.md, 2-goodbye.md]" in files(world)["course.yaml"]
    made = dee.post(arrange, {"do": "add", "title": "Calling back"}).headers["Location"]
    assert made == f"{EDIT}/files/03-calling-back.md"
    assert "Calling back" in page(dee, made)
    renamed = {"do": "details", "title": "Ring back", "module": "Later", "minutes": "4", "name": "03-ring-back.md"}
    assert dee.post(made, renamed).headers["Location"] == f"{EDIT}/files/03-ring-back.md"
    assert "Ring back" in page(dee, EDIT)
    dee.post(arrange, {"do": "remove", "path": "1-hello.md"})
    assert "1-hello.md" not in files(world)
    assert "Removed:" in page(dee, EDIT)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"minutes": "0"}, "from 1 to 1,000"),
        ({"name": "2-goodbye.md"}, "There is a file of this name already."),
        ({"name": "hello.txt"}, "ends in .md"),
        ({"name": "../hello.md"}, "leads outside"),
    ],
)
def test_details_that_cannot_be_are_refused_beside_their_field(
    world: World, dee: Client, details: dict[str, str], words: str
) -> None:
    answer = dee.post(HELLO, {"do": "details", "title": "Kept in the form", **details})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Kept in the form" in answer.content.decode()
    assert not working_copy("first-steps", owner_id=world.host).changed


def test_a_lesson_needs_a_title_and_an_unknown_deed_is_none(dee: Client) -> None:
    answer = dee.post(f"{EDIT}/arrange", {"do": "add", "title": " "})
    assert answer.status_code == 422
    assert "A lesson needs a title." in answer.content.decode()
    assert dee.post(f"{EDIT}/arrange", {"do": "shuffle"}).status_code == 404
    assert dee.post(f"{EDIT}/arrange", {"do": "remove", "path": "none.md"}).status_code == 404


def test_a_broken_file_is_named_and_can_be_mended(world: World, dee: Client) -> None:
    address = f"{EDIT}/files/course.yaml"
    broken = {"body": "key: first-steps\ntitle: [", "seen": digest(world, "course.yaml")}
    assert dee.post(address, broken).status_code == 302
    assert "This file stops the course from being published." in page(dee, address)
    shown = page(dee, EDIT)
    assert "The folder cannot be read" in shown
    assert f'href="{address}"' in shown
    assert dee.get(f"{EDIT}/settings").headers["Location"] == EDIT
    check = f"{EDIT}/files/check.yaml"
    mended = {"body": "key: first-steps\ntitle: First\n", "seen": digest(world, "course.yaml")}
    dee.post(address, mended)
    dee.post(check, {"body": "questions:\n  - promt: x\n", "seen": digest(world, "check.yaml")})
    assert "Line 2:" in page(dee, check)


def test_settings_change_only_what_was_changed(world: World, dee: Client) -> None:
    settings = f"{EDIT}/settings"
    assert 'value="First steps"' in page(dee, settings)
    said = {"title": "First steps: all of them", "summary": "Two short lessons.", "unlocks": "The first certificate"}
    rest = {"locale": "en", "minutes": "", "licence": "", "assign": "everyone"}
    assert dee.post(settings, said | rest).headers["Location"] == EDIT
    assert b'title: "First steps: all of them"' in files(world)["course.yaml"]
    bad = dee.post(settings, said | rest | {"title": "", "minutes": "many", "assign": "all", "unlocks": "x" * 301})
    assert bad.status_code == 422
    for words in ("A course needs a title.", "from 1 to 10,000", "At most 300 characters.", "Choose who is enrolled."):
        assert words in bad.content.decode()
    assert dee.post(settings, said | rest | {"locale": "no language!"}).status_code == 422


def test_publishing_says_what_changes_and_makes_the_next_version(world: World, dee: Client) -> None:
    dee.post(HELLO, {"body": "# Hello\n\nSay hello now.\n", "seen": digest(world, "1-hello.md")})
    shown = page(dee, f"{EDIT}/publish")
    for words in ("It can be published as version 2.", "Lessons with other words:", "finishes that one"):
        assert words in shown
    assert dee.post(f"{EDIT}/publish").headers["Location"] == COURSE
    assert "Version 2 is learned." in page(dee, COURSE)
    kept = dict(files_of(course_folder("first-steps", owner_id=world.host)))
    assert kept["2-goodbye.md"] == b"\xef\xbb\xbf# Goodbye\r\n\r\nSay goodbye last.\r\n"
    assert dee.get(EDIT).status_code == 404


def test_the_check_says_which_translations_change_and_which_are_stale(world: World, dee: Client) -> None:
    german, shown = "locales/de/1-hello.md", f"{EDIT}/publish"

    def write(path: str, text: str) -> None:
        with scopes.one(world.host):
            made = [FileChange(path=path, data=text.encode())]
            change_files(key="first-steps", changes=made, actor=world.dee.actor, now=MONDAY)

    write(german, "# Hallo\n\nSag Hallo.\n")
    checked = page(dee, shown)
    assert "1 lesson says something else in another language." in checked
    assert "<bdi>“Hello”</bdi> (German)" in checked
    assert "Stale translations" not in checked
    dee.post(shown)
    dee.post(f"{COURSE}/begin")
    write("1-hello.md", "# Hello\n\nSay hello twice.\n")
    checked = page(dee, shown)
    assert "The original of 1 translation says something else since it was made." in checked
    assert f'href="{EDIT}/files/{german}"' in checked
    assert "in another language" not in checked
    dee.post(shown)
    dee.post(f"{COURSE}/begin")
    assert "Stale translations" in page(dee, shown), "it stays so, whatever else changes"
    assert f'href="{EDIT}/files/1-hello.md"' in page(dee, f"{EDIT}/files/{german}")
    assert "how a lesson reads in" not in page(dee, HELLO)
    write(german, "# Hallo\n\nSag zweimal Hallo.\n")
    assert "Stale translations" not in page(dee, shown)


def test_what_differs_in_nothing_is_not_offered_and_a_draft_version_is(
    world: World, client_of: Browser, dee: Client, folder: Path
) -> None:
    shown = page(dee, f"{EDIT}/publish")
    assert "Nothing differs from version 1, so there is nothing to publish." in shown
    assert "Publish version" not in shown
    dee.post(f"{EDIT}/discard", {"sure": "yes"})
    (folder / "1-hello.md").write_text("# Hello\n\nNew.\n")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), publish_it=False, actor=OPERATOR, now=MONDAY)
    dee.post(f"{COURSE}/begin")
    assert "It can be published as version 2." in page(dee, f"{EDIT}/publish")
    dee.post(f"{EDIT}/publish")
    assert "Version 2 is learned." in page(dee, COURSE)


def test_what_stops_publishing_is_named_and_nothing_is_published(world: World, dee: Client) -> None:
    check = f"{EDIT}/files/check.yaml"
    body = files(world)["check.yaml"].decode().replace("lesson: hello", "lesson: hallo")
    dee.post(check, {"body": body, "seen": digest(world, "check.yaml")})
    for answer in (dee.get(f"{EDIT}/publish"), dee.post(f"{EDIT}/publish")):
        shown = answer.content.decode()
        assert "1 thing stops it from being published." in shown
        assert "hallo" in shown
        assert "line 5" in shown
    assert "Version 1 is learned." in page(dee, COURSE)


def test_a_newer_version_is_brought_in_first(world: World, dee: Client, folder: Path) -> None:
    dee.post(HELLO, {"body": "# Hello\n\nMine.\n", "seen": digest(world, "1-hello.md")})
    (folder / "1-hello.md").write_text("# Hello\n\nTheirs.\n")
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    shown = page(dee, f"{EDIT}/publish")
    assert "Version 2 was made after this working copy was begun." in shown
    assert "Both sides changed these files." in shown
    assert dee.post(f"{EDIT}/publish").status_code == 409
    assert dee.post(f"{EDIT}/catch-up").headers["Location"] == EDIT
    assert dee.post(f"{EDIT}/publish").headers["Location"] == COURSE
    assert "Version 3 is learned." in page(dee, COURSE)


def test_discarding_asks_once_and_leaves_the_versions(world: World, dee: Client) -> None:
    dee.post(HELLO, {"body": "# Hello\n\nMine.\n", "seen": digest(world, "1-hello.md")})
    shown = page(dee, f"{EDIT}/discard")
    assert "1 changed file would be lost for good." in shown
    assert dee.post(f"{EDIT}/discard").status_code == 200, "without a yes it only asks"
    assert dee.post(f"{EDIT}/discard", {"sure": "yes"}).headers["Location"] == COURSE
    assert dee.get(EDIT).status_code == 404
    assert "Edit this course" in page(dee, COURSE)


def test_a_check_is_added_where_there_is_none(world: World, dee: Client) -> None:
    with scopes.one(world.host):
        gone = [FileChange(path="check.yaml", data=None)]
        change_files(key="first-steps", changes=gone, actor=world.dee.actor, now=MONDAY)
    assert "Add a knowledge check" in page(dee, EDIT)
    made = dee.post(f"{EDIT}/arrange", {"do": "check"}).headers["Location"]
    assert "This file stops" not in page(dee, made)


def test_files_that_are_no_text_or_not_there_have_no_page(dee: Client) -> None:
    for path in ("wave.png", "none.md", "../../etc/passwd"):
        assert dee.get(f"{EDIT}/files/{path}").status_code == 404


PLACES = (COURSE, EDIT, HELLO, f"{EDIT}/settings", f"{EDIT}/publish", f"{EDIT}/discard")
DEEDS = (f"{COURSE}/begin", f"{EDIT}/arrange", HELLO, f"{EDIT}/settings", f"{EDIT}/publish", f"{EDIT}/catch-up")


def test_who_does_not_edit_courses_sees_and_changes_nothing(world: World, dee: Client, client_of: Browser) -> None:
    for person in (world.ana, world.ben, world.caz):
        browser = client_of(person)
        for address in PLACES:
            answer = browser.get(address)
            assert answer.status_code == 403
            assert b"First steps" not in answer.content
        for address in (*DEEDS, f"{EDIT}/discard"):
            assert browser.post(address, {"sure": "yes", "do": "add", "title": "x"}).status_code == 403
    assert not working_copy("first-steps", owner_id=world.host).changed
    assert Client().get(EDIT).status_code == 302


def test_another_owners_course_is_as_one_that_never_was(world: World, dee: Client, folder: Path) -> None:
    with scopes.one(world.nordwind):
        import_course(draft=replace(read_course(folder), key="theirs"), actor=OPERATOR, now=MONDAY)
    for course in ("theirs", "none"):
        base = f"/console/courses/{course}"
        assert dee.get(base).status_code == 404
        assert dee.post(f"{base}/begin").status_code == 404
        for place in ("edit", "edit/settings", "edit/publish", "edit/discard", "edit/files/1-hello.md"):
            assert dee.get(f"{base}/{place}").status_code == 404
