"""To what a directory's groups lead: the page, who would get a role before it is saved, what no group gives."""

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gangway.credentials.tests.house import ME, NOW, House, Someone, admit, build
from gangway.credentials.tests.signed_in import client_of
from gangway.identity.actions import scim
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.tests.connections import connect as sign_in_of
from gangway.identity.tests.directory import Directory, connect
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning.actions import RuleSpec, make_rule, switch_rule
from gangway.learning.rules import Whom
from gangway.people import actions as people
from gangway.people import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build()


@pytest.fixture
def directory(house: House) -> Directory:
    return connect(house.nordwind_id)


def brought(directory: Directory, group: str, *names: str) -> tuple[UUID, list[UUID]]:
    """A group of the directory with these people in it."""
    ids = [directory.bring(f"{name}@nordwind.example")["id"] for name in names]
    body = {"displayName": group, "members": [{"value": one} for one in ids]}
    made = directory.ask("POST", "/Groups", body)
    assert made.status_code == 201, made.content
    return UUID(made.json()["id"]), [UUID(one) for one in ids]


def roles(person_id: UUID, partner_id: UUID) -> list[str]:
    with scopes.one(partner_id):
        return [row.role for row in queries.roles_held(person_id, clock.now())]


def page_of(directory: Directory, **given: Any) -> tuple[str, dict[str, Any]]:
    return reverse("portal:led_team", args=[directory.connection.id]), {name: str(one) for name, one in given.items()}


def save(client: Client, directory: Directory, group: UUID, role: str) -> Any:
    return client.post(*page_of(directory, group=group, role=role))


def test_a_group_gives_a_role_for_as_long_as_somebody_is_in_it(house: House, directory: Directory) -> None:
    group, (mia, tom) = brought(directory, "Channel admins", "mia", "tom")
    ben = client_of(house.ben)
    page = ben.get(*page_of(directory, group=group, role="partner_admin")).content.decode()
    assert "2 people of “Channel admins” would become partner admin." in page
    assert "<bdi>mia@nordwind.example</bdi>" in page
    assert roles(mia, house.nordwind_id) == [], "nothing is given before it is saved"
    assert save(ben, directory, group, "partner_admin").status_code == 302
    assert roles(mia, house.nordwind_id) == roles(tom, house.nordwind_id) == ["partner_admin"]
    entry = AuditEntry.objects.get(verb="identity.scim.lead_group")
    assert (entry.actor_id, entry.changes["role"], entry.changes["people"]) == (str(house.ben.id), "partner_admin", 2)
    given = AuditEntry.objects.filter(verb="people.role.grant", object_id=str(mia)).get()
    assert (given.actor_kind, given.on_behalf_of) == ("connection", house.ben.id)
    left = {"op": "remove", "path": f'members[value eq "{mia}"]'}
    assert directory.patch(f"/Groups/{group}", left).status_code == 204
    assert (roles(mia, house.nordwind_id), roles(tom, house.nordwind_id)) == ([], ["partner_admin"])
    assert save(ben, directory, group, "").status_code == 302
    assert roles(tom, house.nordwind_id) == []


def test_what_somebody_was_given_by_hand_stays_theirs(house: House, directory: Directory) -> None:
    group, (mia,) = brought(directory, "IT", "mia")
    with scopes.one(house.nordwind_id):
        people.grant_role(person_id=mia, role="partner_it", actor=Actor.person(house.ben.id), now=clock.now())
    ben = client_of(house.ben)
    assert "1 is that already" in ben.get(*page_of(directory, group=group, role="partner_it")).content.decode()
    save(ben, directory, group, "partner_it")
    directory.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{mia}"]'})
    assert roles(mia, house.nordwind_id) == ["partner_it"]


