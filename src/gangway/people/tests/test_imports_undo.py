from uuid import UUID

import pytest

from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people import actions, queries
from gangway.people.actions import NothingToUndo
from gangway.people.models import Group, ImportChange, ImportChunk, ImportRun, Mailbox, Person
from gangway.people.rules import Why
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.imports import counts, read, tables, undo

TEAM = """name,email,external_id,locale,role,groups
Ana,ana@x.example,1,,,north
Ben,ben@x.example,2,en,partner_admin,north;engineers
Eva,eva@x.example,,,,
"""
MORE = """name,email,external_id,locale,role,groups
Ana Lima,ana.lima@x.example,1,pt-BR,partner_admin,south
Eva,eva@x.example,7,,,
Fay,fay@x.example,9,,partner_it,north;new
"""


def person(partner: UUID, name: str) -> Person:
    with scopes.one(partner):
        return Person.objects.get(name=name)


def test_an_untouched_import_leaves_the_tables_as_they_were(nordwind: UUID) -> None:
    empty = tables(nordwind)
    first = read(TEAM, nordwind)
    before = tables(nordwind)
    second = read(MORE, nordwind)
    assert counts(second) == (1, 2, 0, 0)
    entries, events = AuditEntry.objects.count(), OutboxEvent.objects.count()

    report = undo(nordwind, second.runs["nordwind"])

    assert (report.removed, report.restored, report.left, report.kept) == (1, 2, 0, [])
    assert tables(nordwind) == before
    assert AuditEntry.objects.count() > entries
    assert OutboxEvent.objects.count() > events
    undo(nordwind, first.runs["nordwind"])
    assert tables(nordwind) == empty


