"""The tech spec of a type: made of what runs, signed by its hash for the vendor, and who departs from it."""

import hashlib
import io
import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from gangway.identity import actions, queries
from gangway.identity.cli import papers as cli
from gangway.identity.documents import specs as documents
from gangway.identity.queries import SpecPage
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback
from gangway.identity.rules.sheets import WHOLE, Drift, Fact, Standing
from gangway.identity.saml.metadata import read_metadata
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect, prove, tell
from gangway.identity.tests.portal import open_portal
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.identity.tests.test_saml_settings import NOW, metadata
from gangway.identity.tests.test_serving import opened, serving
from gangway.kernel import clock
from gangway.kernel.access import Reach
from gangway.kernel.models import AuditEntry
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners, define_types_and_tiers
from gangway.partners.queries import find_partner, types
from gangway.partners.rules import Fallback as NoFallback
from gangway.partners.rules import Primary, TypeSpec
from gangway.people.actions import admit_person, grant_role
from gangway.ui import papers

pytestmark = pytest.mark.django_db
TYPED = {"type": "reseller", "tier": "silver", "contact_name": "Ida IT", "contact_email": "ida@nordwind.example"}


@pytest.fixture
def of_type(house: World) -> World:
    """Nordwind and Südstern are resellers; Nordwind has a sign-in and a directory with a token."""
    rows = [
        Line(2, {"slug": "nordwind", "name": "Nordwind", **TYPED}),
        Line(3, {"slug": "suedstern", "name": "Südstern", "type": "reseller", "locale": "de"}),
        Line(4, {"slug": "shell", "name": "Rehearsal", "type": "reseller", "kind": "shell"}),
    ]
    apply_partners(rows=rows, actor=ME, now=clock.now())
    prove(house.ana.partner_id)
    tell(connect(house.ana.partner_id, ConnectionKind.OIDC, domains=["nordwind.example"]))
    directory = connect(house.ana.partner_id, ConnectionKind.SCIM)
    with scopes.one(house.ana.partner_id):
        actions.issue_token(connection_id=directory.id, actor=ME, now=clock.now())
    return house


def found() -> SpecPage:
    return queries.spec_page("reseller", clock.now())


def sign(house: World) -> None:
    with scopes.one(house.dee.partner_id):
        actions.sign_spec(
            type_key="reseller",
            digest=found().live.digest,
            locale="en",
            signed_by=house.dee.id,
            actor=ME,
            now=clock.now(),
        )


def conduct(partner_id: object, **wanted: object) -> None:
    with scopes.one(partner_id):  # type: ignore[arg-type]
        row = queries.connection_of_key("oidc")
        actions.set_conduct(connection_id=row.id, conduct=actions.Conduct(**wanted), actor=ME, now=clock.now())


# ---------------------------------------------------------------- what it says


def test_it_says_what_runs(of_type: World) -> None:
    live = found().live
    whole = {one.fact: one.values for one in live.of(WHOLE)}
    assert whole[Fact.TIERS] == ("Silver: 1 / 2", "–: 1 / 2")
    assert whole[Fact.TEST_ACCOUNTS] == ("Rehearsal",)
    assert whole[Fact.CRM_KEY] == ("none",)
    assert whole[Fact.LANGUAGES] == ("de", "en")
    assert live.values("oidc", Fact.PROVIDERS) == ("nordwind: https://id.nordwind.example",)
    assert live.values("oidc", Fact.LED) == ("nordwind: nordwind.example",)
    assert live.values("oidc", Fact.USED_BY) == ("1 / 2",)
    assert "{connection}" in live.values("oidc", Fact.ADDRESSES)[0]
    assert len(live.values("scim", Fact.TOKENS_END)) == 1
    assert found().live.text == live.text


def test_a_type_without_partners_has_a_spec_too(of_type: World) -> None:
    page = queries.spec_page("msp", clock.now())
    assert page.live.values(WHOLE, Fact.TEST_ACCOUNTS) == ("none",)
    words = unescape(browser_of(of_type.dee).get("/console/specs/msp").content.decode())
    assert "No partner is of this type yet." in words
    assert "none yet" in words


