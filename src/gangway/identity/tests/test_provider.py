"""Coming in at a company's own sign-in: whose it is, who is nobody, and when a code by mail opens instead."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from gangway.identity import actions, queries
from gangway.identity.actions import Conduct, LinkedElsewhere, set_conduct
from gangway.identity.actions.rescue import ByTheirCompany, send_sign_in_letter
from gangway.identity.models import Challenge, FailedSignIn, Identity, Session
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback, JoinAttribute
from gangway.identity.tests.conftest import CSRF, ME, Browser, World, invitation_path, letters, sign_in_letter
from gangway.identity.tests.connections import connect, enter, prove
from gangway.identity.tests.directory import connect as directory_of
from gangway.identity.tests.directory import work_mail
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import mailbox_digest
from gangway.partners.actions import define_types_and_tiers, edit_partner
from gangway.partners.rules import Fallback as NoFallback
from gangway.partners.rules import TypeSpec
from gangway.people.actions import adopt_person, person_leaves, suspend_person
from gangway.people.queries import person, persons_of_mailbox

pytestmark = pytest.mark.django_db
ANA = {"email": "ana@nordwind.example"}


def subjects() -> list[str]:
    with scopes.host():
        return list(Identity.objects.order_by("subject").values_list("subject", flat=True))


def session_people() -> list[object]:
    return list(Session.objects.values_list("person_id", flat=True))


# ---------------------------------------------------------------- whose it is


def test_a_proven_domain_links_a_person_once_and_the_subject_leads_to_them_from_then_on(house: World) -> None:
    way = connect(house.ana.partner_id)
    prove(house.ana.partner_id)
    assert enter(way, "sub-1", claims=ANA).session is not None
    assert enter(way, "sub-1", claims={"email": "somebody@else.example"}).session is not None
    assert session_people() == [house.ana.id, house.ana.id]
    assert subjects() == ["sub-1"]


def test_without_a_proof_of_the_domain_a_code_to_the_mailbox_links_them(house: World, browser: Browser) -> None:
    way = connect(house.ana.partner_id)
    done = enter(way, "sub-1", claims=ANA)
    assert (done.session, done.proving) == (None, "a…@nordwind.example")
    assert subjects() == session_people() == []
    proof = actions.complete_challenge(browser="the-browser", code=sign_in_letter().code, actor=ME, now=clock.now())
    assert proof.session is not None
    assert subjects() == ["sub-1"]
    assert enter(way, "sub-1").session is not None


def test_the_code_of_another_browser_links_nobody(house: World) -> None:
    way = connect(house.ana.partner_id)
    enter(way, "sub-1", claims=ANA)
    proof = actions.complete_challenge(browser="another", code=sign_in_letter().code, actor=ME, now=clock.now())
    assert proof.session is None
    assert subjects() == []


def test_a_provider_speaks_for_its_own_partner_only(house: World) -> None:
    """Danger 1: Südstern's provider names somebody of Nordwind, by their address and by their subject there."""
    prove(house.ana.partner_id)
    enter(connect(house.ana.partner_id), "sub-1", claims=ANA)
    foreign = connect(house.caz.partner_id, admits=False)
    done = enter(foreign, "sub-1", claims=ANA)
    assert (done.session, done.step) == (None, Step.PROVIDER_UNKNOWN)
    assert session_people() == [house.ana.id]


def test_two_subjects_are_never_one_person(house: World) -> None:
    """A mailbox that was given to somebody else does not bring the first one's account with it."""
    way = connect(house.ana.partner_id, admits=True)
    prove(house.ana.partner_id)
    enter(way, "sub-1", claims=ANA)
    assert enter(way, "sub-2", claims=ANA).step is Step.PROVIDER_UNKNOWN
    with scopes.one(house.ana.partner_id):
        with pytest.raises(LinkedElsewhere):
            actions.link_subject(
                connection_id=way.id, subject="sub-2", person_id=house.ana.id, actor=ME, now=clock.now()
            )
        (link,) = Identity.objects.all()
        actions.unlink_subject(identity_id=link.id, actor=ME, now=clock.now())
    assert enter(way, "sub-2", claims=ANA).session is not None


def test_somebody_new_is_admitted_where_the_connection_admits(house: World) -> None:
    way = connect(house.ana.partner_id, admits=True)
    prove(house.ana.partner_id)
    told = {"email": "New.One@nordwind.example", "given_name": "Nia", "family_name": "One", "locale": "de"}
    assert enter(way, "sub-9", claims=told).session is not None
    ((partner_id, person_id),) = persons_of_mailbox("new.one@nordwind.example")
    with scopes.one(partner_id):
        row = person(person_id)
    assert (partner_id, row.name, row.locale) == (house.ana.partner_id, "Nia One", "de")
    assert enter(connect(house.caz.partner_id), "sub-9", claims=told).step is Step.PROVIDER_UNKNOWN


