"""The page of one person: what it says to whom, and what it never shows."""

import pytest
from django.urls import reverse
from tests.world import MONDAY, OPERATOR

from gangway.kernel.access import PARTNER_IT
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import declined
from gangway.people import queries
from gangway.people.actions import grant_role, name_elsewhere, person_leaves, suspend_person

pytestmark = pytest.mark.django_db


def state(who):
    with scopes.one(who.partner_id):
        return queries.person(who.id).state


def console(who):
    return reverse("portal:person", args=[who.id])


def desk(who):
    return reverse("portal:person_team", args=[who.id])


def test_staff_see_who_it_is_and_what_they_hold(world, client_of):
    page = client_of(world.dee).get(console(world.ben)).content.decode()
    assert "Ben Brandt" in page
    assert "ben@nordwind.example" in page
    assert "Came in first on 2 Mar 2026." in page
    assert "Partner admin" in page
    assert "Suspend Ben Brandt" in page


def test_by_which_number_others_know_them_is_said_in_words(world, client_of):
    """Not by the names that connections have in files and commands."""
    names = {"scim:entra": "e-17", "scim:entra#externalId": "remembered", "saml:own": "pairwise-3", "desk": "44"}
    with scopes.one(world.nordwind):
        for source, value in names.items():
            name_elsewhere(person_id=world.ana.id, source=source, value=value, actor=OPERATOR, now=MONDAY)
    page = client_of(world.dee).get(console(world.ana)).content.decode()
    for said in ("Number in: Directory (SCIM)", "e-17", "Number in: Sign-in (SAML)", "pairwise-3", "Number in: desk"):
        assert said in page
    assert "scim:" not in page
    assert "remembered" not in page


def test_the_list_and_the_team_lead_there(world, client_of):
    assert console(world.ana) in client_of(world.dee).get(reverse("people:list")).content.decode()
    assert desk(world.ana) in client_of(world.ben).get(reverse("people:team")).content.decode()


def test_a_suspended_person_says_since_when_and_offers_the_way_back(world, client_of):
    with scopes.one(world.nordwind):
        suspend_person(person_id=world.ana.id, actor=OPERATOR, now=MONDAY)
    browser = client_of(world.ben)
    page = browser.get(desk(world.ana)).content.decode()
    assert 'data-state="failed"' in page
    assert f'action="{reverse("people:resume_team")}"' in page
    answer = browser.post(reverse("people:resume_team"), {"ids": [str(world.ana.id)], "from": "person"})
    assert answer["Location"] == desk(world.ana)


def test_nobody_suspends_themselves_from_their_page(world, client_of):
    assert reverse("people:suspend_team") not in client_of(world.ben).get(desk(world.ben)).content.decode()


def test_partner_it_sees_no_results_and_changes_nobody(world, client_of):
    with scopes.one(world.nordwind):
        grant_role(person_id=world.ana.id, role=PARTNER_IT, actor=OPERATOR, now=MONDAY)
    page = client_of(world.ana).get(desk(world.ben)).content.decode()
    assert "Ben Brandt" in page
    assert page.count('class="card"') == 4, "neither courses nor certificates"
    assert reverse("people:suspend_team") not in page
    assert client_of(world.ben).get(desk(world.ana)).content.decode().count('class="card"') == 6


def test_foreign_people_are_nobody(world, client_of):
    browser = client_of(world.ben)
    assert browser.get(desk(world.caz)).status_code == 404
    assert browser.get(reverse("portal:person_team", args=[new_id()])).status_code == 404
    assert browser.get(console(world.ana)).status_code == 403
    assert client_of(world.ana).get(desk(world.ana)).status_code == 403


