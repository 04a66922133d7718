from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gangway.kernel.access import Reach
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import host_partner
from gangway.people import actions, queries
from gangway.people.tests.conftest import ME, NOW

LATER = NOW + timedelta(days=1)


def admit(partner: UUID, name: str = "Ana", email: str | None = "ana@x.example", **said: Any) -> UUID:
    with scopes.one(partner):
        return actions.admit_person(name=name, email=email, actor=ME, now=NOW, **said)


def events(person_id: UUID) -> list[str]:
    return list(OutboxEvent.objects.filter(subject_id=person_id).order_by("number").values_list("name", flat=True))


def test_admitting_writes_person_mailbox_audit_and_event(nordwind: UUID) -> None:
    ana = admit(nordwind, name="Ana Lima", email="Ana@X.example", letter=False, source="desk")

    with scopes.one(nordwind):
        row = queries.person(ana)
    assert (row.name, row.email, row.locale, row.zone) == ("Ana Lima", "Ana@X.example", "de", "Europe/Berlin")
    assert (row.state, row.may_come_in, row.invited_at, row.access_epoch) == ("invited", True, NOW, 0)
    assert queries.persons_of_mailbox("ANA@x.example") == [(nordwind, ana)]
    event = OutboxEvent.objects.get(subject_id=ana)
    assert event.payload == {"person_id": str(ana), "letter": False, "source": "desk"}
    entry = AuditEntry.objects.get(object_id=str(ana))
    assert (entry.verb, entry.partner_id, entry.at) == ("people.person.admit", nordwind, NOW)
    assert entry.changes_personal["email"] == "Ana@X.example"
    assert "Ana" not in str(entry.changes)


def test_one_mailbox_is_one_person_per_partner_and_two_at_two(nordwind: UUID, suedstern: UUID) -> None:
    here, there = admit(nordwind), admit(suedstern)
    assert queries.persons_of_mailbox("ana@x.example") == [(nordwind, here), (suedstern, there)]
    with pytest.raises(actions.AlreadyHere):
        admit(nordwind, email="ANA@x.example")


def test_nobody_is_found_by_what_is_no_address(nordwind: UUID) -> None:
    admit(nordwind)
    assert queries.persons_of_mailbox("ana\x00@x.example") == []
    assert queries.persons_of_mailbox("") == []


def test_a_foreign_person_is_not_found_by_any_verb(nordwind: UUID, suedstern: UUID) -> None:
    caz = admit(suedstern, name="Caz", email="caz@x.example")
    with scopes.one(nordwind):
        for verb in (actions.activate_person, actions.suspend_person, actions.resume_person, actions.person_leaves):
            with pytest.raises(NotFound):
                verb(person_id=caz, actor=ME, now=NOW)
        with pytest.raises(NotFound):
            actions.grant_role(person_id=caz, role="partner_it", actor=ME, now=NOW)
        with pytest.raises(NotFound):
            queries.person(caz)
        assert queries.names([caz]) == {}
    with scopes.one(suedstern):
        assert queries.person(caz).state == "invited"


def test_the_first_sign_in_activates_once(nordwind: UUID) -> None:
    ana = admit(nordwind)
    with scopes.one(nordwind):
        assert actions.activate_person(person_id=ana, actor=ME, now=NOW) is True
        assert actions.activate_person(person_id=ana, actor=ME, now=LATER) is False
        assert queries.person(ana).activated_at == NOW
    assert events(ana) == ["people.person.admitted.v1", "people.person.activated.v1"]


def test_suspending_raises_the_epoch_and_shuts_the_door(nordwind: UUID) -> None:
    ana = admit(nordwind)
    with scopes.one(nordwind):
        actions.activate_person(person_id=ana, actor=ME, now=NOW)
        actions.suspend_person(person_id=ana, actor=ME, now=NOW)
        assert (queries.person(ana).access_epoch, queries.person(ana).may_come_in) == (1, False)
        with pytest.raises(actions.MayNotComeIn):
            actions.activate_person(person_id=ana, actor=ME, now=NOW)
        actions.suspend_person(person_id=ana, actor=ME, now=NOW)
        assert queries.person(ana).access_epoch == 1
        actions.resume_person(person_id=ana, actor=ME, now=NOW)
        assert queries.person(ana).state == "active"
        assert queries.person(ana).access_epoch == 1


def test_nobody_suspends_or_removes_themselves(nordwind: UUID) -> None:
    ana = admit(nordwind)
    herself = Actor.person(ana)
    with scopes.one(nordwind):
        for verb in (actions.suspend_person, actions.person_leaves):
            with pytest.raises(actions.OwnAccess):
                verb(person_id=ana, actor=herself, now=NOW)
        assert queries.person(ana).state == "invited"


def test_leaving_ends_roles_mailbox_and_access_and_frees_the_address(nordwind: UUID) -> None:
    ana = admit(nordwind, roles=["partner_admin"])
    with scopes.one(nordwind):
        actions.person_leaves(person_id=ana, source="desk", actor=ME, now=NOW)
        row = queries.person(ana)
        assert (row.state, row.access_epoch, row.may_come_in) == ("left", 1, False)
        assert queries.roles_of(ana, NOW) == ()
    assert queries.persons_of_mailbox("ana@x.example") == []
    assert admit(nordwind) != ana


def test_a_profile_changes_what_is_said_and_nothing_twice(nordwind: UUID) -> None:
    ana = admit(nordwind)
    with scopes.one(nordwind):
        actions.set_profile(person_id=ana, name="Ána", locale="pt_BR", actor=ME, now=NOW)
        actions.set_profile(person_id=ana, name="Ána", locale="pt-BR", actor=ME, now=NOW)
        row = queries.person(ana)
        with pytest.raises(Invalid, match="time zone"):
            actions.set_profile(person_id=ana, zone="Mars/Olympus", actor=ME, now=NOW)
    assert (row.name, row.locale, row.zone) == ("Ána", "pt-BR", "Europe/Berlin")
    assert events(ana) == ["people.person.admitted.v1", "people.person.changed.v1"]


