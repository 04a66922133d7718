"""Work over every partner: one partner after the other, at most 500 rows to a transaction."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gangway.catalog import queries as catalog
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.queries import DueRow
from gangway.learning.rules import DueNotice
from gangway.partners.queries import partner_by_id, partner_ids
from gangway.people.queries import person_ids

LEARNING_KINDS = ("partner", "shell")
BATCH = 500


@task()
def enrol_everyone(*, course_id: str) -> int:
    """Enrol the people of every partner that sees the course; how many were new. Safe to run again."""
    course, new = UUID(course_id), 0
    partners = partner_ids(LEARNING_KINDS)
    for done, partner_id in enumerate(partners, start=1):
        with scopes.one(partner_id):
            if _sees(partner_id, course):
                new += _enrol_partner(course)
        progress(done, len(partners), f"{new} people enrolled")
    return new


@task()
def withdraw_from_everyone(*, course_id: str) -> int:
    """Take the reason "for everyone" back from every enrolment in the course; how many. Safe to run again."""
    course, taken = UUID(course_id), 0
    partners = partner_ids(LEARNING_KINDS)
    for done, partner_id in enumerate(partners, start=1):
        with scopes.one(partner_id):
            while some := actions.withdraw_rule(course_id=course, actor=Actor.job("learning"), now=clock.now()):
                taken += some
        progress(done, len(partners), f"{taken} enrolments looked at")
    return taken


@task()
def remind_due() -> int:
    """Daily: queue the reminders of due dates, partner by partner in pages; how many enrolments were looked at."""
    return remind_due_at(clock.now())


def remind_due_at(now: datetime) -> int:
    """The same at a given time. Safe to run again."""
    looked, partners = 0, queries.partners_with_due(now)
    for number, partner_id in enumerate(partners, 1):
        with scopes.one(partner_id):
            today = now.astimezone(ZoneInfo(partner_by_id(partner_id).zone)).date()
            for notice in DueNotice:
                for page in _due_pages(notice, today, now):
                    actions.remind_of_due(notice=notice, rows=page, actor=Actor.job("learning.remind_due"), now=now)
                    looked += len(page)
        progress(number, len(partners))
    return looked


def _due_pages(notice: DueNotice, today: date, now: datetime) -> Iterator[Sequence[DueRow]]:
    page = queries.due_enrolments(notice, today, now, limit=BATCH)
    while page:
        yield page
        page = queries.due_enrolments(notice, today, now, after=page[-1].enrolment_id, limit=BATCH)


@task()
def follow_rule(*, rule_id: str) -> int:
    """Bring everybody in line with one rule; how many enrolments came or ended. Safe to run again."""
    return _follow_everywhere([UUID(rule_id)])


@task()
def follow_course(*, course_id: str) -> int:
    """The same with every rule about a course, or about a path that holds it."""
    return _follow_everywhere(queries.rules_of_course(UUID(course_id)))


@task()
def follow_partner(*, partner_id: str) -> int:
    """Bring the people of one partner in line with every rule. Safe to run again."""
    with scopes.one(UUID(partner_id)):
        return _follow(None)


@task()
def follow_path(*, path_id: str) -> int:
    """Bring everybody who is on a path in line with it; how many enrolments came or ended. Safe to run again."""
    path, moved = UUID(path_id), 0
    partners = partner_ids((*LEARNING_KINDS, "host"))
    for done, partner_id in enumerate(partners, start=1):
        with scopes.one(partner_id):
            moved += _follow_path(path)
        progress(done, len(partners), f"{moved} enrolments changed")
    return moved


def _follow_path(path_id: UUID) -> int:
    moved, after = 0, None
    while people := queries.people_on(path_id, after=after, limit=BATCH):
        now = clock.now()
        done = actions.follow_paths(person_ids=people, path_id=path_id, actor=Actor.job("learning"), now=now)
        moved += done.enrolled + done.ended
        after = people[-1]
    return moved


def _follow_everywhere(rules: Sequence[UUID]) -> int:
    partners, moved = partner_ids(LEARNING_KINDS) if rules else (), 0
    for done, partner_id in enumerate(partners, start=1):
        with scopes.one(partner_id):
            moved += sum(_follow(rule_id) for rule_id in rules if queries.concerns(rule_id))
        progress(done, len(partners), f"{moved} enrolments changed")
    return moved


def _follow(rule_id: UUID | None) -> int:
    """Everybody of the scope's partner, page by page."""
    moved, after = 0, None
    while people := person_ids(after=after, limit=BATCH):
        now = clock.now()
        done = actions.follow_rules(person_ids=people, rule_id=rule_id, actor=Actor.job("learning"), now=now)
        moved += done.enrolled + done.ended
        after = people[-1]
    return moved


def _sees(partner_id: UUID, course_id: UUID) -> bool:
    partner = partner_by_id(partner_id)
    return catalog.sees(course_id, partner_id=partner.id, partner_type=partner.type)


def _enrol_partner(course_id: UUID) -> int:
    new, after = 0, None
    while people := person_ids(after=after, limit=BATCH):
        now = clock.now()
        new += actions.enrol_people(course_id=course_id, person_ids=people, actor=Actor.job("learning"), now=now)
        after = people[-1]
    return new