def test_leaving_says_before_what_is_void_and_leaves_a_receipt(world, client_of):
    client_of(world.ana)
    browser = client_of(world.dee)
    path = reverse("portal:leave", args=[world.ana.id])
    first = browser.get(path).content.decode()
    assert "Has Ana Albers left?" in first
    assert state(world.ana) == "active"
    answer = browser.post(path)
    assert answer["Location"] == reverse("portal:receipt", args=[world.ana.id])
    assert state(world.ana) == "left"
    page = browser.get(answer["Location"]).content.decode()
    assert "1 browser was signed out" in page
    assert "ana@nordwind.example" in page
    assert answer["Location"] in browser.get(console(world.ana)).content.decode()
    assert client_of(world.ben).get(reverse("portal:receipt_team", args=[world.ana.id])).status_code == 200


def test_who_is_here_has_no_receipt(world, client_of):
    assert client_of(world.dee).get(reverse("portal:receipt", args=[world.ana.id])).status_code == 404


def test_erasing_says_what_goes_and_asks_once_more(world, client_of):
    browser = client_of(world.dee)
    path = reverse("portal:erase", args=[world.ana.id])
    page = browser.get(path).content.decode()
    assert "What goes" in page
    assert "still verify, without a name" in page
    assert browser.post(path).status_code == 422
    assert state(world.ana) == "active"
    assert browser.post(path, {"sure": "yes"}).status_code == 302
    assert state(world.ana) == "erased"
    tomb = browser.get(console(world.ana)).content.decode()
    assert "Albers" not in tomb
    assert "Somebody erased" in tomb
    assert "Albers" not in browser.get(reverse("people:list")).content.decode()


def test_an_employer_takes_no_attempts(world, client_of):
    page = client_of(world.ben).get(reverse("portal:data_team", args=[world.ana.id]), {"as": "json"}).json()
    titles = {section["title"] for section in page["sections"]}
    assert "Account" in titles
    assert not titles & {"Attempts", "Answers", "Lessons", "Sign-ins"}
    mine = client_of(world.ana).get(reverse("portal:my_data"), {"as": "json"}).json()
    assert "Answers" in {section["title"] for section in mine["sections"]}
    assert "ana@nordwind.example" in client_of(world.ana).get(reverse("portal:my_data")).content.decode()


@pytest.mark.parametrize("what", ["leave", "receipt", "data", "erase"])
def test_nobody_reaches_into_another_partner(world, client_of, what):
    path = reverse(f"portal:{what}_team", args=[world.caz.id])
    assert client_of(world.ben).get(path).status_code == 404
    assert client_of(world.ben).post(path, {"sure": "yes"}).status_code in (404, 405)
    assert client_of(world.ana).get(path).status_code in (403, 404)
    assert state(world.caz) == "active"


def test_you_change_how_you_are_spoken_to_and_what_you_get(world, client_of):
    browser, path = client_of(world.ana), reverse("portal:account")
    said = {"name": "Ana Maria Albers", "locale": "en", "zone": "Asia/Tokyo", "wanted": "report"}
    assert browser.post(path, said).status_code == 302
    with scopes.one(world.nordwind):
        ana = queries.person(world.ana.id)
        assert declined(world.ana.id) == {"nudge"}
    assert (ana.name, ana.locale, ana.zone) == ("Ana Maria Albers", "en", "Asia/Tokyo")
    browser.post(path, {**said, "wanted": ["report", "nudge"]})
    with scopes.one(world.nordwind):
        assert declined(world.ana.id) == frozenset()
    refused = browser.post(path, {**said, "zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert "Ana Maria Albers" in refused.content.decode()


def test_the_menu_leads_to_you(world, client_of):
    for start in ("/", reverse("portal:desk")):
        assert reverse("portal:account") in client_of(world.ben).get(start).content.decode()


def test_staff_see_what_a_partners_person_sees_but_nobody_who_sees_more(world, client_of):
    way = reverse("identity:view_as")
    browser = client_of(world.dee)
    assert way in browser.get(console(world.ana)).content.decode()
    assert way not in browser.get(console(world.dee)).content.decode()
    assert way not in client_of(world.ben).get(desk(world.ana)).content.decode()
    with scopes.one(world.nordwind):
        person_leaves(person_id=world.ana.id, actor=OPERATOR, now=MONDAY)
    assert way not in browser.get(console(world.ana)).content.decode()
