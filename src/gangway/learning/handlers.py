"""What learning does when people come in and when courses appear."""

from django.utils.module_loading import import_string

from gangway.catalog.events import CourseAssigned, CoursePublished, PathChanged
from gangway.identity.events import PersonJoined
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.learning import actions
from gangway.learning.events import EnrolmentRuleChanged
from gangway.partners.events import PartnerApplied, TierChanged
from gangway.people.events import PersonAdmitted, PersonChanged, PersonLeft

EVERYONE = "everyone"
BY_THEMSELVES = frozenset({"code", "domain"})  # how somebody may join that leads to something to learn
NAMED_BY = frozenset({"locale", "groups", "state"})  # of what a person is, what a rule may name them by
_ME = Actor.job("learning")


def enrol_admitted(event: PersonAdmitted, fact: Fact) -> None:
    """Whoever comes in is enrolled in what is for everyone, and in what rules name them for."""
    actions.enrol_in_assigned(person_id=event.person_id, actor=_ME, now=fact.occurred_at)
    actions.follow_rules(person_ids=[event.person_id], actor=_ME, now=fact.occurred_at)


def enrol_joined(event: PersonJoined, fact: Fact) -> None:
    """Whoever came in by an access code or a mail domain is enrolled in what that leads to; who was let in by somebody,
    in nothing of that."""
    if event.by in BY_THEMSELVES:
        actions.enrol_joined(person_id=event.person_id, code_id=event.code_id, actor=_ME, now=fact.occurred_at)


def follow_changed(event: PersonChanged, fact: Fact) -> None:
    """Somebody's language or groups are others now, so other rules may name them."""
    if not NAMED_BY.isdisjoint(event.fields):
        actions.follow_rules(person_ids=[event.person_id], actor=_ME, now=fact.occurred_at)


def follow_left(event: PersonLeft, fact: Fact) -> None:
    """No rule names somebody who is not here any more."""
    actions.follow_rules(person_ids=[event.person_id], actor=_ME, now=fact.occurred_at)


def follow_partner(event: PartnerApplied | TierChanged, fact: Fact) -> None:
    """A partner's type or tier may be another: a job looks at its people."""
    _enqueue("follow_partner", partner_id=str(event.partner_id))


def follow_rule(event: EnrolmentRuleChanged, fact: Fact) -> None:
    """A rule is followed, is no longer, or names others: a job looks at the people of every partner."""
    _enqueue("follow_rule", rule_id=str(event.rule_id))


def enrol_for_published(event: CoursePublished, fact: Fact) -> None:
    """A course was published: jobs enrol those who are here already where it is for everyone, and whom rules name."""
    if event.assign == EVERYONE:
        _enqueue("enrol_everyone", course_id=str(event.course_id))
    _enqueue("follow_course", course_id=str(event.course_id))


def follow_assignment(event: CourseAssigned, fact: Fact) -> None:
    """A course is for everyone now, or no longer: a job enrols everybody, or takes the reason back."""
    _enqueue("enrol_everyone" if event.assign == EVERYONE else "withdraw_from_everyone", course_id=str(event.course_id))


def follow_path(event: PathChanged, fact: Fact) -> None:
    """A path holds other courses: a job brings everybody who is on it in line."""
    _enqueue("follow_path", path_id=str(event.path_id))


def _enqueue(job: str, **arguments: str) -> None:
    """By name: jobs and handlers are surfaces side by side and do not import each other."""
    import_string(f"gangway.learning.jobs.{job}").enqueue(**arguments)
