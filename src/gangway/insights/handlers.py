"""Reactions of insights: each fact of a person's way is noted in their journey."""

from gangway.credentials.events import AwardIssued, AwardRevoked
from gangway.identity.events import PersonSignedIn
from gangway.identity.queries import INVITES
from gangway.insights import actions
from gangway.insights.rules.journeys import is_human
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.learning.events import AttemptSubmitted, CourseCompleted, EnrolmentCreated, LessonFinished
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.partners.events import PartnerLaunched
from gangway.people.events import PersonAdmitted, PersonLeft

JOB = Actor.job("insights")


def note_admitted(event: PersonAdmitted, fact: Fact) -> None:
    actions.note_admitted(person_id=event.person_id, letter=event.letter, actor=JOB, now=fact.occurred_at)


def note_launched(event: PartnerLaunched, fact: Fact) -> None:
    actions.note_launched(actor=JOB, now=fact.occurred_at)


def note_sent(event: MessageSent, fact: Fact) -> None:
    if event.letter_key in INVITES:
        actions.note_sent(person_id=event.person_id, actor=JOB, now=fact.occurred_at)


def note_bounced(event: MessageBounced, fact: Fact) -> None:
    if event.letter_key in INVITES:
        actions.note_bounced(person_id=event.person_id, actor=JOB, now=fact.occurred_at)


def note_came_in(event: PersonSignedIn, fact: Fact) -> None:
    if is_human(event.method, event.synthetic):
        actions.note_came_in(person_id=event.person_id, actor=JOB, now=fact.occurred_at)


def note_left(event: PersonLeft, fact: Fact) -> None:
    actions.note_left(person_id=event.person_id, actor=JOB, now=fact.occurred_at)


def note_enrolled(event: EnrolmentCreated, fact: Fact) -> None:
    actions.note_enrolled(
        person_id=event.person_id,
        course_id=event.course_id,
        course_key=event.course_key,
        cycle=event.cycle,
        required=event.required,
        actor=JOB,
        now=fact.occurred_at,
    )


def note_started(event: LessonFinished | AttemptSubmitted, fact: Fact) -> None:
    actions.note_started(person_id=event.person_id, course_id=event.course_id, actor=JOB, now=fact.occurred_at)


def note_completed(event: CourseCompleted, fact: Fact) -> None:
    actions.note_completed(
        person_id=event.person_id,
        course_id=event.course_id,
        course_key=event.course_key,
        cycle=event.cycle,
        required=event.required,
        actor=JOB,
        now=fact.occurred_at,
    )


def note_certified(event: AwardIssued, fact: Fact) -> None:
    actions.note_certified(
        person_id=event.person_id,
        credential_id=event.credential_id,
        credential_key=event.credential_key,
        cycle=event.cycle,
        actor=JOB,
        now=event.issued_at,
    )


def note_revoked(event: AwardRevoked, fact: Fact) -> None:
    actions.note_revoked(
        person_id=event.person_id,
        credential_id=event.credential_id,
        cycle=event.cycle,
        actor=JOB,
        now=fact.occurred_at,
    )
