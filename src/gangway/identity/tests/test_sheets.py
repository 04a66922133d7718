"""The connection sheet: read on desk, console and behind IT's link, signed there by its hash, and what moves after."""

import hashlib
import io
from html import unescape

import pytest
from django.test import Client
from django.utils import translation
from markdown_it import MarkdownIt
from pypdf import PdfReader

from gangway.identity import actions, queries
from gangway.identity.documents import sheets as documents
from gangway.identity.documents.sheets import shown
from gangway.identity.queries import SheetPage
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback
from gangway.identity.rules.sheet_words import VALUES
from gangway.identity.rules.sheets import Drift, Fact, Standing
from gangway.identity.saml.metadata import read_metadata
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect, prove, tell
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.identity.tests.test_saml_settings import NOW, metadata
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.ui import papers

pytestmark = pytest.mark.django_db
SECRET = "between us"  # what tests.connections.tell says
LINK = "0198a000-0000-7000-8000-000000000001"


@pytest.fixture
def ben(house: World) -> Someone:
    return admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))


@pytest.fixture
def token(house: World) -> str:
    """Nordwind with a sign-in, a directory and one of its tokens, which is the second planted secret."""
    prove(house.ana.partner_id)
    sign_in = connect(house.ana.partner_id, ConnectionKind.OIDC, domains=["nordwind.example"])
    tell(sign_in)
    directory = connect(house.ana.partner_id, ConnectionKind.SCIM)
    with scopes.one(house.ana.partner_id):
        return actions.issue_token(connection_id=directory.id, actor=ME, now=clock.now()).token


@pytest.fixture
def link(ben: Someone, token: str) -> str:
    with scopes.one(ben.partner_id):
        return actions.make_set_up_link(asked_by=ben.id, actor=ME, now=clock.now()).token


def found(house: World) -> SheetPage:
    with scopes.one(house.ana.partner_id):
        return queries.sheet_page(clock.now())


def sign(house: World) -> None:
    page = found(house)
    with scopes.one(house.ana.partner_id):
        actions.sign_sheet(
            digest=page.live.digest, locale="en", signer="Ida IT", link_id=LINK, actor=ME, now=clock.now()
        )


def conduct(house: World, **wanted: object) -> None:
    with scopes.one(house.ana.partner_id):
        row = queries.connection_of_key("oidc")
        actions.set_conduct(connection_id=row.id, conduct=actions.Conduct(**wanted), actor=ME, now=clock.now())


# ---------------------------------------------------------------- signing


def test_it_signs_by_the_hash_of_the_very_file(house: World, link: str) -> None:
    it = Client()
    page = unescape(it.get(f"/connect/{link}/sheet").content.decode())
    assert "Nobody has signed this sheet yet." in page
    file = it.get(f"/connect/{link}/sheet.json").content
    digest = hashlib.sha256(file).hexdigest()
    assert digest in page
    audited = AuditEntry.objects.filter(verb="identity.sheet.sign")
    assert audited.count() == 0  # looking signs nothing
    for _ in range(2):
        assert it.post(f"/connect/{link}/sheet", {"digest": digest, "signer": "  Ida   IT "}).status_code == 302
    (entry,) = audited.all()
    assert (entry.actor_kind, entry.changes["digest"]) == ("link", digest)
    signed = found(house).signed
    assert signed is not None
    assert (signed.signer, signed.digest, signed.text.encode()) == ("Ida IT", digest, file)
    page = unescape(it.get(f"/connect/{link}/sheet").content.decode())
    assert "Ida IT signed it on" in page
    assert "Sign this sheet" not in page


def test_what_moved_meanwhile_is_not_signed(house: World, link: str) -> None:
    old = found(house).live.digest
    conduct(house, admits=True)
    answer = Client().post(f"/connect/{link}/sheet", {"digest": old, "signer": "Ida"})
    assert answer.status_code == 409
    assert "changed since you opened" in unescape(answer.content.decode())
    assert found(house).signed is None


def test_nobody_signs_without_a_name(house: World, link: str) -> None:
    digest = found(house).live.digest
    answer = Client().post(f"/connect/{link}/sheet", {"digest": digest, "signer": " "})
    assert answer.status_code == Invalid.status
    assert found(house).signed is None


def test_a_link_that_never_was_shows_and_signs_nothing(house: World) -> None:
    for path in ("/connect/never/sheet", "/connect/never/sheet.pdf"):
        assert Client().get(path).status_code == 404
    assert Client().post("/connect/never/sheet", {"digest": "0", "signer": "Mallory"}).status_code == 404


# ---------------------------------------------------------------- what moves afterwards


