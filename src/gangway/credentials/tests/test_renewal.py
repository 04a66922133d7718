"""Renewing: when, by whom, once; the new term counts on from the old one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client

from gangway.credentials import actions
from gangway.credentials.models import Award, AwardEvent
from gangway.credentials.rules import Facts, RevokeReason
from gangway.credentials.tests.house import ME, House, Someone
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.tenancy import scopes

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def offered(house: House) -> Any:
    """Every partner sees the course."""
    audience = apps.get_model("catalog", "CourseAudience").objects
    return audience.create(owner_id=house.host_id, course_id=house.course_id, kind="all")


def soon_over(house: House, person: Someone, days: float = 30) -> Award:
    """An award of twelve months that runs out in so many days."""
    award = issue(house, person, now=clock.now() - 365 * DAY, months=12)
    with scopes.one(person.partner_id):
        return _ending(award, clock.now() + days * DAY)


def _ending(award: Award, at: datetime) -> Award:
    facts = Facts(**{name: getattr(award, name) for name in Facts.__slots__} | {"expires_at": at})
    Award.objects.filter(pk=award.pk).update(expires_at=at, seal=facts.seal())
    award.refresh_from_db()
    return award


def cycles(person: Someone) -> list[tuple[int, str, Any]]:
    with scopes.one(person.partner_id):
        rows = apps.get_model("learning", "Enrolment").objects.filter(person_id=person.id).order_by("cycle")
        return list(rows.values_list("cycle", "state", "due_on"))


def earn(house: House, person: Someone, cycle: int = 2) -> Award:
    """The renewal is completed: the award that it earns."""
    with scopes.one(person.partner_id):
        opened = {"person_id": person.id, "cycle": cycle}
        apps.get_model("learning", "EnrolmentReason").objects.filter(
            **{f"enrolment__{name}": value for name, value in opened.items()}
        ).delete()
        apps.get_model("learning", "Enrolment").objects.filter(**opened).delete()
    return issue(house, person, months=12, cycle=cycle)


def kinds(award: Award) -> list[str]:
    with scopes.one(award.partner_id):
        return list(AwardEvent.objects.filter(award=award).order_by("n").values_list("kind", flat=True))


def test_renewing_opens_the_course_again_once(house: House) -> None:
    award, ana = soon_over(house, house.ana), client_of(house.ana)
    assert award.expires_at is not None
    page = text_of(ana.get("/certificates"))
    assert "It runs out on" in page
    assert f"/certificates/{award.number}/renew" in page
    for _ in range(2):
        answer = ana.post(f"/certificates/{award.number}/renew")
        assert (answer.status_code, answer["Location"]) == (302, "/courses/partner-essentials")
    assert [(n, state) for n, state, _ in cycles(house.ana)] == [(1, "completed"), (2, "active")]
    assert cycles(house.ana)[1][2] == award.expires_at.date()
    assert AuditEntry.objects.filter(verb="credentials.award.renew").count() == 1


def test_a_renewal_counts_on_from_the_old_end_and_is_told_on_both(house: House) -> None:
    old = soon_over(house, house.ana)
    new = earn(house, house.ana)
    assert old.expires_at is not None
    assert new.expires_at == a_year_later(old.expires_at)
    assert (kinds(old), kinds(new)) == (["issued", "renewed"], ["issued"])
    page = text_of(client_of(house.ana).get("/certificates"))
    assert "You have renewed it" in page
    assert "/renew" not in page


def a_year_later(at: datetime) -> datetime:
    return at.replace(year=at.year + 1)


@pytest.mark.parametrize("days", [-10, 200])
def test_outside_the_window_the_term_counts_from_the_day_of_passing(house: House, days: int) -> None:
    soon_over(house, house.ana, days)
    new = earn(house, house.ana)
    assert new.expires_at is not None
    assert abs(new.expires_at - a_year_later(clock.now())) < DAY


def refused(house: House, award: Award, person: Someone | None = None) -> int:
    who = person or house.ana
    before = cycles(who)
    status: int = client_of(who).post(f"/certificates/{award.number}/renew").status_code
    assert cycles(who) == before
    return status


def test_too_early_or_revoked_or_renewed_before_is_refused(house: House) -> None:
    early = soon_over(house, house.ana, 91)
    assert "/renew" not in text_of(client_of(house.ana).get("/certificates"))
    assert refused(house, early) == 409
    with scopes.one(house.nordwind_id):
        _ending(early, clock.now() + 5 * DAY)
    earn(house, house.ana)
    assert refused(house, early) == 409
    other = soon_over(house, house.ben)
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=other.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=clock.now())
    assert refused(house, other, house.ben) == 409


def test_a_course_that_is_not_offered_any_more_is_said_to_be_so(house: House, offered: Any) -> None:
    award, ana = soon_over(house, house.ana), client_of(house.ana)
    offered.delete()
    answer = ana.post(f"/certificates/{award.number}/renew")
    assert answer.status_code == 409
    assert "is not offered to your company any more" in text_of(answer)


def test_a_certificate_of_somebody_else_is_not_there(house: House) -> None:
    award = soon_over(house, house.ana)
    for other in (house.ben, house.caz, house.dee):
        assert refused(house, award, other) == 404
    assert Client().post(f"/certificates/{award.number}/renew").status_code == 302
    assert [n for n, *_ in cycles(house.ana)] == [1]


def test_what_ran_out_is_renewed_as_well_and_strangers_are_told(house: House) -> None:
    old, stranger = soon_over(house, house.ana, -1), Client()
    assert "has not been renewed" in text_of(stranger.get(f"/verify/{old.number}"))
    assert client_of(house.ana).post(f"/certificates/{old.number}/renew").status_code == 302
    assert cycles(house.ana)[1][2] is None
    new = earn(house, house.ana)
    page = text_of(stranger.get(f"/verify/{old.number}"))
    assert "has renewed it since" in page
    assert new.number not in page
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=new.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=clock.now())
    assert "has not been renewed" in text_of(stranger.get(f"/verify/{old.number}"))


def test_after_a_revoked_renewal_the_next_cycle_opens(house: House) -> None:
    old = soon_over(house, house.ana)
    new = earn(house, house.ana)
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=new.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=clock.now())
        enrolled = actions.renew_award(number=old.number, person_id=house.ana.id, actor=ME, now=clock.now())
    assert isinstance(enrolled.enrolment_id, UUID)
    assert [n for n, *_ in cycles(house.ana)] == [1, 2, 3]
