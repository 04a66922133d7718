"""Partners as they stand before a launch: their admin came in by mail, their team is named and waits."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from gangway.identity.actions.sessions import begin_session
from gangway.identity.models import Invitation
from gangway.identity.rules import Method
from gangway.kernel import worker
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.people.actions import admit_person
from gangway.rollout.launches import actions, queries
from gangway.rollout.launches.rules.states import UNDO_WINDOW

OPERATOR = Actor.operator()
MINUTE = timedelta(minutes=1)


def agree(partner_id: UUID, admin_id: UUID, now: datetime) -> None:
    """The admin comes in by mail: they agreed, and chose mail."""
    with scopes.one(partner_id):
        begin_session(person_id=admin_id, method=Method.CODE, device="", actor=Actor.person(admin_id), now=now)


def name_team(
    partner_id: UUID, count: int, now: datetime, *, tag: str = "p", locale: str = "en", zone: str | None = None
) -> list[UUID]:
    """People of a partner who wait for the launch."""
    with scopes.one(partner_id):
        return [
            admit_person(
                name=f"Person {tag}{n}",
                email=f"{tag}{n}@{partner_id.hex[-12:]}.example",
                locale=locale,
                zone=zone,
                letter=False,
                actor=OPERATOR,
                now=now,
            )
            for n in range(count)
        ]


def wave_of(partner_ids: Iterable[UUID], now: datetime, name: str = "Wave 1") -> UUID:
    wave_id = actions.create_wave(name=name, actor=OPERATOR, now=now)
    for partner_id in partner_ids:
        with scopes.one(partner_id):
            actions.add_partner(wave_id=wave_id, actor=OPERATOR, now=now)
    return wave_id


def page(wave_id: UUID, now: datetime) -> queries.WavePage:
    with scopes.host():
        return queries.wave_page(queries.wave(wave_id), now)


def rest(now: datetime) -> None:
    """The worker works until nothing is left to do at this time."""
    for _ in range(500):
        if not worker.turn("test", now):
            return
    raise AssertionError("The worker did not come to rest.")


def after_window(sent_at: datetime) -> datetime:
    return sent_at + UNDO_WINDOW


def letters_to(partner_id: UUID, state: str = "") -> list[Message]:
    with scopes.one(partner_id):
        rows = Message.objects.filter(letter_key="identity.launch").order_by("id")
        return list(rows.filter(state=state) if state else rows)


def invited(partner_id: UUID) -> set[UUID]:
    return set(Invitation.objects.filter(partner_id=partner_id).values_list("person_id", flat=True))
