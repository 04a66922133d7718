"""A video that a browser itself recorded, brought as an upload, plays in its lesson with its captions."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect
from tests.journeys.axe import assert_none, chromium, inspect
from tests.journeys.learner import leave, phone

from gangway.catalog.documents.folder import folder_of
from gangway.catalog.markdown.read import read_course
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.documents import VTT
from gangway.kernel import clock
from gangway.learning import actions
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RECORD = """() => new Promise(done => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 320, height: 180});
  const recorder = new MediaRecorder(canvas.captureStream(25), {mimeType: "video/webm;codecs=vp8"});
  const pen = canvas.getContext("2d"), parts = [];
  let frame = 0;
  const draw = setInterval(() => {
    pen.fillStyle = `hsl(${frame++ * 7} 80% 50%)`;
    pen.fillRect(0, 0, 320, 180);
  }, 40);
  recorder.ondataavailable = event => parts.push(event.data);
  recorder.onstop = () => {
    clearInterval(draw);
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(parts));
  };
  recorder.start();
  setTimeout(() => recorder.stop(), 3000);
})"""


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_a_recorded_video_plays_with_its_captions(
    browser: Browser,
    live_server: Any,
    ana: Learner,
    publish: Callable[[CourseDraft], UUID],
    sign_in: Callable[[Learner], Client],
    tmp_path: Path,
) -> None:
    recording = browser.new_page()
    video = b64decode(recording.evaluate(RECORD))
    recording.close()
    made = folder_of([("A talk.webm", video), ("A talk.vtt", VTT)], key="talk", title="A talk", locale="en")
    for path, data in made.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    course = publish(read_course(tmp_path))
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())

    context = phone(browser)
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE].value
    context.add_cookies([{"name": settings.SESSION_COOKIE, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/courses/talk/lessons/a-talk")
    player = page.get_by_label("A talk", exact=True)
    expect(player).to_be_visible()
    player.evaluate("video => { video.muted = true; return video.play() }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 1.2")
    assert player.evaluate("video => [video.videoWidth, video.textTracks[0].cues.length]") == [320, 1]
    assert player.evaluate("video => video.getBoundingClientRect().right <= innerWidth")
    assert_none(inspect(page, "a video"))
    leave(context)