def test_an_address_of_a_domain_that_is_not_proven_is_not_kept(house: World) -> None:
    """Else a provider could have us write to anybody."""
    way = connect(house.ana.partner_id, admits=True)
    assert enter(way, "sub-9", claims={"email": "victim@elsewhere.example", "name": "Nia"}).session is not None
    assert persons_of_mailbox("victim@elsewhere.example") == []


@pytest.mark.parametrize(
    ("attribute", "claimed", "foreign"),
    [(JoinAttribute.EXTERNAL_ID, "obj-7", "OBJ-7"), (JoinAttribute.USER_NAME, "Ida@Nordwind.example", "ida")],
)
def test_the_directory_s_join_key_finds_whom_it_brought(
    house: World, attribute: JoinAttribute, claimed: str, foreign: str
) -> None:
    """One person in both: the same whom SCIM brought comes in by the sign-in that is joined to it."""
    entra = directory_of(house.ana.partner_id, key="entra")
    brought = UUID(entra.bring("ida@nordwind.example", externalId="obj-7")["id"])
    way = connect(house.ana.partner_id, joined="entra", join_claim="oid", join_attribute=attribute)
    assert enter(way, "pairwise-1", claims={"oid": foreign}).step is Step.PROVIDER_UNKNOWN
    assert enter(way, "pairwise-1", claims={"oid": claimed}).session is not None
    assert session_people() == [brought]
    entra.patch(f"/Users/{brought}", {"op": "Replace", "path": "active", "value": "False"})
    assert enter(way, "pairwise-1", claims={"oid": claimed}).step is Step.SUSPENDED


@pytest.mark.parametrize(
    ("attribute", "claimed"),
    [(JoinAttribute.EXTERNAL_ID, "obj-7"), (JoinAttribute.USER_NAME, "Ida@Elsewhere.example")],
)
def test_the_directory_adopts_by_the_join_key_who_came_in_before_it(
    house: World, attribute: JoinAttribute, claimed: str
) -> None:
    """No mailbox tells who they are: its domain is not proven, so none was kept. One person all the same."""
    entra, other = (directory_of(house.ana.partner_id, key=key) for key in ("entra", "other"))
    way = connect(house.ana.partner_id, admits=True, joined="entra", join_claim="oid", join_attribute=attribute)
    enter(way, "pairwise-1", claims={"oid": claimed, "email": "ida@elsewhere.example"})
    (ida,) = session_people()
    them = {"externalId": "obj-7", "emails": work_mail("ida@elsewhere.example")}
    stranger = UUID(other.bring("ida@elsewhere.example", externalId="obj-7")["id"])
    assert stranger != ida, "a directory that the sign-in is not joined to knows nothing of it"
    other.ask("DELETE", f"/Users/{stranger}")
    assert UUID(entra.bring("ida@elsewhere.example", **them)["id"]) == ida
    assert enter(way, "pairwise-1", claims={"oid": claimed}).session is not None
    assert set(session_people()) == {ida}
    with scopes.one(house.ana.partner_id):
        assert person(ida).email == "ida@elsewhere.example"
        now = clock.now()
        sign_in, directory = (queries.connection_page(one, now) for one in (way.id, entra.connection.id))
    assert sign_in.known[0].other_ways == ("Directory",)
    assert directory.known[0].other_ways == ("Their sign-in",)
    assert "the same person as one who was here already" in directory.exchanges[0].words


def test_an_id_that_somebody_looked_after_was_remembered_by_makes_a_person_of_its_own(house: World) -> None:
    entra, other = (directory_of(house.ana.partner_id, key=key) for key in ("entra", "other"))
    way = connect(house.ana.partner_id, admits=True, joined="entra")
    enter(way, "obj-7", claims={"email": "ida@elsewhere.example"})
    (ida,) = session_people()
    with scopes.one(house.ana.partner_id):
        adopt_person(person_id=ida, managed_by=other.connection.source, actor=ME, now=clock.now())
    assert UUID(entra.bring("ida@elsewhere.example", externalId="obj-7")["id"]) != ida


@pytest.mark.parametrize(("act", "step"), [(suspend_person, Step.SUSPENDED), (person_leaves, Step.LEFT)])
def test_who_is_shut_out_stays_out(house: World, act: object, step: Step) -> None:
    way = connect(house.ana.partner_id, admits=True)
    prove(house.ana.partner_id)
    enter(way, "sub-1", claims=ANA)
    with scopes.one(house.ana.partner_id):
        act(person_id=house.ana.id, actor=ME, now=clock.now())  # type: ignore[operator]
    assert enter(way, "sub-1", claims=ANA).step is step


