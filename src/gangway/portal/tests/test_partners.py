"""Partners in the console: the list and who looks after whom, C7, the review sheet; and the one action of the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.world import OPERATOR, Someone, reads_english

from gangway.identity import queries as identity
from gangway.insights.queries import Funnel
from gangway.kernel import clock
from gangway.kernel.access import CHANNEL_MANAGER, PROGRAMME_LEAD, Reach
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.people.actions import (
    activate_person,
    admit_person,
    give_to,
    grant_role,
    person_leaves,
    set_profile,
    suspend_person,
)
from gangway.people.queries import PeopleCount
from gangway.portal.queries.desk import Ask, one_action

pytestmark = pytest.mark.django_db


def give(world, partner_id, person_id):
    with scopes.one(partner_id):
        give_to(person_id=person_id, actor=world.dee.actor, now=clock.now())


def test_a_partner_says_what_it_needs_and_shows_every_storey(world, client_of):
    page = client_of(world.dee).get(reverse("partners:one", args=[world.nordwind])).content.decode()
    assert "The team is invited" not in page  # Ana is in
    assert 'data-at="done"' in page
    assert "Ben Brandt" in page
    assert "Last sign-in:" in page or "Nobody signed in yet." in page
    assert "Conti" not in page
    caz = client_of(world.dee).get(reverse("partners:one", args=[world.suedstern])).content.decode()
    assert "Only the admin is here: ask for the names of the team." in caz


def test_the_review_sheet_says_the_figures_in_sentences(world, client_of):
    page = client_of(world.dee).get(reverse("partners:sheet", args=[world.nordwind])).content.decode()
    assert "Review of Nordwind" in page
    assert "Activation" in page
    assert "Not measurable yet" in page or "Nobody has been invited" in page


def test_no_choice_of_partners_is_refused_in_the_readers_language(world, client_of):
    with scopes.one(world.host):
        set_profile(person_id=world.dee.id, locale="de", actor=world.dee.actor, now=clock.now())
    answer = client_of(world.dee).post(reverse("partners:give"))
    assert answer.status_code == 400
    assert "Es wurde kein Partner gewählt." in answer.content.decode()


@pytest.mark.parametrize("route", ["partners:one", "partners:sheet"])
def test_a_partner_admin_sees_none_of_it(world, client_of, route):
    assert client_of(world.ben).get(reverse(route, args=[world.nordwind])).status_code == 403


def test_a_partner_is_given_from_its_page_and_many_from_the_list(world, client_of):
    dee = client_of(world.dee)
    answer = dee.post(reverse("partners:give"), {"ids": [world.nordwind], "manager": str(world.dee.id), "back": "one"})
    assert answer["Location"] == reverse("partners:one", args=[world.nordwind])
    assert partners.portfolio_of(world.dee.id) == {world.nordwind}
    first = dee.post(reverse("partners:give"), {"ids": [world.nordwind, world.suedstern]})
    assert first.status_code == 200
    assert "Dee Diaz" in first.content.decode()
    assert partners.portfolio_of(world.dee.id) == {world.nordwind}
    dee.post(reverse("partners:give"), {"ids": [world.nordwind, world.suedstern], "manager": str(world.dee.id)})
    assert partners.portfolio_of(world.dee.id) == {world.nordwind, world.suedstern}
    dee.post(reverse("partners:give"), {"ids": [world.nordwind], "manager": ""})
    assert partners.looked_after_by(world.nordwind) == ()


def test_staff_ask_a_partners_admins_now_who_sees_its_data(world, client_of):
    """One press on the partner's page; where nobody is there to ask, it says so and what to do."""
    dee, one = client_of(world.dee), reverse("partners:one", args=[world.nordwind])
    assert "Ask its admins now" in dee.get(one).content.decode()
    answer = dee.post(reverse("partners:ask_access", args=[world.nordwind]))
    assert answer["Location"] == f"{one}?done=asked"
    page = dee.get(answer["Location"]).content.decode()
    assert "Its admins are asked: a letter is on its way." in page
    assert "Ask its admins now" not in page
    again = dee.post(reverse("partners:ask_access", args=[world.nordwind]))
    assert again.status_code == 409
    assert "Its admins were asked already" in again.content.decode()
    assert client_of(world.ben).post(reverse("partners:ask_access", args=[world.nordwind])).status_code == 403


def test_the_list_names_who_looks_after_each(world, client_of):
    give(world, world.nordwind, world.dee.id)
    with scopes.host():
        named = {row.slug: row.manager for row in people.PARTNERS_WITH_PEOPLE.rows()}
    assert (named["nordwind"], named["suedstern"]) == ("Dee Diaz", None)


@pytest.mark.parametrize("ids", [[], ["no-id"], ["0195a1c0-0000-7000-8000-000000000001"]])
def test_a_choice_that_is_none_is_refused(world, client_of, ids):
    answer = client_of(world.dee).post(reverse("partners:give"), {"ids": ids, "manager": ""})
    assert answer.status_code in (400, 404)


def test_only_people_of_the_host_look_after_partners(world):
    with pytest.raises(Invalid, match="not of the channel team"):
        give(world, world.nordwind, world.caz.id)
    with pytest.raises(Invalid, match="Your own company"):
        give(world, world.host, world.dee.id)


