"""Issuing once, freezing facts, revoking for good, agreeing to a name."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from gangway.catalog.events import CoursePublished
from gangway.credentials import actions, handlers, queries
from gangway.credentials.models import Award, AwardEvent, AwardNumber, Credential, NameConsent
from gangway.credentials.rules import RevokeReason, Status, number_digest
from gangway.credentials.tests.house import ME, NOW, House, Someone, complete, publish_course
from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.learning.events import CourseCompleted

JOB = Actor.job("test")


def define(house: House, key: str = "partner-essentials", months: int | None = 24) -> UUID:
    with scopes.one(house.host_id):
        return actions.define_credential(
            key=key, course_id=house.course_id, title="Partner Essentials", valid_months=months, actor=ME, now=NOW
        )


def completed(house: House, person: Someone, cycle: int = 1) -> CourseCompleted:
    return CourseCompleted(
        completion_id=complete(house, person, cycle=cycle),
        enrolment_id=uuid4(),
        person_id=person.id,
        course_id=house.course_id,
        course_version_id=house.version_id,
        course_key="partner-essentials",
        cycle=cycle,
        required=True,
        points=7,
        points_max=8,
    )


def tell(event: CourseCompleted, person: Someone, now: datetime) -> None:
    """As the relay does: scope and transaction are open."""
    fact = Fact(uuid4(), person.partner_id, person.id, now, 1, JOB)
    with scopes.one(person.partner_id), transaction.atomic():
        handlers.issue_award(event, fact)


def awards(person: Someone) -> list[Award]:
    with scopes.one(person.partner_id):
        return list(Award.objects.filter(person_id=person.id).order_by("cycle"))


def test_a_completion_earns_one_award_however_often_it_is_told(house: House, now: datetime) -> None:
    define(house)
    event = completed(house, house.ana)
    tell(event, house.ana, now)
    tell(event, house.ana, now + timedelta(hours=1))

    (award,) = awards(house.ana)
    assert award.issued_at == now
    assert award.issuer == "Acme Cloud"
    assert (award.points, award.points_max) == (7, 8)
    assert award.expires_at == now.replace(year=2028)
    assert AwardNumber.objects.get(digest=number_digest(award.number)).award_id == award.pk
    assert OutboxEvent.objects.filter(name="credentials.award.issued.v1").count() == 1
    assert AuditEntry.objects.filter(verb="credentials.award.issue").count() == 1
    with scopes.one(house.nordwind_id):
        assert AwardEvent.objects.count() == 1


def test_the_log_never_holds_the_number(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    (award,) = awards(house.ana)
    told = str(list(OutboxEvent.objects.values_list("payload", flat=True)))
    told += str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert award.number not in told


def test_two_at_once_leave_one(house: House, now: datetime) -> None:
    """What a second writer does when both looked before either wrote: the database refuses the second."""
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    (award,) = awards(house.ana)
    award.pk, award.number = uuid4(), "GW-0000-0000-0000-0000"
    with scopes.one(house.nordwind_id), pytest.raises(IntegrityError), transaction.atomic():
        award.save(force_insert=True)


def test_another_cycle_earns_another_award(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    tell(completed(house, house.ana, cycle=2), house.ana, now + timedelta(days=700))
    assert [award.cycle for award in awards(house.ana)] == [1, 2]


def test_a_course_without_a_check_earns_nothing(house: House, now: datetime) -> None:
    tell(replace(completed(house, house.ana), points=None, points_max=None), house.ana, now)
    assert awards(house.ana) == []


def test_a_completion_told_before_the_publishing_is_not_lost(house: House, now: datetime) -> None:
    """The two events lie in different lanes: the log keeps the completion until the credential is there."""
    event = completed(house, house.ana)
    with pytest.raises(actions.NotDefinedYet):
        tell(event, house.ana, now)
    define(house)
    tell(event, house.ana, now)
    assert len(awards(house.ana)) == 1


def test_a_changed_definition_leaves_issued_awards_alone(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    with scopes.one(house.host_id):
        actions.define_credential(
            key="partner-essentials", course_id=house.course_id, title="New", valid_months=None, actor=ME, now=now
        )
    with scopes.one(house.nordwind_id):
        (row,) = queries.awards_of(house.ana.id, now)
    assert (row.title, row.intact, row.status) == ("Partner Essentials", True, Status.VALID)


def test_a_changed_row_no_longer_fits_its_seal(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    with scopes.one(house.nordwind_id):
        Award.objects.update(points=8)
        (row,) = queries.awards_of(house.ana.id, now)
    assert not row.intact


def test_a_published_course_with_a_check_gets_a_credential_once(house: House, now: datetime) -> None:
    def publish(course_id: UUID, key: str, questions: int) -> None:
        event = CoursePublished(
            course_id=course_id,
            version_id=uuid4(),
            course_key=key,
            n=1,
            assign="everyone",
            lessons=1,
            questions=questions,
        )
        with scopes.one(house.host_id), transaction.atomic():
            handlers.define_default(event, Fact(uuid4(), house.host_id, course_id, now, 1, JOB))

    publish(house.course_id, "partner-essentials", 8)
    publish(house.course_id, "partner-essentials", 8)
    plain, _ = publish_course(house.host_id, "tour", "Tour")
    publish(plain, "tour", 0)
    assert [(row.key, row.title, row.valid_months) for row in Credential.objects.all()] == [
        ("partner-essentials", "Partner Essentials", 24)
    ]


@pytest.mark.parametrize("months", [0, -1, 121])
def test_a_term_that_cannot_be(house: House, months: int) -> None:
    with pytest.raises(Invalid) as refusal:
        define(house, months=months)
    assert refusal.value.field == "valid_months"


def test_what_cannot_be_earned_is_refused(house: House, now: datetime) -> None:
    with scopes.one(house.host_id), pytest.raises(actions.NothingPublished):
        actions.define_credential(key="x", course_id=uuid4(), title="X", valid_months=1, actor=ME, now=now)


def revoke(house: House, award: Award, now: datetime, partner_id: UUID | None = None) -> None:
    with scopes.one(partner_id or house.nordwind_id):
        actions.revoke_award(award_id=award.pk, reason=RevokeReason.ISSUED_IN_ERROR, actor=ME, now=now)


def test_revoking_ends_it_once_and_for_all(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    (award,) = awards(house.ana)
    revoke(house, award, now)
    with pytest.raises(actions.AlreadyRevoked):
        revoke(house, award, now)
    with scopes.one(house.nordwind_id):
        assert queries.award(award.pk, now).status is Status.REVOKED
        assert [line.kind.value for line in queries.history(award.pk)] == ["issued", "revoked"]
    assert OutboxEvent.objects.filter(name="credentials.award.revoked.v1").count() == 1
    tell(completed(house, house.ana, cycle=3), house.ana, now)
    assert [a.revoked_at is None for a in awards(house.ana)] == [False, True]


def test_another_partners_award_is_not_there(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    (award,) = awards(house.ana)
    with pytest.raises(NotFound):
        revoke(house, award, now, partner_id=house.suedstern_id)


def test_history_and_consent_cannot_be_changed(house: House, now: datetime) -> None:
    define(house)
    tell(completed(house, house.ana), house.ana, now)
    with scopes.one(house.nordwind_id):
        actions.agree_to_name(person_id=house.ana.id, agreed=True, locale="en", actor=ME, now=now)
        for rows, change in ((AwardEvent.objects, {"kind": "revoked"}), (NameConsent.objects, {"agreed": False})):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**change)
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.all().delete()


def test_the_last_word_about_the_name_counts(house: House, now: datetime) -> None:
    def say(agreed: bool) -> None:
        actions.agree_to_name(person_id=house.ana.id, agreed=agreed, locale="en", actor=ME, now=now)

    with scopes.one(house.nordwind_id):
        assert not queries.name_shown(house.ana.id)
        say(False)
        assert NameConsent.objects.count() == 0
        say(True)
        say(True)
        assert NameConsent.objects.count() == 1
        assert queries.name_shown(house.ana.id)
        say(False)
        assert not queries.name_shown(house.ana.id)
        with pytest.raises(NotFound):
            actions.agree_to_name(person_id=house.caz.id, agreed=True, locale="en", actor=ME, now=now)


def test_awards_of_partners_count_people_who_hold_one_today(house: House, now: datetime) -> None:
    define(house)
    for person in (house.ana, house.ben, house.caz):
        tell(completed(house, person), person, now)
    revoke(house, awards(house.ben)[0], now)
    with scopes.host():
        rows = {row.partner_id: row.people for row in queries.awards_of_partners(now)}
        later = {row.partner_id: row.people for row in queries.awards_of_partners(now + timedelta(days=800))}
    assert rows == {house.nordwind_id: 1, house.suedstern_id: 1}
    assert set(later.values()) == {0}