def test_a_routine_change_is_told_and_needs_no_signature(house: World, link: str) -> None:
    sign(house)
    with scopes.one(house.ana.partner_id):
        directory = queries.connection_of_key("scim")
        actions.issue_token(connection_id=directory.id, actor=ME, now=clock.now())
    page = found(house)
    assert page.standing is Standing.TOLD
    assert [(one.fact, one.drift) for one in page.moved] == [(Fact.TOKENS_END, Drift.ROUTINE)]
    assert "needs no new signature" in unescape(Client().get(f"/connect/{link}/sheet").content.decode())


def test_a_material_change_opens_the_sheet_again_everywhere(house: World, link: str, ben: Someone) -> None:
    sign(house)
    conduct(house, fallback=Fallback.NEVER)
    page = found(house)
    assert page.standing is Standing.OPEN
    (moved,) = page.moved
    assert (moved.fact, moved.was, moved.now) == (Fact.FALLBACK, ("on_failure",), ("never",))
    dee = browser_of(house.dee)
    views = (
        (Client(), f"/connect/{link}/sheet"),
        (browser_of(ben), "/desk/connections/sheet"),
        (dee, f"/console/partners/{house.ana.partner_id}/connections/sheet"),
    )
    for client, path in views:
        words = unescape(client.get(path).content.decode())
        assert "for a day after a failure that we saw" in words
        assert "sign again" in words
        assert "1 thing changed that has to be signed again" in words
    assert "to be signed again" in unescape(Client().get(f"/connect/{link}").content.decode())
    lists = ((browser_of(ben), "/desk/connections"), (dee, f"/console/partners/{house.ana.partner_id}/connections"))
    for client, path in lists:
        assert "has to be signed again" in unescape(client.get(path).content.decode()), path
    sign(house)
    assert found(house).standing is Standing.HOLDS
    for client, path in lists:
        assert "has to be signed again" not in unescape(client.get(path).content.decode()), path


