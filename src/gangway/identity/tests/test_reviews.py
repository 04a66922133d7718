"""The access list: whom it names, when it is asked for, what a confirmation keeps and ends, and what is refused."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity import actions, queries
from gangway.identity.actions.reviews import AskedAlready, NobodyToAsk
from gangway.identity.jobs import ask_access_reviews_at
from gangway.identity.models import AccessReview
from gangway.identity.rules.reviews import (
    GIVEN,
    Door,
    Holder,
    Side,
    Standing,
    digest_of,
    due_on,
    next_quarter,
    quarter_of,
    standing,
    text_of,
)
from gangway.identity.tests import connections as company
from gangway.identity.tests import directory
from gangway.identity.tests.conftest import ME, Someone, World, admit, letters
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock
from gangway.kernel.access import Reach
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners, set_portfolio
from gangway.people.actions import grant_role
from gangway.people.queries import roles_held

pytestmark = pytest.mark.django_db
APRIL = datetime(2027, 4, 1, 6, 0, tzinfo=UTC)


# ── the pure rules ──────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_quarters(day: date) -> None:
    first, after = quarter_of(day), next_quarter(day)
    assert first <= day < after
    assert (first.day, first.month % 3) == (1, 1)
    assert quarter_of(after) == after
    assert quarter_of(after - timedelta(days=1)) == first


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(0, 60), st.booleans())
def test_when_it_is_overdue(asked: date, later: int, confirmed: bool) -> None:
    found = standing(due_on(asked), confirmed, asked + timedelta(days=later))
    assert found is (Standing.CONFIRMED if confirmed else Standing.OVERDUE if later > GIVEN.days else Standing.WAITING)


def holder(person_id: UUID, *roles: str, last: datetime | None = None, name: str = "Ben") -> Holder:
    return Holder(person_id, Side.OWN, name, "", roles, (), last, "")


@given(st.permutations(range(5)))
def test_the_same_rights_make_the_same_text(order: list[int]) -> None:
    ids = [UUID(int=n) for n in range(5)]
    text = text_of([holder(one, "partner_admin") for one in ids])
    assert text_of([holder(ids[n], "partner_admin", last=APRIL, name=str(n)) for n in order]) == text
    assert text_of([holder(ids[n], "partner_it") for n in order]) != text
    assert text_of([holder(one, "partner_admin") for one in ids], {ids[0]}) != text


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(house: World, now: datetime | None = None) -> bool:
    return actions.ask_access_review(partner_id=house.ana.partner_id, actor=ME, now=now or clock.now())


def test_each_quarter_is_asked_for_once(house: World, ben: Someone) -> None:
    for at, told in ((APRIL, 1), (APRIL + timedelta(days=40), 1), (datetime(2027, 7, 1, tzinfo=UTC), 2)):
        ask_access_reviews_at(at)
        assert len(letters("identity.access_list")) == told
    assert "22 Apr 2027" in letters("identity.access_list")[0].text.replace("\xa0", " ")
    with scopes.one(house.caz.partner_id):
        assert not AccessReview.objects.exists()  # not launched, and without an admin


def ask_now(house: World, at: datetime) -> None:
    with scopes.one(house.ana.partner_id):
        actions.ask_access_now(actor=ME, now=at)


def test_staff_ask_between_the_quarters_and_before_a_launch(house: World, ben: Someone) -> None:
    """After something happened at a partner that is not launched yet: one letter, 21 days, and no second asking."""
    at = APRIL + timedelta(days=40)
    ask_now(house, at)
    (letter,) = letters("identity.access_list")
    assert "Your vendor asks for it now" in letter.text
    assert "1 Jun 2027" in letter.text.replace("\xa0", " ")
    for later in (at, at + timedelta(days=10)):
        with pytest.raises(AskedAlready):
            ask_now(house, later)
    ask_access_reviews_at(at + timedelta(days=1))
    assert len(letters("identity.access_list")) == 1, "the quarter is asked for by it"
    ask_access_reviews_at(datetime(2027, 7, 1, tzinfo=UTC))
    with scopes.one(house.ana.partner_id):
        digest = digest_of(text_of(queries.access_holders(at)))
        actions.confirm_access(digest=digest, ends=(), actor=Actor.person(ben.id), now=datetime(2027, 7, 2, tzinfo=UTC))
    ask_now(house, datetime(2027, 7, 9, tzinfo=UTC))
    with pytest.raises(AskedAlready):
        ask_now(house, datetime(2027, 7, 9, tzinfo=UTC))


def test_a_partner_without_an_admin_cannot_be_asked(house: World) -> None:
    with pytest.raises(NobodyToAsk):
        ask_now(house, APRIL)


# ── the list, and what becomes of it ────────────────────────────────────────────────────────────────────────────────


def test_whom_it_names(house: World, ben: Someone) -> None:
    host = house.dee.partner_id
    mira = admit(host, "Mira", "mira@acme.example", clock.now(), roles=("channel_manager",))
    other = admit(host, "Otto", "otto@acme.example", clock.now(), roles=("channel_manager",))
    admit(host, "Cora", "cora@acme.example", clock.now(), roles=("content_owner",))
    admit(house.caz.partner_id, "Cid", "cid@suedstern.example", clock.now(), roles=("partner_admin",))
    with scopes.one(house.ana.partner_id):
        set_portfolio(person_id=mira.id, looked_after=True, actor=ME, now=clock.now())
        found = {one.name: one for one in queries.access_holders(clock.now())}
    assert set(found) == {"Ben", "Dee", "Mira"}  # no learner, nobody of another partner, no manager of others
    assert other.id not in {one.person_id for one in found.values()}
    assert (found["Ben"].side, found["Mira"].side) == (Side.OWN, Side.VENDOR)


def test_by_which_way_they_come_in(house: World, ben: Someone) -> None:
    """A directory brings people and signs nobody in; a company's sign-in covers whom it has not seen yet, too."""
    partner_id = ben.partner_id

    def ways() -> tuple[Door, ...]:
        with scopes.one(partner_id):
            return next(one.doors for one in queries.access_holders(clock.now()) if one.person_id == ben.id)

    directory.connect(partner_id).bring("ben", emails=[{"value": ben.email, "type": "work"}])
    assert ways() == (Door.MAIL,)
    company.prove(partner_id)
    company.connect(partner_id, domains=(company.DOMAIN,))
    assert ways() == (Door.COMPANY,)