def test_my_partners_narrow_the_list_and_the_wall(world, client_of):
    dee = client_of(world.dee)
    assert "My partners" not in dee.get(reverse("partners:list")).content.decode()
    give(world, world.nordwind, world.dee.id)
    both = dee.get(reverse("partners:list")).content.decode()
    assert "My partners" in both
    assert "Südstern" in both
    mine = dee.get(reverse("partners:list"), {"manager": str(world.dee.id)}).content.decode()
    assert "Nordwind" in mine
    assert "Südstern" not in mine
    others = dee.get(reverse("partners:list"), {"manager": "nobody"}).content.decode()
    assert reverse("partners:one", args=[world.suedstern]) in others
    assert reverse("partners:one", args=[world.nordwind]) not in others
    wall = dee.get(reverse("plans:wall"), {"partners": "mine"}).content.decode()
    assert "Nordwind" in wall
    assert "Südstern" not in wall


def test_the_desk_names_the_manager_until_they_leave(world, client_of):
    ben = client_of(reads_english(world.ben))
    assert "Nobody was named yet." in ben.get(reverse("portal:desk")).content.decode()
    give(world, world.nordwind, world.dee.id)
    page = ben.get(reverse("portal:desk")).content.decode()
    assert "Dee Diaz" in page
    assert "mailto:dee@acme.example" in page
    assert "Dee Diaz" not in client_of(world.caz).get(reverse("portal:desk")).content.decode()
    with scopes.one(world.host):
        person_leaves(person_id=world.dee.id, actor=OPERATOR, now=clock.now())
    assert people.manager_of(world.nordwind) is None


def test_a_partner_whose_only_admin_is_shut_out_says_so(world, client_of):
    """A directory is not refused: whoever left must be out. So the channel team has to read it."""
    page, dee = reverse("partners:one", args=[world.nordwind]), client_of(world.dee)
    assert "is suspended: name somebody else" not in dee.get(page).content.decode()
    with scopes.one(world.nordwind):
        suspend_person(person_id=world.ben.id, actor=OPERATOR, now=clock.now())
    assert "is suspended: name somebody else" in dee.get(page).content.decode()


def test_managers_are_those_with_the_role(world):
    with scopes.one(world.host):
        assert [row.name for row in people.managers()] == [
            grant.name for grant in people.holders(CHANNEL_MANAGER, clock.now())
        ]


@pytest.mark.parametrize(
    ("blocker", "count", "funnel", "expected"),
    [
        ("no_team", PeopleCount(active=1), Funnel(), (Ask.INVITE_TEAM, 0)),
        ("none", PeopleCount(invited=3, active=4), Funnel(bounced=2), (Ask.MEND_ADDRESSES, 2)),
        ("team_away", PeopleCount(invited=3, active=1), Funnel(), (Ask.REMIND, 3)),
        ("none", PeopleCount(active=4), Funnel(), (Ask.NOTHING, 0)),
    ],
)
def test_one_thing_is_asked_of_a_partner_admin(blocker, count, funnel, expected):
    assert one_action(blocker, count, funnel) == expected


def _manager(world):
    """A channel manager who looks after Südstern only, and leads the programme there."""
    now, actor = clock.now(), world.dee.actor
    with scopes.one(world.host):
        person_id = admit_person(name="Max Muster", email="max@acme.example", letter=False, actor=actor, now=now)
        activate_person(person_id=person_id, actor=actor, now=now)
        for role in (CHANNEL_MANAGER, PROGRAMME_LEAD):
            grant_role(person_id=person_id, role=role, reach=Reach.PORTFOLIO, actor=actor, now=now)
    give(world, world.suedstern, person_id)
    return Someone(person_id, world.host, "Max Muster", "max@acme.example")


def test_who_reaches_some_partners_brings_none_and_edits_only_theirs(world, client_of):
    max_ = client_of(_manager(world))
    bring = reverse("partners:bring")
    run = client_of(world.dee).post(bring, {"rows": "name\nAlpha\n", "do": "bring"})["Location"]
    assert max_.get(bring).status_code == 403
    assert max_.get(reverse("partners:words")).status_code == 403
    for path in (run, f"{run}/undo", reverse("partners:runs")):
        assert max_.get(path).status_code == 404
    assert max_.post(f"{run}/undo").status_code == 404
    assert partners.find_partner("alpha")
    edit = reverse("partners:edit", args=[world.suedstern])
    assert max_.get(edit).status_code == 200
    assert max_.get(reverse("partners:one", args=[world.suedstern])).status_code == 200
    foreign = reverse("partners:edit", args=[world.nordwind])
    assert max_.get(foreign).status_code == 404
    assert max_.post(foreign, {"name": "Mine"}).status_code == 404
    assert partners.find_partner("nordwind").name == "Nordwind"
    assert max_.post(reverse("partners:give"), {"ids": [world.nordwind], "manager": ""}).status_code == 404


def test_people_are_signed_out_when_their_partner_says_so(world, client_of):
    assert client_of(world.ben).post(reverse("partners:signing_in"), {"hours": "8"}).status_code == 302
    client_of(world.ana)
    client_of(world.caz)
    lives = []
    for who in (world.ana, world.caz):
        row = identity.open_sessions(who.id, 0, clock.now())[0]
        lives.append(row.expires_at - row.started_at)
    assert lives == [timedelta(hours=8), timedelta(days=30)]


def test_the_list_leads_to_the_vendor_s_sign_ins_whoever_may_make_them(world, client_of):
    """The vendor itself is no row of it, so its own page is no way there."""
    way, list_ = reverse("identity:host_connections"), reverse("partners:list")
    assert f'href="{way}"' in client_of(world.dee).get(list_).content.decode()
    assert client_of(world.dee).get(way).status_code == 200
    assert f'href="{way}"' not in client_of(_manager(world)).get(list_).content.decode()
