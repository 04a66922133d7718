import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.pace import Pace
from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Result
from gangway.kernel.tenancy import scopes
from gangway.people import actions, queries
from gangway.people.models import ExternalId, Mailbox, Person
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.imports import counts, read

TEAM = """name,email,external_id,locale,role
Ana,ana@x.example,1,,
Ben,ben@x.example,2,en,partner_admin
Eva,eva@x.example,,,
"""


def people(partner_id: UUID) -> dict[str, Person]:
    with scopes.one(partner_id):
        return {person.name: person for person in Person.objects.all()}


def letters() -> list[tuple[str, bool]]:
    events = OutboxEvent.objects.filter(name="people.person.admitted.v1").order_by("number")
    return [(event.payload["person_id"], event.payload["letter"]) for event in events]


def test_a_file_makes_people_with_the_partners_language_unless_it_says_another(nordwind: UUID) -> None:
    report = read(TEAM, nordwind)

    assert counts(report) == (3, 0, 0, 0)
    team = people(nordwind)
    assert {name: person.locale for name, person in team.items()} == {"Ana": "de", "Ben": "en", "Eva": "de"}
    with scopes.one(nordwind):
        assert [row.name for row in queries.holders("partner_admin", NOW)] == ["Ben"]
        (run,) = queries.imports()
    assert (run.state, run.line, run.new, run.file_name, run.finished_at) == ("done", 4, 3, "team.csv", NOW)
    assert letters() == [(str(team[name].id), True) for name in ("Ana", "Ben", "Eva")]