def test_a_company_above_is_named_where_it_sees_people(house: World, ben: Someone) -> None:
    above = house.caz.partner_id
    cid = admit(above, "Cid", "cid@suedstern.example", clock.now(), roles=("partner_admin",))
    rows = [Line(2, {"slug": "nordwind", "parent": "suedstern", "parent_sees": "people"})]
    apply_partners(rows=rows, actor=ME, now=clock.now())

    def named() -> dict[str, Side]:
        with scopes.one(house.ana.partner_id):
            return {one.name: one.side for one in queries.access_holders(clock.now())}

    assert "Cid" not in named(), "an admin of their own company alone"
    with scopes.one(above):
        grant_role(person_id=cid.id, role="partner_admin", reach=Reach.TREE, actor=ME, now=clock.now())
    assert named()["Cid"] is Side.PARENT
    assert "of a company above yours" in browser_of(ben).get("/desk/access").content.decode()
    ask(house)
    confirm(house, ben, cid.id)
    page = browser_of(house.dee).get(f"/console/partners/{house.ana.partner_id}").content.decode()
    assert "Ben confirmed on" in page
    assert "It wants these to see it no more" in page
    assert "Cid" in page
    apply_partners(rows=[Line(2, {"slug": "nordwind", "parent_sees": "figures"})], actor=ME, now=clock.now())
    assert "Cid" not in named()
    page = browser_of(house.dee).get(f"/console/partners/{house.ana.partner_id}").content.decode()
    assert "It wants these" not in page, "they see it no more"


def test_the_channel_team_reads_where_it_is_overdue(house: World, ben: Someone) -> None:
    ask(house)
    late = "has not confirmed in time who sees its data"
    assert late not in browser_of(house.dee).get("/console/partners").content.decode()
    with time_machine.travel(clock.now() + GIVEN + timedelta(days=2)):
        dee = browser_of(house.dee)
        assert late in dee.get("/console/partners").content.decode()
        page = dee.get(f"/console/partners/{house.ana.partner_id}").content.decode()
        assert "Overdue: its admins were to confirm by" in page
    confirm(house, ben)
    with time_machine.travel(clock.now() + GIVEN + timedelta(days=2)):
        assert late not in browser_of(house.dee).get("/console/partners").content.decode()


def confirm(house: World, by: Someone, *ends: UUID) -> None:
    with scopes.one(house.ana.partner_id):
        digest = digest_of(text_of(queries.access_holders(clock.now())))
        actions.confirm_access(digest=digest, ends=ends, actor=Actor.person(by.id), now=clock.now())


