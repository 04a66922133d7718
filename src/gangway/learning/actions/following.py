"""Following the rules: people of one partner are enrolled by those that name them, and by no other rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.learning.actions.enrolments import BATCH, BY_RULE
from gangway.learning.actions.reasons import note, told
from gangway.learning.events import EnrolmentWithdrawn
from gangway.learning.models import Enrolment, EnrolmentReason, EnrolmentRule
from gangway.learning.rules import EnrolmentState, ReasonKind, RuleState, Traits, Whom, names
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people

Place = tuple[UUID, UUID]  # person, course


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`enrolled`: new, or come back. `ended`: not begun, and no other reason left."""

    enrolled: int = 0
    ended: int = 0


@action("learning.rule.follow")
def follow_rules(*, person_ids: Sequence[UUID], rule_id: UUID | None = None, actor: Actor, now: datetime) -> Followed:
    """Bring the enrolments of at most BATCH people of this partner in line with every rule, or with one.

    Whom a rule names has its reason, and an enrolment unless somebody took them out by hand; whom it names no longer
    loses the reason, and what they have not begun and nobody else asked for ends. Done twice, it changes nothing. The
    statements do not grow with people or rules.
    """
    if len(person_ids) > BATCH:
        raise ValueError(f"At most {BATCH} people at a time, not {len(person_ids)}.")
    wanted = EnrolmentRule.objects.order_by("pk")
    if rule_id is not None:
        wanted = wanted.filter(pk=rule_id)
    if not person_ids or not wanted.exists():
        return Followed()
    take_turn(BY_RULE)
    partner = partner_by_id(scopes.writer())
    rules = {f"rule:{rule.key}": rule for rule in wanted}
    seen = catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)
    work = _Work(person_ids, rules, {row.course_id: row for row in seen}, partner, now)
    work.fill(_named(person_ids, rules, partner))
    enrolled, ended = work.enrol(actor), work.take_back(actor)
    if enrolled or ended:
        changes = {"rules": sorted(rule.key for rule in rules.values()), "enrolled": enrolled, "ended": ended}
        note(actor, "learning.rule.follow", partner.id, changes, now, "partner")
    return Followed(enrolled=enrolled, ended=ended)


def _named(
    person_ids: Sequence[UUID], rules: Mapping[str, EnrolmentRule], partner: PartnerRow
) -> set[tuple[UUID, str]]:
    """(person, ref) of each rule that is on and names somebody here. The vendor's own people learn by no rule."""
    if partner.kind == "host":
        return set()
    whom = {ref: whom_of(rule) for ref, rule in rules.items() if rule.state == RuleState.ON}
    here = people.here_by_traits(person_ids)
    found = set()
    for person_id, trait in here.items():
        traits = Traits(type=partner.type, tier=partner.tier, language=trait.locale, groups=trait.groups)
        found |= {(person_id, ref) for ref, one in whom.items() if names(one, traits)}
    return found


def whom_of(rule: EnrolmentRule) -> Whom:
    """A rule's columns as what it decides by."""
    return Whom(
        types=frozenset(rule.types),
        tiers=frozenset(rule.tiers),
        groups=frozenset(rule.groups),
        languages=frozenset(rule.languages),
    )


