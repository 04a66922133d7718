"""The shells' own pages: for whom they open, what they say, and what they never show."""

from datetime import timedelta

import pytest
from django.urls import resolve, reverse
from tests.world import reads_english

from gangway.kernel.ids import new_id
from gangway.kernel.models import Failure, Job, OutboxEvent
from gangway.portal.navigation import CONSOLE, DESK, PORTAL

PLACES = [place for groups in (PORTAL, DESK, CONSOLE) for _, places in groups for place in places]
CONSOLE_PAGES = ["portal:console", "portal:setup", "portal:operator", "portal:audit"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.route)
def test_every_place_leads_to_a_route_with_a_right(place):
    assert resolve(reverse(place.route)).func.right is not None


def test_no_two_places_share_a_letter():
    letters = [place.key for place in PLACES if place.key]
    assert len(letters) == len(set(letters))


@pytest.mark.parametrize("route", ["portal:home", "portal:desk", *CONSOLE_PAGES])
def test_a_stranger_is_asked_to_sign_in(client, db, route):
    answer = client.get(reverse(route))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")


@pytest.mark.parametrize("route", ["portal:desk", *CONSOLE_PAGES])
def test_a_learner_gets_neither_desk_nor_console(world, client_of, route):
    assert client_of(world.ana).get(reverse(route)).status_code == 403


@pytest.mark.parametrize("route", CONSOLE_PAGES)
def test_a_partner_admin_gets_no_console(world, client_of, route):
    assert client_of(world.ben).get(reverse(route)).status_code == 403


def test_home_greets_and_offers_only_what_one_may_enter(world, client_of, now):
    reads_english(world.ana)
    page = client_of(world.ana).get("/").content.decode()
    assert "Hello Ana" in page
    assert reverse("credentials:mine") in page
    assert reverse("portal:desk") not in page
    assert reverse("portal:setup") not in page
    assert reverse("portal:desk") in client_of(world.ben).get("/").content.decode()


def test_staff_with_nothing_to_learn_start_in_the_plan(world, client_of):
    answer = client_of(world.dee).get("/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("plans:week"))


def test_the_consoles_own_address_leads_to_this_week(world, client_of):
    answer = client_of(world.dee).get("/console")
    assert (answer.status_code, answer["Location"]) == (302, reverse("plans:week"))


def test_a_slash_too_many_leads_to_the_page_and_nowhere_else(world, client_of):
    client = client_of(world.ben)
    assert client.get("/desk/")["Location"] == "/desk"
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/", PATH_INFO="//elsewhere.example/").status_code == 404
    assert client.post("/desk/").status_code == 404


def test_the_desk_shows_the_own_partner_and_never_another(world, client_of):
    page = client_of(world.ben).get(reverse("portal:desk")).content.decode()
    assert "Nordwind" in page
    assert "Südstern" not in page


def test_the_desk_shows_the_steps_of_the_own_partner(world, client_of, now):
    page = client_of(reads_english(world.ben)).get(reverse("portal:desk")).content.decode()
    assert page.count('data-at="done"') >= 1
    assert page.count('data-at="here"') <= 1
    assert "First award" in page
    assert "Not yet agreed" not in page


def test_set_up_ticks_what_is_there_and_says_how_to_get_the_rest(world, client_of):
    page = client_of(world.dee).get(reverse("portal:setup")).content.decode()
    assert "2 partners are here." in page
    assert "No mail server is set" in page
    assert "gangway plan new" in page


def test_the_operator_sees_parked_events_and_replays_them(world, client_of, now):
    event = OutboxEvent.objects.create(
        id=new_id(),
        lane=1,
        position=1,
        name="kernel.lamp.lit.v1",
        partner_id=world.nordwind,
        subject_id=new_id(),
        payload={},
        actor_kind="job",
        actor_id="t",
        occurred_at=now,
    )
    failure = Failure.objects.create(
        group="insights",
        event=event,
        subject_id=event.subject_id,
        state="parked",
        attempts=12,
        last_error="<b>broken",
    )
    dee = client_of(world.dee)
    page = dee.get(reverse("portal:operator")).content.decode()
    assert "kernel.lamp.lit.v1" in page
    assert "&lt;b&gt;broken" in page
    assert "1 thing waits for you." in page
    assert dee.post(reverse("portal:replay", args=[failure.pk])).status_code == 302
    failure.refresh_from_db()
    assert (failure.state, failure.attempts) == ("retry", 0)
    again = dee.post(reverse("portal:replay", args=[failure.pk]))
    assert again.status_code == 409
    assert "not parked any more" in again.content.decode()
    assert client_of(world.ben).post(reverse("portal:replay", args=[failure.pk])).status_code == 403


def test_the_operator_runs_a_job_again_that_gave_up(world, client_of, now):
    job = Job.objects.create(
        task="gangway.x.jobs.sweep", state="failed", attempts=5, run_after=now - timedelta(days=1), created_at=now
    )
    dee = client_of(world.dee)
    assert "sweep" in dee.get(reverse("portal:operator")).content.decode()
    assert dee.post(reverse("portal:retry", args=[job.pk])).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("ready", 0)
    assert dee.post(reverse("portal:retry", args=[new_id()])).status_code == 409


def test_the_audit_log_is_searched_and_exported(world, client_of):
    dee = client_of(world.dee)
    assert "partners.partner.apply" in dee.get(reverse("portal:audit"), {"q": "partners.partner"}).content.decode()
    rows = b"".join(dee.get(reverse("portal:audit"), {"export": "csv", "context": "partners"}).streaming_content)
    assert b"partners.partner.apply" in rows
    assert b"people.person" not in rows
    assert dee.get(reverse("portal:audit"), {"context": "nonsense"}).status_code == 400


@pytest.mark.parametrize(("environment", "says"), [("sandbox", True), ("production", False)])
def test_every_page_of_a_sandbox_says_so(world, client_of, client, settings, environment, says):
    """Production is the negative control: there the banner stands nowhere."""
    settings.GANGWAY_ENVIRONMENT = environment
    pages = [client_of(world.dee).get(reverse("portal:setup")), client_of(world.ben).get(reverse("portal:desk"))]
    for page in [*pages, client.get("/sign-in")]:
        assert ('<div class="banner" role="note">' in page.content.decode()) is says
