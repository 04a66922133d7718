"""A directory's people: brought, adopted, changed, shut out, taken away; and what it never sees."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db.models import Q
from django.test import Client

from gangway.identity.models import Identity, ScimExchange, ScimUser, ScimValue
from gangway.identity.queries import connection_page
from gangway.identity.queries import scim as rows
from gangway.identity.queries.scim.log import ANY_NO
from gangway.identity.rules.scim import Did, folded
from gangway.identity.tests.conftest import Browser, World, sign_in_letter
from gangway.identity.tests.directory import ENTERPRISE, ME, USER, Directory, connect, work_mail
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.tenancy import scopes
from gangway.people import actions as people
from gangway.people.models import ExternalId, Person
from gangway.people.queries import person as person_of

USERS = "/Users"


@pytest.fixture
def directory(house: World) -> Directory:
    return connect(house.ana.partner_id)


def here(directory: Directory, person_id: str) -> Any:
    with scopes.one(directory.connection.partner_id):
        return person_of(UUID(person_id))


# ---------------------------------------------------------------- brought and adopted


def test_who_is_new_is_admitted(directory: Directory) -> None:
    made = directory.bring(
        "fay@nordwind.example",
        externalId="f-1",
        displayName="Fay Férnandez",
        preferredLanguage="de-DE",
        timezone="Europe/Berlin",
        emails=work_mail("Fay@Nordwind.example"),
    )
    fay = here(directory, made["id"])
    assert (fay.name, fay.email, fay.locale, fay.zone) == (
        "Fay Férnandez",
        "Fay@Nordwind.example",
        "de-DE",
        "Europe/Berlin",
    )
    assert fay.managed_by == directory.connection.source == "scim:scim"
    assert made["emails"][0]["value"] == "Fay@Nordwind.example", "values are kept as they were sent"
    with scopes.one(directory.connection.partner_id):
        assert Identity.objects.get(person=fay.id).subject == made["id"]
        assert ExternalId.objects.get(person=fay.id).value == "f-1"
    assert {"people.person.admit", "identity.scim.create_user"} <= set(
        AuditEntry.objects.filter(object_id=made["id"], actor_kind="connection").values_list("verb", flat=True)
    )


def test_who_came_by_invitation_is_adopted_by_mailbox(house: World, directory: Directory) -> None:
    made = directory.bring("ANA@nordwind.example", externalId="a-1", displayName="Ana L.")
    assert made["id"] == str(house.ana.id)
    ana = here(directory, made["id"])
    assert (ana.name, ana.managed_by) == ("Ana L.", "scim:scim")
    assert directory.get(f"/Users/{house.ana.id}").status_code == 200


def test_nobody_of_another_partner_is_adopted_or_seen(house: World) -> None:
    """Danger 1. Negative control: the same requests with the other partner's own connection do find and change them."""
    ours, theirs = connect(house.ana.partner_id), connect(house.caz.partner_id)
    caz = theirs.bring("caz@suedstern.example", externalId="c-1")
    assert caz["id"] == str(house.caz.id)
    made = ours.bring("caz@suedstern.example", externalId="c-1")
    assert made["id"] != caz["id"], "the same mailbox at two partners is two people"
    before = here(theirs, caz["id"])
    path, gone = f"/Users/{caz['id']}", {"op": "replace", "path": "active", "value": False}
    never = f"/Users/{uuid4()}"
    for method, body in (("GET", None), ("PUT", {"schemas": [USER], "userName": "x"}), ("DELETE", None)):
        foreign, unknown = ours.ask(method, path, body), ours.ask(method, never, body)
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert ours.patch(path, gone).status_code == 404
    assert ours.find(f'filter=id eq "{caz["id"]}"')["totalResults"] == 0
    assert here(theirs, caz["id"]) == before
    assert theirs.patch(path, gone).status_code == 200
    assert here(theirs, caz["id"]).state == "suspended"


