"""What happened to a person, noted in their row of dates; the counts change by the difference, in the same transaction.

Every action may be told the same fact again, and facts in any order: a first date is only ever made earlier, a last one
only later. People of the host and of shell partners, and synthetic people, are passed over.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, Q, Value
from django.db.models.functions import Greatest

from gangway.insights.actions.counts import Changes
from gangway.insights.models import Journey, JourneyItem
from gangway.insights.rules.journeys import Dates, ItemKind, clock_of, segments
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

DATES = tuple(field.name for field in fields(Dates))


def dates_of(journey: Journey) -> Dates:
    return Dates(**{name: getattr(journey, name) for name in DATES})


def segments_of(journey: Journey) -> list[str]:
    return segments(journey.partner_id, journey.type_key, journey.tier_key)


def earlier(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else min(known, told)


def later(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else max(known, told)


@contextmanager
def changing(person_id: UUID) -> Iterator[Journey | None]:
    """The person's row, locked, to be changed in the block; None where the person does not count."""
    journey = Journey.objects.select_for_update().filter(person_id=person_id).first() or enter(person_id)
    if journey is None:
        yield None
        return
    before, admitted_at = dates_of(journey), journey.admitted_at
    yield journey
    after = dates_of(journey)
    if after == before and journey.admitted_at == admitted_at:
        return
    journey.save(update_fields=[*DATES, "admitted_at"])
    changes = Changes()
    changes.moved(segments_of(journey), before, after)
    changes.write()


def enter(person_id: UUID) -> Journey | None:
    """A new row, with type, tier and language as they are now; they stay so. None also for who was withdrawn since."""
    if not people.is_known(person_id):
        return None
    person = people.person(person_id)
    partner = partners.partner_by_id(scopes.writer())
    if person.synthetic or partner.kind != "partner":
        return None
    made: Journey = Journey.objects.create(
        person_id=person_id,
        type_key=partner.type or "",
        tier_key=partner.tier or "",
        locale=person.locale,
    )
    return made


# ---------------------------------------------------------------- in


@action("insights.journey.note_admitted")
def note_admitted(*, person_id: UUID, letter: bool, actor: Actor, now: datetime) -> None:
    """A person may come in; who is written to is invited. Who had left is back."""
    with changing(person_id) as journey:
        if journey is None:
            return
        journey.admitted_at = later(journey.admitted_at, now)
        if journey.left_at is not None and journey.left_at <= journey.admitted_at:
            journey.left_at = None
        if letter and people.person(person_id).email:
            _invited(journey, now)


