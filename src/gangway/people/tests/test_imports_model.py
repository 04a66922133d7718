"""An import and its undo, for any people, any file and anything done meanwhile (Hypothesis), against the tables.

Untouched, an undo leaves the tables as they were. Whoever was changed since stays as they are and is listed; everybody
else goes back. The partner beside holds every mailbox and every id that the files name, and is never touched.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.actions import UndoReport
from gangway.people.models import Group, GroupMember, ImportChange, ImportChunk, Person
from gangway.people.rules import GONE, Known, State, Why
from gangway.people.tests.deeds import DEEDS, Deed
from gangway.people.tests.imports import tables
from gangway.people.tests.register import IDS, MAILS, File, row, tidy_files
from gangway.people.tests.test_diff_rules import forgetting
from gangway.people.tests.trial import Facets, Trial, differing, settle

Property = Callable[[Trial, list[Deed]], None]
EXAMPLES = int(os.environ.get("GANGWAY_MODEL_RUNS", "12"))


def log() -> tuple[list[Any], list[Any]]:
    entries = AuditEntry.objects.order_by("pk").exclude(verb="people.person.erase")
    return list(entries.values_list("pk", "verb", "object_id")), list(OutboxEvent.objects.order_by("pk").values())


def untouched_it_leaves_no_trace(trial: Trial, deeds: list[Deed]) -> None:
    before = tables(trial.partner_id)
    run_id = trial.bring()
    entries, events = log()
    report = trial.take_back(run_id)
    assert tables(trial.partner_id) == before
    assert report.kept == []
    (more, told) = log()
    assert more[: len(entries)] == entries, "the audit log lost or changed an entry"
    assert told[: len(events)] == events
    assert len(more) > len(entries) or trial.steps[0] == trial.steps[1]


def what_was_changed_since_stays_and_is_listed(trial: Trial, deeds: list[Deed]) -> None:
    with scopes.one(trial.partner_id):
        groups = set(Group.objects.values_list("key", flat=True))
    run_id = trial.bring()
    for one in deeds:
        one.done(trial.partner_id)
    with scopes.one(trial.partner_id):
        groups |= set(Group.objects.filter(name="Renamed").values_list("key", flat=True))
    trial.look()
    referred = _referred(trial.partner_id, run_id)
    report = trial.take_back(run_id)
    before, brought, since, after = trial.steps
    listed = [person for person, _ in report.kept]
    assert len(listed) == len(set(listed)), "somebody is listed twice"
    for person in before:
        _holds_of_found(person, trial, person in listed)
    for person in brought.keys() - before.keys():
        _holds_of_made(trial.steps, person, dict(report.kept).get(person), person in referred)
    assert since.keys() - brought.keys() <= after.keys(), "somebody another file made vanished"
    _holds_of_groups(trial.partner_id, groups)


def _referred(partner_id: UUID, run_id: UUID) -> set[UUID]:
    """Whom a later import changed."""
    with scopes.one(partner_id):
        return set(ImportChange.objects.exclude(run=run_id).values_list("person_id", flat=True))


def _holds_of_found(person: UUID, trial: Trial, listed: bool) -> None:
    before, brought, since, after = (step[person] for step in trial.steps)
    mine, theirs = differing(before, brought), differing(brought, since)
    if since["state",] == State.ERASED:
        assert after == since
    elif not mine:
        assert after == since
        assert not listed or _rows_about(trial, person) > 1
    elif mine & theirs or _has_no_way_back(person, trial):
        assert after == since, "what was changed since is overwritten"
        assert listed, "what was changed since is not listed"
    else:
        assert after == {key: value for key, value in {**since, **_only(before, mine)}.items() if value is not _GONE}
        assert not listed


_GONE = object()


def _only(facets: Facets, keys: set[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], Any]:
    return {key: facets.get(key, _GONE) for key in keys}


def _rows_about(trial: Trial, person: UUID) -> int:
    return sum(one.before is not None and one.before.id == person for one in trial.read)


def _has_no_way_back(person: UUID, trial: Trial) -> bool:
    """Their mailbox is somebody else's by now, or they would leave with a role that was given them since."""
    before, _brought, since, after = trial.steps
    state, key = before[person]["state",], before[person]["email_key",]
    if state in GONE:
        held = {name for name, until in since[person].items() if name[0] == "grant" and until == "None"}
        return since[person]["state",] not in GONE and bool(held - trial.steps[1][person].keys())
    others = [after[one] for one in after if one != person and after[one]["state",] not in GONE]
    moved = key is not None and key != since[person]["email_key",]
    return moved and any(one["email_key",] == key for one in others)


