"""What the plan's final checklist asks about getting in and out, each with what must not count."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.identity import evidence, queries
from gangway.identity.actions.sessions import begin_session
from gangway.identity.queries import Leavers
from gangway.identity.rules import Method
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.proven import Came, Way, proposed, unproven
from gangway.identity.rules.scim import HoldState
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect
from gangway.identity.tests.directory import connect as scim
from gangway.identity.tests.test_reviews import ask, confirm
from gangway.identity.tests.test_scim_holds import OUT, decide, settled
from gangway.identity.tests.test_signed import asked
from gangway.kernel import clock
from gangway.kernel.evidence import Finding
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners, define_types_and_tiers, set_launched
from gangway.partners.queries import find_partner
from gangway.partners.rules import Fallback, Primary, TypeSpec
from gangway.people import actions as people
from gangway.people.models import ExternalId

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2027-03-01T12:00:00+00:00")


def came(who: Someone, method: Method, at: datetime | None = None) -> None:
    with scopes.one(who.partner_id):
        begin_session(person_id=who.id, method=method, device="", actor=ME, now=at or clock.now())


def kind(house: World, slug: str, **facts: str) -> None:
    apply_partners(rows=[Line(2, {"slug": slug, **facts})], actor=ME, now=clock.now())


def a_type(house: World, spec: TypeSpec) -> None:
    with scopes.one(house.dee.partner_id):
        define_types_and_tiers(types=[spec], tiers=[], actor=ME, now=clock.now())


# ── by the ways that the types propose ──────────────────────────────────────────────────────────────────────────────


def at(hour: int) -> datetime:
    return NOON + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("came", "missing"),
    [
        (Came("reseller"), (Way.COMPANY, Way.BESIDE)),
        (Came("reseller", company=at(2)), (Way.BESIDE,)),
        (Came("reseller", company=at(2), mail=at(1)), (Way.BESIDE,)),  # before, a code was simply the way in
        (Came("reseller", company=at(2), mail=at(3)), ()),
        (Came("reseller", portal=at(2), mail=at(3)), (Way.COMPANY, Way.BESIDE)),
    ],
)
def test_a_code_stands_in_only_for_what_is_in_use(came: Came, missing: tuple[Way, ...]) -> None:
    assert unproven(proposed("company", "mail"), [came]) == missing


def test_what_a_type_proposes() -> None:
    assert proposed("company", "none") == (Way.COMPANY,)
    assert proposed("mail", "mail") == (Way.MAIL,)
    assert proposed("portal", "mail") == (Way.PORTAL, Way.BESIDE)
    assert unproven((Way.PORTAL, Way.BESIDE), [Came("msp", portal=at(1), mail=at(2))]) == ()
    one, another = Came("msp", portal=at(1)), Came("msp", mail=at(2))
    assert unproven((Way.PORTAL, Way.BESIDE), [one, another]) == (Way.BESIDE,), "both at one partner"


def methods(house: World) -> Finding:
    return asked(house, evidence.methods_proven)


def test_both_ways_of_each_type_by_real_people(house: World) -> None:
    found = methods(house)
    assert (found.holds, found.n, found.words) == (False, 0, "No active partner has a type yet.")
    kind(house, "nordwind", type="reseller")
    kind(house, "robots", name="Robots", kind="shell", type="reseller")
    connect(house.ana.partner_id, ConnectionKind.SAML)
    now = clock.now()
    came(house.ana, Method.CODE, now - timedelta(hours=3))
    came(house.ana, Method.OPERATOR, now - timedelta(hours=3))
    found = methods(house)
    assert (found.holds, found.value, found.n) == (False, 0, 2)
    assert "Nobody came by their company's own sign-in yet: Reseller." in found.words
    came(house.ana, Method.SAML, now - timedelta(hours=2))
    found = methods(house)
    assert (found.holds, found.value) == (False, 1)
    assert "propose, and by which somebody came: 1 of 2. Nobody came by the code" in found.words
    came(house.eva_nordwind, Method.LINK, now - timedelta(hours=1))
    assert methods(house).holds
    kind(house, "suedstern", type="distributor")
    found = methods(house)
    assert (found.holds, found.value, found.n) == (False, 2, 4)
    kind(house, "suedstern", type="-")
    assert methods(house).holds


def test_robots_and_partners_of_no_type_prove_nothing(house: World) -> None:
    kind(house, "nordwind", type="reseller")
    kind(house, "robots", name="Robots", kind="shell", type="reseller")
    shell = find_partner("robots").id
    robot = admit(shell, "Robot", "robot@shell.invalid", clock.now())
    for partner_id in (shell, house.caz.partner_id):
        connect(partner_id, ConnectionKind.OIDC)
    for who in (robot, house.caz):
        came(who, Method.OIDC)
        came(who, Method.CODE)
    assert methods(house).value == 0


def test_a_type_that_proposes_a_code_needs_nothing_beside_it(house: World) -> None:
    a_type(house, TypeSpec("referral", "Referral partner", Primary.MAIL, Fallback.MAIL))
    kind(house, "nordwind", type="referral")
    assert not methods(house).holds
    came(house.ana, Method.CODE)
    found = methods(house)
    assert (found.holds, found.n) == (True, 1)


def test_the_vendors_portal_is_no_company_sign_in(house: World) -> None:
    a_type(house, TypeSpec("msp", "MSP", Primary.PORTAL, Fallback.NONE))
    kind(house, "nordwind", type="msp")
    connect(house.ana.partner_id, ConnectionKind.SAML)
    came(house.ana, Method.SAML)
    assert not methods(house).holds
    came(house.ana, Method.PORTAL)
    assert methods(house).holds


def test_it_costs_the_same_for_more_people_and_types(house: World) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            for query in (evidence.methods_proven, evidence.admins_signed_in, evidence.access_reviewed):
                asked(house, query)
            asked(house, evidence.no_duplicates)
        return len(asked_for)

    kind(house, "nordwind", type="reseller")
    few = cost()
    kind(house, "suedstern", type="distributor")
    for number in range(5):
        who = admit(house.ana.partner_id, f"P{number}", f"p{number}@x.example", clock.now(), roles=("partner_admin",))
        came(who, Method.CODE)
    assert cost() == few


# ── nobody twice ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_id_that_two_systems_gave_to_two_accounts_is_seen(house: World) -> None:
    found = asked(house, evidence.no_duplicates)
    assert (found.holds, found.value, found.n) == (True, 0, 4), "Eva at two partners is two people"
    named(house.ana, "csv", "E-17")
    named(house.caz, "scim:1", "E-17")
    named(house.ana, "scim:1", "E-17")
    assert asked(house, evidence.no_duplicates).holds, "one person, or another partner's"
    named(house.eva_nordwind, "scim:2", "E-17")
    found = asked(house, evidence.no_duplicates)
    assert (found.holds, found.value) == (False, 1)
    assert "Nordwind" in found.words
    with scopes.one(house.ana.partner_id):
        people.merge_persons(stays_id=house.ana.id, gone_id=house.eva_nordwind.id, actor=ME, now=clock.now())
    assert asked(house, evidence.no_duplicates).holds


def named(who: Someone, source: str, value: str) -> None:
    with scopes.one(who.partner_id):
        ExternalId.objects.create(person_id=who.id, source=source, value=value)


def test_without_people_there_is_no_proof(house: World) -> None:
    for slug in ("nordwind", "suedstern"):
        kind(house, slug)
    for who in (house.ana, house.eva_nordwind, house.caz, house.eva_suedstern):
        with scopes.one(who.partner_id):
            people.person_leaves(person_id=who.id, actor=ME, now=clock.now())
    found = asked(house, evidence.no_duplicates)
    assert (found.holds, found.n) == (False, 0)


# ── admins ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_admin_came_by_themselves(house: World) -> None:
    found = asked(house, evidence.admins_signed_in)
    assert (found.holds, found.n, found.words) == (
        False,
        0,
        "There is no partner admin yet. Partners without an admin: 2.",
    )
    pia = admit(house.ana.partner_id, "Pia", "pia@nordwind.example", clock.now(), roles=("partner_admin",))
    rob = admit(house.caz.partner_id, "Rob", "rob@suedstern.example", clock.now(), roles=("partner_admin",))
    came(pia, Method.CODE)
    came(rob, Method.OPERATOR)
    came(house.caz, Method.CODE)
    found = asked(house, evidence.admins_signed_in)
    assert (found.holds, found.value, found.n) == (False, 1, 2)
    assert found.words == "Partner admins who have signed in: 1 of 2. Missing: Südstern."
    came(rob, Method.PASSKEY)
    assert asked(house, evidence.admins_signed_in).holds
    late = admit(house.caz.partner_id, "Lea", "lea@suedstern.example", clock.now(), roles=("partner_admin",))
    assert not asked(house, evidence.admins_signed_in).holds
    with scopes.one(late.partner_id):
        people.suspend_person(person_id=late.id, actor=ME, now=clock.now())
    assert asked(house, evidence.admins_signed_in).holds, "who may not come in is nobody's admin"


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def reviewed(house: World, days: int = 100) -> Finding:
    return asked(house, evidence.access_reviewed, days=days)


def test_every_launched_partner_confirmed_its_list(house: World, ben: Someone) -> None:
    found = reviewed(house)
    assert (found.holds, found.value, found.n) == (False, 0, 1)
    assert "Not asked at the moment: 1." in found.words
    ask(house)
    found = reviewed(house)
    assert (found.holds, "Not asked" in found.words) == (False, False)
    confirm(house, ben)
    assert reviewed(house).holds
    with scopes.one(house.caz.partner_id):
        set_launched(at=clock.now(), actor=ME, now=clock.now())
    found = reviewed(house)
    assert (found.holds, found.value, found.n) == (False, 1, 2)
    assert "Südstern" in found.words


def test_an_old_confirmation_does_not_count(house: World, ben: Someone) -> None:
    ask(house)
    confirm(house, ben)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert reviewed(house, days=40).holds
        assert not reviewed(house, days=30).holds


def test_before_anybody_is_launched_nothing_is_proven(house: World) -> None:
    found = reviewed(house)
    assert (found.holds, found.n) == (False, 0)


# ── leavers who had to wait ─────────────────────────────────────────────────────────────────────────────────────────


def leavers(ago: timedelta = timedelta(days=30)) -> Leavers:
    with scopes.host():
        return queries.leavers_since(clock.now() - ago, clock.now())


def test_who_is_shut_out_at_once_waited_for_nothing(house: World) -> None:
    directory = scim(house.ana.partner_id)
    ids = settled(directory, 2)
    directory.patch(f"/Users/{ids[0]}", OUT)
    found = leavers()
    assert (found.out, found.held, found.longest(clock.now())) == (1, (), timedelta())
    with time_machine.travel(clock.now() + timedelta(days=40)):
        assert leavers().out == 0


@pytest.mark.parametrize("state", [HoldState.PASSED, HoldState.MENDED])
def test_whom_a_breaker_held_waited_from_the_first_word_on(house: World, state: HoldState) -> None:
    directory = scim(house.ana.partner_id)
    ids = settled(directory, 8)
    for one in ids[:5]:
        directory.patch(f"/Users/{one}", OUT)
    assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 429
    began = clock.now()
    with time_machine.travel(began + timedelta(minutes=30)):
        assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 429
        found = leavers()
        assert (found.out, [str(one.person_id) for one in found.held]) == (5, [ids[5]])
        assert found.longest(clock.now()) >= timedelta(minutes=29)
        decide(directory, state)
        waits = leavers().held
        assert len(waits) == (state is HoldState.PASSED), "whom somebody kept is no leaver"
    with time_machine.travel(began + timedelta(hours=2)):
        assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 200
    with time_machine.travel(began + timedelta(hours=9)):
        (held,) = leavers().held
        assert timedelta(minutes=119) < held.waited(clock.now()) < timedelta(minutes=121)


def test_the_robots_of_a_shell_are_no_leavers(house: World) -> None:
    kind(house, "robots", name="Robots", kind="shell")
    directory = scim(find_partner("robots").id)
    directory.patch(f"/Users/{settled(directory, 1)[0]}", OUT)
    assert leavers().out == 0