def test_a_second_connection_of_one_partner_sees_and_takes_nothing_of_the_first(
    house: World, directory: Directory
) -> None:
    second = connect(house.ana.partner_id, "second")
    made = directory.bring("fay@nordwind.example", emails=work_mail("fay@nordwind.example"))
    assert second.get(f"/Users/{made['id']}").status_code == 404
    assert second.find("count=10")["totalResults"] == 0
    taken = second.ask("POST", "/Users", {"schemas": [USER], "userName": "fay@nordwind.example"})
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    assert here(directory, made["id"]).managed_by == "scim:scim"


def test_somebody_who_left_returns_by_the_same_external_id_alone(house: World, directory: Directory) -> None:
    made = directory.bring("fay@nordwind.example", externalId="f-1")
    assert directory.ask("DELETE", f"/Users/{made['id']}").status_code == 204
    assert here(directory, made["id"]).state == "left"
    stranger = directory.bring("fay@nordwind.example", externalId="f-2")
    assert stranger["id"] != made["id"], "a mailbox does not bring back who left"
    directory.ask("DELETE", f"/Users/{stranger['id']}")
    again = directory.bring("fay@nordwind.example", externalId="f-1")
    assert again["id"] == made["id"]
    assert here(directory, made["id"]).state == "invited"
    other = connect(house.ana.partner_id, "other")
    directory.ask("DELETE", f"/Users/{made['id']}")
    assert other.bring("fay@nordwind.example", externalId="f-1")["id"] != made["id"], "another source, another id"


def test_a_name_is_there_once(directory: Directory) -> None:
    directory.bring("fay", externalId="f-1")
    for body in ({"userName": "FAY"}, {"userName": "other", "externalId": "f-1"}):
        answer = directory.ask("POST", "/Users", {"schemas": [USER], **body})
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")
    with scopes.one(directory.connection.partner_id):
        assert ScimUser.objects.count() == 1
        assert Person.objects.filter(managed_by="scim:scim").count() == 1


def test_who_has_no_address_and_no_number_comes_too_and_again(directory: Directory) -> None:
    first = directory.bring("emp1")
    directory.ask("DELETE", f"/Users/{first['id']}")
    assert directory.bring("emp1")["id"] != first["id"]


# ---------------------------------------------------------------- changed


def test_the_directory_alone_changes_its_people(house: World, directory: Directory) -> None:
    directory.bring("ana@nordwind.example")
    for act in (people.suspend_person, people.person_leaves, people.resume_person):
        with scopes.one(house.ana.partner_id), pytest.raises(people.ChangedElsewhere):
            act(person_id=house.ana.id, actor=ME, now=clock.now())
    with scopes.one(house.ana.partner_id), pytest.raises(people.ChangedElsewhere):
        people.set_profile(person_id=house.ana.id, name="Somebody", actor=ME, now=clock.now())
    with scopes.one(house.ana.partner_id):
        people.set_profile(person_id=house.ana.id, locale="ar", actor=ME, now=clock.now())
    eva = house.eva_nordwind
    with scopes.one(eva.partner_id):
        people.suspend_person(person_id=eva.id, actor=ME, now=clock.now())  # managed by nobody


def test_a_language_chosen_here_stays_until_the_directory_says_another(house: World, directory: Directory) -> None:
    made = directory.bring("ana@nordwind.example", preferredLanguage="de")
    with scopes.one(house.ana.partner_id):
        people.set_profile(person_id=house.ana.id, locale="ar", actor=ME, now=clock.now())
    path = f"/Users/{made['id']}"
    directory.patch(path, {"op": "replace", "path": "title", "value": "Engineer"})
    assert here(directory, made["id"]).locale == "ar"
    directory.patch(path, {"op": "replace", "path": "preferredLanguage", "value": "en"})
    assert here(directory, made["id"]).locale == "en"


def test_put_says_everything_anew_but_lets_nobody_in_by_silence(directory: Directory) -> None:
    made = directory.bring("fay", title="Engineer", active=False)
    answer = directory.ask("PUT", f"/Users/{made['id']}", {"schemas": [USER], "userName": "fay.b", "nickName": "F"})
    told = answer.json()
    assert (told["userName"], told.get("title"), told["nickName"], told["active"]) == ("fay.b", None, "F", False)
    assert here(directory, made["id"]).state == "suspended"


