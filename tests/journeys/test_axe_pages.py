"""Every page of the demo world is accessible: all of axe in light, contrast in dark, and in Arabic right to left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from gangway.catalog.actions import PathSpec, begin_working_copy, make_path
from gangway.catalog.queries import courses_for_paths
from gangway.catalog.rules import PathStep
from gangway.config.demo import world as demo
from gangway.identity.actions import add_connection, issue_token, make_set_up_link, tell_expiry
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import messages
from gangway.partners.queries import find_partner, host_id
from gangway.people.actions import admit_person, set_profile
from gangway.people.queries import persons_of_mailbox
from gangway.rollout.operations.actions import begin_cutover
from tests.journeys.axe import assert_none, violations
from tests.journeys.pages import only_acts, table, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = {
    "ana@nordwind.example": ("/",),
    "jonas@nordwind.example": ("/", "/courses", "/certificates"),
    "ben@nordwind.example": ("/desk",),
    "dee@acme.example": ("/console/set-up", "/console/awards", "/account/sessions", "/console/plan/kickoff"),
}
# Pages that no link leads to: why, and who looks at them instead.
ELSEWHERE = {
    "ui:brand": "a style sheet",
    "healthz": "for machines",
    "readyz": "for machines",
    "metrics": "for machines",
    "me": "for machines: the floor of the benchmark",
    "catalog:files": "a zip",
    "catalog:shown": "a file of a working copy, within the page that shows it",
    "credentials:certificate": "a PDF",
    "credentials:kept": "from a letter to a private mailbox: credentials/tests/test_keeping",
    "credentials:kept_certificate": "a PDF",
    "plans:document": "Markdown and CSV",
    "rehearsal:json": "for machines",
    "rehearsal:pdf": "a PDF",
    "identity:sheet_file": "PDF, Markdown and JSON",
    "identity:sheet_of_file": "PDF, Markdown and JSON",
    "identity:it_sheet_file": "PDF, Markdown and JSON",
    "identity:spec_file": "PDF, Markdown and JSON",
    "identity:access_file": "CSV",
    "identity:scim": "for machines: SCIM",
    "identity:scim_root": "for machines: SCIM",
    "identity:factor": "between two proofs: the journey of passkeys and apps",
    "identity:app": "while an app is added: the journey of passkeys and apps",
    "identity:remove_app": "only for who holds one: the journey of passkeys and apps",
    "identity:remove_passkey": "only for who holds one: the journey of passkeys and apps",
    "identity:reset_factors": "from a person's page: the journey of passkeys and apps",
    "portal:console": "leads on to the plan",
    "portal:letter": "as portal:letter_team, in the console: of a partner where somebody has not come in",
    "portal:unmerge": "only of who was merged: portal/tests/test_merging",
    "portal:unmerge_team": "as portal:unmerge",
    "portal:receipt": "only of who has left, and nobody has in the demo world",
    "portal:receipt_team": "as portal:receipt",
    "people:sheet_rows": "CSV",
    "people:undo_sheet": "as people:undo_sheet_team, of what was started in the console",
    "people:sheet_rows_team": "CSV",
    "identity:link": "from a letter: the journey from letter to certificate",
    "identity:invitation": "from a letter: the journey from letter to certificate",
    "identity:set_up": "from the command line, once",
    "identity:saml_acs": "takes what a provider posts, and leads on",
    "identity:saml_arrive": "leads on: conformance/saml",
    "identity:saml_metadata": "XML for a provider",
    "identity:sso": "leads away to a provider",
    "identity:hand_over": "takes what the vendor's portal posts, and leads on",
    "identity:start_handover": "leads away to the vendor's portal",
    "identity:handover_arrive": "leads on: the journey from the vendor's portal",
    "identity:oidc_callback": "leads on at once: the journey by OpenID Connect",
    "identity:join_company": "after the mailbox was proven: identity/tests/test_joining",
    "identity:join_by_link": "leads on to identity:join",
    "identity:choose": "only for a mailbox at two partners",
    "identity:welcome": "shown once: the journey from letter to certificate",
    "launches:letter_frame": "drawn within launches:letter",
    "launches:receipt": "of a wave that was sent: the journey from a spreadsheet to a launch",
    "launches:send": "of a wave with somebody ready: the journey from a spreadsheet to a launch",
    "launches:untold": "of a wave that was sent: the journey from a spreadsheet to a launch",
    "messaging:decline": "from a letter",
    "plans:new": "before there is a plan",
    "credentials:of_enrolment": "shown within the result of a check",
    "learning:file": "a picture or a download",
    "learning:begin": "a button of the course page; leads on to its first lesson",
    "learning:begin_path": "a button of the page of a path",
    "learning:question": "within an attempt: the journey from letter to certificate",
    "learning:hand_in": "within an attempt: the journey from letter to certificate",
    "learning:result": "within an attempt: the journey from letter to certificate",
}


class Visit(NamedTuple):
    cookies: dict[str, str]
    pages: dict[str, str]


@pytest.fixture
def visits(made_once: Callable[..., Any]) -> list[Visit]:
    """The demo world as its people and a stranger reach it."""
    people, links = made_once("axe_pages", _furnished)
    return [*people, _stranger(*links)]


def _furnished() -> tuple[list[Visit], list[str]]:
    """What its people reach, and the links that a stranger follows: all that keeps for longer than ten minutes."""
    assert demo.load()
    with scopes.one(host_id()):
        begin_working_copy(key="partner-essentials", actor=Actor.operator(), now=clock.now())
        steps = tuple(PathStep(course_id) for course_id in courses_for_paths(host_id()))
        make_path(spec=PathSpec(name="Becoming a partner", steps=steps), actor=Actor.operator(), now=clock.now())
        add_connection(
            kind=ConnectionKind.SAML,
            key="portal",
            name="Portal",
            account_claim="account",
            actor=Actor.operator(),
            now=clock.now(),
        )
    begin_cutover(actor=Actor.operator(), now=clock.now())
    nordwind = find_partner("nordwind").id
    with scopes.one(nordwind):
        add_connection(kind=ConnectionKind.OIDC, key="okta", name="Okta", actor=Actor.operator(), now=clock.now())
        admit_person(
            name="Ana Lima", email="ana@private.example", letter=False, actor=Actor.operator(), now=clock.now()
        )
        link = make_set_up_link(asked_by=new_id(), actor=Actor.operator(), now=clock.now()).token
        directory = add_connection(
            kind=ConnectionKind.SCIM, key="entra", name="Entra ID", active=True, actor=Actor.operator(), now=clock.now()
        )
        issued = issue_token(connection_id=directory, life=timedelta(days=20), actor=Actor.operator(), now=clock.now())
    _bring_group(issued.token, "Technicians")
    tell_expiry(partner_id=nordwind, connection_id=directory, actor=Actor.operator(), now=clock.now())
    with scopes.host():
        letter = next(row.text for row in messages(words=True) if row.letter == "identity.expiry")
    renewal = next(word for word in letter.split() if "/renew/" in word)
    of_nordwind = f"/console/partners/{nordwind}/connections"
    connected = {"dee@acme.example": (of_nordwind, "/console/host-connections")}
    last = {
        "dee@acme.example": (f"{of_nordwind}/{directory}/groups",),
        "ben@nordwind.example": (f"/desk/connections/{directory}/groups",),
    }
    people = [
        _as(mailbox, starts + connected.get(mailbox, ()), last.get(mailbox, ())) for mailbox, starts in PEOPLE.items()
    ]
    return people, [f"/connect/{link}", renewal[renewal.index("/renew/") :]]


def _bring_group(token: str, name: str) -> None:
    """What the directory of a partner sends."""
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name}
    bearer = {"Authorization": f"Bearer {token}"}
    made = Client().post("/scim/v2/Groups", body, content_type="application/scim+json", headers=bearer)
    assert made.status_code == 201, made.content


def _as(mailbox: str, starts: tuple[str, ...], last: tuple[str, ...]) -> Visit:
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = _cookie(mailbox)
    return Visit({settings.SESSION_COOKIE: client.cookies[settings.SESSION_COOKIE].value}, walk(client, starts, last))


def _cookie(mailbox: str) -> str:
    [(partner_id, person_id)] = persons_of_mailbox(mailbox)
    with scopes.one(partner_id):
        session = begin_session(
            person_id=person_id, method=Method.CODE, device="test", actor=Actor.person(person_id), now=clock.now()
        )
    return session.cookie


def _stranger(*links: str) -> Visit:
    client = Client()
    client.post("/sign-in", {"email": "ana@nordwind.example"})
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return Visit(cookies, walk(client, ["/sign-in", "/sign-in/code", "/verify", "/styleguide", *links]))


def test_every_page_is_reached_or_said_to_be_elsewhere(visits: list[Visit]) -> None:
    reached = {name for visit in visits for name in visit.pages}
    missing = {name for name, pattern in table() if name not in reached | set(ELSEWHERE) and not only_acts(pattern)}
    assert missing == set()
    assert len(reached) >= 30


def test_all_pages_light_and_dark(browser: Browser, live_server: Any, visits: list[Visit]) -> None:
    seen: set[str] = set()
    for visit in (visits[-1], *visits[:-1]):  # the stranger first: their letter opens the door for ten minutes
        paths = [path for name, path in visit.pages.items() if name not in seen]
        seen |= set(visit.pages)
        assert_none(violations(browser, live_server.url, paths, cookies=visit.cookies, dark_too=True))
    print(f"axe: {len(seen)} pages, 0 violations")


def test_ten_pages_in_arabic_on_a_phone(browser: Browser, live_server: Any, visits: list[Visit]) -> None:
    seen: set[str] = set()
    for mailbox, visit in zip(PEOPLE, visits, strict=False):
        [(partner_id, person_id)] = persons_of_mailbox(mailbox)
        with scopes.one(partner_id):
            set_profile(person_id=person_id, locale="ar", actor=Actor.person(person_id), now=clock.now())
        chosen = {name: path for name, path in visit.pages.items() if name not in seen}
        few = dict(list(chosen.items())[:4])
        seen |= set(few)
        assert_none(violations(browser, live_server.url, few.values(), cookies=visit.cookies, width=360))
    assert len(seen) >= 10
