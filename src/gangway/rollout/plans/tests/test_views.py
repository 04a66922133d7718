"""The plan's pages: the happy path, the outsider, and the refusal."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gangway.kernel import access, clock
from gangway.kernel.access import Grant, Principal, Reach
from gangway.kernel.tenancy import scopes
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.models import Attestation, Decision, RaciCell
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.tests.conftest import K, Rollout

PRINCIPALS: dict[str, Principal] = {}
PAGES = ["plans:week", "plans:gantt", "plans:gates", "plans:kickoff", "plans:raci", "plans:checklist", "plans:letter"]


def read_principal(cookie: str, now: Any) -> Principal | None:
    return PRINCIPALS.get(cookie)


def somebody(person_id: Any, partner_id: Any, kind: str, *roles: str) -> Principal:
    reach = Reach.HOST if kind == "host" else Reach.ONE
    return Principal(
        person_id=person_id,
        partner_id=partner_id,
        partner_kind=kind,
        partner_name="Acme Cloud",
        name="Somebody",
        email="somebody@example.com",
        locale="en",
        zone="Europe/Berlin",
        access_epoch=0,
        grants=tuple(Grant(role, reach, partner_id) for role in roles),
    )


@pytest.fixture(autouse=True)
def doors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """People come in by a cookie that names them; the clock stands at Wednesday of week 1."""
    settings.PRINCIPAL_READER = f"{__name__}.read_principal"
    monkeypatch.setattr(clock, "now", lambda: K + timedelta(days=2))
    yield
    PRINCIPALS.clear()


def client_of(who: Principal) -> Client:
    PRINCIPALS[str(who.person_id)] = who
    client = Client()
    client.cookies["gangway"] = str(who.person_id)
    return client


@pytest.fixture
def dee(rollout: Rollout) -> Client:
    return client_of(somebody(rollout.dee, rollout.host_id, "host", access.PROGRAMME_LEAD))


@pytest.fixture
def sponsor(rollout: Rollout) -> Client:
    return client_of(somebody(rollout.eve, rollout.host_id, "host", access.TRAINER))


@pytest.fixture
def ben(rollout: Rollout) -> Client:
    return client_of(somebody(rollout.ben, rollout.partner_id, "partner", access.PARTNER_ADMIN))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_its_question(dee: Client, page: str) -> None:
    answer = dee.get(reverse(page))
    assert answer.status_code == 200
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_partners_admin_does_not_see_the_plan(ben: Client, page: str) -> None:
    answer = ben.get(reverse(page))
    assert answer.status_code == 403
    assert "Executive kickoff" not in answer.content.decode()


def test_a_partners_admin_with_a_host_role_by_mistake_sees_nothing(rollout: Rollout) -> None:
    client = client_of(somebody(rollout.ben, rollout.partner_id, "partner", access.PROGRAMME_LEAD))
    assert client.get(reverse("plans:week")).status_code == 403


def test_this_week_says_what_closes_it(dee: Client) -> None:
    text = dee.get(reverse("plans:week")).content.decode()
    assert "Week 1 of 12" in text
    assert "0 of 6 proven." in text
    assert "Nothing is late." in text
    for title in ("Executive kickoff held", "RACI whole", "Inventory of existing material"):
        assert title in text
    assert reverse("plans:milestone", args=["kickoff"]) in text
    assert reverse("plans:milestone", args=["audit"]) not in text, "that is week 2"


def test_a_week_outside_the_plan_is_not_found(dee: Client) -> None:
    assert dee.get(reverse("plans:week_of", args=[2])).status_code == 200
    for number in (0, 13):
        assert dee.get(reverse("plans:week_of", args=[number])).status_code == 404


def test_what_is_late_is_said(dee: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: K + timedelta(days=7))
    text = dee.get(reverse("plans:week")).content.decode()
    assert "6 milestones are late; the oldest, “Executive kickoff held”, by 3 days." in text


def test_a_milestone_says_why(dee: Client, rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    actions.evaluate_plan(actor=rollout.as_dee, now=K)
    text = dee.get(reverse("plans:milestone", args=["essentials"])).content.decode()
    for said in ("Proven", "2 seen.", "1 courses", "gangway.rollout.plans.tests.wiring.fact"):
        assert said in text
    assert dee.get(reverse("plans:milestone", args=["ghost"])).status_code == 404


def test_vouching_keeps_what_was_typed_when_refused(dee: Client, rollout: Rollout) -> None:
    page = reverse("plans:attest", args=["charter"])
    refused = dee.post(page, {"reason": "short<b>"})
    assert refused.status_code == 400
    assert "short&lt;b&gt;" in refused.content.decode()
    assert dee.post(page, {"reason": "Signed on paper, in the folder."}).status_code == 302
    assert rollout.milestone("charter").state is State.ATTESTED
    text = dee.get(reverse("plans:milestone", args=["charter"])).content.decode()
    assert "Dee vouches for it" in text
    dee.post(reverse("plans:withdraw", args=["charter"]))
    assert rollout.milestone("charter").state is State.UNPROVEN


def test_who_may_see_may_not_vouch(sponsor: Client, ben: Client, rollout: Rollout) -> None:
    for client in (sponsor, ben):
        answer = client.post(reverse("plans:attest", args=["charter"]), {"reason": "I am sure that it is done."})
        assert answer.status_code == 403
    with scopes.one(rollout.host_id):
        assert not Attestation.objects.exists()


def test_the_kickoff_is_confirmed_and_the_light_follows_at_once(dee: Client, rollout: Rollout) -> None:
    with scopes.one(rollout.host_id):
        RaciCell.objects.filter(letter="A").delete()
    dee.post(reverse("plans:set_cell"), {"row": "sponsor", "letter": "A", "kind": "person", "who": "dee@example.com"})
    assert dee.post(reverse("plans:kickoff")).status_code == 302
    assert rollout.milestone("kickoff").state is State.PROVEN
    assert "You confirmed" in dee.get(reverse("plans:kickoff")).content.decode()


def test_a_mailbox_at_a_partner_becomes_the_contact(dee: Client, rollout: Rollout) -> None:
    cell = {"row": "sponsor", "letter": "I", "kind": "person", "who": "ben@example.com"}
    assert dee.post(reverse("plans:set_cell"), cell).status_code == 302
    text = dee.get(reverse("plans:raci")).content.decode()
    assert "Ben" in text
    assert "Nordwind" in text
    assert "Nobody on the partners" not in text
    assert "| All partners, Ben |" in dee.get(reverse("plans:document", args=["raci", "md"])).content.decode()


def test_a_stranger_in_the_raci_is_refused_with_the_field(dee: Client, sponsor: Client) -> None:
    cell = {"row": "sponsor", "letter": "A", "kind": "person", "who": "ghost@example.com"}
    answer = dee.post(reverse("plans:set_cell"), cell)
    assert answer.status_code == 400
    assert "ghost@example.com" in answer.content.decode()
    assert sponsor.post(reverse("plans:set_cell"), cell).status_code == 403


def test_a_gate_is_decided_by_its_a_only(dee: Client, sponsor: Client, rollout: Rollout) -> None:
    with scopes.one(rollout.host_id):
        RaciCell.objects.filter(letter="A").delete()
    dee.post(reverse("plans:set_cell"), {"row": "sponsor", "letter": "A", "kind": "person", "who": "dee@example.com"})
    page = reverse("plans:decide", args=["kickoff"])
    refused = sponsor.post(page, {"choice": "go", "reason": "Because I would like to go."})
    assert refused.status_code == 403
    assert "person with the A" in refused.content.decode()
    assert dee.post(page, {"choice": "go"}).status_code == 400
    assert dee.post(page, {"choice": "extend"}).status_code == 302
    with scopes.one(rollout.host_id):
        assert Decision.objects.get().choice == "extend"
    assert dee.post(reverse("plans:decide", args=["ghost"]), {"choice": "go"}).status_code == 404


def test_documents_can_be_taken_along(dee: Client, ben: Client) -> None:
    for key in ("plan", "raci", "checklist", "letter"):
        markdown = dee.get(reverse("plans:document", args=[key, "md"]))
        assert markdown.content.decode().startswith("# ")
        rows = list(
            csv.reader(io.StringIO(dee.get(reverse("plans:document", args=[key, "csv"])).content.decode("utf-8-sig")))
        )
        assert len({len(row) for row in rows}) == 1, "every row has every column"
        assert len(rows) > 3
    assert dee.get(reverse("plans:document", args=["plan", "exe"])).status_code == 404
    assert dee.get(reverse("plans:document", args=["ghost", "md"])).status_code == 404
    assert ben.get(reverse("plans:document", args=["plan", "md"])).status_code == 403


def test_a_document_runs_no_formula(dee: Client, rollout: Rollout) -> None:
    dee.post(reverse("plans:set_cell"), {"row": "sponsor", "letter": "C", "kind": "job", "who": "=1+1|x"})
    assert "\\|x" in dee.get(reverse("plans:document", args=["raci", "md"])).content.decode()
    text = dee.get(reverse("plans:document", args=["raci", "csv"])).content.decode()
    assert ",=1" not in text


def test_without_a_plan_the_page_starts_one(rollout: Rollout, dee: Client, sponsor: Client) -> None:
    with scopes.one(rollout.host_id):
        from gangway.rollout.plans.models import Plan

        Plan.objects.update(archived_at=K)
    assert dee.get(reverse("plans:week")).url == reverse("plans:new")
    assert dee.get(reverse("plans:gates")).status_code == 404
    assert sponsor.post(reverse("plans:new"), {"kickoff_on": "2026-03-02", "zone": "UTC"}).status_code == 200
    assert dee.post(reverse("plans:new"), {"kickoff_on": "never", "zone": "UTC"}).status_code == 400
    assert dee.post(reverse("plans:new"), {"kickoff_on": "2026-03-02", "zone": "UTC"}).status_code == 302
    with scopes.one(rollout.host_id):
        plan = queries.current_plan()
    assert plan is not None
    assert plan.zone == "UTC"


def test_pages_cost_the_same_for_any_number_of_milestones(
    dee: Client, rollout: Rollout, facts: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    facts["value"] = 2
    actions.evaluate_plan(actor=rollout.as_dee, now=K)
    for page in PAGES:
        with django_assert_max_num_queries(12):
            dee.get(reverse(page))
