"""The whole way through the real actions and the real log; what is rebuilt equals what the facts led to."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from django.apps import apps
from typer.testing import CliRunner

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import small_course
from gangway.credentials.actions import define_credential, revoke_award
from gangway.credentials.queries import awards_of
from gangway.credentials.rules import RevokeReason
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.insights import actions
from gangway.insights.actions.journeys import DATES
from gangway.insights.cli import kpi
from gangway.insights.models import CohortBin, CohortSize, FunnelCount, Journey, JourneyItem
from gangway.insights.tests.test_actions import counts
from gangway.kernel.actor import Actor
from gangway.kernel.outbox.relay import drain
from gangway.kernel.tenancy import scopes
from gangway.learning.actions import enrol, finish_lesson
from gangway.learning.rules import ReasonKind
from gangway.messaging import actions as messaging
from gangway.messaging.queries import due_messages
from gangway.messaging.rules import SENT, Fate, Outcome
from gangway.partners.models import Partner
from gangway.people.actions import admit_person, person_leaves

ME = Actor.operator()
DAY = timedelta(days=1)


@pytest.fixture
def course(world: Any, now: datetime, tmp_path: Path) -> UUID:
    """A course without a check, so that finishing its lessons completes it; it earns a credential all the same."""
    with scopes.one(world.host):
        course_id = import_course(draft=small_course(tmp_path / "course", check=None), actor=ME, now=now).course_id
        define_credential(
            key="first-steps", course_id=course_id, title="First steps", valid_months=12, actor=ME, now=now
        )
    return course_id


def live(world: Any, course: UUID, now: datetime, seed: int) -> None:
    """Two dozen people at two partners over forty days: invited, written to or bounced, some come in, learn, leave."""
    chance = random.Random(seed)
    people: list[tuple[UUID, UUID]] = []
    for n in range(24):
        partner_id = chance.choice([world.nordwind, world.suedstern])
        with scopes.one(partner_id):
            person_id = admit_person(
                name=f"P{n}",
                email=f"p{n}@x.example" if chance.random() < 0.95 else None,
                external_id=f"p{n}",
                letter=chance.random() < 0.9,
                synthetic=chance.random() < 0.1,
                actor=ME,
                now=now + n * timedelta(hours=9),
            )
        people.append((partner_id, person_id))
    drain(now)
    for message in due_messages(now + 20 * DAY, 100):
        with scopes.one(message.partner_id):
            at = now + chance.randrange(15, 18) * DAY
            (claimed,) = messaging.claim(message_ids=[message.id], actor=ME, now=now + 20 * DAY)
            outcome = SENT if chance.random() < 0.8 else Outcome(Fate.BOUNCED, "550 unknown", 550)
            messaging.record_delivery(message_id=message.id, lease=claimed.lease, outcome=outcome, actor=ME, now=at)
    for partner_id, person_id in people:
        with scopes.one(partner_id):
            _a_way(person_id, course, now + chance.randrange(18, 50) * DAY, chance)
    drain(now)


def _a_way(person_id: UUID, course: UUID, at: datetime, chance: random.Random) -> None:
    if chance.random() < 0.7:
        method = chance.choice([Method.CODE, Method.LINK, Method.OPERATOR])
        begin_session(person_id=person_id, method=method, device="", actor=ME, now=at)
        required = chance.choice([ReasonKind.MANUAL, ReasonKind.SELF])
        row = enrol(person_id=person_id, course_id=course, reason=required, actor=ME, now=at)
        for lesson in ("hello", "goodbye")[: chance.randrange(3)]:
            at += timedelta(hours=30)
            finish_lesson(enrolment_id=row.enrolment_id, lesson_key=lesson, actor=ME, now=at)
        drain(at)
        for award in awards_of(person_id, at):
            if chance.random() < 0.2:
                revoke_award(award_id=award.id, reason=RevokeReason.HOLDER_ASKED, actor=ME, now=at + DAY)
    if chance.random() < 0.2:
        person_leaves(person_id=person_id, actor=ME, now=at + 2 * DAY)


def rows(world: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Journeys and their items, without keys that a rebuild makes anew."""
    found: dict[str, list[tuple[Any, ...]]] = {"journeys": [], "items": [], "launches": []}
    for partner_id in (world.nordwind, world.suedstern):
        with scopes.one(partner_id):
            found["journeys"] += Journey.objects.order_by("person_id").values_list("person_id", "type_key", *DATES)
            found["items"] += JourneyItem.objects.order_by("journey__person_id", "kind", "subject_id").values_list(
                "journey__person_id",
                "kind",
                "subject_id",
                "key",
                "cycle",
                "required",
                "entered_at",
                "started_at",
                "done_at",
                "ended_at",
            )
            found["launches"] += Partner.objects.values_list("pk", "launched_at")
    return found


def rebuild(world: Any, now: datetime) -> int:
    corrected = 0
    for partner_id in (world.nordwind, world.suedstern):
        with scopes.one(partner_id):
            corrected += actions.rebuild_journeys(actor=ME, now=now)
    return corrected


@pytest.mark.parametrize("seed", [1])
def test_what_is_rebuilt_equals_what_the_facts_led_to(world: Any, course: UUID, now: datetime, seed: int) -> None:
    live(world, course, now, seed)
    told, counted = rows(world), counts()
    assert len(told["items"]) > 5
    assert {key[1] for key in counted["FunnelCount"]} >= {
        "came_in",
        "bounced",
        "unknown",
        "left",
        "certified",
        "completed",
    }

    assert rebuild(world, now + 60 * DAY) == 0
    assert rows(world) == told
    assert counts() == counted


def test_from_nothing_it_comes_to_the_same(world: Any, course: UUID, now: datetime) -> None:
    live(world, course, now, 3)
    told, counted = rows(world), counts()
    for partner_id in (world.nordwind, world.suedstern):
        with scopes.one(partner_id):
            for model in (JourneyItem, Journey):
                model.objects.all().delete()
    for model in (CohortSize, CohortBin, FunnelCount):
        model.objects.all().delete()

    assert rebuild(world, now + 60 * DAY) > 10
    assert rows(world) == told
    assert counts() == counted


def test_a_spoilt_row_and_spoilt_counts_are_mended(world: Any, course: UUID, now: datetime) -> None:
    live(world, course, now, 4)
    told, counted = rows(world), counts()
    with scopes.one(world.nordwind):
        spoilt = Journey.objects.filter(came_in_at__isnull=False).first()
        Journey.objects.filter(pk=spoilt.pk).update(came_in_at=None)
    FunnelCount.objects.update(n=7)
    assert rows(world) != told

    command = typer.Typer()
    command.command()(kpi)
    assert CliRunner().invoke(command, ["--rebuild"]).exit_code == 0
    assert rows(world) == told
    assert counts() == counted
    assert apps.get_model("kernel", "AuditEntry").objects.filter(verb="insights.counts.recount").count() == 1
