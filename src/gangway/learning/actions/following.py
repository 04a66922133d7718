"""Following the rules: people of one partner are enrolled by those that name them, and by no other rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, PathRow
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.learning.actions.asking import InLine, Wish
from gangway.learning.actions.enrolments import BATCH, BY_RULE
from gangway.learning.actions.places import Because, Followed, Places, Where, today_at, walk
from gangway.learning.actions.reasons import note
from gangway.learning.models import EnrolmentRule, PathPlace
from gangway.learning.rules import ReasonKind, RuleState, Traits, Whom, names
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people

Named = set[tuple[UUID, str]]  # person, ref


@action("learning.rule.follow")
def follow_rules(*, person_ids: Sequence[UUID], rule_id: UUID | None = None, actor: Actor, now: datetime) -> Followed:
    """Bring the enrolments of at most BATCH people of this partner in line with every rule, or with one.

    Whom a rule names has its reason, and an enrolment unless somebody took them out by hand; whom it names no longer
    loses the reason, and what they have not begun and nobody else asked for ends. A rule about a path does the same
    with their place on that. Done twice, it changes nothing. The statements do not grow with people or rules.
    """
    if len(person_ids) > BATCH:
        raise ValueError(f"At most {BATCH} people at a time, not {len(person_ids)}.")
    wanted = EnrolmentRule.objects.order_by("pk")
    if rule_id is not None:
        wanted = wanted.filter(pk=rule_id)
    if not person_ids or not (wanted.exists() or _on_any_path(person_ids)):
        return Followed()
    take_turn(BY_RULE)
    rules = {f"rule:{rule.key}": rule for rule in wanted}
    work = _Rules.of(person_ids, rules, now)
    done = work.follow_courses(actor) + work.follow_paths(actor, every=rule_id is None)
    if done.enrolled or done.ended:
        changes = {"rules": sorted(rule.key for rule in rules.values()), "enrolled": done.enrolled, "ended": done.ended}
        note(actor, "learning.rule.follow", work.partner.id, changes, now, "partner")
    return done


def _on_any_path(person_ids: Sequence[UUID]) -> bool:
    return bool(PathPlace.objects.filter(person__in=list(person_ids)).exists())


@dataclass(frozen=True)
class _Rules:
    """What rules ask for at one partner. `courses`: those it sees."""

    person_ids: Sequence[UUID]
    rules: Mapping[str, EnrolmentRule]
    partner: PartnerRow
    courses: Mapping[UUID, CourseRow]
    named: Named
    now: datetime

    @classmethod
    def of(cls, person_ids: Sequence[UUID], rules: Mapping[str, EnrolmentRule], now: datetime) -> "_Rules":
        partner = partner_by_id(scopes.writer())
        seen = catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)
        courses = {row.course_id: row for row in seen}
        return cls(person_ids, rules, partner, courses, _named(person_ids, rules, partner), now)

    def follow_courses(self, actor: Actor) -> Followed:
        refs = [ref for ref, rule in self.rules.items() if rule.course_id is not None]
        work = InLine(ReasonKind.RULE, refs, self.person_ids, self.courses, self.now)
        for person_id, ref in self.named:
            if (course_id := self.rules[ref].course_id) is not None:
                work.want(person_id, course_id, ref, Wish(self._due(self.rules[ref])))
        return Followed(enrolled=work.enrol(actor), ended=work.take_back(actor))

    def follow_paths(self, actor: Actor, *, every: bool) -> Followed:
        """Put people on the paths of rules, and take them off; then bring their enrolments in line with those paths, or
        with every one that they are on."""
        about = {ref: rule.path_id for ref, rule in self.rules.items() if rule.path_id is not None}
        paths = catalog.paths_by_id(about.values()) if about else {}
        if about:
            places = Places(self.person_ids, paths, self.now)
            wishes = self._wishes(about, paths)
            places.give(wishes, actor)
            asking = {(where, ref) for where, whys in wishes.items() for _kind, ref in whys}
            at = {row.pk: where for where, row in places.rows.items()}
            places.take(
                lambda row: (
                    row.kind == ReasonKind.RULE and row.ref in about and (at[row.place_id], row.ref) not in asking
                ),
                actor,
            )
        return walk(self.person_ids, None if every else list(paths), self.partner, actor, self.now)

    def _wishes(
        self, about: Mapping[str, UUID], paths: Mapping[UUID, PathRow]
    ) -> dict[Where, dict[Because, date | None]]:
        """Only paths of which this partner sees every course are given."""
        wishes: dict[Where, dict[Because, date | None]] = {}
        for person_id, ref in self.named:
            if ref in about and paths[about[ref]].course_ids <= self.courses.keys():
                wishes.setdefault((person_id, about[ref]), {})[ReasonKind.RULE, ref] = self._due(self.rules[ref])
        return wishes

    def _due(self, rule: EnrolmentRule) -> date | None:
        """The day that a rule asks for, as the partner's calendar counts."""
        return None if rule.due_days is None else today_at(self.partner, self.now) + timedelta(days=rule.due_days)


def _named(person_ids: Sequence[UUID], rules: Mapping[str, EnrolmentRule], partner: PartnerRow) -> Named:
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