def _holds_of_made(steps: list[dict[UUID, Facets]], person: UUID, why: Why | None, referred: bool) -> None:
    _before, brought, since, after = (step.get(person, {}) for step in steps)
    if since != brought:
        assert after == since, "somebody who was changed since is not as they were"
        assert why is (Why.CAME_IN if since["activated_at",] else Why.CHANGED)
    elif referred:
        assert after["state",] == State.LEFT
    else:
        assert not after, "somebody whom nobody touched stays"


def _holds_of_groups(partner_id: UUID, stay: set[str]) -> None:
    """A group that the import made goes when nobody is in it and nobody renamed it."""
    with scopes.one(partner_id):
        inside = set(GroupMember.objects.values_list("group__key", flat=True))
        assert set(Group.objects.values_list("key", flat=True)) == stay | inside


# ── Examples ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def partners(nordwind: UUID, suedstern: UUID) -> tuple[UUID, UUID]:
    """The second one has somebody at every mailbox and with every id."""
    beside = [
        somebody(number, email=mail, external_id=key) for number, (mail, key) in enumerate(zip(MAILS, IDS, strict=True))
    ]
    settle(tuple(beside), suedstern)
    return nordwind, suedstern


def somebody(number: int, **said: Any) -> Known:
    said = {"state": "invited", "name": "Ana", "email": None, "locale": "en", "zone": "UTC", **said}
    return Known(id=UUID(int=number), email_key=said["email"], **said)


def hold(property_: Property, partners: tuple[UUID, UUID], file: File, deeds: list[Deed], **how: Any) -> None:
    """One example at the first partner, rolled back afterwards."""
    with transaction.atomic():
        settle(file.people, partners[0])
        beside = tables(partners[1])
        property_(Trial(partners[0], file, **how), deeds)
        assert tables(partners[1]) == beside, "people of another partner were touched"
        transaction.set_rollback(True)


def search(property_: Property, partners: tuple[UUID, UUID], searching: settings, **faults: Any) -> None:
    """Hold the property for examples that are searched for."""

    def example(file: File, deeds: list[Deed], pace: int) -> None:
        hold(property_, partners, file, deeds, pace=pace, **faults)

    drawn = given(tidy_files(), st.lists(DEEDS, min_size=1, max_size=4), st.sampled_from([1, 2, 500]))
    searching(drawn(example))()


PROPERTIES = (untouched_it_leaves_no_trace, what_was_changed_since_stays_and_is_listed)
CALMLY = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("property_", PROPERTIES)
def test_an_import_and_its_undo(property_: Property, partners: tuple[UUID, UUID]) -> None:
    search(property_, partners, CALMLY)