def test_of_other_types_and_closed_partners_it_says_nothing(of_type: World) -> None:
    rows = [Line(2, {"slug": "suedstern", "name": "Südstern", "type": "msp"})]
    apply_partners(rows=rows, actor=ME, now=clock.now())
    assert [one.slug for one in found().partners] == ["nordwind"]
    assert "Südstern" not in browser_of(of_type.dee).get("/console/specs/reseller").content.decode()


# ---------------------------------------------------------------- signing


def test_it_is_signed_by_the_hash_of_the_very_file(of_type: World) -> None:
    dee = browser_of(of_type.dee)
    assert "Nobody has signed this spec yet." in unescape(dee.get("/console/specs/reseller").content.decode())
    file = dee.get("/console/specs/reseller.json").content
    digest = hashlib.sha256(file).hexdigest()
    audited = AuditEntry.objects.filter(verb="identity.spec.sign")
    assert audited.count() == 0
    assert dee.get("/console/specs/reseller.json?which=signed").status_code == 404
    for _ in range(2):
        assert dee.post("/console/specs/reseller/sign", {"digest": digest}).status_code == 302
    (entry,) = audited.all()
    assert (entry.actor_kind, entry.changes["digest"]) == ("person", digest)
    signed = found().signed
    assert signed is not None
    assert (signed.signer, signed.digest, signed.text.encode()) == ("Dee", digest, file)
    page = unescape(dee.get("/console/specs/reseller").content.decode())
    assert "Dee signed it on" in page
    assert "Sign this spec" not in page
    assert dee.get("/console/specs/reseller.json?which=signed").content == file


def test_what_moved_meanwhile_is_not_signed(of_type: World) -> None:
    dee, old = browser_of(of_type.dee), found().live.digest
    conduct(of_type.ana.partner_id, admits=True)
    answer = dee.post("/console/specs/reseller/sign", {"digest": old})
    assert answer.status_code == 409
    assert "changed since you opened" in unescape(answer.content.decode())
    assert found().signed is None
    assert dee.post("/console/specs/never/sign", {"digest": old}).status_code == 404


def test_a_routine_change_is_told_and_a_material_one_opens_it_again(of_type: World) -> None:
    sign(of_type)
    with scopes.one(of_type.ana.partner_id):
        directory = queries.connection_of_key("scim")
        actions.issue_token(connection_id=directory.id, actor=ME, now=clock.now())
    assert found().standing is Standing.TOLD
    assert {one.fact for one in found().moved} == {Fact.TOKENS_END}
    conduct(of_type.ana.partner_id, claims={"email": "upn"})
    page = found()
    assert page.standing is Standing.OPEN
    assert {one.fact for one in page.moved if one.drift is Drift.MATERIAL} == {Fact.CLAIMS}
    words = unescape(browser_of(of_type.dee).get("/console/specs/reseller").content.decode())
    assert "1 thing changed that has to be signed again" in words
    sign(of_type)
    assert found().standing is Standing.HOLDS


# ---------------------------------------------------------------- who departs


def test_who_does_otherwise_departs_from_what_was_signed(of_type: World) -> None:
    """The spec is the template: Nordwind was there first, so Südstern, who comes by mail, is the one that departs."""
    sign(of_type)
    assert (WHOLE, Fact.PRIMARY) in {(one.of, one.fact) for one in found().departing[0].departs}
    tell(connect(of_type.caz.partner_id, ConnectionKind.OIDC, admits=True))
    (departing,) = found().departing
    assert departing.slug == "suedstern"
    assert {(one.of, one.fact) for one in departing.departs} == {
        (WHOLE, Fact.DATA),
        (WHOLE, Fact.LEAVERS),
        ("oidc", Fact.ADMITS),
    }
    assert departing.standing is Standing.UNSIGNED
    page = unescape(browser_of(of_type.dee).get("/console/specs/reseller").content.decode())
    assert "Partners that depart from it: 1 of 2." in page
    assert f"/console/partners/{of_type.caz.partner_id}/connections/sheet" in page
    conduct(of_type.caz.partner_id, admits=False, fallback=Fallback.OPEN)
    assert ("oidc", Fact.FALLBACK) in {(one.of, one.fact) for one in found().departing[0].departs}


