"""P9, the PDF, P11 and the staff's pages: the happy path, the outsider, the refusal."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from gangway.credentials import actions
from gangway.credentials.models import Award, NameConsent
from gangway.credentials.rules import RevokeReason
from gangway.credentials.tests.house import ME, House, Someone, complete
from gangway.credentials.tests.signed_in import client_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes


def issue(house: House, person: Someone, now: datetime | None = None, months: int | None = 24, cycle: int = 1) -> Award:
    now = now or clock.now()
    with scopes.one(house.host_id):
        actions.define_credential(
            key="partner-essentials",
            course_id=house.course_id,
            title="Partner Essentials",
            valid_months=months,
            actor=ME,
            now=now,
        )
    completed = actions.Completed(
        completion_id=complete(house, person, now, cycle),
        person_id=person.id,
        course_id=house.course_id,
        course_key="partner-essentials",
        cycle=cycle,
    )
    with scopes.one(person.partner_id):
        (award_id,) = actions.issue_award(completed=completed, actor=ME, now=now)
        return Award.objects.get(pk=award_id)


def text_of(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def stranger() -> Client:
    return Client()


# ---------------------------------------------------------------- P9


def test_mine_without_and_with_a_certificate(house: House) -> None:
    ana = client_of(house.ana)
    assert "Your first certificate will stand here" in text_of(ana.get("/certificates"))
    award = issue(house, house.ana)
    page = text_of(ana.get("/certificates"))
    assert "You hold 1 valid certificate." in page
    assert award.number in page


def test_mine_shows_nobody_elses(house: House) -> None:
    award = issue(house, house.ana)
    for other in (house.ben, house.caz, house.dee):
        assert award.number not in text_of(client_of(other).get("/certificates"))


def test_mine_asks_to_sign_in(stranger: Client, db: None) -> None:
    assert stranger.get("/certificates").status_code == 302


def test_the_switch_of_the_name(house: House, stranger: Client) -> None:
    award, ana = issue(house, house.ana), client_of(house.ana)
    assert "Ana López" not in text_of(stranger.get(f"/verify/{award.number}"))
    assert ana.post("/certificates/name", {"agreed": "on"}).status_code == 302
    assert "Ana López" in text_of(stranger.get(f"/verify/{award.number}"))
    ana.post("/certificates/name", {})
    assert "Ana López" not in text_of(stranger.get(f"/verify/{award.number}"))
    with scopes.one(house.nordwind_id):
        assert list(NameConsent.objects.order_by("n").values_list("agreed", flat=True)) == [True, False]


def test_what_a_course_earned_stands_below_the_result(house: House) -> None:
    award, ana = issue(house, house.ana), client_of(house.ana)
    with scopes.one(house.nordwind_id):
        path = f"/certificates/of/{award.completion.enrolment_id}"
    page = text_of(ana.get(path))
    assert 'id="certificate"' in page
    assert award.number in page
    assert "hx-trigger" not in page
    for other in (house.ben, house.caz, house.dee):
        assert client_of(other).get(path).status_code == 404


def test_a_certificate_that_is_still_being_made_comes_by_itself(house: House) -> None:
    with scopes.one(house.host_id):
        actions.define_credential(
            key="k", course_id=house.course_id, title="T", valid_months=None, actor=ME, now=clock.now()
        )
    completion_id = complete(house, house.ana)
    with scopes.one(house.nordwind_id):
        enrolment_id = apps.get_model("learning", "Completion").objects.get(pk=completion_id).enrolment_id
    page = text_of(client_of(house.ana).get(f"/certificates/of/{enrolment_id}"))
    assert "Your certificate is being made" in page
    assert 'hx-trigger="load delay:2s"' in page


def test_a_course_that_earns_nothing_says_so(house: House) -> None:
    completion_id = complete(house, house.ana)
    with scopes.one(house.nordwind_id):
        enrolment_id = apps.get_model("learning", "Completion").objects.get(pk=completion_id).enrolment_id
    assert "No certificate comes of it so far." in text_of(client_of(house.ana).get(f"/certificates/of/{enrolment_id}"))


# ---------------------------------------------------------------- the PDF


def test_the_certificate_says_who_what_and_where_to_check(house: House) -> None:
    award = issue(house, house.ana)
    response = client_of(house.ana).get(f"/certificates/{award.number}.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    reader = PdfReader(io.BytesIO(response.content))
    (page,) = reader.pages
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (842, 595)  # A4 landscape
    words = page.extract_text()
    assert "Ana López" in words
    assert "Partner Essentials" in words
    assert "Acme Cloud" in words
    assert award.number in words
    links = [note.get_object()["/A"]["/URI"] for note in page["/Annots"]]
    assert links
    assert all(link.endswith(f"/verify/{award.number}") for link in links)


@pytest.mark.parametrize("number", ["GW-0000-0000-0000-0000", "nothing"])
def test_no_certificate_for_others_or_for_nothing(house: House, number: str) -> None:
    award = issue(house, house.ana)
    bodies = set()
    for other, wanted in ((house.ben, award.number), (house.caz, award.number), (house.ana, number)):
        response = client_of(other).get(f"/certificates/{wanted}.pdf")
        assert response.status_code == 404
        bodies.add("There is nothing here" in text_of(response))
    assert bodies == {True}


def test_no_certificate_for_what_was_revoked(house: House) -> None:
    award = issue(house, house.ana)
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=award.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=clock.now())
    ana = client_of(house.ana)
    response = ana.get(f"/certificates/{award.number}.pdf")
    assert response.status_code == 409
    assert "This award was revoked" in text_of(response)
    assert "Open the PDF" not in text_of(ana.get("/certificates"))


# ---------------------------------------------------------------- P11


def test_a_stranger_verifies(house: House, stranger: Client) -> None:
    award = issue(house, house.ana)
    response = stranger.get(f"/verify/{award.number}")
    page = text_of(response)
    assert response.status_code == 200
    assert "This certificate is genuine and valid" in page
    assert "Nordwind" not in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies


def test_expired(house: House, stranger: Client) -> None:
    award = issue(house, house.ana, now=clock.now() - timedelta(days=40), months=1)
    assert "genuine, but has expired" in text_of(stranger.get(f"/verify/{award.number}"))


def test_revoked(house: House, stranger: Client) -> None:
    award = issue(house, house.ana)
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=award.pk, reason=RevokeReason.ISSUED_IN_ERROR, actor=ME, now=clock.now())
    page = text_of(stranger.get(f"/verify/{award.number}"))
    assert "This certificate was revoked" in page
    assert "It was issued in error." in page


def test_tampered(house: House, stranger: Client) -> None:
    award = issue(house, house.ana)
    with scopes.one(house.nordwind_id):
        Award.objects.update(expires_at=None)
    page = text_of(stranger.get(f"/verify/{award.number}"))
    assert "This record was changed after it was issued" in page
    assert "genuine and valid" not in page


@pytest.mark.parametrize("number", ["GW-0000-0000-0000-0000", "x", "%00", "GW-7K3M-92QF-0HTX-B4W<"])
def test_an_unknown_number_is_a_404_that_says_so(db: None, stranger: Client, number: str) -> None:
    response = stranger.get(f"/verify/{number}")
    assert response.status_code == 404
    assert "No certificate has this number" in text_of(response)


def test_a_number_is_read_as_people_write_it(house: House, stranger: Client) -> None:
    award = issue(house, house.ana)
    typed = award.number[3:].replace("-", " ").lower()
    assert stranger.get(f"/verify/{typed}")["Location"] == f"/verify/{award.number}"
    assert stranger.get("/verify", {"number": typed})["Location"] == f"/verify/{award.number}"
    assert stranger.get("/verify", {"number": "12"}).status_code == 200


def test_verifying_costs_the_same_among_many(house: House, stranger: Client) -> None:
    costs = []
    for people in ([house.ana], [house.ben, house.caz]):
        award = [issue(house, person) for person in people][-1]
        with CaptureQueriesContext(connection) as counted:
            stranger.get(f"/verify/{award.number}")
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 5


# ---------------------------------------------------------------- staff


def test_staff_see_awards_and_revoke_one(house: House, stranger: Client) -> None:
    award, dee = issue(house, house.ana), client_of(house.dee)
    assert "Ana López" in text_of(dee.get("/console/awards"))
    assert "Revoke this award" in text_of(dee.get(f"/console/awards/{award.pk}"))
    refused = dee.post(f"/console/awards/{award.pk}/revoke", {"reason": ""})
    assert refused.status_code == 400
    assert dee.post(f"/console/awards/{award.pk}/revoke", {"reason": "misconduct"}).status_code == 302
    assert "was revoked" in text_of(stranger.get(f"/verify/{award.number}"))
    assert dee.post(f"/console/awards/{award.pk}/revoke", {"reason": "misconduct"}).status_code == 409


@pytest.mark.parametrize("path", ["/console/awards", "/console/awards/{}"])
def test_partners_people_do_not_enter_the_console(house: House, path: str) -> None:
    award = issue(house, house.ana)
    for person in (house.ana, house.ben, house.caz):
        assert client_of(person).get(path.format(award.pk)).status_code == 403
        assert client_of(person).post(f"/console/awards/{award.pk}/revoke", {"reason": "misconduct"}).status_code == 403
    with scopes.one(house.nordwind_id):
        assert Award.objects.get().revoked_at is None
