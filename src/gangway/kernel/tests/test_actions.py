from contextlib import suppress
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gangway.kernel import audit, installation, outbound
from gangway.kernel.actions import ACTIONS, action, running, undivided
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry, Installation
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.tests.conftest import MONDAY


class LampGone(Refusal):
    code = "kernel.lamp_gone"
    message = "Lamp {number} is gone."
    next_step = "Fetch lamp {number} from the shed."


@action("kernel.lamp.light")
def light(*, number: int, actor: Actor, now: datetime) -> str | None:
    audit.record(actor=actor, verb="kernel.lamp.light", object_type="lamp", object_id=str(number), now=now)
    if number < 0:
        raise LampGone(number=number, field="number")
    if number == 0:
        outbound.http()
    return running()


ACTIONS.pop("kernel.lamp.light")  # known while these tests run, and nowhere else


@pytest.fixture(autouse=True)
def known():
    ACTIONS["kernel.lamp.light"] = light
    yield
    ACTIONS.pop("kernel.lamp.light")


def test_an_action_needs_scope_one(db):
    with pytest.raises(scopes.NoScope):
        light(number=1, actor=Actor.operator(), now=MONDAY)
    with scopes.host(), pytest.raises(scopes.WrongScope):
        light(number=1, actor=Actor.operator(), now=MONDAY)


def test_an_action_that_refuses_leaves_nothing(nordwind):
    with scopes.one(nordwind):
        assert light(number=1, actor=Actor.operator(), now=MONDAY) == "kernel.lamp.light"
        with pytest.raises(LampGone) as refused:
            light(number=-1, actor=Actor.operator(), now=MONDAY)
    assert refused.value.as_dict() == {
        "code": "kernel.lamp_gone",
        "message": "Lamp -1 is gone.",
        "field": "number",
        "next_step": "Fetch lamp -1 from the shed.",
    }
    entry = AuditEntry.objects.get()
    assert (entry.partner_id, entry.actor_kind, entry.object_id) == (nordwind, "operator", "1")
    assert running() is None


def test_no_network_inside_an_action(nordwind):
    with scopes.one(nordwind), pytest.raises(RuntimeError, match="inside its transaction"):
        light(number=0, actor=Actor.operator(), now=MONDAY)


def test_an_action_is_keyword_only_and_told_who_and_when():
    with pytest.raises(TypeError, match="now"):

        @action("kernel.lamp.dim")
        def dim(number: int, *, actor: Actor) -> None: ...

    def again(*, actor: Actor, now: datetime) -> None: ...

    again.__module__ = "elsewhere"
    with pytest.raises(TypeError, match="is declared in"):
        action("kernel.lamp.light")(again)


def test_the_audit_log_is_append_only_but_for_what_is_personal(nordwind):
    with scopes.one(nordwind):
        light(number=1, actor=Actor.person(new_id()), now=MONDAY)
    for attempt in (
        lambda: AuditEntry.objects.update(verb="x"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"append-only|permission denied"), transaction.atomic():
            attempt()
    assert AuditEntry.objects.update(changes_personal={}) == 1


def test_the_installation_is_one_row_and_a_sandbox_is_never_armed(db):
    row = installation.ensure("sandbox", MONDAY)
    assert installation.ensure("production", MONDAY).pk == row.pk
    assert not outbound.armed()
    Installation.objects.filter(pk=row.pk).update(environment="production", armed=True)
    assert outbound.armed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Installation.objects.create(environment="production", armed=True, created_at=MONDAY)
    assert connection.is_usable()


def savepoints(asked: CaptureQueriesContext) -> int:
    return sum(one["sql"].startswith("SAVEPOINT") for one in asked.captured_queries)


def test_undivided_work_has_no_savepoints_and_swallows_no_refusal(nordwind):
    with scopes.one(nordwind):
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            light(number=1, actor=Actor.operator(), now=MONDAY)
        before = savepoints(asked)
        with CaptureQueriesContext(connection) as asked, transaction.atomic(), undivided():
            light(number=2, actor=Actor.operator(), now=MONDAY)
        assert savepoints(asked) == before - 1
        with pytest.raises(LampGone):
            two_lamps(3, -3)
        with pytest.raises(transaction.TransactionManagementError):
            two_lamps(-4, 4, swallow=True)
    assert set(AuditEntry.objects.values_list("object_id", flat=True)) == {"1", "2"}


def two_lamps(*numbers: int, swallow: bool = False) -> None:
    with transaction.atomic(), undivided():
        for number in numbers:
            with suppress(*[LampGone] if swallow else []):
                light(number=number, actor=Actor.operator(), now=MONDAY)
