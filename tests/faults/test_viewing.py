"""Seeing what somebody sees: every page says so, nothing changes, and nobody sees more than they might."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import small_course
from gangway.identity.queries import open_sessions, read_principal
from gangway.kernel import clock, web
from gangway.kernel.access import Principal, Reach
from gangway.kernel.models import AuditEntry
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.learning.actions import enrol
from gangway.learning.models import LessonProgress
from gangway.learning.rules import ReasonKind
from gangway.partners.actions import apply_partners, set_portfolio
from gangway.people.actions import activate_person, admit_person, grant_role, suspend_person
from gangway.people.models import Person
from tests.journeys.pages import table, walk
from tests.world import OPERATOR, Someone, World, reads_english

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Someone], Client]
BANNER = "data-viewing"


@pytest.fixture
def course(world: World, tmp_path: Any) -> None:
    """A course that Ana learns and has not opened."""
    with scopes.one(world.host):
        made = import_course(draft=small_course(tmp_path / "course"), actor=OPERATOR, now=clock.now())
    with scopes.one(world.nordwind):
        enrol(
            person_id=world.ana.id, course_id=made.course_id, reason=ReasonKind.MANUAL, actor=OPERATOR, now=clock.now()
        )


def look(client: Client, someone: Someone) -> HttpResponse:
    return client.post("/console/people/view-as", {"ids": str(someone.id)})


def rows() -> dict[str, int]:
    """How many rows each table holds, whatever the scope."""
    with scopes.host(), connection.cursor() as cursor:
        counts = {}
        for model in apps.get_models():
            if model.__module__.startswith("gangway."):
                cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
                counts[model._meta.label] = cursor.fetchone()[0]
    return counts


def test_every_page_says_so_and_none_writes(world: World, client_of: ClientOf, course: None) -> None:
    dee = client_of(world.dee)
    assert look(dee, world.ana).status_code == 302
    before = rows()
    found = walk(dee, ["/", "/courses", "/certificates"])
    assert {"portal:home", "learning:courses", "learning:course", "learning:lesson"} <= set(found)
    for path in found.values():
        page = dee.get(path).content.decode()
        assert BANNER in page, path
        assert "You see what Ana Albers sees. Read only" in page
        assert page.count("Stop</button>") == 1
    assert rows() == before
    assert not opened(world)
    client_of(world.ana).get(found["learning:lesson"])
    assert opened(world), "void: opening a lesson writes nothing"


def opened(world: World) -> bool:
    with scopes.one(world.nordwind):
        return bool(LessonProgress.objects.exists())


def test_every_post_but_stop_is_refused(world: World, client_of: ClientOf) -> None:
    """Whatever the route: the list of routes is the house's own."""
    dee = client_of(world.dee)
    look(dee, world.ben)
    before, tried = rows(), 0
    for name, pattern in table():
        if name == "identity:stop_viewing":
            continue
        for method in ("post", "put", "delete", "patch"):
            answer = getattr(dee, method)("/" + filled(pattern))
            # The door of directories reads no session: nobody is there without a token, looking or not.
            refusals = (401,) if name == "identity:scim" else (403, 404, 405)
            assert answer.status_code in refusals, f"{method} {name}: {answer.status_code}"
            tried += answer.status_code == 403
    assert tried > 80
    assert rows() == before


def filled(pattern: URLPattern) -> str:
    """An address of a route, with something in each of its places."""
    return "".join(_pieces(str(pattern.pattern)))


