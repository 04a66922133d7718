from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import Cursor, Failure, Lane, OutboxEvent
from gangway.kernel.outbox import publish, queries, relay
from gangway.kernel.outbox.actions import NotParked, replay
from gangway.kernel.outbox.codec import dump, load
from gangway.kernel.tenancy import scopes
from gangway.kernel.tests import sample_wiring as sample
from gangway.kernel.tests.conftest import MONDAY
from gangway.kernel.tests.sample_wiring import LampLit

pytestmark = pytest.mark.usefixtures("sample_wiring")


@pytest.fixture(autouse=True)
def dark() -> None:
    sample.seen.clear()
    sample.broken.clear()


def light(partner_id: UUID, lamp_id: UUID, number: int) -> UUID:
    with scopes.one(partner_id), transaction.atomic():
        return publish(LampLit(lamp_id=lamp_id, number=number), subject_id=lamp_id, now=MONDAY)


def numbers(group: str) -> list[int]:
    return [number for who, number, _ in sample.seen if who == group]


def test_a_transaction_takes_no_more_events_than_fit(nordwind):
    """One that holds SQLite's only lock for all that waits would keep everybody at the door waiting."""
    light(nordwind, new_id(), 0)
    relay.drain(MONDAY)  # from here on the group knows what fits
    last = relay.BATCH + 1
    for number in range(1, last + 1):
        light(nordwind, new_id(), number)
    turns = 0
    while (met := len(numbers("first"))) <= last:
        fits = relay.PACES["first"].size
        relay.turn(MONDAY)
        assert numbers("first") == list(range(min(met + fits, last + 1)))
        turns += 1
    assert turns > 1, "void: everything fitted at once"


def test_every_group_gets_every_event_once_in_order_and_in_its_scope(nordwind, suedstern):
    lamp = new_id()
    for number in range(5):
        light(nordwind, lamp, number)
        light(suedstern, lamp, number + 10)
    relay.drain(MONDAY)
    relay.drain(MONDAY)
    for group in ("first", "second"):
        assert [n for n in numbers(group) if n < 10] == [0, 1, 2, 3, 4]
        assert [n for n in numbers(group) if n >= 10] == [10, 11, 12, 13, 14]
    assert all(partner == (nordwind if number < 10 else suedstern) for _, number, partner in sample.seen)


def test_nothing_is_published_outside_a_transaction_or_a_scope(nordwind):
    event = LampLit(lamp_id=new_id(), number=1)
    with transaction.atomic(), pytest.raises(scopes.NoScope):
        publish(event, subject_id=event.lamp_id, now=MONDAY)
    with transaction.atomic(), scopes.host(), pytest.raises(scopes.WrongScope):
        publish(event, subject_id=event.lamp_id, now=MONDAY)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publishing_needs_a_transaction():
    with scopes.one(new_id()), pytest.raises(RuntimeError, match="outside a transaction"):
        publish(LampLit(lamp_id=new_id(), number=1), subject_id=new_id(), now=MONDAY)


def test_a_failure_rolls_its_effect_back_and_holds_later_events_of_its_subject_only(nordwind):
    lamp, other = new_id(), new_id()
    sample.broken.add(1)
    for number in (0, 1, 2):
        light(nordwind, lamp, number)
    light(nordwind, other, 7)
    relay.drain(MONDAY)
    assert numbers("first") == [0, 1, 2, 7]
    assert numbers("second") == [0, 7]
    with scopes.one(nordwind):
        assert apps.get_model("partners", "Partner").objects.get().name == "nordwind+0+7"
    assert list(Failure.objects.order_by("event__number").values_list("state", "attempts")) == [
        ("retry", 1),
        ("held", 0),
    ]
    health = {row.group: row for row in queries.health().groups}
    assert (health["second"].retry, health["second"].held, health["second"].behind) == (1, 1, 0)
    sample.broken.clear()
    relay.drain(MONDAY + timedelta(seconds=10))
    assert numbers("second") == [0, 7, 1, 2]
    assert not Failure.objects.exists()


def test_a_failure_backs_off_then_parks_until_staff_replays_it(nordwind):
    lamp, now = new_id(), MONDAY
    sample.broken.add(1)
    light(nordwind, lamp, 1)
    relay.drain(now)
    pauses = []
    while (failure := Failure.objects.get()).state == "retry":
        pauses.append(failure.next_try_at - now)
        now = failure.next_try_at
        relay.turn(now)
    assert failure.attempts == relay.PARK_AFTER
    assert pauses == sorted(pauses)
    assert max(pauses) <= timedelta(hours=1)
    assert [row.last_error for row in queries.parked()] == ["ValueError: lamp 1 is broken"]
    assert queries.health().parked == 1
    assert relay.turn(now + timedelta(days=1)) == 0, "a parked event is not tried by itself"
    sample.broken.clear()
    replay(failure_id=failure.pk, actor=Actor.operator(), now=now)
    with pytest.raises(NotParked):
        replay(failure_id=failure.pk, actor=Actor.operator(), now=now)
    relay.drain(now)
    assert numbers("second") == [1]


def test_a_late_commit_is_not_lost_behind_the_cursor(nordwind):
    """A cursor over insertion numbers would have passed the late one: positions are given after the commit."""
    lamp = new_id()
    late = light(nordwind, lamp, 1)
    hidden = OutboxEvent.objects.get(id=late)
    OutboxEvent.objects.filter(id=late).delete()
    light(nordwind, lamp, 2)
    relay.drain(MONDAY)
    hidden.save(force_insert=True)
    relay.drain(MONDAY)
    assert numbers("first") == [2, 1]


def test_positions_are_dense_and_in_the_order_of_insertion(nordwind):
    lamp = new_id()
    for number in range(30):
        light(nordwind, lamp, number)
    relay.drain(MONDAY)
    rows = list(OutboxEvent.objects.order_by("number").values_list("position", flat=True))
    assert rows == list(range(1, 31))
    assert Lane.objects.get().last_position == 30
    assert set(Cursor.objects.values_list("position", flat=True)) == {30}


@given(
    number=st.integers(-(2**40), 2**40),
    colours=st.lists(st.text(max_size=5), max_size=4).map(tuple),
    by=st.none() | st.uuids(),
    lamp=st.uuids(),
)
def test_an_event_survives_the_wire(number, colours, by, lamp):
    event = LampLit(lamp_id=lamp, number=number, colours=colours, by=by)
    assert load(LampLit, {**dump(event), "added_by_a_newer_writer": 1}) == event
