"""The robot walks a course, from the first lesson to the check."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning import queries as learning_queries
from gangway.partners import actions as partner_actions
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people
from gangway.rollout.plans import queries as plans
from gangway.rollout.rehearsal import rules


@dataclass(frozen=True, slots=True)
class Walked:
    """One course: whether the robot completed it now or before, in which version."""

    course_key: str
    version: int
    completed: bool


def wanted() -> bool:
    """Whether a rollout plan runs that the robot works for."""
    with scopes.host():
        return plans.current_plan() is not None


def walk_courses(*, actor: Actor, now: datetime) -> list[Walked]:
    """Send a robot of the shell partner through every course that it may see and has not walked in this version.

    It uses the learner's own actions, one transaction each; it never counts in figures. Without a host or a published
    course there is nothing to walk.
    """
    if partners.host_partner() is None:
        return []
    shell_id = _shell(actor, now)
    with scopes.one(shell_id):
        shell = partners.partner_by_id(shell_id)
        courses = catalog.visible_courses(partner_id=shell_id, partner_type=shell.type)
        return [_walk(course, shell_id, actor, now) for course in courses]


def _shell(actor: Actor, now: datetime) -> UUID:
    """The synthetic partner that the robots belong to; made on first use."""
    row = {"slug": rules.SHELL_SLUG, "name": rules.SHELL_NAME, "kind": "shell"}
    partner_actions.apply_partners(rows=[Line(1, row)], source="rehearsal", actor=actor, now=now)
    return partners.find_partner(rules.SHELL_SLUG).id


def _walk(course: catalog.CourseRow, shell_id: UUID, actor: Actor, now: datetime) -> Walked:
    robot_id = _robot(rules.robot_mailbox(course.key, course.n), shell_id, actor, now)
    robot = Actor.robot(robot_id)
    enrolled = learning.enrol(
        person_id=robot_id, course_id=course.course_id, reason=learning.ReasonKind.SELF, actor=robot, now=now
    )
    for key in catalog.lesson_keys([course.version_id])[course.version_id]:
        learning.open_lesson(enrolment_id=enrolled.enrolment_id, lesson_key=key, actor=robot, now=now)
        learning.finish_lesson(enrolment_id=enrolled.enrolment_id, lesson_key=key, actor=robot, now=now)
    if learning_queries.standing_completion(enrolled.enrolment_id) is None and course.questions:
        _answer(enrolled.enrolment_id, robot_id, now)
    completed = learning_queries.standing_completion(enrolled.enrolment_id) is not None
    return Walked(course.key, course.n, completed)


def _robot(mailbox: str, shell_id: UUID, actor: Actor, now: datetime) -> UUID:
    known = [person_id for partner_id, person_id in people.persons_of_mailbox(mailbox) if partner_id == shell_id]
    if known:
        return known[0]
    robot_id = people_actions.admit_person(
        name=rules.ROBOT_NAME, email=mailbox, letter=False, source="rehearsal", synthetic=True, actor=actor, now=now
    )
    people_actions.activate_person(person_id=robot_id, actor=actor, now=now)
    return robot_id


def _answer(enrolment_id: UUID, robot_id: UUID, now: datetime) -> None:
    """Take the check, every answer right."""
    robot = Actor.robot(robot_id)
    started = learning.start_attempt(enrolment_id=enrolment_id, actor=robot, now=now)
    for position in range(1, started.questions + 1):
        page = learning_queries.question_page(person_id=robot_id, attempt_id=started.attempt_id, position=position)
        question = page.item.asked.question_version_id
        key = catalog.solutions({question: ""})[question].key
        answer = sorted(key.right) or list(key.accepted[:1])
        learning.save_answer(attempt_id=started.attempt_id, position=position, answer=answer, actor=robot, now=now)
    learning.submit_attempt(attempt_id=started.attempt_id, actor=robot, now=now)
