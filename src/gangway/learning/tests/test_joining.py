"""Who joins by themselves is enrolled in what their way in leads to: once, whatever is replayed, and nobody else is."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.test import Client

from gangway.catalog.actions import PathSpec, make_path
from gangway.catalog.models import CourseAudience
from gangway.catalog.rules import Assign, CourseDraft, PathStep
from gangway.identity.actions import close_access_code, make_access_code
from gangway.identity.events import PersonJoined
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.handlers import enrol_joined
from gangway.learning.models import Enrolment, EnrolmentReason, PathPlace
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_handlers import replayed
from gangway.people.actions import grant_role, person_leaves

pytestmark = pytest.mark.django_db
ME = Actor.operator()
Admit = Callable[[str, str], Learner]


@pytest.fixture
def course(publish: Callable[[CourseDraft], UUID], draft: CourseDraft) -> UUID:
    """One that nobody is enrolled in by itself."""
    return publish(replace(draft, assign=Assign.NOBODY))


@pytest.fixture
def path(partners: dict[str, UUID], course: UUID) -> UUID:
    with scopes.one(partners["host"]):
        return make_path(spec=PathSpec(name="First week", steps=(PathStep(course),)), actor=ME, now=START)


def a_code(partner_id: UUID, label: str = "Class") -> UUID:
    with scopes.one(partner_id):
        return make_access_code(label=label, seats=3, days=9, actor=ME, now=clock.now()).id


def joins(who: Learner, by: str, code_id: UUID | None = None) -> None:
    with scopes.one(who.partner_id):
        fact = PersonJoined(person_id=who.id, by=by, code_id=code_id)
        publish(fact, subject_id=who.id, actor=ME, now=START)


def aim(partner_id: UUID, code_id: UUID | None, **about: UUID) -> bool:
    with scopes.one(partner_id):
        return actions.aim_joining(code_id=code_id, **about, actor=ME, now=START)


def learning(partner_id: UUID) -> list[UUID]:
    with scopes.one(partner_id):
        return list(Enrolment.objects.filter(state="active").values_list("person_id", flat=True))


def test_a_code_leads_to_a_course_once(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    nordwind = partners["nordwind"]
    by_code, by_other, by_domain, admitted = (admit(name, "nordwind") for name in ("nora", "olga", "pia", "quin"))
    code, other = a_code(nordwind), a_code(nordwind, "Other")
    assert aim(nordwind, code, course_id=course)
    assert not aim(nordwind, code, course_id=course)
    joins(by_code, "code", code)
    joins(by_other, "code", other)
    joins(by_domain, "domain")
    joins(admitted, "admitted")
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == [by_code.id]
    with scopes.one(nordwind):
        reason = EnrolmentReason.objects.get()
        assert (reason.kind, reason.ref) == ("code", f"code:{code}")


def test_the_mail_domain_leads_to_a_path_once(partners: dict[str, UUID], admit: Admit, path: UUID) -> None:
    nordwind = partners["nordwind"]
    by_domain, by_code, elsewhere = admit("pia", "nordwind"), admit("nora", "nordwind"), admit("caz", "suedstern")
    assert aim(nordwind, None, path_id=path)
    joins(by_domain, "domain")
    joins(by_code, "code", a_code(nordwind))
    joins(elsewhere, "domain")
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == [by_domain.id]
    assert learning(partners["suedstern"]) == []
    with scopes.one(nordwind):
        assert PathPlace.objects.get().required


def test_a_replay_brings_nobody_back(partners: dict[str, UUID], admit: Admit, course: UUID, path: UUID) -> None:
    nordwind, nora = partners["nordwind"], admit("nora", "nordwind")
    aim(nordwind, None, path_id=path)
    joins(nora, "domain")
    replayed(enrol_joined, PersonJoined)
    with scopes.one(nordwind):
        actions.leave_path(person_id=nora.id, path_id=path, actor=ME, now=START)
    replayed(enrol_joined, PersonJoined)
    aim(nordwind, None, course_id=course)
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == []


def test_who_is_on_the_path_already_keeps_their_place(partners: dict[str, UUID], admit: Admit, path: UUID) -> None:
    """A rule may have put them on it a moment before: the way in is one reason more."""
    nordwind, nora = partners["nordwind"], admit("nora", "nordwind")
    with scopes.one(nordwind):
        actions.join_path(person_id=nora.id, path_id=path, actor=ME, now=START)
    aim(nordwind, None, path_id=path)
    joins(nora, "domain")
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == [nora.id]


def test_who_has_left_is_not_enrolled(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    nordwind, gone = partners["nordwind"], admit("nora", "nordwind")
    aim(nordwind, None, course_id=course)
    joins(gone, "domain")
    with scopes.one(nordwind):
        person_leaves(person_id=gone.id, actor=ME, now=START)
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == []


def test_what_is_not_offered_any_more_enrols_nobody(
    partners: dict[str, UUID], admit: Admit, course: UUID, path: UUID
) -> None:
    nordwind, nora, olga = partners["nordwind"], admit("nora", "nordwind"), admit("olga", "nordwind")
    code = a_code(nordwind)
    aim(nordwind, None, course_id=course)
    aim(nordwind, code, path_id=path)
    with scopes.one(partners["host"]):
        CourseAudience.objects.all().delete()
    joins(nora, "domain")
    joins(olga, "code", code)
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == []
    with scopes.one(nordwind):
        rows = queries.join_aims(*queries.joiners_may_learn(nordwind), START)
    assert [row.offered for row in rows] == [False, False]
    aim(nordwind, None)
    joins(admit("pia", "nordwind"), "domain")
    replayed(enrol_joined, PersonJoined)
    assert learning(nordwind) == []


def test_nothing_of_somebody_elses(partners: dict[str, UUID], course: UUID) -> None:
    foreign = a_code(partners["suedstern"])
    for code, about in ((foreign, {"course_id": course}), (new_id(), {}), (None, {"course_id": uuid4()})):
        with pytest.raises(NotFound):
            aim(partners["nordwind"], code, **about)
    with pytest.raises(NotFound):
        aim(partners["nordwind"], None, path_id=new_id())


def test_the_page(partners: dict[str, UUID], admit: Admit, sign_in: Callable[[Learner], Client], course: UUID) -> None:
    ben, nordwind = admit("ben", "nordwind"), partners["nordwind"]
    code, closed = a_code(nordwind, "Autumn academy"), a_code(nordwind, "Shut")
    with scopes.one(nordwind):
        close_access_code(code_id=closed, actor=ME, now=START)
    client = sign_in(ben)
    assert client.get("/desk/joining/courses").status_code == 403
    with scopes.one(nordwind):
        grant_role(person_id=ben.id, role="partner_admin", actor=ME, now=START)
    before = client.get("/desk/joining/courses").content.decode()
    assert "in nothing else" in before
    assert "Autumn academy" in before
    assert "Shut" not in before
    sent = {"code": str(code), "course": str(course)}
    assert client.post("/desk/joining/courses", sent).status_code == 302
    assert "1 of 2 ways to join lead" in client.get("/desk/joining/courses").content.decode()
    for refused in ({"code": "nonsense"}, {"code": str(new_id())}, {"course": str(new_id())}):
        assert client.post("/desk/joining/courses", refused).status_code == 404