def test_a_kind_that_the_spec_does_not_know_departs(of_type: World) -> None:
    sign(of_type)
    with scopes.one(of_type.caz.partner_id):
        actions.add_connection(kind=ConnectionKind.SAML, key="adfs", name="ADFS", actor=ME, now=clock.now())
    (departing,) = found().departing
    assert ("saml", Fact.KIND) in {(one.of, one.fact) for one in departing.departs}


def test_the_ways_in_are_those_that_the_type_proposes(of_type: World) -> None:
    """Where it proposes no code by mail, none opens beside a sign-in, whatever its connection says; sheets say so."""
    assert found().live.values(WHOLE, Fact.PRIMARY) == ("company",)
    assert found().live.values("oidc", Fact.FALLBACK) == ("on_failure",)
    sign(of_type)
    with scopes.one(of_type.dee.partner_id):
        spec = TypeSpec("reseller", "Reseller", primary=Primary.MAIL, fallback=NoFallback.NONE)
        define_types_and_tiers(types=[spec], tiers=(), actor=ME, now=clock.now())
    page = found()
    assert page.live.values("oidc", Fact.FALLBACK) == ("never",)
    material = {(one.of, one.fact) for one in page.moved if one.drift is Drift.MATERIAL}
    assert material == {(WHOLE, Fact.PRIMARY), (WHOLE, Fact.SECOND), ("oidc", Fact.FALLBACK)}