def test_a_role_is_granted_once_and_revoked_with_the_epoch(nordwind: UUID) -> None:
    ana = admit(nordwind)
    with scopes.one(nordwind):
        for _ in range(2):
            actions.grant_role(person_id=ana, role="partner_admin", actor=ME, now=NOW)
        (held,) = queries.roles_of(ana, NOW)
        assert (held.role, held.reach, held.granted_at) == ("partner_admin", "one", NOW)
        assert [row.person_id for row in queries.holders("partner_admin", NOW)] == [ana]
        actions.revoke_role(person_id=ana, role="partner_admin", actor=ME, now=NOW)
        assert queries.roles_of(ana, LATER) == ()
        assert queries.person(ana).access_epoch == 1
        actions.grant_role(person_id=ana, role="partner_admin", actor=ME, now=LATER)
        assert len(queries.roles_of(ana, LATER)) == 1
    assert events(ana)[1:] == ["people.role.granted.v1", "people.role.revoked.v1", "people.role.granted.v1"]


def test_a_grant_may_run_out_by_itself(nordwind: UUID) -> None:
    ana = admit(nordwind)
    with scopes.one(nordwind):
        actions.grant_role(person_id=ana, role="partner_it", until=LATER, actor=ME, now=NOW)
        assert queries.roles_of(ana, NOW)
        assert not queries.roles_of(ana, LATER)


def test_a_partners_person_never_reaches_further_than_the_partner(nordwind: UUID, suedstern: UUID) -> None:
    ana = admit(nordwind)
    attempts: list[dict[str, Any]] = [
        {"role": "programme_lead"},
        {"role": "partner_admin", "reach": Reach.HOST},
        {"role": "partner_admin", "reach": Reach.PORTFOLIO},
        {"role": "partner_admin", "reach": Reach.ONE, "reach_id": suedstern},
        {"role": "partner_admin", "reach": Reach.TREE, "reach_id": suedstern},
    ]
    with scopes.one(nordwind):
        for said in attempts:
            with pytest.raises(Invalid):
                actions.grant_role(person_id=ana, actor=ME, now=NOW, **said)
        assert queries.roles_of(ana, NOW) == ()


def test_staff_reach_what_their_grant_names(nordwind: UUID) -> None:
    host = host_partner()
    assert host is not None
    dee = admit(host.id, name="Dee", email="dee@acme.example", roles=["programme_lead", "channel_manager"])
    with scopes.one(host.id):
        actions.grant_role(person_id=dee, role="trainer", reach=Reach.ONE, reach_id=nordwind, actor=ME, now=NOW)
        reaches = {row.role: row.reach for row in queries.roles_of(dee, NOW)}
        with pytest.raises(NotFound):
            actions.grant_role(person_id=dee, role="trainer", reach=Reach.ONE, reach_id=new_id(), actor=ME, now=NOW)
        with pytest.raises(Invalid, match="people of partners"):
            actions.grant_role(person_id=dee, role="partner_admin", actor=ME, now=NOW)
    assert reaches == {"programme_lead": "host", "channel_manager": "portfolio", "trainer": "one"}


def test_people_are_counted_per_partner_in_one_statement(
    nordwind: UUID, suedstern: UUID, django_assert_num_queries: Any
) -> None:
    ana, ben = admit(nordwind), admit(nordwind, "Ben", "ben@x.example")
    admit(nordwind, "Robot", "robot@x.example", synthetic=True)
    admit(suedstern, "Caz", "caz@x.example")
    with scopes.one(nordwind):
        actions.activate_person(person_id=ana, actor=ME, now=NOW)
        actions.person_leaves(person_id=ben, actor=ME, now=NOW)
    with scopes.host(), django_assert_num_queries(1):
        counts = queries.people_counts()
    assert counts[nordwind] == queries.PeopleCount(active=1, gone=1)
    assert counts[suedstern].here == 1
    with scopes.one(nordwind):
        assert set(queries.people_counts()) == {nordwind}


def test_the_first_steps_of_each_partner_in_one_statement(
    nordwind: UUID, suedstern: UUID, django_assert_num_queries: Any
) -> None:
    ben = admit(nordwind, "Ben", "ben@x.example", roles=["partner_admin"])
    admit(nordwind)
    admit(suedstern, "Caz", "caz@x.example", roles=["partner_admin"])
    with scopes.one(nordwind):
        actions.activate_person(person_id=ben, actor=ME, now=LATER)
    with scopes.host(), django_assert_num_queries(1):
        steps = {step.partner_id: step for step in queries.first_steps()}
    assert (steps[nordwind].agreed_at, steps[nordwind].team_named_at) == (LATER, NOW)
    assert (steps[suedstern].agreed_at, steps[suedstern].team_named_at) == (None, None)


def test_everybody_who_has_not_left_is_walked_through_in_pieces(nordwind: UUID, suedstern: UUID) -> None:
    team = [admit(nordwind, f"P{n}", f"p{n}@x.example") for n in range(5)]
    admit(suedstern, "Caz", "caz@x.example")
    with scopes.one(nordwind):
        actions.person_leaves(person_id=team[1], actor=ME, now=NOW)
        actions.suspend_person(person_id=team[2], actor=ME, now=NOW)
        first = queries.person_ids(limit=2)
        rest = queries.person_ids(after=first[-1])
    assert [*first, *rest] == [team[0], *team[2:]]