def _pieces(route: str) -> Iterator[str]:
    examples = {"uuid": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02", "int": "1"}
    first, *others = route.split("<")
    yield first
    for part in others:
        inside, rest = part.split(">", 1)
        yield examples.get(inside.split(":", 1)[0], "x") + rest


def test_a_get_that_writes_is_stopped_before_the_database(world: World, client_of: ClientOf) -> None:
    """The control: a careless page that writes on GET."""

    @web.route(public="planted for this test")
    def careless(request: web.Request) -> HttpResponse:
        with scopes.one(world.nordwind), transaction.atomic():
            Person.objects.filter(pk=world.ana.id).update(name="Changed")
        return HttpResponse("done")

    def ask(visitor: Principal | None) -> int:
        request = HttpRequest()
        request.method, request.visitor = "GET", visitor  # type: ignore[attr-defined]
        return careless(request).status_code

    dee = client_of(world.dee)
    cookie = dee.cookies["gangway"].value
    look(dee, world.ana)
    looking = read_principal(cookie, clock.now())
    assert looking is not None
    assert looking.viewer is not None
    assert ask(looking) == 403
    assert name_of(world) == "Ana Albers"
    assert ask(None) == 200
    assert name_of(world) == "Changed"


def name_of(world: World) -> str:
    with scopes.one(world.nordwind):
        return str(Person.objects.get(pk=world.ana.id).name)


def test_what_is_theirs_alone_stays_so(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    look(dee, reads_english(world.ana))
    for path in ("/account/sessions", "/welcome", "/checks/019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02/result"):
        answer = dee.get(path)
        assert answer.status_code == 403, path
    assert "for Ana Albers alone" in dee.get("/account/sessions").content.decode()


def test_it_is_written_down_at_both_ends(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    look(dee, world.ana)
    assert dee.post("/stop-viewing")["Location"] == "/console/people"
    entries = AuditEntry.objects.filter(verb__startswith="identity.view.").order_by("at", "id")
    assert [(row.verb, row.actor_id, row.on_behalf_of, row.partner_id) for row in entries] == [
        (f"identity.view.{verb}", str(world.dee.id), world.ana.id, world.nordwind) for verb in ("start", "stop")
    ]
    assert BANNER not in dee.get("/console/people").content.decode()
    assert dee.post("/stop-viewing")["Location"] == "/"


def test_it_ends_after_half_an_hour_and_with_the_viewers_own_access(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    cookie = dee.cookies["gangway"].value
    look(dee, world.ana)
    now = clock.now()
    seen = read_principal(cookie, now)
    assert seen is not None
    assert (seen.person_id, seen.name, seen.viewer and seen.viewer.name) == (world.ana.id, "Ana Albers", "Dee Diaz")
    later = read_principal(cookie, now + timedelta(minutes=31))
    assert later is not None
    assert (later.person_id, later.viewer) == (world.dee.id, None)
    with scopes.one(world.host):
        suspend_person(person_id=world.dee.id, actor=OPERATOR, now=now)
    assert read_principal(cookie, now) is None


def test_one_statement_stays_one(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    look(dee, world.ana)
    with CaptureQueriesContext(connection) as captured:
        read_principal(dee.cookies["gangway"].value, clock.now())
    assert len(captured) == 1


# ---------------------------------------------------------------- never upward


def test_nobody_looks_with_the_eyes_of_staff(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    assert look(dee, world.dee).status_code == 403
    assert BANNER not in dee.get("/console/people").content.decode()


def test_people_of_partners_look_with_nobodys_eyes(world: World, client_of: ClientOf) -> None:
    """Their own people's answers are private to them: a partner admin sees the team page, not through its eyes."""
    assert look(client_of(world.ben), world.ana).status_code == 403
    assert look(client_of(world.ana), world.ben).status_code == 403


def test_looking_does_not_nest(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    look(dee, world.ana)
    assert look(dee, world.caz).status_code == 403
    assert "Ana Albers" in dee.get("/").content.decode()


def test_a_channel_manager_looks_only_at_their_own_partners(world: World, client_of: ClientOf) -> None:
    with scopes.one(world.host):
        cem = admit_person(name="Cem", email="cem@acme.example", letter=False, actor=OPERATOR, now=clock.now())
        activate_person(person_id=cem, actor=OPERATOR, now=clock.now())
        grant_role(person_id=cem, role="channel_manager", reach=Reach.PORTFOLIO, actor=OPERATOR, now=clock.now())
    with scopes.one(world.nordwind):
        set_portfolio(person_id=cem, looked_after=True, actor=OPERATOR, now=clock.now())
    client = client_of(Someone(cem, world.host, "Cem", "cem@acme.example"))
    never = Someone(world.host, world.host, "", "")
    assert look(client, world.caz).status_code == look(client, never).status_code == 404
    assert look(client, world.ben).status_code == 302
    client.post("/stop-viewing")
    with scopes.one(world.nordwind):
        grant_role(person_id=world.ben.id, role="partner_admin", reach=Reach.TREE, actor=OPERATOR, now=clock.now())
    assert look(client, world.ben).status_code == 302, "nobody is below Nordwind, so Ben sees no more"
    client.post("/stop-viewing")
    below = {"slug": "nordlicht", "name": "Nordlicht", "parent": "nordwind"}
    apply_partners(rows=[Line(2, below)], actor=OPERATOR, now=clock.now())
    assert look(client, world.ben).status_code == 403


# ---------------------------------------------------------------- sessions


def alive(someone: Someone) -> int:
    return len(open_sessions(someone.id, 0, clock.now()))


def test_sign_out_everywhere_else(world: World, client_of: ClientOf) -> None:
    here, _there, _elsewhere = (client_of(reads_english(world.ana)) for _ in range(3))
    other = client_of(world.ben)
    assert "Sign out everywhere else" in here.get("/account/sessions").content.decode()
    assert here.post("/account/sessions/end-others").status_code == 302
    assert (alive(world.ana), alive(world.ben)) == (1, 1)
    assert here.get("/account/sessions").status_code == 200
    assert other.get("/account/sessions").status_code == 200
    assert "everywhere else" not in here.get("/account/sessions").content.decode()


@pytest.mark.parametrize(("who", "path"), [("dee", "/console/people/end-sessions"), ("ben", "/desk/team/end-sessions")])
def test_staff_and_admins_sign_people_out_everywhere(world: World, client_of: ClientOf, who: str, path: str) -> None:
    anas, acting = client_of(world.ana), client_of(getattr(world, who))
    assert acting.post(path, {"ids": str(world.ana.id)}).status_code == 302
    assert alive(world.ana) == 0
    assert anas.get("/account/sessions").status_code == 302
    assert AuditEntry.objects.filter(
        verb="identity.session.end_of_person", actor_id=str(getattr(world, who).id)
    ).exists()


def test_an_admin_ends_nobody_elses_sessions(world: World, client_of: ClientOf) -> None:
    client_of(world.caz)
    never = str(world.nordwind)
    ben = client_of(world.ben)
    answers = [
        ben.post("/desk/team/end-sessions", {"ids": wrong}).status_code for wrong in (str(world.caz.id), never, "x")
    ]
    assert answers == [404, 404, 404]
    assert alive(world.caz) == 1