ANA = somebody(1, email=MAILS[0], external_id=IDS[0])
BEN = somebody(2, email=MAILS[1], external_id=IDS[1], name="Ben")
LEFT = somebody(3, email=MAILS[0], external_id=IDS[2], state="left")
# What the search found once: rows of one file that meet, and undos that forgot them.
FOUND: dict[str, tuple[tuple[Known, ...], tuple[Any, ...], list[Deed]]] = {
    "somebody new at a mailbox given away": (
        (ANA,), (row(external_id="1", email=MAILS[1]), row(email=MAILS[0], name="New")), [],
    ),
    "somebody known at a mailbox given away": (
        (ANA, BEN), (row(external_id="1", email=MAILS[2]), row(external_id="2", email=MAILS[0])), [],
    ),
    "two rows about one": ((ANA,), (row(external_id="1", name="Eva"), row(email=MAILS[0], name="Fay")), []),
    "the first of two rows stands again": (
        (ANA,), (row(external_id="1", name="Eva"), row(email=MAILS[0], name="Fay")), [Deed(0, "name", "Eva")],
    ),
    "one of two rows was changed since": (
        (ANA,), (row(external_id="1", name="Eva"), row(email=MAILS[0], zone="Europe/Berlin")), [Deed(0, "zone", "UTC")],
    ),
    "back to a mailbox that a row before gave away": (
        (LEFT, ANA), (row(external_id="1", email=MAILS[1]), row(external_id="3")), [],
    ),
    "back to a mailbox that a row before took": ((LEFT,), (row(email=MAILS[0], name="New"), row(external_id="3")), []),
    "a role since they came back": ((LEFT,), (row(external_id="3"),), [Deed(0, "grant", "partner_it")]),
    "a mailbox taken since": (
        (ANA, BEN), (row(external_id="1", email=MAILS[2]),), [Deed(1, "mailbox", MAILS[0])],
    ),
    "a group with a name since": (
        (), (row(external_id="2", email=MAILS[1], name="Ben", groups="south"),), [Deed(0, "rename", "south")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_once(found: str, partners: tuple[UUID, UUID]) -> None:
    people, rows, deeds = FOUND[found]
    property_ = what_was_changed_since_stays_and_is_listed if deeds else untouched_it_leaves_no_trace
    hold(property_, partners, File(people, tuple(enumerate(rows, start=2))), deeds)


# ── Controls: faults that the properties must notice ────────────────────────────────────────────────────────────────


def overwriting(*, run_id: UUID, dry_run: bool = False, **said: Any) -> UndoReport:
    """An undo that puts back before it looks."""
    for change in ImportChange.objects.filter(run=run_id) if not dry_run else ():
        columns = change.before["columns"].items()
        plain = {name: value for name, value in columns if name in ("name", "locale", "zone")}
        if plain:
            Person.objects.filter(pk=change.person_id).update(**plain)
    return actions.undo_import(run_id=run_id, dry_run=dry_run, **said)


def forgetting_zones(*, run_id: UUID, **said: Any) -> UndoReport:
    zones = dict(Person.objects.values_list("pk", "zone"))
    report = actions.undo_import(run_id=run_id, **said)
    for person in Person.objects.filter(pk__in=zones):
        Person.objects.filter(pk=person.pk).update(zone=zones[person.pk])
    return report


def silent(**said: Any) -> UndoReport:
    return replace(actions.undo_import(**said), kept=[])


def leaving_them(*, run_id: UUID, **said: Any) -> UndoReport:
    """An undo that does not look for who was made."""
    ImportChunk.objects.filter(run=run_id).update(made={})
    return actions.undo_import(run_id=run_id, **said)


@pytest.mark.parametrize(
    ("property_", "fault"),
    [
        (untouched_it_leaves_no_trace, {"undo": forgetting_zones}),
        (untouched_it_leaves_no_trace, {"undo": leaving_them}),
        (what_was_changed_since_stays_and_is_listed, {"undo": overwriting}),
        (what_was_changed_since_stays_and_is_listed, {"undo": silent}),
        (untouched_it_leaves_no_trace, {"rule": forgetting("zone")}),
    ],
    ids=["forgetting", "leaving", "overwriting", "silent", "a diff that forgets"],
)
def test_a_fault_is_noticed(property_: Property, fault: dict[str, Any], partners: tuple[UUID, UUID]) -> None:
    few = settings(
        CALMLY, max_examples=200, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
    )
    with pytest.raises(AssertionError):
        search(property_, partners, few, **fault)