def test_a_type_whose_people_come_from_the_vendor_is_met_by_its_portal_and_its_sign_in(of_type: World) -> None:
    nordwind, suedstern = of_type.ana.partner_id, of_type.caz.partner_id
    with scopes.one(of_type.dee.partner_id):
        spec = TypeSpec("reseller", "Reseller", primary=Primary.PORTAL)
        define_types_and_tiers(types=[spec], tiers=(), actor=ME, now=clock.now())

    def first(partner_id: Any) -> tuple[str, ...]:
        with scopes.one(partner_id):
            return queries.live_sheet(clock.now()).values(WHOLE, Fact.NOW)

    assert (first(nordwind), first(suedstern)) == (("oidc",), ("mail",))
    open_portal()
    assert (first(nordwind), first(suedstern)) == (("oidc",), ("portal",)), "their company's own sign-in is their way"
    with scopes.one(of_type.dee.partner_id):
        actions.set_portal_state(state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert first(suedstern) == ("mail",)
    opened(serving(of_type.dee.partner_id), suedstern, "ACME-2")
    assert first(suedstern) == ("portal",)
    assert (WHOLE, Fact.PRIMARY) not in {
        (one.of, one.fact) for row in found().departing if row.slug == "suedstern" for one in row.departs
    }


# ---------------------------------------------------------------- who may


def test_only_who_reaches_every_partner_reads_and_signs(of_type: World) -> None:
    ben = admit(of_type.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    kim = admit(of_type.dee.partner_id, "Kim", "kim@acme.example", clock.now(), roles=("channel_manager",))
    near = narrow_lead(of_type)
    digest = found().live.digest
    for who in (of_type.ana, ben, kim, near):
        browser = browser_of(who)
        for path in ("/console/specs", "/console/specs/reseller", "/console/specs/reseller.pdf"):
            assert browser.get(path).status_code == 403, (who.email, path)
        assert browser.post("/console/specs/reseller/sign", {"digest": digest}).status_code == 403
    assert found().signed is None
    assert browser_of(of_type.dee).get("/console/specs").status_code == 200


def narrow_lead(house: World) -> Someone:
    """Somebody of the staff whose role reaches their own partners alone."""
    with scopes.one(house.dee.partner_id):
        person_id = admit_person(name="Nia", email="nia@acme.example", letter=False, actor=ME, now=clock.now())
        grant_role(person_id=person_id, role="programme_lead", reach=Reach.PORTFOLIO, actor=ME, now=clock.now())
    return Someone(person_id, house.dee.partner_id, "nia@acme.example")


# ---------------------------------------------------------------- its forms


def read(pdf: bytes) -> str:
    (only,) = PdfReader(io.BytesIO(pdf)).pages
    return "".join(only.extract_text().split())


def test_no_form_of_it_holds_a_secret(of_type: World) -> None:
    """Client secret, token and what stands in an address. The control: the provider is there."""
    with scopes.one(of_type.caz.partner_id):
        saml = actions.add_connection(kind=ConnectionKind.SAML, key="saml", name="ADFS", actor=ME, now=clock.now())
        actions.set_saml_metadata(
            connection_id=saml,
            metadata=read_metadata(metadata(), https_only=True, now=NOW),
            url="https://user:planted-password@idp.example/metadata?key=planted-key",
            actor=ME,
            now=NOW,
        )
    dee = browser_of(of_type.dee)
    planted = ("between us", "planted-password", "planted-key", "v1:", "BEGIN CERTIFICATE")
    for form in ("", ".md", ".json", ".pdf"):
        body = dee.get(f"/console/specs/reseller{form}").content
        text = read(body) if form == ".pdf" else body.decode()
        plain = unescape(text).replace("\\", "").replace("\u200b", "")
        assert "id.nordwind.example" in plain
        assert [secret for secret in planted if secret in plain] == [], form
    assert dee.get("/console/specs/reseller.docx").status_code == 404
    assert dee.get("/console/specs/never.pdf").status_code == 404


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("more", [0, 30])
def test_it_is_one_page_however_many_partners_there_are(of_type: World, language: str, more: int) -> None:
    name = "شركة الشمال" if language == "ar" else "Maximiliane-Friederike von und zu Hohenlohe-Schillingsfürst"
    rows = [Line(n + 2, {"slug": f"a-long-key-{n}", "name": f"{name} {n}", **TYPED}) for n in range(more)]
    apply_partners(rows=rows, actor=ME, now=clock.now())
    for row in rows:
        tell(connect(find_partner(str(row.cells["slug"])).id, ConnectionKind.OIDC))
    page = found()
    with translation.override(language):
        said = read(papers.pdf(documents.paper(page, clock.now()), zone="Asia/Riyadh", at=clock.now()))
    assert page.live.digest[:16] in said


def test_the_list_leads_to_each_and_costs_the_same_for_many(of_type: World) -> None:
    dee = browser_of(of_type.dee)
    page = unescape(dee.get("/console/specs").content.decode())
    assert "/console/specs/reseller" in page
    assert f"matches what runs: 0 of {len(types())}." in page
    with CaptureQueriesContext(connection) as few:
        dee.get("/console/specs/reseller")
    rows = [Line(n + 2, {"slug": f"p-{n}", "name": f"P {n}", **TYPED}) for n in range(12)]
    apply_partners(rows=rows, actor=ME, now=clock.now())
    for row in rows:
        connect(find_partner(str(row.cells["slug"])).id, ConnectionKind.SCIM)
    with CaptureQueriesContext(connection) as many:
        dee.get("/console/specs/reseller")
    assert len(many) == len(few)


def test_the_commands_say_the_same(of_type: World, tmp_path: Path, capsysbinary: Any) -> None:
    cli.specs(as_json=True)
    listed = json.loads(capsysbinary.readouterr().out)
    digest = next(row["sha256"] for row in listed if row["type"] == "reseller")
    cli.spec("reseller", form=cli.Form.JSON)
    assert hashlib.sha256(capsysbinary.readouterr().out).hexdigest() == digest
    out = tmp_path / "spec.pdf"
    cli.spec("reseller", form=cli.Form.PDF, language="ar", out=out)
    assert digest[:16] in read(out.read_bytes())
    cli.sheet(partner="nordwind")
    assert capsysbinary.readouterr().out.startswith(b"# Connection sheet of Nordwind")
    for wrong in ({"type_key": "never"}, {"type_key": "reseller", "language": "xx"}):
        with pytest.raises(SystemExit):
            cli.spec(**wrong)
