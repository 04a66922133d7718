"""L2: a partner's IT connects the partner by a link, tries the sign-in, and opens it; the link opens nothing else."""

from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from gangway.identity import actions, queries
from gangway.identity.actions import Conduct
from gangway.identity.models import Connection, Session, Trial
from gangway.identity.queries import read_token
from gangway.identity.rules.connections import Asserted, ConnectionKind, ConnectionState, JoinAttribute, TokenRight
from gangway.identity.rules.paste import PASTE
from gangway.identity.rules.reach import Where
from gangway.identity.rules.saml import METADATA_LIMIT
from gangway.identity.rules.trial import LINKS_AT_ONCE, PAIRS, Met, Rule, Works, judge, passes, refused
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect, prove, tell
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.identity.tests.test_saml_settings import metadata
from gangway.identity.views.connections import our_addresses
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
ASSERTED = Asserted("sub-1", {"email": ("it@nordwind.example",), "name": ("Ida",)})


@pytest.fixture
def ben(house: World) -> Someone:
    return admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))


@pytest.fixture
def link(ben: Someone) -> str:
    with scopes.one(ben.partner_id):
        return actions.make_set_up_link(asked_by=ben.id, actor=ME, now=clock.now()).token


def draft(house: World) -> queries.ConnectionRow:
    with scopes.one(house.ana.partner_id):
        made = actions.add_connection(kind=ConnectionKind.OIDC, key="oidc", name="Okta", actor=ME, now=clock.now())
        row = queries.connection(made)
    tell(row)
    return row


# ---------------------------------------------------------------- the rules


def test_a_sign_in_that_says_everything() -> None:
    met = judge(ASSERTED, {}, proven=["nordwind.example"], join_claim=None, joins=False)
    assert [one.rule for one in met if not one.passed] == []
    assert passes(met)


@pytest.mark.parametrize(
    ("asserted", "failed"),
    [
        (Asserted("ida@nordwind.example", ASSERTED.claims), {Rule.STABLE}),
        (Asserted("sub-1"), {Rule.EMAIL, Rule.DOMAIN, Rule.NAME}),
        (Asserted("sub-1", {"email": ("it@other.example",), "name": ("Ida",)}), {Rule.DOMAIN}),
        (Asserted("", ASSERTED.claims), {Rule.SUBJECT}),
        (Asserted("s" * 256, ASSERTED.claims), {Rule.SUBJECT}),
    ],
)
def test_what_is_missing_is_named(asserted: Asserted, failed: set[Rule]) -> None:
    met = judge(asserted, {}, proven=["nordwind.example"], join_claim=None, joins=False)
    assert {one.rule for one in met if not one.passed} == failed
    assert passes(met) == (Rule.SUBJECT not in failed)


@pytest.mark.parametrize(("account", "asks"), [(None, True), (Where.OWN, True), (Where.SERVED, False)])
def test_the_domain_counts_for_the_company_s_own_people_alone(account: Where | None, *, asks: bool) -> None:
    met = judge(ASSERTED, {}, proven=[], join_claim=None, joins=False, account=account)
    assert (Rule.DOMAIN in {one.rule for one in met}) is asks
    assert passes(met)


def test_the_join_is_judged_where_there_is_one() -> None:
    for joins in (True, False):
        met = judge(ASSERTED, {}, proven=[], join_claim="oid", joins=joins)
        assert met[-1] == Met(Rule.JOIN, joins, "oid")
    assert not passes(refused("oidc.audience", "expected a"))


# ---------------------------------------------------------------- the link


def test_looking_changes_nothing_and_says_who_asks(house: World, link: str) -> None:
    audited = AuditEntry.objects.count()
    for path in (f"/connect/{link}", f"/connect/{link}?with=okta", f"/connect/{link}?with=nonsense"):
        page = unescape(Client().get(path).content.decode())
    assert AuditEntry.objects.count() == audited
    page = unescape(Client().get(f"/connect/{link}?with=okta").content.decode())
    assert "Ben asks you, as the IT of Nordwind" in page
    assert "ben@nordwind.example" in page
    assert "two applications over there" in page
    assert "You may also do nothing" in page
    with scopes.host():
        assert Connection.objects.count() == 0