def test_a_confirmation_is_kept_as_bytes_and_ends_roles(house: World, ben: Someone) -> None:
    ida = admit(house.ana.partner_id, "Ida", "ida@nordwind.example", clock.now(), roles=("partner_it",))
    browser_of(ida)
    ask(house)
    confirm(house, ben, ida.id, house.dee.id)
    with scopes.one(house.ana.partner_id):
        row = AccessReview.objects.get()
        assert hashlib.sha256(row.text.encode()).hexdigest() == row.digest
        said = {one["person"]: one["answer"] for one in json.loads(row.text)}
        assert said == {str(ben.id): "keeps", str(ida.id): "ends", str(house.dee.id): "ends"}
        assert not roles_held(ida.id, clock.now())
        assert row.confirmed_by == ben.id
    with scopes.one(house.dee.partner_id):
        assert roles_held(house.dee.id, clock.now())  # the vendor's own, which it takes back itself
    with pytest.raises(actions.NobodyAsks):
        confirm(house, ben)


def test_what_is_refused_keeps_nothing(house: World, ben: Someone) -> None:
    with pytest.raises(actions.NobodyAsks):
        confirm(house, ben)
    ask(house)
    browser = browser_of(ben)
    shown = browser.get("/desk/access").content.decode()
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    admit(house.ana.partner_id, "Ida", "ida@nordwind.example", clock.now(), roles=("partner_it",))
    assert browser.post("/desk/access", {"digest": digest}).status_code == 409  # somebody came onto it meanwhile
    with scopes.one(house.ana.partner_id):
        digest = digest_of(text_of(queries.access_holders(clock.now())))
        stay = {f"answer-{one.person_id}": "keeps" for one in queries.access_holders(clock.now())}
    said = {"digest": digest, **stay, f"answer-{ben.id}": "ends"}
    assert browser.post("/desk/access", said).status_code == 409  # the last admin
    for stranger in (house.caz.id, uuid4()):
        foreign = {"digest": digest, **stay, f"answer-{stranger}": "ends"}
        assert browser.post("/desk/access", foreign).status_code == 400
    some = {"digest": digest, f"answer-{ben.id}": "keeps"}
    page = browser.post("/desk/access", some)
    assert page.status_code == 400
    assert "Not answered yet: Ida and Dee." in page.content.decode()
    assert page.content.decode().count(" checked") == 1  # what was answered stays
    with scopes.one(house.ana.partner_id):
        assert AccessReview.objects.get().confirmed_at is None
        assert roles_held(ben.id, clock.now())


def test_the_page_the_file_and_the_desk(house: World, ben: Someone) -> None:
    browser = browser_of(ben)
    assert "Nobody was asked to confirm it yet" in browser.get("/desk/access").content.decode()
    ask(house)
    assert "It ends" in browser.get("/desk/access").content.decode()
    assert "who sees your company" in browser.get("/desk").content.decode()
    with time_machine.travel(clock.now() + GIVEN + timedelta(days=2)):
        assert "overdue" in browser.get("/desk/access").content.decode()
        assert "was to be confirmed" in browser.get("/desk").content.decode()
    file = browser.get("/desk/access.csv").content.decode()
    assert file.startswith("name,email,side,roles")
    assert "Ben,ben@nordwind.example,own,partner_admin,mail," in file
    with scopes.one(house.ana.partner_id):
        holders = queries.access_holders(clock.now())
    stay = {f"answer-{one.person_id}": "keeps" for one in holders}
    assert browser.post("/desk/access", {"digest": digest_of(text_of(holders)), **stay}).status_code == 302
    assert "Ben confirmed it" in browser.get("/desk/access").content.decode()
    assert "Confirm by" not in browser.get("/desk").content.decode()


def test_who_may_not(house: World, ben: Someone) -> None:
    ask(house)
    ida = admit(house.ana.partner_id, "Ida", "ida@nordwind.example", clock.now(), roles=("partner_it",))
    cid = admit(house.caz.partner_id, "Cid", "cid@suedstern.example", clock.now(), roles=("partner_admin",))
    for somebody in (house.ana, ida, house.dee):
        assert browser_of(somebody).get("/desk/access").status_code == 403
    theirs = browser_of(cid).get("/desk/access").content.decode()
    assert "Ben" not in theirs
    assert "Confirm the list" not in theirs


def test_the_page_costs_the_same_for_more_people(house: World, ben: Someone) -> None:
    def cost() -> int:
        with scopes.one(house.ana.partner_id), CaptureQueriesContext(connection) as found:
            queries.access_holders(clock.now())
        return len(found)

    before = cost()
    for n in range(5):
        admit(house.ana.partner_id, f"It {n}", f"it{n}@nordwind.example", clock.now(), roles=("partner_it",))
    assert cost() == before