def test_a_connection_that_is_off_lets_nobody_in(house: World) -> None:
    way = connect(house.ana.partner_id, admits=True)
    with scopes.one(house.ana.partner_id):
        actions.set_connection_state(connection_id=way.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert enter(way, "sub-1", claims=ANA).step is Step.PROVIDER_FOREIGN
    assert queries.connection_of_route(way.route).state is ConnectionState.OFF  # type: ignore[union-attr]


def test_what_the_connection_maps_follows_the_provider(house: World) -> None:
    way = connect(house.ana.partner_id, claims={"name": "displayName", "locale": "lang"})
    prove(house.ana.partner_id)
    enter(way, "sub-1", claims={**ANA, "displayName": "Ana L.", "lang": "not a language"})
    with scopes.one(house.ana.partner_id):
        assert person(house.ana.id).name == "Ana L."
    enter(way, "sub-1", claims={"lang": "de"})
    with scopes.one(house.ana.partner_id):
        assert (person(house.ana.id).name, person(house.ana.id).locale) == ("Ana L.", "de")


@pytest.mark.parametrize("subject", ["", "s" * 256])
def test_a_subject_that_cannot_be(house: World, subject: str) -> None:
    way = connect(house.ana.partner_id)
    with scopes.one(house.ana.partner_id), pytest.raises(Invalid) as refused:
        actions.link_subject(connection_id=way.id, subject=subject, person_id=house.ana.id, actor=ME, now=clock.now())
    assert refused.value.field == "subject"


def test_links_of_another_partner_are_none(house: World) -> None:
    prove(house.ana.partner_id)
    way = connect(house.ana.partner_id)
    enter(way, "sub-1", claims=ANA)
    with scopes.one(house.ana.partner_id):
        (link,) = Identity.objects.values_list("pk", flat=True)
    with scopes.one(house.caz.partner_id):
        with pytest.raises(NotFound):
            actions.unlink_subject(identity_id=link, actor=ME, now=clock.now())
        with pytest.raises(NotFound):
            actions.link_subject(connection_id=way.id, subject="x", person_id=house.caz.id, actor=ME, now=clock.now())


# ---------------------------------------------------------------- the code by mail beside it


def covered(house: World, **conduct: object) -> queries.ConnectionRow:
    prove(house.ana.partner_id)
    return connect(house.ana.partner_id, domains=["nordwind.example"], **conduct)


def broken(way: queries.ConnectionRow, step: Step = Step.PROVIDER_BROKEN, mailbox: str = "", browser: str = "") -> str:
    return actions.note_provider_failure(
        connection_id=way.id,
        partner_id=way.partner_id,
        step=step,
        reason="oidc.discovery",
        detail="no answer",
        mailbox=mailbox_digest(mailbox) if mailbox else None,
        browser=browser,
        actor=ME,
        now=clock.now(),
    )


def test_the_code_opens_only_while_the_company_s_sign_in_is_broken(house: World, browser: Browser) -> None:
    way = covered(house)
    browser.ask("ana@nordwind.example", by="mail")
    assert letters() == []  # and the page says what it says to everybody
    broken(way)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        browser.ask("ana@nordwind.example", by="mail")
        assert len(letters()) == 1
        browser.press("/sign-in/code", code=sign_in_letter().code)
        assert browser.signed_in
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        browser.ask("ana@nordwind.example", by="mail")
        assert len(letters()) == 1


def test_a_code_that_was_sent_opens_nothing_once_the_sign_in_is_the_way(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example", by="mail")
    covered(house)
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert not browser.signed_in


def test_whom_the_provider_refused_no_code_lets_in_there(
    house: World, browser: Browser, other_browser: Browser
) -> None:
    way = covered(house)
    broken(way)
    broken(way, Step.PROVIDER_REFUSED, "ana@nordwind.example", "the-browser")
    browser.cookies["gangway_asked"] = "the-browser"
    browser.ask("ana@nordwind.example", by="mail")
    assert letters() == []
    other_browser.ask("ana@nordwind.example", by="mail")
    assert len(letters()) == 1


@pytest.mark.parametrize(("fallback", "n"), [(Fallback.OPEN, 1), (Fallback.NEVER, 0)])
def test_the_company_s_switch(house: World, browser: Browser, fallback: Fallback, n: int) -> None:
    way = covered(house, fallback=fallback)
    if fallback is Fallback.NEVER:
        broken(way)
    browser.ask("ana@nordwind.example", by="mail")
    assert len(letters()) == n


def propose_nothing(house: World) -> None:
    with scopes.one(house.dee.partner_id):
        types = [TypeSpec("msp", "Operator", fallback=NoFallback.NONE)]
        define_types_and_tiers(types=types, tiers=(), actor=ME, now=clock.now())
    with scopes.one(house.ana.partner_id):
        edit_partner(said={"type": "msp"}, actor=ME, now=clock.now())


@pytest.mark.parametrize("fallback", [Fallback.OPEN, Fallback.ON_FAILURE])
def test_what_the_type_does_not_propose_nothing_opens(house: World, browser: Browser, fallback: Fallback) -> None:
    way = covered(house, fallback=fallback)
    propose_nothing(house)
    broken(way)
    browser.ask("ana@nordwind.example", by="mail")
    assert letters() == []
    with scopes.one(house.ana.partner_id):
        with pytest.raises(Invalid, match="of the type Operator"):
            set_conduct(connection_id=way.id, conduct=Conduct(fallback=Fallback.OPEN), actor=ME, now=clock.now())
        set_conduct(connection_id=way.id, conduct=Conduct(fallback=Fallback.NEVER), actor=ME, now=clock.now())


def test_others_of_the_partner_come_by_mail_as_before(house: World, browser: Browser) -> None:
    covered(house)
    browser.ask("eva@freelance.example")
    assert len(letters()) == 1


def test_who_helps_sends_no_code_past_the_sign_in(house: World) -> None:
    way = covered(house)
    with scopes.one(house.ana.partner_id):
        with pytest.raises(ByTheirCompany):
            send_sign_in_letter(person_id=house.ana.id, actor=ME, now=clock.now())
        broken(way)
        send_sign_in_letter(person_id=house.ana.id, actor=ME, now=clock.now())
    assert Challenge.objects.count() == 1


# ---------------------------------------------------------------- pages


def test_a_company_with_several_ways_names_each_and_asks_for_no_company(house: World, browser: Browser) -> None:
    prove(house.ana.partner_id)
    for kind, name in ((ConnectionKind.OIDC, "Okta"), (ConnectionKind.SAML, "Old ADFS")):
        connect(house.ana.partner_id, kind, name=name, domains=["nordwind.example"])
    page = browser.press("/sign-in", email="ana@nordwind.example").content.decode()
    assert "Nordwind signs you in" in page
    assert "Sign in through Nordwind: Okta" in page
    assert "Sign in through Nordwind: Old ADFS" in page


def test_each_address_of_the_domain_is_shown_the_same_door(house: World, browser: Browser) -> None:
    way = covered(house)
    shown = {
        CSRF.sub("", browser.press("/sign-in", email=email).content.decode()).replace(email, "")
        for email in ("ana@nordwind.example", "nobody@nordwind.example")
    }
    (page,) = shown
    assert f"/sso/{way.route}" in page
    assert Challenge.objects.count() == 0
    assert "/sso/" not in browser.press("/sign-in", email="caz@suedstern.example").content.decode()


def test_a_route_that_is_none(house: World, browser: Browser) -> None:
    scim = connect(house.ana.partner_id, ConnectionKind.SCIM)
    assert browser.get("/sso/never-existed").status_code == 404
    assert browser.get(f"/sso/{scim.route}").status_code == 404


def test_what_failed_is_found_by_its_number(house: World) -> None:
    way = covered(house)
    number = broken(way)
    row = FailedSignIn.objects.get(number=number)
    assert (row.connection, row.reason, row.detail, row.step) == (
        way.id,
        "oidc.discovery",
        "no answer",
        Step.PROVIDER_BROKEN,
    )


@pytest.mark.parametrize("refused", [True, False])
def test_an_invitation_opens_by_mail_while_it_is_broken_but_where_it_said_no(
    house: World, browser: Browser, *, refused: bool
) -> None:
    with scopes.one(house.ana.partner_id):
        actions.invite(person_id=house.ana.id, actor=ME, now=clock.now())
    way = covered(house)
    broken(way)
    if refused:
        broken(way, Step.PROVIDER_REFUSED, browser="the-browser")
        browser.cookies["gangway_asked"] = "the-browser"
    shown = browser.get(invitation_path()).content.decode()
    assert (f"/sso/{way.route}" in shown) is refused
    browser.press(invitation_path())
    assert len(letters()) == (0 if refused else 1)


def test_an_invitation_leads_to_the_company_s_sign_in(house: World, browser: Browser) -> None:
    with scopes.one(house.ana.partner_id):
        actions.invite(person_id=house.ana.id, actor=ME, now=clock.now())
    assert "/sso/" not in browser.get(invitation_path()).content.decode()
    way = covered(house)
    for answer in (browser.get(invitation_path()), browser.press(invitation_path())):
        assert answer.status_code == 200
        assert f"/sso/{way.route}" in answer.content.decode()
    assert letters() == []