def test_the_it_sees_what_its_zone_must_hold(house: World, link: str) -> None:
    """They keep the zone: nobody has to copy the record for them."""
    with scopes.one(house.ana.partner_id):
        claim = actions.claim_domain(name="nordwind.example", actor=ME, now=clock.now())
        waiting = queries.domain_claim(claim, clock.now())
    page = Client().get(f"/connect/{link}").content.decode()
    assert "_gangway.nordwind.example" in page
    assert waiting.value in page
    with scopes.one(house.ana.partner_id):
        actions.note_look(claim_id=claim, texts=[waiting.value], actor=ME, now=clock.now())
    page = Client().get(f"/connect/{link}").content.decode()
    assert "Proven" in page
    assert waiting.value not in page


def test_the_values_are_called_as_the_provider_calls_them(house: World, link: str) -> None:
    it = Client()
    where = it.post(f"/connect/{link}/new", {"kind": "saml", "with": "entra"})["Location"]
    assert where.endswith("?with=entra")
    page = unescape(it.get(where).content.decode())
    for words in ("Identifier (Entity ID)", "Persistent", "App Federation Metadata Url", 'with=okta"'):
        assert words in page
    assert "?with=entra" in it.post(where, {"do": "open"}).content.decode()  # a refusal stays with the provider
    other = unescape(it.get(where.replace("entra", "nonsense")).content.decode())
    assert "Metadata, which is also the entity id" in other
    assert "App Federation" not in other


def test_every_provider_that_goes_with_a_kind_says_what_to_paste(house: World) -> None:
    row = connect(house.ana.partner_id)
    for provider, pairs in PAIRS.items():
        offered = {kind for kind in ConnectionKind if (provider, kind) in PASTE}
        scim = any(works is not Works.NO for pair, works in pairs.items() if pair.value.endswith("scim"))
        assert offered == {ConnectionKind.OIDC, ConnectionKind.SAML} | ({ConnectionKind.SCIM} if scim else set())
    assert {what for paste in PASTE.values() for _, what in paste.ours} <= our_addresses(row).keys()


def test_a_directory_is_connected_by_it_alone(house: World, link: str) -> None:
    it = Client()
    where = it.post(f"/connect/{link}/new", {"kind": "scim"})["Location"]
    page = it.get(where).content.decode()
    assert "Token issued" in page
    assert "Tried" not in page, "there is nothing to try"
    page = it.post(where, {"do": "token"}).content.decode()
    token = next(word for word in page.replace("<", " ").replace(">", " ").split() if word.startswith("gw_scim_"))
    assert read_token(token, TokenRight.SCIM, clock.now()) is None  # not open yet
    assert "admin opens this connection" in it.post(where, {"do": "open"}).content.decode()
    prove(house.ana.partner_id)
    assert it.post(where, {"do": "open"}).status_code == 302
    assert read_token(token, TokenRight.SCIM, clock.now()) is not None
    assert AuditEntry.objects.filter(actor_kind="link", verb="identity.connection.set_state").count() == 1


def test_a_sign_in_opens_only_after_a_try_that_passed(house: World, link: str) -> None:
    prove(house.ana.partner_id)
    row, it = draft(house), Client()
    where = f"/connect/{link}/{row.id}"
    assert "Nobody has tried this sign-in" in it.post(where, {"do": "open"}).content.decode()
    with scopes.one(row.partner_id):
        actions.keep_trial(
            connection_id=row.id, met=refused("oidc.issuer", "other"), claims=[], actor=ME, now=clock.now()
        )
    assert it.post(where, {"do": "open"}).status_code == 422
    assert "oidc.issuer other" in it.get(where).content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        met = actions.try_sign_in(
            connection_id=row.id, partner_id=row.partner_id, asserted=ASSERTED, actor=ME, now=clock.now()
        )
        assert passes(met)
        assert it.post(where, {"do": "open"}).status_code == 302
    with scopes.one(row.partner_id):
        opened = queries.connection(row.id)
    assert (opened.state, opened.domains) == (ConnectionState.ACTIVE, ("nordwind.example",))