def test_a_connection_that_is_closed_opens_the_sheet_again(house: World, token: str) -> None:
    sign(house)
    with scopes.one(house.ana.partner_id):
        row = queries.connection_of_key("scim")
        actions.set_connection_state(connection_id=row.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    facts = {(one.of, one.fact) for one in found(house).moved if one.drift is Drift.MATERIAL}
    assert facts == {("scim", Fact.KIND), ("", Fact.LEAVERS), ("", Fact.DATA)}


def test_what_is_being_set_up_is_agreed_and_is_no_way_in_yet(house: World) -> None:
    """Opening what was agreed needs no new signature; another way in beside it does."""
    with scopes.one(house.ana.partner_id):
        made = actions.add_connection(kind=ConnectionKind.OIDC, key="oidc", name="Okta", actor=ME, now=clock.now())
        tell(queries.connection(made))
    live = found(house).live
    assert (live.values("", Fact.NOW), live.values("", Fact.PRIMARY)) == (("mail",), ("oidc",))
    sign(house)
    with scopes.one(house.ana.partner_id):
        actions.set_connection_state(connection_id=made, state=ConnectionState.ACTIVE, actor=ME, now=clock.now())
    page = found(house)
    assert page.live.values("", Fact.NOW) == ("oidc",)
    assert page.standing is Standing.TOLD
    connect(house.ana.partner_id, ConnectionKind.SAML)
    assert found(house).standing is Standing.OPEN


def test_the_version_that_was_signed_stays_to_be_fetched(house: World, link: str) -> None:
    for form in ("json", "md", "pdf"):
        assert Client().get(f"/connect/{link}/sheet.{form}?which=signed").status_code == 404
    sign(house)
    kept = found(house).live.text
    conduct(house, admits=True)
    assert Client().get(f"/connect/{link}/sheet.json?which=signed").content.decode() == kept
    assert Client().get(f"/connect/{link}/sheet.json").content.decode() != kept


def test_a_clause_that_is_said_otherwise_is_shown_in_both_wordings(
    house: World, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that changes is drift too, and what was signed can be read as it was, in each form."""
    it = Client()
    seen = it.get(f"/connect/{link}/sheet.md", headers={"Accept-Language": "de"}).content.decode()
    digest = hashlib.sha256(it.get(f"/connect/{link}/sheet.json").content).hexdigest()
    it.post(f"/connect/{link}/sheet", {"digest": digest, "signer": "Ida IT"}, headers={"Accept-Language": "de"})
    leavers = VALUES[Fact.LEAVERS]
    monkeypatch.setitem(VALUES, Fact.LEAVERS, {**leavers, "directory": "shut out within a week"})
    page = unescape(it.get(f"/connect/{link}/sheet").content.decode())
    for words in (leavers["directory"], "shut out within a week", "only the words changed", "sign again", "German"):
        assert words in page
    assert [(one.fact, one.drift) for one in found(house).moved] == [(Fact.LEAVERS, Drift.MATERIAL)]
    kept = it.get(f"/connect/{link}/sheet.md?which=signed", headers={"Accept-Language": "de"}).content.decode()
    assert digest in kept
    facts = [row for row in seen.splitlines() if row.startswith("- ") and "@" not in row]
    assert [row for row in facts if row not in kept.splitlines()] == []
    pdf = it.get(f"/connect/{link}/sheet.pdf?which=signed")
    assert digest[:16] in read(pdf.content)
    assert "signed.pdf" in pdf["Content-Disposition"]


# ---------------------------------------------------------------- its forms


def read(pdf: bytes) -> str:
    (only,) = PdfReader(io.BytesIO(pdf)).pages
    return "".join(only.extract_text().split())


def test_no_form_of_it_holds_a_secret(house: World, link: str, token: str, ben: Someone) -> None:
    """Client secret, token, what is sealed and what stands in an address. The control: the provider is there."""
    with scopes.one(house.ana.partner_id):
        saml = actions.add_connection(kind=ConnectionKind.SAML, key="saml", name="ADFS", actor=ME, now=clock.now())
        actions.set_saml_metadata(
            connection_id=saml,
            metadata=read_metadata(metadata(), https_only=True, now=NOW),
            url="https://user:planted-password@idp.example/metadata?key=planted-key",
            actor=ME,
            now=NOW,
        )
    planted = (SECRET, token, token[-4:], "planted-password", "planted-key", "v1:", "BEGIN CERTIFICATE")
    for form in ("", ".md", ".json", ".pdf"):
        body = Client().get(f"/connect/{link}/sheet{form}").content
        text = read(body) if form == ".pdf" else body.decode()
        plain = unescape(text).replace("\\", "").replace("\u200b", "")
        assert "id.nordwind.example" in plain
        assert [secret for secret in planted if secret in plain] == [], form


def test_each_form_is_served_on_each_side(house: World, link: str, ben: Someone) -> None:
    dee, desk = browser_of(house.dee), browser_of(ben)
    of = f"/console/partners/{house.ana.partner_id}/connections/sheet"
    for client, path in ((Client(), f"/connect/{link}/sheet"), (desk, "/desk/connections/sheet"), (dee, of)):
        assert client.get(path).status_code == 200
        assert client.get(f"{path}.pdf").content.startswith(b"%PDF")
        said = client.get(f"{path}.md").content.decode()
        assert "<h1>Connection sheet of Nordwind</h1>" in MarkdownIt("commonmark").render(said)
        assert client.get(f"{path}.docx").status_code == 404
    for path in ("/desk/connections/sheet", "/desk/connections/sheet.pdf"):
        assert browser_of(house.ana).get(path).status_code == 403
    assert desk.get(of).status_code == 403


def test_the_way_there(house: World, link: str, ben: Someone) -> None:
    assert f"/connect/{link}/sheet" in Client().get(f"/connect/{link}").content.decode()
    assert "/desk/connections/sheet" in browser_of(ben).get("/desk/connections").content.decode()
    of = f"/console/partners/{house.ana.partner_id}"
    assert f"{of}/connections/sheet" in browser_of(house.dee).get(f"{of}/connections").content.decode()


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("more", [0, 8])
def test_it_is_one_page_however_much_is_connected(house: World, token: str, language: str, more: int) -> None:
    name = "شركة الشمال" if language == "ar" else "Maximiliane-Friederike von und zu Hohenlohe-Schillingsfürst X"
    with scopes.one(house.ana.partner_id):
        for n in range(more):
            key = f"connection-with-a-long-key-{n}"
            made = actions.add_connection(kind=ConnectionKind.OIDC, key=key, name=name, actor=ME, now=clock.now())
            tell(queries.connection(made))
        page = queries.sheet_page(clock.now())
        with translation.override(language):
            paper = documents.paper(page, clock.now())
    with translation.override(language):
        said = read(papers.pdf(paper, zone="Asia/Riyadh", at=clock.now()))
    assert page.live.digest[:16] in said


def test_a_key_that_is_its_own_word_is_said_in_the_readers_language() -> None:
    with translation.override("de"):
        assert shown(Fact.DATA, ("name", "locale")) == ("Name", "Sprache")
        assert shown(Fact.DOMAINS, ("name",)) == ("name",)
