"""A cutover goes through its runbook in order; what the system can see of it, nobody's word replaces."""

import copy
import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from tests.world import MONDAY, OPERATOR, World

from gangway.kernel.evidence import Asking, Finding
from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.rollout.operations import actions, handlers, queries
from gangway.rollout.operations.evidence import cutover_rehearsed
from gangway.rollout.operations.rules import digest_of, read, written
from gangway.rollout.operations.tests.parallel import in_parallel

HOUR = timedelta(hours=1)


class Clock:
    """Each step a minute later."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def tick() -> Clock:
    return Clock()


def wanted(name: str = "Nordwind SE") -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(json.loads(json.dumps(queries.configured())))
    found["partners"]["nordwind"]["name"] = name
    return found


def compare(configuration: dict[str, Any], now: datetime) -> None:
    actions.compare(export=read(written(configuration, "sandbox")), source="sandbox.json", actor=OPERATOR, now=now)


def promote(configuration: dict[str, Any], now: datetime) -> None:
    actions.promote(
        export=read(written(configuration, "sandbox")), source="", seen=digest_of(queries.configured()),
        actor=OPERATOR, now=now,
    )  # fmt: skip


def rehearsed(world: World, passed: bool, now: datetime) -> None:
    """What the event of another room says; that it is joined to it: portal/tests/test_cutover."""
    with scopes.one(world.host):
        handlers.rehearsal_ended(SimpleNamespace(passed=passed), Fact(new_id(), world.host, new_id(), now, 1, OPERATOR))


def note(cutover_id: UUID, key: str, now: datetime, *, words: str = "Seen.", as_expected: bool = True) -> bool:
    return actions.note_step(
        cutover_id=cutover_id, key=key, as_expected=as_expected, words=words, actor=OPERATOR, now=now
    )


def finding(world: World) -> Finding:
    with scopes.host():
        return cutover_rehearsed(Asking(host_id=world.host, plan_id=new_id(), now=MONDAY))


def until_promoted(tick: Clock) -> tuple[UUID, dict[str, Any]]:
    cutover_id, configuration = actions.begin_cutover(actor=OPERATOR, now=tick()), wanted()
    compare(configuration, tick())
    note(cutover_id, "look", tick(), words="")
    note(cutover_id, "before", tick())
    note(cutover_id, "try", tick())
    promote(configuration, tick())
    note(cutover_id, "promote", tick(), words="")
    return cutover_id, configuration


def test_every_step_as_expected_is_evidence_until_a_later_one_is_broken_off(world: World, tick: Clock) -> None:
    assert not finding(world).holds
    cutover_id, configuration = until_promoted(tick)
    note(cutover_id, "back", tick())
    note(cutover_id, "after", tick())
    compare(configuration, tick())
    note(cutover_id, "equal", tick(), words="")
    assert not finding(world).holds
    rehearsed(world, passed=True, now=tick())
    assert note(cutover_id, "rehearse", tick() + HOUR, words="")
    row = queries.cutover(cutover_id)
    assert row.whole
    assert row.ended_at == row.steps[-1].note.at, "from when the system saw it, not from when somebody pressed"  # type: ignore[union-attr]
    assert [step.note.proven for step in row.steps if step.note] == [True, False, False, True, False, False, True, True]
    assert sum(step.seconds or 0 for step in row.steps) == row.seconds
    found = finding(world)
    assert (found.holds, found.value, found.n) == (True, row.seconds, 1)
    with scopes.one(world.host):
        told = OutboxEvent.objects.get(name="operations.cutover.ended.v1").payload
        assert AuditEntry.objects.filter(verb="operations.cutover.note").count() == 8
    assert (told["whole"], told["seconds"]) == (True, row.seconds)
    with pytest.raises(actions.CutoverOver):
        note(cutover_id, "rehearse", tick())
    later = actions.begin_cutover(actor=OPERATOR, now=tick() + 2 * HOUR)
    assert finding(world).holds, "one that is under way says nothing yet"
    actions.end_cutover(cutover_id=later, why="The directory was down.", actor=OPERATOR, now=tick() + 3 * HOUR)
    found = finding(world)
    assert not found.holds
    assert "ended before" in str(found.words)
    assert queries.cutover(later).why == "The directory was down."


def test_nobodys_word_replaces_what_the_system_can_see(world: World, tick: Clock) -> None:
    compare(wanted(), tick())
    cutover_id = actions.begin_cutover(actor=OPERATOR, now=tick())
    with pytest.raises(actions.NotSeen, match="no export was compared"):
        note(cutover_id, "look", tick())
    compare(wanted(), tick())
    assert queries.cutover(cutover_id).next_seen_at == tick.now
    note(cutover_id, "look", tick(), words="")
    note(cutover_id, "before", tick())
    note(cutover_id, "try", tick())
    with pytest.raises(actions.NotSeen, match="nothing was promoted"):
        note(cutover_id, "promote", tick())
    promote(wanted(), tick())
    note(cutover_id, "promote", tick())
    note(cutover_id, "back", tick())
    note(cutover_id, "after", tick())
    note(cutover_id, "equal", tick(), words="The course is reworded on purpose.")
    rehearsed(world, passed=False, now=tick())
    with pytest.raises(actions.NotSeen, match="no rehearsal passed"):
        note(cutover_id, "rehearse", tick())
    rehearsed(world, passed=True, now=tick())
    assert note(cutover_id, "rehearse", tick())


def test_what_was_done_before_the_words_were_written_counts(world: World, tick: Clock) -> None:
    """In a terminal one goes on, and writes afterwards."""
    cutover_id, configuration = actions.begin_cutover(actor=OPERATOR, now=tick()), wanted()
    compare(configuration, tick())
    promote(configuration, tick())
    compare(configuration, tick())
    for key in ("look", "before", "try", "promote", "back", "after"):
        note(cutover_id, key, tick())
    row = queries.cutover(cutover_id)
    assert [step.seconds for step in row.steps[:6]] == [60, 240, 60, 0, 120, 60]
    assert row.next_seen_at == MONDAY + timedelta(minutes=4), "the first look after the promotion"


def test_steps_have_an_order_and_one_that_went_otherwise_is_tried_again(world: World, tick: Clock) -> None:
    cutover_id = actions.begin_cutover(actor=OPERATOR, now=tick())
    with pytest.raises(actions.CutoverUnderWay):
        actions.begin_cutover(actor=OPERATOR, now=tick())
    with pytest.raises(actions.NotNext):
        note(cutover_id, "promote", tick())
    with pytest.raises(actions.NotNext):
        note(cutover_id, "x", tick())
    with pytest.raises(Invalid) as no:
        note(cutover_id, "look", tick(), as_expected=False, words="  ")
    assert no.value.field == "words"
    with pytest.raises(Invalid):
        note(cutover_id, "look", tick(), as_expected=False, words="x" * 501)
    note(cutover_id, "look", tick(), as_expected=False, words="The file was refused.")
    row = queries.cutover(cutover_id)
    assert row.next is row.steps[0].act
    assert [one.words for one in row.steps[0].failed] == ["The file was refused."]
    compare(wanted(), tick())
    note(cutover_id, "look", tick(), words="")
    with pytest.raises(Invalid):
        note(cutover_id, "before", tick(), words="")
    with pytest.raises(NotFound):
        note(new_id(), "before", tick())
    with pytest.raises(NotFound):
        queries.cutover(new_id())
    with pytest.raises(Invalid) as no:
        actions.end_cutover(cutover_id=cutover_id, why="", actor=OPERATOR, now=tick())
    assert no.value.field == "why"
    assert [one.id for one in queries.cutovers()] == [cutover_id]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_is_told_of_the_other(world: World) -> None:
    def begin() -> Any:
        return actions.begin_cutover(actor=OPERATOR, now=MONDAY)

    came = in_parallel([begin] * 4)
    assert came.count(actions.CutoverUnderWay) == 3, came
    assert [row.id for row in queries.cutovers()] == [one for one in came if isinstance(one, UUID)]


def test_a_promotion_that_was_taken_back_ends_the_way_forward(world: World, tick: Clock) -> None:
    cutover_id, _ = until_promoted(tick)
    actions.undo_promotion(actor=OPERATOR, now=tick())
    assert queries.cutover(cutover_id).taken_back
    with pytest.raises(actions.TakenBack):
        note(cutover_id, "back", tick())
    note(cutover_id, "back", tick(), as_expected=False, words="It was needed.")
    actions.end_cutover(cutover_id=cutover_id, why="Taken back.", actor=OPERATOR, now=tick())
    with pytest.raises(actions.CutoverOver):
        actions.end_cutover(cutover_id=cutover_id, why="Twice.", actor=OPERATOR, now=tick())
    assert not queries.cutover(cutover_id).taken_back, "said while there is something to do about it"