def test_the_same_file_again_changes_nobody(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    before = OutboxEvent.objects.count()
    assert counts(read(TEAM, nordwind)) == (0, 0, 3, 0)
    assert OutboxEvent.objects.count() == before
    assert len(people(nordwind)) == 3


def test_a_rehearsal_says_the_same_and_writes_nothing(nordwind: UUID) -> None:
    before = AuditEntry.objects.count()
    rehearsed = read(TEAM, nordwind, dry_run=True)
    assert AuditEntry.objects.count() == before
    assert people(nordwind) == {}
    with scopes.one(nordwind):
        assert queries.imports() == ()
    done = read(TEAM, nordwind)
    assert (rehearsed.counts, rehearsed.outcomes) == (done.counts, done.outcomes)


def test_changes_are_named_and_the_moved_mailbox_voids_what_the_old_one_opened(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("external_id,email,name\n1,ana.lima@x.example,Ana Lima\n", nordwind)

    assert counts(report) == (0, 1, 0, 0)
    assert report.outcomes[0].fields == ("name", "email")
    ana = people(nordwind)["Ana Lima"]
    assert ana.access_epoch == 1
    assert queries.persons_of_mailbox("ana@x.example") == []
    assert queries.persons_of_mailbox("ana.lima@x.example") == [(nordwind, ana.id)]
    assert letters()[-1] == (str(ana.id), True), "she had not come in yet: the letter goes to the new address"


def test_a_new_spelling_of_the_same_mailbox_voids_nothing(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("email,name\nEVA@x.example,Eva\n", nordwind)
    assert report.outcomes[0].fields == ("email",)
    assert people(nordwind)["Eva"].access_epoch == 0


def test_bad_rows_are_refused_by_line_and_hold_back_nobody(nordwind: UUID) -> None:
    report = read(
        "name,email,external_id,zone,role\n"
        "Ana,ana@x.example,1,,\n"
        "Twin,ANA@x.example,,,\n"
        "Bad,no address,,,\n"
        "Lost,lost@x.example,,Mars/Olympus,\n"
        ",nameless@x.example,,,\n"
        "Nobody,,,,\n"
        "Boss,boss@x.example,,,programme_lead\n"
        "Long,a@x.example,,,,,,x\n"
        "Ben,ben@x.example,2,,\n",
        nordwind,
    )
    assert counts(report) == (2, 0, 0, 7)
    reasons = {outcome.line: outcome.reason for outcome in report.outcomes if outcome.result is Result.REFUSED}
    assert sorted(reasons) == [3, 4, 5, 6, 7, 8, 9]
    assert reasons[3].startswith("This e-mail stands in line 2 already.")
    assert "no time zone" in reasons[5]
    assert "neither an e-mail nor an external id" in reasons[7]
    assert sorted(people(nordwind)) == ["Ana", "Ben"]
    with scopes.one(nordwind):
        assert queries.imports()[0].refused == 7


def test_a_mailbox_of_somebody_else_is_refused(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("name,email,external_id\nAna,ben@x.example,1\nNew,ben@x.example,7\n", nordwind)
    assert [outcome.reason[:40] for outcome in report.outcomes] == [
        "ben@x.example belongs to somebody else, ",
        "This e-mail stands in line 2 already. Ke",
    ]


def test_whoever_left_comes_back_by_external_id_only(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    team = people(nordwind)
    with scopes.one(nordwind):
        for name in ("Ana", "Eva"):
            actions.person_leaves(person_id=team[name].id, actor=ME, now=NOW)

    report = read(TEAM, nordwind)

    assert counts(report) == (1, 1, 1, 0)
    now_there = {(person.id, person.state) for person in people(nordwind).values()}
    assert (team["Ana"].id, "invited") in now_there
    with scopes.one(nordwind):
        assert queries.person(team["Eva"].id).state == "left"
    assert queries.persons_of_mailbox("ana@x.example") == [(nordwind, team["Ana"].id)]
    assert queries.persons_of_mailbox("eva@x.example") != [(nordwind, team["Eva"].id)]


def test_coming_back_to_a_mailbox_that_is_taken_is_refused(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    with scopes.one(nordwind):
        actions.person_leaves(person_id=people(nordwind)["Ana"].id, actor=ME, now=NOW)
    read("name,email\nAna Two,ana@x.example\n", nordwind)
    report = read("external_id,name\n1,Ana\n", nordwind)
    assert report.outcomes[0].reason.startswith("ana@x.example belongs to somebody else, Ana Two")


def test_an_id_of_another_source_finds_nobody(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("name,external_id\nStranger,1\n", nordwind, source="crm:main")
    assert counts(report) == (1, 0, 0, 0)


def test_people_of_another_partner_are_never_touched(nordwind: UUID, suedstern: UUID) -> None:
    read(TEAM, suedstern)
    theirs = {person.id: person.email for person in people(suedstern).values()}
    read("name,email,external_id\nHijack,ana@x.example,1\n", nordwind)
    assert {person.id: person.email for person in people(suedstern).values()} == theirs
    assert {partner for partner, _ in queries.persons_of_mailbox("ana@x.example")} == {nordwind, suedstern}


def test_one_file_may_be_about_many_partners(nordwind: UUID, suedstern: UUID) -> None:
    rows = ("nordwind,Ana,a@x.example", "suedstern,Caz,c@x.example", "nobody,X,x@x.example", ",Y,y@x.example")
    text = "\n".join(("partner,name,email", *rows))
    report = read(text, None)
    assert counts(report) == (2, 0, 0, 2)
    assert report.partners == ["nordwind", "suedstern"]
    assert set(people(nordwind)) == {"Ana"}
    assert set(people(suedstern)) == {"Caz"}
    assert [outcome.reason.split(".")[0] for outcome in report.outcomes[2:]] == [
        "There is no partner “nobody”",
        "The row names no partner",
    ]


def test_a_file_for_one_partner_refuses_rows_about_another(nordwind: UUID, suedstern: UUID) -> None:
    report = read("partner,name,email\nsuedstern,Caz,c@x.example\n", nordwind)
    assert counts(report) == (0, 0, 0, 1)
    assert people(suedstern) == {}


def test_without_letters_nobody_is_written_to(nordwind: UUID) -> None:
    read(TEAM, nordwind, letters=False)
    assert {letter for _, letter in letters()} == {False}


def test_a_stopped_file_keeps_its_chunks_and_goes_on_when_run_again(nordwind: UUID) -> None:
    broken = TEAM + '"Zed,zed@x.example\n'
    with pytest.raises(Invalid, match="not CSV"):
        read(broken, nordwind, pace=Pace(most=2))
    with scopes.one(nordwind):
        assert [(run.state, run.line, run.new) for run in queries.imports()] == [("failed", 3, 2)]
    assert counts(read(TEAM, nordwind)) == (1, 0, 2, 0)
    assert Mailbox.objects.count() == 3


def test_a_chunk_costs_the_same_reads_for_one_row_and_for_many(
    nordwind: UUID, django_assert_max_num_queries: Any
) -> None:
    many = "name,email\n" + "".join(f"P{n},p{n}@x.example\n" for n in range(200))
    read(many, nordwind)
    with django_assert_max_num_queries(20):
        assert counts(read(many, nordwind)) == (0, 0, 200, 0)


@dataclass
class Plans:
    """How SQLite goes about what is asked of tables that grow with people.

    A statement is looked at as it was sent, with its parameters beside it: with values in their place SQLite would find
    more indexes than it does.
    """

    steps: set[str] = field(default_factory=set)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            steps = {step[3] for step in execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)}
            self.steps |= {step for step in steps if re.search(r"people_(person|mailbox|externalid|grant|group)", step)}
        return execute(sql, params, many, context)

    @property
    def among_all(self) -> set[str]:
        return {step for step in self.steps if step.startswith("SCAN") or step.endswith("(partner_id=?)")}


@pytest.mark.sqlite_only
def test_nobody_is_looked_for_among_all_people_of_the_partner(nordwind: UUID) -> None:
    plans = Plans()
    with connection.execute_wrapper(plans):
        read(TEAM, nordwind)
        read(TEAM.replace("Ana", "Anna").replace("eva@", "evi@"), nordwind)
    assert any("people_by_mailbox" in step for step in plans.steps)
    assert not plans.among_all


@pytest.mark.sqlite_only
def test_a_search_among_all_people_of_the_partner_is_seen(nordwind: UUID) -> None:
    plans = Plans()
    with connection.execute_wrapper(plans), scopes.one(nordwind):
        Person.objects.filter(email="ana@x.example").first()
    assert plans.among_all


def test_an_external_id_is_added_to_whom_the_mailbox_names(nordwind: UUID) -> None:
    read(TEAM, nordwind)
    report = read("name,email,external_id\nEva,eva@x.example,77\n", nordwind)
    assert report.outcomes[0].fields == ("external_id",)
    with scopes.one(nordwind):
        assert ExternalId.objects.get(value="77").person_id == people(nordwind)["Eva"].id