def test_a_rehearsed_undo_says_the_same_and_writes_nothing(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read(MORE, nordwind).runs["nordwind"]
    before, entries = tables(nordwind), AuditEntry.objects.count()
    rehearsed = undo(nordwind, run, dry_run=True)
    assert tables(nordwind) == before
    assert AuditEntry.objects.count() == entries
    done = undo(nordwind, run)
    assert (rehearsed.removed, rehearsed.restored, rehearsed.left, rehearsed.kept) == (
        done.removed, done.restored, done.left, done.kept,
    )  # fmt: skip


def test_what_was_changed_since_is_listed_and_stays(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read(MORE, nordwind).runs["nordwind"]
    ana, fay = person(nordwind, "Ana Lima"), person(nordwind, "Fay")
    with scopes.one(nordwind):
        actions.set_profile(person_id=ana.id, name="Ana L.", actor=ME, now=NOW)
        actions.set_profile(person_id=fay.id, zone="Asia/Tokyo", actor=ME, now=NOW)

    report = undo(nordwind, run)

    assert (report.removed, report.restored, report.left) == (0, 1, 0)
    assert sorted(report.kept) == sorted([(ana.id, Why.CHANGED), (fay.id, Why.CHANGED)])
    assert person(nordwind, "Ana L.").email == "ana.lima@x.example"
    assert person(nordwind, "Fay").state == "invited"
    with scopes.one(nordwind):
        (row, *_) = queries.imports()
    assert (row.state, row.undone, row.kept) == ("undone", 1, 2)


def test_a_change_of_another_column_since_does_not_hold_the_rest_back(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read("email,locale\nana@x.example,pt-BR\n", nordwind).runs["nordwind"]
    with scopes.one(nordwind):
        actions.set_profile(person_id=person(nordwind, "Ana").id, zone="Asia/Tokyo", actor=ME, now=NOW)
    assert undo(nordwind, run).restored == 1
    ana = person(nordwind, "Ana")
    assert (ana.locale, ana.zone) == ("de", "Asia/Tokyo")


def test_who_came_in_stays_and_is_listed(nordwind: UUID) -> None:
    run = read(TEAM, nordwind).runs["nordwind"]
    ana = person(nordwind, "Ana")
    with scopes.one(nordwind):
        actions.activate_person(person_id=ana.id, actor=ME, now=NOW)
    report = undo(nordwind, run)
    assert (report.removed, report.kept) == (2, [(ana.id, Why.CAME_IN)])
    assert person(nordwind, "Ana").state == "active"
    with scopes.one(nordwind):
        assert set(Group.objects.values_list("key", flat=True)) == {"north"}, "a group somebody is in stays"


def test_who_is_known_elsewhere_leaves(nordwind: UUID) -> None:
    first = read(TEAM, nordwind).runs["nordwind"]
    read("email,locale\nana@x.example,pt-BR\n", nordwind)
    read("email,locale\nana@x.example,de\n", nordwind)
    report = undo(nordwind, first)
    assert (report.removed, report.left, report.kept) == (2, 1, [])
    assert person(nordwind, "Ana").state == "left"
    assert queries.persons_of_mailbox("ana@x.example") == []


def test_the_later_import_is_undone_first(nordwind: UUID) -> None:
    empty = tables(nordwind)
    first = read(TEAM, nordwind).runs["nordwind"]
    second = read("email,locale\nana@x.example,pt-BR\n", nordwind).runs["nordwind"]
    undo(nordwind, second)
    undo(nordwind, first)
    assert tables(nordwind) == empty


def test_what_a_moved_mailbox_opened_stays_void_after_the_undo(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read("external_id,email\n1,wrong@x.example\n", nordwind).runs["nordwind"]
    moved = person(nordwind, "Ana").access_epoch
    undo(nordwind, run)
    assert person(nordwind, "Ana").access_epoch > moved
    assert queries.persons_of_mailbox("wrong@x.example") == []
    assert Mailbox.objects.filter(email_key="ana@x.example").count() == 1


def test_a_mailbox_somebody_took_meanwhile_is_not_taken_back(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read("external_id,email\n1,ana.lima@x.example\n", nordwind).runs["nordwind"]
    read("name,email\nNew Ana,ana@x.example\n", nordwind)
    report = undo(nordwind, run)
    assert [why for _, why in report.kept] == [Why.CHANGED]
    assert person(nordwind, "Ana").email == "ana.lima@x.example"


def test_whoever_an_import_brought_back_leaves_again(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    with scopes.one(nordwind):
        actions.person_leaves(person_id=person(nordwind, "Ben").id, actor=ME, now=NOW)
    before = tables(nordwind)
    run = read(TEAM, nordwind).runs["nordwind"]
    assert person(nordwind, "Ben").state == "invited"
    undo(nordwind, run)
    assert tables(nordwind) == before


def test_an_undo_cannot_be_had_twice_or_for_nothing_or_from_elsewhere(nordwind: UUID, suedstern: UUID) -> None:
    run = read(TEAM, nordwind).runs["nordwind"]
    with pytest.raises(NotFound):
        undo(suedstern, run)
    undo(nordwind, run)
    with pytest.raises(NothingToUndo, match="already"):
        undo(nordwind, run)
    read(TEAM, nordwind)
    with pytest.raises(NothingToUndo, match="changed nobody"):
        undo(nordwind, read(TEAM, nordwind).runs["nordwind"])


def test_an_undone_file_is_not_gone_on_with(nordwind: UUID) -> None:
    run = read(TEAM, nordwind, digest="d").runs["nordwind"]
    undo(nordwind, run)
    again = read(TEAM, nordwind, digest="d")
    assert again.runs["nordwind"] != run
    assert counts(again) == (3, 0, 0, 0)


def test_two_rows_about_one_person_mean_what_they_mean_one_after_the_other(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    before = tables(nordwind)
    report = read("name,email,external_id\nAna One,,1\nAna Two,ana@x.example,\n", nordwind)
    assert counts(report) == (0, 2, 0, 0)
    assert person(nordwind, "Ana Two")
    undo(nordwind, report.runs["nordwind"])
    assert tables(nordwind) == before


def test_a_mailbox_that_a_row_before_gave_away_is_free(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("name,email,external_id\nAna,ana.lima@x.example,1\nNew,ana@x.example,\n", nordwind)
    assert counts(report) == (1, 1, 0, 0)


def test_what_undo_needs_is_gone_when_it_is_done(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    run = read(MORE, nordwind).runs["nordwind"]
    undo(nordwind, run)
    with scopes.one(nordwind):
        assert not ImportChunk.objects.filter(run=run).exists()
        assert not ImportChange.objects.filter(run=run).exists()
        assert ImportRun.objects.get(pk=run).undone_at == NOW
