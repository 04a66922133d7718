"""The rehearsals' page, its files and its buttons."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from gangway.kernel.actor import Actor
from gangway.kernel.models import Job
from gangway.kernel.tenancy import scopes
from gangway.rollout.rehearsal import actions
from gangway.rollout.rehearsal.documents import draw
from gangway.rollout.rehearsal.rules import Cause


@pytest.mark.usefixtures("world")
def test_staff_see_it_and_send_the_robot(world: Any, client_of: Any) -> None:
    dee = client_of(world.dee)
    assert "not looked at an award yet" in dee.get(reverse("rehearsal:rehearsal")).content.decode()
    assert dee.post(reverse("rehearsal:send")).status_code == 302
    assert Job.objects.filter(task="gangway.rollout.rehearsal.jobs.send_robot").count() == 1


def test_a_partners_admin_sees_nothing_and_sends_nobody(world: Any, client_of: Any) -> None:
    ben = client_of(world.ben)
    assert ben.get(reverse("rehearsal:rehearsal")).status_code == 403
    assert ben.post(reverse("rehearsal:send")).status_code == 403
    assert not Job.objects.filter(task="gangway.rollout.rehearsal.jobs.send_robot").exists()
    assert ben.post(reverse("rehearsal:begin")).status_code == 403
    for name in ("json", "pdf"):
        assert ben.get(reverse(f"rehearsal:{name}")).status_code == 403


STEPS = (
    {"name": "reach", "passed": True, "ms": 3},
    {
        "name": "leave",
        "passed": False,
        "ms": 4,
        "reached": True,
        "failed": {"expected": "status 204", "method": "PATCH", "path": "/scim/v2/Users/x", "status": 500},
    },
    {"name": "door_session", "passed": False, "ms": 0, "reached": False},
)


@pytest.fixture
def run_id(world: Any, now: datetime) -> str:
    me = Actor.operator()
    with scopes.one(actions.lay_ground(type_key="", actor=me, now=now)):
        made = actions.begin_run(cause=Cause.COMMAND, type_key="", actor=me, now=now)
        for step in STEPS:
            actions.note_step(run_id=made, step=step, actor=me, now=now)
        actions.end_run(run_id=made, actor=me, now=now)
    return str(made)


def test_a_failed_run_says_where_first(world: Any, client_of: Any, run_id: str) -> None:
    dee = client_of(world.dee)
    page = dee.get(reverse("rehearsal:rehearsal")).content.decode()
    assert "It failed at: The directory takes both away." in page
    assert "PATCH /scim/v2/Users/x → 500" in page
    assert "status 204" in page
    asked = dee.get(reverse("rehearsal:rehearsal"), {"run": run_id}).content.decode()
    assert "It failed at: The directory takes both away." in asked
    (said,) = dee.get(reverse("rehearsal:json")).json()["runs"]
    assert (said["run"], said["passed"], said["failed"], len(said["steps"])) == (run_id, False, "leave", 3)
    for query in ({}, {"run": run_id}):
        pdf = dee.get(reverse("rehearsal:pdf"), query)
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    for unknown in ("0195a1c0-0000-7000-8000-0000000000f9", "no-id"):
        assert dee.get(reverse("rehearsal:rehearsal"), {"run": unknown}).status_code == 404


def test_arabic_is_drawn_in_a_script_of_its_own() -> None:
    with translation.override("ar"):
        assert b"NotoNaskhArabic" in draw(None, wanted="", sentence=gettext("There was no rehearsal yet."), steps=())


def test_before_the_first_run_it_says_what_to_do(world: Any, client_of: Any) -> None:
    dee = client_of(world.dee)
    assert "Press the button" in dee.get(reverse("rehearsal:rehearsal")).content.decode()
    assert dee.get(reverse("rehearsal:json")).json() == {"runs": []}
    assert dee.get(reverse("rehearsal:pdf")).status_code == 200


def test_the_button_asks_for_one_and_not_for_two(world: Any, client_of: Any) -> None:
    dee = client_of(world.dee)
    asked = Job.objects.filter(task="gangway.rollout.rehearsal.jobs.rehearse")
    assert dee.post(reverse("rehearsal:begin"), {"type": "no-such-type"}).status_code == 404
    assert not asked.exists()
    for _again in range(2):
        assert dee.post(reverse("rehearsal:begin"), {"type": "reseller"}).status_code == 302
    assert [job.arguments for job in asked] == [{"type_key": "reseller"}]


def test_while_one_walks_the_page_looks_again_by_itself(world: Any, client_of: Any) -> None:
    dee, page = client_of(world.dee), reverse("rehearsal:rehearsal")
    assert "hx-trigger" not in dee.get(page).content.decode()
    dee.post(reverse("rehearsal:begin"), {"type": ""})
    shown = dee.get(page).content.decode()
    assert 'hx-trigger="every 3s"' in shown
    assert "A rehearsal is under way." in shown
    assert "Rehearse now" not in shown
