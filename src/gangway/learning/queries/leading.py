"""What a partner's groups lead to: the rules that name them, as far as they reach this partner."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.learning.models import EnrolmentRule
from gangway.learning.rules import RuleState
from gangway.partners.queries import PartnerRow


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """A course or a path that people of a group get by a rule that is on. `more`: the rule asks for a language too."""

    title: str
    is_path: bool
    due_days: int | None
    more: bool
    on_since: datetime | None


def led_by_groups(keys: Collection[str], partner: PartnerRow) -> Mapping[str, tuple[LeadsTo, ...]]:
    """key of a group → what it leads to at this partner, by title. Rules that name no group are not asked: they give
    without one. What the partner does not see it does not get. Four statements."""
    rules = EnrolmentRule.objects.filter(state=RuleState.ON).exclude(groups=[]).select_related("path").order_by("key")
    fitting = [rule for rule in rules if _fits(rule, partner) and set(rule.groups) & set(keys)]
    if not fitting:
        return {}
    courses = {row.course_id: row.title for row in _seen(partner)}
    paths = {row.id for row in catalog.visible_paths(partner_id=partner.id, partner_type=partner.type)}
    found: dict[str, set[LeadsTo]] = {}
    for rule in fitting:
        title = _title(rule, courses, paths)
        one = LeadsTo(title, rule.path_id is not None, rule.due_days, bool(rule.languages), rule.on_since)
        for key in set(rule.groups) & set(keys) if title else ():
            found.setdefault(key, set()).add(one)
    return {key: tuple(sorted(ones, key=lambda one: (one.title, str(one)))) for key, ones in found.items()}


def _fits(rule: EnrolmentRule, partner: PartnerRow) -> bool:
    return (not rule.types or partner.type in rule.types) and (not rule.tiers or partner.tier in rule.tiers)


def _seen(partner: PartnerRow) -> Collection[catalog.CourseRow]:
    return catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)


def _title(rule: EnrolmentRule, courses: Mapping[UUID, str], paths: Collection[UUID]) -> str:
    """What the rule is about; "" where this partner does not see it."""
    if rule.path is not None:
        return str(rule.path.name) if rule.path_id in paths else ""
    return courses.get(rule.course_id, "") if rule.course_id else ""