def test_opening_by_the_link_leaves_what_the_admin_said_of_domains(house: World) -> None:
    prove(house.ana.partner_id)
    prove(house.ana.partner_id, "nordwind.test")
    row = draft(house)
    with scopes.one(row.partner_id):
        said = Conduct(domains=["nordwind.test"])
        actions.set_conduct(connection_id=row.id, conduct=said, actor=ME, now=clock.now())
    actions.try_sign_in(connection_id=row.id, partner_id=row.partner_id, asserted=ASSERTED, actor=ME, now=clock.now())
    with scopes.one(row.partner_id):
        actions.open_tried(connection_id=row.id, actor=ME, now=clock.now())
        assert queries.connection(row.id).domains == ("nordwind.test",)


def test_a_try_signs_nobody_in_and_keeps_no_value(house: World) -> None:
    row = draft(house)
    actions.try_sign_in(connection_id=row.id, partner_id=row.partner_id, asserted=ASSERTED, actor=ME, now=clock.now())
    assert Session.objects.count() == 0
    with scopes.one(row.partner_id):
        (trial,) = Trial.objects.all()
    assert (trial.claims, trial.passed) == (["email", "name"], True)
    assert "it@nordwind" not in str(trial.rules)


def test_the_join_of_a_try(house: World) -> None:
    connect(house.ana.partner_id, ConnectionKind.SCIM)
    row = draft(house)
    with scopes.one(row.partner_id):
        conduct = actions.Conduct(joined="scim", join_claim="oid", join_attribute=JoinAttribute.EXTERNAL_ID)
        actions.set_conduct(connection_id=row.id, conduct=conduct, actor=ME, now=clock.now())
    met = actions.try_sign_in(
        connection_id=row.id, partner_id=row.partner_id, asserted=ASSERTED, actor=ME, now=clock.now()
    )
    assert met[-1] == Met(Rule.JOIN, False, "oid")


def test_the_link_leads_to_its_own_partner_alone(house: World, link: str) -> None:
    foreign = connect(house.caz.partner_id, ConnectionKind.SCIM)
    for answer in (
        Client().get(f"/connect/{link}/{foreign.id}"),
        Client().post(f"/connect/{link}/{foreign.id}", {"do": "token"}),
        Client().get("/connect/never-existed"),
    ):
        assert answer.status_code == 404


def test_a_link_ends(house: World, ben: Someone, link: str) -> None:
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert Client().get(f"/connect/{link}").status_code == 404
    with scopes.one(ben.partner_id):
        (known,) = queries.open_links(clock.now())
        actions.close_set_up_link(link_id=known.id, actor=ME, now=clock.now())
        assert queries.open_links(clock.now()) == ()
    assert Client().get(f"/connect/{link}").status_code == 404
    with scopes.one(house.caz.partner_id), pytest.raises(NotFound):
        actions.close_set_up_link(link_id=known.id, actor=ME, now=clock.now())


def test_an_unknown_press_and_values_that_cannot_be(house: World, link: str) -> None:
    row, it = draft(house), Client()
    where = f"/connect/{link}/{row.id}"
    assert it.post(where, {"do": "everything"}).status_code == 404
    said = {"do": "tell", "issuer": "ftp://nowhere", "client_id": "gangway", "client_secret": "s"}
    answer = it.post(where, said)
    assert answer.status_code == 422
    assert 'value="ftp://nowhere"' in answer.content.decode()
    answer = it.post(where, {**said, "issuer": "https://accounts.example", "must_say": "hd"})
    assert "“hd” is no claim=value" in unescape(answer.content.decode())
    assert it.post(f"/connect/{link}/new", {"kind": "carrier pigeon"}).status_code == 400


def test_the_desk_makes_links_and_closes_them(house: World, ben: Someone) -> None:
    desk = browser_of(ben)
    page = desk.post("/desk/connections/it").content.decode()
    assert "/connect/" in page
    for _ in range(LINKS_AT_ONCE):
        answer = desk.post("/desk/connections/it")
    assert answer.status_code == 409
    with scopes.one(ben.partner_id):
        known = queries.open_links(clock.now())[0]
    assert desk.post(f"/desk/connections/it/{known.id}/close").status_code == 302
    assert desk.post("/desk/connections/it").status_code == 200
    assert browser_of(house.ana).post("/desk/connections/it").status_code == 403


