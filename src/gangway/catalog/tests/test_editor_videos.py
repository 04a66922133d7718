"""C12: a video of a working copy plays beside the Markdown that names it, whether it was published or just added."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog.actions import change_files, import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.queries import working_begun, working_copy
from gangway.catalog.rules import FileChange
from gangway.catalog.tests.documents import VTT, webm
from gangway.catalog.tests.samples import WAVE, write_course
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
EDIT = "/console/courses/first-steps/edit"
OLD, NEW = webm() + b"\0" * 300_000, webm() + b"\1" * 300_000
BODY = "# Hello\n\n![The old talk](old.webm)\n\n![The new talk](videos/new.webm)\n\n![None](none.webm)\n"


@pytest.fixture
def dee(world: World, client_of: Callable[[Someone], Client], tmp_path: Path) -> Client:
    """Dee edits a course with a video, and has added another with captions, and a text by the name of a video."""
    folder = write_course(tmp_path / "course")
    (folder / "old.webm").write_bytes(OLD)
    (folder / "wave.png").write_bytes(WAVE)
    with scopes.one(world.host):
        import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
    browser = client_of(world.dee)
    browser.post("/console/courses/first-steps/begin")
    added = {"videos/new.webm": NEW, "videos/new.vtt": VTT, "none.webm": b"no video"}
    with scopes.one(world.host):
        changes = [FileChange(path=path, data=data) for path, data in added.items()]
        change_files(key="first-steps", changes=changes, actor=OPERATOR, now=MONDAY)
    return browser


def preview(browser: Client, body: str) -> str:
    answer = browser.post(f"{EDIT}/files/1-hello.md", {"body": body, "do": "preview"}, headers={"HX-Request": "true"})
    return answer.content.decode()


def shown(data: bytes) -> str:
    return f"{EDIT}/shown/{sha256(data).hexdigest()}"


def test_the_preview_plays_videos_with_their_captions(dee: Client) -> None:
    piece = preview(dee, BODY)
    assert re.findall(r'<video src="([^"]+)" controls', piece) == [shown(OLD), shown(NEW)]
    assert re.findall(r'<track kind="captions" src="([^"]+)"', piece) == [shown(VTT)]
    for data, kind in ((OLD, "video/webm"), (NEW, "video/webm"), (VTT, "text/vtt; charset=utf-8")):
        answer = dee.get(shown(data))
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, data, kind)
        assert "attachment" not in answer["Content-Disposition"]
        assert "sandbox" in answer["Content-Security-Policy"]
    assert "attachment" in dee.get(shown(b"no video"))["Content-Disposition"]


@pytest.mark.parametrize("data", [OLD, NEW])
def test_a_player_gets_the_part_that_it_asks_for(dee: Client, data: bytes) -> None:
    answer = dee.get(shown(data), headers={"Range": "bytes=200000-200009"})
    assert (answer.status_code, answer.content) == (206, data[200_000:200_010])
    assert answer["Content-Range"] == f"bytes 200000-200009/{len(data)}"
    assert dee.get(shown(data), headers={"Range": f"bytes={len(data)}-"}).status_code == 416


def test_to_draw_the_page_only_the_beginning_of_a_file_is_read(world: World, dee: Client) -> None:
    copy = working_copy("first-steps", owner_id=world.host)
    begun = {
        file.path: file for file in working_begun(copy, ["old.webm", "videos/new.webm", "wave.png", "1-hello.md", "x"])
    }
    assert {path: len(file.data) for path, file in begun.items()} == {
        "old.webm": 4096,
        "videos/new.webm": 4096,
        "wave.png": len(WAVE),
    }
    assert begun["old.webm"].digest == sha256(OLD).hexdigest()
    with CaptureQueriesContext(connection) as seen:
        working_begun(copy, copy.files)
    assert len(seen) == 2


def test_a_video_of_the_editor_is_for_who_edits(
    client_of: Callable[[Someone], Client], world: World, dee: Client
) -> None:
    assert client_of(world.ana).get(shown(OLD)).status_code == 403
    assert Client().get(shown(OLD)).status_code == 302
    assert dee.get(f"{EDIT}/shown/{sha256(b'other').hexdigest()}").status_code == 404
