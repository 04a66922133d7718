"""Enrolment rules: made switched off, switched on, changed, withdrawn. They are the vendor's; following does them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line
from gangway.learning.actions.reasons import note
from gangway.learning.events import EnrolmentRuleChanged
from gangway.learning.models import EnrolmentRule
from gangway.learning.rules import RuleState, Whom, key_of
from gangway.partners import queries as partners

MOST_DAYS = 3650


@dataclass(frozen=True, kw_only=True)
class RuleSpec:
    """What somebody says of a rule: its name, the course or the path, whom, and in how many days it is due (None:
    never)."""

    name: str
    course_id: UUID | None = None
    path_id: UUID | None = None
    whom: Whom
    due_days: int | None = None


@action("learning.rule.make")
def make_rule(*, spec: RuleSpec, actor: Actor, now: datetime) -> UUID:
    """A new rule of the vendor's, switched off; its id. NotFound in the scope of another partner. Invalid: a name,
    course, path, type, tier or number of days that cannot be."""
    owner_id = scopes.writer()
    if partners.partner_by_id(owner_id).kind != "host":
        raise NotFound
    written = _written(spec, owner_id)
    taken = set(EnrolmentRule.objects.filter(owner=owner_id).values_list("key", flat=True))
    rule = EnrolmentRule.objects.create(
        owner_id=owner_id, key=key_of(spec.name, taken), state=RuleState.OFF, made_at=now, **written
    )
    note(actor, "learning.rule.make", rule.pk, _noted(rule), now, "rule")
    made: UUID = rule.pk
    return made


@action("learning.rule.change")
def change_rule(*, rule_id: UUID, spec: RuleSpec, actor: Actor, now: datetime) -> None:
    """Say something else of a rule; its key stays, and so does its course or path. Where it is switched on, people
    follow. Due dates that were given stay as they are. NotFound; Invalid as make_rule."""
    rule = _locked(rule_id)
    before, about = _noted(rule), (rule.course_id, rule.path_id)
    for name, value in _written(spec, rule.owner_id).items():
        setattr(rule, name, value)
    if _noted(rule) == before:
        return
    if (rule.course_id, rule.path_id) != about:
        raise Invalid(field="course", problem="A rule keeps its course.", mend="Make another rule for another course.")
    rule.save()
    note(actor, "learning.rule.change", rule.pk, _noted(rule), now, "rule")
    if rule.state == RuleState.ON:
        _tell(rule, actor, now)


@action("learning.rule.switch")
def switch_rule(*, rule_id: UUID, on: bool, actor: Actor, now: datetime) -> bool:
    """Switch a rule on, or withdraw it; whether that changed it. A job then enrols whom it names, or takes its reason
    back: who has begun stays. NotFound."""
    rule = _locked(rule_id)
    wanted = RuleState.ON if on else RuleState.OFF
    if rule.state == wanted:
        return False
    rule.state, rule.on_since = wanted, now if on else None
    rule.save(update_fields=["state", "on_since"])
    note(actor, "learning.rule.switch", rule.pk, {"on": on}, now, "rule")
    _tell(rule, actor, now)
    return True


def _locked(rule_id: UUID) -> EnrolmentRule:
    found = EnrolmentRule.objects.select_for_update().filter(pk=rule_id, owner=scopes.writer()).first()
    if found is None:
        raise NotFound
    return found


def _tell(rule: EnrolmentRule, actor: Actor, now: datetime) -> None:
    event = EnrolmentRuleChanged(rule_id=rule.pk, rule_key=rule.key, on=rule.state == RuleState.ON)
    publish(event, subject_id=rule.pk, actor=actor, now=now)


def _written(spec: RuleSpec, owner_id: UUID) -> dict[str, Any]:
    """The columns that say it, each list in one order."""
    if (spec.course_id is None) == (spec.path_id is None) or not _offered(spec, owner_id):
        raise Invalid(field="course", problem="No course was chosen.", mend="Choose one from the list.")
    if spec.due_days is not None and not 0 < spec.due_days <= MOST_DAYS:
        raise Invalid(field="due_days", problem="That is no number of days.", mend="Write 30, or leave it empty.")
    _refuse_unknown("types", spec.whom.types, partners.types())
    _refuse_unknown("tiers", spec.whom.tiers, partners.tiers())
    return {
        "name": clean_line(spec.name),
        "course_id": spec.course_id,
        "path_id": spec.path_id,
        "due_days": spec.due_days,
        "types": sorted(spec.whom.types),
        "tiers": sorted(spec.whom.tiers),
        "groups": sorted(spec.whom.groups),
        "languages": sorted(spec.whom.languages),
    }


def _offered(spec: RuleSpec, owner_id: UUID) -> bool:
    """Whether the course or the path is one of the vendor's."""
    if spec.path_id is not None:
        return spec.path_id in {row.id for row in catalog.paths_of_owner(owner_id)}
    return spec.course_id in {row.course_id for row in catalog.courses_of_owner(owner_id)}


def _refuse_unknown(field: str, keys: frozenset[str], known: tuple[tuple[str, str], ...]) -> None:
    if not keys <= {key for key, _ in known}:
        raise Invalid(field=field, problem="That is not one of the choices.", mend="Choose from the list.")


def _noted(rule: EnrolmentRule) -> Mapping[str, object]:
    columns = ("name", "types", "tiers", "groups", "languages", "due_days")
    about = {"course": str(rule.course_id)} if rule.course_id else {"path": str(rule.path_id)}
    return {"key": rule.key, **about} | {name: getattr(rule, name) for name in columns}
