"""Every handler survives replay: the whole demo story is told a second time, and not a row changes.

The demo world is made by the actions and reaches every reaction of the wiring; a reaction that no fact of the story
reaches fails the test too, since nothing would have been tried.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder

from gangway.config import demo
from gangway.config.wiring import REACTIONS
from gangway.credentials.actions import revoke_award
from gangway.credentials.models import Award
from gangway.credentials.rules import RevokeReason
from gangway.kernel import worker
from gangway.kernel.models import Cursor, Failure, OutboxEvent
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import Table
from gangway.learning.actions import RuleSpec, make_rule, switch_rule
from gangway.learning.jobs import follow_rule
from gangway.learning.rules import Whom
from gangway.partners.actions import apply_partners, set_state, undo_run
from gangway.partners.queries import host_partner
from gangway.people.actions import person_leaves
from gangway.people.models import Person
from tests.world import OPERATOR

# The relay's own books; and jobs, which a reaction asks for again: what a job does must not change, its row does.
BOOKKEEPING = {"kernel.Cursor", "kernel.Lane", "kernel.Failure", "kernel.Job", "kernel.CronMark"}


# Reactions to these are tried in their own context's tests only: the story has no such turn.
NOT_IN_THE_STORY = [
    "catalog.course.assigned.v1",
    "catalog.path.changed.v1",
    "identity.access.confirmed.v1",
    "identity.connection.changed.v1",
    "identity.person.joined.v1",
    "identity.sheet.signed.v1",
    "identity.spec.signed.v1",
    "messaging.message.sent.v1",
    "operations.configuration.promoted.v1",
    "operations.cutover.ended.v1",
    "operations.environments.compared.v1",
    "people.person.merged.v1",
    "people.person.unmerged.v1",
    "people.role.revoked.v1",
    "rehearsal.award_page.checked.v1",
    "rehearsal.run.ended.v1",
]


def contents() -> dict[str, tuple[int, str]]:
    """Table → (rows, hash of all its rows), for everything but the relay's own bookkeeping."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, Table) and model._meta.label not in BOOKKEEPING:
            rows = sorted(json.dumps(row, cls=_Plain, sort_keys=True) for row in model._base_manager.values())
            found[model._meta.label] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


class _Plain(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        return value.hex() if isinstance(value, bytes | memoryview) else super().default(value)


def rest(now: datetime) -> int:
    """Do everything that waits: events, rounds, jobs. How much was done."""
    total = 0
    while done := worker.turn("replay", now):
        total += done
        assert total < 100_000, "the work does not come to rest"
    return total


def worse_days(now: datetime) -> None:
    """What the demo story leaves out: an award is revoked, somebody leaves, a partner is suspended and comes
    back, a rule is made, a partner file is taken back."""
    with scopes.host():
        award = Award.objects.filter(revoked_at=None).order_by("id").first()
        leaver = Person.objects.filter(state="invited", synthetic=False).order_by("id").first()
    with scopes.one(award.partner_id):
        revoke_award(award_id=award.pk, reason=next(iter(RevokeReason)), actor=OPERATOR, now=now)
        for state in ("suspended", "active"):
            set_state(state=state, actor=OPERATOR, now=now)
    with scopes.one(leaver.partner_id):
        person_leaves(person_id=leaver.pk, actor=OPERATOR, now=now)
    host = host_partner()
    assert host is not None
    with scopes.one(host.id):
        spec = RuleSpec(name="Everybody", course_id=award.credential.course_id, whom=Whom(), due_days=30)
        rule_id = make_rule(spec=spec, actor=OPERATOR, now=now)
        switch_rule(rule_id=rule_id, on=True, actor=OPERATOR, now=now)
    follow_rule.func(rule_id=str(rule_id))  # its job waits for the clock on the wall, which is ahead of the story
    line = Line(2, {"slug": "mistaken", "name": "Mistaken"})
    run_id = apply_partners(rows=[line], actor=OPERATOR, now=now).run
    assert run_id is not None
    undo_run(run_id=run_id, actor=OPERATOR, now=now)


def unheard(names: set[str]) -> list[str]:
    """Reactions to facts that were never told."""
    return sorted({reaction.event.name for reaction in REACTIONS} - names)


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> dict[str, tuple[int, int]]:
    """Table → (rows before, rows after), where anything is different."""
    return {label: (before[label][0], after[label][0]) for label in before if before[label] != after[label]}


def tell_again(now: datetime) -> None:
    assert Cursor.objects.update(position=0) > 0
    assert rest(now) >= OutboxEvent.objects.count()


@pytest.mark.django_db(transaction=True)
def test_the_story_told_again_changes_nothing(now: datetime) -> None:
    demo.load(now)
    worse_days(now)
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        rest(now)
        once = contents()
        tell_again(now)
        twice = contents()
        tell_again(now)
        thrice = contents()
        told = set(OutboxEvent.objects.values_list("name", flat=True))
        assert Failure.objects.count() == 0
    # Looking again is what the plan does: the first time it may see that time has passed, the second time nothing.
    assert {label for label in changed(once, twice) if not label.startswith("plans.")} == set()
    assert changed(twice, thrice) == {}
    assert once["credentials.Award"][0] > 0
    assert once["insights.Journey"][0] > 0
    assert unheard(told) == NOT_IN_THE_STORY
