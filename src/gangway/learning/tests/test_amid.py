"""Who is in the middle of a course: whoever publishes its next version is told how many they are."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import RIGHT, small_course
from gangway.kernel.tenancy import scopes
from gangway.learning import actions
from gangway.learning.queries import people_amid
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import enrol, take

EDIT = "/console/courses/first-steps/edit"


def test_who_has_begun_and_not_finished_is_counted(admit: Callable[[str, str], Learner], course: UUID) -> None:
    places = [("ana", "nordwind"), ("ben", "nordwind"), ("cleo", "nordwind"), ("caz", "suedstern")]
    for n, learner in enumerate(admit(name, slug) for name, slug in places):
        with scopes.one(learner.partner_id):
            enrolment = enrol(learner, course)
            if n:
                actions.open_lesson(enrolment_id=enrolment, lesson_key="hello", actor=learner.actor, now=START)
            if n == 1:
                take(learner, enrolment, RIGHT)
            assert people_amid(course) == (0, 0, 1, 1)[n]
            assert people_amid(learner.id) == 0


@pytest.mark.django_db
def test_the_publish_check_says_how_many_they_are(
    world: World, client_of: Callable[[Someone], Client], tmp_path: Path
) -> None:
    with scopes.one(world.host):
        course = import_course(draft=small_course(tmp_path / "c"), actor=OPERATOR, now=MONDAY).course_id
    dee = client_of(world.dee)
    dee.post("/console/courses/first-steps/begin")
    dee.post(f"{EDIT}/files/1-hello.md", {"body": "# Hello\n\nSay it now.\n", "do": "save"})
    assert "in the middle of it now" not in dee.get(f"{EDIT}/publish").content.decode()
    for person in (world.ana, world.caz):
        with scopes.one(person.partner_id):
            enrolment = actions.enrol(
                person_id=person.id, course_id=course, reason=ReasonKind.SELF, actor=person.actor, now=MONDAY
            ).enrolment_id
            actions.open_lesson(enrolment_id=enrolment, lesson_key="hello", actor=person.actor, now=MONDAY)
    assert "2 people are in the middle of it now." in dee.get(f"{EDIT}/publish").content.decode()
