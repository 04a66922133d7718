"""D2: who is in, who is stuck and why; what a partner admin can do about it, and nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.world import MONDAY, OPERATOR

from gangway.identity import actions as identity
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel import clock
from gangway.kernel.access import PARTNER_IT
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.messaging.rules import SENT, Outcome, Stage, judge
from gangway.people import queries
from gangway.people.actions import admit_person, grant_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ben_reads_english")]
GONE = judge(550, "5.1.1 <nils@nordwind.example>: User unknown", Stage.RECIPIENT)


def invited(partner: UUID, name: str, outcome: Outcome | None, ago: timedelta = timedelta(days=2)) -> UUID:
    """Somebody who was invited so long ago, and what became of the letter."""
    at = clock.now() - ago
    with scopes.one(partner):
        person_id = admit_person(
            name=name, email=f"{name.lower()}@nordwind.example", letter=False, actor=OPERATOR, now=at
        )
        identity.invite(person_id=person_id, actor=OPERATOR, now=at)
        if outcome is not None:
            message = letters.letter_states([person_id], ["identity.launch"])[person_id].message_id
            for claimed in messaging.claim(message_ids=[message], actor=OPERATOR, now=at):
                messaging.record_delivery(
                    message_id=message, lease=claimed.lease, outcome=outcome, actor=OPERATOR, now=at
                )
    return person_id


def letter_of(person_id: UUID) -> str:
    return reverse("portal:letter_team", args=[person_id])


def test_the_team_says_who_is_stuck_and_why(world, client_of, settings):
    settings.BOUNCE_IMAP_URL = "imaps://a:b@c.example/INBOX"
    stuck = invited(world.nordwind, "Nils", GONE)
    invited(world.nordwind, "Olga", SENT)
    invited(world.nordwind, "Pia", None)
    page = client_of(world.ben).get(reverse("people:team")).content.decode()
    assert "2 of 5 people came in; 1 never got the letter; 1 has not come yet; the letter to 1 waits." in page
    assert "There is no such mailbox." in page
    assert f'href="{letter_of(stuck)}">Mend the address' in page
    assert page.index("Nils") < page.index("Olga") < page.index("Ana Albers"), "who is stuck stands first"
    narrowed = client_of(world.ben).get(reverse("people:team"), {"state": "stuck"}).content.decode()
    assert "nils@" in narrowed
    assert "olga@" not in narrowed


def test_where_nothing_tells_us_arrival_is_unknown(world, client_of):
    invited(world.nordwind, "Olga", SENT)
    page = client_of(world.ben).get(reverse("people:team")).content.decode()
    assert "1 was written to, and whether the letter arrived is unknown." in page
    assert "arrival unknown" in page


def test_a_mended_address_is_written_to_at_once(world, client_of):
    stuck = invited(world.nordwind, "Nils", GONE)
    browser = client_of(world.ben)
    page = browser.get(letter_of(stuck)).content.decode()
    assert "There is no such mailbox." in page
    assert "User unknown" in page
    refused = browser.post(letter_of(stuck), {"email": "no address"})
    assert refused.status_code == 422
    assert 'value="no address"' in refused.content.decode()
    taken = browser.post(letter_of(stuck), {"email": world.ana.email})
    assert "is somebody of this partner already" in taken.content.decode()
    done = browser.post(letter_of(stuck), {"email": "nils.holm@nordwind.example"})
    assert done["Location"] == f"{reverse('portal:person_team', args=[stuck])}?letter=goes"
    assert "the invitation goes out now" in browser.get(done["Location"]).content.decode()
    with scopes.one(world.nordwind):
        assert queries.person(stuck).email == "nils.holm@nordwind.example"
        assert letters.letter_states([stuck], ["identity.launch"])[stuck].state == "queued"


def test_too_soon_is_refused_in_words_with_the_time(world, client_of):
    olga = invited(world.nordwind, "Olga", SENT, timedelta(hours=2))
    answer = client_of(world.ben).post(letter_of(olga))
    assert answer.status_code == 422
    assert "Olga was written to lately. The next letter can go on" in answer.content.decode()


def test_many_are_reminded_and_those_who_cannot_be_are_counted(world, client_of):
    olga, stuck = invited(world.nordwind, "Olga", SENT), invited(world.nordwind, "Nils", GONE)
    browser = client_of(world.ben)
    ids = [str(olga), str(stuck), str(world.ana.id)]
    done = browser.post(reverse("portal:remind_team"), {"ids": ids})
    page = browser.get(done["Location"]).content.decode()
    assert "1 letter goes out now. 2 people were left alone" in page
    assert browser.post(reverse("portal:remind_team"), {"ids": ["x"]}).status_code == 400
    assert browser.post(reverse("portal:remind_team")).status_code == 400
    assert browser.post(reverse("portal:remind_team"), {"ids": [str(olga), str(world.caz.id)]}).status_code == 404


def test_partner_it_sees_and_changes_nothing_and_strangers_see_nobody(world, client_of):
    stuck = invited(world.nordwind, "Nils", GONE)
    with scopes.one(world.nordwind):
        grant_role(person_id=world.ana.id, role=PARTNER_IT, actor=OPERATOR, now=MONDAY)
    assert client_of(world.ana).get(reverse("people:team")).status_code == 200
    assert client_of(world.ana).get(letter_of(stuck)).status_code == 403
    assert client_of(world.caz).get(letter_of(stuck)).status_code == 404, "an admin of another partner"
    foreign = invited(world.suedstern, "Vera", GONE)
    assert client_of(world.ben).get(letter_of(foreign)).status_code == 404
    assert client_of(world.ben).post(letter_of(foreign), {"email": "a@b.example"}).status_code == 404


def test_the_console_sees_the_same_on_every_page(world, client_of):
    stuck = invited(world.nordwind, "Nils", GONE)
    dee = client_of(world.dee)
    assert "Letter came back" in dee.get(reverse("partners:one", args=[world.nordwind])).content.decode()
    people = dee.get(reverse("partners:people", args=[world.nordwind])).content.decode()
    assert "There is no such mailbox." in people
    assert reverse("portal:letter", args=[stuck]) in people
    person = dee.get(reverse("portal:person", args=[stuck])).content.decode()
    assert "There is no such mailbox." in person
    answer = dee.post(reverse("portal:letter", args=[stuck]), {"email": "right@nordwind.example"})
    assert answer["Location"] == f"{reverse('portal:person', args=[stuck])}?letter=goes"
    done = dee.post(reverse("portal:remind"), {"ids": [str(stuck)]})
    assert done["Location"].startswith(reverse("partners:people", args=[world.nordwind]))


def test_who_came_in_has_no_letter_to_mend(world, client_of):
    page = client_of(world.ben).get(letter_of(world.ana.id)).content.decode()
    assert "There is nothing to send: came in." in page
    assert 'name="email"' not in page
    refused = client_of(world.ben).post(letter_of(world.ana.id), {"email": "mine@nordwind.example"})
    assert refused.status_code == 422
    assert "came in by this address" in refused.content.decode()


def test_a_page_of_thirty_costs_what_a_page_of_three_does(world, client_of):
    browser = client_of(world.ben)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("people:team")).status_code == 200
        return len(captured)

    invited(world.nordwind, "Nils", GONE)
    cost()
    few = cost()
    for number in range(30):
        invited(world.nordwind, f"P{number}", (GONE, SENT, None)[number % 3])
    assert cost() == few


def test_the_file_says_the_state_in_words(world, client_of):
    invited(world.nordwind, "Nils", GONE)
    answer = client_of(world.ben).get(reverse("people:team"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "Nils,nils@nordwind.example,letter came back,There is no such mailbox." in text


def test_whom_a_directory_keeps_is_said_with_its_name(world, client_of):
    def told(someone, address):
        return client_of(someone).get(address).content.decode()

    with scopes.one(world.nordwind):
        entra = identity.add_connection(
            kind=ConnectionKind.SCIM, key="entra", name="Nordwind Entra", actor=OPERATOR, now=MONDAY
        )
        admit_person(
            name="Olga",
            email="olga@nordwind.example",
            source="scim:entra",
            managed_by="scim:entra",
            actor=OPERATOR,
            now=MONDAY,
        )
    page = told(world.ben, reverse("people:team"))
    assert "“Nordwind Entra” keeps 1 person:" in page
    assert f'href="{reverse("identity:connection", args=[entra])}">See the connection' in page
    page = told(world.dee, reverse("partners:people", args=[world.nordwind]))
    assert f'href="{reverse("identity:connection_of", args=[world.nordwind, entra])}">See the connection' in page
    assert "keeps" not in told(world.caz, reverse("people:team")), "another partner"