@action("insights.journey.note_sent")
def note_sent(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A mail server took an inviting letter."""
    with changing(person_id) as journey:
        if journey is None:
            return
        journey.sent_at = later(journey.sent_at, now)
        _invited(journey, now)


@action("insights.journey.note_bounced")
def note_bounced(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """An inviting letter came back."""
    with changing(person_id) as journey:
        if journey is None:
            return
        journey.bounced_at = later(journey.bounced_at, now)
        _invited(journey, now)


@action("insights.journey.note_came_in")
def note_came_in(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """The person signed in themselves."""
    with changing(person_id) as journey:
        if journey is not None:
            journey.came_in_at = earlier(journey.came_in_at, now)


@action("insights.journey.note_left")
def note_left(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """The person left the partner: from now on they can no longer do anything."""
    with changing(person_id) as journey:
        if journey is not None and (journey.admitted_at is None or journey.admitted_at < now):
            journey.left_at = earlier(journey.left_at, now)


@action("insights.journey.note_invited")
def note_invited(*, person_ids: Sequence[UUID], at: datetime, actor: Actor, now: datetime) -> int:
    """A launch wrote to these people of the scope's partner: all are invited at this instant; how many counted anew.

    A constant number of statements for any number of people who have a row; give at most 500 at once.
    """
    rows = {row.person_id: row for row in Journey.objects.select_for_update().filter(person_id__in=person_ids)}
    launched_at, changes, moved = partners.launched_at(scopes.writer()), Changes(), []
    for person_id in person_ids:
        journey = rows.get(person_id) or enter(person_id)
        if journey is None:
            continue
        before = dates_of(journey)
        journey.invited_at = earlier(journey.invited_at, at)
        journey.clock_at = clock_of(launched_at, journey.invited_at)
        if (after := dates_of(journey)) != before:
            moved.append(journey)
            changes.moved(segments_of(journey), before, after)
    Journey.objects.bulk_update(moved, ["invited_at", "clock_at"])
    changes.write()
    return len(moved)


def _invited(journey: Journey, at: datetime) -> None:
    journey.invited_at = earlier(journey.invited_at, at)
    journey.clock_at = clock_of(partners.launched_at(scopes.writer()), journey.invited_at)


@action("insights.journey.note_launched")
def note_launched(*, actor: Actor, now: datetime) -> None:
    """The scope's partner was launched: the clock of everybody invited there starts, or starts earlier."""
    at, changes = partners.launched_at(scopes.writer()), Changes()
    if at is None:
        return
    invited = Journey.objects.filter(invited_at__isnull=False)
    wrong = invited.filter(Q(clock_at__isnull=True) | ~Q(clock_at=Greatest("invited_at", Value(at))))
    for journey in wrong.select_for_update():
        before = dates_of(journey)
        journey.clock_at = clock_of(at, journey.invited_at)
        changes.moved(segments_of(journey), before, dates_of(journey))
    wrong.update(clock_at=Greatest("invited_at", Value(at)))
    changes.write()


# ---------------------------------------------------------------- learning


def item(journey: Journey, kind: ItemKind, subject_id: UUID, cycle: int) -> JourneyItem:
    found: tuple[JourneyItem, bool] = JourneyItem.objects.get_or_create(
        journey=journey, kind=kind, subject_id=subject_id, cycle=cycle
    )
    return found[0]


@action("insights.journey.note_enrolled")
def note_enrolled(
    *, person_id: UUID, course_id: UUID, course_key: str, cycle: int, required: bool, actor: Actor, now: datetime
) -> None:
    """The person is to learn a course."""
    with changing(person_id) as journey:
        if journey is None:
            return
        row = item(journey, ItemKind.COURSE, course_id, cycle)
        row.key, row.required = course_key, row.required or required
        row.entered_at = earlier(row.entered_at, now)
        row.save()


@action("insights.journey.note_started")
def note_started(*, person_id: UUID, course_id: UUID, actor: Actor, now: datetime) -> None:
    """The person finished a first lesson or handed in a check: of the latest cycle of that course."""
    with changing(person_id) as journey:
        if journey is None:
            return
        known = JourneyItem.objects.filter(journey=journey, kind=ItemKind.COURSE, subject_id=course_id)
        row = item(journey, ItemKind.COURSE, course_id, known.aggregate(n=Max("cycle"))["n"] or 1)
        row.started_at = earlier(row.started_at, now)
        row.save()
        journey.started_at = earlier(journey.started_at, now)


@action("insights.journey.note_completed")
def note_completed(
    *, person_id: UUID, course_id: UUID, course_key: str, cycle: int, required: bool, actor: Actor, now: datetime
) -> None:
    """The person completed a course; the first required one is what the completion KPI counts."""
    with changing(person_id) as journey:
        if journey is None:
            return
        row = item(journey, ItemKind.COURSE, course_id, cycle)
        row.key, row.required = course_key, row.required or required
        row.done_at = earlier(row.done_at, now)
        row.save()
        journey.started_at = earlier(journey.started_at, now)
        if required:
            journey.completed_at = earlier(journey.completed_at, now)


@action("insights.journey.note_certified")
def note_certified(
    *, person_id: UUID, credential_id: UUID, credential_key: str, cycle: int, actor: Actor, now: datetime
) -> None:
    """The person holds an award."""
    with changing(person_id) as journey:
        if journey is None:
            return
        row = item(journey, ItemKind.CREDENTIAL, credential_id, cycle)
        row.key, row.done_at = credential_key, earlier(row.done_at, now)
        row.save()
        journey.certified_at = _certified_at(journey)


@action("insights.journey.note_revoked")
def note_revoked(*, person_id: UUID, credential_id: UUID, cycle: int, actor: Actor, now: datetime) -> None:
    """An award no longer counts; the next one that stands takes its place."""
    with changing(person_id) as journey:
        if journey is None:
            return
        row = item(journey, ItemKind.CREDENTIAL, credential_id, cycle)
        row.ended_at = earlier(row.ended_at, now)
        row.save()
        journey.certified_at = _certified_at(journey)


def _certified_at(journey: Journey) -> datetime | None:
    standing = JourneyItem.objects.filter(
        journey=journey, kind=ItemKind.CREDENTIAL, done_at__isnull=False, ended_at__isnull=True
    )
    found: datetime | None = standing.aggregate(at=Min("done_at"))["at"]
    return found