@dataclass
class _Work:
    """What one transaction brings in line. `wanted`: the refs of the rules that ask for somebody in a course."""

    person_ids: Sequence[UUID]
    rules: Mapping[str, EnrolmentRule]
    courses: Mapping[UUID, CourseRow]
    partner: PartnerRow
    now: datetime
    wanted: dict[Place, set[str]] = field(default_factory=dict)

    def fill(self, named: Iterable[tuple[UUID, str]]) -> None:
        """Only courses that this partner sees are asked for."""
        for person_id, ref in named:
            course_id = self.rules[ref].course_id
            if course_id in self.courses:
                self.wanted.setdefault((person_id, course_id), set()).add(ref)

    def enrol(self, actor: Actor) -> int:
        """Make what is missing, bring back what had ended, and give each its reasons; how many came or came back."""
        known = {(row.person_id, row.course_id) for row in self._rows()}
        fresh = [self._new(place) for place in sorted(set(self.wanted) - known)]
        Enrolment.objects.bulk_create(fresh, ignore_conflicts=True)  # who enrols themselves in this moment is first
        rows = sorted(self._rows().select_for_update().order_by("pk"), key=lambda row: row.cycle)
        latest = {(row.person_id, row.course_id): row for row in rows}
        asked = [row for place, row in latest.items() if place in self.wanted and not row.exempt]
        self._give(asked)
        made = {row.pk for row in fresh}
        back = [row for row in asked if row.state == EnrolmentState.WITHDRAWN]
        for row in back:
            row.state, row.due_on = EnrolmentState.ACTIVE, self._due((row.person_id, row.course_id))
        plain = [row for row in asked if not row.required]
        for row in plain:
            row.required = True
        changed = {row.pk: row for row in (*back, *plain)}
        Enrolment.objects.bulk_update(changed.values(), ["state", "due_on", "required"])
        come = [row for row in asked if row.pk in made or row in back]
        facts = [(told(row, self.courses[row.course_id], ReasonKind.RULE), row.pk) for row in come]
        publish_all(facts, now=self.now, actor=actor)
        return len(come)

    def take_back(self, actor: Actor) -> int:
        """Take back reasons of rules that ask no longer; how many enrolments end by that."""
        given = self._reasons().filter(withdrawn_at=None).select_related("enrolment__course")
        void = [row for row in given if row.ref not in self._asking(row.enrolment)]
        EnrolmentReason.objects.filter(pk__in=[row.pk for row in void]).update(withdrawn_at=self.now)
        touched = {row.enrolment_id: row.enrolment for row in void}
        others = EnrolmentReason.objects.filter(enrolment__in=list(touched), withdrawn_at=None)
        kept = set(others.values_list("enrolment_id", flat=True)) if touched else set()
        idle = [
            row
            for key, row in touched.items()
            if key not in kept and row.opened_at is None and row.state == EnrolmentState.ACTIVE
        ]
        Enrolment.objects.filter(pk__in=[row.pk for row in idle]).update(state=EnrolmentState.WITHDRAWN)
        publish_all([(_ended(row), row.pk) for row in idle], now=self.now, actor=actor)
        return len(idle)

    def _rows(self) -> QuerySet[Enrolment]:
        courses = {rule.course_id for rule in self.rules.values()}
        rows: QuerySet[Enrolment] = Enrolment.objects.filter(person__in=list(self.person_ids), course__in=courses)
        return rows

    def _reasons(self) -> QuerySet[EnrolmentReason]:
        rows: QuerySet[EnrolmentReason] = EnrolmentReason.objects.filter(
            enrolment__person__in=list(self.person_ids), kind=ReasonKind.RULE, ref__in=list(self.rules)
        )
        return rows

    def _asking(self, enrolment: Enrolment) -> set[str]:
        return self.wanted.get((enrolment.person_id, enrolment.course_id), set())

    def _new(self, place: Place) -> Enrolment:
        person_id, course_id = place
        return Enrolment(
            person_id=person_id, course_id=course_id, required=True, due_on=self._due(place), enrolled_at=self.now
        )

    def _due(self, place: Place) -> date | None:
        """The earliest day that a rule asks for, as the partner's calendar counts."""
        days = [self.rules[ref].due_days for ref in self.wanted[place]]
        soonest = min((one for one in days if one is not None), default=None)
        today = self.now.astimezone(ZoneInfo(self.partner.zone)).date()
        return None if soonest is None else today + timedelta(days=soonest)

    def _give(self, asked: Sequence[Enrolment]) -> None:
        given = {(row.enrolment_id, row.ref): row for row in self._reasons()}
        pairs = [(row.pk, ref) for row in asked for ref in sorted(self._asking(row))]
        EnrolmentReason.objects.bulk_create(
            EnrolmentReason(enrolment_id=pk, kind=ReasonKind.RULE, ref=ref, given_at=self.now)
            for pk, ref in pairs
            if (pk, ref) not in given
        )
        again = [given[pair].pk for pair in pairs if pair in given and given[pair].withdrawn_at is not None]
        values: dict[str, Any] = {"withdrawn_at": None, "given_at": self.now}
        EnrolmentReason.objects.filter(pk__in=again).update(**values)


def _ended(row: Enrolment) -> EnrolmentWithdrawn:
    return EnrolmentWithdrawn(
        enrolment_id=row.pk,
        person_id=row.person_id,
        course_id=row.course_id,
        course_key=row.course.key,
        cycle=row.cycle,
    )