def test_a_manager_may_be_a_bare_id_and_an_extension_comes_and_goes(directory: Directory) -> None:
    made = directory.bring("fay", **{ENTERPRISE: {"department": "North", "manager": "m-1"}})
    assert made["schemas"] == [USER, ENTERPRISE]
    assert made[ENTERPRISE] == {"department": "North", "manager": {"value": "m-1"}}
    path = f"/Users/{made['id']}"
    told = directory.patch(path, {"op": "add", "path": f"{ENTERPRISE}:manager", "value": "m-2"}).json()
    assert told[ENTERPRISE]["manager"] == {"value": "m-2"}
    assert directory.patch(path, {"op": "remove", "path": ENTERPRISE}).json()["schemas"] == [USER]


def test_what_no_schema_has_changes_nothing_and_is_said(directory: Directory) -> None:
    made = directory.bring("fay")
    path = f"/Users/{made['id']}"
    alone = directory.patch(path, {"op": "replace", "path": "actve", "value": False})
    assert (alone.status_code, alone.json()["scimType"]) == (400, "invalidPath")
    beside = directory.patch(path, {"op": "replace", "value": {"shoeSize": 44, "active": "False"}})
    assert beside.json()["active"] is False, "an attribute nobody knows keeps no leaver in"
    with scopes.one(directory.connection.partner_id):
        line = rows.exchanges(directory.connection.id)[0]
    assert (line.did, line.why) == ("shut out", "not known: shoeSize")


def test_a_version_that_was_not_read_is_not_written_over(directory: Directory) -> None:
    made = directory.bring("fay")
    path, rename = f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "Engineer"}
    read = directory.get(path)
    assert read.headers["ETag"] == made["meta"]["version"] == 'W/"1"'
    changed = directory.patch(path, rename, **{"If-Match": 'W/"1"'})
    assert changed.headers["ETag"] == 'W/"2"'
    for method, body in (("PUT", {"schemas": [USER], "userName": "x"}), ("DELETE", None)):
        assert directory.ask(method, path, body, **{"If-Match": 'W/"1"'}).status_code == 412
    assert directory.get(path, **{"If-None-Match": 'W/"2"'}).status_code == 304
    assert directory.get(path, **{"If-None-Match": 'W/"1"'}).status_code == 200
    same = directory.patch(path, rename)
    assert same.headers["ETag"] == 'W/"2"', "what is said again changes nothing"
    assert directory.ask("DELETE", path, **{"If-Match": '"2", W/"7"'}).status_code == 204


def test_a_sign_in_is_joined_by_the_user_name_of_its_own_directory(house: World, directory: Directory) -> None:
    made = directory.bring("Fay.B")
    other = connect(house.ana.partner_id, "other")
    with scopes.one(house.ana.partner_id):
        assert rows.joined_person(directory.connection.id, user_name_key=folded("FAY.b")) == UUID(made["id"])
        assert rows.joined_person(other.connection.id, user_name_key=folded("FAY.b")) is None
    directory.ask("DELETE", f"/Users/{made['id']}")
    with scopes.one(house.ana.partner_id):
        assert rows.joined_person(directory.connection.id, user_name_key=folded("FAY.b")) is None


# ---------------------------------------------------------------- shut out


FORMS: dict[str, list[dict[str, Any]]] = {
    "a string": [{"op": "Replace", "path": "active", "value": "False"}],
    "no path": [{"op": "replace", "value": {"active": False}}],
    "no path, a string": [{"op": "Replace", "value": {"active": "False"}}],
    "a long name": [{"op": "replace", "path": f"{USER}:active", "value": False}],
    "among others": [
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "ana@nordwind.example"},
        {"op": "replace", "path": "active", "value": "false"},
    ],
    "add": [{"op": "add", "path": "active", "value": False}],
}


