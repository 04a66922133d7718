"""Pictures and files of lessons: the happy path, the outsider, and what nobody may load."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.catalog.markdown.read import read_course
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.documents import VTT, webm
from gangway.catalog.tests.samples import CHECK, WAVE, write_course
from gangway.kernel import clock
from gangway.learning import actions
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB

Publish = Callable[[CourseDraft], UUID]
SignIn = Callable[[Learner], Client]
ACTS = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
COURSE = "/courses/first-steps"


def address(data: bytes, name: str) -> str:
    return f"{COURSE}/files/{sha256(data).hexdigest()}/{name}"


@pytest.fixture
def browser(ana: Learner, publish: Publish, tmp_path: Path, sign_in: SignIn) -> Client:
    """Ana's, enrolled in a course with a picture, a drawing that would act, a sheet, and a file nobody links."""
    words = "# Hello\n\n![A wave](wave.png) ![A plan](plan.svg) [The sheet](sheet.html) [On](2-goodbye.md)\n"
    folder = write_course(tmp_path / "c", **{"1-hello__md": words})
    files = {"wave.png": WAVE, "plan.svg": ACTS, "sheet.html": b"<script>alert(1)</script>", "notes.md": b"not linked"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    course = publish(read_course(folder))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())
    return sign_in(ana)


def test_a_lesson_shows_its_picture_and_leads_to_the_other_lesson(browser: Client) -> None:
    page = browser.get(f"{COURSE}/lessons/hello").content.decode()
    assert f'src="../files/{sha256(WAVE).hexdigest()}/wave.png"' in page
    assert 'href="../lessons/goodbye"' in page
    answer = browser.get(address(WAVE, "wave.png"))
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, WAVE, "image/png")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = browser.get(address(WAVE, "wave.png"), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert browser.head(address(WAVE, "wave.png")).status_code == 200
    assert browser.post(address(WAVE, "wave.png")).status_code == 405


@pytest.mark.parametrize(
    "data, name, kind, begins",
    [
        (ACTS, "plan.svg", "image/svg+xml", "inline"),
        (b"<script>alert(1)</script>", "sheet.html", "application/octet-stream", "attachment"),
    ],
)
def test_nothing_of_an_authors_file_can_run(browser: Client, data: bytes, name: str, kind: str, begins: str) -> None:
    answer = browser.get(address(data, name))
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"].startswith(begins)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.rstrip("; ").endswith("sandbox") or "sandbox;" in policy
    assert "script" not in policy


def test_what_no_page_leads_to_is_not_there(browser: Client) -> None:
    for data, name in ((CHECK.encode(), "check.yaml"), (b"not linked", "notes.md"), (b"never there", "x.png")):
        answer = browser.get(address(data, name))
        assert answer.status_code == 404
        assert (
            browser.get(address(data, name), headers={"If-None-Match": f'"{sha256(data).hexdigest()}"'}).status_code
            == 404
        )
    assert browser.get(f"{COURSE}/files/{'A' * 64}/wave.png").status_code == 404


def test_who_does_not_learn_the_course_gets_nothing(
    browser: Client, admit: Callable[[str, str], Learner], sign_in: SignIn, publish: Publish, draft: CourseDraft
) -> None:
    publish(replace(draft, key="other"))
    assert browser.get(address(WAVE, "wave.png").replace("first-steps", "other")).status_code == 404
    assert sign_in(admit("caz", "suedstern")).get(address(WAVE, "wave.png")).status_code == 404
    assert Client().get(address(WAVE, "wave.png")).status_code == 302


def test_a_picture_costs_few_statements(browser: Client) -> None:
    with CaptureQueriesContext(connection) as seen:
        browser.get(address(WAVE, "wave.png"))
    ours = [query["sql"] for query in seen if "learning_" in query["sql"] or "catalog_" in query["sql"]]
    assert len(ours) == 3


# ---------------------------------------------------------------- videos

VIDEO = webm()[:-24] + bytes(range(256)) * 2000
LONG = len(VIDEO)


@pytest.fixture
def player(ana: Learner, publish: Publish, tmp_path: Path, sign_in: SignIn) -> Client:
    """Ana's, enrolled in a course with a video and its captions."""
    words = '# Hello\n\n![A "talk" <b>](videos/talk.webm)\n'
    folder = write_course(tmp_path / "c", **{"1-hello__md": words})
    (folder / "videos").mkdir()
    (folder / "videos/talk.webm").write_bytes(VIDEO)
    (folder / "videos/talk.vtt").write_bytes(VTT)
    course = publish(read_course(folder))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())
    return sign_in(ana)


def test_a_lesson_plays_its_video_with_captions(player: Client) -> None:
    page = player.get(f"{COURSE}/lessons/hello").content.decode()
    assert f'<video src="../files/{sha256(VIDEO).hexdigest()}/talk.webm" controls' in page
    assert f'<track kind="captions" src="../files/{sha256(VTT).hexdigest()}/talk.vtt" default>' in page
    assert 'aria-label="A &quot;talk&quot; &lt;b&gt;"' in page
    assert player.get(address(VIDEO, "talk.webm"))["Content-Type"] == "video/webm"
    captions = player.get(address(VTT, "talk.vtt"))
    assert (captions.content, captions["Content-Type"]) == (VTT, "text/vtt; charset=utf-8")


@pytest.mark.parametrize(
    "asked, start, stop",
    [
        ("bytes=0-", 0, LONG),
        ("bytes=5-9", 5, 10),
        ("bytes=300000-300009", 300_000, 300_010),
        (f"bytes=300000-{LONG * 3}", 300_000, LONG),
        ("bytes=-7", LONG - 7, LONG),
        (f"bytes=-{LONG * 2}", 0, LONG),
    ],
)
def test_a_part_is_sent_to_who_asks_for_one(player: Client, asked: str, start: int, stop: int) -> None:
    answer = player.get(address(VIDEO, "talk.webm"), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, VIDEO[start:stop])
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{LONG}"


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-"])
def test_what_asks_for_no_one_part_gets_the_whole(player: Client, asked: str) -> None:
    answer = player.get(address(VIDEO, "talk.webm"), headers={"Range": asked})
    assert (answer.status_code, answer.content, answer["Accept-Ranges"]) == (200, VIDEO, "bytes")


def test_a_part_of_another_file_or_behind_the_end(player: Client) -> None:
    changed = player.get(address(VIDEO, "talk.webm"), headers={"Range": "bytes=0-4", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, VIDEO)
    for asked in (f"bytes={LONG}-", "bytes=-0"):
        behind = player.get(address(VIDEO, "talk.webm"), headers={"Range": asked})
        assert (behind.status_code, behind.content, behind["Content-Range"]) == (416, b"", f"bytes */{LONG}")


def test_a_player_gets_two_megabytes_at_most_at_once(
    ana: Learner, publish: Publish, tmp_path: Path, sign_in: SignIn
) -> None:
    data = webm() + b"\0" * 5_000_000
    folder = write_course(tmp_path / "c", **{"1-hello__md": "# Hello\n\n![Talk](talk.webm)\n"})
    (folder / "talk.webm").write_bytes(data)
    course = publish(read_course(folder))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())
    browser, got = sign_in(ana), b""
    while len(got) < len(data):
        answer = browser.get(address(data, "talk.webm"), headers={"Range": f"bytes={len(got)}-"})
        assert 0 < len(answer.content) <= 2 * 1024 * 1024
        got += answer.content
    assert got == data