def test_a_group_never_gives_more_than_its_giver_may(house: House, directory: Directory) -> None:
    group, (mia,) = brought(directory, "Everybody", "mia")
    it = admit(house.nordwind_id, "Ida", roles=("partner_it",))
    ben = client_of(house.ben)
    for role in ("platform_admin", "programme_lead", "channel_manager", "content_owner", "trainer", "sponsor", "king"):
        assert save(ben, directory, group, role).status_code == 422, role
        assert ben.get(*page_of(directory, group=group, role=role)).status_code == 404, role
    for role in ("partner_admin", "partner_it"):
        assert save(client_of(it), directory, group, role).status_code == 403, role
    page = client_of(it).get(*page_of(directory)).content.decode()
    assert "A partner admin says which role a group gives." in page
    assert "<select" not in page
    assert roles(mia, house.nordwind_id) == []
    save(ben, directory, group, "partner_admin")
    assert save(client_of(it), directory, group, "").status_code == 403, "nor takes what they could not give"
    assert roles(mia, house.nordwind_id) == ["partner_admin"]
    with scopes.one(house.nordwind_id), pytest.raises(Invalid):
        scim.lead_group(
            connection_id=directory.connection.id, group_id=group, role="platform_admin", actor=ME, now=clock.now()
        )


def test_the_last_admin_is_not_taken_by_a_rule(house: House, directory: Directory) -> None:
    group, (mia,) = brought(directory, "Admins", "mia")
    save(client_of(house.ben), directory, group, "partner_admin")
    with scopes.one(house.nordwind_id):
        people.revoke_role(person_id=house.ben.id, role="partner_admin", actor=ME, now=clock.now())
    answer = save(client_of(Someone(mia, house.nordwind_id)), directory, group, "")
    assert answer.status_code == 409
    assert roles(mia, house.nordwind_id) == ["partner_admin"]


def test_the_page_says_what_each_group_learns(house: House, directory: Directory) -> None:
    brought(directory, "Sales", "mia")
    brought(directory, "Kitchen", "tom")
    apps.get_model("catalog", "CourseAudience").objects.create(
        owner_id=house.host_id, course_id=house.course_id, kind="all"
    )
    elsewhere = {"sales of another type": Whom(groups=frozenset({"sales"}), types=frozenset({"msp"}))}
    with scopes.one(house.host_id):
        for name, whom in {"sales": Whom(groups=frozenset({"sales"})), **elsewhere}.items():
            rule = make_rule(spec=_spec(name, whom, house), actor=ME, now=NOW)
            switch_rule(rule_id=rule, on=True, actor=ME, now=NOW)
    page = client_of(house.ben).get(*page_of(directory)).content.decode()
    assert "1 of 2 groups lead to something here." in page
    assert page.count("<bdi>Partner Essentials</bdi>") == 1
    looked = (
        client_of(house.dee)
        .get(reverse("portal:led", args=[house.nordwind_id, directory.connection.id]))
        .content.decode()
    )
    assert "<bdi>Partner Essentials</bdi>" in looked
    assert "<select" not in looked


def _spec(name: str, whom: Whom, house: House) -> Any:
    return RuleSpec(name=name, course_id=house.course_id, whom=whom)


def test_nobody_beyond_the_partner_sees_or_says_any_of_it(house: House, directory: Directory) -> None:
    group, _ = brought(directory, "Sales", "mia")
    cora = client_of(admit(house.suedstern_id, "Cora", roles=("partner_admin",)))
    assert cora.get(*page_of(directory)).status_code == 404
    assert save(cora, directory, group, "partner_it").status_code == 404
    assert client_of(house.ana).get(*page_of(directory)).status_code == 403
    theirs = connect(house.suedstern_id)
    other, _ = brought(theirs, "Sales", "zoe")
    ben = client_of(house.ben)
    assert save(ben, directory, other, "partner_it").status_code == 404
    assert ben.get(*page_of(directory, group=other, role="partner_it")).status_code == 404
    assert ben.get(*page_of(directory, group="x", role="partner_it")).status_code == 404
    sign_in = sign_in_of(house.nordwind_id, ConnectionKind.OIDC)
    assert ben.get(reverse("portal:led_team", args=[sign_in.id])).status_code == 404
    with scopes.one(house.suedstern_id), pytest.raises(NotFound):
        scim.lead_group(connection_id=directory.connection.id, group_id=group, role="", actor=ME, now=clock.now())


def test_the_page_costs_the_same_for_many_groups(house: House, directory: Directory) -> None:
    ben, counts = client_of(house.ben), []
    assert "has brought no group yet" in ben.get(*page_of(directory)).content.decode()
    for n in range(6):
        brought(directory, f"Group {n}", f"person{n}")
        with CaptureQueriesContext(connection) as asked:
            assert ben.get(*page_of(directory)).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[-1]