@pytest.mark.parametrize("form", [*FORMS, "PUT", "DELETE"])
def test_a_leaver_is_out_with_the_answer(
    house: World, directory: Directory, form: str, browser: Browser, other_browser: Browser
) -> None:
    """Sessions and links die with the 2xx. Negative control: before it, and for somebody else, they open."""
    made = directory.bring("ana@nordwind.example", emails=work_mail("ana@nordwind.example"))
    directory.bring("eva@freelance.example", emails=work_mail("eva@freelance.example"))
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in
    with scopes.one(house.ana.partner_id):
        epoch = person_of(house.ana.id).access_epoch
    other_browser.ask("ana@nordwind.example")
    open_link = sign_in_letter()
    path = f"/Users/{made['id']}"
    if form == "DELETE":
        assert directory.ask("DELETE", path).status_code == 204
    elif form == "PUT":
        body = {"schemas": [USER], "userName": "ana@nordwind.example", "active": False}
        assert directory.ask("PUT", path, body).json()["active"] is False
    else:
        assert directory.patch(path, *FORMS[form]).json()["active"] is False
    assert not browser.signed_in
    other_browser.press("/sign-in/code", code=open_link.code)
    assert not other_browser.signed_in
    ana = here(directory, made["id"])
    assert ana.access_epoch > epoch
    assert ana.state == ("left" if form == "DELETE" else "suspended")
    eva = Browser()
    eva.ask("eva@freelance.example")
    assert here(directory, str(house.eva_nordwind.id)).state == "invited", "the others stay"


def test_who_is_shut_out_is_still_read_and_comes_in_again(directory: Directory) -> None:
    made = directory.bring("fay")
    path = f"/Users/{made['id']}"
    directory.patch(path, {"op": "replace", "path": "active", "value": False})
    assert directory.get(path).json()["active"] is False
    assert directory.find("filter=active eq false")["totalResults"] == 1
    assert directory.patch(path, {"op": "replace", "path": "active", "value": "True"}).json()["active"] is True
    assert here(directory, made["id"]).state == "invited"


def test_a_token_that_was_revoked_or_whose_connection_is_off_opens_nothing(directory: Directory) -> None:
    from gangway.identity import actions
    from gangway.identity.rules.connections import ConnectionState

    assert directory.get("/Users").status_code == 200
    with scopes.one(directory.connection.partner_id):
        actions.set_connection_state(
            connection_id=directory.connection.id, state=ConnectionState.OFF, actor=ME, now=clock.now()
        )
    answer = directory.get("/Users")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == "401"
    assert Client().get("/scim/v2/Users").status_code == 401


# ---------------------------------------------------------------- what is refused


BROKEN = {
    "no json": b"{",
    "nan": b'{"schemas":[],"userName":NaN}',
    "nul": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a\\u0000b"}',
    "half a character": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a\\ud800b"}',
    "bytes": b'{"userName":"\xff"}',
    "a list": b"[]",
    "deep": b'{"userName":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "nested": b'{"userName":"x","name":' + b'{"name":' * 30 + b"1" + b"}" * 31,
    "no name": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}',
    "blank name": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"  "}',
    "a number": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":7}',
    "no mail": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","emails":[{"value":"x"}]}',
    "long": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"' + b"x" * 300 + b'"}',
    "big": b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","title":"'
    + b"x" * 70_000
    + b'"}',
    "empty": b"",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_is_a_400_in_scim_json(directory: Directory, name: str) -> None:
    answer = directory.ask("POST", "/Users", BROKEN[name])
    told = answer.json()
    assert (answer.status_code, told["status"]) == (400, "400"), told
    assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert told["detail"]
    with scopes.one(directory.connection.partner_id):
        assert not ScimUser.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "filter=userName eq",
        'filter=userName zz "x"',
        "filter=shoeSize eq 44",
        'filter=userName eq "\x00"',
        'filter=userName eq "\\ud800"',
        'filter=not (emails[type eq "work" and value co "\\u0000"])',
        "filter=" + " or ".join(['userName eq "x"'] * 201),
        "sortBy=shoeSize",
        "count=many",
        "cursor=nonsense",
        "filter=active gt true",
        'filter=emails[type eq "work"',
        "attributes=userName&excludedAttributes=name",
    ],
)
def test_a_question_that_is_none_is_a_400(directory: Directory, query: str) -> None:
    from gangway.identity.tests.directory import parameters

    headers = {"Authorization": f"Bearer {directory.token}"}
    answer = directory.client.get("/scim/v2/Users", parameters(query), headers=headers)
    assert answer.status_code == 400, answer.content
    assert answer.json()["scimType"]