def test_the_desk_opens_what_its_it_has_tried(house: World, ben: Someone) -> None:
    """The admin's yes needs no domain."""
    row = draft(house)
    actions.try_sign_in(connection_id=row.id, partner_id=row.partner_id, asserted=ASSERTED, actor=ME, now=clock.now())
    desk = browser_of(ben)
    page = desk.get(f"/desk/connections/{row.id}").content.decode()
    assert "The last try" in page
    desk.post(f"/desk/connections/{row.id}/state", {"state": "active"})
    with scopes.one(row.partner_id):
        assert queries.connection(row.id).state is ConnectionState.ACTIVE


def test_saml_metadata_are_pasted_and_bind_the_connection(house: World, link: str) -> None:
    it = Client()
    where = it.post(f"/connect/{link}/new", {"kind": "saml"})["Location"]
    assert it.post(where, {"do": "tell"}).status_code == 422  # neither pasted nor named
    answer = it.post(where, {"do": "tell", "metadata": "<html>"})
    assert answer.status_code == 422
    known = metadata("https://idp.nordwind.example/saml").decode()
    assert it.post(where, {"do": "tell", "metadata": known, "subject_attribute": "uid"}).status_code == 302
    page = it.get(where).content.decode()
    assert "https://idp.nordwind.example/saml" in page
    assert 'value="uid"' in page
    other = metadata("https://other.example/saml").decode()
    assert it.post(where, {"do": "tell", "metadata": other}).status_code == 422


def given(link: str, connection_id: UUID, **more: object) -> HttpResponse:
    """Behind the link: the form of a SAML provider, sent."""
    blank = {"do": "tell", "metadata_url": "", "metadata": "", "subject_attribute": ""}
    return Client().post(f"/connect/{link}/{connection_id}", {**blank, **more})


def saml_draft(house: World, link: str) -> UUID:
    Client().post(f"/connect/{link}/new", {"kind": "saml"})
    with scopes.one(house.ana.partner_id):
        (row,) = queries.connections()
    return row.id


def test_saml_metadata_are_given_as_a_file(house: World, link: str) -> None:
    draft = saml_draft(house, link)
    page = Client().get(f"/connect/{link}/{draft}").content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'name="metadata_file"' in page
    file = SimpleUploadedFile("idp.xml", b"\xef\xbb\xbf" + metadata(), "text/xml")
    assert given(link, draft, metadata_file=file).status_code == 302
    with scopes.one(house.ana.partner_id):
        told = queries.saml_settings(draft)
    assert told is not None
    assert (told.entity_id, told.metadata_url) == ("https://idp.example/metadata", "")


HOSTILE = {
    "nothing in it": (b" \n", "The file “idp.xml” is empty"),
    "too long": (b"<a>" + b"x" * METADATA_LIMIT + b"</a>", "longer than 1 MB"),
    "no XML": (b"MZ\x90\x00\x03", "is no XML"),
    "entities": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declare a document type or entities"),
    "of no provider": (b"<a/>", "no EntityDescriptor"),
    "a script as address": (metadata(sso_url="javascript:alert(1)"), "cannot be used"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(house: World, link: str, name: str) -> None:
    draft, (raw, words) = saml_draft(house, link), HOSTILE[name]
    answer = given(link, draft, metadata_file=SimpleUploadedFile("idp.xml", raw))
    assert answer.status_code == 422
    assert words in unescape(answer.content.decode())
    with scopes.one(house.ana.partner_id):
        assert queries.saml_settings(draft) is None


def test_of_the_ways_to_give_metadata_one_is_taken(house: World, link: str) -> None:
    draft = saml_draft(house, link)
    file = SimpleUploadedFile("idp.xml", metadata())
    both = given(link, draft, metadata_file=file, metadata=metadata().decode())
    assert "given more than once" in both.content.decode()
    assert "No metadata are given" in given(link, draft).content.decode()


def test_what_is_wrong_with_metadata_is_said_in_the_readers_language(house: World, link: str) -> None:
    draft = saml_draft(house, link)
    form = {"do": "tell", "metadata_url": "", "metadata": "<a/>"}
    page = Client(headers={"accept-language": "de"}).post(f"/connect/{link}/{draft}", form).content.decode()
    assert "Sie haben keinen EntityDescriptor" in page