def test_a_filter_of_many_names_is_answered(directory: Directory) -> None:
    directory.bring("fay")
    many = " or ".join([*(f'emails.value eq "x{n}"' for n in range(199)), 'userName eq "fay"'])
    assert directory.find(f"filter={many}")["totalResults"] == 1


def test_half_a_character_in_a_path_is_a_400(directory: Directory) -> None:
    """Its JSON hides it from whoever looks at the body alone."""
    fay = directory.bring("fay")["id"]
    path = 'emails[type eq "\\ud800"].value'
    answer = directory.patch(f"/Users/{fay}", {"op": "add", "path": path, "value": "fay@x.example"})
    assert (answer.status_code, answer.json()["status"]) == (400, "400"), answer.content


def test_what_fails_on_our_side_is_said_in_scim_json(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**ignored: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("gangway.identity.actions.scim.create_user", fail)
    directory.client.raise_request_exception = False
    answer = directory.ask("POST", "/Users", {"schemas": [], "userName": "fay"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/scim+json; charset=utf-8")
    assert answer.json()["status"] == "500"
    assert "<html" not in answer.content.decode()


def test_discovery_takes_no_filter(directory: Directory) -> None:
    """RFC 7644, 4: 403, so that nobody thinks it was applied."""
    for where in ("Schemas", "ResourceTypes"):
        headers = {"Authorization": f"Bearer {directory.token}"}
        answer = directory.client.get(f"/scim/v2/{where}", {"filter": 'id eq "User"'}, headers=headers)
        assert (answer.status_code, answer.json()["status"]) == (403, "403")


def test_a_list_that_nobody_counted_is_as_long_as_a_page_may_be(directory: Directory) -> None:
    """A client that looks at the first page alone, as scim2-tester does, finds whom it made."""
    told = directory.get("/ServiceProviderConfig").json()["pagination"]
    assert told["defaultPageSize"] == told["maxPageSize"] == 500


def test_what_this_server_has_not_is_said_in_scim_json(directory: Directory) -> None:
    for method, path, status in (
        ("GET", "/Nothing", 404),
        ("GET", f"{USERS}/1/2", 404),
        ("GET", f"{USERS}/not-an-id", 404),
        ("DELETE", "/Users", 405),
        ("POST", "/Bulk", 501),
        ("GET", "/Me", 501),
        ("GET", "/.search", 405),
        ("POST", "", 405),
        ("PATCH", "/Schemas", 405),
    ):
        answer = directory.ask(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, str(status)), path


def test_a_refusal_is_no_half_work(house: World, directory: Directory) -> None:
    """A mailbox that is somebody's of another connection: neither the user nor the person is there."""
    other = connect(house.ana.partner_id, "other")
    other.bring("taken@nordwind.example")
    with scopes.one(house.ana.partner_id):
        before = Person.objects.count()
    body = {"schemas": [USER], "userName": "new", "emails": work_mail("taken@nordwind.example")}
    assert directory.ask("POST", "/Users", body).status_code == 409
    with scopes.one(house.ana.partner_id):
        assert Person.objects.count() == before
        assert not ScimUser.objects.filter(connection=directory.connection.id).exists()


# ---------------------------------------------------------------- what is kept


def test_nothing_that_was_told_is_kept_of_a_leaver(directory: Directory) -> None:
    made = directory.bring("fay", emails=work_mail("fay@nordwind.example"))
    directory.ask("DELETE", f"/Users/{made['id']}")
    with scopes.one(directory.connection.partner_id):
        assert not ScimUser.objects.exists()
        assert not ScimValue.objects.exists()


def test_the_log_says_what_came_without_whom(directory: Directory) -> None:
    made = directory.bring("fay", emails=work_mail("fay@nordwind.example"))
    directory.find('filter=userName eq "fay" and emails[value co "nordwind"]')
    directory.ask("POST", "/Users", {"schemas": [USER], "userName": "FAY"})
    with scopes.one(directory.connection.partner_id):
        lines = rows.exchanges(directory.connection.id)
    assert [(line.method, line.path, line.status, line.did) for line in lines] == [
        ("POST", "/Users", 409, "refused"),
        ("POST", "/Users", 201, "created"),
    ]
    assert lines[0].why == "identity.scim_taken: userName"
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        directory.find('filter=userName eq "fay" and emails[value co "nordwind"]')
    with scopes.one(directory.connection.partner_id):
        line = rows.exchanges(directory.connection.id)[0]
    assert line.path == "/Users?filter=userName eq … and emails[value co …]"
    assert made["id"] not in json.dumps([one.path for one in lines])


def test_the_log_names_whom_as_they_are_called_when_it_is_read(directory: Directory) -> None:
    made = directory.bring("fay", emails=work_mail("fay@nordwind.example"))
    for operation in (
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Tour"},
        {"op": "add", "value": {"nickName": "Fay"}},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "f@nordwind.example"},
    ):
        assert directory.patch(f"/Users/{made['id']}", operation).status_code == 200
    group = directory.group("Team", made["id"])
    assert directory.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"}).status_code == 204
    with scopes.one(directory.connection.partner_id):
        lines = rows.exchanges(directory.connection.id)
        assert not ScimExchange.objects.filter(Q(why__icontains="fay") | Q(path__icontains="fay")).exists()
    assert [(line.why, line.whom) for line in lines] == [
        ("members", "Team"),
        (group["id"], "Team"),
        ("emails.value", "fay"),
        ("nickName", "fay"),
        ("department", "fay"),
        (made["id"], "fay"),
    ]


def test_every_no_of_the_log_has_words_and_says_what_to_do(directory: Directory) -> None:
    """A code alone sends its reader to the source; one that has no words would show here."""
    directory.bring("fay")
    directory.ask("POST", "/Users", {"schemas": [USER], "userName": "FAY"})
    directory.ask("GET", f"/Users/{uuid4()}")
    directory.ask("POST", "/Bulk", {})
    directory.ask("PUT", "/Users", {})
    directory.ask("POST", "/Users", {"schemas": [USER], "userName": "x" * 300})
    directory.ask("GET", "/Users?filter=userName")
    with scopes.one(directory.connection.partner_id):
        lines = rows.exchanges(directory.connection.id)
    said = {line.why.partition(":")[0]: line.words for line in lines if line.did is Did.REFUSED}
    assert len(said) >= 5
    assert ANY_NO not in said.values(), said
    assert {line.words for line in lines if line.did is Did.CREATED} == {"Brought in."}


def test_what_a_connection_knows_says_who_was_shut_out_and_taken_away(directory: Directory) -> None:
    here, out, gone = (directory.bring(name)["id"] for name in ("fay", "gil", "hal"))
    directory.patch(f"/Users/{out}", {"op": "replace", "path": "active", "value": False})
    directory.ask("DELETE", f"/Users/{gone}")
    with scopes.one(directory.connection.partner_id):
        known = connection_page(directory.connection.id, clock.now()).known
    assert {str(one.link.person_id): (one.sent, one.active) for one in known} == {
        here: ("fay", True),
        out: ("gil", False),
        gone: ("", False),
    }


def test_a_name_that_cannot_be_is_named(directory: Directory) -> None:
    answer = directory.ask("POST", "/Users", {"schemas": [USER], "userName": "x", "displayName": "a\u202eb"})
    assert answer.status_code == 400
    assert "displayName" in answer.json()["detail"]
